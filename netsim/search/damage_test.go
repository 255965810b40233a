package search

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/env/envtest"
	"cluster/splitbrain/netsim/history"
	"cluster/splitbrain/netsim/sim"
	"cluster/splitbrain/netsim/world"
	"cluster/splitbrain/viewservice/rules"
)

// damages are budgets within which the damage of a rule that is off is found soon. docs/search.md has the same table.
var damages = []struct {
	rule    rules.Rule
	clients int
	budget  Budget
	steps   int // to the first state in which something is wrong
}{
	{rules.AckRule, 1, Budget{Ops: 1, Losses: 1, Silences: 3}, 8},
	{rules.AckAfterTransfer, 2, Budget{Ops: 1, Crashes: 1, Silences: 1}, 7},
	{rules.Continuity, 2, Budget{Crashes: 1, Silences: 1}, 4},
	{rules.RestartDetection, 2, Budget{Crashes: 1}, 3},
	{rules.ForwardGets, 2, Budget{Ops: 2, Silences: 1}, 5},
	{rules.WaitForBackup, 2, Budget{Ops: 1, Silences: 1}, 4},
	{rules.BackupChecksView, 2, Budget{Ops: 2, Silences: 1}, 5},
	{rules.FilterDuplicates, 2, Budget{Ops: 1}, 8},
	{rules.ReplicateFilter, 2, Budget{Ops: 1, Silences: 1}, 7},
	{rules.TransferState, 2, Budget{Silences: 2}, 10},
}

// unraced skips a test that the race detector makes ten times slower and finds nothing in: one goroutine does all of it, or
// more of what others do as well. `make check` runs the package without it, too.
func unraced(t *testing.T) {
	t.Helper()
	if envtest.Raced {
		t.Skip("runs without the race detector")
	}
}

// unhurried is a search that no clock ends: what it finds does not depend on the machine's speed.
var unhurried = func() Options {
	o := Defaults
	o.Time, o.From, o.Budget.VsCrashes = time.Hour, Steady, 0
	return o
}()

func TestEveryRuleThatIsOffDoesItsDamage(t *testing.T) {
	if len(damages) != len(rules.All()) {
		t.Fatal("a rule is missing")
	}
	text, err := os.ReadFile("../../docs/search.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(text)
	for i, test := range damages {
		t.Run(test.rule.String(), func(t *testing.T) {
			t.Parallel()
			if test.steps > 6 {
				unraced(t) // thousands of states
			}
			o := unhurried
			o.Without, o.Clients, o.Budget = rules.Without(test.rule), test.clients, test.budget
			o.Rounds = false
			r := searched(t, o)
			f := r.Find
			if f == nil || !f.Confirmed || r.Depth != test.steps {
				t.Fatalf("%s: %+v", r.Summary(), f)
			}
			if f.Damage() != "without "+test.rule.String()+": "+f.Conclusion()[0] {
				t.Errorf("damage %q", f.Damage())
			}
			if row := damageRow(i, len(f.Events), r.Distinct); !strings.Contains(page, row) {
				t.Errorf("docs/search.md lacks this row:\n%s", row)
			}
			checkMinimal(t, f)
			checkFile(t, f)
			checkStory(t, f, test.rule.String())
			if r.Distinct < 10_000 {
				o.Workers = 1
				if again := searched(t, o).Find; again == nil || !slices.Equal(texts(again.Events), texts(f.Events)) {
					t.Errorf("one worker finds another way:\n%v\n%v", texts(f.Events), again)
				}
			}
		})
	}
}

var update = flag.Bool("update", false, "rewrite the files in testdata")

// checkStory compares the story of a find, and what it comes to, with the file of that name.
func checkStory(t *testing.T, f *Find, name string) {
	t.Helper()
	var story strings.Builder
	f.Tell(&story)
	got := story.String() + strings.Join(f.Conclusion(), "\n") + "\n"
	file := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: the story is\n%s", file, got)
	}
}

// damageRow is the row of a damage in docs/search.md.
func damageRow(i, events, distinct int) string {
	test := damages[i]
	budget := test.budget.Words()
	if test.clients == 1 {
		budget += "; `--clients 1`"
	}
	return fmt.Sprintf("| `%v` | %s | %d | %d | %s |", test.rule, budget, test.steps, events, engine.Count(distinct))
}

func searched(t *testing.T, o Options) Result {
	t.Helper()
	r, err := Search(context.Background(), o, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func texts(events []world.Action) (all []string) {
	for _, e := range events {
		all = append(all, e.String())
	}
	return all
}

// checkMinimal fails if an event can be left out.
func checkMinimal(t *testing.T, f *Find) {
	t.Helper()
	var actions []action
	st := f.first
	for _, e := range f.Events {
		actions = append(actions, actionOf(st.world, e))
		next, err := f.after(st, e)
		if err != nil {
			t.Fatal(err)
		}
		st = next
	}
	if _, violation := f.try(actions); violation != f.Violation {
		t.Errorf("told again, the find comes to %q, not to %q", violation, f.Violation)
	}
	for i := range actions {
		if _, violation := f.try(slices.Concat(actions[:i], actions[i+1:])); violation != "" {
			t.Errorf("without %v it still comes to %q", f.Events[i], violation)
		}
	}
}

// checkFile fails unless the file leads to the same: a world that Open accepts, in which clients saw what no order
// explains, if that is what was found.
func checkFile(t *testing.T, f *Find) {
	t.Helper()
	var file bytes.Buffer
	if err := f.Write(&file); err != nil {
		t.Fatal(err)
	}
	text := file.String()
	e, err := sim.Open(t.Context(), &file)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	defer e.Close()
	verdict := history.Check(e.History().Operations(), time.Minute)
	if seen := strings.HasPrefix(f.Violation, "not linearizable: "); seen != (verdict.Result == history.Violated) {
		t.Errorf("%s: the opened world is %v", f.Violation, verdict)
	}
	checkTimes(t, f)
	var story bytes.Buffer
	f.Tell(&story)
	if lines := len(regexp.MustCompile(`(?m)^ *[0-9]+  `).FindAllString(story.String(), -1)); lines != 1+len(f.Events) {
		t.Errorf("%d lines for the beginning and %d events:\n%s", lines, len(f.Events), &story)
	}
	if want := `; k holds "[c1.01]"; without ` + f.off.String() + "\n"; !strings.Contains(story.String(), want) {
		t.Errorf("the story does not say how it begins, %q:\n%s", want, &story)
	}
}

// checkTimes fails unless each event of the find has a time of its own, next to that of the one before.
func checkTimes(t *testing.T, f *Find) {
	t.Helper()
	last := f.first.world.Now()
	rec, _ := f.played()
	for _, c := range rec.past.Commands[len(f.recording.past.Commands):][:len(f.Events)] {
		if last += sim.Apart; c.At != last {
			t.Errorf("%v should be at %v", c, last)
		}
	}
}

// With all rules on the same budgets come to nothing.
func TestNothingGoesWrongWithAllRulesOn(t *testing.T) {
	tried := map[Budget]bool{}
	for _, test := range damages {
		if tried[test.budget] {
			continue
		}
		tried[test.budget] = true
		t.Run(fmt.Sprintf("%+v", test.budget), func(t *testing.T) {
			t.Parallel()
			o := unhurried
			o.Rounds, o.Budget, o.Depth = false, test.budget, 6
			if envtest.Raced {
				o.Depth = 4
			}
			if r := searched(t, o); r.Find != nil || r.Ended != ByDepth {
				t.Errorf("%s: %v", r.Summary(), r.Find)
			}
		})
	}
}

// TestSoak searches with all rules on for as long as SPLITBRAIN_SEARCH says, in every way in turn.
func TestSoak(t *testing.T) {
	length, err := time.ParseDuration(os.Getenv("SPLITBRAIN_SEARCH"))
	if err != nil {
		t.Skip("SPLITBRAIN_SEARCH=1m, or so, searches for so long")
	}
	for _, o := range []Options{
		{From: Steady, Rounds: true}, {From: Start, Rounds: true}, {Random: true}, {Random: true, FilterClients: 1},
	} {
		all := Defaults
		all.From, all.Rounds, all.Random, all.FilterClients, all.Time = o.From, o.Rounds, o.Random, o.FilterClients, length/4
		if o.Random {
			all.Budget, all.Seed = WildBudget, uint64(time.Now().UnixNano())
		}
		r := searched(t, all)
		t.Logf("from %q, random %v: %s", o.From, o.Random, r.Summary())
		if r.Find != nil {
			var story bytes.Buffer
			r.Find.Tell(&story)
			t.Errorf("seed %d: %s\n%s", all.Seed, r.Find.Violation, &story)
		}
	}
}

// TestV5_BothSilentAtOnce: the search finds out a viewservice that gives a view to whoever was not heard lately, as TestMutants
// shows; this one waits for the next ping.
func TestV5_BothSilentAtOnce(t *testing.T) {
	o := unhurried
	o.Rounds, o.Budget = false, Budget{Crashes: 1, Silences: 1}
	o.Depth = 8
	if r := searched(t, o); r.Find != nil || r.Ended != ByDepth {
		t.Errorf("%s: %v", r.Summary(), r.Find)
	}
}

// TestS10_NothingGoesWrongWhereClientsAreForgotten: with room for one client in the filter, the other's operations are
// refused or done once.
func TestS10_NothingGoesWrongWhereClientsAreForgotten(t *testing.T) {
	for _, budget := range []Budget{{Ops: 2}, {Ops: 2, Duplicates: 1}, {Ops: 2, Silences: 1}} {
		t.Run(fmt.Sprintf("%+v", budget), func(t *testing.T) {
			t.Parallel()
			o := unhurried
			o.FilterClients, o.Rounds, o.Budget, o.Depth = 1, false, budget, 8
			if envtest.Raced {
				o.Depth = 5
			}
			if r := searched(t, o); r.Find != nil || r.Ended != ByDepth {
				t.Errorf("%s: %v", r.Summary(), r.Find)
			}
		})
	}
}
