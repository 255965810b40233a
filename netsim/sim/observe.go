package sim

import (
	"context"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/world"
	"cluster/splitbrain/pbservice"
)

// Observe looks at the world as it is now. The error is ctx's, or says that w is impossible or the engine closed.
func (e *Engine) Observe(ctx context.Context, w engine.Window) (engine.Snapshot, error) {
	if err := w.Validate(); err != nil {
		return engine.Snapshot{}, err
	}
	if err := ctx.Err(); err != nil {
		return engine.Snapshot{}, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := e.ready(); err != nil {
		return engine.Snapshot{}, err
	}
	s := e.world.Snapshot(w)
	s.Paused, s.Speed, s.Standing, s.Pace = e.paused, e.speed, false, 1
	if e.led && !e.manual {
		s.Standing, s.Pace = e.waiting == 0, e.pace
	}
	for i := range s.Clients {
		for _, done := range e.queues[i].last {
			s.Clients[i].Last = append(s.Clients[i].Last, *done)
		}
	}
	engine.Explain(&s, func(i int) pbservice.Progress { return e.world.ClerkCore(world.Client(i + 1)).Progress() })
	return s, nil
}
