package engine

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine/lex"
	"cluster/splitbrain/viewservice/rules"
)

// CommandKind says what a Command does.
type CommandKind uint8

// The kinds, with the fields of Command that they have.
const (
	Kill       CommandKind = iota + 1 // Node, a server or the viewservice: connections reset, memory gone
	Restart                           // Node: a new, empty boot under the same name; one that runs is killed first
	Freeze                            // Node, any: the process stands still, memory stays, messages queue
	Thaw                              // Node
	Add                               // one more server: Node if that is the next name, or "" for whichever is next
	Isolate                           // Node is cut from all others, both ways
	Partition                         // Groups are cut from one another, and cuts within each are healed
	Unreliable                        // Node loses messages like the lab's unreliable server
	SetFault                          // Fault begins, or has another degree from now on; BothWays
	ClearFault                        // the fault of Fault's kind between its ends ends; BothWays
	HealAll                           // all links are whole, nothing is held, and all that is frozen goes on
	HealNode                          // all links of Node are whole, nothing is held there, and it goes on if it is frozen
	ReleaseAll                        // all holds end, and what waits is delivered
	Deliver                           // Message, which is held
	Drop                              // Message, which is held, is lost
	Duplicate                         // Message, which is held, gets a copy, which is held too
	SetRule                           // Rule is switched off or On, on the viewservice and all servers, those of later boots too
	Pause                             // time stands still; pausing what is paused does nothing
	Resume                            // time goes on; resuming what is not paused does nothing
	SetSpeed                          // Speed, netsim.MinSpeed to netsim.MaxSpeed
	Step                              // paused time goes on by Step
)

// Command is one thing that a person does to a cluster: a value. String is its line in the command language, and
// ParseCommand reads that.
type Command struct {
	Kind     CommandKind
	Node     string
	Fault    netsim.Fault // of ClearFault: its kind and its ends
	BothWays bool         // the link in the other direction is meant too
	Groups   [][]string
	Message  uint64 // its number, or FirstHeld or LastHeld
	Rule     rules.Rule
	On       bool
	Step     netsim.StepKind
	Speed    float64
}

// Messages that are told by their place among those that are held, in the order in which they were sent.
const (
	FirstHeld uint64 = math.MaxUint64 - iota
	LastHeld
)

// String is the command as one line of the command language, in its normal form: "cut s1 > s2", "deliver 17".
func (c Command) String() string {
	f := form(c)
	if f == nil {
		return fmt.Sprintf("command(%d)", c.Kind)
	}
	line := f.Name
	for _, p := range f.Params {
		if text := p.write(c); text != "" {
			line += " " + text
		}
	}
	return line
}

// ParseCommand reads what String wrote, and whatever else means the same. It looks at no cluster: whether what is named
// exists is seen when the command is applied. The error is one line.
func ParseCommand(line string) (Command, error) {
	words, err := lex.Split(line)
	if err != nil {
		return Command{}, err
	}
	if len(words) == 0 {
		return Command{}, errors.New("no command")
	}
	i := slices.IndexFunc(forms, func(f Form) bool { return f.Name == words[0].Text })
	if i < 0 {
		return Command{}, fmt.Errorf("no command %s", lex.Show(words[0]))
	}
	return forms[i].parse(words[1:])
}

func (f *Form) parse(words []lex.Word) (Command, error) {
	r := &lex.Reader{Words: lex.CutAll(words)}
	c := f.Begin()
	for _, p := range f.Params {
		if err := p.Take(r, &c); err != nil {
			return Command{}, fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	if len(r.Words) > 0 {
		return Command{}, fmt.Errorf("%s: %w", f.Name, lex.Wrong(r.Words[0], "is too many"))
	}
	return f.End(c), nil
}

// Within returns the command as a cluster of these nodes carries it out: Add with the name of the server, Partition with
// the group of those that are in no other, the held message by its number. The error says in one line what is not there,
// or can't be done to it.
func (c Command) Within(nodes []string, held func() []netsim.Held) (Command, error) {
	switch c.Kind {
	case Kill, Restart, Freeze, Thaw, Isolate, HealNode, Unreliable:
		return c, c.checkNode(nodes)
	case Add:
		return c.next(nodes)
	case Partition:
		return c.grouped(nodes)
	case SetFault, ClearFault:
		return c, c.checkFault(nodes)
	case Deliver, Drop, Duplicate:
		return c.numbered(held())
	}
	return c, nil
}

func (c Command) checkNode(nodes []string) error {
	if err := CheckNodes(nodes, c.Node); err != nil {
		return err
	}
	if done := map[CommandKind]string{Kill: "killed", Restart: "restarted"}[c.Kind]; done != "" && IsClient(c.Node) {
		return fmt.Errorf("%s is a client: only servers and %s can be %s", c.Node, ViewAddr, done)
	}
	return nil
}

// NextServer is the name of the server that would be added to those nodes; "" if no more fits.
func NextServer(nodes []string) string {
	for i := 1; i <= MaxServers; i++ {
		if name := fmt.Sprintf("s%d", i); !slices.Contains(nodes, name) {
			return name
		}
	}
	return ""
}

func (c Command) next(nodes []string) (Command, error) {
	switch next := NextServer(nodes); {
	case next == "":
		return c, fmt.Errorf("%d servers are the most", MaxServers)
	case c.Node != "" && c.Node != next:
		return c, fmt.Errorf("the next server is %s", next)
	default:
		c.Node = next
	}
	return c, nil
}

func (c Command) grouped(nodes []string) (Command, error) {
	all := slices.Concat(c.Groups...)
	if err := CheckNodes(nodes, all...); err != nil {
		return c, err
	}
	for i, name := range all {
		if slices.Contains(all[:i], name) {
			return c, fmt.Errorf("%s is named twice in the partition", name)
		}
	}
	rest := slices.DeleteFunc(slices.Clone(nodes), func(name string) bool { return slices.Contains(all, name) })
	if len(rest) > 0 {
		c.Groups = append(slices.Clone(c.Groups), rest)
	}
	return c, nil
}

func (c Command) checkFault(nodes []string) error {
	f := c.Fault
	if err := CheckNodes(nodes, f.From, f.To); err != nil {
		return err
	}
	if f.From == f.To {
		return fmt.Errorf("%s has no link to itself that could fail", f.From)
	}
	return f.Check()
}

func (c Command) numbered(held []netsim.Held) (Command, error) {
	if c.Message >= LastHeld {
		if len(held) == 0 {
			return c, fmt.Errorf("no message is held")
		}
		at := 0
		if c.Message == LastHeld {
			at = len(held) - 1
		}
		c.Message = held[at].Msg
	}
	if !slices.ContainsFunc(held, func(h netsim.Held) bool { return h.Msg == c.Message }) {
		return c, fmt.Errorf("no message %d is held", c.Message)
	}
	return c, nil
}

// Faults are the faults of links that SetFault and ClearFault are about, one of each direction that is meant.
func (c Command) Faults() []netsim.Fault {
	if !c.BothWays {
		return []netsim.Fault{c.Fault}
	}
	back := c.Fault
	back.From, back.To = c.Fault.To, c.Fault.From
	return []netsim.Fault{c.Fault, back}
}

// Done says in one line what the command has come to, as Within returned it. What came of it is what only the cluster
// knows: the number of a copy, what happened in a step.
func (c Command) Done(came string) string {
	if f := form(c); f != nil {
		return f.done(c, came)
	}
	return strings.TrimSpace(c.String() + " " + came)
}

// IsClient reports whether a node of that name is a client.
func IsClient(name string) bool { return strings.HasPrefix(name, "c") }
