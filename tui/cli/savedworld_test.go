package cli

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/history/invariant"
	"cluster/splitbrain/netsim/search"
	"cluster/splitbrain/netsim/sim"
	"cluster/splitbrain/tui/script"
	"cluster/splitbrain/viewservice/rules"
)

// A world that was saved, as a search does, is told as it was.
func TestSavedWorld(t *testing.T) {
	world, err := sim.New(engine.Defaults, sim.ManualTime())
	if err != nil {
		t.Fatal(err)
	}
	defer world.Close()
	s := script.Session{Engine: world}
	for _, line := range []string{"expect view 2 s1 s2 acked", "put a 1 @c1", "rule forward-gets off", "partition s1 c1 | s2 s3 vs c2", "wait 1s", "put a 2 @c2", "get a @c1"} {
		if _, err := s.Run(t.Context(), line); err != nil {
			t.Fatal(err)
		}
	}
	name := filepath.Join(t.TempDir(), "found.sb")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(world.Save(f), f.Close()); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	r := runOf(&out, runAll(t.Context(), &out, runOptions{}, []string{name}))
	r.has(t, "a world of 3 servers, 2 clients", "view 1: primary s1", "view 3: primary s2", "a promise was broken: not linearizable: key",
		"end  0 expectations held, 0 failed; what the clients saw was not linearizable")
	if r.code != 1 {
		t.Errorf("code %d", r.code)
	}
	if r := runOf(&out, runAll(t.Context(), &out, runOptions{Live: true}, []string{name})); r.code != 2 || !strings.Contains(r.err, "as it is") {
		t.Errorf("%+v", r)
	}
	if r := runOf(&out, runAll(t.Context(), &out, runOptions{}, []string{"first-view", file(t, "splitbrain world 99")})); r.code != 2 || !strings.Contains(r.err, "test.sb:1: ") {
		t.Errorf("%+v", r)
	}
}

// What a search finds without clients seeing it is a broken promise here, too.
func TestFoundWorld(t *testing.T) {
	o := search.Defaults
	o.Time, o.Depth = time.Hour, 8 // steps, in which it is there to be found, however slow the machine is
	o.From, o.Clients, o.Rounds, o.Without = search.Steady, 1, false, rules.Without(rules.AckRule)
	o.Budget = search.Budget{Ops: 1, Losses: 1, Silences: 3}
	found, err := search.Search(t.Context(), o, nil)
	if err != nil || found.Find == nil {
		t.Fatal(err, found)
	}
	var world bytes.Buffer
	if err := found.Find.Write(&world); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	r := runOf(&out, runAll(t.Context(), &out, runOptions{}, []string{file(t, world.String())}))
	r.has(t, "story   46  at first: ", "story   60  c1 hears s1: done", "story  broken: nothing-lost: ", "story  ack-rule (V3 S2) is off",
		"0.308002 s  step 46: rule ack-rule off\n", "0.308005 s  step 49: view 3: ", "\n0.308016 s  a promise was broken: s2 can still complete operations in view 3, although s1 could do so in view 5 already (S5 S7), in step 59")
	if r.code != 1 {
		t.Errorf("code %d", r.code)
	}
}

// enough are budgets with which a search finds the damage of each rule soon.
var enough = map[rules.Rule]search.Budget{
	rules.AckRule: {Ops: 1, Losses: 1, Silences: 3}, rules.AckAfterTransfer: {Ops: 1, Crashes: 1, Silences: 1},
	rules.Continuity: {Crashes: 1, Silences: 1}, rules.RestartDetection: {Crashes: 1}, rules.ForwardGets: {Ops: 2, Silences: 1},
	rules.WaitForBackup: {Ops: 1, Silences: 1}, rules.BackupChecksView: {Ops: 2, Silences: 1}, rules.FilterDuplicates: {Ops: 1},
	rules.ReplicateFilter: {Ops: 1, Silences: 1}, rules.TransferState: {Silences: 2},
}

// The step in which a promise of the servers was broken is the first after which the world shows it.
func TestTheStepThatBreaksAPromise(t *testing.T) {
	for _, rule := range rules.All() {
		t.Run(rule.String(), func(t *testing.T) {
			t.Parallel()
			o := search.Defaults
			o.Time, o.From, o.Without, o.Rounds, o.Budget = time.Hour, search.Steady, rules.Without(rule), false, enough[rule]
			if rule == rules.AckRule {
				o.Clients = 1
			}
			found, err := search.Search(t.Context(), o, nil)
			if err != nil || found.Find == nil {
				t.Fatal(err, found)
			}
			var saved bytes.Buffer
			if err := found.Find.Write(&saved); err != nil {
				t.Fatal(err)
			}
			world, err := sim.Open(t.Context(), &saved, sim.ManualTime())
			if err != nil {
				t.Fatal(err)
			}
			defer world.Close()
			got, err := watched(t.Context(), world)
			got = slices.CompactFunc(got, func(a, b invariant.Violation) bool { return a.Name == b.Name })
			if want := firstSeen(t, world); err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%v, %v, want %v", got, err, want)
			}
		})
	}
}

// longestFind is more than the events of any find here.
const longestFind = 25

// firstSeen tells in which step of a world each invariant is broken first: to each step leads a watcher of its own, which looks
// long there.
func firstSeen(t *testing.T, world *sim.Engine) (broken []invariant.Violation) {
	t.Helper()
	var steps []engine.Snapshot
	told := map[string]bool{}
	for step := range world.Timeline().Length + 1 {
		if err := world.Rewind(step); err != nil {
			t.Fatal(err)
		}
		seen, err := world.Observe(t.Context(), engine.Window{})
		if err != nil {
			t.Fatal(err)
		}
		steps = append(steps, seen)
		if step < world.Timeline().Length-longestFind {
			continue // the service gets steady
		}
		var watcher invariant.Watcher
		var all []invariant.Violation
		for _, s := range slices.Concat(steps, slices.Repeat([]engine.Snapshot{seen}, 9)) {
			all = append(all, watcher.Watch(s)...)
		}
		for _, b := range all {
			if !told[b.Name] {
				b.Text += fmt.Sprintf(", in step %d", step)
				broken, told[b.Name] = append(broken, b), true
			}
		}
	}
	return broken
}

// Promises that neither clients nor the servers' answers show broken are tried where the story of a world says so, and there
// alone.
func TestFoundPromises(t *testing.T) {
	for promise, text := range map[string]string{
		"known-repeats": "a promise was broken: known-repeats: s2 can complete operations, and would do append k [c1.02] of c1 again, which was answered\n",
		"nothing-lost":  "a promise was broken: nothing-lost: s2 can complete operations, and holds k = ",
		"redundant":     "a promise was broken: redundant: ",
		"answered":      "a promise was broken: answered: c1 is never answered, though nothing goes wrong any more: ",
	} {
		o := search.Defaults
		o.Time, o.From, o.Rounds, o.Budget, o.Without = time.Hour, search.Steady, false, search.Budget{Ops: 1, Silences: 1}, rules.Without(rules.ReplicateFilter)
		if o.Properties, _ = search.PropertyNamed(promise); promise == "answered" || promise == "redundant" {
			o.From, o.Random, o.Budget, o.Without = "", true, search.WildBudget, rules.Without(rules.AckRule)
		}
		found, err := search.Search(t.Context(), o, nil)
		if err != nil || found.Find == nil {
			t.Fatal(err, found)
		}
		var world, out bytes.Buffer
		if err := found.Find.Write(&world); err != nil {
			t.Fatal(err)
		}
		r := runOf(&out, runAll(t.Context(), &out, runOptions{}, []string{file(t, world.String())}))
		if r.has(t, text); r.code != 1 {
			t.Errorf("%s: code %d", promise, r.code)
		}
	}
	world, err := sim.New(engine.Defaults, sim.ManualTime())
	if err != nil {
		t.Fatal(err)
	}
	defer world.Close()
	var saved, out bytes.Buffer
	if err := errors.Join(world.Wait(t.Context(), time.Second), world.Save(&saved)); err != nil {
		t.Fatal(err)
	}
	first, rest, _ := strings.Cut(saved.String(), "\n")
	lie := first + "\n# answered: c1 is never answered\n# broken: nothing-lost: all is gone\n" + rest
	if r := runOf(&out, runAll(t.Context(), &out, runOptions{}, []string{file(t, lie)})); r.code != 0 || !strings.Contains(r.out, "story  broken: nothing-lost: all is gone") {
		t.Errorf("%+v", r)
	}
}
