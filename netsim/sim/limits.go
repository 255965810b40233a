package sim

import (
	"context"
	"fmt"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/env"
)

// Limits are how much it may take to open a saved world, or another world's branch: nobody knows what is in a file. What is 0 is
// not limited.
type Limits struct {
	Bytes    int    // of the file
	Branches int    // in it
	Steps    int    // of all branches
	Heap     uint64 // bytes that the program may use meanwhile
}

// Bounded limits what it may take to open a world. The error is an *engine.LimitError then.
func Bounded(l Limits) Option { return func(e *Engine) { e.limits = l } }

// Steps is how many steps were made so far, those that repeat what was before included.
func (e *Engine) Steps() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.made
}

// mayGoOn says why what is being opened is not gone through any further: ctx has ended, or it takes too much.
func (e *Engine) mayGoOn(ctx context.Context) error {
	switch l := e.limits; {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case l.Steps > 0 && e.made > l.Steps:
		return &engine.LimitError{Of: "steps", Most: fmt.Sprint(l.Steps)}
	case l.Heap > 0 && e.made%maxSteps == 0 && env.Heap() > l.Heap:
		return engine.HeapLimit(l.Heap)
	}
	return nil
}
