package engine

import (
	"cluster/splitbrain/netsim"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice"
	"cluster/splitbrain/viewservice/rules"
)

// primaryFails tells of a primary that the viewservice is about to declare dead.
func (d diagnosis) primaryFails() Why {
	p := d.primary
	how := d.failing(p)
	if how == "" || p.rebooted() && d.Disabled.Has(rules.RestartDetection) && d.pings(p) {
		return Why{}
	}
	w := d.primaryFailing(how)
	w.Brief = d.failingInBrief(p)
	if w.Cause.Code == PrimaryFailsToo || w.Cause.Code == FirstHeardServes {
		w.Brief += ", " + d.failingInBrief(d.backup)
	}
	return w
}

// primaryFailing tells what follows when the primary fails in that way.
func (d diagnosis) primaryFailing(how string) Why {
	p, b := d.primary, d.backup
	away := d.unreachable(p)
	unacked := !d.Viewservice.Status.Acked
	switch off := d.usurped(); {
	case unacked && d.byRules():
		return d.failsUnacked(how, away)
	case off != "" && (b == nil || d.failing(b) != ""):
		return d.usurps(how, off)
	case unacked && b == nil && d.View.Viewnum == 1:
		return d.failsUnacked(how, away)
	case b == nil:
		w := d.cause(PrimaryFailsAlone, away).now(d.severity(p), "%s", how).and("nobody else has the data").cite("V5")
		return d.whileFailing(w, away, "nobody can take over")
	case d.failing(b) != "":
		return d.bothFail(how, away)
	}
	return d.takesOver(how, away)
}

// usurps tells of a primary that fails while a rule is off by which nobody could follow it.
func (d diagnosis) usurps(how, off string) Why {
	w := d.cause(Usurps).now(Busy, "%s", how).next("then a server without the data may take over, since %s is off", off).cite("V5")
	if answering, _ := d.voices(); len(answering) > 0 {
		w.Level = AtRisk
		w = w.yet("%s answers on meanwhile", answering[0].Name).claim(answer(answering)...)
	}
	return w
}

// failsUnacked tells of a primary that fails before it has acknowledged its view.
func (d diagnosis) failsUnacked(how string, away Obstacle) Why {
	p, n := d.primary, d.View.Viewnum
	w := d.cause(PrimaryFailsUnacked, away).now(min(d.severity(p), Stuck), "%s", how)
	if d.byRules() {
		w = w.cite("V3").claim(d.in(AckFirst, ""))
	}
	if !d.ruled() || d.pinging(p) && p.State == netsim.Up || n == 1 && p.rebooted() && !away.is() && !d.deaf(p).is() {
		w.Level = Busy
	}
	if answering, perhaps := d.voices(); d.Disabled.Has(rules.AckAfterTransfer) || len(answering)+len(perhaps) > 0 {
		w.Level = min(w.Level, AtRisk) // the primary may serve what it has, or another one does
	}
	if n == 1 {
		w = w.and("view 1 waits for its Ping(1), or that of its next start").cite("V7")
		if !d.byRules() {
			return w
		}
		return w.next("nobody else may be made primary before")
	}
	w = w.and("view %d waits for its Ping(%d)", n, n).next("nobody else may be made primary before")
	if v := d.voiceOf(&p.ServerState); v.answers() {
		w.Level = AtRisk
		return w.next("nobody else may be made primary before; %s answers on alone meanwhile", p.Name).claim(v.claims()...)
	}
	return w
}

// whileFailing ends what is told of servers that have the data and are failing: what it means if nobody helps. What a server
// that only fell silent will do, nobody knows.
func (d diagnosis) whileFailing(w Why, away Obstacle, lost string) Why {
	answering, perhaps := d.voices()
	if len(perhaps) > 0 {
		w.Level = min(w.Level, AtRisk)
	}
	switch {
	case len(answering) > 0:
		w.Level = AtRisk
		return w.next("%s answers on meanwhile; %s", answering[0].Name, lost).claim(answer(answering)...)
	case w.Level == Lost && len(perhaps) == 0:
		if off := d.trusting(); off != "" {
			return d.lawless(w, off)
		}
		return d.overForGood(w.next("nobody serves any more, by design: %s", begin).claim(d.nobody()...))
	case away.is() && len(perhaps) == 0:
		return w.next("%s until that ends", lost).claim(d.nobody()...)
	}
	return w.next("%s unless it is heard again", lost)
}

// bothFail tells of a primary and a backup that the viewservice may be about to declare dead.
func (d diagnosis) bothFail(how string, away Obstacle) Why {
	p, b := d.primary, d.backup
	other := d.unreachable(b)
	if d.Viewservice.Status.Blocked.Code == viewservice.NextUnheard && d.severity(p, b) < Lost {
		w := d.cause(FirstHeardServes, away, other).now(d.severity(p, b), "%s, and %s", how, d.failing(b)).
			next("the first of them to ping with the data serves").cite("V5")
		switch answering, perhaps := d.voices(); {
		case len(answering) > 0:
			w.Level = AtRisk
			w = w.yet("%s answers on meanwhile", answering[0].Name).claim(answer(answering)...)
		case len(perhaps) > 0:
			w.Level = min(w.Level, AtRisk)
		}
		return w
	}
	w := d.cause(PrimaryFailsToo, away, other).now(d.severity(p, b), "%s, and %s", how, d.failing(b)).and("nobody else has the data").cite("V5")
	if w.Level == Lost || p.State != netsim.Up && b.State != netsim.Up {
		return d.whileFailing(w, other, "nobody can take over")
	}
	switch answering, perhaps := d.voices(); {
	case len(answering) > 0:
		return d.whileFailing(w, other, "nobody else can take over")
	case len(perhaps) > 0:
		w.Level = min(w.Level, AtRisk)
	}
	return w.next("whichever is heard with the data serves")
}

// takesOver tells of a primary that fails while its backup seems well.
func (d diagnosis) takesOver(how string, away Obstacle) Why {
	p, b := d.primary, d.backup
	w := d.cause(TakesOver).now(Busy, "%s", how).cite("V4", "V5")
	if p.rebooted() && d.pings(p) {
		how = "once " + p.Name + " pings,"
		w.Rules = rules.Refs{"V7", "V5"}
	} else if p.rebooted() || away.is() {
		how = "then"
	} else {
		how = "if it stays silent,"
	}
	switch deaf := d.deaf(b); {
	case deaf.is() && b.Status.View.Viewnum <= d.View.Viewnum:
		return w.next("%s %s is made primary, but can't learn of it: %s", how, b.Name, deaf.Text)
	case how == "if it stays silent,":
		return w.next("%s %s takes over", how, b.Name)
	case !d.learns(b) || !b.Status.Complete && !d.Disabled.Has(rules.AckRule):
		return w.next("%s %s takes over, if it is heard in time", how, b.Name)
	}
	return w.next("%s %s takes over", how, b.Name).claim(d.in(Leads, b.Name))
}

// rebootUnnoticed tells of a member that came back empty while the rule is off by which the viewservice would notice.
func (d diagnosis) rebootUnnoticed() Why {
	if !d.Disabled.Has(rules.RestartDetection) {
		return Why{}
	}
	for _, m := range []*member{d.primary, d.backup} {
		emptied := m.State == netsim.Up && m.Boots > 1 && !m.Status.Complete && d.Viewservice.Status.Acked
		if !m.rebooted() && !emptied {
			continue
		}
		w := Cause{Code: Unnoticed, Server: m.Name}.now(AtRisk, "%s came back empty, and is taken for its earlier boot", m.Name).
			because("restart-detection is off").cite("V7")
		if m == d.primary {
			return w.next("it will serve what it has")
		}
		if v := d.voiceOf(&d.primary.ServerState); v.answers() {
			return w.next("%s answers without it", d.primary.Name).claim(v.claims()...)
		} else if v.fate == mute && d.pings(d.primary) && d.pings(m) {
			if answering, perhaps := d.voices(); len(answering)+len(perhaps) == 0 { // else an earlier primary answers
				w.Level = Stuck
			}
			w = w.next("%s waits for what %s can't confirm, until it is killed", d.primary.Name, m.Name).cite("S7").claim(d.in(Silent, d.primary.Name))
			if m.heard.Silent <= d.Config.PingInterval { // else it may count as dead before its ping arrives
				w = w.claim(d.in(Stays, ""))
			}
			return w
		}
		return w.next("it can confirm nothing")
	}
	return Why{}
}

// primaryRefuses tells why the primary turns clients away.
func (d diagnosis) primaryRefuses() Why {
	p, n := d.primary, d.View.Viewnum
	if p.Status.View.Viewnum != n {
		return Why{}
	}
	switch refuses := p.Status.Refuses; refuses.Code {
	case pbservice.NoState:
		w := d.cause(Refuses).now(Stuck, "%s is primary of view %d without the data of the view before", p.Name, n).
			next("it refuses clients, and never enters the view").cite(refuses.Rule()).claim(d.in(Silent, p.Name))
		if answering, _ := d.voices(); len(answering) > 0 {
			w.Level = AtRisk
			return w.yet("%s answers on in view %d", answering[0].Name, answering[0].Status.View.Viewnum)
		}
		return w
	case pbservice.BackupRefuse:
		if d.WereOff.Has(rules.RestartDetection) && (d.Disabled.Has(rules.RestartDetection) || d.unfilled(d.backup)) {
			off := "is"
			if !d.Disabled.Has(rules.RestartDetection) {
				off = "was"
			}
			return d.cause(Refuses).now(Stuck, "%s refused what %s sent", refuses.Other, p.Name).because("restart-detection %s off", off).
				next("%s completes nothing until one of them is killed", p.Name).cite(refuses.Rule()).claim(d.in(Silent, p.Name))
		}
		return d.cause(Refuses).now(Busy, "%s refused what %s sent", refuses.Other, p.Name).
			next("%s completes nothing before a newer view", p.Name).cite(refuses.Rule()).claim(d.in(Silent, p.Name))
	case pbservice.Unconfirmed:
		w := d.cause(Refuses).now(Busy, "%s has not heard that view 1 is acknowledged", p.Name).next("it serves nothing before").cite(refuses.Rule())
		switch deaf := d.deaf(p); {
		case deaf.is() && !d.mayHearYet(p):
			w.Level, w.Cause.Needs = Stuck, []Obstacle{deaf}
			return w.because("%s", deaf.Text).claim(d.in(Silent, p.Name))
		case d.learns(p):
			return w.claim(Claim{Code: Answers, Who: p.Name, View: n})
		}
		return w
	}
	return Why{}
}

// unfilled reports whether the viewservice counts on a backup that nobody will fill: its present boot was taken for the one before.
func (d diagnosis) unfilled(b *member) bool {
	return b != nil && d.Viewservice.Status.Acked && b.Status.View == d.View && !b.Status.Complete && !b.rebooted() && !b.heard.Restarted
}

// unacknowledged tells what the view still waits for.
func (d diagnosis) unacknowledged() Why {
	p, n := d.primary, d.View.Viewnum
	if d.Viewservice.Status.Acked {
		return Why{}
	}
	if deaf := d.deaf(p); deaf.is() && p.Status.View.Viewnum < n && !d.mayLearnYet(p) {
		return d.unlearnt(deaf)
	}
	sure := d.acks(p)
	if p.Status.Phase == pbservice.PhaseGivenUp && p.Status.View == d.View {
		w := d.cause(BackupGivenUp).now(Busy, "%s has given %s up", p.Name, d.View.Backup).
			next("it acknowledges view %d without it", n).cite("V10")
		if d.pings(p) {
			w = w.claim(d.in(Acks, ""))
		}
		if d.pings(p) && d.byRules() { // else it may be backup again at the same moment
			w = w.claim(d.in(Leaves, d.View.Backup))
		}
		return w
	}
	w := d.cause(AckComes).now(Busy, "view %d waits for Ping(%d) from %s", n, n, p.Name).cite("V2")
	if !d.byRules() {
		w = d.cause(AckComes).now(Busy, "view %d is not acknowledged", n).because("%s has not sent Ping(%d)", p.Name, n).
			next("since ack-rule is off it may change all the same").cite("V2")
	}
	if sure {
		w = w.claim(d.in(Acks, ""))
	}
	return w
}

// unlearnt tells of a view of which its primary does not hear.
func (d diagnosis) unlearnt(deaf Obstacle) Why {
	p, n := d.primary, d.View.Viewnum
	w := d.cause(ViewUnlearnt, deaf).now(Stuck, "%s can't learn of view %d", p.Name, n).because("%s", deaf.Text).cite("V3")
	answering, perhaps := d.voices()
	switch {
	case len(answering) > 0:
		w.Level = AtRisk
		return w.next("%s answers on in view %d, and no view follows until that ends", answering[0].Name, answering[0].Status.View.Viewnum).
			claim(answer(answering)...)
	case len(perhaps) > 0:
		w.Level = AtRisk
		return w.next("no view follows until that ends")
	case deaf.Kind != CutLink || !d.byRules():
		return w.next("no view follows until that ends")
	}
	return w.next("nothing changes until that ends").claim(d.cure(d.pings(p) && p.Status.View.Viewnum < n)...)
}

// byRules reports whether the ack rule holds.
func (d diagnosis) byRules() bool { return !d.Disabled.Has(rules.AckRule) }

// clientsWait tells of an operation that takes longer than a healthy cluster needs, or surely will: its client says so
// already, and time may stand.
func (d diagnosis) clientsWait() Why {
	for _, k := range d.Clients {
		barred := k.Waits.For == ForAnswer && d.barrier(k.Name, k.Waits.Server).is()
		if k.Running && (k.Since > 2*d.Config.PingInterval || barred) {
			level := Busy
			if len(d.Faults) > 0 {
				level = Stuck
			}
			w := Cause{Code: ClientWaits, Server: k.Name, Other: k.Waits.Server, Needs: k.Waits.Needs}.
				now(level, "%s waits", k.Name).cite(k.Waits.Rules...).claim(k.Waits.Claims...)
			if k.Waits.For == ForView { // its words have the client as their subject
				return w.and("%s", k.Waits.Plain)
			}
			return w.because("%s", k.Waits.Plain)
		}
	}
	return Why{}
}

// oldPrimary tells of a server that has not learnt that it was replaced.
func (d diagnosis) oldPrimary() Why {
	for i := range d.Servers {
		s := &d.Servers[i]
		old := s.Status.View
		if s.Status.Role != pbservice.Primary || old.Viewnum >= d.View.Viewnum || s.Name == d.View.Primary {
			continue
		}
		w := Cause{Code: OldPrimary, Server: s.Name, Other: old.Backup, View: old.Viewnum}.
			now(Busy, "%s still takes itself for the primary of view %d", s.Name, old.Viewnum)
		if s.State == netsim.Frozen {
			w.Now = say("%s is frozen: when it thaws, it will still take itself for the primary of view %d", s.Name, old.Viewnum).text
		}
		return d.harm(w, s)
	}
	return Why{}
}

// harm says what a server that was replaced can still do: nothing, unless a rule that forbids it is off.
func (d diagnosis) harm(w Why, s *ServerState) Why {
	thawed := *s
	if s.State == netsim.Frozen {
		thawed.State = netsim.Up
	}
	v, backup := d.voiceOf(&thawed), s.Status.View.Backup
	switch off := d.Disabled; {
	case v.fate == alone && off.Has(rules.WaitForBackup) && s.Status.Phase == pbservice.PhaseWaiting:
		return w.and("it answers clients alone, since wait-for-backup is off").cite(rules.WaitForBackup.Refs()...)
	case v.fate == alone && off == 0:
		return w.and("it answers clients alone, though it was replaced: a rule was off when that happened")
	case v.fate == alone:
		return w.and("it answers clients alone, since %s is off", off)
	case off.Has(rules.ForwardGets) && s.Status.Complete:
		return w.and("it answers Gets alone, since forward-gets is off").cite(rules.ForwardGets.Refs()...)
	case v.fate == uncertain && off.Has(rules.BackupChecksView):
		return w.and("%s confirms what it says, since backup-checks-view is off", backup).cite(rules.BackupChecksView.Refs()...)
	case v.fate == withBackup:
		return w.and("%s does too, and confirms what it says", backup)
	case v.fate == mute && backup != "" && s.Status.Complete:
		w = w.claim(Claim{Code: Silent, Who: s.Name, View: s.Status.View.Viewnum})
		if o := d.unsent(s.Name, backup); o.is() {
			return w.yet("it completes nothing: %s must confirm it, and %s", backup, o.Text).cite("S5")
		}
		return w.yet("it completes nothing, since %s is past that view", backup).cite("S7")
	case v.fate == mute:
		return w.yet("it completes nothing, since it has no data").cite("S2").claim(Claim{Code: Silent, Who: s.Name, View: s.Status.View.Viewnum})
	}
	if !v.barrier.is() {
		return w.and("whether it completes anything is not certain")
	}
	return w.yet("it completes nothing as long as %s", v.barrier.Text)
}

// deafPrimary tells of a primary that the viewservice hears, and that hears nothing from it.
func (d diagnosis) deafPrimary() Why {
	p := d.primary
	deaf, v := d.deaf(p), d.voiceOf(&p.ServerState)
	if !deaf.is() || d.unreachable(p).is() || !v.answers() {
		return Why{}
	}
	return d.cause(DeafPrimary, deaf).now(AtRisk, "%s serves on in view %d", p.Name, d.View.Viewnum).
		and("its pings arrive, but %s", deaf.Text).next("it learns of no other view until that ends").cite("V3").claim(v.claims()...)
}

// alone tells that a view has no backup.
func (d diagnosis) alone() Why {
	if d.backup != nil {
		return Why{}
	}
	p := d.primary
	for _, m := range d.Viewservice.Status.Servers {
		if m.Place != 1 {
			continue
		}
		w := Cause{Code: Joins, Server: p.Name, Other: m.Name}.now(Busy, "%s serves alone", p.Name).
			next("%s is about to join", m.Name).cite("V4")
		if v := d.member(m.Name); v != nil && d.pings(p) && d.pings(v) {
			w = w.claim(d.in(Follows, m.Name))
		}
		return w
	}
	w := d.cause(Alone).now(Calm, "%s serves alone", p.Name).next("if it fails, what it has is lost").cite("V5")
	if v := d.voiceOf(&p.ServerState); v.answers() {
		w = w.claim(v.claims()...)
	}
	return w
}

func (d diagnosis) healthy() Why {
	p, b, c := d.primary, d.backup, d.cause(Serves)
	if p == nil || b == nil {
		return c.now(Calm, "view %v is acknowledged", d.View)
	}
	v := d.voiceOf(&p.ServerState)
	w := c.now(Calm, "view %d: %s answers once %s has confirmed", d.View.Viewnum, p.Name, b.Name).cite("S5")
	off := d.Disabled
	switch {
	case off.Has(rules.WaitForBackup):
		w.Now = say("view %d: %s answers before %s has confirmed, since wait-for-backup is off", d.View.Viewnum, p.Name, b.Name).text
	case off.Has(rules.ForwardGets):
		w.Now = say("view %d: %s answers Gets alone, and the rest once %s has confirmed, since forward-gets is off", d.View.Viewnum, p.Name, b.Name).text
	case v.fate == mute:
		w.Level, w.Now = Stuck, say("view %d: %s answers nobody, since %s can't confirm", d.View.Viewnum, p.Name, b.Name).text
		return w.claim(d.in(Silent, p.Name))
	case v.fate == uncertain && off.Has(rules.RestartDetection) && p.Boots > 1:
		return c.now(AtRisk, "view %d: %s has restarted, and restart-detection is off: whether %s confirms anything is not certain", d.View.Viewnum, p.Name, b.Name).cite("V7")
	case v.fate == alone:
		w.Level, w.Now = AtRisk, say("view %d: %s answers without %s", d.View.Viewnum, p.Name, b.Name).text
	case p.Status.Entered != d.View.Viewnum || p.Status.Phase != pbservice.PhaseWaiting:
		return c.now(Busy, "view %d: %s is not done with filling %s", d.View.Viewnum, p.Name, b.Name).cite("S5")
	case !off.Has(rules.BackupChecksView):
		w = w.claim(Claim{Code: Confirmed, Who: p.Name, Other: b.Name, View: d.View.Viewnum})
	}
	if v.answers() {
		w = w.claim(v.claims()...)
	}
	return w
}
