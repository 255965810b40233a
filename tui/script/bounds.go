package script

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
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
	// Judging is real time in which what clients saw is judged; the line that goes beyond it comes to its end.
	Judging time.Duration
}

// DefaultBounds are far more than any lesson takes, and less than a minute of a slow machine.
var DefaultBounds = Bounds{Time: time.Hour, Steps: 5_000_000, Heap: 1 << 30, Judging: 30 * time.Second}

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

// judges reports whether the line judges what clients saw.
func (inv Invocation) judges() bool {
	return slices.Contains([]string{"check", "expect linearizable", "expect violation"}, inv.Command.Name)
}

// overJudging says that lines have taken more of the machine's time to judge than they may.
func (b Bounds) overJudging(spent time.Duration) error {
	if b.Judging > 0 && spent > b.Judging {
		return &engine.LimitError{Of: "judging", Most: fmt.Sprintf("%v of this machine's time", b.Judging)}
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
	before, judged := s.spent, s.judged
	s.mu.Unlock()
	if inv.judges() {
		return s.judging(ctx, judged)
	}
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

// judging is bounded for a line that judges, after others that have taken so long for that.
func (s *Session) judging(ctx context.Context, before time.Duration) (_ context.Context, ended func(), err error) {
	began, end := time.Now(), context.CancelFunc(func() {})
	if most := s.Bounds.Judging; most > 0 {
		ctx, end = context.WithTimeoutCause(ctx, most-before, s.Bounds.overJudging(most+1))
	}
	return ctx, func() {
		end()
		s.mu.Lock()
		defer s.mu.Unlock()
		s.judged += time.Since(began)
	}, s.Bounds.overJudging(before)
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
