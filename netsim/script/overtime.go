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
	ctx, cancel := s.limited(ctx, limit)
	defer cancel()
	select {
	case <-begin:
		return s.Engine.Do(ctx, client, op)
	case <-ctx.Done():
		return pbservice.Reply{}, fmt.Errorf("%s runs another operation", client)
	}
}

// limited is ctx for at most limit of the cluster's time; 0 is no limit. While time is paused it ends soon.
func (s *Session) limited(ctx context.Context, limit time.Duration) (context.Context, func()) {
	if limit <= 0 {
		return ctx, func() {}
	}
	over := &overtime{}
	over.Context, over.end = context.WithCancel(ctx)
	go over.watch(s.Engine, limit) // ends with the context
	return over, over.end
}

// overtime is a context that ends by the cluster's clock, and says so.
type overtime struct {
	context.Context
	end context.CancelFunc
	why atomic.Pointer[error]
}

// grace is what paused time leaves an operation, of real time.
const grace = 100 * time.Millisecond

func (o *overtime) watch(e engine.Engine, limit time.Duration) {
	late := context.DeadlineExceeded
	err := e.Wait(engine.Aside(o.Context), limit)
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
