package netsim

import (
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"cluster/splitbrain/netsim/env"
)

// link carries the messages of all connections between two nodes in one direction, in the order in which they were
// sent unless a fault lets them overtake.
type link struct {
	net      *Network
	from, to *Node
	random   *rand.PCG // what the faults draw from; guarded by mu
	timer    env.Timer // calls onTimer when the first message in transit is due

	mu               sync.Mutex // guards what follows, and the encoding of all messages that take this link
	faults           Faults     // written with net.mu held too, so that either lock is enough for reading
	fromFrozen       bool
	toFrozen         bool
	paused           bool
	passesThrough    bool // there are neither faults nor latency, and time is not paused
	closed           bool
	outbox           []message   // written while from is frozen
	held             []message   // wait for a person, in the order of sending; none unless there is a FaultHold
	closesBehindHeld []message   // closings and resets of connections that have messages in held
	transit          []message   // by their due times: delayed, sent behind a delayed one, or sent while time is paused
	inbox            []message   // arrived while to was frozen, and stay while time is paused
	lostCloses       []message   // closings that a cut swallowed; sent again when the link is healed
	deferred         []func()    // run once mu is released
	stepEvent        *TraceEvent // during a step: set to what became of the message; nil otherwise
}

// newLink returns a whole link. The caller holds n.mu, or is alone.
func newLink(n *Network, from, to *Node) *link {
	l := &link{
		net: n, from: from, to: to, random: LinkGenerator(n.seed, from.name, to.name),
		paused: n.stands(), passesThrough: !n.stands() && n.latency == 0,
	}
	l.timer = n.linkClock.timer(l.onTimer)
	return l
}

// unlock releases mu, and then runs what was deferred because it takes the locks of other links.
func (l *link) unlock() {
	later := l.deferred
	l.deferred = nil
	l.mu.Unlock()
	for _, f := range later {
		f()
	}
}

// post takes a message from a process. The only error is that the message can't be encoded.
func (l *link) post(m *message) error {
	// A reset is sent by the machine, which is never frozen, not by its process.
	if l.fromFrozen && m.kind != reset {
		l.note(MsgQueued, m, l.from.name+" is frozen")
		l.outbox = append(l.outbox, l.waiting(m))
		return nil
	}
	return l.send(m)
}

// waiting returns a clone of m that has a number among all that wait.
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

// forward holds, delays or delivers a message, as was decided.
func (l *link) forward(m *message, d Decision) error {
	switch {
	case d.Held:
		l.hold(m)
		return nil
	case m.kind > reply && l.holds(m.end):
		l.closesBehindHeld = append(l.closesBehindHeld, *m)
		return nil
	case d.Delay > 0 || l.net.latency > 0 || len(l.transit) > 0 || l.paused:
		l.schedule(m, d)
		return nil
	}
	return l.arrive(m)
}

// schedule makes m arrive after the latency and its delay, but not before messages that were sent earlier unless m overtakes.
func (l *link) schedule(m *message, d Decision) {
	now := l.net.time.elapsed()
	kept := l.waiting(m)
	whole := now + l.net.latency
	kept.due = whole + d.Delay
	last := len(l.transit) - 1
	if last >= 0 && !d.Overtakes {
		kept.due = max(kept.due, l.transit[last].due)
	}
	switch {
	case l.paused && kept.due <= now:
		l.note(MsgQueued, &kept, "time stands")
	case kept.due > whole:
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

// arm makes the timer fire when the first message in transit is due. While time is paused, a message that is due already
// is left to steps. The callback counts in net.wg from here on, until it has returned or the timer was stopped.
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

// onTimer lets all messages arrive that are due.
func (l *link) onTimer() {
	defer l.net.wg.Done()
	l.mu.Lock()
	defer l.unlock()
	l.deliverDue()
}

// deliverDue is onTimer with the lock held. It does nothing while time is paused: then steps move messages.
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

// arriveFirst lets the first message in transit arrive, or get lost if the link has been cut meanwhile.
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

// arrive brings m to its node, where it waits if the process there is frozen.
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
		// The sender's machine repeats the end of a stream until it was heard.
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
	l.passesThrough = len(next) == 0 && !l.paused && l.net.latency == 0
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

// close loses all messages under way, and refuses further ones.
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
