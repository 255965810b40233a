package script

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/engine/lex"
	"cluster/splitbrain/netsim/engine/spelling"
	"cluster/splitbrain/netsim/history/invariant"
	"cluster/splitbrain/tui/wholefile"
	"cluster/splitbrain/viewservice/rules"
)

// Session runs lines against one cluster. Safe for concurrent use, as long as its fields are not changed. Close ends
// what it began and did not wait for.
type Session struct {
	Engine engine.Engine
	Client string // of put, get and append that name none; the first client if empty
	Host   Host   // the program around; without it, what only that can do is refused
	// Seen is told all that commands see of the cluster while they wait. It is called from their goroutines.
	Seen func(engine.Snapshot)
	// Ended is told what commands came to whose end was not waited for, until Close. The engine calls it as it calls what
	// is given to After.
	Ended func(line string, r Result, err error)
	// KeepRules makes scripts that switch rules off show what happens with all rules on: rule … off does nothing, an
	// expected violation must not be there, and rule … on ends the script, for what follows is the same once more, with
	// the rule on.
	KeepRules bool
	// Files is where lines of scripts may write files; nil for nowhere. What somebody has typed writes anywhere.
	Files *wholefile.Folder
	// Bounds are what lines of scripts may take.
	Bounds Bounds
	// Timeout bounds how long an operation may take whose end is waited for, in the cluster's time; 0 for ever.
	Timeout time.Duration
	// Picture is the screen as it would show the cluster and the script that is played, if one is: rows with ANSI styles.
	// Safe for concurrent use; nil where nobody draws.
	Picture func(ctx context.Context, playing *PlayerState) string

	mu         sync.Mutex // guards what follows
	closed     bool
	background []engine.Operation // whose ends nobody waits for
	load       *load              // that runs
	mark       uint64             // where counting in the trace began
	markAt     time.Duration      // when, in the cluster's time
	stop       func()             // the counting; nil while none does
	kept       rules.Disabled     // which rules KeepRules has left on
	spent      time.Duration      // of the cluster's time, by lines that are bounded
	player     *Player            // of the script that is played on it; nil if none is
	judged     time.Duration      // of real time, likewise
	journal    []*entry           // in the order in which they began
	forgot     int                // lines before them
	watcher    invariant.Watcher
	watched    time.Duration         // when the latest snapshot was that the watcher saw
	broken     []invariant.Violation // up to maxBroken
}

// Close gives up operations that nobody waits for, and the load. They have ended when it returns.
func (s *Session) Close() {
	s.mu.Lock()
	s.closed = true
	background, load := slices.Clone(s.background), s.load
	if s.stop != nil {
		s.stop()
		s.stop = nil
	}
	s.mu.Unlock()
	if load != nil {
		load.end()
	}
	giveUp(background)
}

// giveUp cancels operations and waits for their ends, which come at once.
func giveUp(all []engine.Operation) {
	for _, o := range all {
		o.Cancel(context.Canceled)
	}
	for _, o := range all {
		<-o.Done()
	}
}

// tell tells what a line came to whose end nobody waited for.
func (s *Session) tell(line string, r Result, err error) {
	s.mu.Lock()
	closed := s.closed
	s.mu.Unlock()
	if !closed && s.Ended != nil {
		s.Ended(line, r, err)
	}
}

// Run carries out one line. An empty line or a comment does nothing. A put, get or append runs to its end, or until
// ctx ends; one with & at its end goes on beside what follows, until it ends or the session is closed.
//
// After an error nothing was changed, with two exceptions: an operation of unknown outcome, for which errors.As finds
// the *pbservice.UnknownOutcomeError, and an expectation that looked and did not find, an *ExpectError. Its text is one line
// that can be shown on a terminal.
func (s *Session) Run(ctx context.Context, line string) (Result, error) {
	inv, err := Parse(line)
	if err != nil {
		return Result{}, clean(err)
	}
	return s.Do(ctx, inv)
}

// splitLines cuts a text at its line ends, of whichever kind.
func splitLines(text string) []string {
	return strings.Split(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text), "\n")
}

// Do carries out what Parse understood, as Run does.
func (s *Session) Do(ctx context.Context, inv Invocation) (Result, error) {
	if inv.Empty() {
		return Result{}, nil
	}
	for _, w := range inv.nodes {
		if err := unknownNode(w, inv.Command.Name, s.Engine.Nodes()); err != nil {
			return Result{}, clean(err)
		}
	}
	ctx, ended, err := s.bounded(ctx, inv)
	if err != nil {
		return Result{}, clean(of(inv, Limited(err)))
	}
	defer ended()
	note := s.begin(inv)
	r, err := inv.Command.run(ctx, s, inv)
	note(r, err)
	if limit, ok := errors.AsType[*engine.LimitError](context.Cause(ctx)); ok && err != nil {
		err = of(inv, Limited(limit))
	}
	if err != nil {
		return Result{}, clean(interrupted(inv, err))
	}
	return r, nil
}

// interrupted tells of an error what was cancelled, if that is the reason.
func interrupted(inv Invocation, err error) error {
	if !errors.Is(err, context.Canceled) {
		return err
	}
	text := strings.ReplaceAll(err.Error(), context.Canceled.Error(), "cancelled")
	if text == "cancelled" {
		text = inv.Command.Name + ": cancelled"
	}
	return &failure{text: text, err: err}
}

// unknownNode says that a node is none of nodes, and which one was probably meant; nil if it is one.
func unknownNode(w word, verb string, nodes []string) error {
	if slices.Contains(nodes, w.Text) {
		return nil
	}
	hint := ""
	if near, ok := spelling.Nearest(w.Text, nodes); ok {
		hint = "did you mean " + near + "? "
	}
	return fmt.Errorf("%s: word %d: no node %s: %sthere are %s", verb, w.At, lex.Show(w), hint, engine.Listing(nodes))
}

// client is who runs an operation.
func (s *Session) client(inv Invocation) (string, error) {
	all := s.Engine.Nodes()
	clients := Names{Nodes: all}.clients()
	name := inv.Args.Client
	if name == "" {
		name = s.Client
	}
	switch {
	case name == "" && len(clients) > 0:
		return clients[0], nil
	case slices.Contains(clients, name):
		return name, nil
	}
	return "", noClient(inv, name, all)
}

func noClient(inv Invocation, name string, nodes []string) error {
	return fmt.Errorf("%s: no client %q: there are %s", inv.Command.Name, "@"+name, engine.Listing(Names{Nodes: nodes}.clients()))
}

// clean makes sure that an error can be shown: one line, nothing that moves a cursor.
func clean(err error) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	if safe := lex.Safe(text); safe != text {
		return &failure{text: safe, err: err}
	}
	return err
}

// failure is an error told in other words.
type failure struct {
	text string
	err  error
}

func (f *failure) Error() string { return f.text }
func (f *failure) Unwrap() error { return f.err }
