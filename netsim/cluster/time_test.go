package cluster_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/engine/enginetest"
	"cluster/splitbrain/pbservice"
)

// pass lets d of the cluster's time go by.
func (f fixture) pass(d time.Duration) {
	for began := f.Now(); f.Now()-began < d; {
		time.Sleep(time.Millisecond)
	}
}

func TestPauseForAnHour(t *testing.T) {
	play(t, engine.Defaults, func(f fixture) {
		f.view("2 s1 s2")
		f.put("c1", "a", "1")
		f.must(enginetest.Do(f, "pause"))
		before := f.look()
		time.Sleep(time.Hour)
		s := f.look()
		if !s.Paused || s.At != before.At || s.Viewservice.Status.View != before.Viewservice.Status.View {
			f.Errorf("at %v view %v, was at %v view %v", s.At, s.Viewservice.Status.View, before.At, before.Viewservice.Status.View)
		}
		for i, v := range s.Servers {
			if v.PingAge != before.Servers[i].PingAge {
				f.Errorf("%s aged from %v to %v", v.Name, before.Servers[i].PingAge, v.PingAge)
			}
		}
		f.why(engine.Calm, "time is paused · nothing moves until resume or step")
		f.must(enginetest.Do(f, "resume"))
		f.pass(10 * time.Second)
		f.view("2 s1 s2")
		f.gets("c2", "a", "1")
	})
}

func TestOperationIssuedWhilePaused(t *testing.T) {
	play(t, engine.Defaults, func(f fixture) {
		f.view("2 s1 s2")
		f.meet()
		f.must(enginetest.Do(f, "pause"))
		end := f.op("c1", pbservice.Put, "a", "1")
		time.Sleep(time.Hour)
		f.why(engine.Stuck, "c1 waits · time is paused · nothing moves until resume or step")
		if c := f.look().Clients[0]; !c.Running || c.Since != 0 || !strings.HasSuffix(c.Waits.Text, "; time is paused") {
			f.Errorf("c1: %+v", c)
		}
		f.must(enginetest.Do(f, "resume"))
		end()
		if took := f.look().Clients[0].Last[0].Took; took > time.Second {
			f.Errorf("it took %v of the cluster's time", took)
		}
		f.same("a", "1", "s1", "s2")
	})
}

func TestStepsInAPausedCluster(t *testing.T) {
	play(t, engine.Defaults, func(f fixture) {
		f.view("2 s1 s2")
		f.meet()
		if _, err := enginetest.Tell(f, "step", netsim.StepPing); err == nil {
			f.Error("time that goes can be stepped")
		}
		f.must(enginetest.Do(f, "pause"))
		for range 9 {
			happened, err := enginetest.Tell(f, "step", netsim.StepPing)
			if f.must(err); !strings.Contains(happened, "Ping") {
				f.Errorf("a step to the next ping: %s", happened)
			}
		}
		if s := f.look(); !s.Paused || s.Viewservice.Status.View.String() != "2 s1 s2" {
			f.Errorf("paused %v, view %v", s.Paused, s.Viewservice.Status.View)
		}
		end := f.op("c1", pbservice.Put, "a", "1")
		for range 100 {
			if _, err := enginetest.Tell(f, "step", netsim.StepMessage); err != nil {
				f.Fatal(err)
			}
			if !f.look().Clients[0].Running {
				break
			}
		}
		end()
		f.same("a", "1", "s1", "s2")
		f.must(enginetest.Do(f, "resume"))
		f.pass(3 * time.Second)
		f.view("2 s1 s2")
	})
}

func TestCloseWhilePaused(t *testing.T) {
	play(t, engine.Defaults, func(f fixture) {
		f.view("2 s1 s2")
		f.must(enginetest.Do(f, "pause"))
		end := f.begin(f.Context(), "c1")
		time.Sleep(time.Second)
		f.Close()
		if end() == nil {
			f.Error("Close lets an operation succeed")
		}
	})
}

// The same commands, with waits in the cluster's time, lead to the same views at any speed.
func TestSpeedsGiveTheSameViews(t *testing.T) {
	var want []string
	for _, speed := range []float64{1, 0.01, 10} {
		play(t, engine.Defaults, func(f fixture) {
			f.view("2 s1 s2")
			f.must(enginetest.Do(f, "speed", fmt.Sprint(speed)))
			views := []string{}
			for _, command := range []func() error{
				func() error { return enginetest.Do(f, "kill", "s1") },
				func() error { return enginetest.Do(f, "restart", "s1") },
				func() error { return enginetest.Do(f, "partition s2 | vs s1 s3 c1 c2") },
				func() error { return enginetest.Do(f, "heal") },
				func() error { return enginetest.Do(f, "freeze", "s3") },
				func() error { return enginetest.Do(f, "thaw", "s3") },
				func() error { return enginetest.Do(f, "restart", "s2") },
			} {
				f.must(command())
				f.pass(3 * time.Second)
				f.put("c1", "a", "1")
				views = append(views, f.look().Viewservice.Status.View.String())
			}
			if s := f.look(); s.Speed != speed {
				f.Errorf("speed %v, want %v", s.Speed, speed)
			}
			if want == nil {
				want = views
			}
			if !slices.Equal(views, want) {
				f.Errorf("at ×%v: views %v, at ×1 %v", speed, views, want)
			}
		})
	}
}

// Changing the speed makes nobody look dead.
func TestSwitchingSpeed(t *testing.T) {
	play(t, engine.Defaults, func(f fixture) {
		f.view("2 s1 s2")
		for _, speed := range []float64{0.01, 10, 1, 0.1, 10, 1} {
			f.must(enginetest.Do(f, "speed", fmt.Sprint(speed)))
			f.pass(2 * time.Second)
			f.must(enginetest.Do(f, "pause"), enginetest.Do(f, "speed", fmt.Sprint(1)), enginetest.Do(f, "resume"), enginetest.Do(f, "speed", fmt.Sprint(speed)))
			f.view("2 s1 s2")
			f.put("c1", "a", "1")
		}
	})
}

// A held message can be delivered while time stands, and meets its server then.
func TestDeliverWhilePaused(t *testing.T) {
	play(t, engine.Defaults, func(f fixture) {
		f.view("2 s1 s2")
		f.meet()
		f.must(enginetest.Do(f, "hold", "s1", "s2"))
		end := f.op("c1", pbservice.Append, "a", "x")
		m := f.held("s1", "s2", netsim.Request, ".Forward")
		f.must(enginetest.Do(f, "pause"))
		time.Sleep(time.Hour) // of thinking
		if held := f.look().Held; len(held) != 1 || held[0].Msg != m.Msg {
			f.Errorf("held after an hour of paused time: %v", held)
		}
		f.must(enginetest.Do(f, "deliver", m.Msg))
		f.same("a", "x", "s2")
		f.must(enginetest.Do(f, "resume"))
		end()
		f.same("a", "x", "s1", "s2")
		f.view("2 s1 s2")
	})
}

func TestWait(t *testing.T) {
	play(t, engine.Defaults, func(f fixture) {
		f.must(enginetest.Do(f, "speed", fmt.Sprint(10)))
		began := f.Now()
		f.must(f.Wait(f.Context(), 3*time.Second))
		if passed := f.Now() - began; passed < 3*time.Second || passed > 4*time.Second {
			t.Errorf("%v passed", passed)
		}
		brief, cancel := context.WithTimeout(f.Context(), time.Second)
		defer cancel()
		if err := f.Wait(brief, time.Hour); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		f.must(enginetest.Do(f, "pause"))
		if err := f.Wait(f.Context(), time.Second); !errors.Is(err, engine.ErrPaused) {
			t.Error(err)
		}
		f.must(enginetest.Do(f, "resume"))
		time.AfterFunc(time.Second, f.Close)
		if err := f.Wait(f.Context(), time.Hour); !errors.Is(err, engine.ErrClosed) {
			t.Error(err)
		}
	})
}

// What is to happen later does so in the cluster's time, which stands while it is paused, and never after Close.
func TestAfter(t *testing.T) {
	play(t, engine.Defaults, func(f fixture) {
		called := make(chan time.Duration, 10)
		began := f.Now()
		f.After(3*time.Second, func(error) { called <- f.Now() - began })
		stop := f.After(time.Second, func(error) { called <- 0 })
		if !stop() {
			t.Error("it was not stopped")
		}
		f.must(enginetest.Do(f, "pause"))
		time.Sleep(time.Hour)
		if len(called) > 0 {
			t.Error("called while time is paused")
		}
		f.must(enginetest.Do(f, "resume"))
		if passed := <-called; passed != 3*time.Second {
			t.Errorf("called after %v", passed)
		}
		f.After(time.Second, func(error) { called <- 0 })
		f.Close()
		time.Sleep(time.Hour)
		if len(called) > 0 {
			t.Error("called after Close")
		}
	})
}
