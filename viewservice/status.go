package viewservice

import (
	"slices"
	"time"

	"cluster/splitbrain/viewservice/rules"
)

// Status is all that an observer may want to know about a viewservice at one moment (A8). Its times are ages.
type Status struct {
	Cluster      ClusterID // 0 if a Core is asked, which knows of none
	View         View
	Acked        bool
	PingInterval time.Duration
	DeadPings    int
	Up           time.Duration // how long the viewservice has been alive

	Blocked Cause     // why a view that is needed can't be formed; no cause if none is needed
	Servers []Member  // in the order in which they were first heard
	Changes []Change  // the newest 256 views with their causes, oldest first
	Refused []Refused // servers of other clusters that ping, the newest last
	Notices []Cause   // what seems to be wrong with how servers were set up, in the order of Servers
}

// Member is what the viewservice knows about one server.
type Member struct {
	Name      string
	Boot      uint64
	Entered   Number        // the newest view that it has pinged
	Silent    time.Duration // since its last ping
	Dead      bool          // silent for DeadPings intervals
	Restarted bool          // came back without its state since the view was formed (V7)
	Place     int           // among the volunteers, from 1; 0: it is none
}

// Member returns what the viewservice knows about the server of that name; nil if it was never heard.
func (s *Status) Member(name string) *Member {
	for i := range s.Servers {
		if s.Servers[i].Name == name {
			return &s.Servers[i]
		}
	}
	return nil
}

// Status returns the Status at time now. It is an event like Tick, and may form a view.
func (c *Core) Status(now time.Duration) Status {
	c.decide(now)
	s := Status{
		View: c.view, Acked: c.acked, PingInterval: c.cfg.PingInterval, DeadPings: c.cfg.DeadPings, Up: now,
		Blocked: c.blocked(now), Changes: slices.Clone(c.changes), Servers: make([]Member, len(c.servers)),
	}
	for i := range c.servers {
		v := &c.servers[i]
		s.Servers[i] = Member{
			Name: v.name, Boot: v.boot, Entered: v.entered, Silent: now - v.heard,
			Dead: c.dead(v, now), Restarted: v.restarted, Place: c.place(v, now),
		}
		if notice := c.notice(v, now); notice.Code != CodeNone {
			s.Notices = append(s.Notices, notice)
		}
	}
	return s
}

func (c *Core) place(v *server, now time.Duration) int {
	waits := func(s *server) bool { return s.joined > 0 && !c.member(s) && !c.dead(s, now) }
	if !waits(v) {
		return 0
	}
	place := 1
	for i := range c.servers {
		if s := &c.servers[i]; waits(s) && s.joined < v.joined {
			place++
		}
	}
	return place
}

// blocked returns Status.Blocked.
func (c *Core) blocked(now time.Duration) Cause {
	cause := c.heldUp(now)
	if _, ends := lawless[cause.Code]; ends && (c.acked || c.view.Viewnum > 1) { // nobody has any data in an unacknowledged view 1
		cause.Off = c.trusting()
	}
	return cause
}

// trusting is the rule that is off by which a server may serve without the data (S2); "" if none may.
func (c *Core) trusting() string {
	for _, r := range []rules.Rule{rules.Continuity, rules.RestartDetection} {
		if c.off(r) {
			return r.String()
		}
	}
	return ""
}

// heldUp is blocked as if no server could serve without the data.
func (c *Core) heldUp(now time.Duration) Cause {
	switch {
	case c.obstacle.Code != CodeNone:
		return c.obstacle
	case c.view.Viewnum == 0:
		return Cause{Code: NoServer}
	}
	primary, backup := c.find(c.view.Primary), c.find(c.view.Backup)
	if !c.acked && !c.off(rules.AckRule) {
		return c.unacknowledged(primary, backup, now)
	}
	if next, causes := c.wanted(now); len(causes) > 0 { // and not formed
		s := c.find(next.Primary)
		return Cause{Code: NextUnheard, Server: s.name, Silent: now - s.heard, Allowed: c.lately()}
	}
	if !c.lost(primary, now) {
		return Cause{}
	}
	cause := Cause{Code: LoneLost, Server: primary.name, Silent: now - primary.heard, Allowed: c.limit()}
	switch {
	case backup == nil && primary.restarted:
		cause.Code = LoneRestarted
	case backup == nil:
	case primary.restarted && backup.restarted:
		cause.Code, cause.Other = BothRestarted, backup.name
	default:
		cause.Code, cause.Other = BothLost, backup.name
	}
	return cause
}

// unacknowledged says what the ack rule (V3) holds up, if anything.
func (c *Core) unacknowledged(primary, backup *server, now time.Duration) Cause {
	cause := Cause{Server: primary.name, View: c.view.Viewnum, Silent: now - primary.heard, Allowed: c.limit()}
	switch {
	case primary.restarted:
		cause.Code = UnackedRestart
	case c.dead(primary, now):
		cause.Code = UnackedDead
	case backup != nil && c.lost(backup, now):
		cause.Code, cause.Other = UnackedLoss, backup.name
	default:
		return c.volunteerWaits(cause, backup, now)
	}
	return cause
}

func (c *Core) volunteerWaits(cause Cause, backup *server, now time.Duration) Cause {
	if backup != nil {
		return Cause{}
	}
	v := c.volunteer(now, cause.Server)
	if v == nil {
		return Cause{}
	}
	cause.Code, cause.Other = UnackedJoin, v.name
	return cause
}

// InspectArgs asks for the Status.
type InspectArgs struct{}

// MaxSize bounds the request.
func (*InspectArgs) MaxSize() int { return maxRequest }

// MaxSize bounds the reply: all servers that are remembered and all changes, with the longest of names.
func (*Status) MaxSize() int { return 2 << 20 }
