package netsim_test

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/env"
)

// diary notes what happens when, on a clock.
type diary struct {
	clock env.Clock
	start time.Time

	mu      sync.Mutex // guards what follows
	entries []string
	times   []time.Duration
}

func newDiary(clock env.Clock) *diary { return &diary{clock: clock, start: clock.Now()} }

func (d *diary) note(what string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.entries = append(d.entries, what)
	d.times = append(d.times, d.clock.Now().Sub(d.start))
}

// after notes what, once.
func (d *diary) after(t time.Duration, what string) env.Timer {
	return d.clock.AfterFunc(t, func() { d.note(what) })
}

func (d *diary) all() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.entries)
}

// read fails unless that has happened so far, in this order. Everything else in the bubble must be able to block.
func (d *diary) read(t *testing.T, want ...string) {
	t.Helper()
	synctest.Wait()
	if got := d.all(); !slices.Equal(got, want) {
		t.Errorf("so far %q, want %q", got, want)
	}
}

// at fails unless the clock shows that.
func (d *diary) at(t *testing.T, want time.Duration) {
	t.Helper()
	if got := d.clock.Now().Sub(d.start); got != want {
		t.Errorf("the clock shows %v, want %v", got, want)
	}
}

func TestPauseForAnHour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, netsim.Config{}, "c1", "s1", "s2")
		c, delayed := w.dial("c1", "s1"), w.dial("c1", "s2")
		w.must(w.Delay("c1", "s2", 100*ms, 0))
		network, node := newDiary(w.Clock()), newDiary(w.proc("s1").Clock())
		node.after(30*ms, "before")
		node.after(100*ms, "after")
		network.after(200*ms, "network")
		send(delayed, "delayed")
		time.Sleep(50 * ms)
		w.Pause()
		w.Pause()
		for _, s := range []string{"1", "2", "3"} {
			send(c, s)
		}
		set := node.after(10*ms, "set while paused")
		dialled := make(chan error)
		go func() {
			_, err := w.proc("s2").Dial(t.Context(), "s1")
			dialled <- err
		}()
		observer := newDiary(env.System)
		time.Sleep(time.Hour)
		node.read(t, "before")
		network.read(t)
		node.at(t, 50*ms)
		network.at(t, 50*ms)
		w.heard("s1")
		w.heard("s2")
		w.expect(3, netsim.TraceEvent{Kind: netsim.MsgQueued, Direction: netsim.Request, From: "c1", To: "s1", Why: "time stands"})
		w.expect(1, netsim.TraceEvent{Kind: netsim.DialWaiting, From: "s2", To: "s1", Why: "time stands"})
		select {
		case err := <-dialled:
			t.Errorf("dialled while paused: %v", err)
		default:
		}
		observer.at(t, time.Hour)
		if !w.Paused() || !set.Reset(20*ms) {
			t.Error("the state of what is paused is misjudged")
		}

		w.Resume()
		w.must(<-dialled)
		time.Sleep(time.Minute)
		node.read(t, "before", "set while paused", "after")
		network.read(t, "network")
		node.at(t, time.Minute+50*ms)
		if got := readOrder(w, "s1"); !slices.Equal(got, []string{"text 1", "text 2", "text 3"}) {
			t.Errorf("delivered %q", got)
		}
		checkDelivered(t, w, "text delayed", 100*ms)
		checkDelivered(t, w, "text 3", 50*ms)
		w.expectLost(0)
		w.expect(1, netsim.TraceEvent{Kind: netsim.TimePaused})
		w.expect(1, netsim.TraceEvent{Kind: netsim.TimeResumed})
	})
}

// checkDelivered fails unless a request was delivered then, on the network's clock.
func checkDelivered(t *testing.T, w *world, summary string, at time.Duration) {
	t.Helper()
	for _, e := range w.events() {
		if e.Kind == netsim.MsgDelivered && e.Direction == netsim.Request && e.Summary == summary && e.At != at {
			t.Errorf("%q was delivered at %v, want %v", summary, e.At, at)
		}
	}
	w.expect(1, netsim.TraceEvent{Kind: netsim.MsgDelivered, Direction: netsim.Request, Summary: summary})
}

func TestFaultsWhilePaused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, netsim.Config{}, "c1", "s1", "s2", "s3")
		cut, held, thawed := w.dial("c1", "s1"), w.dial("c1", "s2"), w.dial("c1", "s3")
		w.must(w.Node("s3").Freeze())
		send(thawed, "arrived")
		w.Pause()
		send(cut, "cut")
		w.must(w.Cut("c1", "s1"))
		w.must(w.Hold("c1", "s2"))
		send(held, "held")
		w.must(w.Deliver(w.held("held"))) // a person's will goes before
		w.must(w.Node("s3").Thaw())
		w.must(w.Cut("c1", "s3")) // too late for what has arrived
		time.Sleep(time.Hour)
		w.heard("s2", "held")
		w.heard("s3")
		_, err := w.Add("late")
		w.must(err)
		w.boot("late")
		answer := w.proc("late").Clock().Now()
		w.Resume()
		synctest.Wait()
		w.heard("s1")
		w.heard("s3", "arrived")
		w.expect(1, netsim.TraceEvent{Kind: netsim.MsgLost, Summary: "text cut", Why: "c1 > s1 is cut"})
		w.expectLost(1)
		if now := w.Clock().Now(); !now.Equal(answer) {
			t.Errorf("time went by %v", now.Sub(answer))
		}
	})
}

func TestPausedDialGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, netsim.Config{}, "c1", "s1")
		w.Pause()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := w.proc("c1").Dial(ctx, "s1"); err == nil {
			t.Error("dialled while paused")
		}
		if what, err := w.Step(netsim.StepEvent); err == nil {
			t.Errorf("a dial that was given up happened: %s", what)
		}
	})
}

// busy lets timers and delayed messages of several nodes happen, two nodes freeze and thaw, and returns their order
// and their times.
func busy(t *testing.T, speed func(w *world)) (order []string, times []time.Duration) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, netsim.Config{Seed: 3}, "a", "b", "c")
		links := map[string]func(string){}
		for _, from := range w.Nodes() {
			for _, to := range w.Nodes() {
				c := w.dial(from, to)
				links[from+to] = func(s string) { send(c, s) }
			}
		}
		w.must(w.Delay("a", "b", 7*ms, 5*ms))
		w.must(w.Reorder("b", "c", 30*ms))
		d := newDiary(w.Clock())
		speed(w)
		for i, name := range w.Nodes() {
			clock, period := w.proc(name).Clock(), time.Duration(10+3*i)*ms+time.Duration(i)*137*time.Microsecond
			var tick func()
			timer := clock.AfterFunc(time.Hour, func() { tick() })
			tick = func() {
				d.note("tick " + name)
				links[name+"b"](name)
				links[name+"c"](name)
				timer.Reset(period)
			}
			timer.Reset(period)
		}
		done := make(chan struct{})
		w.Clock().AfterFunc(50*ms+1, func() { w.Node("b").Freeze() })
		w.Clock().AfterFunc(91*ms+1, func() { w.Node("b").Thaw() })
		w.Clock().AfterFunc(200*ms+1, func() { close(done) })
		<-done
		w.Pause()
		order, times = d.entries, d.times
		for _, e := range w.events() {
			if e.Kind == netsim.MsgDelivered && e.Direction == netsim.Request {
				order, times = append(order, "delivered "+e.From+e.To), append(times, e.At)
			}
		}
	})
	return order, times
}

// At any speed the same things happen at the same times, to within what speeds round.
func TestSpeedsAreAlike(t *testing.T) {
	order, times := busy(t, func(*world) {})
	if len(order) < 60 {
		t.Fatalf("only %q", order)
	}
	for _, speed := range []float64{0.01, 0.3, 7, 10} {
		got, at := busy(t, func(w *world) { w.must(w.SetSpeed(speed)) })
		if !slices.Equal(got, order) {
			t.Errorf("at speed %v: %q, want %q", speed, got, order)
			continue
		}
		for i := range at {
			if off := (at[i] - times[i]).Abs(); off > time.Duration(2*speed)+2 {
				t.Errorf("at speed %v %q is %v off", speed, got[i], off)
			}
		}
	}
	changing, _ := busy(t, func(w *world) {
		go func() {
			for i := range 20 {
				time.Sleep(5 * ms)
				w.SetSpeed([]float64{0.1, 2, 0.5, 3}[i%4])
				w.Pause()
				time.Sleep(time.Second)
				w.Resume()
			}
		}()
	})
	if !slices.Equal(changing, order) {
		t.Errorf("at changing speeds: %q, want %q", changing, order)
	}
}

func TestSpeedWithPendingTimers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, netsim.Config{}, "s1")
		d := newDiary(w.proc("s1").Clock())
		d.after(10*time.Second, "ten")
		d.after(math.MaxInt64, "never")
		d.after(math.MaxInt64/2, "hardly ever")
		time.Sleep(time.Second)
		w.must(w.SetSpeed(0.01))
		d.at(t, time.Second)
		time.Sleep(100 * time.Second)
		d.at(t, 2*time.Second)
		w.must(w.SetSpeed(4))
		w.must(w.SetSpeed(4))
		time.Sleep(2*time.Second - 1)
		d.read(t)
		time.Sleep(time.Nanosecond)
		d.read(t, "ten")
		d.at(t, 10*time.Second)
		w.Pause()
		w.must(w.SetSpeed(2))
		time.Sleep(time.Hour)
		d.at(t, 10*time.Second)
		w.Resume()
		time.Sleep(time.Second)
		d.at(t, 12*time.Second)
		if s := w.Speed(); s != 2 {
			t.Errorf("the speed is %v", s)
		}
		w.must(w.SetSpeed(0.01))
		time.Sleep(time.Second)
		d.read(t, "ten")
		w.expect(4, netsim.TraceEvent{Kind: netsim.TimeSpeed})
		w.expect(2, netsim.TraceEvent{Kind: netsim.TimeSpeed, Why: "×0.01"})
	})
}

// A frozen clock stands for as long as the network's goes, whatever that does.
func TestFreezePauseAndSpeed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, netsim.Config{}, "s1")
		d, network := newDiary(w.proc("s1").Clock()), newDiary(w.Clock())
		d.after(time.Second, "one")
		d.after(3*time.Second, "three")
		w.must(w.SetSpeed(10))
		time.Sleep(50 * ms)
		w.must(w.Node("s1").Freeze()) // at 0.5 s
		time.Sleep(time.Second)
		w.Pause()
		d.after(time.Second, "set while both stand")
		time.Sleep(time.Second)
		w.must(w.Node("s1").Thaw())
		time.Sleep(time.Second)
		d.at(t, 500*ms)
		network.at(t, 10*time.Second+500*ms)
		d.read(t)
		w.must(w.Node("s1").Freeze())
		w.Resume()
		time.Sleep(time.Second)
		d.at(t, 500*ms)
		w.must(w.SetSpeed(1))
		w.must(w.Node("s1").Thaw())
		time.Sleep(time.Second)
		d.read(t, "one", "set while both stand")
		d.at(t, 1500*ms)
		time.Sleep(time.Hour)
		d.read(t, "one", "set while both stand", "three")
		network.at(t, time.Hour+21*time.Second+500*ms)
		w.must(w.Node("s1").Freeze())
		parked := d.after(time.Second, "parked")
		w.must(w.Node("s1").Crash())
		if parked.Stop() {
			t.Error("a timer of the crashed process is pending")
		}
	})
}

// Timers that are due at once, stopped ones, and ends of processes.
func TestManyTimers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, netsim.Config{}, "s1", "s2")
		d := newDiary(w.proc("s1").Clock())
		crashed := newDiary(w.proc("s2").Clock())
		var want []string
		var timers []env.Timer
		for i := range 500 {
			at := time.Duration(i*7919%500) * ms
			timers = append(timers, d.after(at, fmt.Sprintf("%03d", at/ms)))
			crashed.after(at+ms, "crashed")
			crashed.after(2*time.Second, "crashed")
			want = append(want, fmt.Sprintf("%03d", i))
		}
		early := timers[100].Reset(-time.Hour) // 400
		stopped := timers[200].Stop()          // 300
		if !early || !stopped || timers[200].Stop() {
			t.Error("a pending timer is misjudged")
		}
		w.must(w.Node("s2").Crash())
		time.Sleep(time.Second)
		synctest.Wait()
		want = slices.DeleteFunc(want, func(s string) bool { return s == "400" || s == "300" })
		got := d.all()
		slices.Sort(got[:2]) // both were due at once
		if !slices.Equal(got, append([]string{"000", "400"}, want[1:]...)) {
			t.Errorf("fired %q", got)
		}
		crashed.read(t)
		w.Close()
		before := w.Clock().Now()
		time.Sleep(time.Hour)
		if !w.Clock().Now().Equal(before) {
			t.Error("the clock of a closed network goes")
		}
	})
}
