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

// What ends a search before it is exhausted, as Covered.Ended says it, unless its context does.
const (
	byTime   = "time"
	byMemory = "memory"
	byStates = "states"
)

var errTime = errors.New(byTime)

// Search looks for a violation, or for a goal, until it has found one, no state is left to try, or a limit or ctx ends
// the search. If watch is not nil, Search calls it with the progress every now and then, in its own goroutine. The error
// says which option is out of its limits.
//
// While Search runs, the garbage collector of the whole process follows o.Memory: two searches at once would disturb
// each other.
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

// open returns the world in which the search begins, and how many operations each client has begun: the values that the
// search writes must differ from theirs.
func (o *Options) open() (w *world.World, ops int) {
	if o.Recording == nil {
		return opening(o.config(), o.From)
	}
	o.Recording = o.Recording.clone()
	for _, e := range switched(o.Without &^ o.Recording.world.Disabled()) {
		o.Recording.apply(e)
	}
	return o.Recording.world, foreignOps
}

// foreignOps counts as the number of operations before a search from a recording. That world may hold values of an
// earlier search, which number operations from 1.
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

// all makes one round after the other until one finds something or a limit other than its states ends it.
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

// find makes a Find of found. If data are lost that no client has read yet, the find goes on until a client reads them:
// only that shows the damage.
func (r *run) find(first *state, found *Found) *Find {
	s := *r.scope
	actions, end := s.actionsOf(first, found.Path)
	if r.goal == nil && r.properties == clientProperties {
		if more := r.untilSeen(end); more != nil {
			actions, s.properties = append(actions, more...), 1<<linearizable
		}
	}
	rec := r.Recording
	if rec == nil {
		rec = record(r.config(), r.From)
	}
	return s.newFind(first, actions, found.Violation, rec)
}

// untilSeen returns actions after st by which a client gets an answer that is not linearizable; nil if a client has got
// one already, or if a short search finds none.
func (r *run) untilSeen(st *state) []action {
	s := *r.scope
	s.properties = 1 << linearizable
	end := *st
	end.left = Budget{Ops: 1, Silences: 1}.start()
	_, found := explore(context.Background(), space{&s}, &end, Limits{Workers: r.workers(), Depth: 12, States: 20_000})
	if found == nil {
		return nil
	}
	actions, _ := s.actionsOf(&end, found.Path)
	return actions
}

// tell tells the watcher what a round and those before it have covered.
func (r *run) tell(before, c Covered) {
	r.result.Elapsed, r.result.Heap = time.Since(r.began), heapLive()
	r.result.Covered = c
	r.result.States += before.States
	r.result.Distinct += before.Distinct
	if r.watch != nil {
		r.watch(r.result)
	}
}

// memoryFull returns a function that reports whether the heap has grown too large to go on. Garbage of an earlier search
// or round does not count: it is collected before the function says so.
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

// heapLive returns how many bytes of the heap were in use after the last garbage collection.
func heapLive() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
