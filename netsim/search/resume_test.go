package search

import (
	"bytes"
	"context"
	"errors"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

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

// A search that is killed goes on from what it has said last.
func TestAKilledSearchGoesOn(t *testing.T) {
	exhaustive, walks := unhurried, unhurried
	exhaustive.From, exhaustive.Budget, exhaustive.Depth, exhaustive.SaveEvery = "", Budget{Silences: 1, Crashes: 1}, 7, 1
	walks.Random, walks.From, walks.Budget, walks.Walks, walks.SaveEvery = true, "", WildBudget, 300, time.Millisecond
	for name, o := range map[string]Options{"exhaustive": exhaustive, "walks": walks} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			whole := searched(t, o)
			var said []string
			killed := o
			killed.Save = func(s *State) {
				var file strings.Builder
				if err := s.Write(&file); err != nil {
					t.Error(err)
				}
				said = append(said, file.String())
			}
			if r := searched(t, killed); len(said) < 3 || r.State != nil || !reflect.DeepEqual(r.Covered, whole.Covered) {
				t.Fatalf("it was said %d times how to go on; %+v, without that %+v", len(said), r.Covered, whole.Covered)
			}
			again := o
			var err error
			if again.Resume, err = ReadState(strings.NewReader(said[len(said)/2])); err != nil {
				t.Fatal(err)
			}
			if r := searched(t, again); !reflect.DeepEqual(r.Covered, whole.Covered) || r.Round != whole.Round {
				t.Errorf("%+v, not killed %+v", r.Covered, whole.Covered)
			}
		})
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
	o := unhurried
	o.Rounds, o.Budget = false, Budget{Silences: 2}
	s := endedAt(t, o, 10_000).State
	other, walks, newer := o, unhurried, o
	other.Budget.Ops, newer.Version = 1, "2"
	walks.Random, walks.Budget = true, WildBudget
	used := resumed(t, o, s)
	used.Resume.s.Levels = nil
	for name, c := range map[string]struct {
		o    Options
		want string
	}{
		"another budget": {resumed(t, other, s), "with other flags"}, "walks": {resumed(t, walks, s), "with other flags"},
		"another version": {resumed(t, newer, s), `by version "", and this is 2`}, "used": {used, "has gone on from there already"},
	} {
		if _, err := Search(t.Context(), c.o, nil); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// first returns a copy of the first n.
func (a *origins) first(n int) (copied origins) {
	for i := range n {
		copied.add(a.at(i))
	}
	return copied
}

func (a *origins) set(number int, o origin) {
	p := a.pieces[number/pieceSize]
	p.parents[number%pieceSize], p.steps[number%pieceSize] = o.parent, o.step
}

// misstep lets a state come by a step that there is not.
func misstep(l *Levels, number int) { l.origins.set(number, origin{l.origins.at(number).parent, 9999}) }

// A file that was made to look like a state is refused, at the latest where it would lead astray.
func TestStatesThatAreForged(t *testing.T) {
	o := unhurried
	o.Rounds, o.Budget, o.Goal, o.Depth = false, Budget{Silences: 2}, mustGoal(t, "view 9"), 8
	whole := endedAt(t, o, 1_000).State
	for name, forge := range map[string]func(*savedSearch){
		"steps":     func(s *savedSearch) { misstep(s.Levels, s.Levels.First/2) },
		"last step": func(s *savedSearch) { misstep(s.Levels, s.Levels.origins.n-1) },
		"empty":     func(s *savedSearch) { s.Levels = &Levels{} },
		"round":     func(s *savedSearch) { s.Round = -1 },
		"no round":  func(s *savedSearch) { s.Round = 99 },
		"nearest":   func(s *savedSearch) { s.Near = ended{-1, Ends{Deepest: []int{}}} },
		"deepest":   func(s *savedSearch) { s.Deep.Round = 99 },
		"a path":    func(s *savedSearch) { s.Near.Ends = Ends{Deepest: []int{}, Nearest: []int{-1}, Far: -1} },
		"openings":  func(s *savedSearch) { s.Cut = nil },
	} {
		s := whole.s
		l := *s.Levels
		l.origins, s.Levels = l.origins.first(l.origins.n), &l
		forge(&s)
		var file bytes.Buffer
		if err := (&State{s}).Write(&file); err != nil {
			t.Fatal(err)
		}
		var err error
		if o.Resume, err = ReadState(&file); err == nil {
			_, err = Search(t.Context(), o, nil)
		}
		if !errors.Is(err, errDamaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The ways of a state form a tree, which was grown level by level.
func TestLevelsAreSound(t *testing.T) {
	// 0; 1, 2; 3, 4: the steps of 1 were tried, to 3 and 4, and those of 2 are to be.
	sound := func() *Levels {
		l := &Levels{Covered: Covered{Distinct: 5, Depth: 1}, First: 2, NextLevel: 3, Near: 4}
		for i, parent := range []uint32{0, 0, 0, 1, 1} {
			l.origins.add(origin{parent: parent})
			l.seen.add(Key{1, uint64(i)})
		}
		return l
	}
	if !sound().sound() {
		t.Fatal("refused")
	}
	for name, forge := range map[string]func(*Levels){
		"empty":          func(l *Levels) { *l = Levels{} },
		"fewer":          func(l *Levels) { l.Covered.Distinct-- },
		"a key too many": func(l *Levels) { l.seen.add(Key{2, 2}) },
		"depth":          func(l *Levels) { l.Covered.Depth++ },
		"before the start": func(l *Levels) {
			*l = Levels{Covered: Covered{Distinct: 1}, First: -1, NextLevel: 1, origins: l.origins.first(1), seen: sized(1)}
			l.seen.add(Key{1, 1})
		},
		"no level":        func(l *Levels) { l.First, l.NextLevel = 5, 5 },
		"two levels":      func(l *Levels) { l.NextLevel, l.Covered.Depth = 5, 2 },
		"half a level":    func(l *Levels) { l.NextLevel = 4 },
		"level too short": func(l *Levels) { l.origins.set(3, origin{parent: 0}) },
		"beyond the end":  func(l *Levels) { l.NextLevel = 6 },
		"near":            func(l *Levels) { l.Near = 5 },
		"order":           func(l *Levels) { l.origins.set(4, origin{parent: 0}) },
		"not tried":       func(l *Levels) { l.origins.set(4, origin{parent: 2}) },
		"its own parent":  func(l *Levels) { l.origins.set(1, origin{parent: 1}); l.origins.set(2, origin{parent: 1}) },
	} {
		l := sound()
		forge(l)
		if l.sound() {
			t.Errorf("%s: %+v is taken for a search", name, l)
		}
	}
}

// A file that is no longer what was written is refused, whatever has happened to it.
func TestStatesThatAreDamaged(t *testing.T) {
	var written bytes.Buffer
	s := savedSearch{Of: "it", Levels: &Levels{Covered: Covered{Distinct: 2}}}
	s.Levels.origins.add(origin{})
	s.Levels.origins.add(origin{0, 3})
	s.Levels.seen.add(Key{1, 2})
	s.Levels.seen.add(Key{3, 4})
	if err := (&State{s}).Write(&written); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadState(bytes.NewReader(written.Bytes())); err != nil {
		t.Fatal(err)
	}
	for i := range written.Len() {
		cut, flipped := written.Bytes()[:i], bytes.Clone(written.Bytes())
		flipped[i] ^= 1
		more := append(bytes.Clone(written.Bytes()), byte(i))
		for _, wrong := range [][]byte{cut, flipped, more} {
			if _, err := ReadState(bytes.NewReader(wrong)); err == nil {
				t.Errorf("byte %d: %q is taken for a state", i, wrong)
			}
		}
	}
	for text, want := range map[string]string{"": "it is empty, and no state of a search", "no state": "it is no state of a search, as --state writes it", "{}\n": "it is no state of a search, as", `{"Of": "it", "Levels": {"Covered": {"Distinct": 2000000000}}}` + "\n": "it is damaged"} {
		if _, err := ReadState(strings.NewReader(text)); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// Nothing is copied to be written: a search is saved when memory has run out.
func TestASearchIsSavedInNoMemory(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	limits := Limits{Workers: 1, Keep: true, Watch: func(c Covered) {
		if c.Distinct > 30_000 {
			cancel(errors.New("enough"))
		}
	}}
	_, _, ends := explore(ctx, grid{tokens: 4, length: 20}, [4]uint8{}, limits)
	size := &counter{}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	err := (&State{savedSearch{Of: "it", Levels: ends.Left}}).Write(size)
	runtime.ReadMemStats(&after)
	if allocated := after.TotalAlloc - before.TotalAlloc; err != nil || size.n < 22*30_000 || allocated > uint64(size.n)/10 {
		t.Errorf("%v: %d bytes were written, %d allocated", err, size.n, allocated)
	}
}

type counter struct{ n int }

func (c *counter) Write(b []byte) (int, error) {
	c.n += len(b)
	return len(b), nil
}

// A search that goes on does nothing before it has looked at its limits.
func TestASearchGoesOnWithinItsLimits(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	takes := 0
	g := countedGrid{grid{tokens: 4, length: 12}, &takes}
	limits := Limits{Workers: 1, Keep: true, Watch: func(c Covered) {
		if c.Distinct > 10_000 {
			cancel(errors.New("enough"))
		}
	}}
	part, _, ends := explore(ctx, g, [4]uint8{}, limits)
	takes, limits.From = 0, ends.Left
	again, _, ends := explore(ctx, g, [4]uint8{}, limits)
	if again != part || takes != 0 || ends.Left == nil {
		t.Errorf("%+v after %+v, %d steps later", again, part, takes)
	}
	limits.From = ends.Left
	if all, _, _ := explore(t.Context(), g, [4]uint8{}, limits); all.Distinct != 13*13*13*13 || all.Ended != Exhausted {
		t.Errorf("%+v", all)
	}
}

// fading is a context that ends when it has been looked at so often.
type fading struct {
	context.Context
	looks atomic.Int64
}

func (f *fading) Err() error {
	if f.looks.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}

// A context that ends in the middle of a batch ends the search there, and the batch is tried again when the search goes on.
func TestABatchIsBroken(t *testing.T) {
	o := unhurried
	o.Budget, o.Depth, o.Fair = Budget{Silences: 1, Crashes: 1}, 5, 7
	s, err := o.scope(o.openings()[0])
	if err != nil {
		t.Fatal(err)
	}
	r := run{Options: o, scope: s, openings: o.openings()}
	one := round{Budget: o.Budget}
	whole, _, _ := r.round(t.Context(), one, Limits{Depth: o.Depth, Workers: 2})
	for looks := int64(0); looks < 260; looks += 9 {
		ctx := &fading{Context: t.Context()}
		ctx.looks.Store(looks)
		limits := Limits{Depth: o.Depth, Workers: 2, Keep: true}
		part, find, ends := r.round(ctx, one, limits)
		if looks == 0 && ends.Broken || find != nil || ends.Left == nil {
			t.Fatalf("after %d looks: %+v, %v", looks, part, find)
		}
		limits.From = ends.Left
		if again, _, _ := r.round(t.Context(), one, limits); again != whole || part.States >= whole.States {
			t.Fatalf("after %d looks %+v, then %+v; unbroken %+v", looks, part, again, whole)
		}
	}
}

// countedGrid counts its steps.
type countedGrid struct {
	grid
	takes *int
}

func (g countedGrid) Walker() Walker[[4]uint8] {
	return &countedWalker{gridWalker{grid: g.grid}, g.takes}
}

type countedWalker struct {
	gridWalker
	takes *int
}

func (w *countedWalker) Take(s [4]uint8, i int) ([4]uint8, bool) {
	*w.takes++
	return w.gridWalker.Take(s, i)
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
		old := shards[1]
		old.Version = "0.1"
		for name, wrong := range map[string][]Report{"3/3 is by version \"\", and shard 2/3 by 0.1": {old, shards[0]}, "no result": nil, "is there twice": {shards[0], shards[0]}} {
			if _, err := Merge(wrong); err == nil || !strings.Contains(err.Error(), name) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// What is there is merged without the shards that are missing, which are told.
func TestShardsThatAreMissing(t *testing.T) {
	shard := func(i, n int) Report {
		return Report{Of: "a", Shard: Shard{i, n}.String(), States: 10, Walks: 1, Ended: ByWalks}
	}
	for _, c := range []struct {
		shards  []Report
		missing int
		says    string
	}{
		{[]Report{shard(2, 3), shard(1, 3)}, 1, "1 of 3 shards is missing: 3/3"},
		{[]Report{shard(2, 3)}, 2, "2 of 3 shards are missing: 1/3, 3/3"},
		{[]Report{shard(5, 13)}, 12, "12 of 13 shards are missing: 1/13, 2/13, 3/13, 4/13, 6/13, 7/13, 8/13, 9/13, 10/13, 11/13, and 2 more"},
		{[]Report{shard(1, 1)}, 0, ""},
	} {
		got, err := Merge(c.shards)
		if err != nil || len(got.Missing) != c.missing || got.Incomplete() != c.says || got.States != 10*len(c.shards) {
			t.Errorf("%+v, %v, %q", got, err, got.Incomplete())
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
