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
	// maxBehind bounds what time catches up on when its machine was late, on the base clock. After a longer stall it
	// has simply stood still.
	maxBehind = 4 * time.Millisecond

	// surePace is how fast time may go while processes are at work: on a busy machine a ping may take 20 ms, and is
	// in time as long as five intervals have not gone by.
	surePace = 10

	// After a moment, processes have reacted when calmTurns looks find nothing that can run. The alarm is set when
	// they have, or after maxTurns looks, or maxSettle. If the next moment has come by then it waits for minTurns only.
	calmTurns = 4
	minTurns  = 16
	maxTurns  = 4096
	maxSettle = time.Millisecond

	maxAlarm = time.Hour // the alarm is never set for later, so that no speed makes it overflow
	never    = time.Duration(math.MaxInt64)
)

// timeline is the time of a network. It goes at a speed of its own along a base clock, can stand and can be stepped.
//
// It never passes a timer: as long as one is due and has not fired, time stands at the moment when it was due. However
// late the machine is, all timers fire in the order of their dues, and those who wait for them see no leap.
type timeline struct {
	base  env.Clock
	start time.Time   // of base, at time 0
	idle  func() bool // whether nothing can run but the caller; called by one goroutine at a time

	mu      sync.Mutex // guards what follows, and all clocks and timers
	speed   float64
	pace    float64 // what speed is at present: not more than surePace while somebody may react
	paused  bool
	at      time.Duration // it was that late ...
	since   time.Time     // ... at this time of base, unless it is paused
	queue   timers        // due >= now for all of them
	touched uint64        // timers were set or stopped so far

	alarm   env.Timer     // on base, calls ring; nil until it is needed
	alarmAt time.Duration // what alarm is set for, or never; a timer that was stopped leaves it too early
	pumping bool          // ring is at work, and looks at the queue again before it ends
}

func newTimeline(base env.Clock) *timeline {
	now := base.Now()
	return &timeline{base: base, start: now, idle: new(machine).idle, since: now, speed: 1, pace: 1, alarmAt: never}
}

// elapsed is the time since the beginning.
func (t *timeline) elapsed() time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.now()
}

// now is elapsed with the lock held.
func (t *timeline) now() time.Duration {
	if t.paused {
		return t.at
	}
	if len(t.queue) > 0 {
		return min(t.nominal(), t.queue[0].due)
	}
	return t.nominal()
}

// nominal is where time would be if nothing were due. Only for a time that goes.
func (t *timeline) nominal() time.Duration {
	d := t.base.Now().Sub(t.since)
	if t.pace == 1 {
		return t.at + d
	}
	return t.at + time.Duration(float64(d)*t.pace)
}

// setSpeed changes how fast time goes, from now on.
func (t *timeline) setSpeed(speed float64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.at, t.since = t.now(), t.base.Now()
	t.speed, t.pace = speed, min(speed, surePace)
	t.disarm()
	t.arm()
}

// pause makes time stand.
func (t *timeline) pause() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.at = t.now()
	t.paused = true
	t.disarm()
}

// resume lets a time that stands go on.
func (t *timeline) resume() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.since = t.base.Now()
	t.pace = min(t.speed, surePace)
	t.paused = false
	t.arm()
}

// leap takes a paused time to the moment of the next timer, and fires this one alone. It returns whose timer it was,
// or nil if there is none until limit.
func (t *timeline) leap(limit time.Duration) *clock {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.queue) == 0 || t.queue[0].due > limit {
		return nil
	}
	t.at = t.queue[0].due
	return t.fire()
}

// fire fires the first timer of the queue.
func (t *timeline) fire() *clock {
	first := t.queue[0]
	first.cancel()
	go first.f()
	return first.clock
}

// add makes a timer pending.
func (t *timeline) add(timer *timer) {
	t.queue.add(timer)
	t.arm()
}

// arm sets the alarm for the first timer, unless it is early enough as it is.
func (t *timeline) arm() {
	if t.paused || t.pumping || len(t.queue) == 0 || t.alarmAt <= t.queue[0].due {
		return
	}
	t.alarmAt = t.queue[0].due
	left := math.Ceil(float64(t.alarmAt-t.nominal()) / t.pace)
	wait := time.Duration(max(0, min(left, float64(maxAlarm))))
	if t.alarm == nil {
		t.alarm = t.base.AfterFunc(wait, t.ring)
	} else {
		t.alarm.Reset(wait)
	}
}

func (t *timeline) disarm() {
	t.alarmAt = never
	if t.alarm != nil {
		t.alarm.Stop()
	}
}

// ring fires everything that is due, one moment after the other, and sets the alarm for the rest.
func (t *timeline) ring() {
	t.mu.Lock()
	t.alarmAt = never
	mine := !t.pumping
	t.pumping = true
	t.mu.Unlock()
	for mine {
		hurry, more := t.fireMoment()
		if hurry {
			t.settle()
		}
		mine = more
	}
}

// fireMoment fires the timers of the next moment if it has come. It is a hurry when the one after that has come too,
// or may come before everybody has reacted to this one.
func (t *timeline) fireMoment() (hurry, more bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.overdue() {
		t.pumping = false
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

// overdue says that the next moment has come.
func (t *timeline) overdue() bool {
	return !t.paused && len(t.queue) > 0 && t.queue[0].due <= t.nominal()
}

// catchUp takes time to the moment of the first timer if that has come, and forgives what it is behind by more than
// maxBehind. Whatever takes the first timer away calls it before.
func (t *timeline) catchUp() {
	if t.overdue() {
		moment := t.queue[0].due
		behind := time.Duration(float64(t.nominal()-moment) / t.pace)
		t.at, t.since = moment, t.base.Now().Add(-min(behind, maxBehind))
	}
}

// settle lets processes react to the moment that was just fired. When they have, time may go as fast as it should.
func (t *timeline) settle() {
	began, calm := t.base.Now(), 0
	for turn := range maxTurns {
		if calm++; !t.idle() {
			calm = 0
		}
		if calm == calmTurns {
			t.ease()
			return
		}
		if turn >= minTurns && t.isOverdue() || t.base.Now().Sub(began) >= maxSettle {
			return
		}
	}
}

func (t *timeline) isOverdue() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.overdue()
}

func (t *timeline) ease() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.pace = t.speed
}

// machine looks at what runs in this program.
type machine [2]metrics.Sample

// idle says that nothing runs or can run but the caller. What can run gets its turn first. Without need a turn isn't
// given: that alone would make a second processor look busy.
func (m *machine) idle() bool {
	m[0].Name, m[1].Name = "/sched/goroutines/running:goroutines", "/sched/goroutines/runnable:goroutines"
	metrics.Read(m[:])
	running, runnable := m[0].Value.Uint64(), m[1].Value.Uint64()
	if runnable > 0 {
		runtime.Gosched()
	}
	return running <= 1 && runnable == 0
}
