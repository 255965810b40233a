package netsim

import (
	"fmt"
	"strconv"

	"cluster/splitbrain/netsim/env"
)

// Bounds of the speed of time, relative to real time.
const (
	MinSpeed = 0.01
	MaxSpeed = 1000 // of a simulated world
	// MaxLiveSpeed is that of a Network. Its processes react in real time, however fast their own goes: beyond it a slow
	// reaction would make them look dead to each other. What was tried to go faster (waiting until the Go runtime says
	// that nothing can run) reached ×26 at a speed of 100.
	MaxLiveSpeed = 10
)

// Clock returns the network's time, on which delays, the trace and the clocks of all processes are based. Time goes at the
// speed that was set, and stands while paused and after Close. Time never passes a timer: when the machine stalls, or is
// too slow for the speed, time goes on where it stood instead of leaping, and is late.
func (n *Network) Clock() env.Clock { return n.clock }

// Speed returns how many times faster than Config.Clock time goes when it is not paused. It is 1 at first.
func (n *Network) Speed() float64 {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.speed
}

// SetSpeed sets the speed, also while paused. It must be MinSpeed to MaxLiveSpeed.
func (n *Network) SetSpeed(speed float64) error {
	if err := CheckSpeed(speed); err != nil {
		return err
	}
	if speed > MaxLiveSpeed {
		return fmt.Errorf("a live cluster's time goes at %s at most, that of a simulated one at up to %s",
			SpeedWords(MaxLiveSpeed), SpeedWords(MaxSpeed))
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return ErrClosed
	}
	if n.speed != speed {
		n.speed = speed
		n.setRate()
		n.trace.record(TraceEvent{Kind: TimeSpeed, From: "time", Why: SpeedWords(speed)})
	}
	return nil
}

// CheckSpeed says why neither a live cluster nor a simulated one can have a speed.
func CheckSpeed(speed float64) error {
	if speed >= MinSpeed && speed <= MaxSpeed { // NaN is not
		return nil
	}
	return fmt.Errorf("a speed of %s is not one of %v to %v", strconv.FormatFloat(speed, 'g', 6, 64), MinSpeed, MaxSpeed)
}

// SpeedWords tells a speed as the trace does: "×0.1".
func SpeedWords(speed float64) string { return "×" + strconv.FormatFloat(speed, 'g', 6, 64) }

// Paused says whether time is paused.
func (n *Network) Paused() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.paused
}

// Pause makes time stand, until Resume. No timer fires, nothing ages, and what processes send or dial waits in the
// network; processes go on with work that needs neither. Faults can be set and cleared, and the observer sees everything.
// Pause does nothing when time is paused already, or the network closed.
func (n *Network) Pause() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.paused || n.closed {
		return
	}
	n.halt()
	n.paused, n.movedAtOnce = true, 0
	n.trace.record(TraceEvent{Kind: TimePaused, From: "time"})
}

// Resume lets time go on, and in order all that waited for that. Resume does nothing when time is not paused.
func (n *Network) Resume() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.paused || n.closed {
		return
	}
	n.paused = false
	n.trace.record(TraceEvent{Kind: TimeResumed, From: "time"})
	n.goOn()
}

// Stand is Pause for whoever leads time through a network that nobody has paused: the trace does not tell of it, and it
// ends with Go.
func (n *Network) Stand() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.closed {
		n.halt()
		n.standing = true
	}
}

// Go ends what Stand began.
func (n *Network) Go() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.standing && !n.closed {
		n.standing = false
		n.goOn()
	}
}

// SetPace makes time go at that part of the speed, within the bounds of speeds. It is 1 at first.
func (n *Network) SetPace(pace float64) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.pace = pace
	n.setRate()
}

func (n *Network) setRate() { n.time.setSpeed(min(max(n.speed*n.pace, MinSpeed), MaxLiveSpeed)) }

// stands reports whether time stands, for whichever reason.
func (n *Network) stands() bool { return n.paused || n.standing }

// halt makes time stand, if it does not yet.
func (n *Network) halt() {
	if !n.stands() {
		n.time.pause()
		n.eachLink((*link).pause)
	}
}

// goOn lets time go, unless there is another reason why it stands.
func (n *Network) goOn() {
	if n.stands() {
		return
	}
	n.eachLink((*link).resume)
	n.time.resume()
	n.dials = nil
	n.notify()
}

func (l *link) pause() {
	l.mu.Lock()
	defer l.unlock()
	l.paused, l.passesThrough = true, false
}

func (l *link) resume() {
	l.mu.Lock()
	defer l.unlock()
	l.paused = false
	l.passesThrough = len(l.faults) == 0 && l.net.latency == 0
	if !l.toFrozen {
		l.deliverInbox()
	}
	l.deliverDue()
}
