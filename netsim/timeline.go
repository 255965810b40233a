package netsim

import (
	"math"
	"runtime"
	"sync"
	"time"

	"cluster/splitbrain/netsim/host"
)

const (
	// maxBehind bounds what time catches up on when its machine was late, on the base clock. After a longer stall it
	// has simply stood still.
	maxBehind = 4 * time.Millisecond

	// Between two moments that follow each other in a hurry, all that runs gets that many turns, or that long.
	maxYields = 16
	maxSettle = time.Millisecond

	maxAlarm = time.Hour // the alarm is never set for later, so that no speed makes it overflow
	never    = time.Duration(math.MaxInt64)
)

// timeline is the time of a network. It goes at a speed of its own along a base clock, can stand and can be stepped.
//
// It never passes a timer: as long as one is due and has not fired, time stands at the moment when it was due. However
// late the machine is, all timers fire in the order of their dues, and those who wait for them see no leap.
type timeline struct {
	base  host.Clock
	start time.Time // of base, at time 0

	mu      sync.Mutex // guards what follows, and all clocks and timers
	speed   float64
	paused  bool
	at      time.Duration // it was that late ...
	since   time.Time     // ... at this time of base, unless it stands
	queue   timers        // due >= now for all of them
	started uint64        // timers were started so far

	alarm   host.Timer    // on base, calls ring; nil until it is needed
	alarmAt time.Duration // what alarm is set for, or never; a timer that was stopped leaves it too early
	pumping bool          // ring is at work, and looks at the queue again before it ends
	stands  bool          // ring has just fired what is due at at
}

func newTimeline(base host.Clock) *timeline {
	now := base.Now()
	return &timeline{base: base, start: now, since: now, speed: 1, alarmAt: never}
}

// elapsed is the time since the beginning.
func (t *timeline) elapsed() time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.now()
}

// now is elapsed with the lock held.
func (t *timeline) now() time.Duration {
	if t.paused || t.stands {
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
	if t.speed == 1 {
		return t.at + d
	}
	return t.at + time.Duration(float64(d)*t.speed)
}

// setSpeed changes how fast time goes, from now on.
func (t *timeline) setSpeed(speed float64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.at, t.since = t.now(), t.base.Now()
	t.speed = speed
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
	left := math.Ceil(float64(t.alarmAt-t.nominal()) / t.speed)
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

// fireMoment fires the timers of the next moment if it has come, and makes time stand there until it is called again.
// In a hurry the next moment comes before everybody is sure to have seen this one.
func (t *timeline) fireMoment() (hurry, more bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stands = false
	if t.paused || len(t.queue) == 0 || t.queue[0].due > t.nominal() {
		t.pumping = false
		t.arm()
		return false, false
	}
	t.catchUp()
	t.stands = true
	for len(t.queue) > 0 && t.queue[0].due == t.at {
		t.fire()
	}
	hurry = t.speed > 1 || len(t.queue) > 0 && t.queue[0].due <= t.nominal()
	return hurry, true
}

// catchUp takes time to the moment of the first timer if that has come, and forgives what it is behind by more than
// maxBehind. Whatever takes the first timer away calls it before.
func (t *timeline) catchUp() {
	if t.paused || t.stands || len(t.queue) == 0 {
		return
	}
	if over := t.nominal() - t.queue[0].due; over >= 0 {
		behind := time.Duration(float64(over) / t.speed)
		t.at, t.since = t.queue[0].due, t.base.Now().Add(-min(behind, maxBehind))
	}
}

// settle lets everything react that can run. Where a processor is busy, a turn ends only when what was waiting for
// it before has had its own.
func (t *timeline) settle() {
	began := t.base.Now()
	for range maxYields {
		runtime.Gosched()
		if t.base.Now().Sub(began) >= maxSettle {
			return
		}
	}
}
