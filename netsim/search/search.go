package search

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"sync/atomic"
	"time"

	"cluster/splitbrain/netsim/env"
	"cluster/splitbrain/netsim/world"
)

// Result is what a search came to.
type Result struct {
	Covered // of all rounds together; Depth and Frontier are those of the last
	Round   int
	Rounds  int
	Budget  Budget // of that round
	From    From   // where it begins; "" of a saved world
	Elapsed time.Duration
	Heap    uint64 // bytes in use after the last garbage collection
	Find    *Find  // nil if nothing was found
	// Of an exhaustive search whose goal was not reached: the first state of those nearest to it, and a deepest one.
	Nearest, Deepest *Find
	// Of a search that was ended by time, for memory, or by its context, if Options.Keep asks for it: what goes on from there.
	State   *State
	Walk    int64  // of a random search, the number of the walk that found something
	Shard   Shard  // of a random search
	Of      string // tells searches from each other that differ in more than their limits
	Goal    string // what was looked for in place of violations; "" if nothing
	Dear    string // the condition for which each state was tried in a fair future, like "broken answered"; "" if none was
	Version string // Options.Version
	Command string // Options.Command
}

// What ends a search, as Covered.Ended says it, unless its context does.
const (
	Exhausted = "exhausted" // nothing that the budget allows for was left to try
	ByFind    = "found"
	ByTime    = "time"
	ByMemory  = "memory"
	ByDepth   = "depth"
	ByWalks   = "walks"  // all walks that were asked for were gone
	byStates  = "states" // of a round before the last

	Interrupted = "interrupted" // by the context of the search, as a Report says it
)

var errTime = errors.New(ByTime)

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
	openings := o.openings()
	s, err := o.scope(openings[0])
	if err != nil {
		return Result{}, err
	}
	defer debug.SetGCPercent(debug.SetGCPercent(800))
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(int64(o.Memory)))
	ctx, cancel := context.WithTimeoutCause(ctx, o.Time, errTime)
	defer cancel()
	r := run{Options: o, scope: s, openings: openings, began: time.Now(), saved: time.Now(), watch: watch}
	r.result.Of, r.result.Shard, r.result.Version, r.result.Command = o.of(), o.Shard, o.Version, o.Command
	r.result.Dear = o.dear()
	if o.Goal != nil {
		r.result.Goal = o.Goal.Text
	}
	if err := r.all(ctx); err != nil {
		return Result{}, err
	}
	if o.Goal != nil && r.result.Find == nil && !o.Random {
		if err := r.notReached(); err != nil {
			return Result{}, err
		}
	}
	return r.result, nil
}

// opening is where a search, or a walk of it, begins.
type opening struct {
	from      From // which narrow rounds come first; of a saved world those of Steady
	world     *world.World
	ops       int               // that each client has begun: the values that the search writes must differ from theirs
	past      clientsPast       // what clients did in a saved world
	dataLost  bool              // the data were lost by design there
	recording func() *Recording // ends in a timed world that is like world
}

// openings returns where the search begins, of which walks choose.
func (o *Options) openings() []opening {
	switch {
	case o.Recording != nil:
		rec := o.Recording.clone()
		for _, e := range switched(o.Without &^ rec.world.Disabled()) {
			rec.apply(e)
		}
		return []opening{{Steady, rec.world, foreignOps, rec.clients, rec.dataLost, func() *Recording { return rec }}}
	case o.From != "" && !o.Random:
		return []opening{open(o.config(), o.From)}
	case !o.Random:
		return []opening{open(o.config(), Steady), open(o.config(), Start)}
	}
	return o.walksBegin()
}

// walksBegin returns where walks begin: at the start and in the steady service, with a filter that forgets nobody and one
// that has room for one client, unless the options say which.
func (o *Options) walksBegin() (all []opening) {
	froms, rooms := []From{o.From}, []int{o.FilterClients}
	if o.From == "" {
		froms = []From{Start, Steady}
	}
	if o.FilterClients == 0 {
		rooms = []int{0, 1}
	}
	for _, from := range froms {
		for _, room := range rooms {
			cfg := o.config()
			cfg.FilterClients = room
			all = append(all, open(cfg, from))
		}
	}
	return all
}

// foreignOps counts as the number of operations before a search from a recording. That world may hold values of an
// earlier search, which number operations from 1.
const foreignOps = 50

// run is a search under way.
type run struct {
	Options
	*scope
	openings []opening
	began    time.Time
	watch    func(Result)
	before   Covered   // by the rounds before this one
	saved    time.Time // when Options.Save was called last
	result   Result
	cut      []bool // of each opening, whether the newest round of the whole budget has left something that a longer one would try
	near     ended  // the round that came nearest to the goal
	deep     ended  // the round that went deepest
}

// ended is where the round of an index that found nothing has ended.
type ended struct {
	Round int
	Ends
}

// all makes one round after the other until one finds something or a limit other than its states ends it. The error says that
// it can't go on where it should.
func (r *run) all(ctx context.Context) error {
	rounds := r.rounds(r.openings)
	r.result.Rounds = len(rounds)
	r.cut = make([]bool, len(r.openings))
	begin, from, err := r.goOn(rounds)
	if err != nil {
		return err
	}
	if r.Recording != nil {
		if r.result.Find = r.brokenAlready(r.openings[0]); r.result.Find != nil {
			r.result.Ended = ByFind
			return nil
		}
	}
	for i := begin; i < len(rounds); i++ {
		one := rounds[i]
		if one.again && !r.cut[one.opening] && from == nil { // one that was interrupted goes on
			continue
		}
		r.result.Round, r.result.Budget, r.result.From = i+1, one.Budget, r.openings[one.opening].from
		if r.Recording != nil {
			r.result.From = ""
		}
		r.before = r.result.Covered
		limits := Limits{
			Depth: r.Depth, States: one.states, Workers: r.workers(), Full: memoryFull(r.Memory), Keep: r.Keep, From: from,
			Watch: r.tell,
		}
		from = nil
		covered, find, ends := r.round(ctx, one, limits)
		if ends.Err != nil {
			return ends.Err
		}
		if one.Budget == r.Budget {
			r.cut[one.opening] = covered.Ended == byStates || one.near && covered.Ended == ByDepth // a longer one tells how deep it is
		}
		r.tell(covered)
		if r.result.Find = find; find != nil {
			return nil
		}
		if ends.Left != nil {
			r.save(i, r.before, ends.Left)
		}
		ends.Left = nil
		r.note(ended{i, ends})
		if !slices.Contains([]string{Exhausted, ByDepth, byStates}, covered.Ended) {
			return nil
		}
	}
	return nil
}

// brokenAlready returns a Find without events if a promise is broken where o is; nil if none is.
func (r *run) brokenAlready(o opening) *Find {
	s := r.from(o)
	first := s.initialState(o.world, r.Budget)
	violation := s.brokenAtFirst(first)
	if violation == "" {
		return nil
	}
	f := s.emptyFind(first, violation, o.recording())
	f.Confirmed = true
	return f
}

// round makes one round.
func (r *run) round(ctx context.Context, one round, limits Limits) (Covered, *Find, Ends) {
	if r.Random {
		covered, find, err := r.walks(ctx, one.Budget, limits)
		return covered, find, Ends{Err: err}
	}
	o := r.openings[one.opening]
	s := r.from(o)
	first := s.initialState(o.world, one.Budget)
	var futures atomic.Int64
	if limits.From != nil {
		futures.Store(int64(limits.From.Covered.Futures))
	}
	sure := futures.Load() // before the batch that is under way
	limits.Begins = func() { sure = futures.Load() }
	limits.Save = r.saving(&futures)
	all, start := newSpace(s, first, &futures)
	covered, found, ends := explore(ctx, all, start, limits)
	if ends.Broken {
		futures.Store(sure)
	}
	covered.Futures = int(futures.Load())
	if ends.Left != nil {
		ends.Left.Covered.Futures = covered.Futures
	}
	if found == nil {
		return covered, nil, ends
	}
	actions, end, err := s.actionsOf(first, found.Path)
	if err != nil {
		return covered, nil, Ends{Err: err}
	}
	return covered, r.find(o, first, actions, end, found.Violation), ends
}

// walks makes the one round of a random search.
func (r *run) walks(ctx context.Context, budget Budget, limits Limits) (Covered, *Find, error) {
	var all coverage
	limits.Walks = WalkRange{Shard: r.Shard, Most: r.Walks}
	gone := Covered{}
	if r.Resume != nil {
		s := r.Resume.s
		if err := r.ours(&s); err != nil {
			return gone, nil, err
		}
		if s.Walks < 0 || s.Steps < 0 || s.Longest < 0 {
			return gone, nil, errDamaged
		}
		limits.Walks.Gone, all = s.Walks, coverage{s.SeenRefused, s.SeenDecided}
		gone.States, gone.Depth = s.Steps, s.Longest
	}
	roamers := make([]Roamer[*state], limits.Workers)
	for i := range roamers {
		roamers[i] = &eventRoamer{scope: r.scope, openings: r.openings, budget: budget}
	}
	covered, found := r.walkOn(ctx, roamers, limits, gone, func() coverage {
		for _, one := range roamers {
			all.add(one.(*eventRoamer).seen)
		}
		return all
	})
	seen := all.seen()
	covered.Seen = &seen
	if found == nil {
		if r.Keep && covered.Ended != ByWalks {
			r.saveWalks(covered, all)
		}
		return covered, nil, nil
	}
	r.result.Walk = found.Walk
	again := &eventRoamer{scope: r.scope, openings: r.openings, budget: budget, keeping: true}
	walk(again, r.Seed, found.Walk)
	return covered, r.find(again.begun, again.first(), again.kept, again.last, found.Violation), nil
}

// find makes a Find of actions, which lead from first to end and a violation. If data are lost that no client has read
// yet, the find goes on until a client reads them, where untilSeen finds how: only that shows the damage.
func (r *run) find(o opening, first *state, actions []action, end *state, violation string) *Find {
	s := r.from(o)
	if p, _ := brokenIn(violation); p == nothingLost && r.goal == nil && r.properties == clientProperties {
		if f := r.seen(o, first, actions, end, violation); f != nil {
			return f
		}
	}
	return s.newFind(first, actions, violation, o.recording())
}

// seen is the Find of actions that goes on until a client reads what was lost; nil if there is none. Much of a walk is in the way
// of what follows: it goes on from the events that are needed, or else from all.
func (r *run) seen(o opening, first *state, actions []action, end *state, violation string) *Find {
	s, ways := r.from(o), [][]action{actions}
	if r.Random {
		least, _ := shrink(actions, func(a []action) ([]action, string) { _, went, still := s.follow(first, a); return went, still })
		ways = [][]action{least, actions}
	}
	reads := *s
	reads.properties = 1 << linearizable
	for _, way := range ways {
		if r.Random {
			end, _, _ = s.follow(first, way)
		}
		if more := r.untilSeen(reads, end); more != nil {
			if f := reads.newFind(first, slices.Concat(way, more), violation, o.recording()); f.Confirmed {
				return f
			}
		}
	}
	return nil
}

// untilSeen returns actions after st, where a value is lost, by which a client gets an answer that breaks a promise of s; nil if
// a short search finds none.
func (r *run) untilSeen(s scope, st *state) []action {
	end := *st
	if _, l, ok := s.loser(st, s.ableOnes(st.world)); ok { // clients operate on the first key
		s.keys = slices.Clone(s.keys)
		s.keys[0], s.keys[l.at] = s.keys[l.at], s.keys[0]
		end.judges[0], end.judges[l.at] = end.judges[l.at], end.judges[0]
	}
	end.left = Budget{Ops: 1, Silences: 1}.start()
	s.workload = nil
	all, start := newSpace(&s, &end, new(atomic.Int64))
	_, found, _ := explore(context.Background(), all, start, Limits{Workers: r.workers(), Depth: 12, States: 20_000})
	if found == nil {
		return nil
	}
	actions, _, _ := s.actionsOf(&end, found.Path)
	return actions
}

// note keeps where a round has ended if no round came nearer to the goal, or deeper.
func (r *run) note(e ended) {
	if r.near.Deepest == nil || e.Far < r.near.Far {
		r.near = e
	}
	if len(e.Deepest) >= len(r.deep.Deepest) {
		r.deep = e
	}
}

// notReached makes Finds of the state that is nearest to the goal, and of the one that was reached last, on whose way nothing is
// left out.
func (r *run) notReached() error {
	o, s, first := r.begin(r.near)
	s.goal = r.Goal.within(r.near.Far)
	actions, end, err := s.actionsOf(first, r.near.Nearest)
	if err != nil {
		return err
	}
	r.result.Nearest = s.newFind(first, actions, s.violation(first, end), o.recording())
	o, s, first = r.begin(r.deep)
	if actions, _, err = s.actionsOf(first, r.deep.Deepest); err != nil {
		return err
	}
	r.result.Deepest = s.wholeFind(first, actions, fmt.Sprintf("not reached: %s; this is one of the deepest states", r.Goal.Text), o.recording())
	return nil
}

// begin returns where a round began that has ended, and its scope and first state.
func (r *run) begin(e ended) (opening, *scope, *state) {
	one := r.rounds(r.openings)[e.Round]
	o := r.openings[one.opening]
	s := r.from(o)
	return o, s, s.initialState(o.world, one.Budget)
}

// tell tells the watcher what a round and those before it have covered.
func (r *run) tell(c Covered) {
	r.result.Elapsed, r.result.Heap = r.elapsed(), env.Heap()
	r.result.Covered = c
	r.result.States += r.before.States
	r.result.Distinct += r.before.Distinct
	r.result.Futures += r.before.Futures
	if r.watch != nil {
		r.watch(r.result)
	}
}

// elapsed is how long the search has taken so far, with what came before it was interrupted.
func (r *run) elapsed() time.Duration {
	took := time.Since(r.began)
	if r.Resume != nil {
		took += r.Resume.s.Elapsed
	}
	return took
}

// memoryFull returns a function that reports whether the heap has grown too large to go on. Garbage of an earlier search
// or round does not count: it is collected before the function says so.
func memoryFull(memory uint64) func() bool {
	over := func() bool { return env.Heap() > memory/10*7 }
	return func() bool {
		if !over() {
			return false
		}
		runtime.GC()
		return over()
	}
}
