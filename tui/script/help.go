package script

import (
	"context"
	"fmt"
	"strings"

	"cluster/splitbrain/viewservice/rules"
)

// aboutItself are the commands about the program.
func aboutItself() []Command {
	topic := param{usage: "COMMAND|RULE", optional: true, takes: 1, read: readTopic,
		offers: func(Names) []string { return append(verbs(registry), cardNames()...) }}
	return []Command{{
		Name: "help", Help: "explains one command, or a rule of the protocol, or lists all commands", Example: "help V5",
		params: []param{topic}, run: help, unsaved: true,
	}, {
		Name: "quit", Help: "ends the program", Example: "quit", unsaved: true,
		run: func(context.Context, *Session, Invocation) (Result, error) {
			return Result{Text: "bye", Quit: true}, nil
		},
	}}
}

func help(_ context.Context, s *Session, inv Invocation) (Result, error) {
	topic := inv.Args.Text
	if card, ok := rules.CardOf(string(inv.Args.Cites)); ok {
		return Result{Text: CardText(card, "open "), Card: card.Ref}, nil
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
