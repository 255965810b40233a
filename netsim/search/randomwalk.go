package search

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"
)

// longestWalk is the number of steps after which a walk ends and the next begins at the start.
const longestWalk = 200

// randomWalker is a random search: many walks from the start, each until nothing can happen any more. It remembers no
// states, so that it can go as deep as it likes.
type randomWalker[S any] struct {
	limits Limits
	start  S
	seed   uint64
	walks  atomic.Int64 // walks begun
	steps  atomic.Int64 // steps of all walks that ended
	deep   atomic.Int64 // steps of the longest walk
	best   atomic.Int64 // the lowest number of a walk that found a violation; a number beyond all if none did

	mu    sync.Mutex // guards found
	found *Found     // of walk best
}

// randomWalk walks until ctx ends or a walk has found a violation. Walk n of a seed always goes the same way, and of
// several violations that of the lowest n is returned: the same for every number of workers.
func randomWalk[S any](ctx context.Context, space Space[S], start S, seed uint64, limits Limits) (Covered, *Found) {
	w := &randomWalker[S]{limits: limits, start: start, seed: seed}
	w.best.Store(1 << 62)
	var work sync.WaitGroup
	for range limits.Workers {
		work.Go(func() { w.walkOn(ctx, space.Walker()) })
	}
	done := make(chan struct{})
	go func() { // ends with the workers
		work.Wait()
		close(done)
	}()
	w.watch(done)
	c := w.covered()
	if w.found == nil && ctx.Err() != nil {
		c.Ended = context.Cause(ctx).Error()
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
	return Covered{States: int(w.steps.Load()), Depth: int(w.deep.Load())}
}

// walkOn walks until a walk of a lower number has found a violation.
func (w *randomWalker[S]) walkOn(ctx context.Context, walker Walker[S]) {
	for ctx.Err() == nil {
		n := w.walks.Add(1)
		if n > w.best.Load() {
			return
		}
		found, length := w.walk(walker, rand.New(rand.NewPCG(w.seed, uint64(n))))
		w.steps.Add(int64(length))
		for deep := w.deep.Load(); int64(length) > deep && !w.deep.CompareAndSwap(deep, int64(length)); {
			deep = w.deep.Load()
		}
		if found != nil {
			w.keep(found, n)
		}
	}
}

func (w *randomWalker[S]) keep(found *Found, n int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if n < w.best.Load() {
		w.best.Store(n)
		w.found = found
	}
}

// walk goes from the start to the end of one walk. It returns the violation, if any, and the number of steps.
func (w *randomWalker[S]) walk(walker Walker[S], random *rand.Rand) (*Found, int) {
	s, path := w.start, []int(nil)
	for len(path) < longestWalk {
		next, step, ok := anyStep(walker, s, random)
		if !ok {
			break
		}
		path = append(path, step)
		if violation := walker.Judge(s, next); violation != "" {
			return &Found{Violation: violation, Path: path}, len(path)
		}
		s = next
	}
	if violation := walker.AtEnd(s); violation != "" {
		return &Found{Violation: violation, Path: path}, len(path)
	}
	return nil, len(path)
}

// anyStep takes a random step of those that lead to another state. ok is false if none does.
func anyStep[S any](walker Walker[S], s S, random *rand.Rand) (next S, step int, ok bool) {
	n := walker.Steps(s)
	if n == 0 {
		return s, 0, false
	}
	first := random.IntN(n)
	for i := range n {
		step = (first + i) % n
		if next, ok = walker.Take(s, step); ok {
			return next, step, true
		}
	}
	return s, 0, false
}
