package script

import (
	"context"
	"slices"
	"strings"
	"time"

	"cluster/splitbrain/netsim"
)

// Command is one verb of the language.
type Command struct {
	Name    string
	Usage   string // the verb with its arguments, those that may be missing in brackets
	Help    string // what it does, in one line
	Example string // a line that works in a cluster of three servers and two clients

	params []param
	run    func(ctx context.Context, s *Session, inv Invocation) (Result, error)
}

// Args are the typed arguments of one invocation. Which of them are set depends on the command.
type Args struct {
	Client     string // "" if the line names none
	Key, Value string
	Node       string
	From, To   string
	OneWay     bool // only messages From > To are meant
	Groups     [][]string
	Delay      time.Duration
	Jitter     time.Duration
	Topic      string // of help

	Probability float64 // 0 to 1
	Replies     bool    // are meant instead of requests
	Window      time.Duration
	Message     uint64
	Step        netsim.StepKind
	Speed       float64
}

// Invocation is a line that was understood. The zero value is an empty line or a comment.
type Invocation struct {
	Command Command
	Args    Args

	words []word // of the line
	nodes []word // those of them that must name nodes
}

// Empty reports whether there is nothing to do.
func (inv Invocation) Empty() bool { return inv.Command.Name == "" }

// String returns the line in its normal form: it is read back as the same invocation, and can be shown on a
// terminal.
func (inv Invocation) String() string {
	parts := make([]string, len(inv.words))
	for i, w := range inv.words {
		parts[i] = w.String()
	}
	return strings.Join(parts, " ")
}

// Result is what a command came to.
type Result struct {
	Text string // one line safe to show on a terminal, of Help several; empty for an empty line
	Quit bool   // the program is to end
	Help bool   // the help is wanted: Text is all of it
}

// Commands returns the registry, in the order in which help shows it.
func Commands() []Command {
	all := slices.Concat(operations(), processes(), links(), lossy(), holds(), timing(), aboutItself())
	for i := range all {
		all[i].Usage = usage(all[i])
	}
	return all
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
	return strings.Join(parts, " ")
}

// lookup finds a command by its name.
func lookup(name string) (Command, bool) {
	all := Commands()
	i := slices.IndexFunc(all, func(c Command) bool { return c.Name == name })
	if i < 0 {
		return Command{}, false
	}
	return all[i], true
}
