package engine

import (
	"fmt"
	"slices"
	"strings"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice"
	"cluster/splitbrain/viewservice/rules"
)

// Explain says in one line what matters most about s: what is lost, then what is stuck, then what is under way, and
// if nothing is, how the service answers. It looks at s alone.
func Explain(s Snapshot) Why {
	p := look(s)
	w := p.first()
	if s.Paused {
		return p.standing(w)
	}
	return w
}

func (p picture) first() Why {
	for _, explain := range []func(picture) Why{
		picture.viewsAway, picture.noView, picture.stuckView, picture.dataAway,
		picture.primaryFails, picture.primaryRefuses, picture.backupFails, picture.backupUnheard, picture.backupHeld,
		picture.transfer, picture.unacknowledged, picture.clientsWait, picture.oldPrimary, picture.deafPrimary, picture.alone,
	} {
		if w := explain(p); w.Text != "" {
			return w
		}
	}
	return p.calm()
}

// standing tells that time is paused, after what is worse.
func (p picture) standing(w Why) Why {
	waits := p.waiting()
	switch {
	case w.Level > Busy:
	case w.Level == Busy:
		w.Text += "; time is paused"
	case waits != "":
		return Why{waits + ": time is paused, nothing moves until resume or step", Stuck}
	default:
		w.Text = "time is paused: nothing moves until resume or step"
	}
	return w
}

// viewsAway tells that no view can follow on this one, and whether the service goes on.
func (p picture) viewsAway() Why {
	blocked := p.Viewservice.Status.Blocked
	w := Why{Level: Lost}
	switch {
	case p.Viewservice.State == netsim.Crashed:
		w.Text = "the viewservice is down"
	case blocked.Code == viewservice.Amnesia, blocked.Code == viewservice.Stranger:
		w.Text = "the viewservice was restarted and remembers nothing (V9)"
	case p.Viewservice.State == netsim.Frozen:
		w = Why{"the viewservice is frozen", Stuck}
	default:
		return Why{}
	}
	goesOn, text := p.service()
	w.Text += ": " + text
	if goesOn && w.Level == Stuck {
		w.Text += ", but no failure is answered by a new view until it thaws"
	} else if goesOn {
		w.Text += ", but no failure can be answered by a new view, by design"
	}
	return w
}

// service says whether clients are answered as long as the view stays.
func (p picture) service() (goesOn bool, text string) {
	switch {
	case p.primary == nil:
		return false, "there is no view, and nobody serves"
	case p.primary.emptied():
		return false, fmt.Sprintf("%s, and nobody can take over in view %d, by design (V5)", p.primary.fate(), p.view.Viewnum)
	case p.primary.State == netsim.Frozen:
		return false, p.primary.Name + " is frozen, and nobody else may serve"
	case p.backup == nil || p.primary.Status.Phase != pbservice.PhaseWaiting:
		return true, fmt.Sprintf("service goes on in view %d (S12)", p.view.Viewnum)
	}
	waits := fmt.Sprintf("%s waits for %s", p.primary.Name, p.backup.Name)
	if p.backup.emptied() {
		return false, fmt.Sprintf("%s for ever: %s (S5)", waits, p.backup.fate())
	}
	if why := p.between(p.primary.Name, p.backup.Name); why != "" {
		return false, fmt.Sprintf("%s: %s (S5)", waits, why)
	}
	if p.backup.State == netsim.Frozen {
		return false, fmt.Sprintf("%s, which is frozen (S5)", waits)
	}
	return true, fmt.Sprintf("service goes on in view %d (S12)", p.view.Viewnum)
}

// noView tells why there is no first view yet.
func (p picture) noView() Why {
	if p.view.Viewnum > 0 {
		return Why{}
	}
	for _, s := range p.Servers {
		if s.State == netsim.Up && p.between(s.Name, ViewAddr) == "" {
			return Why{"no server has pinged yet: the first one becomes primary (V1)", Busy}
		}
	}
	return Why{"no server reaches the viewservice: the first one to ping will be primary (V1)", Stuck}
}

// stuckView tells that the primary is lost before it acknowledged the view: nobody may follow it (V3).
func (p picture) stuckView() Why {
	switch b := p.Viewservice.Status.Blocked; {
	case b.Code == viewservice.UnackedRestart:
		return Why{b.String(), Lost}
	case b.Code != viewservice.UnackedDead || p.primary == nil:
		return Why{}
	}
	name, n := p.primary.Name, p.view.Viewnum
	unacked := fmt.Sprintf("view %d is not acknowledged: ", n)
	switch away := p.away(p.primary); {
	case p.primary.emptied() && n == 1:
		return Why{unacked + name + " crashed before Ping(1). It promised nothing: its next start may be primary again (V7)", Stuck}
	case p.primary.emptied():
		return Why{fmt.Sprintf("%s%s died before Ping(%d). The ack rule forbids moving on: stuck for ever, by design (V3)", unacked, name, n), Lost}
	case away != "":
		return Why{fmt.Sprintf("%s%s, and only %s can send Ping(%d). The ack rule forbids moving on (V3)", unacked, away, name, n), Stuck}
	}
	return Why{fmt.Sprintf("%s%s is back and will send Ping(%d) (V3)", unacked, name, n), Busy}
}

// dataAway tells that all who hold the data are lost, as far as the viewservice can tell (V5), and whether one of
// them can still return with it.
func (p picture) dataAway() Why {
	switch p.Viewservice.Status.Blocked.Code {
	case viewservice.LoneLost, viewservice.LoneRestarted, viewservice.BothLost, viewservice.BothRestarted:
	default:
		return Why{}
	}
	var gone, away, back []string
	for _, h := range []*part{p.primary, p.backup} {
		switch {
		case h == nil:
		case h.emptied():
			gone = append(gone, h.fate())
		case p.away(h) != "":
			away = append(away, p.away(h))
		default:
			back = append(back, h.Name)
		}
	}
	switch {
	case len(back) > 0:
		return Why{fmt.Sprintf("%s is back with the data of view %d, and is about to ping (V5)", back[0], p.view.Viewnum), Busy}
	case len(away) > 0:
		return Why{fmt.Sprintf("nobody may serve: only a server of view %d has the data, and %s (V5)",
			p.view.Viewnum, strings.Join(slices.Concat(away, gone), ", ")), Stuck}
	}
	return Why{fmt.Sprintf("the data of view %d is lost for ever: %s. Nobody else had it, so nobody may serve, by design (V5)",
		p.view.Viewnum, strings.Join(gone, ", ")), Lost}
}

// primaryFails tells of a primary that the viewservice is about to declare dead.
func (p picture) primaryFails() Why {
	if p.primary == nil {
		return Why{}
	}
	how := p.failing(p.primary)
	if how == "" {
		return Why{}
	}
	name, n := p.primary.Name, p.view.Viewnum
	switch {
	case p.awaitsPing() && n == 1:
		return Why{how + ", and view 1 waits for its Ping(1), or that of its next start (V3 V7)", min(p.unless(p.primary), Stuck)}
	case p.awaitsPing():
		return Why{fmt.Sprintf("%s, and view %d waits for its Ping(%d): nobody else may be made primary before (V3)", how, n, n), p.unless(p.primary)}
	case p.Disabled.Has(rules.Continuity) && (p.backup == nil || p.failing(p.backup) != ""):
		return Why{how + ": then a server without the data may take over, since continuity is off (V5)", Busy}
	case p.backup == nil:
		return Why{fmt.Sprintf("%s, and nobody else has the data: nobody can take over (V5)", how), p.unless(p.primary)}
	case p.failing(p.backup) != "":
		return Why{fmt.Sprintf("%s, and %s: nobody else has the data (V5)", how, p.failing(p.backup)), p.unless(p.primary, p.backup)}
	case p.primary.reborn():
		return Why{fmt.Sprintf("%s: once %s pings, %s takes over (V7 V5)", how, name, p.backup.Name), Busy}
	}
	return Why{fmt.Sprintf("%s: then %s takes over (V4 V5)", how, p.backup.Name), Busy}
}

// awaitsPing reports whether the view may not change before it is acknowledged (V3).
func (p picture) awaitsPing() bool {
	return !p.Viewservice.Status.Acked && !p.Disabled.Has(rules.AckRule)
}

// primaryRefuses tells why the primary turns clients away.
func (p picture) primaryRefuses() Why {
	if p.primary == nil || p.primary.Status.View.Viewnum != p.view.Viewnum {
		return Why{}
	}
	switch refuses := p.primary.Status.Refuses; refuses.Code {
	case pbservice.NoState:
		return Why{refuses.String(), Stuck}
	case pbservice.BackupRefuse, pbservice.Unconfirmed:
		return Why{refuses.String(), Busy}
	}
	return Why{}
}

// backupFails tells of a backup that the viewservice is about to declare dead.
func (p picture) backupFails() Why {
	if p.primary == nil || p.backup == nil {
		return Why{}
	}
	how := p.failing(p.backup)
	switch {
	case how == "":
		return Why{}
	case p.Viewservice.Status.Acked:
		return Why{fmt.Sprintf("%s: then %s goes on without it; until then operations wait (V4 S5)", how, p.primary.Name), Busy}
	}
	return Why{fmt.Sprintf("%s: %s gives it up and acknowledges view %d without it (S4 V10)", how, p.primary.Name, p.view.Viewnum), Busy}
}

// backupUnheard tells of a primary and a backup that can't talk, though the viewservice hears both.
func (p picture) backupUnheard() Why {
	if p.primary == nil || p.backup == nil {
		return Why{}
	}
	cut := p.between(p.primary.Name, p.backup.Name)
	switch waits := p.waiting(); {
	case cut == "":
		return Why{}
	case !p.Viewservice.Status.Acked:
		return Why{fmt.Sprintf("%s: %s can't fill %s, gives it up and goes on without it (S4 V10)", cut, p.primary.Name, p.backup.Name), Busy}
	case waits != "":
		return Why{fmt.Sprintf("%s: %s, both still reach vs, so the view stays (V4)", waits, cut), Stuck}
	}
	return Why{fmt.Sprintf("the next operation will wait: %s, both still reach vs, so the view stays (V4)", cut), Stuck}
}

// backupHeld tells that what primary and backup say to each other waits for a person.
func (p picture) backupHeld() Why {
	if p.primary == nil || p.backup == nil {
		return Why{}
	}
	held, waits := p.heldBack(p.primary.Name, p.backup.Name), p.waiting()
	switch {
	case held != "" && waits != "":
		return Why{fmt.Sprintf("%s: %s (S5)", waits, held), Stuck}
	case held != "" && !p.Viewservice.Status.Acked:
		return Why{fmt.Sprintf("%s waits to fill %s: %s (S4)", p.primary.Name, p.backup.Name, held), Stuck}
	case held != "":
		return Why{held + ": deliver, duplicate or drop it by hand", Stuck}
	case p.holds(p.primary.Name, p.backup.Name):
		return Why{fmt.Sprintf("the next operation will wait: %s > %s holds messages (S5)", p.primary.Name, p.backup.Name), Stuck}
	case p.holds(p.backup.Name, p.primary.Name):
		return Why{fmt.Sprintf("the next operation will wait: %s > %s holds messages (S5)", p.backup.Name, p.primary.Name), Stuck}
	}
	return Why{}
}

// transfer tells how far the filling of the backup has come.
func (p picture) transfer() Why {
	if p.primary == nil || p.backup == nil || p.primary.Status.Phase != pbservice.PhaseTransferring {
		return Why{}
	}
	text := fmt.Sprintf("%s fills %s", p.primary.Name, p.backup.Name)
	if t := p.primary.Status.Transfer; t.Keys > 0 {
		text += fmt.Sprintf(", %d of %d keys done", t.Done, t.Keys)
	}
	text += ": it answers clients alone meanwhile (S6)"
	if slow := p.slow(p.primary.Name, p.backup.Name); slow != "" {
		text += fmt.Sprintf("; with “%s” it may give %s up (S4)", slow, p.backup.Name)
	}
	return Why{text, Busy}
}

// unacknowledged tells what the view still waits for.
func (p picture) unacknowledged() Why {
	if p.Viewservice.Status.Acked || p.primary == nil {
		return Why{}
	}
	name, n := p.primary.Name, p.view.Viewnum
	switch {
	case p.cut(ViewAddr, name):
		return Why{fmt.Sprintf("%s can't learn of view %d: %s > %s is cut (V3)", name, n, ViewAddr, name), Stuck}
	case p.holds(ViewAddr, name):
		return Why{fmt.Sprintf("%s can't learn of view %d: %s > %s holds messages (V3)", name, n, ViewAddr, name), Stuck}
	case p.primary.Status.Phase == pbservice.PhaseGivenUp:
		return Why{fmt.Sprintf("%s has given %s up and acknowledges view %d without it (V10)", name, p.view.Backup, n), Busy}
	}
	return Why{fmt.Sprintf("view %d waits for Ping(%d) from %s (V2)", n, n, name), Busy}
}

// clientsWait tells of an operation that takes longer than a healthy cluster needs.
func (p picture) clientsWait() Why {
	for _, k := range p.Clients {
		if k.Running && k.Since > 2*p.Config.PingInterval {
			level := Busy
			if len(p.Faults) > 0 {
				level = Stuck
			}
			return Why{fmt.Sprintf("%s waits: %s", k.Name, k.Waits), level}
		}
	}
	return Why{}
}

// oldPrimary tells of a server that has not learnt that it was replaced.
func (p picture) oldPrimary() Why {
	for _, s := range p.Servers {
		old := s.Status.View
		if s.Status.Role == pbservice.Primary && old.Viewnum < p.view.Viewnum && s.Name != p.view.Primary {
			if s.State == netsim.Frozen {
				return Why{fmt.Sprintf("%s is frozen: when it thaws, it will still take itself for the primary of view %d%s",
					s.Name, old.Viewnum, p.harm(s)), Busy}
			}
			return Why{fmt.Sprintf("%s still takes itself for the primary of view %d%s", s.Name, old.Viewnum, p.harm(s)), Busy}
		}
	}
	return Why{}
}

// harm says what a server that was replaced can still do: nothing, unless a rule that forbids it is off.
func (p picture) harm(s ServerState) string {
	for _, off := range []struct {
		rule rules.Rule
		harm string
	}{
		{rules.WaitForBackup, ", and answers clients alone"},
		{rules.ForwardGets, ", and answers Gets alone"},
		{rules.BackupChecksView, ", and " + s.Status.View.Backup + " confirms what it says"},
	} {
		if p.Disabled.Has(off.rule) {
			return fmt.Sprintf("%s, since %s is off %s", off.harm, off.rule, off.rule.Refs())
		}
	}
	return fmt.Sprintf(": it completes nothing, since %s is past that view (S7)", s.Status.View.Backup)
}

// deafPrimary tells of a primary that the viewservice hears, and that hears nothing from it.
func (p picture) deafPrimary() Why {
	if p.primary == nil || !p.cut(ViewAddr, p.primary.Name) || p.cut(p.primary.Name, ViewAddr) {
		return Why{}
	}
	name, n := p.primary.Name, p.view.Viewnum
	return Why{fmt.Sprintf("%s serves on in view %d: its pings arrive, but %s > %s is cut, and it will learn of no other view (V3)",
		name, n, ViewAddr, name), Busy}
}

// alone tells that a view has no backup.
func (p picture) alone() Why {
	if p.primary == nil || p.backup != nil {
		return Why{}
	}
	for _, m := range p.Viewservice.Status.Servers {
		if m.Place == 1 {
			return Why{fmt.Sprintf("%s serves alone, and %s is about to join (V4)", p.primary.Name, m.Name), Busy}
		}
	}
	return Why{p.primary.Name + " serves alone: if it fails too, the data is lost (V5)", Calm}
}

func (p picture) calm() Why {
	if p.primary == nil || p.backup == nil {
		return Why{Text: fmt.Sprintf("view %v is acknowledged", p.view)}
	}
	if p.Disabled.Has(rules.WaitForBackup) {
		return Why{Text: fmt.Sprintf("view %d: %s answers before %s has confirmed, since wait-for-backup is off (S5)",
			p.view.Viewnum, p.primary.Name, p.backup.Name)}
	}
	return Why{Text: fmt.Sprintf("view %d: %s answers once %s has confirmed (S5)", p.view.Viewnum, p.primary.Name, p.backup.Name)}
}
