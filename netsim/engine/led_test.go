package engine_test

import (
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"cluster/splitbrain/netsim/cluster"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/engine/enginetest"
	"cluster/splitbrain/netsim/sim"
	"cluster/splitbrain/pbservice"

	"github.com/google/go-cmp/cmp"
)

// TestLedTimeStands: led time goes only while somebody waits for it, at the pace that was set, and stands for hours
// between, with a crash that nobody has noticed yet and an operation under way.
func TestLedTimeStands(t *testing.T) {
	for name, start := range map[string]func(engine.Config) (engine.Led, error){
		"live":      func(c engine.Config) (engine.Led, error) { return cluster.New(c) },
		"simulated": func(c engine.Config) (engine.Led, error) { return sim.New(c) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cfg := engine.Defaults
				cfg.Standing = true
				e, err := start(cfg)
				if err != nil {
					t.Fatal(err)
				}
				defer e.Close()
				leads(t, e)
			})
		})
	}
}

func leads(t *testing.T, e engine.Led) {
	waits := func(d time.Duration) {
		t.Helper()
		if err := e.Wait(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
	stands := func() {
		t.Helper()
		synctest.Wait()
		before := seen(t, e)
		time.Sleep(time.Hour)
		if after := seen(t, e); !after.Standing || !cmp.Equal(before, after) {
			t.Errorf("an hour later: %s", cmp.Diff(before, after))
		}
	}
	stands()
	waits(400 * time.Millisecond)
	stands()
	var fired atomic.Bool
	e.After(100*time.Millisecond, func(error) { fired.Store(true) })
	put := pbservice.Op{Kind: pbservice.Put, Key: "a", Value: "1"}
	if err := enginetest.Do(e, "kill", "s1"); err != nil {
		t.Fatal(err)
	}
	o, err := e.Invoke("c1", put, engine.AtOnce)
	if err != nil {
		t.Fatal(err)
	}
	stands()
	if view := seen(t, e).Viewservice.Status.View.Viewnum; fired.Load() || view != 2 {
		t.Errorf("view %d, a timer fired: %v", view, fired.Load())
	}
	e.Lead(0.1)
	began := time.Now()
	waits(200 * time.Millisecond)
	if took := time.Since(began); took < 2*time.Second || took > 2100*time.Millisecond || !fired.Load() {
		t.Errorf("200 ms at a tenth of the speed took %v, a timer fired: %v", took, fired.Load())
	}
	stands()
	if _, err := o.Wait(t.Context()); err != nil {
		t.Error(err)
	}
	stands()
	lets(t, e)
}

// lets lets time go by itself, and stops it again in the middle of a wait.
func lets(t *testing.T, e engine.Led) {
	e.LetGo()
	before := seen(t, e)
	time.Sleep(10 * time.Second)
	if after := seen(t, e); after.Standing || after.At-before.At < 9*time.Second {
		t.Errorf("free for 10 s, time went from %v to %v", before.At, after.At)
	}
	e.Lead(1)
	if err := enginetest.Do(e, "pause"); err != nil {
		t.Fatal(err)
	}
	if err := e.Wait(t.Context(), time.Second); !errors.Is(err, engine.ErrPaused) {
		t.Errorf("while it is paused, a wait ends with %v", err)
	}
	if err := enginetest.Do(e, "resume"); err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
	if now := seen(t, e); now.Paused || !now.Standing {
		t.Error("the end of a pause lets led time go")
	}
}

func seen(t *testing.T, e engine.Engine) engine.Snapshot {
	t.Helper()
	s, err := e.Observe(t.Context(), engine.Window{Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	return s
}
