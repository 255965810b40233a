package pane

import (
	"cluster/splitbrain/netsim"
	"cluster/splitbrain/pbservice"
)

// causeOf is the message without which m would not have been sent, as far as is remembered: of a copy the original, of
// a reply the request, of a forward the client's request in it, of a repeated request the one before. Nil if there
// is none.
func (t *traffic) causeOf(m *message) *message {
	switch {
	case m.copyOf != 0:
		return t.byID[m.copyOf]
	case m.answers != 0:
		return t.byID[m.answers]
	case m.role != netsim.Request:
		return nil
	case m.method == pbservice.ForwardMethod:
		return t.causeOfForward(m)
	case m.fromClient():
		return t.attemptBefore(m)
	}
	return nil
}

// fromClient reports whether it is the request of a client's operation.
func (m *message) fromClient() bool {
	return m.role == netsim.Request && m.op != netsim.OpID{} && m.method != pbservice.ForwardMethod
}

// causeOfForward is the request that the primary had and had not answered: the one for the operation that the forward
// carries, or, if it carries several, the newest.
func (t *traffic) causeOfForward(f *message) *message {
	var found *message
	for i := t.before(f.no); i >= 0; i-- {
		m := t.all[i].message
		switch {
		case m == nil || !m.fromClient() || m.to != f.from || !t.openAt(m, f.no):
		case f.op == netsim.OpID{}:
			return m
		case m.op == f.op:
			found = m // the oldest: repeats of it wait too
		}
	}
	return found
}

// openAt reports whether a request had arrived and was not answered at a happening.
func (t *traffic) openAt(m *message, no uint64) bool {
	if m.last().kind != netsim.MsgDelivered || max(m.no, m.arrived) > no {
		return false
	}
	reply := t.byID[m.reply]
	return reply == nil || reply.no > no
}

// attemptBefore is an earlier request of the same client for the same operation.
func (t *traffic) attemptBefore(m *message) *message {
	for i := t.before(m.no); i >= 0; i-- {
		other := t.all[i].message
		if other != nil && other != m && other.op == m.op && other.fromClient() {
			return other
		}
	}
	return nil
}

// before is where the newest happening before one of that number is; -1 if nowhere.
func (t *traffic) before(no uint64) int {
	if len(t.all) == 0 || no <= t.all[0].no {
		return -1
	}
	return min(int(no-t.all[0].no), len(t.all)) - 1
}
