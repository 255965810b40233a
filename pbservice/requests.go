package pbservice

import (
	"slices"

	"cluster/splitbrain/viewservice"
	"cluster/splitbrain/viewservice/rules"
)

// requests are the operations of clients that wait for their turn.
type requests struct {
	queue []*request // in the order of arrival, which is the order of turns (S5)
	// latest finds the newest waiting operation of each client.
	latest map[string]*request
	// parked wait for a view that their clients know and this server does not, until the next tick at most.
	parked []*request
}

// request is an operation with those who wait for it: nobody, once its ticket is 0.
type request struct {
	op      Op
	ticket  Ticket
	earlier []Ticket // of the same request, doubled by the network or sent again; oldest first
}

// mostEarlier bounds how many copies of a request wait beside the newest.
const maxEarlier = 7

// Request hands in a client's operation. known is the newest view that the client knows.
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

// unacceptable says why no server may accept op (S13).
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

// supersede settles which of two requests of one client goes on: it has one outstanding operation (S10), and one
// place in the queue, however many it gives up. It reports whether r needs no other place.
func (c *Core) supersede(old, r *request) bool {
	superseded := Reply{Err: NotPrimary, Why: Cause{Code: Superseded}}
	if r.op.Seq < old.op.Seq {
		c.answer(r, superseded)
		return true
	}
	if r.op.Seq == old.op.Seq {
		c.joinWait(old, r.ticket) // the same operation again: it keeps its turn
		return true
	}
	c.answer(old, superseded)
	switch {
	case slices.Contains(c.stream.batch, old):
		return false // on its way to the backup: it may still happen (C2)
	default:
		*old = *r
	}
	return true
}

// joinWait lets one more wait for r. When too many do, the oldest has long been given up.
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

// serve gives turns to those who needn't wait for a backup, and remembers them for one that must hear of them.
func (c *Core) serve() {
	q := &c.requests
	for len(q.queue) > 0 && c.servesAlone() {
		r := q.queue[0]
		q.queue = q.queue[1:]
		op := r.op
		op.TooLarge = c.complete(r).err == TooLarge
		c.stream.gather(op)
	}
	if len(q.queue) == 0 {
		q.queue = nil
	}
}

// turn applies r and answers it.
func (c *Core) complete(r *request) result {
	result := c.state.apply(r.op, true, c.cfg.Disabled)
	c.settle(r)
	reply := Reply{Err: result.err, Value: result.value}
	switch result.err {
	case TooLarge:
		reply.Why = Cause{Code: ValueTooLong, N: result.bytes}
	case NotPrimary:
		reply.Why = Cause{Code: Superseded}
	}
	c.answer(r, reply)
	return result
}

// settle forgets that r waits.
func (c *Core) settle(r *request) {
	if c.requests.latest[r.op.Client] == r {
		delete(c.requests.latest, r.op.Client)
	}
}

// answerAll refuses everyone in the queue.
func (c *Core) answerAll(why Cause) {
	for _, r := range c.requests.queue {
		c.answer(r, Reply{Err: NotPrimary, Why: why})
	}
	c.requests.queue, c.requests.latest = nil, nil
}

// unpark lets those try who waited for a newer view.
func (c *Core) unpark() {
	parked := c.requests.parked
	c.requests.parked = nil
	for _, r := range parked {
		c.admit(r)
	}
}

// answer ends the wait of all who wait for r.
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
	c.ready.Answers = append(c.ready.Answers, Answer{Ticket: t, Reply: reply})
}

// putBack gives a batch that was never completed its turns again, before all others.
func (q *requests) putBack(batch []*request) {
	if len(batch) > 0 {
		q.queue = append(batch, q.queue...)
	}
}
