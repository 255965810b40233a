package netsim

import (
	"io"
	"net/rpc"
	"time"

	"cluster/splitbrain/netsim/env"
)

// messageKind says what a message is to the network.
type messageKind uint8

const (
	request messageKind = iota
	reply
	closing // the sender has closed the connection
	reset   // the sender's process has ended
)

// message is what crosses a link. It is passed by value, so that one which needn't wait is never allocated.
type message struct {
	end      *endpoint // the sender's
	kind     messageKind
	request  *rpc.Request
	response *rpc.Response
	body     any

	seq   uint64        // from nextSeq, when the message had to wait for the first time; 0 before
	due   time.Duration // when the message arrives; only in transit
	since time.Duration // when the message was held; only while it is

	// Set once the trace knows the message, or it was held.
	id      uint64
	answers uint64
	copyOf  uint64
	summary string
	says    env.Says
}

// clone returns a message that may outlive the call that wrote it. Its headers are its own, since net/rpc uses those of
// the call again.
func (m *message) clone() message {
	k := *m
	if m.request != nil {
		k.request = &rpc.Request{ServiceMethod: m.request.ServiceMethod, Seq: m.request.Seq}
	}
	if m.response != nil {
		r := m.response
		k.response = &rpc.Response{ServiceMethod: r.ServiceMethod, Seq: r.Seq, Error: r.Error}
	}
	return k
}

// duplicate returns a further message that says the same.
func (m *message) duplicate() message {
	k := m.clone()
	k.id, k.seq, k.copyOf = 0, 0, m.id
	return k
}

func (m *message) direction() Direction {
	switch m.kind {
	case request:
		return Request
	case reply:
		return Reply
	}
	return NoDirection
}

func (m *message) encode() error {
	if m.kind == request {
		return m.end.client.WriteRequest(m.request, m.body)
	}
	return m.end.server.WriteResponse(m.response, m.body)
}

func (m *message) method() string {
	if m.kind == request {
		return m.request.ServiceMethod
	}
	return m.response.ServiceMethod
}

func (m *message) summarize() (summary string, says env.Says) {
	if m.kind == reply && m.response.Error != "" {
		return m.response.Error, env.Says{Words: m.response.Error}
	}
	if s, ok := m.body.(interface{ Summary() string }); ok {
		summary = s.Summary()
	}
	return summary, env.SaysOf(m.body)
}

// deliver encodes m for its receiver. The caller holds l.mu.
func (l *link) deliver(m *message) error {
	to := m.end.peer
	switch m.kind {
	case closing:
		to.in.end(io.EOF)
		return nil
	case reset:
		if to.finish(&closeReason{err: ErrReset, why: m.end.closed.Load().why}) {
			l.record(TraceEvent{Kind: ConnReset, From: l.from.name, To: l.to.name})
			to.in.end(ErrReset)
		}
		return nil
	}
	if o := to.closed.Load(); o != nil {
		l.lose(m, o.why)
		l.deferred = append(l.deferred, to.announce)
		return nil
	}
	if err := m.encode(); err != nil {
		l.lose(m, "it can't be encoded: "+err.Error())
		l.deferred = append(l.deferred, m.end.close)
		return err
	}
	l.note(MsgDelivered, m, "") // before put, after which the receiver may have answered
	m.end.staged = to.in.put(m.end.staged)
	return nil
}

// note records one stage of a message's life, if somebody watches. The caller holds l.mu.
func (l *link) note(k EventKind, m *message, why string) {
	if m.kind > reply || l.stepEvent == nil && !l.net.trace.Watched() {
		return
	}
	l.identify(m)
	e := TraceEvent{
		Kind: k, Direction: m.direction(), Msg: m.id, Answers: m.answers, CopyOf: m.copyOf,
		From: l.from.name, To: l.to.name, Method: m.method(), Summary: m.summary, Says: m.says, Op: OpOf(m.body), Why: why,
	}
	switch k {
	case MsgDelivered:
		e.Size = len(m.end.staged)
	case MsgDelayed:
		e.Due = m.due
	}
	l.record(e)
}

// record records an event in the trace, if somebody watches that, and for the step that is under way.
func (l *link) record(e TraceEvent) {
	if l.stepEvent != nil {
		*l.stepEvent = e
	}
	l.net.trace.recordWatched(e)
}

// identify gives a message its number and its words, unless it has those already.
func (l *link) identify(m *message) {
	if m.id == 0 {
		m.id = l.net.lastMsg.Add(1)
		m.summary, m.says = m.summarize()
		m.end.ids.put(m)
	}
}
