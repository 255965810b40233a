package viewservice

import (
	"context"
	"fmt"
	"log/slog"
	"time"
)

// logbook writes what changes for a viewservice to a log, for those who run it as a process: nothing per ping. The goroutine
// that owns the core keeps it.
type logbook struct {
	log     *slog.Logger
	looked  time.Duration
	view    Number // newest that was told
	acked   bool
	members map[string]Member // by name, as they were told
	notices map[string]Code   // likewise

	blocked Cause // why no view is formed; told once it has lasted
	since   time.Duration
	told    Code
}

// look notes what has changed. It looks at a view that was just formed at once, at all else once per interval.
func (b *logbook) look(c *Core, now time.Duration) {
	if c.view.Viewnum == b.view && c.acked == b.acked && b.looked > 0 && now-b.looked < c.cfg.PingInterval {
		return
	}
	b.looked = now
	s := c.Status(now)
	b.servers(s.Servers)
	for _, change := range s.Changes {
		if change.View.Viewnum > b.view {
			b.log.Info(fmt.Sprintf("view %d", change.View.Viewnum), "primary", change.View.Primary, "backup", change.View.Backup, "why", change.Reasons(", "))
			b.acked = false
		}
	}
	if s.Acked && !b.acked {
		b.log.Info(fmt.Sprintf("view %d is acknowledged", s.View.Viewnum))
	}
	b.view, b.acked = s.View.Viewnum, s.Acked
	b.stuck(s, now)
	b.notice(s.Notices)
}

// servers notes which were heard first, came back, or fell silent.
func (b *logbook) servers(all []Member) {
	now := map[string]Member{}
	for _, m := range all {
		now[m.Name] = m
		switch before, known := b.members[m.Name]; {
		case !known:
			b.log.Info("joined", "server", m.Name, "boot", m.Boot)
		case before.Boot != m.Boot:
			b.log.Info("started anew", "server", m.Name, "boot", m.Boot)
		case m.Dead && !before.Dead:
			b.log.Warn("silent for too long", "server", m.Name, "silent", m.Silent)
		case !m.Dead && before.Dead:
			b.log.Info("heard again", "server", m.Name)
		}
	}
	b.members = now
}

// stuck notes why a view that is needed is not formed, once that has lasted for longer than a server may be silent.
func (b *logbook) stuck(s Status, now time.Duration) {
	if s.Blocked.Code != b.blocked.Code {
		b.blocked, b.since = s.Blocked, now
	}
	lasting := now-b.since >= time.Duration(s.DeadPings)*s.PingInterval || s.Blocked.ForEver()
	if s.Blocked.Code == b.told || !lasting {
		return
	}
	b.told = s.Blocked.Code
	level := slog.LevelWarn
	switch {
	case b.told == CodeNone:
		b.log.Info("nothing holds up the next view any more")
		return
	case s.Blocked.ForEver():
		level = slog.LevelError
	case b.told == NoServer:
		level = slog.LevelInfo
	}
	b.log.Log(context.Background(), level, "no view is formed", "why", s.Blocked)
}

// notice notes what seems to be wrong with how servers were set up.
func (b *logbook) notice(all []Cause) {
	now := map[string]Code{}
	for _, n := range all {
		now[n.Server] = n.Code
		if b.notices[n.Server] != n.Code {
			b.log.Warn(n.String())
		}
	}
	b.notices = now
}
