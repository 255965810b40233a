package pbservice

import "fmt"

// Forwarded hands in the backup's answer to the message with that ID.
func (c *Core) Forwarded(id uint64, r ForwardReply) {
	l := &c.stream
	switch {
	case l.sent == nil || l.sent.ID != id:
		// A late answer: the stream has moved on.
	case r.Refused.Code == Gap:
		l.failed = true // S8: answered by sending again, at the next tick
	case r.Refused.Code != CodeNone:
		c.refused(r)
	case r.Boot != l.boot || r.Viewnum != c.view.Viewnum || r.Position != l.expects:
		l.failed = true // S7: not the boot that was addressed, or not what was sent
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

// advance follows the confirmation of the message under way.
func (c *Core) advance() {
	l := &c.stream
	batch := l.batch
	l.sent, l.batch, l.silentTicks = nil, nil, 0
	for _, r := range batch {
		c.complete(r) // S8: applied once it is confirmed
	}
	if l.phase == waiting {
		if l.expects+uint64(len(l.tail)) != c.state.position {
			panic(fmt.Sprintf("%s: the backup confirmed %d, the primary holds %d: %+v", c.cfg.Me, l.expects, c.state.position, *l))
		}
		c.entered = c.view.Viewnum // S4
	}
	c.serve()
}

// refused follows a refusal of the message under way for another reason than a gap (S8).
func (c *Core) refused(r ForwardReply) {
	l := &c.stream
	switch {
	case l.phase == transferring:
		// Once the backup is in the view it refuses only because it is another boot: that one is addressed
		// next. Otherwise it is asked again at the next tick.
		again := stream{phase: transferring, attempt: l.attempt + 1, silentTicks: l.silentTicks, pauseTick: true}
		if r.Refused.Code == OtherBoot && r.Boot != l.boot {
			again.boot, again.pauseTick = r.Boot, false
		}
		*l = again
		c.serve()
	case c.entered < c.view.Viewnum:
		c.giveUp() // S6: once waiting, never a second transfer in that view
	default:
		c.requests.putBack(l.batch)
		*l = stream{phase: stalled}
		c.answerAll(Cause{Code: BackupRefuse, Server: c.cfg.Me, Other: c.view.Backup})
		c.ask()
	}
}

// giveUp serves without the backup, which is never counted again in this view (S4). Only before Ping(n) was sent:
// until then nobody else can be made primary.
func (c *Core) giveUp() {
	c.stream = stream{phase: abandoned} // it carried no batch: those follow the confirmation of the last chunk
	c.serve()
}

// tickLink sends again what was lost, and gives up a backup that can't be filled.
func (c *Core) tickStream() {
	l := &c.stream
	l.pauseTick = false
	if l.phase == transferring || l.phase == waiting && c.entered < c.view.Viewnum {
		l.silentTicks++
		if l.silentTicks > c.cfg.DeadPings {
			c.giveUp()
			return
		}
	}
	if l.sent == nil {
		return
	}
	l.sentTicks++
	switch {
	case l.failed:
		l.resendAfter = c.resendDelay(0)
	case l.sentTicks >= l.resendAfter:
		l.resendAfter = c.resendDelay(l.resendAfter)
	default:
		return
	}
	l.sentTicks, l.failed = 0, false
	c.ready.Forwards = append(c.ready.Forwards, *l.sent)
}
