package sim

import (
	"context"
	"slices"
	"sync/atomic"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/world"
)

const (
	// maxBehind is how far time may lag behind its clock, in the clock's time, before it gives that up.
	maxBehind = 50 * time.Millisecond
	// maxAtOnce bounds the steps that are made before others get a chance.
	maxAtOnce = 1000
	// asideTime is how long time waits, of the machine, for somebody aside to react.
	asideTime = 100 * time.Millisecond
	maxAlarm  = time.Hour
)

// waiting is one Wait. Guarded by Engine.mu.
type waiting struct {
	due   time.Duration
	aside bool
	done  chan struct{} // closed when the time has come
	err   error         // set before
}

// Wait lets d of the world's time pass.
func (e *Engine) Wait(ctx context.Context, d time.Duration) error {
	aside := engine.IsAside(ctx)
	e.mu.Lock()
	e.back(aside)
	w, err := e.enlist(d, aside)
	e.mu.Unlock()
	if err != nil {
		return err
	}
	if err := e.await(ctx, w.done); err != nil {
		e.delist(w)
		return err
	}
	return w.err
}

// Alarm lets d of the world's time pass beside whatever goes on, counted from now. When it has passed, the world stands
// until ctx ends, but not for long.
func (e *Engine) Alarm(ctx context.Context, d time.Duration) (wait func() error) {
	e.mu.Lock()
	w, err := e.enlist(d, true)
	e.mu.Unlock()
	if err != nil {
		return func() error { return err }
	}
	return func() error {
		if err := e.await(engine.Aside(ctx), w.done); err != nil {
			e.delist(w)
			return err
		}
		context.AfterFunc(ctx, func() { e.delist(w) })
		return w.err
	}
}

// enlist begins a Wait. The caller holds mu.
func (e *Engine) enlist(d time.Duration, aside bool) (*waiting, error) {
	if err := e.ready(); err != nil {
		return nil, err
	}
	if e.paused {
		return nil, engine.ErrPaused
	}
	w := &waiting{aside: aside, done: make(chan struct{}), due: e.world.Now() + min(max(d, 0), world.Never/2)}
	i, _ := slices.BinarySearchFunc(e.waits, w.due+1, func(o *waiting, due time.Duration) int { return int(o.due - due) })
	e.waits = slices.Insert(e.waits, i, w)
	e.kick()
	return w, nil
}

// delist ends a Wait that nobody waits for any more.
func (e *Engine) delist(w *waiting) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.waits = slices.DeleteFunc(e.waits, func(o *waiting) bool { return o == w })
	if isClosed(w.done) && w.err == nil {
		e.back(w.aside)
	}
}

// await waits until done is closed, or ctx or the engine end. Without a head it makes time go.
func (e *Engine) await(ctx context.Context, done <-chan struct{}) error {
	drives := e.headless && !engine.IsAside(ctx)
	for {
		var changed <-chan struct{}
		stuck := true
		if drives {
			stuck, changed = e.drive(ctx, done)
		}
		if isClosed(done) {
			return nil
		}
		if !stuck && ctx.Err() == nil {
			continue
		}
		select {
		case <-done:
			return nil
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		case <-e.ended:
			if isClosed(done) {
				return nil
			}
			return engine.ErrClosed
		}
	}
}

// drive lets time go until done is closed or ctx ends, for a while. It is stuck if nothing can happen until changed is
// closed.
func (e *Engine) drive(ctx context.Context, done <-chan struct{}) (stuck bool, changed <-chan struct{}) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for range maxAtOnce {
		e.letReact()
		if isClosed(done) || ctx.Err() != nil {
			return true, e.changed
		}
		if e.closed || e.paused || !e.moment(world.Never) {
			return true, e.changed
		}
	}
	return false, nil
}

// letReact waits until those aside who were told something have come back, but not for long: one that ends does not.
func (e *Engine) letReact() {
	if e.awake == 0 {
		return
	}
	var late atomic.Bool
	timer := time.AfterFunc(asideTime, func() {
		late.Store(true)
		e.mu.Lock()
		defer e.mu.Unlock()
		e.returned.Broadcast()
	})
	defer timer.Stop()
	for e.awake > 0 && !late.Load() && !e.closed {
		e.returned.Wait()
	}
	e.awake = 0
}

// wakes notes that somebody was told something.
func (e *Engine) wakes(aside bool) {
	if aside && e.headless {
		e.awake++
	}
}

// back notes that somebody is back to wait.
func (e *Engine) back(aside bool) {
	if aside && e.awake > 0 {
		e.awake--
		e.returned.Broadcast()
	}
}

// moment lets time go on to the next step, or to the end of the next Wait, but not beyond limit.
func (e *Engine) moment(limit time.Duration) bool {
	if len(e.waits) == 0 {
		return e.goOn(limit)
	}
	w := e.waits[0]
	if e.goOn(min(limit, w.due)) {
		return true
	}
	if w.due > limit {
		return false
	}
	e.world.AdvanceTo(w.due)
	e.waits = e.waits[1:]
	close(w.done)
	e.wakes(w.aside)
	return true
}

// poke lets those look again who could not let time go on.
func (e *Engine) poke() {
	close(e.changed)
	e.changed = make(chan struct{})
	e.kick()
}

// kick makes the pump look again.
func (e *Engine) kick() {
	select {
	case e.wake <- struct{}{}:
	default: // it will
	}
}

// present is how late it should be, while time goes by itself.
func (e *Engine) present() time.Duration {
	return e.from + time.Duration(float64(e.clock.Now().Sub(e.since))*e.speed)
}

// catchUp lets happen what should have happened by now, as long as time goes by itself.
func (e *Engine) catchUp() {
	if e.paused || e.headless || e.closed {
		return
	}
	now := e.present()
	for range maxAtOnce {
		if !e.moment(now) {
			e.world.AdvanceTo(now)
			return
		}
	}
}

// upcoming is when the next step is due, or the next Wait over.
func (e *Engine) upcoming() (at time.Duration, ok bool) {
	_, at, ok = e.world.Next()
	if e.next < len(e.branch.commands) && e.branch.commands[e.next].step == e.step+1 {
		at, ok = e.branch.commands[e.next].at, true
	}
	if len(e.waits) > 0 && (!ok || e.waits[0].due < at) {
		at, ok = e.waits[0].due, true
	}
	return at, ok
}

// pump makes time go along the clock.
func (e *Engine) pump() {
	defer e.pumping.Done()
	due := make(chan struct{}, 1)
	timer := e.clock.AfterFunc(maxAlarm, func() {
		select {
		case due <- struct{}{}:
		default: // one is enough
		}
	})
	defer timer.Stop()
	for {
		if wait := e.pumpOnce(); wait >= 0 {
			timer.Reset(wait)
		}
		select {
		case <-due:
		case <-e.wake:
		case <-e.ended:
			return
		}
	}
}

// pumpOnce catches up, and returns how long to wait for the next step, on the clock; negative if there is none.
func (e *Engine) pumpOnce() time.Duration {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed || e.paused {
		return -1
	}
	e.catchUp()
	now := e.present()
	if behind := float64(now-e.world.Now()) / e.speed; behind > float64(maxBehind) {
		e.anchor() // the machine is too slow: time is late
		now = e.world.Now()
	}
	at, ok := e.upcoming()
	if !ok {
		return -1
	}
	return time.Duration(max(0, min(float64(at-now)/e.speed, float64(maxAlarm))))
}

// anchor counts time from here on.
func (e *Engine) anchor() { e.since, e.from = e.clock.Now(), e.world.Now() }

// Pause makes the world's time stand.
func (e *Engine) Pause() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := e.ready(); err != nil {
		return err
	}
	e.pause()
	return nil
}

func (e *Engine) pause() {
	if !e.paused {
		e.paused = true
		e.trace.Record(netsim.TraceEvent{At: e.world.Now(), Kind: netsim.TimePaused, From: "time"})
	}
}

// Resume lets the world's time go on.
func (e *Engine) Resume() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := e.ready(); err != nil {
		return err
	}
	if e.paused {
		e.paused = false
		e.anchor()
		e.trace.Record(netsim.TraceEvent{At: e.world.Now(), Kind: netsim.TimeResumed, From: "time"})
		for _, s := range e.seats {
			e.seatNext(s)
		}
		e.poke()
	}
	return nil
}

// SetSpeed sets how fast the world's time goes. Without a head it makes no difference.
func (e *Engine) SetSpeed(speed float64) error {
	if err := netsim.CheckSpeed(speed); err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := e.ready(); err != nil {
		return err
	}
	if e.speed != speed {
		e.anchor()
		e.speed = speed
		e.trace.Record(netsim.TraceEvent{At: e.world.Now(), Kind: netsim.TimeSpeed, From: "time", Why: netsim.SpeedWords(speed)})
		e.poke()
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
	return engine.CheckNodes(e.names(), names...)
}
