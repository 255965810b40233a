package search

import (
	"context"
	"sync/atomic"
	"testing"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/world"
	"cluster/splitbrain/viewservice/rules"
)

// tiny returns a small search, for tests that enumerate all of it.
func tiny(t *testing.T, servers, clients int, from From, budget Budget, without ...rules.Rule) (*scope, *state) {
	t.Helper()
	o := unhurried
	o.Servers, o.Clients, o.From, o.Without = servers, clients, from, rules.Without(without...)
	begin := open(o.config(), o.From)
	s, err := o.scope(begin)
	if err != nil {
		t.Fatal(err)
	}
	return s, s.initialState(begin.world, budget)
}

// tryAll tries everything up to a depth, level by level, and no state of an identity twice. It tells of each step, and of each
// state when it comes to it first. It returns how many there are.
func tryAll[K comparable](s *scope, first *state, depth int, identity func(*walker, *state) K, step func(from, to *state), fresh func(K, *state)) int {
	all, first := newSpace(s, first, new(atomic.Int64))
	w := all.Walker().(*walker)
	seen := map[K]bool{}
	is := func(st *state) bool {
		k := identity(w, st)
		if seen[k] {
			return false
		}
		seen[k] = true
		fresh(k, st)
		return true
	}
	is(first)
	for level := []*state{first}; depth > 0; depth-- {
		var next []*state
		for _, st := range level {
			for i := range w.Steps(st) {
				n, ok := w.Take(st, i)
				if !ok {
					continue
				}
				if step(st, n); is(n) {
					next = append(next, n)
				}
			}
		}
		level = next
	}
	return len(seen)
}

// reached are all states up to a depth by their forms, with one moment of each: found by remembering forms instead of keys.
func reached(s *scope, first *state, depth int) map[string]*state {
	all := map[string]*state{}
	tryAll(s, first, depth, func(_ *walker, st *state) string { return formOf(s, st) },
		func(_, _ *state) {}, func(form string, st *state) { all[form] = st })
	return all
}

var tinyWorlds = []struct {
	name             string
	servers, clients int
	from             From
	budget           Budget
	depth            int
}{
	{"steady, nothing goes wrong", 3, 2, Steady, Budget{Ops: 2}, 6},
	{"steady, all kinds of trouble", 3, 2, Steady, Budget{Ops: 1, Crashes: 1, Losses: 1, Duplicates: 1, Silences: 1, Late: 1}, 3},
	{"steady, two die", 3, 1, Steady, Budget{Crashes: 1, Silences: 1}, 7},
	{"start", 3, 2, Start, Budget{Ops: 1}, 6},
	{"start, trouble", 3, 2, Start, Budget{Ops: 1, Crashes: 1, Losses: 1, Silences: 1}, 4},
	{"start, four servers", 4, 1, Start, Budget{Crashes: 1}, 5},
}

func TestExploreReachesWhatThereIs(t *testing.T) {
	for _, test := range tinyWorlds {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s, first := tiny(t, test.servers, test.clients, test.from, test.budget)
			want := len(reached(s, first, test.depth))
			for workers := 1; workers <= 2; workers++ {
				all, start := newSpace(s, first, new(atomic.Int64))
				covered, found, _ := explore(context.Background(), all, start, Limits{Depth: test.depth, Workers: workers})
				if found != nil || covered.Distinct != want {
					t.Errorf("%d workers: %d distinct states, %v; want %d", workers, covered.Distinct, found, want)
				}
			}
		})
	}
}

// Names make as many states of one as there are names: a search that tells all names apart reaches exactly those
// states that are, but for names, the ones that the other reaches.
func TestStatesThatDifferInNamesAreOne(t *testing.T) {
	unraced(t)
	for _, test := range tinyWorlds {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s, first := tiny(t, test.servers, test.clients, test.from, test.budget)
			want := len(reached(s, first, test.depth))
			named := *s
			named.symmetric = false
			all := reached(&named, first, test.depth)
			orbits := map[string]bool{}
			for _, st := range all {
				orbits[formOf(s, st)] = true
			}
			if len(orbits) != want || test.from == Start && len(all) <= want {
				t.Errorf("%d states, %d but for names; want %d", len(all), len(orbits), want)
			}
		})
	}
}

// Whatever the cores can come to when every event is on its own, they come to by the steps of the search in no more
// steps, if it may lose and delay as it likes.
func TestStepsMissNothing(t *testing.T) {
	unraced(t)
	tests := []struct {
		name    string
		servers int
		from    From
		budget  Budget
		depth   int
	}{
		{"steady", 3, Steady, Budget{Silences: 2}, 5},
		{"steady, a crash", 3, Steady, Budget{Silences: 1, Crashes: 1}, 5},
		{"steady, an operation", 2, Steady, Budget{Silences: 1, Ops: 1}, 5},
		{"start", 2, Start, Budget{Silences: 1}, 6},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			budget := test.budget
			budget.Losses, budget.Late = maxBudget, maxBudget
			s, first := tiny(t, test.servers, 1, test.from, budget)
			s.symmetric = false
			have := map[string]bool{}
			for _, st := range reached(s, first, test.depth) {
				have[coresOf(s, st.world)] = true
			}
			all := everything(s, first.world, test.budget, test.depth)
			for form, how := range all {
				if !have[form] {
					t.Fatalf("never reached: %s", how)
				}
			}
			t.Logf("%d states of the cores by single events, %d by steps", len(all), len(have))
		})
	}
}

// coresOf is what the cores of the viewservice and the servers have come to.
func coresOf(s *scope, w *world.World) string {
	f := newCanonicalizer(s)
	f.renaming.names, f.renaming.boots = ownNames(), new(boots)
	for i := range s.servers { // a server that restarted is another
		f.renaming.boots.all = append(f.renaming.boots.all, boot{uint8(i), uint64(i + 1)})
	}
	b := f.appendNode(nil, w, world.Viewservice)
	for i := range s.servers {
		b = f.appendNode(b, w, world.Server(i+1))
	}
	return string(b)
}

// everything is what the cores can come to in so many single events, with a way there. Messages are neither lost nor
// doubled: they may be under way for ever.
func everything(s *scope, w *world.World, most Budget, depth int) map[string]string {
	type place struct {
		w    *world.World
		left budget
		way  string
	}
	found := map[string]string{coresOf(s, w): ""}
	seen := map[uint64]bool{w.Hash(): true}
	level := []place{{w, most.start(), ""}}
	for range depth {
		var next []place
		for _, p := range level {
			for _, e := range singleEvents(s, p.w, &p.left) {
				n := place{p.w.Clone(), p.left, p.way + e.String() + ", "}
				if !pay(&n.left, p.w, e) || n.w.Apply(e) != nil {
					continue
				}
				if h := n.w.Hash(); !seen[h] {
					seen[h] = true
					next = append(next, n)
					found[coresOf(s, n.w)] = n.way
				}
			}
		}
		level = next
	}
	return found
}

func singleEvents(s *scope, w *world.World, left *budget) []world.Action {
	all := w.Events()
	if left.ops > 0 && !w.Running(world.Client(1)) && viewOf(w).Viewnum > 0 {
		op := firstOps(engine.Config{Clients: 1})[0]
		op.Op.Value = token(0, uint64(s.ops)+1)
		all = append(all, op)
	}
	return all
}

// pay takes an event from the budget, if it is one that the search has.
func pay(left *budget, w *world.World, e world.Action) bool {
	switch e.Kind {
	case world.Invoke:
		return spend(&left.ops)
	case world.Crash:
		return e.Node != world.Viewservice && spend(&left.crashes)
	case world.DeclareDead:
		return !up(w, e.Node) || spend(&left.silences)
	case world.Tick, world.Deliver, world.Restart:
		return true
	}
	return false
}
