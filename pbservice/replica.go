package pbservice

import (
	"cluster/splitbrain/viewservice/rules"
)

// source is a backup's end of the stream from its primary.
type replica struct {
	attempt  uint64
	index    uint64 // the last message taken
	cursor   string // after the first message the state is that of the primary for all keys up to it
	complete bool   // for all keys
}

// has reports whether the data of key is here already.
func (s *replica) has(key string) bool { return s.complete || key <= s.cursor }

// took reports whether the message has been taken before.
func (s *replica) accepted(a *ForwardArgs) bool { return a.Attempt == s.attempt && a.Index <= s.index }

// Forward takes a message from the primary, or refuses it with a reason (S7). A message that was taken before is
// confirmed again and changes nothing.
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

// objection says why the message can't be taken. CodeNone for one that can, or was.
func (c *Core) objection(a *ForwardArgs) Code {
	s := &c.replica
	switch {
	case a.Viewnum > c.view.Viewnum:
		return UnknownView
	case a.Viewnum < c.view.Viewnum:
		return OldView
	case c.view.Primary != a.Primary || c.view.Backup != c.cfg.Me:
		return NotMyPrimary
	case a.Boot != c.cfg.Boot:
		return OtherBoot
	case a.Attempt == 0 || a.Attempt < s.attempt:
		return NoTransfer
	case s.accepted(a):
		return CodeNone
	case s.complete && a.Chunk != nil:
		return Complete // S3: never filled twice in one view
	case a.Attempt > s.attempt && (a.Index != 1 || a.Chunk == nil):
		return NoTransfer
	case a.Attempt == s.attempt && (a.Index != s.index+1 || a.Position != c.state.position):
		return Gap
	case !s.complete && a.Chunk == nil:
		return NoTransfer
	}
	return CodeNone
}

// take applies a message that is next in sequence.
func (c *Core) accept(a *ForwardArgs) {
	s := &c.replica
	if a.Attempt > s.attempt {
		// S3: what was here before is thrown away.
		*s = replica{attempt: a.Attempt}
		c.state = state{position: a.Position}
		for _, e := range a.Chunk.Filter {
			c.state.note(e)
		}
	}
	s.index = a.Index
	for _, op := range a.Ops {
		c.state.apply(op, s.has(op.Key), c.cfg.Disabled)
	}
	if c.off(rules.ReplicateFilter) {
		c.state.filter = nil
	}
	if a.Chunk == nil {
		return
	}
	for _, p := range a.Chunk.Pairs {
		c.state.data.Set(p.Key, p.Value)
		s.cursor = p.Key
	}
	if a.Chunk.Last {
		s.complete = true
		c.holds = c.view.Viewnum
		c.entered = c.view.Viewnum // S4
	}
}

// takeAnyway is S7 switched off: operations of a view that this server has left are carried out and confirmed,
// whatever it is now.
func (c *Core) acceptStale(a *ForwardArgs) ForwardReply {
	for _, op := range a.Ops {
		c.state.apply(op, true, c.cfg.Disabled)
		c.state.position-- // the order of its own view does not know them
	}
	return ForwardReply{Boot: c.cfg.Boot, Viewnum: a.Viewnum, Position: a.Position + uint64(len(a.Ops))}
}
