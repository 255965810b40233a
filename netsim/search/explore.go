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
	// Drop says that nobody uses next any more, which Take has returned, ok or not.
	Drop(next S)
	// Key returns the key of the canonical form of s.
	Key(s S) Key
	// Judge says which property next violates, a successor of s with that key; "" if none.
	Judge(s, next S, key Key) string
	// JudgeStep says which property the step from s to next violates, where next was reached before; "" if none.
	JudgeStep(s, next S) string
	// Far says how far next, a successor of s, is from what the search looks for; 0 if it looks for nothing.
	Far(s, next S) int
}

// Limits say when a search ends before it has seen all. The context ends a search too.
type Limits struct {
	Depth   int         // steps from the start; 0: no limit
	States  int         // distinct ones, or a few more; 0: no limit
	Workers int         // at least 1
	Full    func() bool // reports that memory has run out; asked once per 2,048 states
	Keep    bool        // what the search needs to go on is wanted
	// Save, if not nil, is called between two batches, by the goroutine that called the search. Until it returns, left says how the
	// search goes on from there.
	Save   func(left func() *Levels)
	Begins func()        // if not nil, called before each batch, by that goroutine too
	From   *Levels       // if not nil, where the search goes on; it is of the same space and start
	Walks  WalkRange     // of a random search
	Watch  func(Covered) // if not nil, called with the progress, by the goroutine that called the search
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
	readers []*reader[S]
	seen    visited
	origins origins  // of every distinct state, by its number: in the order in which they were found
	first   int      // the number of the first state of the level whose steps are tried now
	count   int      // and how many that level has; all later numbers are of the next one
	whole   whole[S] // states of this level, or of an earlier one, from which later ones are made again
	next    whole[S] // states of the next level, up to maxKept
	near    uint32   // the number of the state that is nearest to what is looked for, the first of several
	far     int      // and how far it is
	kept    *Levels
	astray  atomic.Bool // a state that was restored can't be made again
	broken  atomic.Bool // the context ended in the middle of a batch, which counts for nothing
	parts   [batchStates / segmentStates]segment[S]
	Covered
}

// maxKept is how many states of one level are kept as they are. Of a larger level none is, to save memory: its states are made
// again by their steps from the newest level that is whole. Since states are found in the order of their parents, neighbours have
// most of their way in common, and a level that is so large has fewer parents than states. The farther that whole level is, the
// more states are kept: where levels no longer grow, the way from there would cost more than the rest.
const maxKept = 20_000

// whole are states that are kept as they are, with numbers in a row.
type whole[S any] struct {
	first  int // the number of states[0]
	depth  int
	states []S
}

// origin says how a state was first reached.
type origin struct {
	parent uint32 // its number
	step   uint16
}

// origins are those of states with numbers from 0 on. They are in pieces, so that growing copies nothing.
type origins struct {
	pieces []*piece
	n      int
}

// piece is some origins in a row, of six bytes each.
type piece struct {
	parents [pieceSize]uint32
	steps   [pieceSize]uint16
}

const pieceSize = 1 << 12

// add gives the next state an origin, and returns its number.
func (a *origins) add(o origin) uint32 {
	number := a.n
	if number == pieceSize*len(a.pieces) {
		a.pieces = append(a.pieces, new(piece))
	}
	p, i := a.pieces[number/pieceSize], number%pieceSize
	p.parents[i], p.steps[i] = o.parent, o.step
	a.n++
	return uint32(number)
}

// at returns the origin of the state of a number.
func (a *origins) at(number int) origin {
	p, i := a.pieces[number/pieceSize], number%pieceSize
	return origin{p.parents[i], p.steps[i]}
}

// segment is what one worker found in a part of a batch.
type segment[S any] struct {
	reached int
	fresh   []fresh[S]
}

// fresh is a state that was not in the visited set before the batch, or one that a step has reached that violates something.
type fresh[S any] struct {
	origin
	key       Key
	state     S // if it is to be kept
	violation string
	far       int
}

// Ends are the paths to two states of a search that has found nothing.
type Ends struct {
	Nearest []int   // to the state that is nearest to what was looked for, the first of several
	Far     int     // how far that is
	Deepest []int   // to the state that was reached last
	Left    *Levels `json:"-"` // if the search was ended by its context or for memory, and that is wanted
	Broken  bool    `json:"-"` // the context ended in the middle of a batch, which counts for nothing
	Err     error   `json:"-"` // why the search can't go on where it should
}

// explore searches breadth-first from start. Of several violations it returns the first by the order of levels, then of
// states, then of steps: the same for every number of workers. If it finds nothing it returns what it came to.
func explore[S any](ctx context.Context, space Space[S], start S, limits Limits) (Covered, *Found, Ends) {
	x := &explorer[S]{limits: limits, count: 1, whole: whole[S]{states: []S{start}}, next: whole[S]{first: 1, depth: 1}}
	for range limits.Workers {
		x.readers = append(x.readers, &reader[S]{x: x, Walker: space.Walker()})
	}
	key := x.readers[0].Key(start)
	x.seen.add(key)
	x.origins.add(origin{})
	x.States, x.Distinct = 1, 1
	if violation := x.readers[0].Judge(start, start, key); violation != "" {
		x.Ended = ByFind
		return x.Covered, &Found{Violation: violation}, Ends{}
	}
	x.far = x.readers[0].Far(start, start)
	if limits.From != nil {
		if err := x.restore(limits.From); err != nil {
			return Covered{}, nil, Ends{Err: err}
		}
	}
	found := x.levels(ctx)
	if x.astray.Load() {
		return Covered{}, nil, Ends{Err: errDamaged}
	}
	if found != nil {
		x.Ended = ByFind
	}
	x.tell()
	return x.Covered, found, Ends{
		Nearest: x.path(x.near), Far: x.far, Deepest: x.path(uint32(x.origins.n - 1)), Left: x.kept, Broken: x.broken.Load(),
	}
}

func (x *explorer[S]) levels(ctx context.Context) *Found {
	for x.count > 0 && (x.limits.Depth == 0 || x.Depth < x.limits.Depth) {
		for at := 0; at < x.count; at += batchStates {
			if x.limits.Begins != nil {
				x.limits.Begins()
			}
			x.Frontier = x.origins.n - x.first - at
			if x.Ended = x.mustEnd(ctx); x.Ended != "" {
				if x.limits.Keep && x.Ended != byStates {
					x.kept = x.left(at)
				}
				return nil
			}
			if x.limits.Save != nil {
				x.limits.Save(func() *Levels { return x.left(at) })
			}
			n := x.expand(ctx, x.first+at, min(batchStates, x.count-at))
			if x.astray.Load() {
				return nil
			}
			if x.broken.Load() {
				if x.Ended = context.Cause(ctx).Error(); x.limits.Keep {
					x.kept = x.left(at)
				}
				return nil
			}
			if found := x.merge(n); found != nil {
				x.Depth++
				return found
			}
		}
		x.nextLevel()
	}
	x.Frontier, x.Ended = x.count, Exhausted
	if x.Frontier > 0 {
		x.Ended = ByDepth
	}
	return nil
}

// nextLevel goes on with the states of the next level.
func (x *explorer[S]) nextLevel() {
	x.first += x.count
	x.count = x.origins.n - x.first
	if len(x.next.states) == x.count {
		x.whole = x.next
	}
	if x.count > 0 {
		x.Depth++
	}
	x.next = whole[S]{first: x.origins.n, depth: x.Depth + 1}
}

// mustEnd tells the progress, and says what ends the search now; "" if nothing does.
func (x *explorer[S]) mustEnd(ctx context.Context) string {
	x.tell()
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx).Error()
	case x.limits.Full != nil && x.limits.Full():
		return ByMemory
	case x.limits.States > 0 && x.Distinct >= x.limits.States, x.origins.n > math.MaxInt32:
		return byStates
	}
	return ""
}

func (x *explorer[S]) tell() {
	if x.limits.Watch != nil {
		x.limits.Watch(x.Covered)
	}
}

// expand lets the workers try the steps of the n states from number first on. It returns, once all workers have ended, how
// many of x.parts are filled.
func (x *explorer[S]) expand(ctx context.Context, first, n int) int {
	segments := (n + segmentStates - 1) / segmentStates
	var taken atomic.Int64
	var work sync.WaitGroup
	for _, r := range x.readers[:min(len(x.readers), segments)] {
		work.Go(func() {
			for i := int(taken.Add(1)) - 1; i < segments; i = int(taken.Add(1)) - 1 {
				from := first + i*segmentStates
				x.tryAll(ctx, r, &x.parts[i], from, min(from+segmentStates, first+n))
			}
		})
	}
	work.Wait()
	return segments
}

// tryAll expands the states from number from up to number to, unless ctx ends.
func (x *explorer[S]) tryAll(ctx context.Context, r *reader[S], seg *segment[S], from, to int) {
	seg.reached, seg.fresh = 0, seg.fresh[:0]
	keep := x.keeps()
	for number := from; number < to; number++ {
		if ctx.Err() != nil {
			x.broken.Store(true)
			return
		}
		s, ok := r.state(number, x.Depth)
		if !ok {
			x.astray.Store(true)
			return
		}
		r.next = r.next[:0]
		for step := range r.Steps(s) {
			next, ok := r.Take(s, step)
			if !ok {
				r.Drop(next)
				continue
			}
			r.next = append(r.next, successor[S]{step: uint16(step), state: next, key: r.Key(next)})
		}
		seg.reached += len(r.next)
		for i := range r.next { // one look after the other: they wait for memory together
			r.next[i].known = x.seen.has(r.next[i].key)
		}
		for _, n := range r.next {
			f := fresh[S]{origin: origin{uint32(number), n.step}, key: n.key}
			if n.known {
				if f.violation = r.JudgeStep(s, n.state); f.violation == "" {
					r.Drop(n.state)
					continue
				}
			} else {
				f.violation, f.far = r.Judge(s, n.state, n.key), r.Far(s, n.state)
			}
			if keep {
				f.state = n.state
			} else {
				r.Drop(n.state)
			}
			seg.fresh = append(seg.fresh, f)
		}
	}
}

// keeps reports whether the next level is small enough so far to be kept whole.
func (x *explorer[S]) keeps() bool {
	found := x.origins.n - x.next.first
	return found == len(x.next.states) && found < maxKept*(1+(x.Depth-x.whole.depth)/2)
}

// merge adds what the first segments of x.parts hold to the visited set, in their order, up to the first violation.
func (x *explorer[S]) merge(segments int) *Found {
	keep := x.keeps()
	if !keep {
		x.next.states = nil
	}
	for i := range segments {
		seg := &x.parts[i]
		x.States += seg.reached
		for j := range seg.fresh {
			f := &seg.fresh[j]
			isNew := x.seen.add(f.key)
			if isNew {
				x.Distinct++
			}
			if f.violation != "" {
				return &Found{Violation: f.violation, Path: append(x.path(f.parent), int(f.step))}
			}
			if !isNew {
				continue
			}
			newest := x.origins.add(f.origin)
			if f.far < x.far {
				x.near, x.far = newest, f.far
			}
			if keep {
				x.next.states = append(x.next.states, f.state)
			}
		}
		clear(seg.fresh)
	}
	return nil
}

// path returns the steps from the start to the state of that number.
func (x *explorer[S]) path(number uint32) []int {
	var path []int
	for number > 0 {
		o := x.origins.at(int(number))
		path, number = append(path, int(o.step)), o.parent
	}
	slices.Reverse(path)
	return path
}
