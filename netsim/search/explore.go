package search

import (
	"context"
	"math"
	"slices"
	"sync"
	"sync/atomic"
)

// Space is a set of states with the steps between them: a graph, which the search goes through. States are immutable.
// Safe for concurrent use.
type Space[S any] interface {
	// Walker returns a Walker for one goroutine.
	Walker() Walker[S]
}

// Walker finds the successors of states. It owns the buffers for that. Not safe for concurrent use.
type Walker[S any] interface {
	// Steps returns how many steps are possible in s. Their order depends on s alone.
	Steps(s S) int
	// Take returns the successor of s by step i, from 0. Steps(s) must have been the last call of Steps. ok is false
	// if the step leads nowhere new: to s itself, or to the successor by another step.
	Take(s S, i int) (next S, ok bool)
	// Key returns the key of the canonical form of s.
	Key(s S) Key
	// Judge says which property next violates, a successor of s; "" if none.
	Judge(s, next S) string
	// Far says how far next, a successor of s, is from what the search looks for; 0 if it looks for nothing.
	Far(s, next S) int
}

// Limits say when a search ends before it has seen all. The context ends a search too.
type Limits struct {
	Depth   int           // steps from the start; 0: no limit
	States  int           // distinct ones, or a few more; 0: no limit
	Workers int           // at least 1
	Full    func() bool   // reports that memory has run out; asked once per 2,048 states
	Keep    bool          // what the search needs to go on is wanted
	From    *Levels       // if not nil, where the search goes on; it is of the same space and start
	Walks   WalkRange     // of a random search
	Watch   func(Covered) // if not nil, called with the progress, by the goroutine that called the search
}

// Covered says how much a search has seen.
type Covered struct {
	States   int    // states reached, counted each time; of a random search, steps
	Distinct int    // distinct states; 0 of a random search, which remembers none
	Depth    int    // steps from the start to the deepest state
	Frontier int    // states whose steps have not been tried
	Walks    int    // of a random search, walks begun
	Seen     *Seen  // of a random search that has ended
	Futures  int    // fair futures that were tried
	Ended    string // Exhausted, or what else ended the search, such as ByTime or the cause of its context; "" before its end
}

// Found is a violation with the path from the start to it.
type Found struct {
	Violation string // as Walker.Judge says it
	Path      []int  // the steps to it, as Walker.Take numbers them
}

// How many states are expanded between two merges, and by one worker at a time. Neither number depends on the number
// of workers, so that the order in which states are found doesn't.
const (
	batchStates   = 2048
	segmentStates = 32
)

// explorer is one breadth-first search. It goes batch by batch: the workers expand the states of a batch, and only
// read the visited set; then one goroutine merges what they found into it, in the order of the batch.
type explorer[S any] struct {
	limits  Limits
	walkers []Walker[S]
	seen    visited
	origins []origin        // of every distinct state, in the order in which they were found
	level   []unexpanded[S] // states whose steps are tried now
	first   int             // the number of level[0]
	next    []unexpanded[S]
	near    uint32 // the number of the state that is nearest to what is looked for, the first of several
	far     int    // and how far it is
	kept    *Levels
	parts   [batchStates / segmentStates]segment[S]
	Covered
}

// unexpanded is a state whose steps are yet to be tried. Of a large level only the first states are kept as they are,
// to save memory. Each other is kept as a step from the state before it, of which there are fewer, and made again.
type unexpanded[S any] struct {
	from S
	step int // from the state, or itself
}

const (
	itself  = -1     // from is the state
	maxKept = 20_000 // states of one level are kept as they are
)

// origin says how a state was first reached.
type origin struct {
	parent uint32 // index in explorer.origins
	step   uint16
}

// segment is what one worker found in a part of a batch.
type segment[S any] struct {
	reached int
	fresh   []fresh[S]
}

// fresh is a state that was not in the visited set before the batch.
type fresh[S any] struct {
	origin
	key       Key
	from      S // the state before it
	state     S // if it is to be kept
	violation string
	far       int
}

// Ends are the paths to two states of a search that has found nothing.
type Ends struct {
	Nearest []int   // to the state that is nearest to what was looked for, the first of several
	Far     int     // how far that is
	Deepest []int   // to the state that was reached last
	Left    *Levels // if the search was ended by its context or for memory, and that is wanted
	Err     error   // why the search can't go on where it should
}

// explore searches breadth-first from start. Of several violations it returns the first by the order of levels, then of
// states, then of steps: the same for every number of workers. If it finds nothing it returns what it came to.
func explore[S any](ctx context.Context, space Space[S], start S, limits Limits) (Covered, *Found, Ends) {
	x := &explorer[S]{limits: limits, level: []unexpanded[S]{{start, itself}}}
	for range limits.Workers {
		x.walkers = append(x.walkers, space.Walker())
	}
	x.seen.add(x.walkers[0].Key(start))
	x.origins = []origin{{}}
	x.States, x.Distinct = 1, 1
	if violation := x.walkers[0].Judge(start, start); violation != "" {
		x.Ended = ByFind
		return x.Covered, &Found{Violation: violation}, Ends{}
	}
	x.far = x.walkers[0].Far(start, start)
	if limits.From != nil {
		if err := x.restore(start, limits.From); err != nil {
			return Covered{}, nil, Ends{Err: err}
		}
	}
	found := x.levels(ctx)
	if found != nil {
		x.Ended = ByFind
	}
	x.tell()
	return x.Covered, found, Ends{Nearest: x.path(x.near), Far: x.far, Deepest: x.path(uint32(len(x.origins) - 1)), Left: x.kept}
}

func (x *explorer[S]) levels(ctx context.Context) *Found {
	for len(x.level) > 0 && (x.limits.Depth == 0 || x.Depth < x.limits.Depth) {
		for at := 0; at < len(x.level); at += batchStates {
			x.Frontier = len(x.level) - at + len(x.next)
			if x.Ended = x.mustEnd(ctx); x.Ended != "" {
				if x.limits.Keep && x.Ended != byStates {
					x.kept = x.left(at)
				}
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
	x.Frontier, x.Ended = len(x.level), Exhausted
	if x.Frontier > 0 {
		x.Ended = ByDepth
	}
	return nil
}

// mustEnd tells the progress, and says what ends the search now; "" if nothing does.
func (x *explorer[S]) mustEnd(ctx context.Context) string {
	x.tell()
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx).Error()
	case x.limits.Full != nil && x.limits.Full():
		return ByMemory
	case x.limits.States > 0 && x.Distinct >= x.limits.States, len(x.origins) > math.MaxInt32:
		return byStates
	}
	return ""
}

func (x *explorer[S]) tell() {
	if x.limits.Watch != nil {
		x.limits.Watch(x.Covered)
	}
}

// expand lets the workers try the steps of the n states from level[at] on. It returns, once all workers have ended, how
// many of x.parts are filled.
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
				f := fresh[S]{origin: o, key: key, from: s, violation: w.Judge(s, next), far: w.Far(s, next)}
				if whole {
					f.state = next
				}
				seg.fresh = append(seg.fresh, f)
			}
		}
		x.level[i] = unexpanded[S]{} // nobody needs it any more
	}
}

// merge adds what the first segments of x.parts hold to the visited set, in their order, up to the first violation.
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
			newest := uint32(len(x.origins) - 1)
			if f.violation != "" {
				return &Found{Violation: f.violation, Path: x.path(newest)}
			}
			if f.far < x.far {
				x.near, x.far = newest, f.far
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

// path returns the steps from the start to the state of that number.
func (x *explorer[S]) path(number uint32) []int {
	var path []int
	for i := number; i > 0; i = x.origins[i].parent {
		path = append(path, int(x.origins[i].step))
	}
	slices.Reverse(path)
	return path
}
