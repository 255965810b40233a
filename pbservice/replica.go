package pbservice

import (
	"cluster/splitbrain/viewservice/rules"
)

// replica is a backup's end of the stream of messages from its primary.
type replica struct {
	attempt  uint64 // the attempt of the last message accepted
	index    uint64 // the index of that message in its attempt
	cursor   string // the state equals that of the primary for all keys up to this one
	complete bool   // the state equals that of the primary for all keys
}

// has reports whether the state has the data of key already.
func (r *replica) has(key string) bool { return r.complete || key <= r.cursor }

// accepted reports whether the message has been accepted before.
func (r *replica) accepted(a *ForwardArgs) bool { return a.Attempt == r.attempt && a.Index <= r.index }

// Forward accepts a message from the primary, or refuses it with a reason (S7). A message that was accepted before is
// confirmed again and changes nothing, since the network may deliver messages twice.
func (c *Core) Forward(a *ForwardArgs) ForwardReply {
	if a.Boot == c.cfg.Boot && a.Viewnum < c.view.Viewnum && c.off(rules.BackupChecksView) {
		return c.acceptStale(a)
	}
	why := Cause{Code: c.objection(a), Server: c.cfg.Me, Other: a.Primary, View: a.Viewnum}
	switch {
	case why.Code == UnknownView:
		c.ask()
	case why.Code == CodeNone:
		why = Cause{}
		if !c.replica.accepted(a) {
			c.accept(a)
		}
	}
	return ForwardReply{Boot: c.cfg.Boot, Viewnum: c.view.Viewnum, Position: c.state.position, Refused: why}
}

// objection says why the message can't be accepted; CodeNone for one that can be, or was accepted before.
func (c *Core) objection(a *ForwardArgs) Code {
	r := &c.replica
	switch {
	case c.out:
		return Replaced
	case a.Viewnum > c.view.Viewnum:
		return UnknownView
	case a.Viewnum < c.view.Viewnum:
		return OldView
	case c.view.Primary != a.Primary || c.view.Backup != c.cfg.Me:
		return NotMyPrimary
	case a.Boot == 0:
		return TellsBoot
	case a.Boot != c.cfg.Boot:
		return OtherBoot
	case a.Attempt == 0 || a.Attempt < r.attempt:
		return NoTransfer
	case r.accepted(a):
		return CodeNone
	case r.complete && a.Chunk != nil:
		return Complete // S3: never filled twice in one view
	case a.Attempt > r.attempt && (a.Index != 1 || a.Chunk == nil):
		return NoTransfer
	case a.Attempt == r.attempt && (a.Index != r.index+1 || a.Position != c.state.position):
		return Gap
	case !r.complete && a.Chunk == nil:
		return NoTransfer
	}
	return CodeNone
}

// accept applies the message that is next in the stream.
func (c *Core) accept(a *ForwardArgs) {
	r := &c.replica
	if a.Attempt > r.attempt {
		// S3: a new attempt begins with nothing; what the state held before is thrown away.
		*r = replica{attempt: a.Attempt}
		c.state = c.cfg.emptyState(a.Position)
	}
	r.index = a.Index
	if a.Chunk == nil {
		for _, op := range a.Ops {
			c.state.apply(op, c.cfg.Disabled)
		}
	} else {
		c.acceptChunk(a)
	}
	if c.off(rules.ReplicateFilter) {
		c.state.filter = filter{room: c.cfg.FilterClients}
	}
}

// acceptChunk applies a message of the transfer.
func (c *Core) acceptChunk(a *ForwardArgs) {
	r := &c.replica
	for _, op := range a.Ops {
		c.state.follow(op, r.has(op.Key))
	}
	for _, e := range a.Chunk.Filter {
		c.state.filter.restore(e)
	}
	c.state.filter.forget(a.Chunk.Horizon)
	for _, p := range a.Chunk.Pairs {
		c.state.set(p.Key, p.Value)
		r.cursor = p.Key
	}
	if a.Chunk.Last {
		r.complete = true
		c.holds = c.view.Viewnum
		c.entered = c.view.Viewnum // S4
	}
}

// acceptStale is what happens without S7: the server carries out and confirms operations of a view that it has left,
// whatever its role is now.
func (c *Core) acceptStale(a *ForwardArgs) ForwardReply {
	for _, op := range a.Ops {
		c.state.apply(op, c.cfg.Disabled)
		c.state.position-- // these operations have no place in the order of the server's own view
	}
	return ForwardReply{Boot: c.cfg.Boot, Viewnum: a.Viewnum, Position: a.Position + uint64(len(a.Ops))}
}
