package search

import (
	"bytes"
	"reflect"
	"slices"
	"strings"
	"testing"

	"cluster/splitbrain/netsim/sim"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice/rules"
)

func mustGoal(t *testing.T, text string) *Goal {
	t.Helper()
	g, err := ParseGoal(text, 3, 2)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestGoals(t *testing.T) {
	tests := []struct {
		goal    string
		servers int
		from    From
		budget  Budget
		steps   int // -1: it can't be reached
	}{
		{"view 3", 3, Steady, Budget{Silences: 1}, 1},
		{"view 3", 3, Steady, Budget{}, -1},
		{"view 3+", 3, Steady, Budget{Silences: 2}, 1},
		{"primary s2", 3, Steady, Budget{Silences: 1}, 1},
		{"primary s3", 3, Start, Budget{}, 1},
		{"not primary s1 and not view 3", 3, Start, Budget{}, 0},
		{"backup none", 2, Steady, Budget{Crashes: 1}, 2},
		{"backup s3 and complete s3", 3, Steady, Budget{Silences: 1}, 8},
		{"acked and view 1", 2, Start, Budget{}, 2},
		{"view 3 and not acked", 3, Steady, Budget{Silences: 1}, 1},
		{"crashed s2 and (primary s1 or view 9)", 3, Steady, Budget{Crashes: 1}, 1},
		{"crashed vs", 2, Steady, Budget{VsCrashes: 1}, 1},
		{"view 0", 2, Start, Budget{}, 0},
		{"view 0", 2, Steady, Budget{VsCrashes: 1}, 2}, // a viewservice that has crashed is in none
		{"view 0 and stuck V9", 2, Steady, Budget{VsCrashes: 1}, 2},
		{"stuck V3", 3, Steady, Budget{Crashes: 1, Silences: 1}, 3},
		{"stuck v5", 1, Steady, Budget{Crashes: 1}, 2},
		{"stuck V9", 2, Steady, Budget{VsCrashes: 1}, 2},
		{"stuck", 2, Start, Budget{}, 0},
		{`data s2 k = "[c1.01][c1.02]"`, 2, Steady, Budget{Ops: 1}, 3},
		{"data s1 l absent and not data s1 k absent", 2, Steady, Budget{Crashes: 1}, 0},
		{"done", 2, Steady, Budget{Ops: 1}, 4},
		{"done c2 and not done c1", 2, Steady, Budget{Ops: 2}, 4},
		{"broken one-primary", 2, Steady, Budget{Silences: 1, Ops: 1, Crashes: 1}, -1},
		{"broken", 2, Steady, Budget{Silences: 1}, -1},
	}
	for _, test := range tests {
		o := unhurried
		o.Servers, o.From, o.Budget, o.Goal, o.Rounds, o.Depth = test.servers, test.from, test.budget, mustGoal(t, test.goal), false, 8
		r := searched(t, o)
		if test.steps < 0 {
			if r.Find != nil || r.Nearest == nil || r.Deepest == nil {
				t.Errorf("%s: %s: %v, %v, %v", test.goal, r.Summary(), r.Find, r.Nearest, r.Deepest)
			}
			continue
		}
		if r.Find == nil || !r.Find.Confirmed || r.Find.Violation != "reached: "+test.goal || r.Depth != test.steps {
			t.Errorf("%s: %s: %+v", test.goal, r.Summary(), r.Find)
		}
	}
}

// A goal that was not reached leaves what came nearest, and what is deepest, as worlds that open.
func TestAGoalThatIsNotReachedLeavesTheNearest(t *testing.T) {
	o := unhurried
	o.Budget, o.Goal, o.Rounds, o.Depth = Budget{Silences: 1}, mustGoal(t, "view 5 and primary s2"), false, 6
	r := searched(t, o)
	if r.Find != nil || r.Nearest == nil || len(r.Nearest.Events) != 1 || !strings.Contains(r.Nearest.Violation, "not reached: view 5 and primary s2") {
		t.Fatalf("%s: %v, nearest %+v", r.Summary(), r.Find, r.Nearest)
	}
	for _, f := range []*Find{r.Nearest, r.Deepest} {
		var file bytes.Buffer
		if err := f.Write(&file); err != nil {
			t.Fatal(err)
		}
		e, err := sim.Open(t.Context(), &file)
		if err != nil {
			t.Fatalf("%s: %v", f.Violation, err)
		}
		e.Close()
	}
	if len(r.Deepest.Events) < 6 {
		t.Errorf("deepest after %d events", len(r.Deepest.Events))
	}
}

// What needs a fair future is looked for where it is asked for by name, and then the last line says so.
func TestBrokenIsCheap(t *testing.T) {
	for goal, found := range map[string]bool{"broken answered": true, "broken redundant and not view 9": true, "broken": false} {
		o := unhurried
		o.Without, o.Budget, o.Rounds, o.Depth = rules.Without(rules.RestartDetection), Budget{Ops: 1, Crashes: 1}, false, 2
		o.Goal = mustGoal(t, goal)
		r := searched(t, o)
		if told := strings.Contains(r.Summary(), "; fair futures were tried for broken "); told != found || found != (r.Find != nil) {
			t.Errorf("%s: %s", goal, r.Summary())
		}
		o.Goal, o.Prune = nil, o.Goal
		if r := searched(t, o); found != strings.Contains(r.Summary(), "; fair futures were tried for broken ") {
			t.Errorf("--prune %s: %s", goal, r.Summary())
		}
	}
}

// What needs a fair future is not looked at where the rest of a goal does not hold, or holds already.
func TestDearConditionsComeLast(t *testing.T) {
	o := unhurried
	st := &state{world: o.openings()[0].world} // in view 2
	for goal, far := range map[string]int{
		"broken answered and view 9":                                 8,
		"view 9 and (broken redundant or broken answered) and acked": 8,
		"broken answered or view 2":                                  0,
		"(not broken answered or view 2) and view 3":                 2,
		"view 9 and not broken answered and broken answered":         9,
	} {
		if got := mustGoal(t, goal).far(nil, st, st); got != far { // with no scope there is no future
			t.Errorf("%s: %d, want %d", goal, got, far)
		}
	}
}

// Beyond states that are pruned nothing is tried, and they themselves are looked at.
func TestPrune(t *testing.T) {
	o := unhurried
	o.Budget, o.Goal, o.Rounds = Budget{Silences: 2}, mustGoal(t, "view 4"), false
	if r := searched(t, o); r.Find == nil {
		t.Fatal(r.Summary())
	}
	o.Prune = mustGoal(t, "view 3")
	if r := searched(t, o); r.Find != nil || r.Ended != Exhausted {
		t.Error(r.Summary())
	}
	o.Goal = mustGoal(t, "view 3")
	if r := searched(t, o); r.Find == nil {
		t.Error(r.Summary())
	}
}

// Clients do what the workload says, in its order, and nothing else.
func TestWorkload(t *testing.T) {
	w, err := ParseWorkload(`c1 put a "x; y"; c2 get a
		# a comment
		c1 append b 2`)
	if err != nil || w.Len() != 3 {
		t.Fatal(w, err)
	}
	for _, random := range []bool{false, true} {
		o := unhurried
		o.Random, o.Workload, o.Budget, o.Rounds = random, w, Budget{Ops: 3}, false
		o.Goal = mustGoal(t, `done and data s2 a "x; y" and data s2 b 2`)
		r := searched(t, o)
		if r.Find == nil || !r.Find.Confirmed {
			t.Fatalf("%s: %+v", r.Summary(), r.Find)
		}
		var story bytes.Buffer
		r.Find.Tell(&story)
		put, added := strings.Index(story.String(), `c1 begins: put a "x; y"`), strings.Index(story.String(), `c1 begins: append b 2`)
		if put < 0 || added < put || !strings.Contains(story.String(), `c2 begins: get a`) || strings.Count(story.String(), "begins") != 3 {
			t.Errorf("random %v:\n%s", random, &story)
		}
	}
}

// Walks begin with the first operation of each client, and are done after the last, wherever they begin.
func TestWalksDoAllOfAWorkload(t *testing.T) {
	w, err := ParseWorkload("c1 put a 1; c2 get a")
	if err != nil {
		t.Fatal(err)
	}
	o := unhurried
	o.Random, o.From, o.Workload, o.Budget, o.Goal = true, "", w, Budget{Ops: w.Len()}, mustGoal(t, "done")
	for o.Seed = range 8 {
		if r := searched(t, o); r.Find == nil || strings.Count(strings.Join(texts(r.Find.Events), "\n"), "@c") != 2 {
			t.Errorf("seed %d: %s: %v", o.Seed, r.Summary(), r.Find)
		}
	}
}

// What is quoted is read as everywhere else: it ends no operation and joins no conditions.
func TestQuotesInWorkloadsAndGoals(t *testing.T) {
	w, err := ParseWorkload("c1 put a \"x\\\";y\"; c2 get '@c1' # ; c1 get no\r\nc1 append \"a > b\" \\;")
	want := Workload{
		{{Kind: pbservice.Put, Key: "a", Value: `x";y`}, {Kind: pbservice.Append, Key: "a > b", Value: ";"}}, {{Kind: pbservice.Get, Key: "@c1"}},
	}
	if err != nil || !reflect.DeepEqual(w, want) {
		t.Errorf("%v, %v", w, err)
	}
	o := unhurried
	o.Workload, o.Budget, o.Rounds = Workload{{{Kind: pbservice.Put, Key: "k", Value: `a"(b`}}}, Budget{Ops: 1}, false
	o.Goal = mustGoal(t, `(data s1 k = "a\"(b")`)
	if r := searched(t, o); r.Find == nil {
		t.Error(r.Summary())
	}
}

// Narrow rounds, in which clients may begin less, don't count as done.
func TestDoneIsDone(t *testing.T) {
	w, err := ParseWorkload("c1 put a 1; c2 get a")
	if err != nil {
		t.Fatal(err)
	}
	o := unhurried
	o.Workload, o.Budget.Ops, o.Goal = w, w.Len(), mustGoal(t, "done and view 3")
	r := searched(t, o)
	if r.Find == nil || strings.Count(strings.Join(texts(r.Find.Events), "\n"), "@c") != 2 {
		t.Errorf("%s: %v", r.Summary(), r.Find)
	}
}

// A goal that is near to where a search begins is found before any round is gone to its end, whatever it costs; and no round is
// made that can't come to it.
func TestGoalsThatAreNear(t *testing.T) {
	for _, test := range []struct {
		goal   string
		from   From
		states int // more than this many distinct ones are not looked at
		depth  int
	}{
		{"stuck V1", "", 2, 0},
		{"view 0", "", 2, 0},
		{"view 2", "", 1, 0},
		{"crashed vs", Steady, 1_000, 1},
		{"crashed vs", "", 1_000, 1},
		{"crashed s1 and crashed s2", Steady, 1_000, 2},
		{"view 1", "", nearStates + 5_000, 1}, // from the start
	} {
		o := unhurried
		o.From, o.Budget.VsCrashes, o.Goal = test.from, 1, mustGoal(t, test.goal)
		r := searched(t, o)
		if r.Find == nil || r.Distinct > test.states || r.Depth != test.depth {
			t.Errorf("%s from %q: %s", test.goal, test.from, r.Summary())
		}
		o.Workers = 3
		if again := searched(t, o); again.Covered != r.Covered || !slices.Equal(texts(again.Find.Events), texts(r.Find.Events)) {
			t.Errorf("%s from %q: %+v with 3 workers, %+v", test.goal, test.from, again.Covered, r.Covered)
		}
	}
}

func TestRoundsThatCanComeToAGoal(t *testing.T) {
	for goal, narrower := range map[string]int{
		"view 9": 9, "crashed vs": 1, "stuck V9": 1, "crashed s1": 4, "crashed s1 and crashed s2": 0, "crashed s1 or view 9": 9, "done": 0,
		"crashed s1 and crashed s1": 4,
	} {
		o := Defaults
		o.Goal = mustGoal(t, goal)
		n := 0
		for _, one := range o.rounds(o.openings()) {
			if one.Budget != o.Budget {
				n++
			}
		}
		if n != narrower {
			t.Errorf("%s: %d narrow rounds, want %d", goal, n, narrower)
		}
	}
}

// What a round that looks for what is near has tried to its end is not tried again.
func TestNothingIsTriedTwice(t *testing.T) {
	for _, depth := range []int{0, 3} {
		o := unhurried
		o.Servers, o.Budget, o.Depth = 2, Budget{Crashes: 1}, depth
		states, frontier, ended := 0, 0, ""
		for _, o.From = range []From{Start, Steady} { // the one from the steady service is the last
			r := searched(t, o)
			states, frontier, ended = states+r.Distinct, r.Frontier, r.Ended
		}
		o.From, o.Goal = "", mustGoal(t, "view 9")
		r := searched(t, o)
		if depth == 0 && (r.Distinct != states+2 || r.Ended != Exhausted) { // the first states are looked at before
			t.Errorf("%s, %d states without a goal", r.Summary(), states)
		}
		if r.Frontier != frontier || r.Ended != ended {
			t.Errorf("depth %d: %s, without a goal %s and %d are left", depth, r.Summary(), ended, frontier)
		}
	}
}

func TestWorkloadsThatAreWrong(t *testing.T) {
	for text, want := range map[string]string{
		"":                    "has no operation",
		"put a 1":             "does not begin with a client",
		"c1 put a":            "is no operation",
		"c1 kill s1":          "is no operation",
		"c9 get a":            "does not begin with a client",
		"c1 put a 'x":         "is not closed",
		"c1 get a; c1 jump b": "is no operation",
	} {
		if _, err := ParseWorkload(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
	o := unhurried
	for text, want := range map[string]string{
		"c3 get a":                               "there is no client c3",
		"c1 get a; c1 get b; c1 get c; c1 get d": "4 keys",
	} {
		o.Workload, _ = ParseWorkload(text)
		if _, err := Search(t.Context(), o, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// What a goal implies is what each of its ways implies.
func TestWhatGoalsImply(t *testing.T) {
	vs, view0, done := implied{needsVs: true}, implied{view0: true}, implied{done: true}
	for text, want := range map[string]implied{
		"stuck V9": vs, "stuck v1": view0, "done": done, "stuck": {}, "done c1": {},
		"stuck V9 and not acked":               vs,
		"not stuck V9":                         {},
		"not (stuck V9 and done)":              {},
		"done or view 3":                       {},
		"done and view 3 or done and acked":    done,
		"stuck V9 and (view 3 or acked)":       vs,
		"(view 3 or acked) and stuck V9":       vs,
		"stuck V1 and done":                    view0.and(done),
		"stuck V9 or stuck V1":                 {},
		"stuck V9 or stuck V9 and not view 3":  vs,
		"not acked and stuck V9 and not acked": vs,
	} {
		got := mustGoal(t, text).implied
		got.facts, want.facts = nil, nil
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, want %+v", text, got, want)
		}
	}
}

// What may hold is not refused.
func TestGoalsThatMayHold(t *testing.T) {
	for _, text := range []string{
		"crashed vs or view 3", "crashed vs and not view 3", "crashed vs and crashed s1 and data s2 k = 1", "view 3+ and view 4",
		"view 3 and crashed s1 and primary s1", "(primary s1 or primary s2) and primary s3", "view 0+ and view 0", "view 3 or view 4",
		"(crashed vs or crashed vs and done) and done", "primary s1 and backup s2", "stuck V9 and view 0",
	} {
		mustGoal(t, text)
	}
}

func TestGoalsThatAreWrong(t *testing.T) {
	for text, want := range map[string]string{
		"bliss":                `"bliss" is no goal: there are view 3, view 3+, acked, primary s2, backup s2, backup none, complete s2, crashed s2, crashed vs, data s2 k = 1, data s2 k absent, done, `,
		"vew 3":                `"vew" is no goal: did you mean view?`,
		"view three":           `"three" is no number of a view`,
		"view -1":              `"-1" is no number of a view`,
		"primary s7":           `"s7" is no server: there are s1 to s3`,
		"stuck V99":            `"V99" is no rule that holds views up: there are V1, V3, V5, V9`,
		"view 3 view 4":        `"view" is too many`,
		"(view 3":              `a parenthesis is not closed before the end`,
		"view 3 and":           `"" is no goal`,
		"not":                  `"" is no goal`,
		"done c3":              `"c3" is no client: there are c1 to c2`,
		"data s1 k":            "lacks a key and what it holds",
		"data s1 k =":          "lacks what the key holds",
		"broken everything":    `"everything" is no promise`,
		`data s1 "k`:           "is not closed",
		`view 3 ""`:            `"" is too many`,
		`(view 3 "")`:          `a parenthesis is not closed before ""`,
		`stuck ""`:             `"" is no rule`,
		`broken ""`:            `"" is no promise`,
		`done ""`:              `"" is no client`,
		"done x1":              `"x1" is no client`,
		`"(" view 3`:           `"(" is no goal`,
		"view 3 or primary c1": `"c1" is no server`,

		"crashed vs and view 3":                       "it can never hold: a crashed viewservice has no view",
		"view 0 and crashed vs":                       "a crashed viewservice has no view",
		"acked and crashed vs":                        "a crashed viewservice has no view",
		"crashed vs and (backup none or backup s1)":   "a crashed viewservice has no view",
		"done or crashed vs and not done and stuck":   "a crashed viewservice has no view",
		"not (complete s1 and crashed vs)":            "a crashed viewservice has no view",
		"crashed s1 and crashed s2 and data s2 k = 1": "a crashed server has no data",
		"view 3 and view 4":                           "the viewservice is in one view at a time",
		"stuck V1 and view 3":                         "the viewservice is in one view at a time",
		"view 0 and primary s1":                       "in view 0 there is neither primary nor backup",
		"primary s1 and primary s2":                   "a view has one primary",
		"backup none and backup s2":                   "a view has one backup",
		"primary s1 and backup s1":                    "no server is both primary and backup",
	} {
		if _, err := ParseGoal(text, 3, 2); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}
