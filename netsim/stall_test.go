package netsim_test

import (
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/env"
)

// coarse is a base clock that moves when it is told to, by any leap.
type coarse struct {
	mu     sync.Mutex // guards what follows
	now    time.Time
	timers map[*coarseTimer]bool // pending
}

type coarseTimer struct {
	clock *coarse
	due   time.Time
	f     func()
}

func newCoarse() *coarse { return &coarse{now: time.Now(), timers: map[*coarseTimer]bool{}} }

func (c *coarse) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *coarse) AfterFunc(d time.Duration, f func()) env.Timer {
	t := &coarseTimer{clock: c, f: f}
	t.Reset(d)
	return t
}

func (t *coarseTimer) Stop() bool {
	t.clock.mu.Lock()
	defer t.clock.mu.Unlock()
	was := t.clock.timers[t]
	delete(t.clock.timers, t)
	return was
}

func (t *coarseTimer) Reset(d time.Duration) bool {
	t.clock.mu.Lock()
	defer t.clock.mu.Unlock()
	was := t.clock.timers[t]
	t.due = t.clock.now.Add(d)
	t.clock.timers[t] = true
	return was
}

// leap moves the clock, and returns when nothing more follows from that.
func (c *coarse) leap(d time.Duration) {
	c.mu.Lock()
	c.now = c.now.Add(d)
	c.mu.Unlock()
	for c.fire() {
		synctest.Wait()
	}
}

func (c *coarse) fire() (fired bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for t := range c.timers {
		if !t.due.After(c.now) {
			delete(c.timers, t)
			go t.f()
			fired = true
		}
	}
	return fired
}

// After a stall of the machine, time goes on where the next timer stands.
func TestStall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		base := newCoarse()
		w := newWorld(t, netsim.Config{Clock: base}, "s1")
		d := newDiary(w.proc("s1").Clock())
		for i := 1; i <= 5; i++ {
			d.after(time.Duration(100*i)*ms, fmt.Sprint(i))
		}
		base.leap(10 * time.Second)
		d.read(t, "1")
		d.at(t, 104*ms) // it catches up on 4 ms
		base.leap(95 * ms)
		d.read(t, "1")
		base.leap(ms)
		d.read(t, "1", "2")
		d.at(t, 200*ms)
		base.leap(3 * ms) // a little late is made up for
		base.leap(99 * ms)
		d.read(t, "1", "2", "3")
		d.at(t, 302*ms)
		base.leap(98 * ms)
		base.leap(time.Hour)
		d.read(t, "1", "2", "3", "4", "5")
		d.at(t, 504*ms)
		for i, at := range d.times {
			if due := time.Duration(100*(i+1)) * ms; at < due || at > due+4*ms {
				t.Errorf("timer %d saw %v", i+1, at)
			}
		}
	})
}

// A timer that is due stands in the way of time, even before anybody has noticed, and when it is set anew.
func TestTimeNeverPassesATimer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		base := newCoarse()
		w := newWorld(t, netsim.Config{Clock: base}, "s1")
		d := newDiary(w.proc("s1").Clock())
		timer := d.after(100*ms, "x")
		base.mu.Lock()
		base.now = base.now.Add(time.Hour)
		base.mu.Unlock()
		d.at(t, 100*ms)
		timer.Reset(100 * ms)
		d.at(t, 104*ms) // it catches up on 4 ms
		w.must(w.SetSpeed(5))
		d.at(t, 104*ms)
		base.leap(time.Hour)
		d.read(t, "x")
		d.at(t, 224*ms)
	})
}

// Whoever is heard every 100 ms is not silent for 500 ms, at any speed and through any stall.
func TestStallsMakeNobodySilent(t *testing.T) {
	for _, speed := range []float64{0.01, 1, 10} {
		synctest.Test(t, func(t *testing.T) {
			base := newCoarse()
			w := newWorld(t, netsim.Config{Clock: base}, "s1", "vs")
			w.must(w.SetSpeed(speed))
			views := newDiary(w.proc("vs").Clock())
			deadline := views.after(500*ms, "dead")
			pings := 0
			heard := make(chan struct{})
			var ping env.Timer
			ping = w.proc("s1").Clock().AfterFunc(100*ms, func() {
				ping.Reset(100 * ms)
				heard <- struct{}{}
			})
			stop := make(chan struct{})
			go func() {
				for {
					select {
					case <-heard:
						pings++
						deadline.Reset(500 * ms)
					case <-stop:
						return
					}
				}
			}()
			for i := range 500 {
				base.leap(time.Duration(i*i) * ms)
				synctest.Wait()
			}
			views.read(t)
			close(stop)
			ping.Stop()
			synctest.Wait()
			if pings < 20 {
				t.Errorf("speed %v: %d pings", speed, pings)
			}
		})
	}
}
