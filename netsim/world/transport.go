package world

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"cluster/splitbrain/netsim"
)

// post sends a message. It must not be changed afterwards: clones of the world share it.
func (w *World) post(m *Message) {
	if w.untimed && w.underWay(m) {
		return
	}
	w.messages++
	if w.memo != nil {
		m = w.memo.number(m, w.messages, w.arrival())
	} else {
		m.ID = w.messages
	}
	w.note(netsim.MsgSent, m, "")
	l := w.link(m.From, m.To)
	if l == nil || len(l.faults) == 0 {
		w.schedule(m, netsim.Decision{})
		return
	}
	l = w.ownLink(m.From, m.To)
	d := w.decide(l, m)
	if d.Lost != "" {
		w.lose(m, d.Lost)
		return
	}
	if !d.Duplicated {
		w.forward(m, d)
		return
	}
	second := w.copyOf(m)
	w.note(netsim.MsgDuplicated, second, "")
	w.forward(m, d)
	w.forward(second, d.ForCopy())
}

// underWay reports whether a message that says the same is under way already. In an untimed world a second one would make
// no difference that a duplicate does not make, and a server that pings for ever would make the search endless.
func (w *World) underWay(m *Message) bool {
	for _, o := range w.transit {
		if m.same(o) {
			return true
		}
	}
	return false
}

// copyOf returns a further message that says the same.
func (w *World) copyOf(m *Message) *Message {
	w.messages++
	n := *m
	n.ID, n.CopyOf = w.messages, m.ID
	return &n
}

// forward holds a message or schedules its arrival, as was decided.
func (w *World) forward(m *Message, d netsim.Decision) {
	if d.Held {
		m.Held, m.Since = true, w.now
		w.note(netsim.MsgHeld, m, "")
		w.held = append(w.held, m)
		return
	}
	w.schedule(m, d)
}

// schedule makes m arrive after its delay, but not before messages that were sent earlier on its link unless m overtakes.
func (w *World) schedule(m *Message, d netsim.Decision) {
	if w.untimed {
		w.transit = append(w.transit, m)
		return
	}
	if due := w.arrival() + d.Delay; due != m.Due { // a part is shared, and has it already
		m.Due = due
	}
	if l := w.link(m.From, m.To); l != nil {
		l = w.ownLink(m.From, m.To)
		if !d.Overtakes {
			m.Due = max(m.Due, l.last)
		}
		l.last = max(l.last, m.Due)
		if d.Delay > 0 && w.watched() {
			w.note(netsim.MsgDelayed, m, "by "+(m.Due-w.now).String())
		}
	}
	w.insert(m)
}

// arrival is when a message that is sent now arrives on a link without faults; 0 in an untimed world.
func (w *World) arrival() time.Duration {
	if w.untimed {
		return 0
	}
	return w.now + w.latency()
}

// latency is how long a message takes on a link without faults.
func (w *World) latency() time.Duration { return cmp.Or(w.cfg.Latency, Latency) }

// insert puts m among the messages under way, by its due and behind those with the same.
func (w *World) insert(m *Message) {
	i := len(w.transit)
	for i > 0 && w.transit[i-1].Due > m.Due {
		i--
	}
	w.transit = slices.Insert(w.transit, i, m)
}

// lose ends the life of a message. In an untimed world there are no timeouts: a client learns at once that its question for
// the view, or the answer to that, was lost.
func (w *World) lose(m *Message, why string) {
	w.note(netsim.MsgLost, m, why)
	if w.untimed && (m.Kind == ViewGet || m.Kind == ViewGetReply) {
		w.endViewGet(m, nil)
	}
}

// arrive brings a message to its node.
func (w *World) arrive(m *Message) {
	if why := w.cut(m.From, m.To); why != "" && !m.arrived {
		w.lose(m, why)
		return
	}
	switch state := w.State(m.To); {
	case state == netsim.Frozen:
		w.note(netsim.MsgQueued, m, m.To.String()+" is frozen")
		w.queued = append(w.queued, m)
	case m.Kind == Reset:
		w.callFailed(m)
	case state == netsim.Crashed && m.Asks == nil:
		w.lose(m, m.To.String()+" crashed")
		w.reset(m, fmt.Sprintf("%s dials %s: %v: %s crashed", m.From, m.To, netsim.ErrRefused, m.To))
	case m.Asks != nil && m.To.IsServer() && w.boot(m.To) != m.Asks.Boot:
		w.lose(m, m.To.String()+" crashed") // S1: a reply to another boot
	default:
		w.note(netsim.MsgDelivered, m, "")
		w.handle(m)
	}
}

// boot is the boot of a server, 0 while it is crashed.
func (w *World) boot(n Node) uint64 {
	if core := w.servers[n.Index()].core; core != nil {
		return core.Boot()
	}
	return 0
}

// handle hands a message to its receiver.
func (w *World) handle(m *Message) {
	switch m.Kind {
	case Ping, ViewGet:
		w.toViewNode(happening{kind: Deliver, msg: m})
	case ViewGetReply:
		w.endViewGet(m, m)
	case RequestReply:
		w.toClient(m.To.Index(), happening{kind: Deliver, msg: m})
	default:
		w.toServer(m.To.Index(), happening{kind: Deliver, msg: m})
	}
}

// carryOut carries out what the client with index i wants done.
func (w *World) carryOut(i int, e *effects) {
	slot := &w.clients[i]
	if e.asks {
		slot.ask = w.now + time.Duration(w.cfg.DeadPings)*w.cfg.PingInterval
	}
	w.postAll(e.post)
	if e.wait > 0 {
		slot.timer = w.now + time.Duration(e.wait)*w.cfg.PingInterval
	}
	if e.done {
		w.ended(i, e.op, e.reply, e.err)
	}
}

// endViewGet ends a client's question for the view, if m is that question or its answer and the client still waits. answer is
// nil if none will come.
func (w *World) endViewGet(m, answer *Message) {
	if !w.Awaited(m) {
		return
	}
	asks := m
	if m.Asks != nil {
		asks = m.Asks
	}
	i := asks.From.Index()
	w.clients[i].ask = Never
	w.toClient(i, happening{kind: ViewTimeout, msg: answer})
}

// fail loses a message and tells its caller at once that the call has failed, if the caller still waits for the answer.
func (w *World) fail(m *Message) {
	w.lose(m, netsim.ErrReset.Error())
	call := m
	if m.Asks != nil {
		call = m.Asks
	}
	w.callFailed(&Message{Kind: Reset, From: call.To, To: call.From, Body: netsim.ErrReset.Error(), Asks: call})
}

// callFailed tells the receiver of a reset that its call has failed, if it still waits for the answer.
func (w *World) callFailed(m *Message) {
	if !w.Awaited(m) || m.Asks.Kind == Ping {
		return
	}
	if w.watched() {
		w.observer.Moved(netsim.TraceEvent{At: w.now, Kind: netsim.ConnReset, From: m.From.String(), To: m.To.String()})
	}
	i := m.To.Index()
	switch m.Asks.Kind {
	case ViewGet:
		w.endViewGet(m, nil)
	case Request:
		w.toClient(i, happening{kind: Fail, number: m.Asks.Call, why: m.Body.(string)})
	case Forward:
		w.toServer(i, happening{kind: Fail, number: m.Asks.Call})
	}
}
