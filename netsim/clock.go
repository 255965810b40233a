package netsim

import (
	"container/heap"
	"time"

	"cluster/splitbrain/netsim/env"
)

// nodeClock is what one process sees of the network's time. While the process is frozen its clock and timers stand still;
// afterwards the clock goes on from there, behind the network's by the time frozen. Once the process has ended, no timer
// fires any more.
type nodeClock struct {
	time  *virtualClock
	owner string // the node; "" if the clock is of none

	// Guarded by time.mu.
	state   clockState
	lag     time.Duration // the time spent frozen so far
	stopped time.Duration // when the clock stopped, in the network's time; unless it is going
	parked  timers        // those pending while the clock is frozen; their dues are those of the time before
}

type clockState uint8

const (
	clockGoing clockState = iota
	clockFrozen
	clockEnded
)

func (c *nodeClock) Now() time.Time {
	c.time.mu.Lock()
	defer c.time.mu.Unlock()
	return c.time.start.Add(c.now() - c.lag)
}

// now is the network's time; once the clock has stopped, the time when it did.
func (c *nodeClock) now() time.Duration {
	if c.state == clockGoing {
		return c.time.now()
	}
	return c.stopped
}

func (c *nodeClock) AfterFunc(d time.Duration, f func()) env.Timer {
	t := c.timer(f)
	c.time.mu.Lock()
	defer c.time.mu.Unlock()
	t.begin(d)
	return t
}

// timer returns a timer that is not pending.
func (c *nodeClock) timer(f func()) *timer { return &timer{clock: c, f: f} }

// freeze stops a clock that goes.
func (c *nodeClock) freeze() {
	c.time.mu.Lock()
	defer c.time.mu.Unlock()
	c.stopped = c.now()
	c.state = clockFrozen
	c.time.catchUp()
	for _, t := range c.time.queue.removeOf(c) {
		c.parked.add(t)
	}
}

// thaw lets a frozen clock go on.
func (c *nodeClock) thaw() {
	c.time.mu.Lock()
	defer c.time.mu.Unlock()
	frozen := c.time.now() - c.stopped
	c.lag += frozen
	c.state = clockGoing
	for len(c.parked) > 0 {
		t := c.parked[0]
		t.cancel()
		t.due += frozen
		c.time.add(t)
	}
}

// end stops the clock and its timers for good.
func (c *nodeClock) end() {
	c.time.mu.Lock()
	defer c.time.mu.Unlock()
	c.stopped = c.now()
	c.state = clockEnded
	c.time.catchUp()
	c.time.queue.removeOf(c)
	c.parked.removeOf(c)
}

// timer is an env.Timer.
type timer struct {
	clock *nodeClock
	f     func()

	// Guarded by clock.time.mu.
	in    *timers       // the heap that the timer is pending in; nil if it is not pending
	index int           // in that heap
	due   time.Duration // in the network's time; while pending
	order uint64        // among timers with equal dues, the lower one fires first
}

func (t *timer) Stop() bool {
	t.clock.time.mu.Lock()
	defer t.clock.time.mu.Unlock()
	t.clock.time.touched++
	return t.cancel()
}

func (t *timer) Reset(d time.Duration) bool {
	t.clock.time.mu.Lock()
	defer t.clock.time.mu.Unlock()
	was := t.cancel()
	t.begin(d)
	return was
}

// begin makes a timer pending, which must not be so yet.
func (t *timer) begin(d time.Duration) {
	c := t.clock
	now := c.now()
	t.due = now + min(max(d, 0), never-now)
	c.time.touched++
	t.order = c.time.touched
	switch c.state {
	case clockGoing:
		c.time.add(t)
	case clockFrozen:
		c.parked.add(t)
	}
}

// cancel reports whether t was pending; it is no longer.
func (t *timer) cancel() bool {
	if t.in == nil {
		return false
	}
	if t.index == 0 {
		t.clock.time.catchUp()
	}
	heap.Remove(t.in, t.index)
	return true
}

// timers is a heap of pending timers, the next one first.
type timers []*timer

func (q *timers) add(t *timer) { heap.Push(q, t) }

// removeOf removes all timers of c, and returns them by their dues.
func (q *timers) removeOf(c *nodeClock) []*timer {
	var taken []*timer
	rest := make(timers, 0, len(*q))
	for len(*q) > 0 {
		t := heap.Pop(q).(*timer)
		if t.clock == c {
			taken = append(taken, t)
			continue
		}
		t.in, t.index = q, len(rest)
		rest = append(rest, t) // in order, which is a heap
	}
	*q = rest
	return taken
}

func (q timers) Len() int { return len(q) }

func (q timers) Less(i, j int) bool {
	if q[i].due != q[j].due {
		return q[i].due < q[j].due
	}
	return q[i].order < q[j].order
}

func (q timers) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].index, q[j].index = i, j
}

// Push is for package heap.
func (q *timers) Push(x any) {
	t := x.(*timer)
	t.in, t.index = q, len(*q)
	*q = append(*q, t)
}

// Pop is for package heap.
func (q *timers) Pop() any {
	last := len(*q) - 1
	t := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	t.in = nil
	return t
}
