package sim

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/engine/enginetest"
)

// TestLimits: what would take too much is not opened, and the limit says its name. What fits is not limited afterwards.
func TestLimits(t *testing.T) {
	f := storied(t)
	f.must(f.Rewind(f.Timeline().Length-1), enginetest.Do(f, "kill", "s3"))
	text := f.text()
	runtime.GC() // before the first one nobody knows how much memory is in use
	steps := 0
	for _, b := range f.Timeline().Branches {
		steps += b.Length - b.From
	}
	for _, c := range []struct {
		limits Limits
		of     string
	}{
		{Limits{Bytes: len(text) - 10}, "file size"}, {Limits{Branches: 1}, "branches"}, {Limits{Steps: steps / 2}, "steps"}, {Limits{Heap: 1}, "memory"},
	} {
		_, err := Open(t.Context(), strings.NewReader(text), ManualTime(), Bounded(c.limits))
		if limit, ok := errors.AsType[*engine.LimitError](err); !ok || limit.Of != c.of || !strings.Contains(err.Error(), "limit of "+c.of) {
			t.Errorf("%+v: %v", c.limits, err)
		}
	}
	e, err := Open(t.Context(), strings.NewReader(text), ManualTime(), Bounded(Limits{Bytes: len(text), Branches: 2, Steps: 100 * steps, Heap: 1 << 40}))
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	e.limits.Steps = 0
	g := fixture{t, e}
	g.must(enginetest.Do(g, "resume"))
	g.pass(time.Minute)
	if e.Steps() <= 2*steps || e.limits != (Limits{}) {
		t.Errorf("%d steps were made, and the limits are %+v", e.Steps(), e.limits)
	}
	g.must(g.ImportBranch(t.Context(), "again", strings.NewReader(text)))
}

// TestOpenTellsMessages: the messages of the past are there at once, as if somebody had rewound to its end.
func TestOpenTellsMessages(t *testing.T) {
	g := reopened(t, storied(t).text())
	count := func() (n int) {
		events, _ := g.Trace().Since(0)
		for _, e := range events {
			if e.Kind == netsim.MsgDelivered {
				n++
			}
		}
		return n
	}
	opened := count()
	stop := g.Trace().Watch()
	g.must(g.Rewind(g.Timeline().Step))
	stop()
	if opened == 0 || opened != count() {
		t.Errorf("%d messages when it was opened, %d after rewind", opened, count())
	}
}

// TestGraftCancelled: whoever doesn't want to wait for another world's future keeps this one, where it was.
func TestGraftCancelled(t *testing.T) {
	f := storied(t)
	g := reopened(t, f.text())
	g.must(g.Rewind(3), enginetest.Do(g, "kill", "s3"), enginetest.Do(g, "resume"), g.Rename("b1", "other"))
	g.pass(time.Second)
	text := strings.Replace(g.text(), "branch other main 3", "branch other - 0", 1)
	text = text[:strings.Index(text, "branch main")] + text[strings.Index(text, "branch other"):]
	f.must(f.Rewind(5))
	before, stop := f.Hash(), errors.New("stop")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(stop)
	if err := f.ImportBranch(ctx, "x", strings.NewReader(text)); !errors.Is(err, stop) {
		t.Error(err)
	}
	if now := f.Timeline(); now.Step != 5 || len(now.Branches) != 1 || f.Hash() != before {
		t.Errorf("%+v", now)
	}
}
