package pbservice

import "cluster/splitbrain/viewservice"

// ClerkCore is a client's rules as a value (C1, S11, S12): it carries one operation after the other through to its
// answer, caches the view and asks for a newer one only after an error or a timeout. No clock, no I/O, equal events
// give equal effects. Not safe for concurrent use.
type ClerkCore struct {
	client string
	view   viewservice.View // the newest known (S11); kept from one operation to the next
	asking bool             // a question for the view is under way
	seq    uint64           // of the newest operation

	op       Op                 // that runs; Seq 0: none does
	attempts uint64             // since the client began; the number of the last one
	first    uint64             // attempt of op
	tried    viewservice.Number // the view of the last attempt
	server   string             // to whom it went
	waits    Waits
	refused  Cause  // what went wrong last, if that was a refusal
	why      string // in words, if anything did

	ready ClerkReady
}

// Attempt is a request to send. Its answer comes back by Answer, its failure by Failed.
type Attempt struct {
	ID    uint64 // counts the client's attempts, from 1
	To    string
	Op    Op
	Known viewservice.Number
}

// ClerkReady is what is to be done after an event.
type ClerkReady struct {
	Send  Attempt // if its ID is not 0
	Ask   bool    // the viewservice for the view: ViewReply tells what it said
	Wait  int     // if not 0: call Due after so many PingIntervals, and not after those that were asked for before
	Done  bool    // the operation has ended, with Reply, or with Err, a *RefusedError
	Reply Reply
	Err   error
}

// NewClerkCore returns a client that knows no view yet. Its name must be unique for ever (S10).
func NewClerkCore(client string) *ClerkCore { return &ClerkCore{client: client} }

// Clone returns a copy. What Ready would return must have been taken.
func (c *ClerkCore) Clone() *ClerkCore {
	n := *c
	return &n
}

// Ready takes what the last event has brought about.
func (c *ClerkCore) Ready() ClerkReady {
	r := c.ready
	c.ready = ClerkReady{}
	return r
}

// Begin starts op, whose Client and Seq it sets. None may be running.
func (c *ClerkCore) Begin(op Op) {
	c.seq++
	op.Client, op.Seq = c.client, c.seq
	c.op, c.first, c.server, c.tried = op, c.attempts+1, "", 0
	c.wrong("", Cause{})
	c.try()
}

// Abort gives the operation up: its outcome is unknown (C2).
func (c *ClerkCore) Abort() { c.op = Op{} }

// Answer hands in a server's reply to an attempt at operation seq. Any answer of any attempt is as good as another,
// since it names the operation; only the last attempt's refusal counts.
func (c *ClerkCore) Answer(seq, attempt uint64, r Reply) {
	switch {
	case seq != c.op.Seq:
		// Of an earlier operation.
	case r.Err == OK || r.Err == NoKey:
		c.done(r, nil)
	case r.Err == TooLarge:
		c.done(r, &RefusedError{Op: c.op, Why: r.Why})
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

// ViewReply hands in the viewservice's answer; the zero View if there was none. A newer view ends a pause.
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

// Progress tells what the client is doing now, but for when it began.
func (c *ClerkCore) Progress() Progress {
	if c.op.Seq == 0 {
		return Progress{}
	}
	return Progress{Op: c.op, Attempts: int(c.attempts + 1 - c.first), Server: c.server, Waits: c.waits, Why: c.why, Refused: c.refused}
}

// View is the newest view that the client knows.
func (c *ClerkCore) View() viewservice.View { return c.view }

// AppendCanon appends all that the client's future depends on.
func (c *ClerkCore) AppendCanon(b []byte, as viewservice.Canon) []byte {
	b = c.view.AppendCanon(b, as)
	b = number(append(b, flags(c.asking), byte(c.waits)), c.seq)
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
		c.wrong("", Cause{}) // but that there was none
	}
	c.attempts++
	c.tried, c.server = c.view.Viewnum, c.view.Primary
	c.ready.Send = Attempt{ID: c.attempts, To: c.server, Op: c.op, Known: c.tried}
	c.waits, c.ready.Wait = WaitsForAnswer, attemptPings
}

// pause waits an interval before the next attempt (C1).
func (c *ClerkCore) pause(waits Waits, why string, refused Cause) {
	c.waits, c.ready.Wait = waits, 1
	c.wrong(why, refused)
}

// ask wants to know the view, unless that is under way already.
func (c *ClerkCore) ask() {
	if !c.asking {
		c.asking, c.ready.Ask = true, true
	}
}

func (c *ClerkCore) done(r Reply, err error) {
	c.op = Op{}
	c.ready.Done, c.ready.Reply, c.ready.Err = true, r, err
}
