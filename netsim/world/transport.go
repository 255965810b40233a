package world

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice"
)

// post sends a message. It must not be changed afterwards: clones of the world share it.
func (w *World) post(m *Message) {
	if w.untimed && w.underWay(m) {
		return
	}
	w.messages++
	m.ID = w.messages
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
	m.Due = w.now + w.latency() + d.Delay
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
		w.endViewGet(m, viewservice.View{})
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
		w.viewserviceHandles(m)
	case ViewGetReply:
		w.endViewGet(m, m.Body.(viewservice.GetReply).View)
	case RequestReply:
		i := m.To.Index()
		c := w.ownClient(i)
		if c.attempt != nil && c.attempt.Call == m.Asks.Call {
			c.attempt = nil
		}
		c.core.Answer(m.Asks.Body.(RequestArgs).Op.Seq, m.Asks.Call, m.Body.(pbservice.Reply))
		w.actClient(i, c)
	default:
		w.serverHandles(m)
	}
}

func (w *World) viewserviceHandles(m *Message) {
	v := w.ownViewNode()
	reply := &Message{From: Viewservice, To: m.From, Asks: m}
	if m.Kind == ViewGet {
		view, acked := v.core.Current()
		reply.Kind, reply.Body = ViewGetReply, viewservice.GetReply{View: view, Acked: acked}
	} else {
		now, _ := v.core.Ping(w.ViewserviceTime(), m.Body.(viewservice.PingArgs)) // no server's name is refused
		reply.Kind, reply.Body = PingReply, now
		w.setDeadline(v)
	}
	w.post(reply)
}

func (w *World) serverHandles(m *Message) {
	i := m.To.Index()
	s := w.own(i)
	switch m.Kind {
	case PingReply:
		s.core.PingReply(m.Asks.Body.(viewservice.PingArgs).Viewnum, m.Body.(viewservice.PingReply))
	case Request:
		q := m.Body.(RequestArgs)
		s.core.Request(s.remember(m), q.Op, q.Known)
	case Forward:
		reply := s.core.Forward(m.Body.(*pbservice.ForwardArgs))
		w.post(&Message{Kind: ForwardReply, From: m.To, To: m.From, Body: reply, Asks: m})
	case ForwardReply:
		s.core.Forwarded(m.Asks.Call, m.Body.(pbservice.ForwardReply))
	}
	w.act(i, s)
}

// remember keeps a request until the server answers it, under the ticket that its core knows it by.
func (s *server) remember(m *Message) pbservice.Ticket {
	i := slices.Index(s.asked, nil)
	if i < 0 {
		s.asked = append(s.asked, m)
		return pbservice.Ticket(len(s.asked))
	}
	s.asked[i] = m
	return pbservice.Ticket(i + 1)
}

// act carries out what a server's core wants done: it sends answers, pings and forwards.
func (w *World) act(i int, s *server) {
	r := s.core.Ready()
	me := Server(i + 1)
	for _, a := range r.Answers {
		asks := s.asked[a.Ticket-1]
		s.asked[a.Ticket-1] = nil
		w.post(&Message{Kind: RequestReply, From: me, To: asks.From, Body: a.Reply, Asks: asks})
	}
	for _, p := range r.Pings {
		w.post(&Message{Kind: Ping, From: me, To: Viewservice, Boot: s.core.Boot(), Body: p})
	}
	for _, f := range r.Forwards {
		to, _ := ParseNode(f.To)
		s.forward = &Message{Kind: Forward, From: me, To: to, Boot: s.core.Boot(), Call: f.ID, Body: f.Args}
		w.post(s.forward)
	}
}

// actClient carries out what a client's core wants done, unless the client is frozen: then the core keeps that until it is
// thawed.
func (w *World) actClient(i int, c *client) {
	if c.state == netsim.Frozen {
		return
	}
	r := c.core.Ready()
	slot, me := &w.clients[i], Client(i+1)
	if r.Send.ID != 0 {
		to, _ := ParseNode(r.Send.To)
		c.attempt = &Message{Kind: Request, From: me, To: to, Call: r.Send.ID, Body: RequestArgs{r.Send.Op, r.Send.Known}}
		w.post(c.attempt)
	}
	if r.Ask {
		c.asks++
		slot.ask = w.now + time.Duration(w.cfg.DeadPings)*w.cfg.PingInterval
		w.post(&Message{Kind: ViewGet, From: me, To: Viewservice, Call: c.asks, Body: viewservice.GetArgs{}})
	}
	if r.Wait > 0 {
		slot.timer = w.now + time.Duration(r.Wait)*w.cfg.PingInterval
	}
	if r.Done {
		w.ended(i, c, r.Reply, r.Err)
	}
}

// endViewGet ends a client's question for the view with v, if m is that question or its answer and the client still waits.
// The zero view says that no answer will come.
func (w *World) endViewGet(m *Message, v viewservice.View) {
	if !w.Awaited(m) {
		return
	}
	asks := m
	if m.Asks != nil {
		asks = m.Asks
	}
	i := asks.From.Index()
	c := w.ownClient(i)
	w.clients[i].ask = Never
	c.core.ViewReply(v)
	w.actClient(i, c)
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
		w.endViewGet(m, viewservice.View{})
	case Request:
		c := w.ownClient(i)
		c.attempt = nil
		c.core.Failed(m.Asks.Call, m.Body.(string))
		w.actClient(i, c)
	case Forward:
		s := w.own(i)
		s.core.Unanswered(m.Asks.Call)
		w.act(i, s)
	}
}
