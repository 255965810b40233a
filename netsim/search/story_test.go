package search

import (
	"slices"
	"strings"
	"testing"

	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice/rules"
)

// storyOf is all that is told of what a search finds, or comes nearest to.
func storyOf(t *testing.T, o Options) string {
	t.Helper()
	r := searched(t, o)
	if r.Find == nil {
		t.Fatal(r.Summary())
	}
	var out strings.Builder
	r.Find.Tell(&out)
	return out.String() + strings.Join(r.Find.Conclusion(), "\n") + "\n"
}

// A rule that is off, and without which the same would happen, is not blamed.
func TestARuleThatHasNoPartIsNotBlamed(t *testing.T) {
	o := unhurried
	o.Rounds, o.Budget, o.Without = false, Budget{Crashes: 1}, rules.Without(rules.RestartDetection, rules.ForwardGets)
	got := storyOf(t, o)
	for _, want := range []string{
		"\nrestart-detection (V7 S2) is off: a new boot is taken for the old one, and trusts the view\nwith it on, line 60 (vs hears s1: Ping(0)) would not have come to this: ",
		"\nforward-gets (S5) is off: the primary answers Gets alone\nit has no part in this: with it on the same comes of it\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

// That a duplicate filter forgets clients can't be seen of what happens: the story says so where it begins.
func TestTheStoryTellsOfASmallFilter(t *testing.T) {
	const says = "\n       the duplicate filter has room for 1 client only (S10)\n"
	o := unhurried
	o.Rounds, o.Budget, o.Without = false, Budget{Ops: 1, Silences: 1}, rules.Without(rules.ReplicateFilter)
	for room, told := range map[int]bool{0: false, 1: true, 2: false} {
		if o.FilterClients = room; strings.Contains(storyOf(t, o), says) != told {
			t.Errorf("room for %d clients of 2: it is told: %v", room, !told)
		}
	}
}

// Whoever looks for a goal learns what is so there: what waits, why no view is formed, and that a connection broke.
func TestTheStoryOfAGoal(t *testing.T) {
	for _, test := range []struct {
		goal   string
		budget Budget
		want   []string
	}{
		{"stuck V3 and view 3", Budget{Silences: 2}, []string{
			"vs forms no view: view 3 is not acknowledged: s2 fell silent before Ping(3).", "\nthere vs forms no view: view 3 is not acknowledged: s2 fell silent",
		}},
		{"view 3 and crashed s2 and done c1 and stuck V3", Budget{Ops: 1, Crashes: 1, Silences: 1}, []string{" s2 crashes\n       s2 loses its connection to s1\n"}},
		{"not (view 2 or view 3) and backup none", Budget{Crashes: 1, Silences: 1}, []string{"V8); forms no further view: s3 volunteers, and view 4 waits for Ping(4) from s2"}},
		{"data s1 k = \"[c1.01][c2.02][c1.02]\"", Budget{Ops: 2}, []string{"\n       s1 lets it wait: s1 waits for s2 to confirm (S5)\n"}},
	} {
		o := unhurried
		o.Rounds, o.Budget, o.Goal = false, test.budget, mustGoal(t, test.goal)
		got := storyOf(t, o)
		for _, want := range test.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s: no %q in\n%s", test.goal, want, got)
			}
		}
	}
}

// What is lost, or would be repeated, is told by its key, with what clients know of it.
func TestWhatIsLostIsNamed(t *testing.T) {
	lost := unhurried
	lost.Random, lost.From, lost.Budget, lost.Properties, lost.Workers = true, "", WildBudget, 1<<nothingLost, 1
	lost.Without = rules.Without(rules.BackupChecksView)
	promoted := lost
	promoted.Properties, promoted.Without = 1<<completeBackup, rules.Without(rules.WaitForBackup)
	unknown := unhurried
	unknown.Rounds, unknown.Properties, unknown.Without = false, 1<<knownRepeats, rules.Without(rules.ReplicateFilter)
	unknown.Budget = Budget{Ops: 1, Silences: 1}
	for _, test := range []struct {
		Options
		want []string
	}{
		{lost, []string{
			"\nbroken: nothing-lost: s1 can complete operations, and holds nothing for l: no order of the operations explains that\n",
			"\nso a get of l that it completes returns nothing in place of \"[c1.02]\": c1 has its answer to put l [c1.02] since line 66\n",
		}},
		{promoted, []string{
			"could be promoted, but holds nothing for l: no order",
			"\nso promoted now it would answer a get of l with nothing in place of \"[c1.02]\": c1 has its answer to put l [c1.02] since line 59\n",
		}},
		{unknown, []string{"\nbroken: known-repeats: s2 can complete operations, and would do append k [c1.02] of c1 again, which was answered\n"}},
	} {
		got := storyOf(t, test.Options)
		for _, want := range test.want {
			if !strings.Contains(got, want) {
				t.Errorf("no %q in\n%s", want, got)
			}
		}
	}
}

// A get might return each value that some order of the operations comes to.
func TestWhatMightBeReturned(t *testing.T) {
	stored := func(v string) register { return register{v, true} }
	put := pbservice.Op{Kind: pbservice.Put, Key: "k", Value: "p", Client: "c1", Seq: 1}
	add := pbservice.Op{Kind: pbservice.Append, Key: "k", Value: "a", Client: "c2", Seq: 1}
	j := newJudge(register{}).begin(put).begin(add)
	for _, test := range []struct {
		*judge
		want []register
	}{
		{j, []register{{}, stored("a"), stored("p"), stored("pa")}},
		{j.end("c1", 1, register{}), []register{stored("p"), stored("pa")}},
		{j.end("c1", 1, register{}).end("c2", 1, register{}), []register{stored("p"), stored("pa")}},
		{allExplained, nil},
	} {
		got := test.explained()
		if !slices.Equal(got, test.want) {
			t.Errorf("%v, want %v", got, test.want)
		}
		for _, r := range got {
			if !test.explains(r) {
				t.Errorf("%v is told, and not explained", r)
			}
		}
	}
}

// What a rule would have prevented is told of the first node on which something else would have come of an event.
func TestDiffering(t *testing.T) {
	if got := differing([]effect{{"vs", []string{"forms no view: s2 crashed (V3)"}}}, []effect{{"vs", []string{"forms no view: s2 may serve (V3)"}}}); got != "" {
		t.Errorf("other words are a difference: %q", got)
	}
	was := []effect{{"vs", []string{"forms view 3 s2 s3: primary s1 counts as dead (V4)", "answers s1"}}, {"s1", []string{"learns view 3"}}}
	for _, test := range []struct {
		instead []effect
		want    string
	}{
		{was, ""},
		{[]effect{{"vs", []string{"forms view 3 s2 s3: s2 becomes primary, as far as is known", "answers s1"}}, was[1]}, ""},
		{was[1:], "not have come to this: vs forms view 3 s2 s3; answers s1"},
		{append(slices.Clone(was), effect{"s2", []string{"drops its data"}}), "have come to this, too: s2 drops its data"},
		{[]effect{{"vs", []string{"forms no view", "answers s1"}}, was[1]}, "not have come to this: vs forms view 3 s2 s3, but to this: vs forms no view"},
	} {
		if got := differing(was, test.instead); got != test.want {
			t.Errorf("%v: %q, want %q", test.instead, got, test.want)
		}
	}
}

// Of a goal that was not reached the story says what the nearest state lacks.
func TestWhatANearStateLacks(t *testing.T) {
	for text, want := range map[string]string{
		"view 9 and backup none and not (view 2 and acked)": "\nthere it lacks: view 9 (by 6), backup none",
		"view 9 or primary s3":                              "",
	} {
		o := unhurried
		o.Rounds, o.Budget, o.Depth, o.Goal = false, Budget{Silences: 1}, 4, mustGoal(t, text)
		r := searched(t, o)
		if r.Nearest == nil {
			t.Fatal(r.Summary())
		}
		got := strings.Join(r.Nearest.Conclusion(), "\n")
		if _, rest, _ := strings.Cut(got, "nearest to it"); !strings.HasPrefix(rest, want) || want == "" && strings.Contains(rest, "lacks") {
			t.Errorf("%s: %q, want %q", text, rest, want)
		}
	}
}
