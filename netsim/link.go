package netsim

import (
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"cluster/splitbrain/netsim/env"
)

// link carries the messages from one node to another, of all connections between the two, in the order in which they
// were sent unless it reorders.
type link struct {
	net      *Network
	from, to *Node
	random   *rand.PCG // what the faults draw from; guarded by mu
	timer    env.Timer // calls onTimer

	mu               sync.Mutex // guards what follows, and the encoding of all messages that take this link
	faults           Faults     // written with net.mu held too, so that either lock is enough to read it
	fromFrozen       bool
	toFrozen         bool
	paused           bool
	passesThrough    bool // no faults, not paused
	closed           bool
	outbox           []message   // written while from is frozen
	held             []message   // wait for a person, in order; none unless there is a FaultHold
	closesBehindHeld []message   // ends of connections of which something is held
	transit          []message   // by their due times: delayed, sent behind such a one, or sent while paused
	inbox            []message   // arrived while to is frozen, and has not gone on since because it is paused
	lostCloses       []message   // closings that a cut keeps from arriving; sent again when healed
	deferred         []func()    // to be done once mu is released
	stepEvent        *TraceEvent // during a step: gets what became of the message
}

// newLink returns a whole link. The caller holds n.mu, or is alone.
func newLink(n *Network, from, to *Node) *link {
	l := &link{
		net: n, from: from, to: to, random: LinkGenerator(n.seed, from.name, to.name),
		paused: n.paused, passesThrough: !n.paused,
	}
	l.timer = n.wires.timer(l.onTimer)
	return l
}

// unlock releases mu, and then does what could not be done while it was held.
func (l *link) unlock() {
	later := l.deferred
	l.deferred = nil
	l.mu.Unlock()
	for _, f := range later {
		f()
	}
}

// post takes a message from a process. It returns an error only if the message can't be encoded.
func (l *link) post(m *message) error {
	// A reset is the machine's, which is never frozen.
	if l.fromFrozen && m.kind != reset {
		l.note(MsgQueued, m, l.from.name+" is frozen")
		l.outbox = append(l.outbox, l.waiting(m))
		return nil
	}
	return l.send(m)
}

// waiting returns m as one that waits.
func (l *link) waiting(m *message) message {
	kept := m.clone()
	if kept.seq == 0 {
		kept.seq = l.net.nextSeq()
	}
	return kept
}

func (l *link) send(m *message) error {
	if l.closed {
		return nil
	}
	l.note(MsgSent, m, "")
	if l.passesThrough && len(l.transit) == 0 {
		return l.arrive(m)
	}
	d := l.faults.Decide(l.random, m.direction())
	if d.Lost != "" {
		l.lose(m, d.Lost)
		return nil
	}
	if !d.Duplicated {
		return l.forward(m, d)
	}
	l.identify(m)
	second := m.duplicate()
	l.note(MsgDuplicated, &second, "")
	err := l.forward(m, d)
	l.forward(&second, d.ForCopy())
	return err
}

// forward lets a message that is not lost take its way.
func (l *link) forward(m *message, d Decision) error {
	switch {
	case d.Held:
		l.hold(m)
		return nil
	case m.kind > reply && l.holds(m.end):
		l.closesBehindHeld = append(l.closesBehindHeld, *m)
		return nil
	case d.Delay > 0 || len(l.transit) > 0 || l.paused:
		l.schedule(m, d)
		return nil
	}
	return l.arrive(m)
}

// schedule makes m arrive after its delay, but not before what was sent earlier unless it may overtake.
func (l *link) schedule(m *message, d Decision) {
	now := l.net.time.elapsed()
	kept := l.waiting(m)
	kept.due = now + d.Delay
	last := len(l.transit) - 1
	if last >= 0 && !d.Overtakes {
		kept.due = max(kept.due, l.transit[last].due)
	}
	if l.paused && kept.due <= now {
		l.note(MsgQueued, &kept, "time is paused")
	} else {
		l.note(MsgDelayed, &kept, "by "+(kept.due-now).String())
	}
	i := len(l.transit)
	for i > 0 && l.transit[i-1].due > kept.due {
		i--
	}
	l.transit = slices.Insert(l.transit, i, kept)
	if i == 0 {
		l.arm(now)
	}
}

// arm makes the timer fire when the first one in transit is due, unless that is so and time is paused: then a step may
// move it. A callback counts as running from here on, until it has returned or the timer was stopped.
func (l *link) arm(now time.Duration) {
	if len(l.transit) == 0 || l.paused && l.transit[0].due <= now {
		l.disarm()
		return
	}
	if !l.timer.Reset(l.transit[0].due - now) {
		l.net.wg.Add(1)
	}
}

func (l *link) disarm() {
	if l.timer.Stop() {
		l.net.wg.Done()
	}
}

// onTimer lets everything arrive that is due.
func (l *link) onTimer() {
	defer l.net.wg.Done()
	l.mu.Lock()
	defer l.unlock()
	l.deliverDue()
}

// deliverDue is onTimer with the lock held. While time is paused messages move by steps only.
func (l *link) deliverDue() {
	if l.paused {
		return
	}
	now := l.net.time.elapsed()
	for len(l.transit) > 0 && l.transit[0].due <= now {
		l.arriveFirst()
	}
	l.arm(now)
}

// arriveFirst lets the first one in transit arrive, or meet a cut.
func (l *link) arriveFirst() {
	m := shift(&l.transit)
	if why := l.faults.Cut(); why != "" {
		l.lose(&m, why)
		return
	}
	l.arrive(&m) // an error is in the trace, and ends the connection
}

// shift takes the first message of a queue.
func shift(queue *[]message) message {
	m := (*queue)[0]
	(*queue)[0] = message{}
	*queue = (*queue)[1:]
	return m
}

// arrive brings m to its node.
func (l *link) arrive(m *message) error {
	if l.toFrozen {
		l.note(MsgQueued, m, l.to.name+" is frozen")
		l.inbox = append(l.inbox, l.waiting(m))
		return nil
	}
	return l.deliver(m)
}

// lose ends the life of a message that will not be delivered.
func (l *link) lose(m *message, why string) {
	switch m.kind {
	case request, reply:
		l.note(MsgLost, m, why)
		m.end.ids.drop(m)
	case closing:
		// A machine repeats the end of a stream until it was heard.
		l.lostCloses = append(l.lostCloses, *m)
	}
}

// apply changes what is wrong with the link. The caller holds net.mu.
func (l *link) apply(next Faults) {
	l.mu.Lock()
	defer l.unlock()
	old := l.faults
	if slices.Equal(next, old) {
		return
	}
	l.faults = next
	l.passesThrough = len(next) == 0 && !l.paused
	for _, e := range old.Changes(next) {
		l.net.trace.record(e)
	}
	if old.Has(FaultHold) && !next.Has(FaultHold) {
		l.releaseHeld()
	}
	if old.Has(FaultCut) && !next.Has(FaultCut) {
		again := l.lostCloses
		l.lostCloses = nil
		for i := range again {
			l.send(&again[i])
		}
	}
}

// close loses everything under way, and lets nothing on the link any more.
func (l *link) close() {
	l.mu.Lock()
	defer l.unlock()
	l.closed = true
	l.disarm()
	for _, waiting := range [][]message{l.held, l.transit, l.inbox, l.outbox} {
		for i := range waiting {
			l.lose(&waiting[i], ErrClosed.Error())
		}
	}
	l.held, l.closesBehindHeld, l.transit, l.inbox, l.outbox, l.lostCloses = nil, nil, nil, nil, nil, nil
}
