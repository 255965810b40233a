package search

import (
	"context"
	"errors"
	"io"
	"math"

	"cluster/splitbrain/netsim/sim"
)

// ReadRecording goes to the moment at which a world was saved, as engine.Replayer.Save writes it, time standing still, unless
// ctx ends before. The error is that of sim.Open, if it is one.
func ReadRecording(ctx context.Context, r io.Reader, limits sim.Limits) (*Recording, error) {
	e, err := sim.Open(ctx, r, sim.ManualTime(), sim.Bounded(limits), sim.KeepPast(math.MaxInt))
	if err != nil {
		return nil, err
	}
	defer e.Close()
	past := e.Past()
	rec := newRecording(past.Config)
	for _, c := range past.Commands {
		if err := rec.goOn(ctx, c.Step-1); err != nil {
			return nil, err
		}
		if c.Step == past.Steps {
			rec.before = rec.world.Clone()
		}
		rec.world.AdvanceTo(c.At)
		rec.applyNow(c.Action)
	}
	if err := rec.goOn(ctx, past.Steps); err != nil {
		return nil, err
	}
	if rec.world.Hash() != e.Hash() {
		return nil, errors.New("the world can't be gone through again")
	}
	return rec, nil
}

// goOn lets happen what happens by itself, up to a step. It looks at ctx now and then.
func (rec *Recording) goOn(ctx context.Context, until int) error {
	for rec.past.Steps < until {
		if rec.past.Steps%1024 == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		rec.step()
	}
	return nil
}

// Clients is how many the world has.
func (rec *Recording) Clients() int { return rec.past.Config.Clients }

// Servers is how many the world has.
func (rec *Recording) Servers() int { return rec.past.Config.Servers }
