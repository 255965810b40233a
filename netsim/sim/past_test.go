package sim

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/history"
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
	e := busy(t, 4000)
	if n := e.branch.weight; n > LeastPast || n < LeastPast/4 {
		t.Errorf("the past weighs %d bytes, of %d", n, LeastPast)
	}
	line := e.Timeline()
	if line.First == 0 || line.First > line.Length-1000 {
		t.Fatalf("steps %d to %d are kept", line.First, line.Length)
	}
	if v := e.History().Judge(time.Minute); v.Result != history.Linearizable || v.Total != 8000 || v.Judged != 8000 {
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
	put(t, e, 4000)
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
	e := busy(t, 4000)
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
