package viewservice

import (
	"time"

	"cluster/splitbrain/viewservice/rules"
)

// decide moves on to the next view if the rules want one and allow it.
func (c *Core) decide(now time.Duration) {
	c.seen = max(c.seen, now)
	c.forget(now)
	if next, causes := c.wanted(now); len(causes) > 0 && c.heardLately(next.Primary, now) {
		c.form(now, next, causes)
	}
}

// wanted returns the view that should follow the current one, with its causes; no causes if no view should follow, or
// none may.
func (c *Core) wanted(now time.Duration) (next View, causes []Cause) {
	next = c.view
	switch {
	case c.view.Viewnum == 0 || c.obstacle.Code != CodeNone: // V1, V9
		return next, nil
	case !c.acked && !c.off(rules.AckRule): // V3: an unacknowledged view stays, whoever died
		return next, nil
	}
	primary, backup := c.find(c.view.Primary), c.find(c.view.Backup)
	switch {
	case c.lost(primary, now):
		successor, promotion := c.successor(backup, now)
		if successor == nil {
			return next, nil
		}
		next.Primary, next.Backup = successor.name, ""
		causes = append(causes, c.loss(primary, now), promotion)
	case backup != nil && c.lost(backup, now):
		next.Backup = ""
		causes = append(causes, c.loss(backup, now))
	}
	next, causes = c.appoint(now, next, causes)
	if next == c.view { // without continuity the primary that was lost may be the only volunteer
		return next, nil
	}
	return next, causes
}

// maxMissed is how many pings the next primary may have missed; with few DeadPings, one less than makes it dead.
const maxMissed = 2

// heardLately reports whether a server was heard so lately that it may be primary of the next view, new or staying (V5).
// Two servers that are cut off together fall silent one after the other. By the deadline alone the one that was heard last
// would become primary alone, although it is as likely to be gone; the other one, which has all the data, would drop them
// when it learns that view (S9). So the view waits for the next ping of its primary.
func (c *Core) heardLately(name string, now time.Duration) bool {
	return now-c.find(name).heard <= c.lately()
}

// lately is how long ago a server may have been heard that was heard lately.
func (c *Core) lately() time.Duration {
	return time.Duration(min(maxMissed, c.cfg.DeadPings-1)) * c.cfg.PingInterval
}

// successor returns the server that becomes primary after the present one was lost (V5), and why: the backup, since no
// other server has the data. It returns nil if there is none.
func (c *Core) successor(backup *server, now time.Duration) (*server, Cause) {
	if backup != nil && !c.lost(backup, now) {
		return backup, c.promotion(backup)
	}
	if c.off(rules.Continuity) {
		if v := c.volunteer(now, ""); v != nil {
			return v, Cause{Code: Usurped, Server: v.name}
		}
	}
	return nil, Cause{}
}

// promotion is why the backup becomes primary: as much as the viewservice knows of it while rules are off.
func (c *Core) promotion(backup *server) Cause {
	why := Cause{Code: Promoted, Server: backup.name}
	switch entered := backup.entered == c.view.Viewnum; {
	case c.off(rules.RestartDetection):
		why.Code = PromotedUnseen
	case !c.acked: // the primary has not said that the backup is filled (S4)
		why.Code = PromotedUnacked
	case c.off(rules.TransferState): // what both say of the backup means nothing
		why.Code, why.Other = PromotedUnfilled, rules.TransferState.String()
	case c.off(rules.AckAfterTransfer) && !entered: // what the primary says does, and the backup has not said that it is
		why.Code, why.Other = PromotedUnfilled, rules.AckAfterTransfer.String()
	}
	return why
}

// giveUpBackup forms the view after view n for Ping(n, backup lost), by which the primary has acknowledged view n and given
// its backup up (V10).
func (c *Core) giveUpBackup(now time.Duration) {
	lost := c.find(c.view.Backup)
	c.join(lost)
	gaveUp := []Cause{{Code: BackupGivenUp, Server: lost.name, Other: c.view.Primary}}
	next, causes := c.appoint(now, View{Primary: c.view.Primary}, gaveUp)
	c.form(now, next, causes)
}

// appoint fills an empty place of backup in next with the first volunteer (V6).
func (c *Core) appoint(now time.Duration, next View, causes []Cause) (View, []Cause) {
	if next.Backup != "" {
		return next, causes
	}
	if v := c.volunteer(now, next.Primary); v != nil {
		next.Backup = v.name
		if len(causes) == 0 {
			causes = append(causes, Cause{Code: NoBackup, Server: v.name})
		}
		causes = append(causes, Cause{Code: Appointed, Server: v.name})
	}
	return next, causes
}

// volunteer returns the live volunteer that joined first, but not primary; nil if there is none. The same primary with the
// same backup never follows itself (V6): a backup that was lost must first be missing from a view.
func (c *Core) volunteer(now time.Duration, primary string) *server {
	var first *server
	for i := range c.servers {
		s := &c.servers[i]
		pairAgain := primary == c.view.Primary && s.name == c.view.Backup
		if s.name == primary || pairAgain || c.dead(s, now) { // forgotten servers are dead too
			continue
		}
		if first == nil || s.joined < first.joined {
			first = s
		}
	}
	return first
}

// form makes next the current view, not acknowledged.
func (c *Core) form(now time.Duration, next View, causes []Cause) {
	next.Viewnum = c.view.Viewnum + 1
	c.view, c.acked = next, false
	for i := range c.servers {
		c.servers[i].restarted = false
	}
	c.forget(now)
	c.changes = append(c.changes, Change{View: next, At: now, Causes: causes})
	if len(c.changes) > maxChanges {
		c.changes = c.changes[1:]
	}
}

// forget drops dead servers from the volunteers (V8). Members of the view stay members until the view changes.
func (c *Core) forget(now time.Duration) {
	for i := range c.servers {
		if s := &c.servers[i]; c.dead(s, now) && !c.member(s) {
			s.joined = 0
		}
	}
}

func (c *Core) dead(s *server, now time.Duration) bool { return now-s.heard >= c.limit() }

func (c *Core) lost(s *server, now time.Duration) bool { return s.restarted || c.dead(s, now) }

// loss returns the cause that tells how s, a member of the view, was lost.
func (c *Core) loss(s *server, now time.Duration) Cause {
	cause := Cause{Server: s.name, Silent: now - s.heard, Allowed: c.limit()}
	primary := s.name == c.view.Primary
	switch {
	case s.restarted && primary:
		cause.Code = PrimaryRestarted
	case s.restarted:
		cause.Code = BackupRestarted
	case primary:
		cause.Code = PrimarySilent
	default:
		cause.Code = BackupSilent
	}
	return cause
}
