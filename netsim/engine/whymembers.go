package engine

import (
	"cluster/splitbrain/netsim"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice"
	"cluster/splitbrain/viewservice/rules"
)

// primaryFails tells of a primary that the viewservice is about to declare dead.
func (d diagnosis) primaryFails() Why {
	p, b, n := d.primary, d.backup, d.View.Viewnum
	how := d.failing(p)
	if how == "" {
		return Why{}
	}
	backupFails := ""
	if b != nil {
		backupFails = d.failing(b)
	}
	w, away := say("%s", how), d.unreachable(p)
	switch unacked := !d.Viewservice.Status.Acked && !d.Disabled.Has(rules.AckRule); {
	case unacked && n == 1:
		return d.cause(PrimaryFailsUnacked, away).why(min(d.severity(p), Stuck),
			w.then(", and view 1 waits for its Ping(1), or that of its next start").cite("V3", "V7"))
	case unacked:
		return d.cause(PrimaryFailsUnacked, away).why(d.severity(p),
			w.then(", and view %d waits for its Ping(%d): nobody else may be made primary before", n, n).cite("V3"))
	case d.Disabled.Has(rules.Continuity) && (b == nil || backupFails != ""):
		return d.cause(Usurps).why(Busy, w.then(": then a server without the data may take over, since continuity is off").cite("V5"))
	case b == nil:
		return d.cause(PrimaryFailsAlone, away).why(d.severity(p), w.then(", and nobody else has the data: nobody can take over").cite("V5"))
	case backupFails != "" && d.Viewservice.Status.Blocked.Code == viewservice.NextUnheard && d.severity(p, b) < Lost:
		return d.cause(FirstHeardServes, away, d.unreachable(b)).why(d.severity(p, b),
			w.then(", and %s: the first of them to ping with the data serves", backupFails).cite("V5"))
	case backupFails != "":
		return d.cause(PrimaryFailsToo, away, d.unreachable(b)).why(d.severity(p, b),
			w.then(", and %s: nobody else has the data", backupFails).cite("V5"))
	case p.rebooted():
		return d.cause(TakesOver).why(Busy, w.then(": once %s pings, %s takes over", p.Name, b.Name).cite("V7", "V5"))
	}
	return d.cause(TakesOver).why(Busy, w.then(": then %s takes over", b.Name).cite("V4", "V5"))
}

// primaryRefuses tells why the primary turns clients away.
func (d diagnosis) primaryRefuses() Why {
	if d.primary.Status.View.Viewnum != d.View.Viewnum {
		return Why{}
	}
	switch refuses := d.primary.Status.Refuses; refuses.Code {
	case pbservice.NoState:
		return d.cause(Refuses).why(Stuck, told(refuses))
	case pbservice.BackupRefuse, pbservice.Unconfirmed:
		return d.cause(Refuses).why(Busy, told(refuses))
	}
	return Why{}
}

// backupFails tells of a backup that the viewservice is about to declare dead.
func (d diagnosis) backupFails() Why {
	how, p := d.failing(d.backup), d.primary.Name
	switch {
	case how == "":
		return Why{}
	case d.Viewservice.Status.Acked:
		return d.cause(BackupFails).why(Busy, say("%s: then %s goes on without it; until then operations wait", how, p).cite("V4", "S5"))
	}
	return d.cause(BackupFailsUnacked).why(Busy,
		say("%s: %s gives it up and acknowledges view %d without it", how, p, d.View.Viewnum).cite("S4", "V10"))
}

// backupUnreachable tells of a primary and a backup that can't talk, though the viewservice hears both.
func (d diagnosis) backupUnreachable() Why {
	p, b := d.primary.Name, d.backup.Name
	cut := d.between(p, b)
	if !cut.is() {
		return Why{}
	}
	if !d.Viewservice.Status.Acked {
		return d.cause(BackupUnfillable).why(Busy, say("%s: %s can't fill %s, gives it up and goes on without it", cut.Text, p, b).cite("S4", "V10"))
	}
	return d.cause(BackupUnreachable, cut).why(Stuck, say("%s: %s, both still reach vs, so the view stays", d.whoWaits(), cut.Text).cite("V4"))
}

// whoWaits is who is not answered, now or later.
func (d diagnosis) whoWaits() string {
	if waits := d.waiting(); waits != "" {
		return waits
	}
	return "the next operation will wait"
}

// backupHeld tells that what primary and backup say to each other waits for a person.
func (d diagnosis) backupHeld() Why {
	p, b := d.primary.Name, d.backup.Name
	held := d.heldBetween(p, b)
	c := d.cause(BackupHeld, held)
	switch {
	case held.is() && d.waiting() != "":
		return c.why(Stuck, say("%s: %s", d.waiting(), held.Text).cite("S5"))
	case held.is() && !d.Viewservice.Status.Acked:
		return c.why(Stuck, say("%s waits to fill %s: %s", p, b, held.Text).cite("S4"))
	case held.is():
		return c.why(Stuck, say("%s: deliver, duplicate or drop it by hand", held.Text))
	}
	for _, l := range []Link{{p, b}, {b, p}} {
		if d.Holds(l.From, l.To) {
			o := holding(l.From, l.To)
			return d.cause(BackupHeld, o).why(Stuck, say("the next operation will wait: %s", o.Text).cite("S5"))
		}
	}
	return Why{}
}

// transfer tells how far the filling of the backup has come.
func (d diagnosis) transfer() Why {
	p, b := d.primary, d.backup
	if p.Status.Phase != pbservice.PhaseTransferring {
		return Why{}
	}
	w := say("%s fills %s", p.Name, b.Name)
	if t := p.Status.Transfer; t.Keys > 0 {
		w = w.then(", %d of %d keys done", t.Done, t.Keys)
	}
	w = w.then(": it answers clients alone meanwhile").cite("S6")
	if fault, slow := d.slow(p.Name, b.Name); slow {
		w = w.then("; with “%v” it may give %s up", fault, b.Name).cite("S4")
	}
	return d.cause(FillsBackup).why(Busy, w)
}

// unacknowledged tells what the view still waits for.
func (d diagnosis) unacknowledged() Why {
	name, n := d.primary.Name, d.View.Viewnum
	var deaf Obstacle
	switch {
	case d.Viewservice.Status.Acked:
		return Why{}
	case d.Cut(ViewAddr, name):
		deaf = cutLink(ViewAddr, name)
	case d.Holds(ViewAddr, name):
		deaf = holding(ViewAddr, name)
	case d.primary.Status.Phase == pbservice.PhaseGivenUp:
		return d.cause(BackupGivenUp).why(Busy,
			say("%s has given %s up and acknowledges view %d without it", name, d.View.Backup, n).cite("V10"))
	default:
		return d.cause(AckComes).why(Busy, say("view %d waits for Ping(%d) from %s", n, n, name).cite("V2"))
	}
	return d.cause(ViewUnlearnt, deaf).why(Stuck, say("%s can't learn of view %d: %s", name, n, deaf.Text).cite("V3"))
}

// clientsWait tells of an operation that takes longer than a healthy cluster needs.
func (d diagnosis) clientsWait() Why {
	for _, k := range d.Clients {
		if k.Running && k.Since > 2*d.Config.PingInterval {
			level := Busy
			if len(d.Faults) > 0 {
				level = Stuck
			}
			return Cause{Code: ClientWaits, Server: k.Name, Other: k.Waits.Server, Needs: k.Waits.Needs}.why(level,
				say("%s waits: ", k.Name).add(words{k.Waits.Text, k.Waits.Rules}))
		}
	}
	return Why{}
}

// oldPrimary tells of a server that has not learnt that it was replaced.
func (d diagnosis) oldPrimary() Why {
	for _, s := range d.Servers {
		old := s.Status.View
		if s.Status.Role != pbservice.Primary || old.Viewnum >= d.View.Viewnum || s.Name == d.View.Primary {
			continue
		}
		w := say("%s still takes itself for the primary of view %d", s.Name, old.Viewnum)
		if s.State == netsim.Frozen {
			w = say("%s is frozen: when it thaws, it will still take itself for the primary of view %d", s.Name, old.Viewnum)
		}
		return Cause{Code: OldPrimary, Server: s.Name, Other: old.Backup, View: old.Viewnum}.why(Busy, w.add(d.harm(s)))
	}
	return Why{}
}

// harm says what a server that was replaced can still do: nothing, unless a rule that forbids it is off.
func (d diagnosis) harm(s ServerState) words {
	backup := s.Status.View.Backup
	for _, off := range []struct {
		rule rules.Rule
		harm string
	}{
		{rules.WaitForBackup, "answers clients alone"},
		{rules.ForwardGets, "answers Gets alone"},
		{rules.BackupChecksView, backup + " confirms what it says"},
	} {
		if d.Disabled.Has(off.rule) {
			return say(", and %s, since %s is off", off.harm, off.rule).cite(off.rule.Refs()...)
		}
	}
	return say(": it completes nothing, since %s is past that view", backup).cite("S7")
}

// deafPrimary tells of a primary that the viewservice hears, and that hears nothing from it.
func (d diagnosis) deafPrimary() Why {
	name := d.primary.Name
	if !d.Cut(ViewAddr, name) || d.Cut(name, ViewAddr) {
		return Why{}
	}
	deaf := cutLink(ViewAddr, name)
	return d.cause(DeafPrimary, deaf).why(Busy, say("%s serves on in view %d: its pings arrive, but %s, and it will learn of no other view",
		name, d.View.Viewnum, deaf.Text).cite("V3"))
}

// alone tells that a view has no backup.
func (d diagnosis) alone() Why {
	if d.backup != nil {
		return Why{}
	}
	for _, m := range d.Viewservice.Status.Servers {
		if m.Place == 1 {
			return Cause{Code: Joins, Server: d.primary.Name, Other: m.Name}.why(Busy,
				say("%s serves alone, and %s is about to join", d.primary.Name, m.Name).cite("V4"))
		}
	}
	return d.cause(Alone).why(Calm, say("%s serves alone: if it fails too, the data is lost", d.primary.Name).cite("V5"))
}

func (d diagnosis) healthy() Why {
	v := d.View
	w := say("view %d: %s answers once %s has confirmed", v.Viewnum, v.Primary, v.Backup).cite("S5")
	if d.primary == nil || d.backup == nil {
		w = say("view %v is acknowledged", v)
	} else if d.Disabled.Has(rules.WaitForBackup) {
		w = say("view %d: %s answers before %s has confirmed, since wait-for-backup is off", v.Viewnum, v.Primary, v.Backup).cite("S5")
	}
	return d.cause(Serves).why(Calm, w)
}
