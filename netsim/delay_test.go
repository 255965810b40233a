package netsim_test

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"cluster/splitbrain/netsim"
)

func TestDelayOneDirection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, netsim.Config{}, "c1", "s1", "s2")
		c, other, back := w.dial("c1", "s1"), w.dial("c1", "s2"), w.dial("s2", "s1")
		w.must(w.Delay("c1", "s1", 200*ms, 0))
		start := time.Now()
		took := func(want time.Duration) {
			t.Helper()
			if got := time.Since(start); got != want {
				t.Errorf("took %v, want %v", got, want)
			}
			start = time.Now()
		}
		w.say(other, "x")
		w.say(back, "x")
		took(0)
		w.say(c, "x")
		took(200 * ms)
		w.must(w.Delay("s1", "c1", 30*ms, 0))
		w.say(c, "y")
		took(230 * ms)
		w.must(w.HealAll())
		w.say(c, "z")
		took(0)
		w.expect(2, netsim.TraceEvent{Kind: netsim.MsgDelayed, Direction: netsim.Request, Why: "by 200ms"})
		w.expect(1, netsim.TraceEvent{Kind: netsim.MsgDelayed, Direction: netsim.Reply, Why: "by 30ms"})
		w.expect(3, netsim.TraceEvent{Kind: netsim.MsgDelayed})
		w.expectLost(0)
	})
}

// A delay ends for what is sent later, which still does not overtake, on any connection.
func TestDelayKeepsOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, netsim.Config{Seed: 7}, "c1", "s1")
		c, d := w.dial("c1", "s1"), w.dial("c1", "s1")
		w.must(w.Delay("c1", "s1", 100*ms, 100*ms))
		for i := range 100 {
			send(c, fmt.Sprint(i))
			time.Sleep(ms)
		}
		w.must(w.Delay("c1", "s1", 0, 0))
		send(c, "last")
		send(d, "very last")
		time.Sleep(time.Second)
		var order []string
		for _, e := range w.events() {
			if e.Kind == netsim.MsgDelivered && e.Direction == netsim.Request {
				order = append(order, e.Summary)
			}
		}
		var want []string
		for i := range 100 {
			want = append(want, fmt.Sprint("text ", i))
		}
		want = append(want, "text last", "text very last")
		if !slices.Equal(order, want) {
			t.Errorf("delivered %q", order)
		}
	})
}

func TestCutLosesWhatIsInTransit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, netsim.Config{}, "c1", "s1")
		c := w.dial("c1", "s1")
		w.must(w.Delay("c1", "s1", 100*ms, 0))
		send(c, "due in the cut")
		time.Sleep(50 * ms)
		w.must(w.Cut("c1", "s1"))
		send(c, "sent in the cut")
		time.Sleep(60 * ms)
		send(c, "so too")
		w.must(w.Heal("c1", "s1"))
		send(c, "due after it")
		time.Sleep(40 * ms)
		w.must(w.Cut("c1", "s1"))
		time.Sleep(40 * ms)
		w.must(w.Heal("c1", "s1"))
		time.Sleep(time.Second)
		w.heard("s1", "due after it")
		w.expect(3, netsim.TraceEvent{Kind: netsim.MsgLost, Direction: netsim.Request, Why: "c1 > s1 is cut"})
		w.expectLost(3)
	})
}

func TestShorterDelayWaitsForTheLonger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, netsim.Config{}, "c1", "s1")
		c := w.dial("c1", "s1")
		w.must(w.Delay("c1", "s1", 100*ms, 0))
		send(c, "long")
		time.Sleep(20 * ms)
		w.must(w.Delay("c1", "s1", 10*ms, 0))
		w.say(c, "short")
		w.expect(1, netsim.TraceEvent{Kind: netsim.MsgDelayed, Summary: "text long", Why: "by 100ms"})
		w.expect(1, netsim.TraceEvent{Kind: netsim.MsgDelayed, Summary: "text short", Why: "by 80ms"})
	})
}

// arrivals returns when n messages arrive that are sent a second apart.
func arrivals(t *testing.T, seed uint64, from, to string) (times []time.Duration) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, netsim.Config{Seed: seed}, "a", "b")
		c := w.dial(from, to)
		w.must(w.Delay(from, to, 20*ms, 50*ms))
		for i := range 200 {
			start := time.Now()
			w.say(c, fmt.Sprint(i))
			times = append(times, time.Since(start))
			time.Sleep(time.Second)
		}
	})
	return times
}

func TestSeedsRepeatPerLink(t *testing.T) {
	ab := arrivals(t, 1, "a", "b")
	if again := arrivals(t, 1, "a", "b"); !slices.Equal(ab, again) {
		t.Error("the same seed drew other delays")
	}
	if slices.Equal(ab, arrivals(t, 2, "a", "b")) {
		t.Error("another seed drew the same delays")
	}
	if slices.Equal(ab, arrivals(t, 1, "b", "a")) {
		t.Error("the other direction drew the same delays")
	}
	// 20ms ± 50ms, and never negative: three in ten are 0.
	if low := slices.Min(ab); low != 0 {
		t.Errorf("the shortest delay is %v", low)
	}
	if high := slices.Max(ab); high < 60*ms || high > 70*ms {
		t.Errorf("the longest delay is %v", high)
	}
}
