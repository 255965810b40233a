package script

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"cluster/splitbrain/netsim/engine/lex"
	"cluster/splitbrain/viewservice/rules"
)

// aboutItself are the commands about the program.
func aboutItself() []Command {
	topic := param{usage: "COMMAND|RULE|PANE", optional: true, takes: 1, read: readTopic,
		offers: func(Names) []string {
			panes := slices.DeleteFunc(slices.Concat(Panes, asides), func(p string) bool { return slices.Contains(verbs(registry), p) })
			return slices.Concat(verbs(registry), cardNames(), panes)
		}}
	return []Command{{
		Name: "show", Help: "brings a pane to the front; its name alone does, too", Example: "show events",
		params: []param{{usage: "PANE", takes: 1, offers: offering(slices.Concat(Panes, asides)...), read: readPane}}, run: show, unsaved: true,
	}, {
		Name: "help", Help: "explains a command, a rule of the protocol, or a pane and its keys; or lists all commands", Example: "help V5",
		params: []param{topic}, run: help, unsaved: true,
	}, {
		Name: "quit", Help: "ends the program", Example: "quit", unsaved: true,
		run: func(context.Context, *Session, Invocation) (Result, error) {
			return Result{Text: "bye", Quit: true}, nil
		},
	}}
}

// aboutPanes say what each pane shows whose name is no command.
var aboutPanes = map[string]string{
	"stage":    "the system drawn: a box for each node with its role and ping age, messages on their way, and a lamp for the whole",
	"maps":     "the keys and values of all servers side by side; ≠ where the backup differs from the primary",
	"messages": "all messages as arrows between the nodes, the newest last; ✗ was lost, ‖ is held",
	"network":  "who hears whom: each direction of each link, and what is done to it",
	"events":   "what happened, in its order, and why",
	"views":    "each view with its members, and why it was formed",
	"history":  "what each client asked and got, judged: linearizable, or whom to blame",
	"charts":   "operations per second, how long they took, and ping ages",
	"notes":    "the text of the lesson or script that is shown",
	"timeline": "what has happened and what can happen next in a simulated world, and its branches",
	"search":   "how far a search is, and the story of what it found: S searches from here in a simulated cluster, splitbrain search from the beginning",
}

// asides are the panes that no script speaks of.
var asides = []string{"timeline", "search", "help"}

var readPane = lex.OneWord("PANE", func(w word, a *Args) error {
	if all := slices.Concat(Panes, asides); !slices.Contains(all, w.Text) {
		return errors.New("is no pane: there are " + strings.Join(all, ", "))
	}
	a.Word = w.Text
	return nil
})

func show(_ context.Context, s *Session, inv Invocation) (Result, error) {
	if s.Host == nil {
		return Result{}, of(inv, ErrNoHost)
	}
	return Result{Text: "a screen would show the pane of " + inv.Args.Word, Pane: inv.Args.Word}, nil
}

func help(_ context.Context, s *Session, inv Invocation) (Result, error) {
	topic := inv.Args.Text
	if card, ok := rules.CardOf(string(inv.Args.Cites)); ok {
		return Result{Text: CardText(card, "open "), Card: card.Ref}, nil
	}
	if about, ok := aboutPanes[inv.Args.Word]; ok {
		return Result{Text: inv.Args.Word + ": " + about, Tells: inv.Args.Word}, nil
	}
	c, ok := lookup(topic)
	switch more := forms(registry, topic); {
	case ok && len(more) > 0:
		return Result{Text: fmt.Sprintf("%s: %s; for example: %s; also %s %s", c.Usage, c.Help, c.Example, topic, strings.Join(more, ", "))}, nil
	case ok:
		return Result{Text: fmt.Sprintf("%s: %s; for example: %s", c.Usage, c.Help, c.Example)}, nil
	case len(more) > 0:
		return Result{Text: fmt.Sprintf("%s goes on with %s: help %s %s explains one", topic, strings.Join(more, ", "), topic, more[0])}, nil
	}
	var b strings.Builder
	for _, c := range CommandsFor(s.Engine) {
		fmt.Fprintf(&b, "%-36s  %s\n", c.Usage, c.Help)
	}
	if more := len(registry) - len(CommandsFor(s.Engine)); more > 0 {
		fmt.Fprintf(&b, "--sim begins a simulated cluster, with %d commands more for its past and its branches\n", more)
	}
	return Result{Text: strings.TrimSuffix(b.String(), "\n"), Help: true}, nil
}
