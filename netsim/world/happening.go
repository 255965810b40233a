package world

import (
	"slices"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice"
)

// happening is something that happens to one node. What comes of it depends on the node, on this, and on what never changes in a
// world without time.
type happening struct {
	kind   ActionKind // Deliver: msg arrives; ViewTimeout: a question for the view ends with the answer msg, nil for none
	msg    *Message
	number uint64 // Fail: the call that failed; Restart: the boot id; DeclareDead, Quiet: the server
	op     *pbservice.Op
	why    string // Fail: in words
}

// effects are what a node wants done after something has happened to it.
type effects struct {
	post []*Message // to be sent, in this order

	// Of a client:
	asks  bool         // it waits for the view from now on
	wait  int          // if not 0, it waits for so many intervals from now on
	op    pbservice.Op // its operation, which has begun, or ended
	done  bool         // op has ended, with reply and err
	reply pbservice.Reply
	err   error
}

// toServer lets something happen to the server with index i.
func (w *World) toServer(i int, h happening) {
	if w.memo != nil {
		c := w.memo.ofServer(w, i, h)
		w.servers[i].server = c.server
		w.postAll(c.post)
		return
	}
	e := w.onServer(i, w.own(i), h, w.takeRoom())
	w.postAll(e.post)
	w.giveRoom(e.post)
}

// takeRoom returns room for messages that a node wants sent.
func (w *World) takeRoom() []*Message {
	room := w.room
	w.room = nil
	return room
}

// giveRoom gives back what takeRoom has returned, with the messages, which nobody uses there any more.
func (w *World) giveRoom(used []*Message) {
	clear(used)
	w.room = used[:0]
}

// postAll sends messages in their order.
func (w *World) postAll(all []*Message) {
	for _, m := range all {
		w.post(m)
	}
}

// onServer lets something happen to s, which has index i. What is to be sent is appended to room, which is empty.
func (w *World) onServer(i int, s *server, h happening, room []*Message) (e effects) {
	e.post = room
	switch m := h.msg; h.kind {
	case Tick:
		s.core.Tick()
	case Fail:
		s.core.Unanswered(h.number)
	case Crash:
		s.state, s.core, s.asked, s.forward = netsim.Crashed, nil, nil, nil
		return e
	case Restart:
		w.bootServer(i, s, h.number)
		return e
	case Deliver:
		switch m.Kind {
		case PingReply:
			s.core.PingReply(m.Asks.Body.(viewservice.PingArgs).Viewnum, m.Body.(viewservice.PingReply))
		case Request:
			q := m.Body.(RequestArgs)
			s.core.Request(s.remember(m), q.Op, q.Known)
		case Forward:
			reply := s.core.Forward(m.Body.(*pbservice.ForwardArgs))
			e.post = append(e.post, &Message{Kind: ForwardReply, From: m.To, To: m.From, Body: reply, Asks: m})
		case ForwardReply:
			s.core.Forwarded(m.Asks.Call, m.Body.(pbservice.ForwardReply))
		}
	}
	e.post = s.wants(Server(i+1), e.post)
	return e
}

// bootServer boots s, the server with index i, under a boot id.
func (w *World) bootServer(i int, s *server, boot uint64) {
	s.boots++
	s.core = pbservice.NewCore(pbservice.Config{
		Me: Server(i + 1).String(), Boot: boot, DeadPings: w.cfg.DeadPings, ChunkKeys: w.cfg.ChunkKeys,
		FilterClients: w.cfg.FilterClients, Disabled: w.off, Eager: w.untimed,
	})
	s.state, s.asked = netsim.Up, nil
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

// wants appends the answers, pings and forwards that the core of s, called me, wants sent.
func (s *server) wants(me Node, all []*Message) []*Message {
	r := s.core.Ready()
	for _, a := range r.Answers {
		asks := s.asked[a.Ticket-1]
		s.asked[a.Ticket-1] = nil
		all = append(all, &Message{Kind: RequestReply, From: me, To: asks.From, Body: a.Reply, Asks: asks})
	}
	for _, p := range r.Pings {
		all = append(all, &Message{Kind: Ping, From: me, To: Viewservice, Boot: s.core.Boot(), Body: p})
	}
	for _, f := range r.Forwards {
		to, _ := ParseNode(f.To)
		s.forward = &Message{Kind: Forward, From: me, To: to, Boot: s.core.Boot(), Call: f.ID, Body: f.Args}
		all = append(all, s.forward)
	}
	return all
}

// toClient lets something happen to the client with index i.
func (w *World) toClient(i int, h happening) {
	if w.memo != nil {
		c := w.memo.ofClient(w, i, h)
		w.clients[i].client = c.client
		w.afterwards(i, h, &c.effects)
		return
	}
	e := w.onClient(i, w.ownClient(i), h, w.takeRoom())
	w.afterwards(i, h, &e)
	w.giveRoom(e.post)
}

// afterwards does what is to be done after h has happened to the client with index i.
func (w *World) afterwards(i int, h happening, e *effects) {
	if h.kind == Invoke && w.observer != nil && w.observer.Began != nil {
		w.observer.Began(Client(i+1), e.op, w.now)
	}
	w.carryOut(i, e)
}

// onClient lets something happen to c, which has index i. What is to be sent is appended to room, which is empty.
func (w *World) onClient(i int, c *client, h happening, room []*Message) effects {
	switch m := h.msg; h.kind {
	case Invoke:
		c.core.Begin(*h.op)
		c.running, c.began, c.op = true, w.now, c.core.Progress().Op
	case Timer:
		c.core.Due()
	case ViewTimeout:
		view := viewservice.View{}
		if m != nil {
			view = m.Body.(viewservice.GetReply).View
		}
		c.core.ViewReply(view)
	case Fail:
		c.attempt = nil
		c.core.Failed(h.number, h.why)
	case Deliver:
		if c.attempt != nil && c.attempt.Call == m.Asks.Call {
			c.attempt = nil
		}
		c.core.Answer(m.Asks.Body.(RequestArgs).Op.Seq, m.Asks.Call, m.Body.(pbservice.Reply))
	}
	return c.wants(Client(i+1), room)
}

// wants returns what the core of c, called me, wants done, unless the client is frozen: then the core keeps that until it is
// thawed.
func (c *client) wants(me Node, room []*Message) (e effects) {
	e.post = room
	if c.state == netsim.Frozen {
		return e
	}
	r := c.core.Ready()
	if r.Send.ID != 0 {
		to, _ := ParseNode(r.Send.To)
		c.attempt = &Message{Kind: Request, From: me, To: to, Call: r.Send.ID, Body: RequestArgs{r.Send.Op, r.Send.Known}}
		e.post = append(e.post, c.attempt)
	}
	if r.Ask {
		c.asks++
		e.post = append(e.post, &Message{Kind: ViewGet, From: me, To: Viewservice, Call: c.asks, Body: viewservice.GetArgs{}})
	}
	if r.Done {
		c.running, c.attempt, c.leftTimer = false, nil, Never
	}
	e.asks, e.wait, e.op, e.done, e.reply, e.err = r.Ask, r.Wait, c.op, r.Done, r.Reply, r.Err
	return e
}

// toViewNode lets something happen to the viewservice.
func (w *World) toViewNode(h happening) {
	if w.memo != nil {
		c := w.memo.ofViewNode(w, h)
		w.viewNode = c.viewNode
		w.postAll(c.post)
		return
	}
	e := w.onViewNode(w.ownViewNode(), h, w.takeRoom())
	w.postAll(e.post)
	w.giveRoom(e.post)
}

// onViewNode lets something happen to v. What is to be sent is appended to room, which is empty.
func (w *World) onViewNode(v *viewNode, h happening, room []*Message) (e effects) {
	e.post = room
	switch m := h.msg; h.kind {
	case ViewserviceTick:
		v.core.Tick(v.time(w.now))
	case DeclareDead:
		v.core.Silence(v.time(w.now), Node(h.number).String())
	case Quiet:
		v.core.Quiet(v.time(w.now), Node(h.number).String())
	case Crash:
		if v.state != netsim.Frozen {
			v.stopped = w.now
		}
		v.state, v.deadline = netsim.Crashed, Never
		return e
	case Restart:
		w.bootViewNode(v)
		return e
	case Deliver:
		reply := &Message{From: Viewservice, To: m.From, Asks: m}
		if m.Kind == ViewGet {
			view, acked := v.core.Current()
			reply.Kind, reply.Body = ViewGetReply, viewservice.GetReply{View: view, Acked: acked}
		} else {
			now, _ := v.core.Ping(v.time(w.now), m.Body.(viewservice.PingArgs)) // no server's name is refused
			reply.Kind, reply.Body = PingReply, now
		}
		e.post = append(e.post, reply)
	}
	w.setDeadline(v)
	return e
}
