package script

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"cluster/splitbrain/netsim/engine"
)

// Session runs lines against one cluster. Safe for concurrent use, as long as its fields are not changed.
type Session struct {
	Engine engine.Engine
	Client string // of put, get and append that name none; the first client if empty
}

// Run carries out one line. An empty line or a comment does nothing. A put, get or append runs to its end, or until
// ctx ends.
//
// After an error nothing was changed, with one exception: an operation of unknown outcome, for which errors.As finds
// the *pbservice.UnknownOutcomeError. Its text is one line that can be shown on a terminal.
func (s *Session) Run(ctx context.Context, line string) (Result, error) {
	inv, err := Parse(line)
	if err == nil && !inv.Empty() {
		var r Result
		if r, err = s.do(ctx, inv); err == nil {
			return r, nil
		}
	}
	return Result{}, clean(err)
}

func (s *Session) do(ctx context.Context, inv Invocation) (Result, error) {
	for _, w := range inv.nodes {
		if err := s.exists(w, inv.Command.Name); err != nil {
			return Result{}, err
		}
	}
	return inv.Command.run(ctx, s, inv)
}

// exists says that a node does not, and which one was probably meant.
func (s *Session) exists(w word, verb string) error {
	nodes := s.Engine.Nodes()
	if slices.Contains(nodes, w.text) {
		return nil
	}
	hint := ""
	if near, ok := nearest(w.text, nodes); ok {
		hint = "did you mean " + near + "? "
	}
	return fmt.Errorf("%s: word %d: no node %s: %sthere are %s", verb, w.at, show(w), hint, engine.Listing(nodes))
}

// client is who runs an operation.
func (s *Session) client(inv Invocation) (string, error) {
	var all []string
	for _, name := range s.Engine.Nodes() {
		if isClient(name) {
			all = append(all, name)
		}
	}
	name := inv.Args.Client
	if name == "" {
		name = s.Client
	}
	switch {
	case name == "" && len(all) > 0:
		return all[0], nil
	case slices.Contains(all, name):
		return name, nil
	}
	return "", fmt.Errorf("%s: no client %q: there are %s", inv.Command.Name, "@"+name, engine.Listing(all))
}

func isClient(name string) bool { return strings.HasPrefix(name, "c") }

// clean makes sure that an error can be shown: one line, nothing that moves a cursor.
func clean(err error) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	if !strings.ContainsFunc(text, unprintable) {
		return err
	}
	return &failure{text: strings.Map(func(r rune) rune {
		if unprintable(r) {
			return '�'
		}
		return r
	}, text), err: err}
}

func unprintable(r rune) bool { return r != ' ' && !unicode.IsGraphic(r) }

// failure is an error told in other words.
type failure struct {
	text string
	err  error
}

func (f *failure) Error() string { return f.text }
func (f *failure) Unwrap() error { return f.err }
