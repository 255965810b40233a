package search

import (
	"slices"
	"strings"
	"sync/atomic"
	"testing"
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
	w := space{s, new(atomic.Int64)}.Walker().(*walker)
	keys := map[Key]bool{w.Key(first): true}
	level := []*state{first}
	for range depth {
		var next []*state
		for _, st := range level {
			for i := range w.Steps(st) {
				n, ok := w.Take(st, i)
				if !ok {
					continue
				}
				if why := s.violation(st, n); why != "" {
					name, _, _ := strings.Cut(why, ":")
					all.broken[name] = true
				}
				if key := w.Key(n); !keys[key] {
					keys[key] = true
					next = append(next, n)
					all.cores[coresOf(s, n.world)] = true
				}
			}
		}
		level = next
	}
	all.distinct = len(keys)
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
