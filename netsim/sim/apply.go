package sim

import (
	"strconv"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/world"
)

// Apply carries a command out. All but those that are done to time are steps of the world. What a killed server has already
// sent still arrives.
func (e *Engine) Apply(c engine.Command) (done string, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := e.ready(); err != nil {
		return "", err
	}
	came := ""
	switch c.Kind {
	case engine.Pause:
		e.pause()
	case engine.Resume:
		e.resume()
	case engine.SetSpeed:
		err = e.setSpeed(c.Speed)
	case engine.Step:
		came, err = e.stepOnce(c.Step)
	default:
		c, came, err = e.applyToWorld(c)
	}
	if err != nil {
		return "", err
	}
	return c.Done(came), nil
}

// applyToWorld makes a step of a command. It returns the command with all that the world knew of it, and what came of it.
func (e *Engine) applyToWorld(c engine.Command) (known engine.Command, came string, err error) {
	if c, err = c.Within(e.world.Names(), e.world.HeldMessages); err != nil {
		return c, "", err
	}
	action, err := world.Do(c)
	if err == nil {
		err = e.command(action)
	}
	if c.Kind == engine.Duplicate {
		came = strconv.FormatUint(e.world.Messages(), 10)
	}
	return c, came, err
}
