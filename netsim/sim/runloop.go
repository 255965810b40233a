package sim

import (
	"cmp"
	"context"
	"slices"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/env"
	"cluster/splitbrain/netsim/world"
)

const (
	// maxBehind is how far time may lag behind its clock, in the clock's time, before it gives that up.
	maxBehind = 50 * time.Millisecond
	// maxSteps bounds the steps that are made before others get a chance.
	maxSteps = 1000
	maxAlarm = time.Hour
)

// timer is one After. Guarded by Engine.mu.
type timer struct {
	due time.Duration
	f   func(error)
}

// After calls f when d of the world's time has passed, or with engine.ErrRewound when the world goes to another step.
func (e *Engine) After(d time.Duration, f func(err error)) (stop func() bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.catchUp()
	t := e.addTimer(d, f)
	return func() bool {
		e.mu.Lock()
		defer e.mu.Unlock()
		return e.removeTimer(t)
	}
}

// addTimer puts a timer behind those that are due as early. The caller holds mu.
func (e *Engine) addTimer(d time.Duration, f func(error)) *timer {
	t := &timer{due: e.world.Now() + min(max(d, 0), world.Never/2), f: f}
	i, _ := slices.BinarySearchFunc(e.timers, t.due+1, func(o *timer, due time.Duration) int { return cmp.Compare(o.due, due) })
	e.timers = slices.Insert(e.timers, i, t)
	e.wake()
	return t
}

// removeTimer reports whether the timer was not due yet. The caller holds mu.
func (e *Engine) removeTimer(t *timer) bool {
	i := slices.Index(e.timers, t)
	if i >= 0 {
		e.timers = slices.Delete(e.timers, i, i+1)
	}
	return i >= 0
}

// addCallback lets whoever makes time go call f before time goes on. The caller holds mu.
func (e *Engine) addCallback(f func()) {
	e.callbacks = append(e.callbacks, f)
	if e.paused {
		e.broadcast()
	}
	e.wake()
}

// runCallbacks calls what is to be called, without the lock that the caller holds. That caller holds driving, too.
func (e *Engine) runCallbacks() {
	e.inCallback = true
	for len(e.callbacks) > 0 {
		f := e.callbacks[0]
		e.callbacks = e.callbacks[1:]
		e.mu.Unlock()
		f()
		e.mu.Lock()
	}
	e.inCallback = false
}

// Wait lets d of the world's time pass.
func (e *Engine) Wait(ctx context.Context, d time.Duration) error {
	e.mu.Lock()
	err := e.ready()
	if err == nil && e.paused {
		err = engine.ErrPaused
	}
	if err != nil {
		e.mu.Unlock()
		return err
	}
	done := make(chan struct{})
	t := e.addTimer(d, func(rewound error) {
		err = rewound
		close(done)
	})
	e.mu.Unlock()
	if err := e.await(ctx, done); err != nil {
		e.mu.Lock()
		e.removeTimer(t)
		e.mu.Unlock()
		return err
	}
	return err
}

// await waits until done is closed, or ctx or the engine end. While time is led it makes time go meanwhile.
func (e *Engine) await(ctx context.Context, done <-chan struct{}) error {
	e.beginWaiting()
	for {
		next := e.drive(ctx, done)
		switch {
		case !next.over:
			next.sleep(ctx, e, done)
		case isClosed(done):
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		default:
			return engine.ErrClosed
		}
	}
}

// beginWaiting counts somebody who waits; drive says when that is over.
func (e *Engine) beginWaiting() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.waiting++; e.waiting == 1 && e.led {
		e.resetClock()
	}
}

// turn is what follows for somebody who waits.
type turn struct {
	over    bool            // what was waited for has come, or can't any more
	changed <-chan struct{} // closed when it is worth looking again, ...
	wait    time.Duration   // ... or after this, on the clock, unless it is negative
}

func (t *turn) sleep(ctx context.Context, e *Engine, done <-chan struct{}) {
	var due <-chan struct{}
	if t.wait >= 0 {
		alarm, timer := env.Alarm(e.clock, t.wait)
		defer timer.Stop()
		due = alarm
	}
	select {
	case <-done:
	case <-due:
	case <-t.changed:
	case <-ctx.Done():
	case <-e.ended:
	}
}

// drive lets led time go until done is closed or ctx ends, as far as the clock has come and for a while. Nobody sees a time
// behind the one at which done was closed.
func (e *Engine) drive(ctx context.Context, done <-chan struct{}) turn {
	e.driving.Lock()
	defer e.driving.Unlock()
	e.mu.Lock()
	defer e.mu.Unlock()
	for range maxSteps {
		if e.led {
			e.runCallbacks()
		}
		switch {
		case isClosed(done) || ctx.Err() != nil || e.closed:
			e.waiting--
			return turn{over: true}
		case !e.led || e.paused:
			return turn{changed: e.changed, wait: -1}
		case !e.advance(e.reached()):
			return turn{changed: e.changed, wait: e.untilNext()}
		}
	}
	return turn{}
}

// reached is how late it may be while time is led.
func (e *Engine) reached() time.Duration {
	if e.pace == 0 {
		return world.Never
	}
	return e.present()
}

// untilNext is how long to wait for the next step, on the clock; negative if there is none.
func (e *Engine) untilNext() time.Duration {
	at, ok := e.nextDue()
	if !ok || e.rate() == 0 {
		return -1
	}
	return time.Duration(max(0, min(float64(at-e.present())/e.rate(), float64(maxAlarm))))
}

// Lead makes time go only while somebody waits for it.
func (e *Engine) Lead(pace float64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.catchUp()
	e.led, e.pace = true, pace
	e.resetClock()
	e.broadcast()
}

// LetGo lets time go by itself again, but not a manual one.
func (e *Engine) LetGo() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.catchUp()
	e.led = e.manual
	e.resetClock()
	e.broadcast()
}

// advance lets time go on to the next step, or to the next timer, but not beyond limit. It reports whether there was one.
func (e *Engine) advance(limit time.Duration) bool {
	if len(e.timers) == 0 {
		return e.makeStep(limit)
	}
	t := e.timers[0]
	if e.makeStep(min(limit, t.due)) {
		return true
	}
	if t.due > limit {
		return false
	}
	e.world.AdvanceTo(t.due)
	e.timers = slices.Delete(e.timers, 0, 1)
	e.addCallback(func() { t.f(nil) })
	return true
}

// broadcast lets those look again who could not let time go on.
func (e *Engine) broadcast() {
	close(e.changed)
	e.changed = make(chan struct{})
	e.wake()
}

// wake makes the loop look again.
func (e *Engine) wake() {
	select {
	case e.awake <- struct{}{}:
	default: // it will
	}
}

// rate is how fast time goes along the clock; 0 while it goes as fast as it can.
func (e *Engine) rate() float64 {
	if e.led {
		return e.speed * e.pace
	}
	return e.speed
}

// present is how late it should be, while time goes along the clock.
func (e *Engine) present() time.Duration {
	return e.from + time.Duration(float64(e.clock.Now().Sub(e.since))*e.rate())
}

// catchUp lets happen what should have happened by now, as long as time goes by itself and the loop has nothing to call.
// Led time goes up to the next step: who drives it makes that.
func (e *Engine) catchUp() {
	if e.paused || e.closed {
		return
	}
	now := e.present()
	if e.led {
		if at, ok := e.nextDue(); e.waiting > 0 && !e.inCallback && len(e.callbacks) == 0 && ok {
			e.world.AdvanceTo(min(now, at))
		}
		return
	}
	for range maxSteps {
		switch {
		case e.inCallback || len(e.callbacks) > 0:
			return
		case !e.advance(now):
			e.world.AdvanceTo(now)
			return
		}
	}
}

// nextDue is when the next step is due, or the next timer.
func (e *Engine) nextDue() (at time.Duration, ok bool) {
	_, at, ok = e.cursor().coming()
	if len(e.timers) > 0 && (!ok || e.timers[0].due < at) {
		at, ok = e.timers[0].due, true
	}
	return at, ok
}

// loop makes time go along the clock.
func (e *Engine) loop() {
	defer e.looping.Done()
	due, timer := env.Alarm(e.clock, maxAlarm)
	defer timer.Stop()
	for {
		if wait := e.loopOnce(); wait >= 0 {
			timer.Reset(wait)
		}
		select {
		case <-due:
		case <-e.awake:
		case <-e.ended:
			return
		}
	}
}

// loopOnce catches up, and returns how long to wait for the next step, on the clock; negative if there is none.
func (e *Engine) loopOnce() time.Duration {
	e.driving.Lock()
	defer e.driving.Unlock()
	e.mu.Lock()
	defer e.mu.Unlock()
	for range maxSteps {
		if e.led {
			return -1
		}
		e.runCallbacks()
		if e.closed || e.paused {
			return -1
		}
		if e.catchUp(); len(e.callbacks) == 0 {
			break
		}
	}
	if behind := float64(e.present()-e.world.Now()) / e.speed; behind > float64(maxBehind) {
		e.resetClock() // the machine is too slow: time is late
	}
	return e.untilNext()
}

// resetClock counts time from here on.
func (e *Engine) resetClock() { e.since, e.from = e.clock.Now(), e.world.Now() }

// pause makes the world's time stand.
func (e *Engine) pause() {
	if !e.paused {
		e.paused = true
		e.trace.Record(netsim.TraceEvent{At: e.world.Now(), Kind: netsim.TimePaused, From: "time"})
	}
}

// resume lets the world's time go on.
func (e *Engine) resume() {
	if !e.paused {
		return
	}
	e.paused = false
	e.resetClock()
	e.trace.Record(netsim.TraceEvent{At: e.world.Now(), Kind: netsim.TimeResumed, From: "time"})
	for _, q := range e.queues {
		e.beginNext(q)
	}
	e.broadcast()
}

// setSpeed sets how fast the world's time goes. In manual time it makes no difference.
func (e *Engine) setSpeed(speed float64) error {
	if err := netsim.CheckSpeed(speed); err != nil {
		return err
	}
	if e.speed != speed {
		e.resetClock()
		e.speed = speed
		e.trace.Record(netsim.TraceEvent{At: e.world.Now(), Kind: netsim.TimeSpeed, From: "time", Why: netsim.SpeedWords(speed)})
		e.broadcast()
	}
	return nil
}

// Now is the world's time since it began.
func (e *Engine) Now() time.Duration {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.catchUp()
	return e.world.Now()
}

// ready catches up, and says that the engine is closed or that a name is none of its nodes'.
func (e *Engine) ready(names ...string) error {
	if e.closed {
		return engine.ErrClosed
	}
	e.catchUp()
	if len(names) == 0 {
		return nil
	}
	return engine.CheckNodes(e.world.Names(), names...)
}
