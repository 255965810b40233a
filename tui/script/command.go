package script

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/engine/lex"
	"cluster/splitbrain/viewservice"
	"cluster/splitbrain/viewservice/rules"
)

// Command is one verb of the language.
type Command struct {
	Name    string // a word, or two: the verb and the form of it, as in expect view
	Usage   string // the verb with its arguments, those that may be missing in brackets
	Help    string // what it does, in one line
	Example string // a line that works in a cluster of three servers and two clients

	params []param
	form   *engine.Form // of what is done to a cluster; nil of all other commands
	// detached says that a & at the end may begin it and not wait for its end, timed that within TIME may follow.
	detached, timed bool
	demands         condition // of an expectation: what snapshots are to show
	mapped          bool      // of an expectation: it looks at the row of Args.Key in the maps
	unsaved         bool      // it is no part of what was done to a cluster
	replays         bool      // it needs an engine.Replayer
	hosted          bool      // it needs a Host
	run             func(ctx context.Context, s *Session, inv Invocation) (Result, error)
}

// Args are the typed arguments of one invocation. Which of them are set depends on the command.
type Args struct {
	Command engine.Command // what is done to the cluster, if the line does anything to it

	Client     string // "" if the line names none
	Key, Value string
	Node       string

	Detached bool          // the end is not waited for
	Within   time.Duration // to wait
	Timed    bool          // Within was given where it may be missing

	View  ViewWanted
	Word  string    // one of those that the command names: absent where there is to be no value
	Cites rules.Ref // a rule's name in docs/protocol.md
	Count int
	More  bool   // than Count are welcome too
	Text  string // of a note, a question, a title; what help is asked about
	Asks  Question
	Look  Look
	Pace  float64 // of Snapshot.Speed
	Rule  rules.Rule
	File  string
	Names []string // of branches or clients
	Load  LoadShape
	Shape engine.Config // of the cluster
}

// ViewWanted is what a view is expected to be. What is zero is not looked at.
type ViewWanted struct {
	Number          viewservice.Number
	Any             bool // number will do
	Primary, Backup string
	Alone           bool // there is to be no backup
	Acked           bool
}

// Invocation is a line that was understood. The zero value is an empty line or a comment.
type Invocation struct {
	Command Command
	Args    Args

	words  []word // of the line
	nodes  []word // those of them that must name nodes
	others bool   // it is no line of whoever uses the program, see OfOthers
}

// Of is what the line of a command to a cluster is understood as.
func Of(c engine.Command) Invocation {
	name, _, _ := strings.Cut(c.String(), " ")
	command, _ := lookup(name)
	return Invocation{Command: command, Args: Args{Command: c}}
}

// TakesLong reports whether the line may wait for the cluster, perhaps for ever.
func (inv Invocation) TakesLong() bool {
	return slices.Contains([]string{"get", "put", "append", "wait", "expect", "lesson", "answer", "check"}, inv.Command.verb())
}

// PlaysFreely reports whether the line does something to the cluster, or needs its time: in a lesson that waits for its
// reader, that is free play.
func (inv Invocation) PlaysFreely() bool {
	switch c := inv.Command; c.verb() {
	case "put", "get", "append", "load", "wait", "expect":
		return true
	default:
		return c.form != nil && inv.Args.Command.Kind != engine.SetSpeed || c.replays && !c.unsaved
	}
}

// AboutItself reports whether the line is about the program alone: whatever the cluster does, it can be carried out.
func (inv Invocation) AboutItself() bool {
	return slices.Contains([]string{"show", "help", "lessons", "rules"}, inv.Command.Name)
}

// Empty reports whether there is nothing to do.
func (inv Invocation) Empty() bool { return inv.Command.Name == "" }

// String returns the line in its normal form: it is read back as the same invocation, and can be shown on a
// terminal.
func (inv Invocation) String() string {
	if inv.Command.form != nil {
		return inv.Args.Command.String()
	}
	parts := make([]string, len(inv.words))
	for i, w := range inv.words {
		parts[i] = w.String()
	}
	return strings.Join(parts, " ")
}

// Result is what a command came to.
type Result struct {
	Text  string    // one line safe to show on a terminal, of Help and Pane several; empty for an empty line
	Quit  bool      // the program is to end
	Help  bool      // the help is wanted: Text is all of it
	Card  rules.Ref // the rule whose card is wanted: Text is all of it, in several lines; "" for none
	Pane  string    // the pane that is to be in front; "" for any
	Tells string    // the pane of which Text tells; "" for none
	List  List      // the list that is wanted: Text is all of it
}

// List is one of which something can be chosen.
type List uint8

// The lists.
const (
	NoList List = iota
	LessonList
	RuleList
)

// registry are all commands, in the order in which help shows them. It is never changed.
var registry []Command

func init() { // help looks commands up, so that a value of the variable would need itself
	done := toCluster()
	rule := slices.IndexFunc(done, func(c Command) bool { return c.Name == "rule" })
	registry = slices.Concat(operations(), loads(), done[:rule], pauses(), done[rule:], ruling(), stating(),
		expectations(), telling(), past(), files(), aboutItself())
	for i := range registry {
		registry[i].Usage = usage(registry[i])
	}
}

// Commands returns the registry, in the order in which help shows it.
func Commands() []Command { return slices.Clone(registry) }

// CommandsFor are the commands that can do something with such an engine.
func CommandsFor(e engine.Engine) []Command {
	_, replays := e.(engine.Replayer)
	return commandsFor(replays)
}

// CommandsElsewhere are the other commands, which need a simulated cluster.
func CommandsElsewhere(e engine.Engine) []Command {
	here := CommandsFor(e)
	return slices.DeleteFunc(Commands(), func(c Command) bool {
		return slices.ContainsFunc(here, func(h Command) bool { return h.Name == c.Name })
	})
}

func commandsFor(replays bool) []Command {
	return slices.DeleteFunc(Commands(), func(c Command) bool { return c.replays && !replays })
}

func usage(c Command) string {
	parts := []string{c.Name}
	for _, p := range c.params {
		if p.optional {
			parts = append(parts, "["+p.usage+"]")
			continue
		}
		parts = append(parts, p.usage)
	}
	if c.timed {
		parts = append(parts, "[within TIME]")
	}
	return strings.Join(parts, " ")
}

// lookup finds a command by its name.
func lookup(name string) (Command, bool) {
	i := slices.IndexFunc(registry, func(c Command) bool { return c.Name == name })
	if i < 0 {
		return Command{}, false
	}
	return registry[i], true
}

// toCluster are the commands to a cluster.
func toCluster() []Command {
	forms := engine.Forms()
	all := make([]Command, len(forms))
	for i := range forms {
		f := &forms[i]
		c := Command{Name: f.Name, Help: f.Help, Example: f.Example, form: f, run: apply}
		for _, p := range f.Params {
			c.params = append(c.params, ofCommand(p))
		}
		all[i] = c
	}
	return all
}

// apply does to the cluster what a line says.
func apply(ctx context.Context, s *Session, inv Invocation) (Result, error) {
	c := inv.Args.Command
	if r, kept := s.keepRule(c); kept {
		return r, nil
	}
	if next := engine.NextServer(s.Engine.Nodes()); c.Kind == engine.Add && c.Node != "" && next != "" && next != c.Node {
		return Result{}, notNext(inv, next)
	}
	before := s.needless(ctx, c)
	text, err := s.Engine.Apply(c)
	if err != nil {
		return Result{}, of(inv, err)
	}
	if before != "" {
		return Result{Text: before + s.stillBroken(ctx, c)}, nil
	}
	return Result{Text: text + s.stillBroken(ctx, c)}, nil
}

// needless says why c, which ends something, has nothing to end; "" if it has, or nobody knows.
func (s *Session) needless(ctx context.Context, c engine.Command) string {
	if c.Kind != engine.ClearFault && c.Kind != engine.ReleaseAll && (c.Kind != engine.SetRule || !c.On) {
		return ""
	}
	seen, err := s.Engine.Observe(ctx, engine.Window{})
	if err != nil {
		return ""
	}
	ends := func(f netsim.Fault) bool {
		return f.Kind == c.Fault.Kind && slices.ContainsFunc(c.Faults(), func(g netsim.Fault) bool { return g.From == f.From && g.To == f.To })
	}
	holds := func(f netsim.Fault) bool { return f.Kind == netsim.FaultHold }
	switch {
	case c.Kind == engine.SetRule && !seen.Disabled.Has(c.Rule):
		return fmt.Sprintf("%v was on", c.Rule)
	case c.Kind == engine.ReleaseAll && len(seen.Held) == 0 && !slices.ContainsFunc(seen.Faults, holds):
		return "nothing was held"
	case c.Kind != engine.ClearFault || slices.ContainsFunc(seen.Faults, ends):
		return ""
	case c.BothWays:
		return fmt.Sprintf("there was no %v between %s and %s", c.Fault.Kind, c.Fault.From, c.Fault.To)
	}
	return fmt.Sprintf("there was no %v from %s to %s", c.Fault.Kind, c.Fault.From, c.Fault.To)
}

// stillBroken says what is wrong with the links that c has healed; "" if nothing is. To heal a link ends its cut only.
func (s *Session) stillBroken(ctx context.Context, c engine.Command) string {
	if c.Kind != engine.ClearFault || c.Fault.Kind != netsim.FaultCut {
		return ""
	}
	seen, err := s.look(ctx, engine.Window{})
	if err != nil {
		return ""
	}
	var still []string
	for _, f := range seen.Faults {
		if slices.ContainsFunc(c.Faults(), func(healed netsim.Fault) bool { return healed.From == f.From && healed.To == f.To }) {
			still = append(still, f.String())
		}
	}
	if len(still) == 0 {
		return ""
	}
	return "; still broken: " + strings.Join(still, ", ")
}

// of names the verb that an error belongs to.
func of(inv Invocation, err error) error { return fmt.Errorf("%s: %w", inv.Command.Name, err) }

// notNext says that a server that is added can't have the name that was given.
func notNext(inv Invocation, next string) error {
	return fmt.Errorf("add: word 2 %s: the next server is %s (usage: %s)", lex.Show(inv.words[1]), next, inv.Command.Usage)
}
