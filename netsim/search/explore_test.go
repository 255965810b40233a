package search

import (
	"context"
	"encoding/binary"
	"errors"
	"slices"
	"testing"
)

// grid is a toy: tokens on a line that step right, alike but for their places.
type grid struct {
	tokens, length int
	wrong          func(places [4]uint8) bool
	wrongStep      func(from, to [4]uint8) bool
	far            func(places [4]uint8) int
	alike          bool // tokens can't be told apart
}

type gridWalker struct {
	grid
	buf []byte
}

func (g grid) Walker() Walker[[4]uint8] { return &gridWalker{grid: g} }

func (g *gridWalker) Steps([4]uint8) int { return g.tokens }

func (g *gridWalker) Take(s [4]uint8, i int) ([4]uint8, bool) {
	if int(s[i]) == g.length {
		return s, false
	}
	s[i]++
	return s, true
}

func (g *gridWalker) Drop([4]uint8) {}

func (g *gridWalker) Key(s [4]uint8) Key {
	if g.alike {
		slices.Sort(s[:g.tokens])
	}
	return keyOf(append(g.buf[:0], s[:]...))
}

func (g *gridWalker) Far(_, s [4]uint8) int {
	if g.far == nil {
		return 0
	}
	return g.far(s)
}

func (g *gridWalker) Judge(from, s [4]uint8, _ Key) string {
	if g.wrong != nil && g.wrong(s) {
		return "wrong"
	}
	return g.JudgeStep(from, s)
}

func (g *gridWalker) JudgeStep(from, s [4]uint8) string {
	if g.wrongStep != nil && g.wrongStep(from, s) {
		return "wrong step"
	}
	return ""
}

func TestExploreCountsAll(t *testing.T) {
	tests := []struct {
		name string
		grid grid
		want int
	}{
		{"one", grid{tokens: 1, length: 5}, 6},
		{"three", grid{tokens: 3, length: 20}, 21 * 21 * 21},
		{"three alike", grid{tokens: 3, length: 20, alike: true}, 21 * 22 * 23 / 6},
		{"four alike", grid{tokens: 4, length: 20, alike: true}, 21 * 22 * 23 * 24 / 24},
	}
	for _, test := range tests {
		covered, found, _ := explore(context.Background(), test.grid, [4]uint8{}, Limits{Workers: 2})
		if found != nil || covered.Distinct != test.want || covered.Ended != Exhausted || covered.Frontier != 0 {
			t.Errorf("%s: %+v, %v; want %d", test.name, covered, found, test.want)
		}
		if deepest := test.grid.tokens * test.grid.length; covered.Depth != deepest {
			t.Errorf("%s: depth %d, want %d", test.name, covered.Depth, deepest)
		}
	}
}

// TestExploreJudgesEachStep: what a step breaks is found whether or not another step has led to the same state before, in the
// same batch of a level or in an earlier one.
func TestExploreJudgesEachStep(t *testing.T) {
	for _, to := range [][4]uint8{{2, 3, 1, 2}, {9, 12, 10, 8}} {
		for token := range to {
			from := to
			from[token]--
			g := grid{tokens: 4, length: 30, wrongStep: func(a, b [4]uint8) bool { return a == from && b == to }}
			_, found, _ := explore(context.Background(), g, [4]uint8{}, Limits{Workers: 2})
			if found == nil || found.Violation != "wrong step" {
				t.Fatalf("a step of token %d to %v: %+v", token, to, found)
			}
			at := [4]uint8{}
			for _, step := range found.Path {
				at[step]++
			}
			if at != to || found.Path[len(found.Path)-1] != token {
				t.Errorf("a step of token %d to %v: the find is %v", token, to, found.Path)
			}
		}
	}
}

func TestExploreFindsTheSameWithAnyNumberOfWorkers(t *testing.T) {
	g := grid{tokens: 4, length: 12, wrong: func(p [4]uint8) bool { return int(p[0])+int(p[1])*2 == 23 && p[3] == 4 }}
	var want *Found
	for workers := 1; workers <= 8; workers++ {
		covered, found, _ := explore(context.Background(), g, [4]uint8{}, Limits{Workers: workers})
		if found == nil || len(found.Path) != covered.Depth || covered.Depth != 16 {
			t.Fatalf("%d workers: %+v, %+v", workers, covered, found)
		}
		if want == nil {
			want = found
		}
		if !slices.Equal(found.Path, want.Path) {
			t.Errorf("%d workers found %v, one found %v", workers, found.Path, want.Path)
		}
	}
}

func TestExploreEnds(t *testing.T) {
	g := grid{tokens: 4, length: 30}
	covered, found, _ := explore(context.Background(), g, [4]uint8{}, Limits{Workers: 1, Depth: 3})
	if found != nil || covered.Depth != 3 || covered.Ended != ByDepth || covered.Frontier == 0 {
		t.Errorf("depth 3: %+v, %v", covered, found)
	}
	full := func() bool { return true }
	if covered, _, _ = explore(context.Background(), g, [4]uint8{}, Limits{Workers: 1, Full: full}); covered.Ended != ByMemory {
		t.Errorf("no memory: %+v", covered)
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(errors.New("no more"))
	if covered, _, _ = explore(ctx, g, [4]uint8{}, Limits{Workers: 1}); covered.Ended != "no more" {
		t.Errorf("cancelled: %+v", covered)
	}
}

// A search that finds nothing says how near it came: to the first of the nearest states, with any number of workers.
func TestExploreTellsTheNearest(t *testing.T) {
	g := grid{tokens: 3, length: 6, far: func(p [4]uint8) int { return max(int(p[0])-4, 4-int(p[0])) + max(2-int(p[2]), int(p[2])-2) + 1 }}
	for workers := 1; workers <= 3; workers++ {
		_, found, ends := explore(context.Background(), g, [4]uint8{}, Limits{Workers: workers})
		if found != nil || ends.Far != 1 || !slices.Equal(ends.Nearest, []int{0, 0, 0, 0, 2, 2}) || len(ends.Deepest) != 18 {
			t.Errorf("%d workers: %v, %+v", workers, found, ends)
		}
	}
}

func TestVisited(t *testing.T) {
	var v visited
	key := func(i int) Key { return keyOf(binary.AppendUvarint(nil, uint64(i))) }
	const n = 100_000
	for i := range n {
		if v.has(key(i)) || !v.add(key(i)) || v.add(key(i)) || !v.has(key(i)) {
			t.Fatalf("key %d", i)
		}
	}
	for i := range 2 * n {
		if v.has(key(i)) != (i < n) {
			t.Fatalf("key %d: %v", i, v.has(key(i)))
		}
	}
	kept, again := 0, sized(n)
	for k := range v.all {
		kept++
		if !v.has(k) || !again.add(k) {
			t.Fatalf("%v is kept of no key", k)
		}
	}
	if v.n != n || kept != n || again.n != n || !again.has(key(7)) {
		t.Errorf("%d keys, %d are kept, and %d again; want %d", v.n, kept, again.n, n)
	}
}

func TestKeysOfAlmostEqualFormsDiffer(t *testing.T) {
	form := make([]byte, 40)
	seen := map[Key]bool{keyOf(form): true}
	for i := range form {
		for bit := range 8 {
			form[i] ^= 1 << bit
			k := keyOf(form)
			if seen[k] {
				t.Fatalf("bit %d of byte %d", bit, i)
			}
			seen[k] = true
			form[i] ^= 1 << bit
		}
	}
	for n := range 40 {
		if k := keyOf(make([]byte, n)); seen[k] {
			t.Fatalf("%d zeros", n)
		} else {
			seen[k] = true
		}
	}
}
