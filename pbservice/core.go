package pbservice

import (
	"fmt"
	"math"

	"cluster/splitbrain/viewservice"
	"cluster/splitbrain/viewservice/rules"
)

// Config is what a Core needs to know about its server.
type Config struct {
	Me        string // 1 to 256 bytes
	Boot      uint64 // boot id: larger than that of each earlier boot of Me, not 0
	DeadPings int    // ticks without a confirmation after which a primary gives up a backup it can't fill (S4); at least 1
	ChunkKeys int    // keys, and clients, that one message of a transfer holds at most; 0: DefaultChunkKeys

	// FilterClients is how many clients the duplicate filter remembers, the same on all servers; 0: DefaultFilterClients.
	FilterClients int

	// ListKeys keeps the keys in the order in which people list them, beside the map: for a server that will be looked into. A new
	// key costs it about twice as much. Others begin with that when somebody looks, unless there are too many keys by then.
	ListKeys bool

	Disabled rules.Disabled // rules that are switched off
	// Eager sends a message that was not confirmed again at every Tick, for worlds whose Ticks don't measure time.
	// Otherwise the pauses grow.
	Eager bool
}

// Validate says what is wrong with the configuration.
func (c Config) Validate() error {
	switch {
	case c.Me == "" || len(c.Me) > maxName:
		return fmt.Errorf("a server's name of %d bytes: 1 to %d allowed", len(c.Me), maxName)
	case c.Boot == 0:
		return fmt.Errorf("server %s: a boot id must not be 0", c.Me)
	case c.DeadPings < 1:
		return fmt.Errorf("dead pings %d: must be at least 1", c.DeadPings)
	case c.FilterClients < 0 || c.FilterClients > DefaultFilterClients:
		return fmt.Errorf("filter clients %d: must be 0 to %d", c.FilterClients, DefaultFilterClients)
	case c.ChunkKeys < 0 || c.ChunkKeys > DefaultChunkKeys:
		return fmt.Errorf("chunk keys %d: must be 0 to %d", c.ChunkKeys, DefaultChunkKeys)
	}
	return nil
}

// Core is the rules of one server, S1 to S13, as a value: no clock, no I/O, equal events give equal effects (A1). Its
// methods are the events; Ready returns their effects. Not safe for concurrent use.
type Core struct {
	cfg Config

	view    viewservice.View // the newest known (S11)
	entered viewservice.Number

	// holds is the newest view for which the state is complete, 0 if there is none (S1). A primary with state and a
	// filled backup have holds == view.Viewnum; every other server has 0 and keeps no state (S9).
	holds viewservice.Number
	// confirmed says that view 1 is known to be acknowledged, so that this boot may answer clients in view 1 (S2).
	confirmed bool
	state     state

	requests requests
	stream   stream  // to the backup, while this server is a primary with state
	replica  replica // from the primary, while this server is a backup
	asked    bool    // for the view, since the last tick
	raised   bool    // the boot id was, above one that the viewservice knew (V7)
	out      bool    // another boot of this name is newer (V7)

	ids   uint64 // the ID of the newest message to the backup
	ready Ready  // effects that Ready has not returned yet
}

// Ticket is the caller's number for a request that waits for its answer, not 0.
type Ticket uint64

// Answer is the answer to a request.
type Answer struct {
	Ticket Ticket
	Reply  Reply
}

// Forward is a message to send to the server To. Its outcome comes back by Forwarded or Unanswered with the same ID.
// Ready may return the same message again meanwhile. Args must not be changed.
type Forward struct {
	ID   uint64
	To   string
	Args *ForwardArgs
}

// Ready is what is to be done after events, in any order.
type Ready struct {
	Answers  []Answer
	Pings    []viewservice.PingArgs
	Forwards []Forward
}

// NewCore returns a server that has just booted: it has no state and knows no view (S1). cfg must be valid.
func NewCore(cfg Config) *Core { return &Core{cfg: cfg, state: cfg.emptyState(0)} }

// emptyState is a state without data, as it is before the first operation after position.
func (c Config) emptyState(position uint64) state {
	s := state{filter: filter{room: c.FilterClients}, position: position}
	if c.ListKeys {
		s.list()
	}
	return s
}

// SetDisabled sets which rules are off from now on.
func (c *Core) SetDisabled(off rules.Disabled) { c.cfg.Disabled = off }

func (c *Core) off(r rules.Rule) bool { return c.cfg.Disabled.Has(r) }

// Ready returns the effects of the events so far, once. It puts the requests that wait into one message for the backup
// (A6), so that more events before a Ready make a larger batch.
func (c *Core) Ready() Ready {
	c.compose()
	r := c.ready
	c.ready = Ready{}
	return r
}

// Tick says that a PingInterval has passed.
func (c *Core) Tick() {
	c.asked = false
	c.tickStream()
	c.ping()
	c.unpark()
}

// PingReply hands in the viewservice's answer to a ping with Viewnum sent.
func (c *Core) PingReply(sent viewservice.Number, r viewservice.PingReply) {
	if r.Boot != 0 && r.Boot != c.cfg.Boot {
		c.otherBoot(r.Boot)
		return
	}
	switch v := r.View.Viewnum; {
	case v < c.view.Viewnum:
		return // S11
	case v > c.view.Viewnum:
		c.learn(r.View, r.Acked)
	}
	// A reply to Ping(1) may already show view 2 (H24). Whether view 1 is acknowledged matters only while it lasts.
	if sent >= 1 && r.Acked && !c.confirmed && r.View.Viewnum == 1 {
		c.confirmed = true
		c.unpark()
	}
}

// otherBoot handles the answer to a ping whose boot is not the newest that the viewservice knows under this name. It says
// nothing else that counts: its view may be one in which the other boot has served (S2). A server that knows no view
// has no state, and may as well have booted now, under a larger id; where clocks are set back, boot ids go back. Any
// other server is out, as if it had crashed: another process uses its name.
func (c *Core) otherBoot(newest uint64) {
	switch {
	case newest < c.cfg.Boot: // it answers a ping from before the id was raised
	case c.view.Viewnum == 0 && !c.raised && newest < math.MaxUint64:
		c.raised, c.cfg.Boot = true, newest+1
		c.ping()
	case !c.out:
		c.out = true
		inFlight := c.stream.batch
		c.stream, c.replica = stream{}, replica{}
		c.drop(inFlight, c.refusal())
	}
}

// ping sends a ping with the view that this server has entered, or one that gives its backup up (S4, V10). After that
// it never sends a plain ping of the same view.
func (c *Core) ping() {
	args := viewservice.PingArgs{Me: c.cfg.Me, Viewnum: c.entered, Boot: c.cfg.Boot}
	if c.stream.phase == abandoned {
		args.Viewnum, args.BackupLost = c.view.Viewnum, true
	}
	c.ready.Pings = append(c.ready.Pings, args)
}

// ask pings before the next tick, to learn the view; once per interval at most (S12).
func (c *Core) ask() {
	if !c.asked {
		c.asked = true
		c.ping()
	}
}

// learn moves to a newer view.
func (c *Core) learn(v viewservice.View, acked bool) {
	keeps := c.hasStateFor(v, acked)
	inFlight := c.stream.batch
	c.view = v
	c.stream, c.replica = stream{}, replica{}
	if !keeps {
		c.drop(inFlight, Cause{Code: Deposed, Server: c.cfg.Me, View: v.Viewnum})
		if v.Primary != c.cfg.Me && v.Backup != c.cfg.Me {
			c.entered = v.Viewnum
		}
		c.unpark()
		return
	}
	c.holds = v.Viewnum
	c.requests.putBack(inFlight)
	if v.Backup == "" {
		c.stream.phase = alone
		c.entered = v.Viewnum
	} else {
		c.stream.phase = transferring
		c.stream.attempt = 1
		if c.off(rules.AckAfterTransfer) {
			c.entered = v.Viewnum
		}
	}
	c.serve()
	c.unpark()
}

// hasStateFor reports whether this server is primary of the newer view v and has its state (S2). Any other server
// begins the view without state: an idle server needs none, and a backup is filled anew (S3).
func (c *Core) hasStateFor(v viewservice.View, acked bool) bool {
	switch {
	case v.Primary != c.cfg.Me:
		return false
	case c.trusts(v):
		return true
	case v.Viewnum == 1:
		// An acknowledged view 1 belonged to another boot. That boot may have served, and its map is gone (H3).
		return !acked
	}
	return c.holds == v.Viewnum-1
}

// trusts reports whether a rule that is off lets this server serve in view v whatever state it has. S2 would refuse, and
// so hide the damage that the rule prevents.
func (c *Core) trusts(v viewservice.View) bool {
	switch {
	case c.off(rules.Continuity):
		return true
	case c.off(rules.AckRule) && c.holds > 0:
		return true // views may have been skipped
	case c.off(rules.RestartDetection):
		return c.view.Viewnum == 0
	case c.off(rules.AckAfterTransfer):
		return c.view.Backup == c.cfg.Me && c.view.Viewnum == v.Viewnum-1
	}
	return false
}

// drop forgets the state and refuses all requests that wait (S9).
func (c *Core) drop(inFlight []*request, why Cause) {
	c.holds = 0
	c.state = c.cfg.emptyState(0)
	c.requests.putBack(inFlight)
	c.answerAll(why)
}
