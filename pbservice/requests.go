package pbservice

import (
	"slices"

	"cluster/splitbrain/viewservice"
	"cluster/splitbrain/viewservice/rules"
)

// requests are the operations of clients that wait to be applied.
type requests struct {
	queue  []*request          // in the order of arrival, in which they will be applied (S5)
	latest map[string]*request // by client: its newest waiting operation
	// parked requests wait for a view that their clients know and this server does not, until the next tick at most.
	parked []*request
}

// request is an operation with the tickets that wait for its answer.
type request struct {
	op      Op
	ticket  Ticket   // the newest; 0 once the operation was answered
	earlier []Ticket // of copies that the network doubled or the client sent again; oldest first
}

// maxEarlier bounds how many copies of a request wait beside the newest.
const maxEarlier = 7

// Request hands in a client's operation. known is the newest view that the client knows. The answer comes with t in
// Ready.Answers, exactly once.
func (c *Core) Request(t Ticket, op Op, known viewservice.Number) {
	r := &request{op: op, ticket: t}
	if why := unacceptable(op); why.Code != CodeNone {
		err := TooLarge
		if why.Code == BadClient {
			err = NotPrimary
		}
		c.answer(r, Reply{Err: err, Why: why})
		return
	}
	if known > c.view.Viewnum {
		c.requests.parked = append(c.requests.parked, r)
		c.ask()
		return
	}
	c.admit(r)
}

// Position answers a client that asks for the position (S10). An old primary's will do too: the order has reached it.
func (c *Core) Position() Reply {
	if why := c.refusal(); why.Code != CodeNone {
		return Reply{Err: NotPrimary, Viewnum: c.view.Viewnum, Why: why}
	}
	return Reply{Err: OK, Viewnum: c.view.Viewnum, Position: c.state.position}
}

// unacceptable says why no server may accept op (S10, S13); no cause if one may.
func unacceptable(op Op) Cause {
	switch {
	case op.Client == "" || len(op.Client) > maxName || op.Seq == 0:
		return Cause{Code: BadClient}
	case len(op.Key) > MaxKey:
		return Cause{Code: KeyTooLong, N: len(op.Key)}
	case len(op.Value) > MaxValue:
		return Cause{Code: ValueTooLong, N: len(op.Value)}
	}
	return Cause{}
}

// admit queues a request, or refuses it at once.
func (c *Core) admit(r *request) {
	if why := c.refusal(); why.Code != CodeNone {
		c.answer(r, Reply{Err: NotPrimary, Why: why})
		return
	}
	if r.op.Kind == Get && c.off(rules.ForwardGets) {
		result := c.state.change(r.op, true)
		c.answer(r, Reply{Err: result.err, Value: result.value})
		return
	}
	q := &c.requests
	if old := q.latest[r.op.Client]; old != nil && c.supersede(old, r) {
		return
	}
	if q.latest == nil {
		q.latest = map[string]*request{}
	}
	q.latest[r.op.Client] = r
	q.queue = append(q.queue, r)
	c.serve()
}

// supersede decides which of two requests of one client goes on. A client has one outstanding operation (S10), and so one
// place in the queue, however many operations it gives up. supersede reports whether r needs no place of its own.
func (c *Core) supersede(old, r *request) bool {
	superseded := Reply{Err: NotPrimary, Why: Cause{Code: Superseded}}
	switch {
	case r.op.Seq < old.op.Seq:
		c.answer(r, superseded)
	case r.op.Seq == old.op.Seq:
		c.joinWait(old, r.ticket) // the same operation once more keeps its place
	case slices.Contains(c.stream.batch, old):
		c.answer(old, superseded) // old is on its way to the backup: it may still happen (C2)
		return false
	default:
		c.answer(old, superseded)
		*old = *r
	}
	return true
}

// joinWait lets t wait for r too. When too many wait, the client has given the oldest up long ago.
func (c *Core) joinWait(r *request, t Ticket) {
	r.earlier = append(r.earlier, r.ticket)
	r.ticket = t
	if len(r.earlier) > maxEarlier {
		c.reply(r.earlier[0], Reply{Err: NotPrimary, Why: Cause{Code: Superseded}})
		r.earlier = r.earlier[1:]
	}
}

// refusal says why this server can't take requests now; no cause if it can.
func (c *Core) refusal() Cause {
	me, v := c.cfg.Me, c.view
	switch {
	case c.out:
		return Cause{Code: Replaced, Server: me}
	case v.Viewnum == 0:
		return Cause{Code: NoView, Server: me}
	case v.Primary != me:
		return Cause{Code: Elsewhere, Server: me, Other: v.Primary, View: v.Viewnum}
	case c.holds != v.Viewnum:
		return Cause{Code: NoState, Server: me, View: v.Viewnum}
	case v.Viewnum == 1 && !c.confirmed:
		return Cause{Code: Unconfirmed, Server: me}
	case c.stream.phase == stalled:
		return Cause{Code: BackupRefuse, Server: me, Other: v.Backup}
	}
	return Cause{}
}

// serve completes the requests that needn't wait for a backup, and gathers them for a backup that must hear of them.
func (c *Core) serve() {
	q := &c.requests
	for len(q.queue) > 0 && c.servesAlone() {
		r := q.queue[0]
		q.queue = q.queue[1:]
		op, result := r.op, c.complete(r)
		op.TooLarge, op.Void = result.err == TooLarge, result.void
		c.stream.gather(op)
	}
	if len(q.queue) == 0 {
		q.queue = nil
	}
}

// complete applies r and answers it.
func (c *Core) complete(r *request) result {
	result := c.state.apply(r.op, c.cfg.Disabled)
	if c.requests.latest[r.op.Client] == r {
		delete(c.requests.latest, r.op.Client)
	}
	reply := Reply{Err: result.err, Value: result.value}
	switch result.err {
	case TooLarge:
		reply.Why = Cause{Code: ValueTooLong, N: result.bytes}
	case NotPrimary:
		reply.Why = Cause{Code: Superseded}
	case Forgotten:
		reply.Why = Cause{Code: LongAgo}
	}
	c.answer(r, reply)
	return result
}

// answerAll refuses all requests in the queue.
func (c *Core) answerAll(why Cause) {
	for _, r := range c.requests.queue {
		c.answer(r, Reply{Err: NotPrimary, Why: why})
	}
	c.requests.queue, c.requests.latest = nil, nil
}

// unpark admits the requests that waited for a newer view.
func (c *Core) unpark() {
	parked := c.requests.parked
	c.requests.parked = nil
	for _, r := range parked {
		c.admit(r)
	}
}

// answer sends reply to all tickets that wait for r.
func (c *Core) answer(r *request, reply Reply) {
	for _, t := range r.earlier {
		c.reply(t, reply)
	}
	c.reply(r.ticket, reply)
	r.ticket, r.earlier = 0, nil
}

func (c *Core) reply(t Ticket, reply Reply) {
	if t == 0 {
		return
	}
	reply.Viewnum = c.view.Viewnum
	if c.state.filter.tells() {
		reply.Position = c.state.position
	}
	c.ready.Answers = append(c.ready.Answers, Answer{Ticket: t, Reply: reply})
}

// putBack puts a batch that was not completed back at the head of the queue.
func (q *requests) putBack(batch []*request) {
	if len(batch) > 0 {
		q.queue = append(batch, q.queue...)
	}
}
