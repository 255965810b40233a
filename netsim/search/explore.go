package search

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
)

// Space is a set of states and what can happen in them. A state is never changed once it was returned.
type Space[S any] interface {
	// Walker is what one goroutine needs to look around.
	Walker() Walker[S]
}

// Walker looks around in a space. Not safe for concurrent use.
type Walker[S any] interface {
	// Steps counts what can happen in s. Their order depends on s alone.
	Steps(s S) int
	// Take lets step i of the last Steps happen in that s. ok is false if it leads nowhere new: to s itself, or to
	// what another step leads to.
	Take(s S, i int) (next S, ok bool)
	// Key is that of the canonical form.
	Key(s S) Key
	// Judge says what is wrong with next, which followed upon s; "" for nothing.
	Judge(s, next S) string
	// Last says what is wrong with s if nothing happens to it any more; "" for nothing.
	AtEnd(s S) string
}

// Limits end a search. Its context ends it too.
type Limits struct {
	Depth   int           // steps from the start; 0: no limit
	States  int           // distinct ones, or a few more; 0: no limit
	Workers int           // at least 1
	Full    func() bool   // reports that memory has run out; asked every now and then
	Watch   func(Covered) // told every now and then how far the search is
}

// Covered is how much a search has seen.
type Covered struct {
	States    int // reached, many of them more than once
	Distinct  int
	Depth     int // of the deepest state
	Frontier  int // states whose steps have not been tried
	Exhausted bool
	Ended     string // why it ended before it was exhausted; "" if it didn't
}

// Found is a way to a state in which something is wrong.
type Found struct {
	Violation string
	Path      []int // numbers of steps, as Walker.Take knows them
}

// How many states are expanded between two mergers, and by one worker at a time. Neither depends on the number of
// workers, so that the order of states doesn't.
const (
	batchStates   = 2048
	segmentStates = 32
)

// explorer is one breadth-first search. It goes batch by batch: the workers expand the states of a batch, seeing the
// visited set and not changing it; then one goroutine adds what is new, in the order of the batch.
type explorer[S any] struct {
	limits  Limits
	walkers []Walker[S]
	seen    visited
	origins []origin        // of every distinct state, in the order of discovery
	level   []unexpanded[S] // states whose steps are tried now
	first   int             // the number of level[0]
	next    []unexpanded[S]
	parts   [batchStates / segmentStates]segment[S]
	Covered
}

// state is one whose steps are yet to be tried. When there are many it is kept as a step from the state before it, of
// which there are fewer.
type unexpanded[S any] struct {
	from S
	step int // or itself
}

const (
	itself  = -1     // from is the state
	maxKept = 20_000 // states of one level are kept as they are
)

// origin is how a state was reached first.
type origin struct {
	parent uint32
	step   uint16
}

// segment is what came of a part of a batch.
type segment[S any] struct {
	reached int
	fresh   []fresh[S]
}

type fresh[S any] struct {
	origin
	key       Key
	from      S // the state before it
	state     S // if it is to be kept
	violation string
}

// explore searches from start, level by level. Of several finds it returns the first by the order of levels, then of
// states, then of steps: the same for every number of workers.
func explore[S any](ctx context.Context, space Space[S], start S, limits Limits) (Covered, *Found) {
	x := &explorer[S]{limits: limits, level: []unexpanded[S]{{start, itself}}}
	for range limits.Workers {
		x.walkers = append(x.walkers, space.Walker())
	}
	x.seen.add(x.walkers[0].Key(start))
	x.origins = []origin{{}}
	x.States, x.Distinct = 1, 1
	if violation := x.walkers[0].Judge(start, start); violation != "" {
		return x.Covered, &Found{Violation: violation}
	}
	found := x.levels(ctx)
	x.tell()
	return x.Covered, found
}

func (x *explorer[S]) levels(ctx context.Context) *Found {
	for len(x.level) > 0 && (x.limits.Depth == 0 || x.Depth < x.limits.Depth) {
		for at := 0; at < len(x.level); at += batchStates {
			x.Frontier = len(x.level) - at + len(x.next)
			if x.Ended = x.mustEnd(ctx); x.Ended != "" {
				return nil
			}
			n := x.expand(at, min(batchStates, len(x.level)-at))
			if found := x.merge(n); found != nil {
				x.Depth++
				return found
			}
		}
		x.first = len(x.origins) - len(x.next)
		x.level, x.next = x.next, make([]unexpanded[S], 0, 2*len(x.next))
		if len(x.level) > 0 {
			x.Depth++
		}
	}
	x.Frontier, x.Exhausted = len(x.level), true
	return nil
}

func (x *explorer[S]) mustEnd(ctx context.Context) string {
	x.tell()
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx).Error()
	case x.limits.Full != nil && x.limits.Full():
		return byMemory
	case x.limits.States > 0 && x.Distinct >= x.limits.States, len(x.origins) > 1<<31:
		return byStates
	}
	return ""
}

func (x *explorer[S]) tell() {
	if x.limits.Watch != nil {
		x.limits.Watch(x.Covered)
	}
}

// expand tries the steps of the n states from level[at] on. It returns the number of segments, once all workers
// have ended.
func (x *explorer[S]) expand(at, n int) int {
	segments := (n + segmentStates - 1) / segmentStates
	var taken atomic.Int64
	var work sync.WaitGroup
	for _, w := range x.walkers[:min(len(x.walkers), segments)] {
		work.Go(func() {
			for i := int(taken.Add(1)) - 1; i < segments; i = int(taken.Add(1)) - 1 {
				from := at + i*segmentStates
				x.tryAll(w, &x.parts[i], from, min(from+segmentStates, at+n))
			}
		})
	}
	work.Wait()
	return segments
}

// tryAll expands the states from level[from] up to level[to].
func (x *explorer[S]) tryAll(w Walker[S], seg *segment[S], from, to int) {
	seg.reached, seg.fresh = 0, seg.fresh[:0]
	whole := len(x.next) < maxKept
	for i := from; i < to; i++ {
		s := x.level[i].from
		if step := x.level[i].step; step != itself {
			w.Steps(s)
			s, _ = w.Take(s, step)
		}
		for step := range w.Steps(s) {
			next, ok := w.Take(s, step)
			if !ok {
				continue
			}
			seg.reached++
			if key := w.Key(next); !x.seen.has(key) {
				o := origin{uint32(x.first + i), uint16(step)}
				f := fresh[S]{origin: o, key: key, from: s, violation: w.Judge(s, next)}
				if whole {
					f.state = next
				}
				seg.fresh = append(seg.fresh, f)
			}
		}
		x.level[i] = unexpanded[S]{} // nobody needs it any more
	}
}

// merge adds what the segments found, in their order, up to the first that is wrong.
func (x *explorer[S]) merge(segments int) *Found {
	whole := len(x.next) < maxKept
	for i := range segments {
		seg := &x.parts[i]
		x.States += seg.reached
		for j := range seg.fresh {
			f := &seg.fresh[j]
			if !x.seen.add(f.key) {
				continue
			}
			x.Distinct++
			x.origins = append(x.origins, f.origin)
			if f.violation != "" {
				return &Found{Violation: f.violation, Path: x.path()}
			}
			if whole {
				x.next = append(x.next, unexpanded[S]{f.state, itself})
			} else {
				x.next = append(x.next, unexpanded[S]{f.from, int(f.step)})
			}
		}
		clear(seg.fresh)
	}
	return nil
}

// path leads to the state discovered last.
func (x *explorer[S]) path() []int {
	var path []int
	for i := uint32(len(x.origins) - 1); i > 0; i = x.origins[i].parent {
		path = append(path, int(x.origins[i].step))
	}
	slices.Reverse(path)
	return path
}
