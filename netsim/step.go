package netsim

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"cluster/splitbrain/netsim/env"
)

// StepKind says how far a step goes.
type StepKind uint8

const (
	StepEvent   StepKind = iota // to the next thing that happens: a message or a dial moves, or a timer fires
	StepMessage                 // until a message was delivered
	StepPing                    // until a request was delivered whose method ends in ".Ping"
)

var stepNames = [...]string{StepEvent: "event", StepMessage: "message", StepPing: "ping"}

func (k StepKind) String() string { return nameOf(stepNames[:], uint8(k), "step") }

const (
	// MaxStep bounds how far ahead a step looks, in the network's or the simulated world's time.
	MaxStep = 10 * time.Minute
	// MaxStepEvents bounds what one step may go through.
	MaxStepEvents = 2000
	// maxAtOnce bounds how many messages move before time does, so that processes that answer each other for ever
	// don't keep the timers from firing.
	maxAtOnce = 100

	// After each event, and before the first, a step gives processes time to react: it waits for reactTime of real time,
	// again and again until nothing was sent and no timer was set meanwhile, but not more often than maxReacts.
	reactTime = time.Millisecond
	maxReacts = 50
)

// Step lets paused time go on by one step, and says in words what happened last and how much later that was. The
// oldest message or dial that is ready to move goes first. When there is none, time goes on to the next instant at which
// a timer fires or a delayed message is due; what else is due at that instant has its own steps. In between, processes
// have the chance to react, and what they send waits. Messages that are held stay so.
//
// Step fails if time is not paused, if another step is under way, or if nothing of that kind happens within 10 minutes
// of the network's time or 2000 events; what went by until then has happened. It takes some milliseconds of real time for
// each event.
func (n *Network) Step(kind StepKind) (what string, err error) {
	if err := n.beginStep(); err != nil {
		return "", err
	}
	defer n.endStep()
	began := n.time.elapsed()
	for range MaxStepEvents {
		n.awaitReactions()
		done, err := n.step(began + MaxStep)
		if err != nil {
			return "", fmt.Errorf("no %v: %w", kind, err)
		}
		if kind.Reached(done.event) {
			n.awaitReactions()
			return done.words + Later(n.time.elapsed()-began), nil
		}
	}
	return "", fmt.Errorf("no %v among the next %d events", kind, MaxStepEvents)
}

// stepResult is what happened.
type stepResult struct {
	event TraceEvent // what became of a message; the zero event if something else happened
	words string
}

// Reached reports whether a step of that kind ends with e, which is what became of a message; the zero event if something
// else happened.
func (k StepKind) Reached(e TraceEvent) bool {
	switch k {
	case StepMessage:
		return e.Kind == MsgDelivered
	case StepPing:
		return e.Kind == MsgDelivered && e.Direction == Request && strings.HasSuffix(e.Method, ".Ping")
	}
	return true
}

// Later tells behind what happened in a step how long after the step's beginning that was: ", 12ms later"; "" if no time
// has passed.
func Later(d time.Duration) string {
	if d == 0 {
		return ""
	}
	unit := time.Millisecond
	if d < 10*unit {
		unit = 10 * time.Microsecond
	}
	return ", " + d.Round(unit).String() + " later"
}

// Why a step is not possible.
var (
	ErrNotPaused = errors.New("time is not paused")
	ErrIdle      = fmt.Errorf("nothing happens within %v", MaxStep)
	errStepping  = errors.New("another step is under way")
)

func (n *Network) beginStep() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	switch {
	case n.closed:
		return ErrClosed
	case !n.paused:
		return ErrNotPaused
	case n.stepping:
		return errStepping
	}
	n.stepping = true
	return nil
}

func (n *Network) endStep() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.stepping = false
}

// step makes one thing happen that can be seen, not later than limit.
func (n *Network) step(limit time.Duration) (stepResult, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for {
		switch {
		case n.closed:
			return stepResult{}, ErrClosed
		case !n.paused:
			return stepResult{}, ErrNotPaused
		}
		l, d := n.oldest()
		ready := l != nil || d != nil
		if ready && n.movedAtOnce < maxAtOnce {
			if done := n.move(l, d); done.words != "" {
				return done, nil
			}
			continue
		}
		n.movedAtOnce = 0
		whose := n.time.fireNext(limit)
		switch {
		case whose == nil && !ready:
			return stepResult{}, ErrIdle
		case whose == nil || whose == n.linkClock: // the next turn of the loop moves a message
		case whose == n.clock:
			return stepResult{words: "a timer of no node fires"}, nil
		default:
			return stepResult{words: "a timer of " + whose.owner + " fires"}, nil
		}
	}
}

// move moves a message or a dial. The result has no words if the end of a connection moved, which nobody sees.
func (n *Network) move(l *link, d *dial) stepResult {
	n.movedAtOnce++
	if d != nil {
		d.granted = true
		n.forget(d)
		n.notify()
		return stepResult{words: d.from.node.name + " dials " + d.addr}
	}
	e := l.step()
	if e.Kind == 0 {
		return stepResult{}
	}
	return stepResult{event: e, words: e.String()}
}

// oldest returns the link or the dial that has been waiting for the longest time, of those that are ready to move.
func (n *Network) oldest() (best *link, dialling *dial) {
	now := n.time.elapsed()
	first := uint64(0)
	older := func(stamp uint64) bool { return stamp != 0 && (first == 0 || stamp < first) }
	n.eachLink(func(l *link) {
		if seq := l.ready(now); older(seq) {
			first, best = seq, l
		}
	})
	for _, d := range n.dials {
		if older(d.seq) {
			first, best, dialling = d.seq, nil, d
		}
	}
	return best, dialling
}

// ready returns the number of the message that step would move; 0 if there is none.
func (l *link) ready(now time.Duration) uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case len(l.inbox) > 0 && !l.toFrozen:
		return l.inbox[0].seq
	case len(l.transit) > 0 && l.transit[0].due <= now:
		return l.transit[0].seq
	}
	return 0
}

// step moves the message that is ready, and returns what became of the message.
func (l *link) step() (became TraceEvent) {
	l.mu.Lock()
	defer l.unlock()
	l.stepEvent = &became
	if len(l.inbox) > 0 && !l.toFrozen {
		m := shift(&l.inbox)
		l.deliver(&m)
	} else {
		l.arriveFirst()
		l.arm(l.net.time.elapsed())
	}
	l.stepEvent = nil
	return became
}

// awaitReactions waits until processes have reacted to what has happened.
func (n *Network) awaitReactions() {
	for range maxReacts {
		before := n.activity()
		reacted, _ := env.Alarm(n.time.base, reactTime)
		<-reacted
		if n.activity() == before {
			return
		}
	}
}

// activity counts what processes have done: messages and dials that had to wait, timers that were set or stopped.
func (n *Network) activity() uint64 {
	n.time.mu.Lock()
	defer n.time.mu.Unlock()
	return n.time.touched + n.lastSeq.Load()
}
