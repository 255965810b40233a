package script

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/env"
)

// Bounds are how much lines may take that others have written. What is 0 is not limited.
type Bounds struct {
	Time  time.Duration // of the cluster, while they run
	Steps int           // of a simulated cluster
	Heap  uint64        // bytes that the program may use
}

// DefaultBounds are far more than any lesson takes, and less than a minute of a slow machine.
var DefaultBounds = Bounds{Time: time.Hour, Steps: 5_000_000, Heap: 1 << 30}

// Unbounded ends what is said of limits.
const Unbounded = "--no-limits lifts it"

// Limited says of an error that tells of a limit what can be done about that.
func Limited(err error) error {
	if _, ok := errors.AsType[*engine.LimitError](err); ok {
		return fmt.Errorf("%w: %s", err, Unbounded)
	}
	return err
}

// overTime says that lines would take more of the cluster's time than they may.
func (b Bounds) overTime(d time.Duration) error {
	if b.Time > 0 && d > b.Time {
		return &engine.LimitError{Of: "a script's time", Most: fmt.Sprintf("%v of the cluster's", b.Time)}
	}
	return nil
}

// over says that lines have taken more than they may.
func (b Bounds) over(e engine.Engine, spent time.Duration) error {
	steps, counts := e.(interface{ Steps() int })
	switch err := b.overTime(spent); {
	case err != nil:
		return err
	case counts && b.Steps > 0 && steps.Steps() > b.Steps:
		return &engine.LimitError{Of: "steps", Most: fmt.Sprint(b.Steps)}
	case b.Heap > 0 && env.Heap() > b.Heap:
		return engine.HeapLimit(b.Heap)
	}
	return nil
}

// asksFor is the time that a line is sure to take.
func (inv Invocation) asksFor() time.Duration {
	if inv.Command.Name == "wait" {
		return inv.Args.Within
	}
	return 0
}

// bounded lets ctx end, with a *engine.LimitError as its cause, when a line has taken more than lines of others may. ended is to
// be called when the line has. The error says that it must not begin.
func (s *Session) bounded(ctx context.Context, inv Invocation) (_ context.Context, ended func(), err error) {
	if !inv.others || !inv.TakesLong() || s.Bounds == (Bounds{}) {
		return ctx, func() {}, nil
	}
	s.mu.Lock()
	before := s.spent
	s.mu.Unlock()
	if err := cmp.Or(s.Bounds.overTime(before+inv.asksFor()), s.Bounds.over(s.Engine, before)); err != nil {
		return ctx, nil, err
	}
	ctx, end := context.WithCancelCause(ctx)
	began := s.Engine.Now()
	passed := func() time.Duration { return max(s.Engine.Now()-began, 0) }
	stop := s.every(boundsInterval, func() {
		if err := s.Bounds.over(s.Engine, before+passed()); err != nil {
			end(err)
		}
	})
	return ctx, func() {
		stop()
		end(nil)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.spent += passed()
	}, nil
}

// boundsInterval is how often a line that runs is held against its bounds, in the cluster's time.
const boundsInterval = 100 * time.Millisecond

// every calls f again and again in the cluster's time, until it is stopped.
func (s *Session) every(d time.Duration, f func()) (stop func()) {
	var mu sync.Mutex // guards what follows
	stopped, cancel := false, func() bool { return true }
	var again func(error)
	begin := func() {
		mu.Lock()
		defer mu.Unlock()
		if !stopped {
			cancel = s.Engine.After(d, again)
		}
	}
	again = func(error) {
		f()
		begin()
	}
	begin()
	return func() {
		mu.Lock()
		defer mu.Unlock()
		stopped = true
		cancel()
	}
}
