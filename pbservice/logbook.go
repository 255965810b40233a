package pbservice

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/rpc"
	"strings"

	"cluster/splitbrain/viewservice"
)

// logbook writes what changes for a server to a log, for those who run it as a process: nothing per operation, and nothing
// twice in a row. The goroutine that owns the core keeps it.
type logbook struct {
	log   *slog.Logger
	views string // the viewservice's address
	dead  int    // pings without an answer after which the viewservice counts as lost

	boot     uint64
	view     viewservice.View
	entered  viewservice.Number
	phase    phase
	refuses  Code
	notice   viewservice.Cause
	heard    bool   // the viewservice has answered once
	missed   int    // pings since its last answer that failed
	pingErr  string // why, as it was told
	lost     bool   // it was told
	deaf     string // a backup that can't be reached
	deafness string // why, as it was told
}

// pinged notes the answer to a ping.
func (b *logbook) pinged(r viewservice.PingReply) {
	switch {
	case !b.heard:
		b.log.Info("joined: the viewservice answers", "views", b.views)
	case b.lost:
		b.log.Info("the viewservice answers again", "views", b.views)
	}
	b.heard, b.lost, b.missed, b.pingErr = true, false, 0, ""
	if r.Notice.Code != b.notice.Code && r.Notice.Code != viewservice.CodeNone {
		b.log.Warn(r.Notice.String())
	}
	b.notice = r.Notice
}

// unanswered notes why a ping was not answered. One that is lost is no news, unless the viewservice was never heard.
func (b *logbook) unanswered(err error) {
	b.missed++
	if b.heard && b.missed < b.dead || err.Error() == b.pingErr {
		return
	}
	b.lost, b.pingErr = true, err.Error()
	said, answers := errors.AsType[rpc.ServerError](err)
	switch {
	case !answers:
		b.log.Warn("the viewservice does not answer", "views", b.views, "why", err)
	case strings.HasPrefix(string(said), "rpc: can't find "):
		b.log.Error("what answers there is no viewservice", "views", b.views, "why", err)
	default:
		b.log.Error("the viewservice refuses this server", "views", b.views, "why", err)
	}
}

// answered notes whether a backup has answered; why not, if not.
func (b *logbook) answered(backup string, err error) {
	switch {
	case err == nil && b.deaf == backup:
		b.log.Info("the backup answers", "backup", backup)
		b.deaf, b.deafness = "", ""
	case err != nil && (b.deaf != backup || b.deafness != err.Error()):
		b.log.Warn("the backup can't be reached", "backup", backup, "why", err)
		b.deaf, b.deafness = backup, err.Error()
	}
}

// look notes what has changed in the core.
func (b *logbook) look(c *Core) {
	if c.cfg.Boot != b.boot && b.boot != 0 {
		b.log.Warn("the viewservice knows a later start of this server than this one: was the clock set back? It counts as the newer one now (V7)")
	}
	if c.view != b.view {
		b.log.Info(fmt.Sprintf("view %d", c.view.Viewnum), "primary", c.view.Primary, "backup", c.view.Backup, "this server", c.Role())
	}
	if c.entered != b.entered && c.entered > 0 {
		b.log.Info(fmt.Sprintf("entered view %d", c.entered))
	}
	if c.stream.phase != b.phase && c.stream.phase != none {
		b.log.Info("as primary: "+phaseTold[c.stream.phase], "backup", c.view.Backup)
	}
	why := c.refusal()
	if level, told := refusalLevels[why.Code]; told && why.Code != b.refuses {
		b.log.Log(context.Background(), level, "refuses clients", "why", why)
	}
	b.boot, b.view, b.entered, b.phase, b.refuses = c.cfg.Boot, c.view, c.entered, c.stream.phase, why.Code
}

var phaseTold = map[phase]string{
	alone: "serves without a backup", transferring: "fills the backup", waiting: "the backup is complete, and operations wait for it",
	abandoned: "gives the backup up, which can't be filled", stalled: "the backup refuses",
}

// refusalLevels are how bad it is that a server refuses clients. What every server does that is not primary is not told.
var refusalLevels = map[Code]slog.Level{
	NoState: slog.LevelError, Replaced: slog.LevelError, BackupRefuse: slog.LevelWarn, Unconfirmed: slog.LevelDebug,
}
