package sim

import (
	"context"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/world"
)

// Pass goes through the branch from a step on and lets look see the world after each, which costs far less than a Rewind to each.
// It leaves the world paused at the end of the branch. The error is ctx's, or Rewind's.
func (e *Engine) Pass(ctx context.Context, from int, look func(step int, s engine.Snapshot)) error {
	if err := e.Rewind(from); err != nil {
		return err
	}
	for step := from; ; step++ {
		s, err := e.Observe(ctx, engine.Window{})
		if err != nil {
			return err
		}
		look(step, s)
		if !e.forth() {
			return e.Rewind(step)
		}
	}
}

// forth repeats the next step of the branch; false at its end.
func (e *Engine) forth() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.step == e.branch.length {
		return false
	}
	e.nextStep(world.Never)
	return true
}
