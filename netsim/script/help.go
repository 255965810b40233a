package script

import (
	"context"
	"fmt"
	"strings"
)

// aboutItself are the commands about the program.
func aboutItself() []Command {
	topic := param{usage: "COMMAND", optional: true, takes: 1, read: readTopic, offers: func(Names) []string { return verbs() }}
	return []Command{{
		Name: "help", Help: "explains one command, or lists all", Example: "help kill",
		params: []param{topic}, run: help,
	}, {
		Name: "quit", Help: "ends the program", Example: "quit",
		run: func(context.Context, *Session, Invocation) (Result, error) {
			return Result{Text: "bye", Quit: true}, nil
		},
	}}
}

func help(_ context.Context, _ *Session, inv Invocation) (Result, error) {
	if c, ok := lookup(inv.Args.Topic); ok {
		return Result{Text: fmt.Sprintf("%s: %s; for example: %s", c.Usage, c.Help, c.Example)}, nil
	}
	var b strings.Builder
	for _, c := range Commands() {
		fmt.Fprintf(&b, "%-36s  %s\n", c.Usage, c.Help)
	}
	return Result{Text: strings.TrimSuffix(b.String(), "\n"), Help: true}, nil
}
