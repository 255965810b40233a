package engine

import (
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice/rules"
)

// backupFails tells of a backup that the viewservice is about to declare dead.
func (d diagnosis) backupFails() Why {
	how, p, b, n := d.failing(d.backup), d.primary, d.backup, d.View.Viewnum
	if how == "" || p.Status.View.Viewnum != n || b.rebooted() && d.Disabled.Has(rules.RestartDetection) && d.pings(b) {
		return Why{}
	}
	away, v := d.unreachable(b), d.voiceOf(&p.ServerState)
	sure := d.pings(p) && (away.is() || b.rebooted() && d.pings(b))
	var leaves []Claim
	if sure {
		leaves = []Claim{d.in(Leaves, b.Name)}
	}
	then := "then"
	if !sure {
		then = "if it stays silent,"
	}
	if !d.Viewservice.Status.Acked {
		w := d.cause(BackupFailsUnacked).now(Busy, "%s", how).cite("S4", "V10").claim(leaves...)
		if sure {
			w = w.claim(d.in(Acks, ""))
		}
		return w.next("%s %s goes on without it, and view %d is acknowledged", then, p.Name, n)
	}
	w := d.cause(BackupFails).now(Busy, "%s", how).cite("V4", "S5").claim(leaves...)
	switch v.fate {
	case mute, barred:
		return w.next("%s %s goes on without it; until then operations wait", then, p.Name).claim(d.in(Silent, p.Name))
	case uncertain:
		return w.next("%s %s goes on without it", then, p.Name)
	}
	return w.next("%s %s goes on without it; clients are answered meanwhile", then, p.Name).claim(v.claims()...)
}

// backupUnreachable tells of a primary and a backup that can't talk, though the viewservice hears both.
func (d diagnosis) backupUnreachable() Why {
	p, b := d.primary, d.backup
	cut, v := d.between(p.Name, b.Name), d.voiceOf(&p.ServerState)
	switch {
	case !cut.is():
		return Why{}
	case !d.Viewservice.Status.Acked:
		return d.unfillable(cut)
	case v.answers():
		return Why{} // since a rule is off
	}
	w := d.cause(BackupUnreachable, cut).now(Stuck, "%s", d.whoWaits()).because("%s, and both still reach vs, so the view stays", cut.Text).
		next("nothing changes until that ends").cite("V4")
	switch {
	case d.Disabled.Has(rules.ForwardGets):
		return w.next("only Gets are answered, since forward-gets is off")
	case d.pings(p) && d.pings(b):
		return w.claim(d.cure(true)...)
	}
	return w.next("nothing is answered until that ends").claim(d.in(Silent, p.Name))
}

// unfillable tells of a backup that can't be filled, so that the primary gives it up (V10): again and again, if nobody
// else can take its place.
func (d diagnosis) unfillable(why Obstacle) Why {
	p, b, n := d.primary, d.backup, d.View.Viewnum
	if p.Status.View.Viewnum < n && !d.learns(p) || !d.pings(p) || d.Disabled.Has(rules.AckAfterTransfer) ||
		p.Status.Entered == n {
		return Why{}
	}
	w := d.cause(BackupUnfillable, why).now(Busy, "%s can't fill %s", p.Name, b.Name).because("%s", why.Text).
		next("%s gives %s up, and goes on without it", p.Name, b.Name).cite("S4", "V10")
	if !d.byRules() {
		return w
	}
	w = w.claim(d.in(Acks, ""), d.in(Leaves, b.Name))
	if p.Status.Phase == pbservice.PhaseGivenUp {
		w.Cause.Code = BackupGivenUp
	}
	if d.learns(p) && d.pings(b) && d.nobodyElse() {
		w.Level, w.Cause.Code = AtRisk, BackupReturns
		return w.next("%s gives %s up, and views follow each other until that ends", p.Name, b.Name).claim(d.in(GoesRound, ""))
	}
	return w
}

// nobodyElse reports whether no server but the members is heard, or could be.
func (d diagnosis) nobodyElse() bool {
	for i := range d.Servers {
		s := &member{ServerState: d.Servers[i]}
		if s.Name != d.View.Primary && s.Name != d.View.Backup && !d.unreachable(s).is() {
			return false
		}
	}
	for _, m := range d.Viewservice.Status.Servers {
		if m.Place > 0 && m.Name != d.View.Primary && m.Name != d.View.Backup {
			return false
		}
	}
	return true
}

// backupDeaf tells of a backup that does not learn that it is one.
func (d diagnosis) backupDeaf() Why {
	b := d.backup
	deaf := d.deaf(b)
	if d.Viewservice.Status.Acked || !deaf.is() || d.mayLearnYet(b) || b.Status.View.Viewnum >= d.View.Viewnum {
		return Why{}
	}
	return d.unfillable(deaf)
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
	v := d.voiceOf(&d.primary.ServerState)
	level := Stuck
	if v.answers() {
		level = AtRisk
	}
	const byHand = "deliver, duplicate or drop it by hand"
	switch {
	case held.is() && d.waiting() != "" && !v.answers():
		return c.now(Stuck, "%s", d.waiting()).because("%s", held.Text).next(byHand).cite("S5")
	case held.is() && !d.Viewservice.Status.Acked:
		return c.now(level, "%s waits to fill %s", p, b).because("%s", held.Text).next(byHand).cite("S4")
	case held.is():
		return c.now(level, "%s", held.Text).next(byHand)
	case v.answers():
		return Why{}
	}
	for _, l := range []Link{{p, b}, {b, p}} {
		if d.Holds(l.From, l.To) {
			o := holding(l.From, l.To)
			return d.cause(BackupHeld, o).now(Stuck, "%s", d.whoWaits()).because("%s", o.Text).next("deliver by hand, or release").cite("S5")
		}
	}
	return Why{}
}

// transfer tells how far the filling of the backup has come.
func (d diagnosis) transfer() Why {
	p, b := d.primary, d.backup
	if p.Status.Phase != pbservice.PhaseTransferring || p.Status.View != d.View {
		return Why{}
	}
	w := d.cause(FillsBackup).now(Busy, "%s fills %s", p.Name, b.Name).cite("S6")
	if t := p.Status.Transfer; t.Keys > 0 {
		w.Now += say(", %d of %s done", t.Done, Plural(t.Keys, "key")).text
	}
	w.Now += ", and answers clients alone meanwhile"
	if v := d.voiceOf(&p.ServerState); v.answers() {
		w = w.claim(v.claims()...)
	}
	if fault, slow := d.slow(p.Name, b.Name); slow {
		return w.next("with “%v” it may give %s up", fault, b.Name).cite("S4")
	}
	return w
}
