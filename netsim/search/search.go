package search

import (
	"context"
	"errors"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"time"

	"cluster/splitbrain/netsim/world"
)

// Result is what a search came to.
type Result struct {
	Covered // of all rounds together; Depth and Frontier are those of the last
	Round   int
	Rounds  int
	Elapsed time.Duration
	Heap    uint64 // bytes in use after the last garbage collection
	Find    *Find  // nil if nothing was found
}

// What can end a search before it is exhausted, beside those who watch it.
const (
	byTime   = "time"
	byMemory = "memory"
	byStates = "states"
)

var errTime = errors.New(byTime)

// Search looks for a broken promise, or for a goal, until it has found one, nothing is left to try, or a limit or ctx ends
// it. watch is told every now and then how far it is, in the goroutine of the caller. The error says which of the options
// can't be.
//
// While it runs, the garbage collector of the whole process follows the search's limit of memory.
func Search(ctx context.Context, o Options, watch func(Result)) (Result, error) {
	if err := o.Validate(); err != nil {
		return Result{}, err
	}
	w, ops := o.open()
	s, err := o.scope(w, ops)
	if err != nil {
		return Result{}, err
	}
	defer debug.SetGCPercent(debug.SetGCPercent(800))
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(int64(o.Memory)))
	ctx, cancel := context.WithTimeoutCause(ctx, o.Time, errTime)
	defer cancel()
	r := run{Options: o, scope: s, start: w, began: time.Now(), watch: watch}
	r.all(ctx)
	return r.result, nil
}

// open returns the world in which the search begins, and how many operations each client has begun that the search's
// values must differ from.
func (o *Options) open() (w *world.World, ops int) {
	if o.Recording == nil {
		return opening(o.config(), o.From)
	}
	o.Recording = o.Recording.clone()
	if now := o.Recording.world.Disabled(); now|o.Without != now {
		o.Recording.apply(switched(now | o.Without))
	}
	return o.Recording.world, foreignOps
}

// foreignOps is where the numbers in the search's values begin in a world that may hold values of an earlier search.
const foreignOps = 50

// run is a search under way.
type run struct {
	Options
	*scope
	start  *world.World
	began  time.Time
	watch  func(Result)
	result Result
}

// all makes the rounds.
func (r *run) all(ctx context.Context) {
	rounds := r.rounds()
	r.result.Rounds = len(rounds)
	for i, one := range rounds {
		r.result.Round = i + 1
		before := r.result.Covered
		limits := Limits{
			Depth: r.Depth, States: one.states, Workers: r.workers(), Full: memoryFull(r.Memory),
			Watch: func(c Covered) { r.tell(before, c) },
		}
		first := r.initialState(r.start, one.Budget)
		covered, found := r.search(ctx, first, limits)
		r.tell(before, covered)
		if found != nil {
			r.result.Find = r.find(first, found)
			return
		}
		if covered.Ended != "" && covered.Ended != byStates {
			return
		}
	}
}

func (r *run) search(ctx context.Context, first *state, limits Limits) (Covered, *Found) {
	if r.Random {
		return randomWalk(ctx, space{r.scope}, first, r.Seed, limits)
	}
	return explore(ctx, space{r.scope}, first, limits)
}

// find makes a find of what was found. A loss that no client has seen yet is carried on until one sees it.
func (r *run) find(first *state, found *Found) *Find {
	actions, s := r.eventsOf(first, found.Path), *r.scope
	if r.goal == nil && r.properties == clientProperties {
		if more := r.untilSeen(first, found.Path); more != nil {
			actions, s.properties = append(actions, more...), 1<<linearizable
		}
	}
	rec := r.Recording
	if rec == nil {
		rec = record(r.config(), r.From)
	}
	return s.newFind(first, actions, found.Violation, rec)
}

// seen are the events by which a client comes to see what is wrong at the end of a path; none if it has, or never does.
func (r *run) untilSeen(first *state, path []int) []action {
	t := newTransition(r.scope)
	st := first
	for _, i := range path {
		st, _ = t.take(st, r.stepsOf(st, nil)[i])
	}
	s := *r.scope
	s.properties = 1 << linearizable
	end := *st
	end.left = Budget{Ops: 1, Silences: 1}.start()
	_, found := explore(context.Background(), space{&s}, &end, Limits{Workers: r.workers(), Depth: 12, States: 20_000})
	if found == nil {
		return nil
	}
	return s.eventsOf(&end, found.Path)
}

// tell adds what a round has covered to what those before it have.
func (r *run) tell(before, c Covered) {
	r.result.Elapsed, r.result.Heap = time.Since(r.began), heapLive()
	r.result.Covered = c
	r.result.States += before.States
	r.result.Distinct += before.Distinct
	if r.watch != nil {
		r.watch(r.result)
	}
}

// full reports whether the heap has grown too large to go on. What an earlier search or round has left behind counts only
// until it is collected.
func memoryFull(memory uint64) func() bool {
	over := func() bool { return heapLive() > memory/10*7 }
	return func() bool {
		if !over() {
			return false
		}
		runtime.GC()
		return over()
	}
}

// heapLive is how many bytes of the heap were in use after the last garbage collection.
func heapLive() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
