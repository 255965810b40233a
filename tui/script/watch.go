package script

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/history/invariant"
)

// ExpectError is an expectation that did not hold, or something awaited that did not come. Its text is one line that can be
// shown on a terminal.
type ExpectError struct {
	Line string // the command
	Saw  string // instead
}

func (u *ExpectError) Error() string { return u.Line + ": " + u.Saw }

// condition says whether a snapshot is as a line expects, and if not, what it is instead.
type condition func(a Args, s engine.Snapshot) (holds bool, saw string)

// lookInterval is how often who waits looks at the cluster, in its time.
const lookInterval = 5 * time.Millisecond

// timeout is how long an expectation may take that does not say so: as long as two crashes take to be noticed, one
// after the other, and two seconds at least.
func (s *Session) timeout(inv Invocation, cfg engine.Config) time.Duration {
	if inv.Args.Timed {
		return inv.Args.Within
	}
	return max(2*time.Second, time.Duration(4*cfg.DeadPings)*cfg.PingInterval)
}

// lookout looks now and then whether what a line demands has come.
type lookout struct {
	holds   condition
	session *Session
	inv     Invocation
	began   time.Duration // in the cluster's time
	waited  time.Duration // so far, at least
	saw     string        // at the last look
}

func (s *Session) lookout(inv Invocation, holds condition) *lookout {
	return &lookout{holds: holds, session: s, inv: inv, began: s.Engine.Now()}
}

// look looks once. It returns how long to wait for the next look; 0 when the lookout has ended, with r or an error.
func (l *lookout) look(ctx context.Context) (next time.Duration, r Result, err error) {
	var rows engine.Window
	if l.inv.Command.mapped {
		rows = engine.Window{From: l.inv.Args.Key, Limit: 1}
	}
	seen, err := l.session.look(ctx, rows)
	if err != nil {
		return 0, Result{}, of(l.inv, err)
	}
	ok, saw := l.holds(l.inv.Args, seen)
	passed := max(l.waited, seen.At-l.began)
	limit := l.session.timeout(l.inv, seen.Config)
	switch {
	case ok:
		return 0, Result{Text: fmt.Sprintf("%s: yes%s", l.inv, after(passed))}, nil
	case passed >= limit:
		return 0, Result{}, &ExpectError{Line: l.inv.String(), Saw: notWithin(limit) + saw}
	}
	next = min(lookInterval, limit-passed)
	l.saw, l.waited = saw, l.waited+next
	return next, Result{}, nil
}

// watch looks until the condition holds or the time of inv is over, and then says what it saw.
func (s *Session) watch(ctx context.Context, inv Invocation, holds condition) (Result, error) {
	l := s.lookout(inv, holds)
	for {
		next, r, err := l.look(ctx)
		if next == 0 {
			return r, err
		}
		if err := s.Engine.Wait(ctx, next); err != nil {
			if errors.Is(err, engine.ErrPaused) {
				return Result{}, &ExpectError{Line: inv.String(), Saw: "time is paused: " + l.saw}
			}
			return Result{}, of(inv, err)
		}
	}
}

func after(d time.Duration) string {
	if d < lookInterval {
		return ""
	}
	return ", after " + engine.Elapsed(d)
}

func notWithin(limit time.Duration) string {
	if limit == 0 {
		return "not now: "
	}
	return fmt.Sprintf("not within %v: ", limit)
}

// look observes the cluster, and holds what it sees against what must always be so.
func (s *Session) look(ctx context.Context, w engine.Window) (engine.Snapshot, error) {
	seen, err := s.Engine.Observe(ctx, w)
	if err != nil {
		return engine.Snapshot{}, err
	}
	s.hold(seen)
	if s.Seen != nil {
		s.Seen(seen)
	}
	return seen, nil
}

// maxBroken bounds how many broken invariants are remembered.
const maxBroken = 100

// hold holds a snapshot against the invariants. When time went back, the past before it counts no more.
func (s *Session) hold(seen engine.Snapshot) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if seen.At < s.watched {
		s.watcher = invariant.Watcher{}
	}
	s.watched = seen.At
	for _, b := range s.watcher.Watch(seen) {
		if len(s.broken) < maxBroken {
			s.broken = append(s.broken, b)
		}
	}
}

// Broken are the invariants that did not hold, as far as the commands of the session saw it, in the order in which they
// did.
func (s *Session) Broken() []invariant.Violation {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.broken)
}

// pass lets time pass. If somebody keeps an eye on all that is seen, the cluster is looked at meanwhile.
func (s *Session) pass(ctx context.Context, d time.Duration) error {
	if s.Seen == nil {
		return s.Engine.Wait(ctx, d)
	}
	const looks, slowest = 400, 50 * time.Millisecond
	every := min(max(d/looks, lookInterval), slowest)
	began := s.Engine.Now()
	for passed := time.Duration(0); passed < d; {
		step := min(every, d-passed)
		if err := s.Engine.Wait(ctx, step); err != nil {
			return err
		}
		passed = max(passed+step, s.Engine.Now()-began)
		if _, err := s.look(ctx, engine.Window{}); err != nil {
			return err
		}
	}
	return nil
}
