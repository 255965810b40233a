package engine

import (
	"slices"
	"strings"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice"
	"cluster/splitbrain/viewservice/rules"
)

// explanations are all that a Why can say, what is worst first: what is lost, what is stuck, what is under way. Each needs
// so many members of the view, the primary first.
var explanations = []struct {
	members int
	explain func(diagnosis) Why
}{
	{0, diagnosis.viewserviceAway}, {0, diagnosis.noView}, {0, diagnosis.stuckView}, {0, diagnosis.dataAway},
	{1, diagnosis.primaryFails}, {1, diagnosis.primaryRefuses},
	{2, diagnosis.backupFails}, {2, diagnosis.backupUnreachable}, {2, diagnosis.backupHeld}, {2, diagnosis.transfer},
	{1, diagnosis.unacknowledged}, {0, diagnosis.clientsWait}, {0, diagnosis.oldPrimary}, {1, diagnosis.deafPrimary}, {1, diagnosis.alone},
	{0, diagnosis.healthy},
}

// why says what matters most, and if nothing is amiss, how the service answers.
func (x *Index) why() Why {
	d := diagnosis{x, x.member(x.View.Primary), x.member(x.View.Backup)}
	members := 0
	switch {
	case d.primary != nil && d.backup != nil:
		members = 2
	case d.primary != nil:
		members = 1
	}
	var w Why
	for _, e := range explanations {
		if e.members <= members {
			if w = e.explain(d); w.Text != "" {
				break
			}
		}
	}
	if w.Cause.View == 0 {
		w.Cause.View = x.View.Viewnum
	}
	if x.Paused {
		return d.paused(w)
	}
	return w
}

// cause is a Cause about a server of the view and the other one.
func (d diagnosis) cause(code Code, needs ...Obstacle) Cause {
	needs = slices.DeleteFunc(needs, func(o Obstacle) bool { return !o.is() })
	return Cause{Code: code, Server: d.View.Primary, Other: d.View.Backup, Needs: needs}
}

// paused tells that time is paused, after what is worse.
func (d diagnosis) paused(w Why) Why {
	const nothing = "nothing moves until resume or step"
	waits := d.waiting()
	switch {
	case w.Level > Busy:
	case w.Level == Busy:
		w.Text += "; time is paused"
	case waits != "":
		return Cause{Code: TimePaused}.why(Stuck, say("%s: time is paused, %s", waits, nothing))
	default:
		return Cause{Code: TimePaused}.why(w.Level, say("time is paused: %s", nothing))
	}
	return w
}

// viewserviceAway tells that no view can follow on this one, and whether the service goes on.
func (d diagnosis) viewserviceAway() Why {
	blocked := d.Viewservice.Status.Blocked.Code
	c, w, level, until := Cause{}, words{}, Lost, ", but no failure can be answered by a new view, by design"
	switch {
	case d.Viewservice.State == netsim.Crashed:
		c.Code, w = ViewserviceDown, say("the viewservice is down")
	case blocked == viewservice.Amnesia, blocked == viewservice.Stranger:
		c.Code, w = ViewserviceForgot, say("the viewservice was restarted and remembers nothing").cite("V9")
	case d.Viewservice.State == netsim.Frozen:
		c = Cause{Code: ViewserviceFrozen, Needs: []Obstacle{{Kind: Frozen, From: ViewAddr, Text: ViewAddr + " is frozen"}}}
		w, level, until = say("the viewservice is frozen"), Stuck, ", but no failure is answered by a new view until it thaws"
	default:
		return Why{}
	}
	w = w.then(": ")
	if halted, ok := d.halted(); ok {
		return c.why(level, w.add(halted))
	}
	c.Server = d.View.Primary
	return c.why(level, w.then("service goes on in view %d", d.View.Viewnum).cite("S12").then("%s", until))
}

// halted says why no client is answered as long as the view stays, if none is.
func (d diagnosis) halted() (words, bool) {
	p, b := d.primary, d.backup
	switch {
	case p == nil:
		return say("there is no view, and nobody serves"), true
	case p.lostData():
		return say("%s, and nobody can take over in view %d, by design", p.howLost(), d.View.Viewnum).cite("V5"), true
	case p.State == netsim.Frozen:
		return say("%s is frozen, and nobody else may serve", p.Name), true
	case b == nil || p.Status.Phase != pbservice.PhaseWaiting:
		return words{}, false
	}
	waits, cut := say("%s waits for %s", p.Name, b.Name), d.between(p.Name, b.Name)
	switch {
	case b.lostData():
		return waits.then(" for ever: %s", b.howLost()).cite("S5"), true
	case cut.is():
		return waits.then(": %s", cut.Text).cite("S5"), true
	case b.State == netsim.Frozen:
		return waits.then(", which is frozen").cite("S5"), true
	}
	return words{}, false
}

// noView tells why there is no first view yet.
func (d diagnosis) noView() Why {
	if d.View.Viewnum > 0 {
		return Why{}
	}
	for _, s := range d.Servers {
		if s.State == netsim.Up && !d.between(s.Name, ViewAddr).is() {
			return Cause{Code: FirstPingComes}.why(Busy, say("no server has pinged yet: the first one becomes primary").cite("V1"))
		}
	}
	return Cause{Code: FirstPingBarred}.why(Stuck, say("no server reaches the viewservice: the first one to ping will be primary").cite("V1"))
}

// stuckView tells that the primary is lost before it acknowledged the view: nobody may follow it (V3).
func (d diagnosis) stuckView() Why {
	switch b := d.Viewservice.Status.Blocked; {
	case b.Code == viewservice.UnackedRestart:
		return Cause{Code: AckLost, Server: b.Server}.why(Lost, told(b))
	case b.Code != viewservice.UnackedDead || d.primary == nil:
		return Why{}
	}
	name, n := d.primary.Name, d.View.Viewnum
	unacked, away := say("view %d is not acknowledged: ", n), d.unreachable(d.primary)
	const forbids = "The ack rule forbids moving on"
	switch {
	case d.primary.lostData() && n == 1:
		return d.cause(AckOfNextStart, away).why(Stuck, unacked.
			then("%s crashed before Ping(1). It promised nothing: its next start may be primary again", name).cite("V7"))
	case d.primary.lostData():
		return d.cause(AckLost).why(Lost, unacked.
			then("%s died before Ping(%d). %s: stuck for ever, by design", name, n, forbids).cite("V3"))
	case away.is():
		return d.cause(AckBarred, away).why(Stuck, unacked.then("%s, and only %s can send Ping(%d). %s", away.Text, name, n, forbids).cite("V3"))
	}
	return d.cause(AckReturns).why(Busy, unacked.then("%s is back and will send Ping(%d)", name, n).cite("V3"))
}

// dataAway tells that all who hold the data are lost, as far as the viewservice can tell (V5), and whether one of
// them can still return with it.
func (d diagnosis) dataAway() Why {
	switch d.Viewservice.Status.Blocked.Code {
	case viewservice.LoneLost, viewservice.LoneRestarted, viewservice.BothLost, viewservice.BothRestarted:
	default:
		return Why{}
	}
	var gone, away []string
	var needs []Obstacle
	for _, m := range []*member{d.primary, d.backup} {
		if m == nil {
			continue
		}
		switch o := d.unreachable(m); {
		case m.lostData():
			gone = append(gone, m.howLost())
		case o.is():
			away, needs = append(away, o.Text), append(needs, o)
		default:
			return Cause{Code: DataReturns, Server: m.Name}.why(Busy,
				say("%s is back with the data of view %d, and is about to ping", m.Name, d.View.Viewnum).cite("V5"))
		}
	}
	if len(away) > 0 {
		return d.cause(DataBarred, needs...).why(Stuck, say("nobody may serve: only a server of view %d has the data, and %s",
			d.View.Viewnum, strings.Join(append(away, gone...), ", ")).cite("V5"))
	}
	return d.cause(DataLost).why(Lost, say("the data of view %d is lost for ever: %s. Nobody else had it, so nobody may serve, by design",
		d.View.Viewnum, strings.Join(gone, ", ")).cite("V5"))
}

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
