package engine_test

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/cluster"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/engine/enginetest"
	"cluster/splitbrain/netsim/sim"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice/rules"
)

// engines are all engines there are.
var engines = map[string]func(engine.Config) (engine.Engine, error){
	"live":      func(c engine.Config) (engine.Engine, error) { return cluster.New(c) },
	"simulated": func(c engine.Config) (engine.Engine, error) { return sim.New(c, sim.ManualTime()) },
}

// TestEveryEngine holds what engine.Engine promises and whoever drives an engine relies on.
func TestEveryEngine(t *testing.T) {
	for name, start := range engines {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e, err := start(engine.Defaults)
				if err != nil {
					t.Fatal(err)
				}
				defer e.Close()
				promises(t, e)
			})
		})
	}
}

func promises(t *testing.T, e engine.Engine) {
	must := func(errs ...error) {
		t.Helper()
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
	}
	refused := func(err error, want string) {
		t.Helper()
		if err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	append1 := pbservice.Op{Kind: pbservice.Append, Key: "a", Value: "1"}
	if want := []string{"vs", "s1", "s2", "s3", "c1", "c2"}; !slices.Equal(e.Nodes(), want) {
		t.Errorf("nodes %q", e.Nodes())
	}
	must(e.Wait(t.Context(), 3*time.Second))
	refused(enginetest.Do(e, "thaw", "s1"), "s1 is not frozen")
	refused(enginetest.Do(e, "kill", "s9"), "no node s9: vs, s1–s3, c1, c2")
	_, err := e.Invoke("s1", append1, engine.AtOnce)
	refused(err, "s1 is no client: only clients run operations")

	must(enginetest.Do(e, "freeze", "c1"))
	first, err := e.Invoke("c1", append1, engine.AtOnce)
	must(err)
	second, err := e.Invoke("c1", append1, engine.AtOnce)
	must(err)
	second.Cancel(errors.New("no need"))
	_, err = second.Wait(t.Context())
	refused(err, "not sent: c1 runs another operation: no need")
	must(enginetest.Do(e, "thaw", "c1"))
	_, err = first.Wait(t.Context())
	must(err)
	if n := e.History().Verdict().Total; n != 1 {
		t.Errorf("the history has %d operations, one was sent", n)
	}

	must(enginetest.Do(e, "rule", "forward-gets", "off"), enginetest.Do(e, "rule", "forward-gets", "on"))
	if seen, err := e.Observe(t.Context(), engine.Window{}); err != nil || seen.Disabled != 0 || seen.WereOff != rules.Without(rules.ForwardGets) {
		t.Errorf("off are %v, were %v: %v", seen.Disabled, seen.WereOff, err)
	}

	called := make(chan string, 4)
	began := e.Now()
	e.After(time.Second, func(error) { called <- "after " + (e.Now() - began).String() })
	stop := e.After(time.Second, func(error) { called <- "though stopped" })
	must(enginetest.Do(e, "pause"))
	if err := e.Wait(t.Context(), time.Second); !stop() || !errors.Is(err, engine.ErrPaused) || len(called) > 0 {
		t.Errorf("while time is paused: %v, %d called", err, len(called))
	}
	must(enginetest.Do(e, "resume"), e.Wait(t.Context(), 2*time.Second))
	if got := <-called; got != "after 1s" || len(called) > 0 {
		t.Errorf("called %s, and %d more", got, len(called))
	}

	must(enginetest.Do(e, "kill", "s1"))
	seen, err := e.Observe(t.Context(), engine.Window{})
	must(err)
	if seen.Servers[0].State != netsim.Crashed || seen.Why.Now == "" {
		t.Errorf("seen: %+v", seen.Servers[0])
	}
	e.Close()
	_, invoke := e.Invoke("c1", append1, engine.AtOnce)
	for _, err := range []error{invoke, e.Wait(t.Context(), time.Second), enginetest.Do(e, "add")} {
		if !errors.Is(err, engine.ErrClosed) {
			t.Errorf("after Close: %v", err)
		}
	}
}
