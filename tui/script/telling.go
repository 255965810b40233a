package script

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/engine/lex"
)

// telling are the commands that speak to whoever watches. Those of scripts only stand there: Script knows what they
// said.
func telling() []Command {
	text := param{usage: "TEXT", takes: 1, read: readText}
	return []Command{{
		Name: "note", Help: "shows a text; in a script, what follows is one step", Example: `note "Now watch s2"`,
		params: []param{text}, run: tell,
	}, {
		Name: "ask", Help: "asks a question of two to four choices, the right one starred; in a script, what follows is the step that answers it",
		Example: `ask "Who is primary now?" s1 | *s2 | nobody`, params: []param{text, {
			usage: "CHOICE | *CHOICE... [because TEXT] [hides PANE...]", marked: true, read: readQuestion,
			offers: offering(append([]string{because, hides}, Panes...)...),
		}}, run: tell,
	}, {
		Name: "then", Help: "in a script: what is told at the end of a step, when all of it has been seen", Example: `then "s2 has taken over."`,
		params: []param{text}, run: tell,
	}, {
		Name: "look", Help: "in a script: opens a pane, and marks nodes, keys, links and rows wherever they are shown, pings in messages one by one, or only messages that a filter finds; until the next step", Example: "look maps s2 a",
		params: []param{{usage: "[PANE] [NODE|KEY|NODE > NODE|row TEXT|only TEXT]...", marked: true, read: readLook, offers: func(n Names) []string {
			return slices.Concat(Panes, n.Nodes, n.Keys, []string{rowWord, onlyWord})
		}}}, run: direct,
	}, {
		Name: "pace", Help: "in a script: how fast the rest of a step is played; else it takes some seconds, however long it is", Example: "pace 0.05",
		params: []param{{usage: "PACE", takes: 1, read: readPace}}, run: direct,
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
		params:  []param{{usage: "servers=N clients=N seed=N ping-interval=TIME dead-pings=N chunk-keys=N filter-clients=N latency=TIME", optional: true, always: true, read: readShape, offers: offering(engine.ConfigWords()...)}},
		run:     notHere,
	}}
}

var readText = lex.OneWord("TEXT", func(w word, a *Args) error {
	a.Text = w.Text
	return nil
})

// readPace reads a part of the usual speed that every engine can go at.
var readPace = lex.OneWord("PACE", func(w word, a *Args) (err error) {
	a.Pace, err = strconv.ParseFloat(w.Text, 64)
	if err != nil || !(a.Pace >= netsim.MinSpeed && a.Pace <= netsim.MaxLiveSpeed) {
		return fmt.Errorf("is not a pace of %v to %v, as in pace 0.05", netsim.MinSpeed, netsim.MaxLiveSpeed)
	}
	return nil
})

// readShape reads words like servers=3. What is not said is as usual.
func readShape(r *reader, a *Args) error {
	a.Shape = engine.Defaults
	for len(r.Words) > 0 {
		w, _ := r.Next("NAME=VALUE")
		if err := a.Shape.SetWord(w.Text); err != nil {
			return lex.Wrong(w, err.Error())
		}
	}
	if err := a.Shape.Validate(); err != nil {
		return fmt.Errorf("cluster: %w", err)
	}
	return nil
}

// ShapeOf writes the line that gives a script such a cluster.
func ShapeOf(cfg engine.Config) string { return "cluster " + cfg.Words() }

func tell(_ context.Context, _ *Session, inv Invocation) (Result, error) {
	text := inv.Args.Text
	if choices := inv.Args.Asks.Choices; len(choices) > 0 {
		text += " (" + strings.Join(choices, " | ") + ")"
	}
	return Result{Text: printable(text)}, nil
}

// direct is for whoever plays a script, and changes nothing.
func direct(_ context.Context, _ *Session, inv Invocation) (Result, error) {
	return Result{Text: printable(inv.String())}, nil
}

func notHere(_ context.Context, _ *Session, inv Invocation) (Result, error) {
	return Result{}, of(inv, errors.New("only the first line of a script says what cluster it needs"))
}

// printable is a text as one line that can be shown on a terminal.
func printable(text string) string {
	return lex.Safe(strings.ReplaceAll(text, "\n", " "))
}
