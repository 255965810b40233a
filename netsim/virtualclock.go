package netsim

import (
	"math"
	"runtime"
	"sync"
	"time"

	"cluster/splitbrain/netsim/env"
)

const (
	// maxBehind bounds what time catches up on when the machine was late, in real time. After a longer stall, time has
	// simply stood still: if it leapt, servers would take one another for dead.
	maxBehind = 4 * time.Millisecond

	maxAlarm = time.Hour // the alarm is never set for later, so that no speed makes it overflow
	never    = time.Duration(math.MaxInt64)
)

// virtualClock is the time of a network. It goes at a speed of its own along a base clock, which is real time, can stand
// and can be stepped.
//
// Virtual time never passes a timer: as long as one is due and has not fired, time stands at the instant when it was due.
// However late the machine is, all timers fire in the order of their dues, and those who wait for them see no leap.
//
// Virtual time goes on whether or not those whose timers fired have reacted. Up to MaxLiveSpeed nobody can tell: a
// ping may take 20 ms on a busy machine, and is in time as long as five intervals have not gone by.
type virtualClock struct {
	base  env.Clock
	start time.Time // what base showed at time 0

	mu      sync.Mutex // guards what follows, and all clocks and timers
	speed   float64
	paused  bool
	at      time.Duration // what this clock showed ...
	since   time.Time     // ... when base showed this; while paused it still shows at
	queue   timers        // due >= now for all of them
	touched uint64        // how many times timers were set or stopped so far

	alarm   env.Timer     // on base, calls onAlarm; nil until it is needed
	alarmAt time.Duration // what alarm is set for, or never; too early if the first timer was stopped since
	firing  bool          // onAlarm is at work, and looks at the queue again before it ends
}

func newVirtualClock(base env.Clock) *virtualClock {
	now := base.Now()
	return &virtualClock{base: base, start: now, since: now, speed: 1, alarmAt: never}
}

// elapsed is the time since the beginning.
func (t *virtualClock) elapsed() time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.now()
}

// now is elapsed with the lock held.
func (t *virtualClock) now() time.Duration {
	if t.paused {
		return t.at
	}
	if len(t.queue) > 0 {
		return min(t.nominal(), t.queue[0].due)
	}
	return t.nominal()
}

// nominal is what the clock would show if no timer were due. Only while time is not paused.
func (t *virtualClock) nominal() time.Duration {
	d := t.base.Now().Sub(t.since)
	if t.speed == 1 {
		return t.at + d
	}
	return t.at + time.Duration(float64(d)*t.speed)
}

// setSpeed changes how fast time goes, from now on.
func (t *virtualClock) setSpeed(speed float64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.at, t.since = t.now(), t.base.Now()
	t.speed = speed
	t.disarm()
	t.arm()
}

func (t *virtualClock) pause() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.at = t.now()
	t.paused = true
	t.disarm()
}

func (t *virtualClock) resume() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.since = t.base.Now()
	t.paused = false
	t.arm()
}

// fireNext sets a paused clock to the instant of the next timer, and fires that one alone. It returns whose timer it was,
// nil if none is due until limit.
func (t *virtualClock) fireNext(limit time.Duration) *nodeClock {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.queue) == 0 || t.queue[0].due > limit {
		return nil
	}
	t.at = t.queue[0].due
	return t.fire()
}

// fire fires the first timer of the queue.
func (t *virtualClock) fire() *nodeClock {
	first := t.queue[0]
	first.cancel()
	go first.f()
	return first.clock
}

// add makes a timer pending.
func (t *virtualClock) add(timer *timer) {
	t.queue.add(timer)
	t.arm()
}

// arm sets the alarm for the first timer, unless it is early enough as it is.
func (t *virtualClock) arm() {
	if t.paused || t.firing || len(t.queue) == 0 || t.alarmAt <= t.queue[0].due {
		return
	}
	t.alarmAt = t.queue[0].due
	left := math.Ceil(float64(t.alarmAt-t.nominal()) / t.speed)
	wait := time.Duration(max(0, min(left, float64(maxAlarm))))
	if t.alarm == nil {
		t.alarm = t.base.AfterFunc(wait, t.onAlarm)
	} else {
		t.alarm.Reset(wait)
	}
}

func (t *virtualClock) disarm() {
	t.alarmAt = never
	if t.alarm != nil {
		t.alarm.Stop()
	}
}

// onAlarm fires all timers that are due, one instant after the other, and sets the alarm for the rest.
func (t *virtualClock) onAlarm() {
	t.mu.Lock()
	t.alarmAt = never
	mine := !t.firing
	t.firing = true
	t.mu.Unlock()
	for mine {
		mine = t.fireNextDue()
		runtime.Gosched() // who waited for this instant gets a turn before the next
	}
}

// fireNextDue fires the timers of the next instant, and reports whether that had come.
func (t *virtualClock) fireNextDue() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.overdue() {
		t.firing = false
		t.arm()
		return false
	}
	t.catchUp()
	for len(t.queue) > 0 && t.queue[0].due == t.at {
		t.fire()
	}
	return true
}

// overdue reports whether the instant of the next timer has come.
func (t *virtualClock) overdue() bool {
	return !t.paused && len(t.queue) > 0 && t.queue[0].due <= t.nominal()
}

// catchUp sets the clock to the instant of the first timer if that has come, and forgives delays of more than maxBehind.
// Whatever takes the first timer away calls catchUp before, since time must not pass that timer.
func (t *virtualClock) catchUp() {
	if t.overdue() {
		due := t.queue[0].due
		behind := time.Duration(float64(t.nominal()-due) / t.speed)
		t.at, t.since = due, t.base.Now().Add(-min(behind, maxBehind))
	}
}
