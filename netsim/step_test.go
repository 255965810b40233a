package netsim_test

import (
	"errors"
	"fmt"
	"net/rpc"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cluster/splitbrain/netsim"
)

// step takes a step, and fails unless it is that.
func (w *world) step(kind netsim.StepKind, want string) {
	w.Helper()
	what, err := w.Step(kind)
	w.must(err)
	if what != want {
		w.Errorf("step %v: %q, want %q", kind, what, want)
	}
}

func TestStepEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, netsim.Config{}, "c1", "s1", "s2")
		c, d := w.dial("c1", "s1"), w.dial("c1", "s2")
		w.must(w.Delay("c1", "s2", 50*ms, 0))
		node := newDiary(w.proc("s1").Clock())
		node.after(20*ms, "timer")
		w.Clock().AfterFunc(30*ms, func() {})
		w.Pause()
		send(d, "1")
		send(c, "2")
		send(c, "3")
		go w.proc("s2").Dial(t.Context(), "s1")
		time.Sleep(time.Hour)

		w.step(netsim.StepEvent, "c1 > s1 delivered request #2 Echo.Say")
		w.heard("s1", "2")
		w.step(netsim.StepEvent, "c1 > s1 delivered request #3 Echo.Say")
		w.heard("s1", "2", "3")
		w.step(netsim.StepEvent, "s2 dials s1")
		w.step(netsim.StepEvent, "s1 > c1 delivered reply #4 Echo.Say")
		w.step(netsim.StepEvent, "s1 > c1 delivered reply #5 Echo.Say")
		node.read(t)
		w.step(netsim.StepEvent, "a timer of s1 fires, 20ms later")
		node.read(t, "timer")
		w.step(netsim.StepEvent, "a timer of no node fires, 10ms later")
		node.at(t, 30*ms)
		w.heard("s2")
		w.step(netsim.StepEvent, "c1 > s2 delivered request #1 Echo.Say, 20ms later")
		w.heard("s2", "1")
		w.must(w.Cut("s2", "c1"))
		w.step(netsim.StepEvent, "s2 > c1 lost reply #6 Echo.Say: s2 > c1 is cut")
		if what, err := w.Step(netsim.StepEvent); err == nil || err.Error() != "no event: nothing happens within 10m0s" {
			t.Errorf("one more event: %q, %v", what, err)
		}
		node.at(t, 50*ms)
	})
}

// Each of the messages and timers that are due at once is a step.
func TestStepsOfOneMoment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, netsim.Config{}, "c1", "s1", "s2")
		c, d := w.dial("c1", "s1"), w.dial("c1", "s2")
		w.must(w.Delay("c1", "s1", 50*ms, 0))
		w.must(w.Delay("c1", "s2", 50*ms, 0))
		for i := range 3 {
			send(c, fmt.Sprint(i))
			send(d, fmt.Sprint(i))
		}
		one, two := newDiary(w.proc("s1").Clock()), newDiary(w.proc("s2").Clock())
		one.after(50*ms, "x")
		two.after(50*ms, "x")
		w.Pause()
		seen := 0
		for range 14 {
			_, err := w.Step(netsim.StepEvent)
			w.must(err)
			now := w.count(netsim.TraceEvent{Kind: netsim.MsgDelivered}) + len(one.all()) + len(two.all())
			if now != seen+1 {
				t.Errorf("a step of %d events", now-seen)
			}
			seen = now
		}
		one.at(t, 50*ms)
		if _, err := w.Step(netsim.StepEvent); err == nil {
			t.Error("something is left")
		}
	})
}

func TestStepKinds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := netsim.New(netsim.Config{}) // steps don't depend on those who watch
		w := newWorldOn(t, n, "s1", "vs")
		c := w.dial("s1", "vs")
		var timer interface{ Reset(time.Duration) bool }
		timer = w.proc("s1").Clock().AfterFunc(100*ms, func() {
			send(c, "something else")
			c.Go("Echo.Ping", Text{"ping"}, new(Text), make(chan *rpc.Call, 1))
			timer.Reset(100 * ms)
		})
		w.Pause()
		w.step(netsim.StepPing, "s1 > vs delivered request #2 Echo.Ping, 100ms later")
		w.step(netsim.StepPing, "s1 > vs delivered request #6 Echo.Ping, 100ms later")
		if heard := w.echo("vs").Heard(); !slices.Equal(heard, []string{"something else", "ping", "something else", "ping"}) {
			t.Errorf("heard are %q", heard)
		}
		w.step(netsim.StepMessage, "vs > s1 delivered reply #7 Echo.Say")
		w.step(netsim.StepMessage, "vs > s1 delivered reply #8 Echo.Ping")
		w.must(w.Loss("s1", "vs", 1))
		if what, err := w.Step(netsim.StepMessage); err == nil {
			t.Errorf("a lost message was delivered: %s", what)
		}
	})
}

func TestStepErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, netsim.Config{}, "s1")
		if _, err := w.Step(netsim.StepEvent); err == nil {
			t.Error("a step of running time")
		}
		w.proc("s1").Clock().AfterFunc(10*time.Minute+1, func() {})
		w.Pause()
		if _, err := w.Step(netsim.StepEvent); err == nil {
			t.Error("a step of more than 10 minutes")
		}
		errs := make(chan error)
		for range 2 {
			go func() {
				_, err := w.Step(netsim.StepEvent)
				errs <- err
			}()
		}
		if a, b := (<-errs).Error(), (<-errs).Error(); !strings.Contains(a+b, "another step") || a == b {
			t.Errorf("two steps at once: %s; %s", a, b)
		}
		w.Close()
		if _, err := w.Step(netsim.StepEvent); !errors.Is(err, netsim.ErrClosed) {
			t.Errorf("a step of a closed network: %v", err)
		}
		w.Pause()
		w.Resume()
	})
}

// Processes that answer each other for ever don't keep timers from firing.
func TestStepsAreFair(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, netsim.Config{}, "c1", "s1")
		c := w.dial("c1", "s1")
		w.Pause()
		d := newDiary(w.proc("s1").Clock())
		d.after(100*ms, "timer")
		go func() {
			for c.Call("Echo.Say", Text{"x"}, new(Text)) == nil {
			}
		}()
		for range 101 {
			_, err := w.Step(netsim.StepEvent)
			w.must(err)
		}
		d.read(t, "timer")
		for range 150 {
			_, err := w.Step(netsim.StepMessage)
			w.must(err) // without a timer too
		}
	})
}

// A node that is added while time is paused takes part in that.
func TestStepsOfALateNode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, netsim.Config{}, "s1")
		w.Pause()
		_, err := w.Add("late")
		w.must(err)
		w.boot("late")
		done := make(chan *rpc.Client)
		go func() { done <- w.dial("late", "s1") }()
		w.step(netsim.StepEvent, "late dials s1")
		send(<-done, "x")
		synctest.Wait()
		w.heard("s1")
		w.step(netsim.StepEvent, "late > s1 delivered request #1 Echo.Say")
		w.heard("s1", "x")
	})
}

// After steps, time goes on as if nothing had been.
func TestStepsThenResume(t *testing.T) {
	want := inTime(busy(t, func(*world) {}))
	for steps := range 60 {
		got := inTime(busy(t, func(w *world) {
			w.Clock().AfterFunc(60*ms+11, func() {
				w.Pause()
				go func() {
					for range steps {
						w.Step(netsim.StepEvent)
					}
					w.Resume()
				}()
			})
		}))
		if !slices.Equal(got, want) {
			t.Fatalf("after %d steps: %q, want %q", steps, got, want)
		}
	}
}

// inTime sorts what happened, also within one moment.
func inTime(what []string, when []time.Duration) []string {
	for i := range what {
		what[i] = fmt.Sprintf("%9d %s", when[i], what[i])
	}
	slices.Sort(what)
	return what
}

// What a step leaves behind in transit has its time, also after Resume.
func TestStepAmongDelayed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, netsim.Config{}, "c1", "s1")
		c := w.dial("c1", "s1")
		w.must(w.Delay("c1", "s1", 50*ms, 0))
		for i := range 4 {
			send(c, fmt.Sprint(i))
			time.Sleep(10 * ms)
		}
		w.Pause()
		w.step(netsim.StepMessage, "c1 > s1 delivered request #1 Echo.Say, 10ms later")
		w.step(netsim.StepMessage, "s1 > c1 delivered reply #5 Echo.Say")
		w.step(netsim.StepMessage, "c1 > s1 delivered request #2 Echo.Say, 10ms later")
		w.Resume()
		time.Sleep(time.Second)
		for i := range 4 {
			checkDelivered(t, w, fmt.Sprint("text ", i), time.Duration(50+10*i)*ms)
		}
		w.Pause()
		call := send(c, "frozen meanwhile")
		w.must(w.Node("s1").Freeze())
		w.step(netsim.StepEvent, "c1 > s1 queued request #9 Echo.Say: s1 is frozen, 50ms later")
		w.must(w.Node("s1").Thaw())
		w.step(netsim.StepEvent, "c1 > s1 delivered request #9 Echo.Say")
		w.Resume()
		synctest.Wait()
		if !answered(call) {
			t.Error("no answer")
		}
	})
}
