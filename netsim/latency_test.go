package netsim_test

import (
	"testing"
	"testing/synctest"
	"time"

	"cluster/splitbrain/netsim"
)

// TestLatency: each message takes it, in the network's time, and keeps its order; the trace tells only of what is later.
func TestLatency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, netsim.Config{Latency: 5 * ms}, "c1", "s1")
		c := w.dial("c1", "s1")
		took := func(want time.Duration, does func()) {
			t.Helper()
			start := time.Now()
			if does(); time.Since(start) != want {
				t.Errorf("took %v, want %v", time.Since(start), want)
			}
		}
		say := func() { w.say(c, "x") }
		took(10*ms, say)
		w.expect(0, netsim.TraceEvent{Kind: netsim.MsgDelayed})
		w.must(w.Delay("c1", "s1", 20*ms, 0))
		took(30*ms, say)
		w.expect(1, netsim.TraceEvent{Kind: netsim.MsgDelayed, Why: "by 25ms"})
		for _, e := range w.events() {
			if e.Kind == netsim.MsgDelayed && e.Due != e.At+25*ms {
				t.Errorf("%v at %v is due at %v", e, e.At, e.Due)
			}
		}
		w.must(w.HealAll())
		took(10*ms, say)
		w.must(w.SetSpeed(0.1))
		took(100*ms, say)
	})
}

// TestLatencyWhilePaused: a message that is sent while time stands is still under way, and steps let it arrive.
func TestLatencyWhilePaused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, netsim.Config{Latency: 5 * ms}, "c1", "s1")
		c := w.dial("c1", "s1")
		w.Pause()
		call := send(c, "x")
		for range 2 {
			if _, err := w.Step(netsim.StepMessage); err != nil {
				t.Fatal(err)
			}
		}
		w.heard("s1", "x")
		if synctest.Wait(); !answered(call) {
			t.Error("the reply has not arrived")
		}
		if now := w.Clock().Now(); w.events()[len(w.events())-1].At != 10*ms {
			t.Errorf("it arrived at %v: %v", now, w.events())
		}
	})
}
