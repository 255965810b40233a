package sim

import (
	"context"
	"fmt"
	"slices"
	"time"

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
	explain(&s, e.world, func(i int) []*engine.Done { return e.queues[i].last })
	return s, nil
}

// explain adds to what is seen of a world what each client has got last, and why things are so.
func explain(s *engine.Snapshot, w *world.World, last func(i int) []*engine.Done) {
	for i := range s.Clients {
		for _, done := range last(i) {
			s.Clients[i].Last = append(s.Clients[i].Last, *done)
		}
	}
	engine.Explain(s, func(i int) pbservice.Progress { return w.ClerkCore(world.Client(i + 1)).Progress() })
}

// ObservePast is what Observe would have seen of the present branch at some times, which go up and end before what is so now. The error
// says that w is impossible, the engine closed, or the first of the times forgotten.
func (e *Engine) ObservePast(w engine.Window, times []time.Duration) ([]engine.Snapshot, error) {
	if err := w.Validate(); err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := e.ready(); err != nil || len(times) == 0 {
		return nil, err
	}
	b := e.branch
	p := b.at(times[0])
	if p.world.Now() > times[0] {
		return nil, fmt.Errorf("what was before %v is forgotten (--past keeps more)", p.world.Now())
	}
	c := b.cursorAt(p)
	last, told := b.lastUntil(c.step, len(e.queues)), b.historyUntil(c.step)
	var seen []engine.Snapshot
	for _, at := range times {
		c.until(e.step, at)
		c.world.AdvanceTo(max(at, c.world.Now()))
		for ends := b.historyUntil(c.step); told < ends; told++ {
			if o := b.history.at(told); o.done != nil {
				of := &last[o.client.Index()]
				*of = slices.Insert(*of, 0, o.done)[:min(len(*of)+1, engine.KeptResults)]
			}
		}
		s := c.world.Snapshot(w)
		s.Pace = 1
		explain(&s, c.world, func(i int) []*engine.Done { return last[i] })
		seen = append(seen, s)
	}
	return seen, nil
}
