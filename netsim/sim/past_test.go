package sim

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/engine/enginetest"
	"cluster/splitbrain/netsim/history"
	"cluster/splitbrain/netsim/world"
	"cluster/splitbrain/pbservice"
)

// busy is an engine that keeps the least of its past, after that many puts to some keys and as many gets.
func busy(t *testing.T, puts int) *Engine {
	e, err := New(config(3, 2, 1), ManualTime(), KeepPast(0))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	put(t, e, puts)
	return e
}

func put(t *testing.T, e *Engine, puts int) {
	t.Helper()
	if e.Timeline().Step > 0 {
		_, _ = e.Apply(engine.Command{Kind: engine.Resume}) // fails only where time goes
	}
	for i := range puts {
		for _, op := range []pbservice.Op{{Kind: pbservice.Put, Key: fmt.Sprint("k", i%500), Value: strings.Repeat("v", i%50)}, {Kind: pbservice.Get, Key: "k1"}} {
			if _, err := engine.Do(t.Context(), e, "c1", op); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestOldPastIsForgotten: however much happens, no more is kept than asked for, and what is kept can be returned to.
func TestOldPastIsForgotten(t *testing.T) {
	e := busy(t, 1500)
	if n := e.branch.weight; n > LeastPast || n < LeastPast/4 {
		t.Errorf("the past weighs %d bytes, of %d", n, LeastPast)
	}
	line := e.Timeline()
	if line.First == 0 || line.First > line.Length-1000 {
		t.Fatalf("steps %d to %d are kept", line.First, line.Length)
	}
	for i, p := range e.branch.points[1:] {
		if before := e.branch.points[i]; p.step > before.step+e.branch.spacing {
			t.Errorf("no world to go back from is kept between %d and %d", before.step, p.step)
		}
	}
	if v := e.History().Judge(time.Minute); v.Result != history.Linearizable || v.Total != 3000 || v.Judged != 3000 {
		t.Errorf("at the end of all: %v, %d of %d judged", v, v.Judged, v.Total)
	}
	end := e.Hash()
	if err := e.Rewind(line.First - 1); err == nil || err.Error() != fmt.Sprintf("step %d is forgotten: main goes back to %d (--past keeps more)", line.First-1, line.First) {
		t.Error(err)
	}
	if err := e.Save(new(bytes.Buffer)); err == nil || err != errForgotten {
		t.Error("saved:", err)
	}
	if err := e.Rewind(line.First); err != nil {
		t.Fatal(err)
	}
	if v := e.History().Judge(time.Minute); v.String() != "undecided: the beginning is forgotten" {
		t.Error("judged without a beginning:", v)
	}
	if err := e.Visit("main"); err != nil {
		t.Fatal(err)
	}
	if e.Hash() != end {
		t.Error("what is kept ends in another world")
	}
	put(t, e, 10)
	if v := e.History().Judge(time.Minute); v.Result != history.Undecided {
		t.Error("judged without a beginning:", v)
	}
}

// TestBranchesForgetTogether: a branch whose end is older than all that is kept keeps its end, and others their own newest.
func TestBranchesForgetTogether(t *testing.T) {
	e := busy(t, 200)
	if err := e.Rewind(e.Timeline().Length / 2); err != nil {
		t.Fatal(err)
	}
	put(t, e, 5) // on b1
	at := e.Hash()
	if err := e.Visit("main"); err != nil {
		t.Fatal(err)
	}
	put(t, e, 1500)
	for _, b := range e.branches {
		if b.first() == 0 {
			t.Errorf("%s is whole", b.name)
		}
	}
	if err := e.Visit("b1"); err != nil {
		t.Fatal(err)
	}
	if e.Hash() != at {
		t.Error("b1 ends in another world")
	}
	put(t, e, 5)
	if lines, err := e.Compare("main", "b1"); err != nil || len(lines) == 0 {
		t.Error(lines, err)
	}
	if err := e.ImportBranch(t.Context(), "b2", new(bytes.Buffer)); err != errForgotten {
		t.Error("imported:", err)
	}
}

// TestPastsFirstPointStays: thinning out keeps the point at which all begins, whatever its step.
func TestPastsFirstPointStays(t *testing.T) {
	e := busy(t, 1500)
	first := e.branch.first()
	for range 4 {
		e.branch.thinOut()
	}
	if e.branch.first() != first {
		t.Errorf("begins at %d, began at %d", e.branch.first(), first)
	}
	if err := e.Rewind(first); err != nil {
		t.Error(err)
	}
}

// heavy gives c1 puts of values of that many bytes.
func (f fixture) heavy(puts, bytes int) {
	f.Helper()
	_, _ = f.Apply(engine.Command{Kind: engine.Resume}) // fails only where time goes
	for i := range puts {
		f.put("c1", fmt.Sprint("k", i%3), strings.Repeat("v", bytes))
	}
}

// keepsLeast is an engine with the least past.
func keepsLeast(t *testing.T) fixture {
	e, err := New(config(3, 2, 1), ManualTime(), KeepPast(0))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	return fixture{t, e}
}

// TestOpenedPastIsWhole: what was saved is all there when it is opened, or becomes a branch, however little of its past a world
// keeps; it forgets once it goes on.
func TestOpenedPastIsWhole(t *testing.T) {
	f := headless(t, config(3, 2, 1))
	f.heavy(40, 30_000)
	f.rewind(100)
	f.must(enginetest.Do(f, "kill", "s3"), f.Visit("main"))
	f.rewind(100)
	text, at := f.text(), f.Hash()
	e, err := Open(t.Context(), strings.NewReader(text), ManualTime(), KeepPast(0))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	g := fixture{t, e}
	if line := g.Timeline(); g.Hash() != at || line.Step != 100 || line.First != 0 || g.text() != text {
		t.Errorf("another world at step %d of %d to %d", line.Step, line.First, line.Length)
	}
	h := keepsLeast(t)
	h.must(h.ImportBranch(t.Context(), "all", strings.NewReader(text)), f.Visit("main"))
	if line := h.Timeline(); h.Hash() != f.Hash() || line.First != 0 || line.Length != f.Timeline().Length {
		t.Errorf("the branch is at step %d of %d to %d", line.Step, line.First, line.Length)
	}
	for _, f := range []fixture{g, h} {
		f.heavy(1, 1)
		if n := f.weight(); n > LeastPast || f.Save(new(bytes.Buffer)) != errForgotten {
			t.Errorf("it went on, and the past weighs %d bytes", n)
		}
	}
}

// TestForgottenStepsAreNotGoneTo: nothing goes to a later step than it was told to.
func TestForgottenStepsAreNotGoneTo(t *testing.T) {
	f := keepsLeast(t)
	f.heavy(60, 30_000)
	defer func() {
		if said, _ := recover().(string); !strings.HasPrefix(said, "step 7 of main is asked for, which begins at ") {
			t.Errorf("panicked: %q", said)
		}
	}()
	f.seek(f.branch, 7)
}

// TestBranchesShareTheirPast: what branches have in common weighs once, and is there once, before and after its beginning is
// forgotten.
func TestBranchesShareTheirPast(t *testing.T) {
	f := keepsLeast(t)
	f.heavy(14, 50_000)
	end, weight := f.Timeline().Length, f.weight()
	shared := func(where string) {
		t.Helper()
		main := f.branches[0]
		for _, b := range f.branches {
			if b.first() != main.first() || b.commands.at(0).Action.Details != main.commands.at(0).Action.Details || b.points[0].world != main.points[0].world {
				t.Errorf("%s: %s has a past of its own from %d on, main from %d", where, b.name, b.first(), main.first())
			}
		}
	}
	for range 4 {
		f.must(f.Visit("main"))
		f.rewind(end - 4)
		f.heavy(2, 10)
	}
	if n := f.weight() - weight; n > weight/20 || f.branches[0].first() > 0 {
		t.Errorf("four branches of two operations weigh %d bytes more than %d, and what is kept begins at %d", n, weight, f.branches[0].first())
	}
	shared("nothing forgotten")
	f.must(f.Visit("main"))
	f.heavy(8, 50_000)
	if f.branches[0].first() == 0 {
		t.Error("nothing is forgotten")
	}
	shared("forgotten")
}

// TestBranchesHoldNoMoreThanTheirParents: what a branch shares with its parent is forgotten with it, also if the branch has
// no world of its own to go back from.
func TestBranchesHoldNoMoreThanTheirParents(t *testing.T) {
	f := keepsLeast(t)
	f.branch.spacing = 16
	f.heavy(20, 10)
	f.rewind(34)
	f.heavy(1, 10)
	main, b1 := f.branches[0], f.branch
	b1.spacing = firstSpacing
	f.heavy(8, 10)
	f.forget(main.before(48).world.Now())
	if main.first() != 48 || b1.first() < 34 || b1.first() == b1.length {
		t.Errorf("%s begins at %d, and %s, which has %d steps, at %d", main.name, main.first(), b1.name, b1.length, b1.first())
	}
}

// TestMarksAreShort: a mark does not keep a value that the past has forgotten.
func TestMarksAreShort(t *testing.T) {
	f := keepsLeast(t)
	f.heavy(1, 100_000)
	f.must(enginetest.Do(f, "kill", "s3"))
	for _, m := range f.Timeline().Marks {
		if len(m.Text) > mostMarked+len("… (100011 bytes)") {
			t.Errorf("a mark of %d bytes: %.40s", len(m.Text), m.Text)
		}
	}
	if marks := f.Timeline().Marks; marks[len(marks)-1].Text != "kill s3" {
		t.Errorf("%+v", marks[len(marks)-1])
	}
}

// TestHalfIsForgotten: however few steps and however heavy, about half of them stay.
func TestHalfIsForgotten(t *testing.T) {
	for _, c := range []struct{ puts, bytes, least int }{{12, 100_000, 4}, {40, 30_000, 12}} {
		f := keepsLeast(t)
		for f.Timeline().First == 0 && c.puts > 0 {
			f.heavy(1, c.bytes)
			c.puts--
		}
		puts := 0
		for e := range f.branch.commands.from(0) {
			if e.Action.Kind == world.Invoke {
				puts++
			}
		}
		if line := f.Timeline(); line.First == 0 || puts < c.least {
			t.Errorf("of puts of %d bytes %d are left, in steps %d to %d", c.bytes, puts, line.First, line.Length)
		}
		first := f.Timeline().First
		end := f.Hash()
		f.rewind(first)
		f.must(f.Visit("main"))
		if f.Hash() != end {
			t.Error("what is left ends in another world")
		}
	}
}

// TestNewerBranchesForgetNothing: a branch that begins later than all that is forgotten stays as it is.
func TestNewerBranchesForgetNothing(t *testing.T) {
	f := keepsLeast(t)
	f.heavy(40, 30_000)
	f.rewind(f.Timeline().First)
	f.heavy(3, 100)
	b, first := f.branch, f.branch.first()
	commands := b.commands.len()
	f.forget(b.points[0].world.Now() - 1)
	if b.first() != first || b.commands.len() != commands {
		t.Errorf("it began at %d with %d commands, and now at %d with %d", first, commands, b.first(), b.commands.len())
	}
}
