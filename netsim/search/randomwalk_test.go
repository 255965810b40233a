package search

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"cluster/splitbrain/netsim/sim"
	"cluster/splitbrain/netsim/world"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice/rules"
)

// gridRoamer walks over a grid at random.
type gridRoamer struct{ gridWalker }

func roamers(g grid, workers int) (all []Roamer[[4]uint8]) {
	for range workers {
		all = append(all, &gridRoamer{gridWalker{grid: g}})
	}
	return all
}

func (g *gridRoamer) Judge(s, next [4]uint8) string { return g.gridWalker.Judge(s, next, Key{}) }

func (g *gridRoamer) AtEnd([4]uint8) string { return "" }

func (g *gridRoamer) Begin(*rand.Rand) (s [4]uint8) { return s }

func (g *gridRoamer) Go(s [4]uint8, random *rand.Rand) (next [4]uint8, ok bool) {
	first := random.IntN(g.tokens)
	for i := range g.tokens {
		if next, ok = g.Take(s, (first+i)%g.tokens); ok {
			return next, true
		}
	}
	return s, false
}

func TestWalksFindTheSameWithAnyNumberOfWorkers(t *testing.T) {
	g := grid{tokens: 4, length: 12, wrong: func(p [4]uint8) bool { return p[0] == 10 && p[1] == 2 && p[2] == 7 }}
	var want *FoundWalk
	for workers := 1; workers <= 4; workers++ {
		covered, found := randomWalk(context.Background(), roamers(g, workers), 7, Limits{})
		if found == nil || covered.States < 19 || covered.Depth < 19 {
			t.Fatalf("%d workers: %+v, %+v", workers, covered, found)
		}
		if want == nil {
			want = found
		}
		if *found != *want {
			t.Errorf("%d workers found %v, one found %v", workers, found, want)
		}
		if violation, length := walk(roamers(g, 1)[0], 7, found.Walk); violation != "wrong" || length < 19 {
			t.Errorf("walk %d again: %q after %d steps", found.Walk, violation, length)
		}
	}
}

func TestWalksEnd(t *testing.T) {
	ctx, cancel := context.WithTimeoutCause(context.Background(), 20*time.Millisecond, errors.New("time"))
	defer cancel()
	covered, found := randomWalk(ctx, roamers(grid{tokens: 4, length: 12}, 2), 1, Limits{})
	if found != nil || covered.Ended != "time" || covered.Depth != 48 || covered.States < 48 {
		t.Errorf("%+v, %v", covered, found)
	}
}

func TestShrink(t *testing.T) {
	try := func(way []int) ([]int, string) { // wrong once 3, 5 and then 9 were there
		need := []int{3, 5, 9}
		for i, step := range way {
			if step == need[0] {
				need = need[1:]
			}
			if len(need) == 0 {
				return way[:i+1], "wrong"
			}
		}
		return way, ""
	}
	var way []int
	for i := range 300 {
		way = append(way, i%11)
	}
	if least, violation := shrink(way, try); violation != "wrong" || !slices.Equal(least, []int{3, 5, 9}) {
		t.Errorf("%v, %q", least, violation)
	}
	if least, violation := shrink([]int{1, 2}, try); violation != "" || len(least) != 2 {
		t.Errorf("%v, %q", least, violation)
	}
}

// With a rule off, walks over single events come to its damage, which is told in a world that can be opened.
func TestWalksFindDamage(t *testing.T) {
	unraced(t)
	for _, rule := range rules.All() {
		t.Run(rule.String(), func(t *testing.T) {
			t.Parallel()
			o := unhurried
			o.Random, o.From, o.Budget, o.Without, o.Workers = true, "", WildBudget, rules.Without(rule), 1
			r := searched(t, o)
			if r.Find == nil || !r.Find.Confirmed {
				t.Fatalf("%s: %+v", r.Summary(), r.Find)
			}
			t.Logf("%d events: %s: %s", len(r.Find.Events), r.Find.Violation, r.Summary())
			checkMinimal(t, r.Find)
			checkNoneNeeded(t, r.Find)
			checkTimes(t, r.Find)
			var file bytes.Buffer
			if err := r.Find.Write(&file); err != nil {
				t.Fatal(err)
			}
			e, err := sim.Open(t.Context(), &file)
			if err != nil {
				t.Fatal(err)
			}
			e.Close()
		})
	}
}

// Where a walk loses a value, of whatever key, the find goes on until a client reads that.
func TestAWalkGoesOnUntilTheLossIsSeen(t *testing.T) {
	for _, test := range []struct {
		rule rules.Rule
		seed uint64
		read string
	}{
		{rules.BackupChecksView, 1, "get l"},
		{rules.FilterDuplicates, 3, "get l"},
		{rules.ForwardGets, 3, "get k"}, // from the end of the whole walk
	} {
		o := unhurried
		o.Random, o.From, o.Budget, o.Without, o.Workers, o.Seed = true, "", WildBudget, rules.Without(test.rule), 1, test.seed
		r := searched(t, o)
		told := r.Find.told()
		last := told[len(told)-1].effects[0].String()
		if p, _ := brokenIn(r.Find.Violation); p != linearizable || !strings.HasSuffix(last, " has its answer to "+test.read) {
			t.Errorf("%v: %s, at the end %s", test.rule, r.Find.Violation, last)
		}
		checkMinimal(t, r.Find)
	}
}

// At the start a ping is due, which the find has no use for: time goes on all the same, and tells the lines from each other.
func TestAFindFromTheStartNamesItsLines(t *testing.T) {
	o := unhurried
	o.Random, o.From, o.Budget, o.Without, o.Properties, o.Seed = true, Start, WildBudget, rules.Without(rules.FilterDuplicates), 1<<linearizable, 2
	f := searched(t, o).Find
	checkTimes(t, f)
	told := f.told()
	want := fmt.Sprintf("in line %d", len(told))
	if got := f.verdict(); !strings.Contains(got, want) {
		t.Errorf("%q does not say that the find ends %s, where %s", got, want, told[len(told)-1].head)
	}
}

// An event that is not needed is left out of this walk though without it the viewservice's answers say something else.
func TestAnotherViewHidesNoEventThatIsNotNeeded(t *testing.T) {
	o := unhurried
	o.Random, o.From, o.Budget, o.Without, o.Workers = true, "", WildBudget, rules.Without(rules.WaitForBackup), 1
	o.Seed, o.Shard = 7, Shard{3, 3}
	r := searched(t, o)
	if r.Find == nil {
		t.Fatal(r.Summary())
	}
	checkNoneNeeded(t, r.Find)
}

// checkNoneNeeded is checkMinimal where each message is told from others by the event that sent it, whatever it says.
func checkNoneNeeded(t *testing.T, f *Find) {
	t.Helper()
	type sender struct {
		event int
		like  string // kind and nodes of the message, and which of those it is
	}
	sent := func(before, after *state, event int) map[uint64]sender {
		all, count := map[uint64]sender{}, map[string]int{}
		for _, msg := range after.world.Transit() {
			if before == nil || before.world.Message(msg.ID) == nil {
				like := fmt.Sprint(msg.Kind, msg.From, msg.To)
				count[like]++
				all[msg.ID] = sender{event, fmt.Sprint(like, count[like])}
			}
		}
		return all
	}
	senders := sent(nil, f.first, -1)
	st := f.first
	for i, e := range f.Events {
		next, err := f.after(st, e)
		if err != nil {
			t.Fatal(err)
		}
		maps.Copy(senders, sent(st, next, i))
		st = next
	}
	for left := range f.Events {
		now := map[sender]uint64{}
		note := func(all map[uint64]sender) {
			for id, by := range all {
				now[by] = id
			}
		}
		note(sent(nil, f.first, -1))
		st, violation := f.first, ""
		for i, e := range f.Events {
			if e.Msg != 0 {
				e.Msg = now[senders[e.Msg]]
			}
			if i == left || violation != "" || f.Events[i].Msg != 0 && e.Msg == 0 {
				continue
			}
			if next, err := f.after(st, e); err == nil {
				note(sent(st, next, i))
				violation = f.violation(st, next)
				st = next
			}
		}
		if violation != "" || f.stall && f.inTheEnd(st) != "" {
			t.Errorf("without %v it still comes to a violation", f.Events[left])
		}
	}
}

// A walk of a seed is the same in whatever process, and whoever else walks.
func TestWalksRepeat(t *testing.T) {
	o := unhurried
	o.Random, o.From, o.Budget, o.Without = true, "", WildBudget, rules.Without(rules.AckAfterTransfer)
	var first []string
	for workers := 1; workers <= 3; workers++ {
		o.Workers = workers
		found := texts(searched(t, o).Find.Events)
		if first == nil {
			first = found
		}
		if !slices.Equal(found, first) {
			t.Errorf("%d workers found\n%v\none found\n%v", workers, found, first)
		}
	}
}

// What walks can't come to is said: nobody restarts or fails here.
func TestWalksTellWhatTheyNeverSaw(t *testing.T) {
	ctx, cancel := context.WithTimeoutCause(context.Background(), time.Hour, errTime)
	defer cancel()
	o := unhurried
	o.Random, o.From, o.Workers, o.Budget, o.Without = true, Steady, 1, Budget{Ops: 1}, rules.Without(rules.FilterDuplicates)
	r, err := Search(ctx, o, nil)
	if err != nil || r.Find == nil {
		t.Fatal(r.Find, err)
	}
	never := strings.Join(r.Seen.Never, "\n")
	if r.Seen.Of-r.Seen.Count != len(r.Seen.Never) || !strings.Contains(never, "V7: primary a server restarted and came back empty") || strings.Contains(never, "{") {
		t.Errorf("%d of %d were seen, never:\n%s", r.Seen.Count, r.Seen.Of, never)
	}
}

// Operations that the filter has forgotten end with an unknown outcome, as those do that were given up. With many of them the
// judge of a key would try orders for minutes.
func TestWalksLeaveFewOperationsOpen(t *testing.T) {
	s, st := tiny(t, 3, 2, Steady, WildBudget)
	r := &eventRoamer{scope: s, plan: drawPlan(rand.New(rand.NewPCG(1, 1)), s)}
	for open := range maxOpen + 2 {
		r.choices = nil
		if r.offerOperations(st); (len(r.choices) > 0) != (open < maxOpen) {
			t.Errorf("%d operations are open: %v", open, r.choices)
		}
		s.begin(st, pbservice.Op{Client: "c1", Seq: uint64(open + 1), Kind: pbservice.Append, Key: firstKey})
	}
}

// Who is deaf hears of no later view, from its backup neither: as primary it goes on to take what clients ask.
func TestADeafServerHearsClientsAlone(t *testing.T) {
	s, _ := tiny(t, 3, 2, Steady, WildBudget)
	r := &eventRoamer{scope: s, plan: drawPlan(rand.New(rand.NewPCG(1, 1)), s)}
	r.plan.deaf, r.plan.deafFrom = world.Server(1), 5
	for _, kind := range []world.MessageKind{world.PingReply, world.ForwardReply, world.Request} {
		for _, steps := range []int{5, 6} {
			r.steps = steps
			hears := r.arrival(&world.Message{Kind: kind, To: world.Server(1)}) > 0
			if hears != (kind == world.Request || steps == 5) {
				t.Errorf("after %d events, message kind %d: hears it: %v", steps, kind, hears)
			}
		}
	}
}
