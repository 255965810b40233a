package search

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"cluster/splitbrain/netsim/world"
	"cluster/splitbrain/viewservice/rules"
)

// Each promise is broken without some rule, and is the first to be told when it alone is asked for.
func TestEveryPromiseCanBreak(t *testing.T) {
	tests := []struct {
		promise property
		without rules.Rule
		budget  Budget
	}{
		{onePrimary, rules.WaitForBackup, Budget{Silences: 1}},
		{completeBackup, rules.AckAfterTransfer, Budget{Silences: 1}},
		{linearizable, rules.RestartDetection, Budget{Ops: 1, Crashes: 1}},
		{nothingLost, rules.RestartDetection, Budget{Crashes: 1}},
		{knownRepeats, rules.ReplicateFilter, Budget{Ops: 1, Silences: 1}},
	}
	for _, test := range tests {
		o := Defaults
		o.Without, o.Budget, o.Rounds, o.Properties = rules.Without(test.without), test.budget, false, 1<<test.promise
		r := searched(t, o)
		if r.Find == nil || !strings.HasPrefix(r.Find.Violation, test.promise.String()+": ") {
			t.Errorf("%s without %s: %s: %+v", test.promise, test.without, r.summary(), r.Find)
			continue
		}
		checkMinimal(t, r.Find)
	}
}

func TestViewsThatGoBackAreSeen(t *testing.T) {
	s, before := tiny(t, 3, 2, Start, Budget{})
	w, _ := opening(Defaults.config(), Steady)
	after := s.initialState(w, Budget{})
	if why := s.check(viewsForward, before, after); why != "" {
		t.Errorf("forward: %s", why)
	}
	if why := s.check(viewsForward, after, before); !strings.Contains(why, "from view 2 to view 0") {
		t.Errorf("back: %q", why)
	}
}

func TestWhatHealsOrIsLostByDesignIsNoStall(t *testing.T) {
	begin := firstOps(Defaults.config())[0]
	tests := []struct {
		name   string
		events []world.Action
	}{
		{"nothing wrong", nil},
		{"the primary crashes", []world.Action{{Kind: world.Crash, Node: world.Server(1)}}},
		{"by design: both die", []world.Action{{Kind: world.Crash, Node: world.Server(1)}, {Kind: world.Crash, Node: world.Server(2)}}},
		{"the primary stands still", []world.Action{{Kind: world.Freeze, Node: world.Server(1)}}},
		{"the network fails", []world.Action{{Kind: world.Isolate, Node: world.Server(1)}}},
	}
	for _, test := range tests {
		s, st := tiny(t, 3, 2, Steady, Budget{})
		w := st.world.Clone()
		for _, e := range append([]world.Action{begin}, test.events...) {
			must(w.Apply(e))
		}
		st = s.initialState(w, Budget{})
		if why := s.stalled(st); why != "" {
			t.Errorf("%s: %q", test.name, why)
		}
	}
}

// Without these rules a service may stand still for ever, and not by design.
func TestStallsAreFound(t *testing.T) {
	for _, rule := range []rules.Rule{rules.AckRule, rules.AckAfterTransfer, rules.RestartDetection} {
		o := Defaults
		o.Random, o.Budget, o.Without, o.Properties = true, wildBudget, rules.Without(rule), 1<<answered
		r := searched(t, o)
		if r.Find == nil || !r.Find.Confirmed || !strings.Contains(r.Find.Violation, "is never answered") {
			t.Errorf("%s: %s: %+v", rule, r.summary(), r.Find)
			continue
		}
		t.Logf("%s: %d events: %s", rule, len(r.Find.Events), r.Find.Violation)
		checkMinimal(t, r.Find)
	}
}

func TestGoals(t *testing.T) {
	tests := []struct {
		goal    string
		servers int
		budget  Budget
		found   bool
	}{
		{"view 3", 3, Budget{Silences: 1}, true},
		{"primary s2", 3, Budget{Silences: 1}, true},
		{"stuck V3", 3, Budget{Crashes: 1, Silences: 1}, true},
		{"stuck V5", 1, Budget{Crashes: 1}, true},
		{"view 3", 3, Budget{}, false},
	}
	for _, test := range tests {
		o := Defaults
		o.Servers, o.Budget, o.Goal, o.Rounds, o.Depth = test.servers, test.budget, test.goal, false, 10
		r := searched(t, o)
		if (r.Find != nil) != test.found {
			t.Errorf("%s: %s: %v", test.goal, r.summary(), r.Find)
			continue
		}
		if test.found && r.Find.Violation != "reached: "+test.goal {
			t.Errorf("%s: %s", test.goal, r.Find.Violation)
		}
	}
}

// A search may begin at any moment of any world, as that on a screen.
func TestSearchOfAGivenWorld(t *testing.T) {
	cfg := Defaults.config()
	cfg.Disabled = rules.Without(rules.RestartDetection)
	tape := record(cfg, Steady)
	o := Defaults
	o.World, o.Budget, o.Rounds = tape.world, Budget{Ops: 1, Crashes: 1}, false
	before := tape.world.Hash()
	r := searched(t, o)
	if r.Find == nil || !r.Find.Confirmed {
		t.Fatalf("%s: %v", r.summary(), r.Find)
	}
	if tape.world.Hash() != before {
		t.Error("the given world was changed")
	}
	checkMinimal(t, r.Find)
	for _, e := range r.Find.Events {
		if err := tape.world.Apply(e); err != nil {
			t.Errorf("%v: %v", e, err)
		}
	}
}

// A search may go on where another's find ended, or from any saved world.
func TestSearchOfASavedWorld(t *testing.T) {
	file := filepath.Join(t.TempDir(), "world.sb")
	o := Defaults
	o.Goal, o.Rounds, o.Budget = "view 3", false, Budget{Silences: 1}
	save(t, searched(t, o).Find, file)
	o = Defaults
	o.From, o.Without, o.Rounds, o.Budget = From(file), rules.Without(rules.RestartDetection), false, Budget{Ops: 1, Crashes: 1}
	r := searched(t, o)
	if r.Find == nil || !r.Find.Confirmed {
		t.Fatalf("%s: %v", r.summary(), r.Find)
	}
	checkMinimal(t, r.Find)
	checkFile(t, r.Find)
}

func save(t *testing.T, f *Find, file string) {
	t.Helper()
	var text bytes.Buffer
	err := f.Write(&text)
	if err == nil {
		err = os.WriteFile(file, text.Bytes(), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestMemoryIsFreed: a search is not ended by what an earlier one has left behind.
func TestMemoryIsFreed(t *testing.T) {
	const much = 64 << 20
	runtime.GC()
	limit := memoryFull((heapLive() + much/2) / 7 * 10)
	left := make([]byte, much)
	runtime.GC()
	if !limit() {
		t.Error("the memory is not full")
	}
	runtime.KeepAlive(left)
	if limit() {
		t.Error("it is full of what nobody needs any more")
	}
}
