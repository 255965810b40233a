package cli

import (
	"strings"
	"testing"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/search"
	"cluster/splitbrain/netsim/sim"
	"cluster/splitbrain/tui/script"
)

// Where a promise is broken already nothing needs a branch.
func TestSearchWhereAllIsBroken(t *testing.T) {
	world, err := sim.New(engine.Defaults, sim.ManualTime())
	if err != nil {
		t.Fatal(err)
	}
	defer world.Close()
	session := &script.Session{Engine: world}
	for _, line := range []string{
		"expect view 2 s1 s2 acked", "put a 1 @c1", "get a @c2", "rule forward-gets off", "partition s1 c1 | s2 s3 vs c2",
		"expect view 3 s2 s3 acked", "put a 2 @c2", "get a @c1", "pause",
	} {
		if _, err := session.Run(t.Context(), line); err != nil {
			t.Fatal(err)
		}
	}
	found, err := searchFrom(t.Context(), world, func(string) {})
	if err != nil || !found.Already || found.World != nil || !strings.Contains(strings.Join(found.Story, " "), "where the search begins already") {
		t.Errorf("%t, %d bytes, %q, %v", found.Already, len(found.World), found.Story, err)
	}
}

// A search in the playground that found nothing says whether all was tried, and if not, what a round is and what the last one has.
func TestSearchInVain(t *testing.T) {
	r := search.Result{Round: 3, Rounds: 7, Budget: search.Budget{Ops: 2}, Elapsed: 30 * time.Second, Covered: search.Covered{Distinct: 4_229_922, Depth: 7, Frontier: 1000}}
	for ended, want := range map[string][]string{
		search.ByTime: {
			"nothing was found in the 30s that a search has here: 4,229,922 distinct states tried, 7 steps deep, and more are left", "ended by time in round 3 of 7 with ops 2: there ",
			"each round has a budget of operations and faults of its own, small ones first; the last has the whole: ops 4, crashes 2, ",
		},
		search.Exhausted:   {"nothing was found: 4,229,922 distinct states tried, 7 steps deep, and that is all", "all that the budget allows for was tried: "},
		"context canceled": {"nothing was found before it was cancelled: 4,229,922 distinct states tried, 7 steps deep, and more are left", "cancelled in round 3 of 7 with ops 2: there ", "each round"},
	} {
		r.Ended = ended
		got := inVain(r)
		if len(got) != len(want) {
			t.Fatalf("%s: %q", ended, got)
		}
		for i := range want {
			if !strings.HasPrefix(got[i], want[i]) {
				t.Errorf("%s: %q, want %q", ended, got[i], want[i])
			}
		}
	}
}
