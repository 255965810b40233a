// Package enginetest helps to test what drives an engine, and tells clusters and traces to tests of what shows them.
package enginetest

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/history"
)

// Notes notes what an engine is told, and returns what noting it returned. An engine for tests embeds it and has the
// methods that need an answer of its own. Its time stands at 0, and its history is empty.
type Notes func(format string, args ...any) error

func (n Notes) History() *history.Recorder { return new(history.Recorder) }
func (n Notes) Now() time.Duration         { return 0 }

// Wait returns at once.
func (n Notes) Wait(_ context.Context, d time.Duration) error { return n("wait %v", d) }

// After calls f at once if d is 0, on a goroutine of its own, and otherwise never.
func (n Notes) After(d time.Duration, f func(error)) (stop func() bool) {
	if d == 0 {
		go f(nil)
	}
	return func() bool { return d > 0 }
}

// Apply notes a command to a cluster of those nodes, which holds every message that is named, and says what it came to.
func (n Notes) Apply(c engine.Command, nodes []string) (string, error) {
	held := func() []netsim.Held { return []netsim.Held{{Msg: c.Message}} }
	known, err := c.Within(nodes, held)
	if err != nil {
		return "", err
	}
	if err := n("%v", c); err != nil {
		return "", err
	}
	came := map[engine.CommandKind]string{
		engine.Duplicate: fmt.Sprint(known.Message + 1), engine.Step: "a message was delivered",
	}
	return known.Done(came[c.Kind]), nil
}

// Applier is what commands are applied to.
type Applier interface {
	Apply(c engine.Command) (done string, err error)
}

// Do applies the command that is written in a line, made of parts as fmt.Sprintln makes it, but that a float64 is a
// probability.
func Do(e Applier, parts ...any) error {
	_, err := Tell(e, parts...)
	return err
}

// Tell is Do, and returns what the command came to.
func Tell(e Applier, parts ...any) (done string, err error) {
	for i, p := range parts {
		if probability, ok := p.(float64); ok {
			parts[i] = strconv.FormatFloat(100*probability, 'g', -1, 64) + "%"
		}
	}
	c, err := engine.ParseCommand(strings.TrimSpace(fmt.Sprintln(parts...)))
	if err != nil {
		return "", errors.Join(errors.New("no command"), err)
	}
	return e.Apply(c)
}
