package pbservice

import "cluster/splitbrain/viewservice"

// ClerkCore is the rules of a client as a value (C1, S11, S12): it carries one operation after the other through to its
// answer, caches the view, and asks for a newer one only after an error or a timeout. It has no clock and no I/O; equal
// events give equal effects (A1). Its methods are the events; Ready returns their effects. Not safe for concurrent use.
type ClerkCore struct {
	client string
	view   viewservice.View // the newest known (S11); kept from one operation to the next
	asking bool             // the viewservice was asked for the view and has not answered
	seq    uint64           // the number of the newest operation
	since  uint64           // a position that the order is known to have reached (S10)
	locate bool             // ask for the position before the operation is sent

	op       Op                 // the operation that runs; its Seq is 0 if none does
	attempts uint64             // the number of the last attempt, from 1
	first    uint64             // the number of op's first attempt
	tried    viewservice.Number // the view in which the last attempt was made
	server   string             // to which the last attempt went
	waits    Waits
	refused  Cause  // what went wrong last, if that was a refusal
	why      string // what went wrong last, in words; "" if nothing did

	ready ClerkReady
}

// Attempt is a request to send. Its answer comes back by Answer, a broken connection by Failed.
type Attempt struct {
	ID     uint64 // counts the client's attempts, from 1
	To     string // the server
	Op     Op
	Locate bool               // ask for the position instead, and call Located with the answer
	Known  viewservice.Number // the newest view known
}

// ClerkReady is what is to be done after an event.
type ClerkReady struct {
	Send  Attempt // to be sent if its ID is not 0
	Ask   bool    // ask the viewservice for the view, and call ViewReply with the answer
	Wait  int     // if not 0: call Due after so many PingIntervals, in place of the Due that was asked for before
	Done  bool    // the operation has ended, with Reply and Err
	Reply Reply
	Err   error // nil, a *RefusedError or a *UnknownOutcomeError
}

// NewClerkCore returns a client that knows no view yet. Its name must be unique for ever (S10).
func NewClerkCore(client string) *ClerkCore { return &ClerkCore{client: client} }

// Clone returns a copy. What Ready would return must have been taken.
func (c *ClerkCore) Clone() *ClerkCore { return c.CloneInto(new(ClerkCore)) }

// CloneInto is Clone, in place of n, which nobody uses any more. It returns n.
func (c *ClerkCore) CloneInto(n *ClerkCore) *ClerkCore {
	*n = *c
	return n
}

// Ready returns the effects of the last event, once.
func (c *ClerkCore) Ready() ClerkReady {
	r := c.ready
	c.ready = ClerkReady{}
	return r
}

// Locate says that so many operations of others may have come since the last answer that the servers have forgotten this
// client (S10). It asks for the position before it sends its next operation.
func (c *ClerkCore) Locate() { c.locate = true }

// Located hands in a server's answer to an attempt that asked for the position.
func (c *ClerkCore) Located(attempt uint64, r Reply) {
	switch {
	case !c.locate || c.op.Seq == 0:
	case r.Err == OK:
		// The operation was never sent: whatever the order holds now, it is not among it.
		c.locate, c.since = false, max(c.since, r.Position)
		c.op.Since = c.since
		c.try()
	default:
		c.failed(attempt, r.Why.String(), r.Why)
	}
}

// Begin starts op, whose Client and Seq it sets. No operation may be running.
func (c *ClerkCore) Begin(op Op) {
	c.seq++
	op.Client, op.Seq, op.Since = c.client, c.seq, c.since
	c.op, c.first, c.server, c.tried = op, c.attempts+1, "", 0
	c.wrong("", Cause{})
	c.try()
}

// Abort gives the operation up: its outcome is unknown (C2).
func (c *ClerkCore) Abort() { c.op = Op{} }

// Answer hands in a server's reply to an attempt at operation seq. The outcome counts whichever attempt it answers: all
// attempts are the same operation. A refusal counts only if it answers the last attempt.
func (c *ClerkCore) Answer(seq, attempt uint64, r Reply) {
	c.since = max(c.since, r.Position)
	switch {
	case seq != c.op.Seq:
		// The reply is to an earlier operation.
	case r.Err == OK || r.Err == NoKey:
		c.done(r, nil)
	case r.Err == TooLarge:
		c.done(r, &RefusedError{Op: c.op, Why: r.Why})
	case r.Err == Forgotten:
		c.done(r, &UnknownOutcomeError{Op: c.op, Why: r.Why.String(), Err: ErrForgotten})
	default:
		c.failed(attempt, r.Why.String(), r.Why)
	}
}

// Failed says that an attempt's connection broke: the view may have changed.
func (c *ClerkCore) Failed(attempt uint64, why string) { c.failed(attempt, why, Cause{}) }

func (c *ClerkCore) failed(attempt uint64, why string, refused Cause) {
	if c.op.Seq == 0 || attempt != c.attempts {
		return
	}
	if c.waits == WaitsForAnswer {
		c.pause(WaitsToRetry, why, refused)
	}
	c.ask()
}

// wrong notes what went wrong last.
func (c *ClerkCore) wrong(why string, refused Cause) { c.why, c.refused = why, refused }

// ViewReply hands in the viewservice's answer; the zero View if there was none. In a newer view the operation is tried
// again at once.
func (c *ClerkCore) ViewReply(v viewservice.View) {
	c.asking = false
	if v.Viewnum <= c.view.Viewnum {
		return // S11
	}
	c.view = v
	if c.op.Seq > 0 && c.tried < v.Viewnum {
		c.try()
	}
}

// Due says that the wait is over: an attempt was not answered in time, or a pause has passed.
func (c *ClerkCore) Due() {
	if c.op.Seq == 0 {
		return
	}
	if c.waits == WaitsForAnswer {
		c.wrong(c.server+" does not answer", Cause{})
		c.ask()
	}
	c.try()
}

// Progress says what the client is doing now. It leaves Began zero, since a ClerkCore has no clock.
func (c *ClerkCore) Progress() Progress {
	if c.op.Seq == 0 {
		return Progress{View: c.view.Viewnum}
	}
	return Progress{View: c.view.Viewnum, Op: c.op, Attempts: int(c.attempts + 1 - c.first), Server: c.server, Waits: c.waits, Why: c.why, Refused: c.refused}
}

// View is the newest view that the client knows.
func (c *ClerkCore) View() viewservice.View { return c.view }

// AppendCanon appends all that the client's future depends on.
func (c *ClerkCore) AppendCanon(b []byte, as viewservice.Canon) []byte {
	b = c.view.AppendCanon(b, as)
	b = number(append(b, viewservice.Flags(c.asking, c.locate), byte(c.waits)), c.seq)
	b = as.Number(b, c.attempts)
	b = number(b, c.since)
	if c.op.Seq == 0 {
		return append(b, 0)
	}
	return number(as.Name(c.op.AppendCanon(append(b, 1), as), c.server), uint64(c.tried))
}

// try sends the operation to the primary of the newest view known, or asks for the view while there is none.
func (c *ClerkCore) try() {
	if c.view.Primary == "" {
		c.ask()
		c.pause(WaitsForView, "no view is known", Cause{})
		return
	}
	if c.waits == WaitsForView {
		c.wrong("", Cause{}) // a view is known now
	}
	c.attempts++
	c.tried, c.server = c.view.Viewnum, c.view.Primary
	c.ready.Send = Attempt{ID: c.attempts, To: c.server, Op: c.op, Locate: c.locate, Known: c.tried}
	c.waits, c.ready.Wait = WaitsForAnswer, attemptPings
}

// pause waits an interval before the next attempt (C1).
func (c *ClerkCore) pause(waits Waits, why string, refused Cause) {
	c.waits, c.ready.Wait = waits, 1
	c.wrong(why, refused)
}

// ask asks the viewservice for the view, unless it is being asked already.
func (c *ClerkCore) ask() {
	if !c.asking {
		c.asking, c.ready.Ask = true, true
	}
}

func (c *ClerkCore) done(r Reply, err error) {
	c.op = Op{}
	c.ready.Done, c.ready.Reply, c.ready.Err = true, r, err
}
