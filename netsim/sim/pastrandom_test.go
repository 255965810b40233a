package sim

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/engine/enginetest"
	"cluster/splitbrain/pbservice"

	"pgregory.net/rapid"
)

// tiny is a past that a few operations fill, in bytes.
const tiny = 64 << 10

func keepTiny(e *Engine) { e.keepPast = tiny }

// twins are two engines to which the same is done: small forgets, whole does not.
type twins struct {
	*rapid.T
	small, whole *Engine
}

// TestForgettingChangesNothing: whatever is done to a world that forgets, what is left of it equals what one has that does not,
// and what it can't do any more it refuses by name.
func TestForgettingChangesNothing(t *testing.T) {
	donor := headless(t, config(3, 2, 1))
	donor.heavy(30, 2000)
	donor.must(enginetest.Do(donor, "kill", "s1"))
	donor.pass(time.Second)
	future := donor.text()
	rapid.Check(t, func(t *rapid.T) {
		w := newTwins(t)
		defer func() { w.small.Close(); w.whole.Close() }()
		for range rapid.IntRange(5, 12).Draw(t, "how many") {
			w.act(future)
			w.same()
		}
		for _, b := range w.whole.Timeline().Branches {
			w.visit(b.Name)
			w.rewind(w.small.Timeline().First)
			w.same()
			w.rewind(w.small.Timeline().First - 1)
			w.visit(b.Name)
			w.same()
		}
	})
}

func newTwins(t *rapid.T) *twins {
	small, err := New(config(3, 2, 1), ManualTime(), keepTiny)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := New(config(3, 2, 1), ManualTime())
	if err != nil {
		t.Fatal(err)
	}
	return &twins{t, oftenKept(small), whole}
}

// oftenKept keeps many worlds to go back from.
func oftenKept(e *Engine) *Engine {
	for _, b := range e.branches {
		b.spacing = 64
	}
	return e
}

// both does something that must come to the same.
func (w *twins) both(what string, do func(*Engine) error) {
	w.Helper()
	if a, b := do(w.small), do(w.whole); fmt.Sprint(a) != fmt.Sprint(b) {
		w.Fatalf("%s: %v, want %v", what, a, b)
	}
}

func (w *twins) act(future string) {
	line := w.whole.Timeline()
	branch := rapid.SampledFrom(line.Branches).Draw(w.T, "branch").Name
	switch rapid.SampledFrom([]string{"load", "load", "load", "load", "command", "rewind", "rewind", "visit", "reopen", "graft", "rename"}).Draw(w.T, "what") {
	case "load":
		w.load()
	case "command":
		c, err := engine.ParseCommand(rapid.SampledFrom([]string{"kill s1", "restart s1", "freeze s2", "heal", "cut s1 > s2"}).Draw(w.T, "command"))
		if err != nil {
			w.Fatal(err)
		}
		w.both("command", func(e *Engine) error { _, err := e.Apply(c); return err })
	case "rewind":
		w.rewind(rapid.IntRange(0, line.Length).Draw(w.T, "step"))
	case "visit":
		w.visit(branch)
	case "reopen":
		w.reopen()
	case "graft":
		w.graft(future)
	case "rename":
		next := fmt.Sprint("was", len(branch), "-", line.Step)
		w.both("rename", func(e *Engine) error { return e.Rename(branch, next) })
	}
}

// load gives clients operations, and lets time pass in which they may end.
func (w *twins) load() {
	bytes := rapid.SampledFrom([]int{10, 200, 3000, 12_000}).Draw(w.T, "bytes")
	n := rapid.IntRange(1, min(30, 60_000/bytes)).Draw(w.T, "operations")
	before := w.small.Timeline()
	w.both("load", func(e *Engine) error {
		_, _ = e.Apply(engine.Command{Kind: engine.Resume}) // fails only where time goes
		for i := range n {
			for c, op := range []pbservice.Op{{Kind: pbservice.Put, Key: fmt.Sprint("k", i%3), Value: strings.Repeat("v", bytes)}, {Key: "k1"}} {
				if _, err := e.Invoke(fmt.Sprint("c", c+1), op, engine.AtOnce); err != nil {
					return err
				}
			}
		}
		return e.Wait(w.Context(), 300*time.Millisecond)
	})
	after := w.small.Timeline()
	if weight := w.small.weight(); weight > tiny && (after.Branch != before.Branch || after.Length > before.Length) {
		w.Fatalf("the past weighs %d bytes", weight)
	}
}

func (w *twins) visit(branch string) {
	w.both("visit", func(e *Engine) error { return e.Visit(branch) })
}

func (w *twins) rewind(step int) {
	if line := w.small.Timeline(); 0 <= step && step < line.First {
		want := fmt.Sprintf("step %d is forgotten: %s goes back to %d (--past keeps more)", step, line.Branch, line.First)
		if err := w.small.Rewind(step); err == nil || err.Error() != want {
			w.Fatalf("rewind: %v, want %s", err, want)
		}
		return
	}
	if step >= 0 {
		w.both("rewind", func(e *Engine) error { return e.Rewind(step) })
	}
}

// reopen saves both and opens what was saved, if the small one is whole.
func (w *twins) reopen() {
	var small, whole bytes.Buffer
	if err := errors.Join(w.whole.Save(&whole), w.small.Save(&small)); err != nil {
		if !errors.Is(err, errForgotten) || w.small.whole() == nil {
			w.Fatal(err)
		}
		return
	}
	if small.String() != whole.String() {
		w.Fatal("other worlds are saved")
	}
	open := func(e *Engine, keep Option) *Engine {
		e.Close()
		opened, err := Open(w.Context(), strings.NewReader(whole.String()), ManualTime(), keep)
		if err != nil {
			w.Fatal(err)
		}
		return opened
	}
	w.small, w.whole = oftenKept(open(w.small, keepTiny)), open(w.whole, KeepPast(DefaultPast))
	if w.small.whole() != nil {
		w.Fatal("opened, its beginning is gone")
	}
}

// graft makes a branch of another world's future, if the small one is whole.
func (w *twins) graft(future string) {
	graft := func(e *Engine) error {
		return e.ImportBranch(w.Context(), fmt.Sprint("found", len(w.whole.branches)), strings.NewReader(future))
	}
	if w.small.whole() != nil {
		if err := graft(w.small); err != errForgotten {
			w.Fatal(err)
		}
		return
	}
	w.both("graft", graft)
}

// same compares the two where they are.
func (w *twins) same() {
	w.Helper()
	a, b := w.small.Timeline(), w.whole.Timeline()
	for _, m := range a.Marks {
		if m.Step < a.First {
			w.Fatalf("a mark at %d, what is kept begins at %d", m.Step, a.First)
		}
	}
	first := a.First
	for i := range a.Branches {
		b := &a.Branches[i]
		if b.Name == a.Branch && b.First != first {
			w.Fatalf("%s begins at %d, and the present branch, %s, at %d", b.Name, b.First, a.Branch, first)
		}
		b.First = 0
	}
	a.First, a.Marks, b.Marks = 0, nil, nil
	if x, y := fmt.Sprint(a), fmt.Sprint(b); x != y || w.small.Hash() != w.whole.Hash() {
		w.Fatalf("another world at\n%s, want it at\n%s", x, y)
	}
	for i, q := range w.small.queues {
		if all := w.whole.queues[i].last; len(q.last) > len(all) || !slices.EqualFunc(q.last, all[:len(q.last)], func(x, y *engine.Done) bool { return x.At == y.At && x.Reply == y.Reply }) {
			w.Fatalf("other results of %v", q.node)
		}
	}
	for _, b := range w.small.branches[1:] {
		if parent := w.small.find(b.parent); b.first() < min(b.from, parent.first()) {
			w.Fatalf("%s holds of %s's past what that has forgotten: it begins at %d, and %d", b.name, parent.name, b.first(), parent.first())
		}
	}
	ops, all := w.small.History().Operations(), w.whole.History().Operations()
	if len(ops) > len(all) || first == 0 && len(ops) < len(all) {
		w.Fatalf("%d operations from step %d on, want %d", len(ops), first, len(all))
	}
}
