package search

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"
)

// longestWalk is the number of events after which a walk ends and the next begins.
const longestWalk = 300

// Roamer goes one way at random through a set of states. It owns the buffers for that. Not safe for concurrent use.
type Roamer[S any] interface {
	// Begin begins a walk, and returns its first state.
	Begin(random *rand.Rand) S
	// Go takes one random step from s. ok is false if none is possible.
	Go(s S, random *rand.Rand) (next S, ok bool)
	// Judge says which property next violates, a successor of s; "" if none.
	Judge(s, next S) string
	// AtEnd says which property is violated if nothing happens after s any more; "" if none.
	AtEnd(s S) string
}

// WalkRange says which walks a random search goes.
type WalkRange struct {
	Shard Shard
	Most  int64 // the highest number of a walk; 0: no limit
	Gone  int64 // so many of the shard's walks were gone before
}

// FoundWalk is a violation and the number of the walk that comes to it: of one seed a walk always goes the same way.
type FoundWalk struct {
	Violation string
	Walk      int64
}

// randomWalker is a random search: many walks, each until nothing can happen any more. It remembers no states, so that it
// can go as deep as it likes.
type randomWalker[S any] struct {
	limits Limits
	seed   uint64
	walks  atomic.Int64 // walks begun
	steps  atomic.Int64 // steps of all walks that ended
	ended  atomic.Int64 // walks that came to their end
	deep   atomic.Int64 // steps of the longest walk
	best   atomic.Int64 // the lowest number of a walk that found a violation; a number beyond all if none did

	mu    sync.Mutex // guards found
	found *FoundWalk // of walk best
}

// randomWalk walks until ctx ends or a walk has found a violation, with one of roamers on each goroutine. Of several
// violations that of the lowest walk is returned: the same for every number of roamers.
func randomWalk[S any](ctx context.Context, roamers []Roamer[S], seed uint64, limits Limits) (Covered, *FoundWalk) {
	w := &randomWalker[S]{limits: limits, seed: seed}
	w.best.Store(1 << 62)
	w.walks.Store(limits.Walks.Gone)
	w.ended.Store(limits.Walks.Gone)
	var work sync.WaitGroup
	for _, r := range roamers {
		work.Go(func() { w.walkOn(ctx, r) })
	}
	done := make(chan struct{})
	go func() { // ends with the workers
		work.Wait()
		close(done)
	}()
	w.watch(done)
	c := w.covered()
	switch {
	case w.found != nil:
		c.Ended = ByFind
	case ctx.Err() != nil:
		c.Ended = context.Cause(ctx).Error()
	default:
		c.Ended = ByWalks
	}
	return c, w.found
}

// watch tells the progress ten times per second until done is closed.
func (w *randomWalker[S]) watch(done <-chan struct{}) {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return
		case <-tick.C:
			if w.limits.Watch != nil {
				w.limits.Watch(w.covered())
			}
		}
	}
}

func (w *randomWalker[S]) covered() Covered {
	return Covered{States: int(w.steps.Load()), Depth: int(w.deep.Load()), Walks: int(w.ended.Load()), Futures: int(w.ended.Load())}
}

// walkOn walks until a walk of a lower number has found a violation, or no walk is left.
func (w *randomWalker[S]) walkOn(ctx context.Context, r Roamer[S]) {
	for ctx.Err() == nil {
		n := w.limits.Walks.Shard.number(w.walks.Add(1))
		if n > w.best.Load() || w.limits.Walks.Most > 0 && n > w.limits.Walks.Most {
			return
		}
		violation, length := walk(r, w.seed, n)
		w.steps.Add(int64(length))
		for deep := w.deep.Load(); int64(length) > deep && !w.deep.CompareAndSwap(deep, int64(length)); {
			deep = w.deep.Load()
		}
		w.ended.Add(1)
		if violation != "" {
			w.keep(&FoundWalk{violation, n})
		}
	}
}

func (w *randomWalker[S]) keep(found *FoundWalk) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if found.Walk < w.best.Load() {
		w.best.Store(found.Walk)
		w.found = found
	}
}

// walk goes walk n of a seed from its beginning to its end. It returns the violation, if any, and the number of steps.
func walk[S any](r Roamer[S], seed uint64, n int64) (violation string, length int) {
	random := rand.New(rand.NewPCG(seed, uint64(n)))
	s := r.Begin(random)
	for ; length < longestWalk; length++ {
		next, ok := r.Go(s, random)
		if !ok {
			break
		}
		if violation := r.Judge(s, next); violation != "" {
			return violation, length + 1
		}
		s = next
	}
	return r.AtEnd(s), length
}
