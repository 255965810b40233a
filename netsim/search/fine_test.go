package search

import (
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"cluster/splitbrain/netsim/world"
)

// fineWorlds are small worlds in which each reduction is taken out.
var fineWorlds = []struct {
	name             string
	servers, clients int
	from             From
	budget           Budget
	depth            int
}{
	{"operations", 2, 2, Steady, Budget{Ops: 2, Losses: 1, Duplicates: 1}, 4},
	{"an operation and a wrong death", 3, 1, Steady, Budget{Ops: 1, Silences: 1}, 4},
	{"crashes", 3, 1, Steady, Budget{Ops: 1, Crashes: 1}, 4},
	{"start", 2, 1, Start, Budget{Ops: 1, Crashes: 1}, 5},
}

// seenBy is what a search of all steps up to a depth comes to.
type seenBy struct {
	cores    map[string]bool // what the cores of the viewservice and of the servers come to
	distinct int             // states
	broken   map[string]bool // promises that are broken somewhere
}

func seen(s *scope, first *state, depth int) seenBy {
	all := seenBy{cores: map[string]bool{}, broken: map[string]bool{}}
	step := func(from, to *state) {
		if why := s.violation(from, to); why != "" {
			name, _, _ := strings.Cut(why, ":")
			all.broken[name] = true
		}
	}
	all.distinct = tryAll(s, first, depth, (*walker).Key, step, func(_ Key, st *state) { all.cores[coresOf(s, st.world)] = true })
	return all
}

// hidden says what the cores, and promises, come to without a reduction and never with it.
func hidden(without, with seenBy) (cores int, broken []string) {
	for form := range without.cores {
		if !with.cores[form] {
			cores++
		}
	}
	for name := range without.broken {
		if !with.broken[name] {
			broken = append(broken, name)
		}
	}
	slices.Sort(broken)
	return cores, broken
}

// TestReductionsHideNothing takes one reduction after the other out: the cores come to nothing that they did not come to with
// it, but that the viewservice may not have heard a running server lately. That is so of correct cores; TestMutants says what
// is hidden of others.
func TestReductionsHideNothing(t *testing.T) {
	unraced(t)
	for _, test := range fineWorlds {
		budget := test.budget
		budget.Losses, budget.Late = maxBudget, maxBudget
		s, first := tiny(t, test.servers, test.clients, test.from, budget)
		s.symmetric = false
		with := seen(s, first, test.depth)
		for i, name := range fineNames {
			fine, first := tiny(t, test.servers, test.clients, test.from, test.budget)
			fine.symmetric, fine.fine = false, 1<<i
			without := seen(fine, first, test.depth)
			cores, broken := hidden(without, with)
			t.Logf("%s, %s: %d states, %d of the cores; %d of them hidden", test.name, name, without.distinct, len(without.cores), cores)
			if hides := cores > 0; hides != (fine.fine == fineQuiet) || len(broken) > 0 {
				t.Errorf("%s: without %s: %d states of the cores are hidden, and that %v can break", test.name, name, cores, broken)
			}
		}
	}
}

// A result that a tick brings about is paid for when it is lost, whether or not the tick's ping is a step of its own: here that of
// a primary without a backup that gets a request of the next view, and does it when it has asked for that view in vain.
func TestAResultLostAtATickIsPaidFor(t *testing.T) {
	s, st := tiny(t, 2, 1, Start, Budget{Ops: 1, Losses: 1})
	s.fine = finePings
	all, st := newSpace(s, st, new(atomic.Int64))
	w := all.Walker().(*walker)
	s1, s2, c1 := world.Server(1), world.Server(2), world.Client(1)
	for i, want := range []step{
		{kind: tick, node: s1}, {kind: pingArrival, node: s1}, {kind: arrival, node: s1}, // view 1
		{kind: tick, node: s1}, {kind: pingArrival, node: s1}, {kind: arrival, node: s1}, // is acknowledged
		{kind: tick, node: s2}, {kind: pingArrival, node: s2}, // view 2 s1 s2, of which s1 has not heard
		{kind: invocation, node: c1}, {kind: arrival, node: s1}, {kind: tick, node: s1, lost: 1},
	} {
		w.Steps(st)
		at := slices.IndexFunc(w.steps, func(one step) bool { return one.kind == want.kind && one.node == want.node && one.lost == want.lost })
		next, ok := (*state)(nil), false
		if at >= 0 {
			next, ok = w.Take(st, at)
		}
		if !ok {
			t.Fatalf("step %d, %+v: it is not possible", i, want)
		}
		st = next
	}
	if st.left.losses != 0 {
		t.Error("it is free")
	}
}
