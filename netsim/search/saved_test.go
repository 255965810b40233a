package search

import (
	"slices"
	"strings"
	"testing"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/world"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice/rules"
)

// brokenBy is a recording of a steady service to which something was done then.
func brokenBy(commands ...engine.Command) *Recording {
	rec := record(Defaults.config(), Steady)
	for _, c := range commands {
		rec.apply(commanded(c))
	}
	return rec
}

// A search may begin where the viewservice does not run: nothing that it alone could do is tried.
func TestSearchOfAWorldWithoutViewservice(t *testing.T) {
	for _, kind := range []engine.CommandKind{engine.Kill, engine.Freeze} {
		o := unhurried
		o.Recording = brokenBy(engine.Command{Kind: kind, Node: engine.ViewAddr})
		o.Rounds, o.Budget, o.Depth = false, Budget{Ops: 1, Crashes: 1, Losses: 1, Silences: 1, Late: 1}, 4
		if r := searched(t, o); r.Find != nil || r.Ended != ByDepth || r.Distinct < 100 {
			t.Errorf("%v: %s: %v", kind, r.Summary(), r.Find)
		}
	}
}

// What is broken in a saved world stays so: a frozen server does nothing and is missed, a message over a cut link is lost, and a held
// one waits, but in walks, which deliver it by hand.
func TestWhatIsBrokenInASavedWorldStays(t *testing.T) {
	freeze := engine.Command{Kind: engine.Freeze, Node: "s1"}
	cut := engine.Command{Kind: engine.Isolate, Node: "s1"}
	hold := engine.Command{Kind: engine.SetFault, Fault: netsim.Fault{Kind: netsim.FaultHold, From: "s1", To: "s2"}}
	for _, test := range []struct {
		command engine.Command
		goal    string
		budget  Budget
		random  bool
		reached bool
	}{
		{freeze, "view 3", Budget{}, false, true},
		{freeze, `data s1 k = "[c1.01][c1.51]"`, Budget{Ops: 1}, false, false},
		{freeze, "crashed s1", Budget{Crashes: 1}, false, true},
		{cut, "view 3", Budget{}, false, false},
		{cut, "view 3", Budget{Silences: 1}, false, true},
		{cut, "data s1 k absent", Budget{Silences: 1}, false, false}, // it learns of no view
		{hold, `data s2 k = "[c1.01][c1.51]"`, Budget{Ops: 1}, false, false},
		{hold, `data s2 k = "[c1.01][c1.51]"`, Budget{Ops: 1}, true, true},
	} {
		o := unhurried
		o.From, o.Recording, o.Rounds, o.Budget, o.Depth, o.Goal = "", brokenBy(test.command), false, test.budget, 9, mustGoal(t, test.goal)
		if o.Random = test.random; o.Random {
			o.Depth = 0
		}
		if r := searched(t, o); (r.Find != nil) != test.reached {
			t.Errorf("%v: %s is reached: %v", test.command, test.goal, r.Find != nil)
		}
	}
}

// The story of a search of a saved world says what is broken in it, in the words of commands, who is behind, and who waits.
func TestTheStorySaysWhatIsBrokenAtFirst(t *testing.T) {
	beginning := func(commands ...engine.Command) string {
		rec := brokenBy(commands...)
		rec.apply(world.Action{Kind: world.Invoke, Node: world.Client(1), Details: &world.Details{Op: pbservice.Op{Kind: pbservice.Get, Key: "a"}}})
		rec.runFor(time.Second, func() {})
		s := &scope{servers: 3, clients: 2, keys: []string{firstKey}}
		return strings.Join(s.emptyFind(s.initialState(rec.world, Budget{}), "", rec).beginning(), "\n")
	}
	cut := engine.Command{Kind: engine.SetFault, Fault: netsim.Fault{Kind: netsim.FaultCut, From: "s1", To: "vs"}}
	clients := engine.Command{Kind: engine.SetFault, Fault: netsim.Fault{Kind: netsim.FaultCut, From: "c1", To: "c2"}, BothWays: true}
	for got, want := range map[string]string{
		beginning(): `view 2 s1 s2 (primary s1, backup s2); k holds "[c1.01]"
       before that: c1 did append k [c1.01], c2 did get k, c1 did get a`,
		beginning(cut, engine.Command{Kind: engine.Freeze, Node: "s2"}, engine.Command{Kind: engine.Kill, Node: "s3"}): `view 2 s1 s2 (primary s1, backup s2); k holds "[c1.01]"
       faults: cut s1 > vs; frozen s2; s3 has crashed
       before that: c1 did append k [c1.01], c2 did get k, c1 began get a and waits`,
		beginning(engine.Command{Kind: engine.Freeze, Node: "s1"}): `view 3 s2 s3 (primary s2, backup s3); k holds "[c1.01]"
       faults: frozen s1; s1 knows view 2 only
       before that: c1 did append k [c1.01], c2 did get k, c1 did get a`,
		beginning(engine.Command{Kind: engine.Partition, Groups: [][]string{{"s1", "c1"}, {"s2", "s3", "vs"}, {"c2"}}}, cut): `view 3 s2 s3 (primary s2, backup s3); k holds "[c1.01]"
       faults: partition vs s2 s3 | s1 c1 | c2; s1 knows view 2 only
       before that: c1 did append k [c1.01], c2 did get k, c1 began get a and waits`,
		beginning(engine.Command{Kind: engine.Isolate, Node: "s3"}, clients): `view 2 s1 s2 (primary s1, backup s2); k holds "[c1.01]"
       faults: isolate s3
       before that: c1 did append k [c1.01], c2 did get k, c1 did get a`,
		beginning(engine.Command{Kind: engine.Kill, Node: engine.ViewAddr}): `no view, since vs has crashed; k holds "[c1.01]"
       before that: c1 did append k [c1.01], c2 did get k, c1 did get a`,
	} {
		if got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	}
}

// In a world with time a client whose question for the view got lost gives it up, and is not told to be never answered.
func TestALostQuestionForTheViewIsNoStall(t *testing.T) {
	w := brokenBy(engine.Command{Kind: engine.Kill, Node: "s1"}, engine.Command{Kind: engine.Isolate, Node: engine.ViewAddr}).world
	s := &scope{servers: 3, clients: 2, keys: []string{firstKey}, properties: allProperties}
	w.MustApply(world.Action{Kind: world.Invoke, Node: world.Client(1), Details: &world.Details{Op: pbservice.Op{Kind: pbservice.Get, Key: firstKey}}})
	for !w.AsksForView(world.Client(1)) {
		w.Step()
	}
	deliverAll(w, w.MustApply)
	if why := s.inTheEnd(s.initialState(w, Budget{})); why != "" {
		t.Error(why)
	}
}

// The story of a view that a server is too silent for tells of no later one: it knows what time it is.
func TestTheStoryTellsNoViewThatNeverWas(t *testing.T) {
	rec := brokenBy(engine.Command{Kind: engine.Kill, Node: "s3"}, engine.Command{Kind: engine.SetRule, Rule: rules.AckRule})
	for rec.world.Now() < time.Minute {
		rec.world.Step()
	}
	counts := world.Action{Kind: world.DeclareDead, Node: world.Server(1)}
	after := rec.world.Clone()
	after.MustApply(counts)
	told := strings.Join(viewEffects(rec.world, after, counts), "; ")
	if !strings.HasPrefix(told, "forms view 3 s2 ·: ") || strings.Contains(told, "view 4") {
		t.Error(told)
	}
}

// A story says of each event what comes of it on each node, who asks and who answers.
func TestTheStoryTellsWhoAsksAndWhoAnswers(t *testing.T) {
	o := unhurried
	o.Rounds, o.Budget, o.Goal = false, Budget{Ops: 1, Silences: 1}, mustGoal(t, "done and view 3 and data s3 k = \"[c1.01][c2.02]\"")
	r := searched(t, o)
	if r.Find == nil {
		t.Fatal(r.Summary())
	}
	var out strings.Builder
	r.Find.Tell(&out)
	for _, want := range []string{
		"\n       c2 asks s1: append ", "\n       vs forms view 3 s1 s3: ", "vs answers s1: view 3 s1 s3, not acknowledged\n",
		"\n       s1 learns view 3 s1 s3; ", "; answers c2: done; asks s3: ", "\n       c2 has its answer to append ", "s3 now has k = ",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, &out)
		}
	}
}

// In a saved world clients go on with what they have used last there: its loss is what people want to hear of.
func TestASearchOfASavedWorldUsesItsKeys(t *testing.T) {
	rec := record(Defaults.config(), Steady)
	for _, key := range []string{"a", "b", "a"} {
		rec.apply(world.Action{Kind: world.Invoke, Node: world.Client(1), Details: &world.Details{Op: pbservice.Op{Kind: pbservice.Put, Key: key, Value: "1"}}})
		rec.runUntil(func() bool { return !rec.world.Running(world.Client(1)) })
	}
	o := unhurried
	o.Recording = rec
	if got := o.keys(); !slices.Equal(got, []string{"a"}) {
		t.Errorf("all orders: %q", got)
	}
	o.Random = true
	if got := o.keys(); !slices.Equal(got, []string{"a", "b", firstKey}) {
		t.Errorf("walks: %q", got)
	}
	o.Recording = record(Defaults.config(), Start)
	if got := o.keys(); !slices.Equal(got, []string{firstKey, "l", "m"}) {
		t.Errorf("walks where nobody has done anything: %q", got)
	}
	o.Recording, o.Random, o.Rounds, o.Without = rec, false, false, rules.Without(rules.WaitForBackup)
	o.Budget = Budget{Ops: 1, Silences: 1}
	r := searched(t, o)
	if r.Find == nil {
		t.Fatal(r.Summary())
	}
	var out strings.Builder
	r.Find.Tell(&out)
	if !strings.Contains(out.String(), "append a [c") {
		t.Errorf("the story is of another key:\n%s", &out)
	}
}

// A result may get lost of an operation too that waited when the world was saved: here for the backup, which hears nothing yet.
func TestAResultForWhomWaitedBeforeMayGetLost(t *testing.T) {
	rec := record(Defaults.config(), Steady)
	s1, c1 := world.Server(1), world.Client(1)
	rec.apply(world.Action{Kind: world.Invoke, Node: c1, Details: &world.Details{Op: pbservice.Op{Kind: pbservice.Get, Key: firstKey}}})
	for !rec.world.AskedBy(s1, c1) {
		rec.step()
	}
	o := unhurried
	o.Recording = rec
	begin := o.openings()[0]
	s, err := o.scope(begin)
	if err != nil {
		t.Fatal(err)
	}
	st := s.from(begin).initialState(begin.world, Budget{Losses: 1})
	lost := slices.ContainsFunc(s.stepsOf(st, nil), func(one step) bool { return one.kind == tick && one.node == s1 && one.lost == 1 })
	if st.waits[0] != bit(s1) || !lost {
		t.Errorf("c1 waits at servers %b; its result can get lost at a tick of s1: %v", st.waits[0], lost)
	}
}

// A search says what ended it: depth is no exhaustion.
func TestWhatEndsASearch(t *testing.T) {
	o := unhurried
	o.Rounds, o.Budget = false, Budget{Ops: 1}
	if r := searched(t, o).Report(""); r.Ended != "exhausted" || !r.Exhausted {
		t.Errorf("%+v", r)
	}
	o.Depth = 3
	if r := searched(t, o).Report(""); r.Ended != "depth" || r.Exhausted {
		t.Errorf("%+v", r)
	}
	if r := (Result{Covered: Covered{Ended: "terminated"}}).Report(""); r.Ended != "interrupted" {
		t.Errorf("%+v", r)
	}
}
