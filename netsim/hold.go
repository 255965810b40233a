package netsim

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"cluster/splitbrain/netsim/env"
)

// Held is a message that waits in the network for a person.
type Held struct {
	Msg       uint64 // its number, the same as in the trace; unique
	Answers   uint64 // as in TraceEvent
	CopyOf    uint64 // as in TraceEvent
	Direction Direction
	From      string
	To        string
	Method    string
	Summary   string        // as in TraceEvent, though nobody may watch the trace
	Says      env.Says      // likewise
	Op        OpID          // as in TraceEvent
	Since     time.Duration // when the message was held, as TraceEvent.At
	// Expired says that its sender has given up waiting for an answer to it, or soon will. The network does not know that.
	Expired bool
}

// Held returns what is held, in the order in which it was sent.
func (n *Network) Held() []Held {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.held()
}

// Deliver delivers a held message at once, even while time is paused, and before others that were sent earlier. Deliver
// fails if the message is not held, if its link is cut, or if the body can't be encoded, which loses the message.
func (n *Network) Deliver(msg uint64) error {
	return n.onHeld(msg, func(l *link, i int) error {
		if why := l.faults.Cut(); why != "" {
			return fmt.Errorf("%s: message %d would be lost", why, msg)
		}
		m := l.unhold(i)
		err := l.arrive(&m)
		l.sendPendingCloses()
		return err
	})
}

// Drop loses a held message. It fails if the message is not held.
func (n *Network) Drop(msg uint64) error {
	return n.onHeld(msg, func(l *link, i int) error {
		m := l.unhold(i)
		l.lose(&m, "dropped by hand")
		l.sendPendingCloses()
		return nil
	})
}

// DuplicateHeld holds a copy of a held message too, as the last of its link, and returns its number. It fails if the
// message is not held.
func (n *Network) DuplicateHeld(msg uint64) (duplicate uint64, err error) {
	err = n.onHeld(msg, func(l *link, i int) error {
		c := l.held[i].duplicate()
		l.note(MsgDuplicated, &c, "by hand")
		duplicate = l.hold(&c)
		return nil
	})
	return duplicate, err
}

// onHeld calls do with the link that holds the message, as its i-th one.
func (n *Network) onHeld(msg uint64, do func(l *link, i int) error) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return ErrClosed
	}
	for _, l := range n.links {
		if found, err := l.onHeld(msg, do); found {
			return err
		}
	}
	return fmt.Errorf("no message %d is held", msg)
}

// held is Held for a caller that holds n.mu.
func (n *Network) held() []Held {
	var all []Held
	n.eachLink(func(l *link) {
		if l.faults.Has(FaultHold) { // other links hold nothing
			all = l.appendHeld(all)
		}
	})
	slices.SortFunc(all, func(a, b Held) int { return cmp.Compare(a.Msg, b.Msg) })
	return all
}

// release ends the holds of links, and sends what they hold in the order in which it was sent first. The caller holds
// n.mu.
func (n *Network) release(links []*link) {
	if len(links) == 0 {
		return
	}
	for _, h := range n.held() {
		l := n.link(n.byName[h.From], n.byName[h.To])
		if slices.Contains(links, l) {
			l.onHeld(h.Msg, func(l *link, i int) error {
				m := l.unhold(i)
				l.releaseOne(&m)
				return nil
			})
		}
	}
	for _, l := range links {
		l.apply(l.faults.Without(FaultHold)) // and releases what has come to be held since
	}
}

func (l *link) onHeld(msg uint64, do func(l *link, i int) error) (found bool, err error) {
	l.mu.Lock()
	defer l.unlock()
	i := slices.IndexFunc(l.held, func(m message) bool { return m.id == msg })
	if i < 0 {
		return false, nil
	}
	return true, do(l, i)
}

func (l *link) appendHeld(all []Held) []Held {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range l.held {
		m := &l.held[i]
		all = append(all, Held{
			Msg: m.id, Answers: m.answers, CopyOf: m.copyOf, Direction: m.direction(), From: l.from.name, To: l.to.name,
			Method: m.method(), Summary: m.summary, Says: m.says, Op: OpOf(m.body), Since: m.since,
		})
	}
	return all
}

// hold makes m wait, and returns its number.
func (l *link) hold(m *message) uint64 {
	kept := l.waiting(m)
	l.identify(&kept)
	kept.since = l.net.time.elapsed()
	l.note(MsgHeld, &kept, "")
	l.held = append(l.held, kept)
	return kept.id
}

func (l *link) unhold(i int) message {
	m := l.held[i]
	l.held = slices.Delete(l.held, i, i+1)
	return m
}

// holds reports whether a message of that endpoint is held.
func (l *link) holds(e *endpoint) bool {
	return slices.ContainsFunc(l.held, func(m message) bool { return m.end == e })
}

// sendPendingCloses sends the closings and resets that waited behind held messages, as far as none of their connection is
// held any more.
func (l *link) sendPendingCloses() {
	waiting := l.closesBehindHeld
	l.closesBehindHeld = nil
	for i := range waiting {
		l.send(&waiting[i])
	}
}

// releaseHeld sends all messages that are held on their way.
func (l *link) releaseHeld() {
	held := l.held
	l.held = nil
	for i := range held {
		l.releaseOne(&held[i])
	}
	l.sendPendingCloses()
}

// releaseOne sends a message that was held on its way, behind those in transit.
func (l *link) releaseOne(m *message) {
	if why := l.faults.Cut(); why != "" {
		l.lose(m, why)
		return
	}
	l.forward(m, Decision{})
}
