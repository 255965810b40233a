package pbservice

import "fmt"

// Forwarded hands in the backup's answer to the message with that ID.
func (c *Core) Forwarded(id uint64, r ForwardReply) {
	s := &c.stream
	switch {
	case s.sent == nil || s.sent.ID != id:
		// This is a late answer: the stream has moved on.
	case r.Refused.Code == Gap:
		s.failed = true // S8: answered by sending again, at the next tick
	case r.Refused.Code != CodeNone:
		c.refused(r)
	case r.Boot != s.boot || r.Viewnum != c.view.Viewnum || r.Position != s.expects:
		s.failed = true // S7: another boot answers, or confirms something else than was sent
	default:
		c.advance()
	}
}

// Unanswered says that the message with that ID was lost, or its answer.
func (c *Core) Unanswered(id uint64) {
	if c.stream.sent != nil && c.stream.sent.ID == id {
		c.stream.failed = true
	}
}

// advance goes on after the message under way was confirmed.
func (c *Core) advance() {
	s := &c.stream
	batch := s.batch
	s.sent, s.batch, s.silentTicks = nil, nil, 0
	for _, r := range batch {
		c.complete(r) // S8: an operation is applied once the backup has confirmed it
	}
	if s.phase == waiting {
		if s.expects+uint64(len(s.tail)) != c.state.position {
			panic(fmt.Sprintf("%s: the backup confirmed %d, the primary holds %d: %+v", c.cfg.Me, s.expects, c.state.position, *s))
		}
		c.entered = c.view.Viewnum // S4
	}
	c.serve()
}

// refused goes on after the backup refused the message under way for another reason than a gap (S8).
func (c *Core) refused(r ForwardReply) {
	s := &c.stream
	switch {
	case s.phase == transferring:
		// A backup that knows the view refuses only because it is another boot than the one addressed, or none was: the next
		// attempt addresses that boot at once. A backup that does not know the view yet is tried again at the next tick.
		again := stream{phase: transferring, attempt: s.attempt + 1, silentTicks: s.silentTicks, pauseTick: true}
		if (r.Refused.Code == OtherBoot || r.Refused.Code == TellsBoot) && r.Boot != s.boot {
			again.boot, again.pauseTick = r.Boot, false
		}
		*s = again
		c.serve()
	case c.entered < c.view.Viewnum:
		c.giveUp() // S6: once waiting, never a second transfer in that view
	default:
		c.requests.putBack(s.batch)
		*s = stream{phase: stalled}
		c.answerAll(Cause{Code: BackupRefuse, Server: c.cfg.Me, Other: c.view.Backup})
		c.ask()
	}
}

// giveUp lets the primary serve without its backup, which does not count again in this view (S4). It is called only before
// Ping(n) was sent for view n: until then the viewservice can make nobody else primary.
func (c *Core) giveUp() {
	c.stream = stream{phase: abandoned} // no batch is lost: batches are sent only after the last chunk was confirmed
	c.serve()
}

// tickStream sends a message again that was lost or not answered, and gives up a backup that can't be filled.
func (c *Core) tickStream() {
	s := &c.stream
	s.pauseTick = false
	if s.phase == transferring || s.phase == waiting && c.entered < c.view.Viewnum {
		s.silentTicks++
		if s.silentTicks > c.cfg.DeadPings {
			c.giveUp()
			return
		}
	}
	if s.sent == nil {
		return
	}
	s.sentTicks++
	switch {
	case s.failed:
		s.resendAfter = c.resendDelay(0)
	case s.sentTicks >= s.resendAfter:
		s.resendAfter = c.resendDelay(s.resendAfter)
	default:
		return
	}
	s.sentTicks, s.failed = 0, false
	c.ready.Forwards = append(c.ready.Forwards, *s.sent)
}
