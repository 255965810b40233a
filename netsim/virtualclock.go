package netsim

import (
	"math"
	"runtime"
	"runtime/metrics"
	"sync"
	"time"

	"cluster/splitbrain/netsim/env"
)

const (
	// maxBehind bounds what time catches up on when the machine was late, in real time. After a longer stall, time has
	// simply stood still: if it leapt, servers would take one another for dead.
	maxBehind = 4 * time.Millisecond

	// surePace is how fast time may go while processes are at work: on a busy machine a ping may take 20 ms, and is
	// in time as long as five intervals have not gone by.
	surePace = 10

	// After timers have fired, processes count as having reacted when calmLooks looks in a row find nothing that can run.
	// Time goes on when they have, or after maxLooks looks, or after maxReaction; if the next instant has come by then,
	// after minLooks looks.
	calmLooks   = 4
	minLooks    = 16
	maxLooks    = 4096
	maxReaction = time.Millisecond

	maxAlarm = time.Hour // the alarm is never set for later, so that no speed makes it overflow
	never    = time.Duration(math.MaxInt64)
)

// virtualClock is the time of a network. It goes at a speed of its own along a base clock, which is real time, can stand
// and can be stepped.
//
// Virtual time never passes a timer: as long as one is due and has not fired, time stands at the instant when it was due.
// However late the machine is, all timers fire in the order of their dues, and those who wait for them see no leap.
type virtualClock struct {
	base  env.Clock
	start time.Time   // what base showed at time 0
	idle  func() bool // reports whether nothing but the caller can run; called by one goroutine at a time

	mu      sync.Mutex // guards what follows, and all clocks and timers
	speed   float64
	pace    float64 // the speed at present: not more than surePace while a process may still react
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
	return &virtualClock{base: base, start: now, idle: new(machine).idle, since: now, speed: 1, pace: 1, alarmAt: never}
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
	if t.pace == 1 {
		return t.at + d
	}
	return t.at + time.Duration(float64(d)*t.pace)
}

// setSpeed changes how fast time goes, from now on.
func (t *virtualClock) setSpeed(speed float64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.at, t.since = t.now(), t.base.Now()
	t.speed, t.pace = speed, min(speed, surePace)
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
	t.pace = min(t.speed, surePace)
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
	left := math.Ceil(float64(t.alarmAt-t.nominal()) / t.pace)
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
		await, more := t.fireNextDue()
		if await {
			t.awaitReactions()
		}
		mine = more
	}
}

// fireNextDue fires the timers of the next instant if that has come. Processes need time to react before the one after
// that when that has come too, or may come very soon.
func (t *virtualClock) fireNextDue() (awaitReactions, more bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.overdue() {
		t.firing = false
		t.arm()
		return false, false
	}
	t.catchUp()
	t.pace = min(t.speed, surePace)
	for len(t.queue) > 0 && t.queue[0].due == t.at {
		t.fire()
	}
	return t.overdue() || t.speed > surePace, true
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
		behind := time.Duration(float64(t.nominal()-due) / t.pace)
		t.at, t.since = due, t.base.Now().Add(-min(behind, maxBehind))
	}
}

// awaitReactions lets processes react to the timers that have just fired. When they have, time may go at its full speed.
func (t *virtualClock) awaitReactions() {
	began, calm := t.base.Now(), 0
	for look := range maxLooks {
		if calm++; !t.idle() {
			calm = 0
		}
		if calm == calmLooks {
			t.ease()
			return
		}
		if look >= minLooks && t.isOverdue() || t.base.Now().Sub(began) >= maxReaction {
			return
		}
	}
}

func (t *virtualClock) isOverdue() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.overdue()
}

func (t *virtualClock) ease() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.pace = t.speed
}

// machine reads what the Go runtime says of this program's goroutines.
type machine [2]metrics.Sample

// idle reports whether no goroutine but the caller's runs or can run. Those that can run are let run first; not where there
// are none, because Gosched alone makes a second processor look busy.
func (m *machine) idle() bool {
	m[0].Name, m[1].Name = "/sched/goroutines/running:goroutines", "/sched/goroutines/runnable:goroutines"
	metrics.Read(m[:])
	running, runnable := m[0].Value.Uint64(), m[1].Value.Uint64()
	if runnable > 0 {
		runtime.Gosched()
	}
	return running <= 1 && runnable == 0
}
