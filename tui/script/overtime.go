package script

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/pbservice"
)

// doWithin runs an operation in its turn, for at most limit of the cluster's time.
func (s *Session) doWithin(ctx context.Context, client string, op pbservice.Op, limit time.Duration) (pbservice.Reply, error) {
	begin, end := s.turn(client)
	defer end()
	left, err := s.awaitTurn(ctx, begin, limit)
	if err != nil {
		return pbservice.Reply{}, fmt.Errorf("%s runs another operation", client)
	}
	ctx, cancel := s.limited(ctx, left)
	defer cancel()
	return s.Engine.Do(ctx, client, op)
}

// grace is what paused time leaves an operation, of real time.
const grace = 100 * time.Millisecond

// awaitTurn lets time go until begin is closed, for at most limit of the cluster's time, and returns what is left of it; 0
// is no limit. Then somebody else has to make time go. The error is the context's, or engine.ErrPaused.
func (s *Session) awaitTurn(ctx context.Context, begin <-chan struct{}, limit time.Duration) (left time.Duration, err error) {
	if isClosed(begin) {
		return limit, nil
	}
	if limit <= 0 {
		select {
		case <-begin:
			return 0, nil
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
	began := s.Engine.Now()
	waiting, done := context.WithCancel(ctx)
	defer done()
	go func() { // ends with waiting
		select {
		case <-begin:
			done()
		case <-waiting.Done():
		}
	}()
	err = s.Engine.Wait(waiting, limit)
	if errors.Is(err, engine.ErrPaused) {
		select {
		case <-time.After(grace):
		case <-waiting.Done():
		}
	}
	left = limit - (s.Engine.Now() - began)
	switch {
	case ctx.Err() != nil:
		return 0, ctx.Err()
	case isClosed(begin) && left > 0:
		return left, nil
	case errors.Is(err, engine.ErrPaused):
		return 0, err
	}
	return 0, context.DeadlineExceeded
}

func isClosed(ch <-chan struct{}) bool {
	select {
	case <-ch:
		return true
	default:
		return false
	}
}

// limited is ctx for at most limit of the cluster's time; 0 is no limit. While time is paused it ends soon.
func (s *Session) limited(ctx context.Context, limit time.Duration) (context.Context, func()) {
	if limit <= 0 {
		return ctx, func() {}
	}
	over := &overtime{}
	over.Context, over.end = context.WithCancel(ctx)
	wait := func() error { return s.Engine.Wait(engine.Aside(over.Context), limit) }
	if e, ok := s.Engine.(engine.Alarmer); ok {
		wait = e.Alarm(over.Context, limit)
	}
	go over.watch(wait) // ends with the context
	return over, over.end
}

// overtime is a context that ends by the cluster's clock, and says so.
type overtime struct {
	context.Context
	end context.CancelFunc
	why atomic.Pointer[error]
}

func (o *overtime) watch(wait func() error) {
	late := context.DeadlineExceeded
	err := wait()
	if errors.Is(err, engine.ErrPaused) {
		late = err
		select {
		case <-time.After(grace):
		case <-o.Done():
		}
	}
	if o.Context.Err() == nil {
		o.why.Store(&late)
		o.end()
	}
}

func (o *overtime) Err() error {
	err := o.Context.Err()
	if why := o.why.Load(); err != nil && why != nil {
		return *why
	}
	return err
}
