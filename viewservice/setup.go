package viewservice

import "time"

// setup is what pings tell of how a server was set up. It is told to people: no rule reads it, and states that differ in
// nothing else count as equal. Times are those of the core's caller.
type setup struct {
	boot    uint64        // the newest one
	since   time.Duration // when that was first heard
	twice   bool          // an older boot pinged, long after that
	older   time.Duration // when it did so last
	every   time.Duration // between the pings of the newest boot
	without string        // the primary that got no answer from it; "" for none
	tried   time.Duration // when that was told last
}

// note takes in what a ping tells of how its sender and its sender's backup were set up.
func (c *Core) note(s *server, now time.Duration, a PingArgs) {
	u := &s.setup
	switch {
	case a.Every == 0:
		return
	case a.Boot > u.boot:
		*u = setup{boot: a.Boot, since: now}
	case a.Boot < u.boot:
		// A ping that was under way while its sender crashed has arrived, or was given up, by then.
		if now-u.since > 2*c.limit() {
			u.twice, u.older = true, now
		}
		return
	}
	u.every = a.Every
	if backup := c.find(a.Unreached); backup != nil {
		backup.setup.without, backup.setup.tried = a.Me, now
	}
}

// notice says what seems to be wrong with how a server was set up, the worst of it; no cause if nothing is.
func (c *Core) notice(s *server, now time.Duration) Cause {
	u := &s.setup
	switch lasts := func(at time.Duration) bool { return now-at < 4*c.limit() }; {
	case c.dead(s, now):
	case u.twice && lasts(u.older):
		return Cause{Code: NameTwice, Server: s.name}
	case u.without != "" && lasts(u.tried) && !(c.acked && c.view.Backup == s.name):
		return Cause{Code: Unreached, Server: s.name, Other: u.without}
	case u.every != 0 && u.every != c.cfg.PingInterval:
		return Cause{Code: OtherInterval, Server: s.name, Silent: u.every, Allowed: c.cfg.PingInterval}
	}
	return Cause{}
}
