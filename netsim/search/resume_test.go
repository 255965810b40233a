package search

import (
	"bytes"
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"cluster/splitbrain/viewservice/rules"
)

// endedAt searches with o until so many states or steps were reached, and returns what it came to.
func endedAt(t *testing.T, o Options, states int) Result {
	t.Helper()
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	o.Keep = true
	r, err := Search(ctx, o, func(r Result) {
		if r.States >= states {
			cancel(errors.New("enough"))
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// resumed goes on with what was written of a search.
func resumed(t *testing.T, o Options, s *State) Options {
	t.Helper()
	if s == nil {
		t.Fatal("nothing was kept")
	}
	var file bytes.Buffer
	err := s.Write(&file)
	if err == nil {
		o.Resume, err = ReadState(&file)
	}
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// A search that was interrupted, and interrupted again, comes to what one comes to that was not.
func TestASearchGoesOn(t *testing.T) {
	tests := []struct {
		name    string
		from    From
		without rules.Disabled
		goal    string
		budget  Budget
		depth   int
	}{
		{"to the end", "", 0, "", Budget{Silences: 1, Crashes: 1}, 8},
		{"to a find", Steady, rules.Without(rules.TransferState), "", Budget{Silences: 2}, 0},
		{"to no goal", "", 0, "view 9 and done", Budget{Silences: 2}, 9},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			o := unhurried
			o.From, o.Without, o.Budget, o.Depth = test.from, test.without, test.budget, test.depth
			if test.goal != "" {
				o.Goal = mustGoal(t, test.goal)
			}
			whole := searched(t, o)
			part := endedAt(t, o, whole.States/3)
			o.Workers = 1
			part = endedAt(t, resumed(t, o, part.State), whole.States/3*2)
			r := searched(t, resumed(t, o, part.State))
			if part.Ended != "enough" || r.Covered != whole.Covered || r.Round != whole.Round {
				t.Errorf("%+v after %+v, not interrupted %+v", r.Covered, part.Covered, whole.Covered)
			}
			for _, f := range [][2]*Find{{r.Find, whole.Find}, {r.Nearest, whole.Nearest}, {r.Deepest, whole.Deepest}} {
				if (f[0] == nil) != (f[1] == nil) || f[0] != nil && !slices.Equal(texts(f[0].Events), texts(f[1].Events)) {
					t.Errorf("found %v, not interrupted %v", f[0], f[1])
				}
			}
		})
	}
}

// The last round, from the start again, goes on where it was interrupted.
func TestARoundThatIsMadeWholeGoesOn(t *testing.T) {
	o := unhurried
	o.From, o.Budget, o.Depth = "", Budget{Crashes: 1}, 6
	part := endedAt(t, o, 100)
	if one := o.rounds(o.openings())[part.Round-1]; one.opening != 1 || one.Budget != o.Budget || part.State == nil {
		t.Fatalf("%s", part.Summary())
	}
	saved := part.State.s
	saved.Round = len(o.rounds(o.openings())) - 1 // what is left of it is the same
	if r := searched(t, resumed(t, o, &State{saved})); r.Round != r.Rounds || r.Ended != ByDepth || r.States <= part.States {
		t.Errorf("%s after %s", r.Summary(), part.Summary())
	}
}

func TestWalksGoOn(t *testing.T) {
	o := unhurried
	o.Random, o.From, o.Budget, o.Walks = true, "", WildBudget, 600
	whole := searched(t, o)
	part := endedAt(t, o, 1)
	r := searched(t, resumed(t, o, part.State))
	if part.Ended != "enough" || part.Walks == 0 || part.Walks >= whole.Walks || whole.Walks != 600 || !reflect.DeepEqual(r.Covered, whole.Covered) {
		t.Errorf("%+v after %+v, not interrupted %+v", r.Covered, part.Covered, whole.Covered)
	}
	o.Walks = int64(part.Walks) // no walk is left
	if r := searched(t, resumed(t, o, part.State)); r.States != part.States || !reflect.DeepEqual(r.Seen, part.Seen) {
		t.Errorf("%+v after %+v", r.Covered, part.Covered)
	}
}

// What is no state of this search is refused, and never followed.
func TestStatesOfOtherSearches(t *testing.T) {
	if _, err := ReadState(strings.NewReader("no state")); err == nil || !strings.Contains(err.Error(), "it is no state of a search") {
		t.Error(err)
	}
	o := unhurried
	o.Rounds, o.Budget = false, Budget{Silences: 2}
	s := endedAt(t, o, 10_000).State
	other, walks := o, unhurried
	other.Budget.Ops = 1
	walks.Random, walks.Budget = true, WildBudget
	damaged, backwards := *s.s.Levels, *s.s.Levels
	damaged.Steps = slices.Repeat([]uint16{9999}, len(damaged.Steps))
	backwards.Parents = slices.Clone(backwards.Parents)
	slices.Reverse(backwards.Parents)
	with := func(l *Levels) Options {
		return resumed(t, o, &State{savedSearch{Of: o.of(), Cut: []bool{false}, Levels: l}})
	}
	for name, o := range map[string]Options{
		"another budget": resumed(t, other, s), "walks": resumed(t, walks, s),
		"damaged": with(&damaged), "backwards": with(&backwards), "empty": with(&Levels{}), "none": with(nil),
	} {
		if _, err := Search(t.Context(), o, nil); !errors.Is(err, errOtherSearch) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The shards of a search together are the search.
func TestShards(t *testing.T) {
	o := unhurried
	o.Random, o.From, o.Budget, o.Walks = true, "", WildBudget, 300
	for _, without := range []rules.Disabled{0, rules.Without(rules.RestartDetection)} {
		o.Without, o.Shard = without, Shard{}
		whole := searched(t, o).Report("")
		var shards []Report
		for i := range 3 {
			o.Shard = Shard{3 - i, 3}
			shards = append(shards, searched(t, o).Report(""))
		}
		got, err := Merge(shards)
		if err != nil {
			t.Fatal(err)
		}
		got.Seconds, got.StatesPS, whole.Seconds, whole.StatesPS = 0, 0, 0, 0
		if without != 0 { // shards go on where the whole search has found something
			if whole.Violation == nil || got.Violation == nil || *got.Violation != *whole.Violation || got.Walk != whole.Walk || got.Ended != ByFind {
				t.Errorf("merged %+v, one run %+v", got, whole)
			}
			continue
		}
		if !reflect.DeepEqual(got, whole) || whole.Walks != 300 || whole.Ended != ByWalks {
			t.Errorf("merged %+v, one run %+v", got, whole)
		}
		for name, wrong := range map[string][]Report{"no result": nil, "1 of 3 shards are missing: 3/3": shards[1:], "is there twice": {shards[0], shards[0]}} {
			if _, err := Merge(wrong); err == nil || !strings.Contains(err.Error(), name) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

func TestParseShard(t *testing.T) {
	if s, err := ParseShard("3/8"); err != nil || s != (Shard{3, 8}) || s.number(1) != 3 || s.number(2) != 11 || (Shard{}).number(5) != 5 {
		t.Error(s, err)
	}
	for _, text := range []string{"", "3", "0/8", "9/8", "3/8x", "3/8 4", "a/b", "1/9999999", "-1/3"} {
		if s, err := ParseShard(text); err == nil {
			t.Errorf("%q: %v", text, s)
		}
	}
}
