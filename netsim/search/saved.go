package search

import (
	"errors"
	"io"

	"cluster/splitbrain/netsim/sim"
)

// ReadRecording goes to the moment at which a world was saved, as engine.Replayer.Save writes it, time standing still. The
// error is that of sim.Open, if it is one.
func ReadRecording(r io.Reader) (*Recording, error) {
	e, err := sim.Open(r, sim.ManualTime())
	if err != nil {
		return nil, err
	}
	defer e.Close()
	past := e.Past()
	rec := newRecording(past.Config)
	for _, c := range past.Commands {
		rec.goOn(c.Step - 1)
		rec.world.Pass(c.At)
		rec.applyNow(c.Action)
	}
	rec.goOn(past.Steps)
	if rec.world.Hash() != e.Hash() {
		return nil, errors.New("the world can't be gone through again")
	}
	return rec, nil
}

// goOn lets happen what happens by itself, up to a step.
func (rec *Recording) goOn(until int) {
	for rec.past.Steps < until {
		rec.world.Step()
		rec.past.Steps++
	}
}

// Servers is how many the world has.
func (rec *Recording) Servers() int { return rec.past.Config.Servers }
