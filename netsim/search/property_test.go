package search

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/env"
	"cluster/splitbrain/netsim/sim"
	"cluster/splitbrain/netsim/world"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice/rules"
)

// Each promise is broken without some rule, and is the first to be told when it alone is asked for.
func TestEveryPromiseCanBreak(t *testing.T) {
	tests := []struct {
		promise property
		without rules.Rule
		budget  Budget
		says    string
	}{
		{onePrimary, rules.WaitForBackup, Budget{Silences: 1}, "s1 can still complete operations in view 2, although s2 can do so in view 3 already"},
		{onePrimary, rules.ForwardGets, Budget{Silences: 1}, "s1 can still answer gets in view 2, although s2 can complete operations in view 3 already"},
		{onePrimary, rules.BackupChecksView, Budget{Silences: 1}, "s1 can still complete operations in view 2, although s2 can do so in view 3 already"},
		{completeBackup, rules.AckAfterTransfer, Budget{Silences: 1}, "is not complete"},
		{completeBackup, rules.WaitForBackup, Budget{Ops: 1}, `could be promoted, but holds k = "[c1.01]"`},
		{completeBackup, rules.ReplicateFilter, Budget{Ops: 1}, "could be promoted, but would do operation"},
		{linearizable, rules.RestartDetection, Budget{Ops: 1, Crashes: 1}, "no order of the operations"},
		{nothingLost, rules.RestartDetection, Budget{Crashes: 1}, "and holds nothing for k"},
		{knownRepeats, rules.ReplicateFilter, Budget{Ops: 1, Silences: 1}, "would do operation"},
		{idleEmpty, rules.BackupChecksView, Budget{Ops: 1, Silences: 1}, "keeps data"},
	}
	for _, test := range tests {
		o := unhurried
		o.Without, o.Budget, o.Rounds, o.Properties = rules.Without(test.without), test.budget, false, 1<<test.promise
		r := searched(t, o)
		if r.Find == nil || !strings.HasPrefix(r.Find.Violation, test.promise.broken("")) || !strings.Contains(r.Find.Violation, test.says) {
			t.Errorf("%s without %s: %s: %+v", test.promise, test.without, r.Summary(), r.Find)
			continue
		}
		checkMinimal(t, r.Find)
		told := strings.Join(r.Find.Conclusion(), "\n")
		if all := strings.HasSuffix(told, "with it on, s1 could complete no operation at the end"); all != (test.promise == onePrimary) {
			t.Errorf("%s without %s: told is\n%s", test.promise, test.without, told)
		}
	}
}

func TestViewsThatGoBackAreSeen(t *testing.T) {
	s, before := tiny(t, 3, 2, Start, Budget{})
	w := open(Defaults.config(), Steady).world
	after := s.initialState(w, Budget{})
	if why := s.check(viewsForward, before, after, 0); why != "" {
		t.Errorf("forward: %s", why)
	}
	if why := s.check(viewsForward, after, before, 0); !strings.Contains(why, "from view 2 to view 0") {
		t.Errorf("back: %q", why)
	}
	crashed := func(w *world.World) *state {
		w = w.Clone()
		for _, n := range w.Nodes() {
			if !n.IsClient() {
				w.MustApply(world.Action{Kind: world.Crash, Node: n})
			}
		}
		return s.initialState(w, Budget{})
	}
	if why := s.check(viewsForward, crashed(w), crashed(before.world), 0); why != "c1 knows view 0 after view 2" {
		t.Errorf("a client back: %q", why)
	}
	again := w.Clone()
	again.MustApply(world.Action{Kind: world.Restart, Node: world.Viewservice})
	if why := s.check(viewsForward, after, s.initialState(again, Budget{}), 0); why != "" {
		t.Errorf("the viewservice has restarted, and remembers nothing (V9): %s", why)
	}
}

func TestWhoHasNotSteppedDownIsSeen(t *testing.T) {
	tests := []struct {
		status pbservice.Status
		want   string
	}{
		{pbservice.Status{Role: pbservice.Idle}, ""},
		{pbservice.Status{Role: pbservice.Primary, Keys: 1, Waiting: 1}, ""},
		{pbservice.Status{Role: pbservice.Backup, Keys: 1, Refuses: pbservice.Cause{Code: pbservice.Elsewhere}}, ""},
		{pbservice.Status{Role: pbservice.Idle, Keys: 1, Refuses: pbservice.Cause{Code: pbservice.Elsewhere}}, "keeps data"},
		{pbservice.Status{Role: pbservice.Backup, Waiting: 1, Refuses: pbservice.Cause{Code: pbservice.Elsewhere}}, "lets a client wait"},
	}
	for _, test := range tests {
		if why := notSteppedDown(test.status); !strings.HasPrefix(why, test.want) || (why == "") != (test.want == "") {
			t.Errorf("%+v: %q, want %q", test.status, why, test.want)
		}
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
		{"the primary stands still", []world.Action{commanded(engine.Command{Kind: engine.Freeze, Node: "s1"})}},
		{"the network fails", []world.Action{commanded(engine.Command{Kind: engine.Isolate, Node: "s1"})}},
	}
	for _, test := range tests {
		s, st := tiny(t, 3, 2, Steady, Budget{})
		w := st.world.Clone()
		for _, e := range append([]world.Action{begin}, test.events...) {
			w.MustApply(e)
		}
		st = s.initialState(w, Budget{})
		if why := s.inTheEnd(st); why != "" {
			t.Errorf("%s: %q", test.name, why)
		}
	}
}

// Data that crashes alone have lost are waited for in vain whatever rules are off, and that is told of none of them; those that
// nobody has since a view was given to somebody else are.
func TestWhatCrashesAloneHaveLostIsNoStall(t *testing.T) {
	begin := firstOps(Defaults.config())[0]
	crash := func(i int) world.Action { return world.Action{Kind: world.Crash, Node: world.Server(i)} }
	dead := func(i int) world.Action { return world.Action{Kind: world.DeclareDead, Node: world.Server(i)} }
	back := world.Action{Kind: world.Restart, Node: world.Server(2)}
	for _, test := range []struct {
		name   string
		off    rules.Rule
		events []world.Action
		stalls bool
	}{
		{"both members crash", rules.AckRule, []world.Action{crash(1), crash(2)}, false},
		{"one is back before the other crashes", rules.AckRule, []world.Action{back, crash(1)}, false},
		{"the view goes on with one that has crashed", rules.AckRule, []world.Action{crash(1), dead(2)}, false},
		{"the next primary crashes before it knows", rules.AckRule, []world.Action{dead(1), crash(2)}, false},
		{"that was wrongly dead, and is replaced", rules.AckRule, []world.Action{dead(1), dead(2)}, true},
		{"the next one has crashed, too", rules.AckRule, []world.Action{dead(1), crash(3), dead(2)}, true},
		{"both members crash", rules.RestartDetection, []world.Action{crash(1), crash(2)}, false},
		{"the backup is taken for the boot before", rules.RestartDetection, []world.Action{back}, true},
	} {
		s, st := tiny(t, 3, 2, Steady, Budget{}, test.off)
		s.properties = 1 << answered
		for _, e := range append([]world.Action{begin}, test.events...) {
			next, err := s.after(st, e)
			if err != nil {
				t.Fatal(err)
			}
			st = next
		}
		if why := s.inTheEnd(st); (why != "") != test.stalls {
			t.Errorf("without %s, %s: %q", test.off, test.name, why)
		}
		canonical, other := newCanonicalizer(s), *st
		if other.dataLost = !st.dataLost; canonical.key(st) == canonical.key(&other) {
			t.Error("what is hopeless and what is not are one state")
		}
	}
}

// A rule with which the clients wait for ever as well, by design, has no part in a stall.
func TestWhoWouldWaitByDesignTooBlamesNoRule(t *testing.T) {
	o := unhurried
	o.Random, o.Budget, o.Without, o.Properties = true, WildBudget, rules.Without(rules.AckRule), 1<<answered
	f := searched(t, o).Find
	_, want, _ := strings.Cut(strings.Join(f.Conclusion(), "\n"), "\nwith it on, ")
	if want == "" {
		t.Fatal("the rule has no part")
	}
	f.Events = append(f.Events, world.Action{Kind: world.Crash, Node: world.Server(1)}) // the primary of view 3, which s3 has replaced
	if told := strings.Join(f.Conclusion(), "\n"); !strings.HasSuffix(told, "\nit has no part in this: with it on the same comes of it") {
		t.Error(told)
	}
}

// Without these rules a service may stand still for ever, and not by design.
func TestStallsAreFound(t *testing.T) {
	for rule, says := range map[rules.Rule]struct{ why, story, moral, with string }{
		rules.AckRule:          {"but has no state: it refuses, and never enters the view (S2)", " vs forms view 5 s3 s1: ", "so a client waits for ever: no server has the data any more", "would not have come to this"},
		rules.AckAfterTransfer: {"(V3); s3 is primary of view 4 but has no state: it refuses, and never enters the view (S2)", "", "so a client waits for ever: no server has the data any more", "would not have come to this"},
		rules.RestartDetection: {"completes nothing before a newer view", "", "so a client waits for ever, though s2 has all data of view 3", "with it on, all clients would have been answered in the end"},
	} {
		o := unhurried
		o.Random, o.Budget, o.Without, o.Properties = true, WildBudget, rules.Without(rule), 1<<answered
		r := searched(t, o)
		if r.Find == nil || !r.Find.Confirmed || !strings.Contains(r.Find.Violation, "is never answered") || !strings.Contains(r.Find.Violation, says.why) {
			t.Errorf("%s: %s: %+v", rule, r.Summary(), r.Find)
			continue
		}
		t.Logf("%s: %d events: %s", rule, len(r.Find.Events), r.Find.Violation)
		checkMinimal(t, r.Find)
		var story strings.Builder
		r.Find.Tell(&story)
		later := saved(t, r.Find)
		end := fmt.Sprintf("%3d  30 intervals later c", later.past.Steps)
		if lines := strings.Split(story.String(), "\n"); !strings.HasPrefix(lines[len(lines)-2], end) || !strings.Contains(lines[len(lines)-2], " still waits: ") || !strings.Contains(story.String(), "  from here on nothing goes wrong any more: all is healed\n") {
			t.Errorf("%s: %s", rule, &story)
		}
		_, future, _ := strings.Cut(story.String(), "all is healed\n")
		told := strings.Join(r.Find.Conclusion(), "\n")
		if !strings.Contains(future, says.story) || !strings.Contains(told, "\n"+says.moral+"\n") || !strings.Contains(told, says.with) {
			t.Errorf("%s: told is\n%s%s", rule, future, told)
		}
		for seed := range uint64(4) {
			o.Seed = seed
			if told := strings.Join(searched(t, o).Find.Conclusion(), "\n"); strings.Contains(told, "no part") {
				t.Errorf("%s, seed %d: %s", rule, seed, told)
			}
		}
		if later.Breaks("answered") == "" || later.Breaks("heirs-live") != "" || later.Breaks("nothing") != "" {
			t.Errorf("%s: %q, %q", rule, later.Breaks("answered"), later.Breaks("heirs-live"))
		}
	}
}

// A search may go on where another's find ended, or from any saved world, which it does not change.
func TestSearchOfASavedWorld(t *testing.T) {
	o := unhurried
	o.Goal, o.Rounds, o.Budget = mustGoal(t, "view 3"), false, Budget{Silences: 1}
	recording := saved(t, searched(t, o).Find)
	before := recording.world.Hash()
	o = unhurried
	o.Recording, o.Without, o.Rounds, o.Budget = recording, rules.Without(rules.RestartDetection), false, Budget{Ops: 1, Crashes: 1}
	r := searched(t, o)
	if r.Find == nil || !r.Find.Confirmed {
		t.Fatalf("%s: %v", r.Summary(), r.Find)
	}
	if recording.world.Hash() != before {
		t.Error("the given world was changed")
	}
	checkMinimal(t, r.Find)
	checkFile(t, r.Find)
}

// saved reads what a find writes.
func saved(t *testing.T, f *Find) *Recording {
	t.Helper()
	var text bytes.Buffer
	err := f.Write(&text)
	var recording *Recording
	if err == nil {
		recording, err = ReadRecording(t.Context(), &text, sim.Limits{})
	}
	if err != nil {
		t.Fatal(err)
	}
	return recording
}

// TestMemoryIsFreed: a search is not ended by what an earlier one has left behind.
func TestMemoryIsFreed(t *testing.T) {
	const much = 64 << 20
	runtime.GC()
	limit := memoryFull((env.Heap() + much/2) / 7 * 10)
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

// A violation names what is broken as broken, and not the promise as if that were the verdict.
func TestAViolationSaysThatItIsOne(t *testing.T) {
	for p := range propertyCount {
		said := p.broken("so it is")
		want := "broken: " + p.String() + ": so it is"
		if p == linearizable {
			want = "not linearizable: so it is"
		}
		name, ok := PromiseIn(said)
		if said != want || !ok || name != p.String() {
			t.Errorf("%s: %q, which breaks %q", p, said, name)
		}
	}
	for _, line := range []string{"so one crash more loses everything", "ack-rule (V3 S2) is off: views change", "broken", "redundant", ""} {
		if name, ok := PromiseIn(line); ok {
			t.Errorf("%q breaks %s", line, name)
		}
	}
	if name, ok := PromiseIn("nothing-lost: as a story of an earlier version says it"); !ok || name != "nothing-lost" {
		t.Errorf("an earlier version's is %q", name)
	}
}
