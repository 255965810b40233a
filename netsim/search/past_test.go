package search

import (
	"io"
	"strings"
	"testing"

	"cluster/splitbrain/netsim/world"
	"cluster/splitbrain/viewservice/rules"
)

// after is a recording of a steady service after some events, as saved worlds have them.
func after(t *testing.T, lines ...string) *Recording {
	t.Helper()
	rec := record(Defaults.config(), Steady)
	for _, line := range lines {
		e, err := world.ParseEvent(line)
		if err != nil {
			t.Fatal(err)
		}
		rec.apply(e)
	}
	return rec
}

// until lets time pass until a message says that, and lets it be under way.
func (rec *Recording) until(t *testing.T, says string) *Recording {
	t.Helper()
	for range 200 {
		for _, m := range rec.world.Transit() {
			if strings.Contains(m.From.String()+": "+m.Words(), says) {
				return rec
			}
		}
		rec.step()
	}
	t.Fatalf("nobody says %q", says)
	return nil
}

// A search may begin at any moment of an operation: whatever became of it by then accuses nobody.
func TestASearchBeginsWhileOperationsRun(t *testing.T) {
	unraced(t)
	for name, lines := range map[string][]string{
		"an append":              {"append k x @c1"},
		"an append without end":  {"cut s1 > c1", "append k x @c1"},
		"a put and an append":    {"put k y @c1", "append k z @c2"},
		"a get and a put":        {"get k @c1", "put k z @c2"},
		"a get without end":      {"cut s1 > c1", "get k @c1", "put k z @c2"},
		"an append given up":     {"delay s1 c1 60ms", "append k x @c1", `abort c1 "context canceled"`, "get k @c2"},
		"a backup that is ahead": {"cut s2 > s1", "append k x @c1"},
	} {
		rec := after(t, lines...)
		for moment := range 30 {
			o := unhurried
			o.Recording, o.Rounds, o.Depth = rec.clone(), false, 4
			o.Budget = Budget{Ops: 1, Silences: 1}
			if r := searched(t, o); r.Find != nil {
				t.Fatalf("%s, moment %d: %s", name, moment, r.Find.Violation)
			}
			rec.step()
		}
	}
}

// What an answer that is under way says was true while its get ran, and nothing else.
func TestAnAnswerUnderWayIsJudged(t *testing.T) {
	rec := after(t, "delay s1 c2 60ms", "get k @c2").until(t, `s1: [c1.01]`)
	rec = rec.clone()
	s := &scope{servers: 3, clients: 2, keys: []string{firstKey}, past: rec.clients}
	j := s.firstJudge(rec.world, firstKey)
	op := rec.world.ClerkCore(world.Client(2)).Progress().Op
	if !j.end(op.Client, op.Seq, register{"[c1.01]", true}).linearizable() || j.end(op.Client, op.Seq, register{"", false}).linearizable() {
		t.Errorf("%+v", j)
	}
}

// end is the recording of a find.
func (f *Find) end() *Recording {
	rec, _ := f.played()
	return rec
}

// Where a promise is broken before the search begins it says so, and lays it to no event.
func TestABrokenBeginningIsSaid(t *testing.T) {
	o := unhurried
	o.Rounds, o.Budget, o.Without = false, Budget{Ops: 1, Silences: 1}, rules.Without(rules.WaitForBackup)
	harmed := searched(t, o).Find.end()
	o.Goal = mustGoal(t, "broken one-primary")
	two := searched(t, o).Find.end()
	o.Goal, o.Without, o.Depth = nil, 0, 8
	for _, c := range []struct {
		rec      *Recording
		asked    Properties
		want     string
		byEvents bool
	}{
		{harmed, 0, `not linearizable: where the search begins already, c1 was told that k holds "[c1.01]": no order of the operations explains that`, false},
		{two, 1 << onePrimary, "broken: one-primary: where the search begins already, s1 can still complete operations in view 2, although s2 can do so in view 3 already", false},
		{two, 0, "not linearizable: no order of the operations", true}, // nobody is harmed yet
	} {
		for _, random := range []bool{false, true} {
			o := o
			if o.Recording, o.Properties, o.Random = c.rec, c.asked, random; random {
				o.Depth, o.Walks = 0, 100
			}
			r := searched(t, o)
			if r.Find == nil || (len(r.Find.Events) > 0) != c.byEvents || !c.byEvents && r.Find.Violation != c.want {
				t.Fatalf("random %v: %+v, want %s", random, r.Find, c.want)
			}
			if end := r.Find.Conclusion(); !c.byEvents && (end[0] != c.want || strings.Contains(strings.Join(end, " "), "with it on")) {
				t.Errorf("%q", end)
			}
			if err := r.Find.Write(io.Discard); err != nil || r.Ended != ByFind {
				t.Errorf("%v, ended by %s", err, r.Ended)
			}
		}
	}
}

// Where two servers can complete operations, the story says what each holds, and the one that a client was told of is right.
func TestTwoPrimariesAreBothTold(t *testing.T) {
	w := record(Defaults.config(), Steady).world
	s := &scope{servers: 3, clients: 2, keys: []string{firstKey}}
	if all := s.valuesNow(w, firstKey); len(all) != 1 || all[0] != (held{register{"[c1.01]", true}, world.Server(1)}) {
		t.Errorf("%v", all)
	}
	o := unhurried
	o.Rounds, o.Budget, o.Without = false, Budget{Ops: 1, Silences: 1}, rules.Without(rules.WaitForBackup)
	o.Goal = mustGoal(t, `broken one-primary and not data s1 k = "[c1.01]"`)
	f := searched(t, o).Find
	f.first = f.initialState(f.end().world, Budget{})
	if told := f.beginning()[0]; !strings.Contains(told, `; k holds "[c1.01][c1.02]" on s1, "[c1.01]" on s2; without`) {
		t.Error(told)
	}
}
