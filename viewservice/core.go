package viewservice

import (
	"errors"
	"fmt"
	"time"

	"cluster/splitbrain/viewservice/rules"
)

// Defaults and limits.
const (
	DefaultPingInterval = 100 * time.Millisecond
	DefaultDeadPings    = 5

	maxName    = 256  // bytes of a server's name
	maxServers = 1024 // names remembered; the longest forgotten goes first
	maxChanges = 256  // views remembered with their causes
)

// Config is what a Core needs to know.
type Config struct {
	PingInterval time.Duration
	DeadPings    int
	Restarted    bool           // an earlier boot of this viewservice may have formed views (V9)
	Disabled     rules.Disabled // rules that are switched off
}

// Validate says what is wrong with the configuration.
func (c Config) Validate() error {
	if c.PingInterval <= 0 {
		return fmt.Errorf("ping interval %v: must be positive", c.PingInterval)
	}
	if c.DeadPings < 1 {
		return fmt.Errorf("dead pings %d: must be at least 1", c.DeadPings)
	}
	return nil
}

// Core is the rules of the viewservice, V1 to V10, as a value: no clock, no I/O, equal events give equal states (A1). Times
// are those of its caller's clock, counted from any beginning; they must not go backwards. Not safe for concurrent use.
type Core struct {
	cfg   Config
	view  View
	acked bool

	// obstacle says why no view can ever be formed again (V9).
	obstacle Cause

	seen    time.Duration // the latest time of any event
	servers []server      // at most maxServers, in the order in which they were first heard
	joins   uint64        // how often a server has become a volunteer so far
	changes []Change      // the newest maxChanges views, oldest first
}

// server is what the viewservice knows about the server of one name.
type server struct {
	name      string
	boot      uint64
	entered   Number
	heard     time.Duration
	joined    uint64 // place among the volunteers, by the count of joins; 0: forgotten (V8), never so of a member
	restarted bool   // lost its state since the current view was formed (V7)
	setup     setup
}

// New returns a Core in view 0: no server has pinged. cfg must be valid.
func New(cfg Config) *Core {
	c := &Core{cfg: cfg}
	if cfg.Restarted {
		c.obstacle = Cause{Code: Amnesia}
	}
	return c
}

// Ping handles a server's ping, and returns the view after it. The error says why the ping was refused: a bad name, or too
// many servers. A refused ping has no effect.
func (c *Core) Ping(now time.Duration, a PingArgs) (PingReply, error) {
	c.decide(now) // servers that were silent for too long were lost before this ping came
	s, err := c.hear(now, a)
	if err != nil {
		return PingReply{}, err
	}
	if a.Viewnum > c.view.Viewnum && c.obstacle.Code == CodeNone {
		c.obstacle = Cause{Code: Stranger, Server: a.Me, View: a.Viewnum}
	}
	switch {
	case s == nil || c.obstacle.Code != CodeNone:
		// The ping is old, or nothing may follow (V9): it has no effect.
	case c.view.Viewnum == 0:
		c.form(now, View{Primary: a.Me}, []Cause{{Code: FirstPing, Server: a.Me}}) // V1
	case c.acknowledges(s, a):
		c.acked = true
		if a.BackupLost && c.view.Backup != "" {
			c.giveUpBackup(now)
		}
	case a.Boot == 0 && a.Viewnum == 0 && c.acked && c.member(s) && !s.restarted && !c.off(rules.RestartDetection):
		c.restart(s)
	}
	c.decide(now)
	reply := PingReply{View: c.view, Acked: c.acked, Boot: a.Boot}
	if s := c.find(a.Me); s != nil {
		c.note(s, now, a)
		reply.Boot, reply.Notice = max(s.boot, a.Boot), c.notice(s, now)
	}
	return reply, nil
}

// SetDisabled sets which rules are off from now on.
func (c *Core) SetDisabled(off rules.Disabled) { c.cfg.Disabled = off }

func (c *Core) off(r rules.Rule) bool { return c.cfg.Disabled.Has(r) }

// Silence is a Tick at which the server of that name, and no other, has not been heard for DeadPings intervals. It is for
// worlds in which events have an order and no times.
func (c *Core) Silence(now time.Duration, name string) {
	if s := c.find(name); s != nil {
		s.heard = now - c.limit()
	}
	c.decide(now)
}

// Quiet is a Tick at which the server of that name was not heard for so long that it may lead no next view, though it is not
// dead (V5). It is for worlds in which events have an order and no times.
func (c *Core) Quiet(now time.Duration, name string) {
	if s := c.find(name); s != nil {
		s.heard = min(s.heard, now-c.lately()-c.cfg.PingInterval/2)
	}
	c.decide(now)
}

// Tick says that it is now. Due at Deadline at the latest.
func (c *Core) Tick(now time.Duration) { c.decide(now) }

// Current returns the current view, and whether it is acknowledged (V2).
func (c *Core) Current() (View, bool) { return c.view, c.acked }

// Deadline returns the next time at which a Tick can change anything unless a ping comes before; ok is false if there is
// none.
func (c *Core) Deadline() (at time.Duration, ok bool) {
	for i := range c.servers {
		// Nothing more happens to servers that are dead already until they ping.
		if d := c.servers[i].heard + c.limit(); d > c.seen && (!ok || d < at) {
			at, ok = d, true
		}
	}
	return at, ok
}

// hear notes what the ping says about its sender, and returns the sender; nil for a ping that must have no effect.
func (c *Core) hear(now time.Duration, a PingArgs) (*server, error) {
	if a.Me == "" || len(a.Me) > maxName {
		return nil, fmt.Errorf("ping from a name of %d bytes: 1 to %d allowed", len(a.Me), maxName)
	}
	s := c.find(a.Me)
	if s == nil {
		if err := c.makeRoom(); err != nil {
			return nil, err
		}
		c.servers = append(c.servers, server{name: a.Me, boot: a.Boot})
		s = &c.servers[len(c.servers)-1]
	}
	switch {
	case a.Boot < s.boot:
		return nil, nil // V7
	case a.Boot > s.boot:
		c.newBoot(s, a.Boot)
	case a.Boot > 0 && a.Viewnum < s.entered:
		return nil, nil // H19: a later ping of the same boot has overtaken this one, which is no sign of life
	}
	if s.joined == 0 {
		c.join(s)
	}
	s.heard = now
	if !a.BackupLost { // a primary that gives its backup up never enters that view (S4), and may ping an older one next
		s.entered = a.Viewnum
	}
	return s, nil
}

// newBoot notes that s came back with a newer boot id, and so without its state (V7). Only the primary of an unacknowledged
// view 1 loses nothing by that: it has answered no client yet.
func (c *Core) newBoot(s *server, boot uint64) {
	s.boot, s.entered = boot, 0
	if c.off(rules.RestartDetection) {
		return
	}
	if c.member(s) && (c.acked || c.view.Viewnum > 1) {
		c.restart(s)
		return
	}
	c.join(s)
}

// restart notes that s, a member of the view, has lost its state.
func (c *Core) restart(s *server) {
	s.restarted = true
	c.join(s)
}

// join puts s at the end of the volunteers. A member of the view becomes a volunteer once the view is without it.
func (c *Core) join(s *server) {
	c.joins++
	s.joined = c.joins
}

// acknowledges reports whether the ping acknowledges the current view (V2). A primary that restarted can't (V7).
func (c *Core) acknowledges(s *server, a PingArgs) bool {
	return !c.acked && s.name == c.view.Primary && !s.restarted && a.Viewnum == c.view.Viewnum
}

// makeRoom lets the table of servers have room for one more: it removes the server that was silent for longest of those
// that are forgotten, or else of those that have entered no view: names that somebody makes up must not keep servers out.
// The error says that there is none.
func (c *Core) makeRoom() error {
	if len(c.servers) < maxServers {
		return nil
	}
	oldest := c.longestSilent(func(s *server) bool { return s.joined == 0 })
	if oldest < 0 {
		oldest = c.longestSilent(func(s *server) bool { return s.entered == 0 && !c.member(s) })
	}
	if oldest < 0 {
		return errors.New("too many servers")
	}
	c.servers = append(c.servers[:oldest], c.servers[oldest+1:]...)
	return nil
}

// longestSilent returns the index of the server that was silent for longest of those that match; -1 if none does.
func (c *Core) longestSilent(match func(*server) bool) int {
	oldest := -1
	for i := range c.servers {
		if s := &c.servers[i]; match(s) && (oldest < 0 || s.heard < c.servers[oldest].heard) {
			oldest = i
		}
	}
	return oldest
}

func (c *Core) find(name string) *server {
	for i := range c.servers {
		if c.servers[i].name == name {
			return &c.servers[i]
		}
	}
	return nil
}

func (c *Core) member(s *server) bool {
	return s.name == c.view.Primary || s.name == c.view.Backup
}

func (c *Core) limit() time.Duration {
	return time.Duration(c.cfg.DeadPings) * c.cfg.PingInterval
}
