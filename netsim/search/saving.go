package search

import (
	"cmp"
	"context"
	"errors"
	"sync/atomic"
	"time"
)

// saveEvery is how often a search says how it goes on, unless Options say so.
const saveEvery = time.Minute

// saveNow hands on the State that save has made.
func (r *run) saveNow(save func()) {
	save()
	r.Save(r.result.State)
	r.result.State = nil
	r.saved = time.Now() // writing does not count: it takes the longer the more states there are
}

// saving returns Limits.Save of the present round, nil if nobody asks for it. futures are those that the round has tried.
func (r *run) saving(futures *atomic.Int64) func(left func() *Levels) {
	if r.Save == nil {
		return nil
	}
	round, before := r.result.Round-1, r.before
	return func(left func() *Levels) {
		if time.Since(r.saved) < cmp.Or(r.SaveEvery, saveEvery) {
			return
		}
		l := left()
		l.Covered.Futures = int(futures.Load())
		r.saveNow(func() { r.save(round, before, l) })
	}
}

// errSave ends walks for a moment, so that it is known which are gone.
var errSave = errors.New("save")

// walkOn is randomWalk after those that are gone, with a pause to save whenever that is due. seen is what all walks have seen.
func (r *run) walkOn(ctx context.Context, roamers []Roamer[*state], limits Limits, gone Covered, seen func() coverage) (Covered, *FoundWalk) {
	watch := limits.Watch
	for {
		limits.Watch = func(c Covered) { watch(c.after(gone)) }
		some, stop := ctx, context.CancelFunc(func() {})
		if r.Save != nil {
			some, stop = context.WithTimeoutCause(ctx, cmp.Or(r.SaveEvery, saveEvery), errSave)
		}
		covered, found := randomWalk(some, roamers, r.Seed, limits)
		stop()
		covered, all := covered.after(gone), seen()
		if found != nil || covered.Ended != errSave.Error() {
			return covered, found
		}
		r.saveNow(func() { r.saveWalks(covered, all) })
		limits.Walks.Gone, gone = int64(covered.Walks), covered
	}
}

// after is c, of walks, after those that were gone before, which their number counts already.
func (c Covered) after(gone Covered) Covered {
	c.States, c.Depth = c.States+gone.States, max(c.Depth, gone.Depth)
	return c
}
