package script

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/engine/lex"
)

// telling are the commands that speak to whoever watches. Those of scripts only stand there: Script knows what they
// said.
func telling() []Command {
	text := param{usage: "TEXT", takes: 1, read: readText}
	answer := param{usage: "ANSWER", takes: 1, read: readAnswer}
	return []Command{{
		Name: "note", Help: "shows a text; in a script, what follows is one step", Example: `note "Now watch s2"`,
		params: []param{text}, run: tell,
	}, {
		Name: "ask", Help: "asks a question; in a script, what follows is the step that answers it",
		Example: `ask "Who is primary now?" s2`, params: []param{text, answer}, run: tell,
	}, {
		Name: "title", Help: "names a script", Example: `title "The primary dies"`, params: []param{text}, run: tell,
	}, {
		Name: "about", Help: "says in one line what a script shows", Example: `about "The backup takes over."`,
		params: []param{text}, run: tell,
	}, {
		Name: "try", Help: "suggests what to try after a script", Example: `try "Kill s2 too."`, params: []param{text}, run: tell,
	}, {
		Name: "cluster", Help: "says what cluster a script needs, in its first line",
		Example: "cluster servers=3 clients=2 seed=7 ping-interval=100ms chunk-keys=1",
		params:  []param{{usage: "servers=N clients=N seed=N ping-interval=TIME dead-pings=N chunk-keys=N", optional: true, always: true, read: readShape, offers: offering("servers=", "clients=", "seed=", "ping-interval=", "dead-pings=", "chunk-keys=")}},
		run:     notHere,
	}}
}

var (
	readText = lex.OneWord("TEXT", func(w word, a *Args) error {
		a.Text = w.Text
		return nil
	})
	readAnswer = lex.OneWord("ANSWER", func(w word, a *Args) error {
		a.Answer = w.Text
		return nil
	})
)

// readShape reads words like servers=3. What is not said is as usual.
func readShape(r *reader, a *Args) error {
	a.Shape = engine.Defaults
	for len(r.Words) > 0 {
		w, _ := r.Next("NAME=VALUE")
		name, value, _ := strings.Cut(w.Text, "=")
		if err := shape(&a.Shape, name, value); err != nil {
			return lex.Wrong(w, err.Error())
		}
	}
	if err := a.Shape.Validate(); err != nil {
		return fmt.Errorf("cluster: %w", err)
	}
	return nil
}

func shape(cfg *engine.Config, name, value string) (err error) {
	switch name {
	case "servers":
		cfg.Servers, err = strconv.Atoi(value)
	case "clients":
		cfg.Clients, err = strconv.Atoi(value)
	case "dead-pings":
		cfg.DeadPings, err = strconv.Atoi(value)
	case "chunk-keys":
		cfg.ChunkKeys, err = strconv.Atoi(value)
	case "seed":
		cfg.Seed, err = strconv.ParseUint(value, 10, 64)
	case "ping-interval":
		cfg.PingInterval, err = time.ParseDuration(value)
		if err != nil {
			return errors.New("is not a time like ping-interval=100ms")
		}
	default:
		return errors.New("is none of servers=, clients=, seed=, ping-interval=, dead-pings= and chunk-keys=")
	}
	if err != nil {
		return errors.New("needs a number")
	}
	return nil
}

// ShapeOf writes the line that gives a script such a cluster.
func ShapeOf(cfg engine.Config) string {
	line := fmt.Sprintf("cluster servers=%d clients=%d seed=%d ping-interval=%v dead-pings=%d",
		cfg.Servers, cfg.Clients, cfg.Seed, cfg.PingInterval, cfg.DeadPings)
	if cfg.ChunkKeys > 0 {
		line += fmt.Sprintf(" chunk-keys=%d", cfg.ChunkKeys)
	}
	return line
}

func tell(_ context.Context, _ *Session, inv Invocation) (Result, error) {
	return Result{Text: printable(inv.Args.Text)}, nil
}

func notHere(_ context.Context, _ *Session, inv Invocation) (Result, error) {
	return Result{}, of(inv, errors.New("only the first line of a script says what cluster it needs"))
}

// printable is a text as one line that can be shown on a terminal.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' {
			return ' '
		}
		if unprintable(r) {
			return '�'
		}
		return r
	}, text)
}
