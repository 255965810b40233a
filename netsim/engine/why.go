package engine

import (
	"slices"
	"strings"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice"
)

// explanations are all that a Why can say, what is worst first: what is lost, what is stuck, what is under way. Each needs
// so many members of the view, the primary first.
var explanations = []struct {
	members int
	explain func(diagnosis) Why
}{
	{0, diagnosis.viewserviceAway}, {0, diagnosis.noView}, {1, diagnosis.stuckView}, {1, diagnosis.dataAway},
	{1, diagnosis.primaryFails}, {2, diagnosis.rebootUnnoticed}, {2, diagnosis.backupFails}, {1, diagnosis.primaryRefuses},
	{2, diagnosis.backupUnreachable}, {2, diagnosis.backupDeaf}, {2, diagnosis.backupHeld}, {2, diagnosis.transfer},
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
			if w = e.explain(d); w.Now != "" {
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

// in is a claim about the view.
func (d diagnosis) in(code ClaimCode, who string) Claim {
	return Claim{Code: code, Who: who, View: d.View.Viewnum}
}

// stays are the claims that the view stays, and that nobody is answered meanwhile if nobody can be.
func (d diagnosis) stays() []Claim { return d.nobody(d.in(Stays, "")) }

// paused tells that time is paused, after what is worse.
func (d diagnosis) paused(w Why) Why {
	c, waits := Cause{Code: TimePaused, View: d.View.Viewnum}, d.waiting()
	switch {
	case w.Level > Busy:
	case w.Level == Busy && w.Next != "":
		w.Next += "; time is paused"
	case w.Level == Busy:
		w.Next = "nothing until time goes on"
	case waits != "":
		return c.now(Stuck, "%s", waits).because("time is paused").next("nothing moves until resume or step")
	default:
		return c.now(w.Level, "time is paused").next("nothing moves until resume or step")
	}
	return w
}

// begin is what is said of everything that is over for good.
const begin = "reset begins anew"

// viewserviceAway tells that no view can follow on this one, and whether the service goes on.
func (d diagnosis) viewserviceAway() Why {
	w, forGood := Why{}, true
	switch blocked := d.Viewservice.Status.Blocked.Code; {
	case d.Viewservice.State == netsim.Crashed:
		w = Cause{Code: ViewserviceDown}.now(Lost, "the viewservice is down")
	case blocked == viewservice.Amnesia:
		w = Cause{Code: ViewserviceForgot}.now(Lost, "the viewservice was restarted and remembers nothing").cite("V9")
	case blocked == viewservice.Stranger:
		w = Cause{Code: ViewserviceForgot}.now(Lost, "the viewservice has met a server of a view that it did not form").cite("V9")
	case d.Viewservice.State == netsim.Frozen:
		w = Cause{Code: ViewserviceFrozen, Needs: []Obstacle{frozen(ViewAddr)}}.now(Stuck, "the viewservice is frozen")
		forGood = false
	default:
		return Why{}
	}
	w = w.claim(Claim{Code: Stays, View: d.Viewservice.Status.View.Viewnum})
	if forGood {
		w = w.claim(Claim{Code: StaysForEver, View: d.Viewservice.Status.View.Viewnum})
	}
	answering, perhaps := d.voices()
	if len(answering) == 0 {
		return d.halted(w, perhaps, forGood)
	}
	v := answering[0]
	w.Cause.Server = v.Name
	if d.viewUntold() {
		w = w.yet("%s would answer in view %d, but no client knows a view", v.Name, v.Status.View.Viewnum).cite("S12").claim(answer(answering)...)
		if forGood {
			return w.next("nobody is told one any more, by design; %s", begin)
		}
		return w.next("nobody is told one until it thaws")
	}
	w.Level = AtRisk
	w = w.yet("service goes on in view %d, for clients that know it", v.Status.View.Viewnum).cite("S12").claim(answer(answering)...)
	if forGood {
		return w.next("no failure can be answered by a new view, by design; %s", begin)
	}
	return w.next("no failure is answered by a new view until it thaws")
}

// viewUntold reports whether no client knows a view, and no reply is held that tells one.
func (d diagnosis) viewUntold() bool {
	for _, k := range d.Clients {
		if k.View > 0 || len(d.HeldOn(ViewAddr, k.Name)) > 0 {
			return false
		}
	}
	return len(d.Clients) > 0
}

// halted says why no client is answered as long as the view stays.
func (d diagnosis) halted(w Why, perhaps []voice, forGood bool) Why {
	next := "nobody serves any more, by design; " + begin
	if !forGood {
		next = "nobody serves until it thaws"
	}
	if len(perhaps) > 0 {
		w.Level = AtRisk
		return w.and("it is uncertain whether %s can still answer anyone", perhaps[0].Name).next("wait and see, or reset").cite("S12")
	}
	if off := d.trusting(); off != "" {
		w.Level = AtRisk
		return w.and("no server that has the data can answer").next("one may serve without them, since %s is off", off)
	}
	w = w.claim(Claim{Code: Silent})
	for i := range d.Servers {
		if v := d.voiceOf(&d.Servers[i]); v.fate == barred {
			w.Level, w.Cause.Needs = Stuck, append(w.Cause.Needs, v.barrier)
			if v.barrier.From == v.Name && v.barrier.Kind == Frozen {
				return w.and("%s is frozen, and nobody else may serve", v.Name).next("nobody serves until that ends")
			}
			return w.and("%s could answer, but %s", v.Name, v.barrier.Text).next("nobody serves until that ends").cite("S5")
		}
	}
	switch p, b := d.primary, d.backup; {
	case p == nil:
		w = w.and("there is no view")
	case d.learnsLate(p):
		w.Level = Stuck
		return w.and("%s has not heard all that it needs to serve", p.Name).next("nobody serves unless a reply is still under way")
	case p.lostData():
		w = w.and("%s, and nobody can take over in view %d", p.howLost(), d.View.Viewnum).cite("V5")
	case b != nil && p.Status.Role == pbservice.Primary && !d.confirming(b):
		w = w.and("%s waits for %s for ever, and %s", p.Name, b.Name, b.howLost()).cite("S5")
	default:
		w = w.and("no server that runs can answer")
	}
	if !forGood {
		return w.next("%s", next)
	}
	if w = w.next("%s", next); d.ruled() && !slices.ContainsFunc(d.Servers, d.mayStillLearn) {
		w = d.overForGood(w)
	}
	return w
}

// learnsLate reports whether the primary would serve if it heard more of the viewservice: that it is primary, or that
// view 1 is acknowledged.
func (d diagnosis) learnsLate(p *member) bool { return d.mayStillLearn(p.ServerState) }

// mayStillLearn reports whether a reply of the viewservice, which may be under way or held, could let a server serve.
func (d diagnosis) mayStillLearn(s ServerState) bool {
	if s.State == netsim.Crashed || s.State == netsim.Stopped {
		return false
	}
	vs := d.Viewservice.Status
	behind := s.Status.View.Viewnum < vs.View.Viewnum && vs.View.Primary == s.Name
	first := vs.View.Viewnum <= 1 && s.Status.View.Viewnum == 0 // it may be told of view 1
	return s.Status.Refuses.Code == pbservice.Unconfirmed || behind && (s.Status.Complete || first)
}

// confirming reports whether a backup still has what it needs to confirm.
func (d diagnosis) confirming(b *member) bool {
	return b.State != netsim.Crashed && b.Status.Complete && b.Status.View == d.primary.Status.View
}

// noView tells why there is no first view yet.
func (d diagnosis) noView() Why {
	if d.View.Viewnum > 0 {
		return Why{}
	}
	var needs []Obstacle
	for i := range d.Servers {
		m := &member{ServerState: d.Servers[i]}
		if o := d.unreachable(m); o.is() {
			needs = append(needs, o)
			continue
		}
		w := Cause{Code: FirstPingComes}.now(Busy, "no server has pinged yet").next("the first one becomes primary").cite("V1")
		if d.pings(m) {
			w = w.claim(Claim{Code: Moves})
		}
		return w
	}
	return Cause{Code: FirstPingBarred, Needs: needs}.now(Stuck, "no server reaches the viewservice").
		next("the first one to ping will be primary").cite("V1").claim(d.stays()...)
}

// stuckView tells that the primary is lost before it acknowledged the view: nobody may follow it (V3), of view 1 but itself.
func (d diagnosis) stuckView() Why {
	p, n := d.primary, d.View.Viewnum
	blocked := d.Viewservice.Status.Blocked.Code
	switch blocked {
	case viewservice.UnackedDead, viewservice.UnackedRestart:
	case viewservice.LoneLost, viewservice.LoneRestarted: // without the ack rule
		if n != 1 || d.Viewservice.Status.Acked {
			return Why{}
		}
	default:
		return Why{}
	}
	away, held := d.unreachable(p), d.heldPing(p.Name)
	unacked := func(code Code, level Level, needs ...Obstacle) Why {
		return d.cause(code, needs...).now(level, "view %d is not acknowledged", n).cite("V3")
	}
	forbids := "the ack rule forbids moving on"
	if !d.byRules() {
		forbids = "nobody else was primary"
	}
	answering, perhaps := d.voices()
	if len(answering) > 0 && away.is() && (!p.lostData() || n == 1) {
		w := unacked(AckBarred, AtRisk, away).because("%s, and only %s can send Ping(%d)", away.Text, p.Name, n).
			claim(append(answer(answering), d.in(Stays, ""))...)
		if p.Status.Phase == pbservice.PhaseGivenUp && answering[0].Name == p.Name {
			return w.next("%s gave %s up and answers alone; no view follows until that ends", p.Name, p.Status.View.Backup).cite("V10")
		}
		return w.next("%s answers on, and no view follows until that ends", answering[0].Name)
	}
	switch {
	case p.lostData() && n == 1 && blocked != viewservice.UnackedRestart && p.State == netsim.Crashed:
		return unacked(AckOfNextStart, Stuck, away).because("%s crashed before Ping(1). It promised nothing", p.Name).
			next("its next start may be primary again: restart %s", p.Name).cite("V7").claim(d.cure(!held.is())...)
	case p.lostData() && n > 1 && held.is() && blocked == viewservice.UnackedDead:
		return unacked(AckBarred, Stuck, held).because("%s died, and %s", p.Name, held.Text).
			next("if that is Ping(%d), to deliver it acknowledges the view; without it, it is stuck for ever", n).claim(d.in(Stays, ""))
	case p.lostData() && n > 1:
		w := unacked(AckLost, Lost).because("%s, and %s", d.neverAcks(), forbids).next("stuck for ever, by design: %s", begin)
		if p.up() && d.ruled() {
			w = w.cite("S2")
		}
		return d.forEver(w)
	case away.is() && len(perhaps) > 0:
		return unacked(AckBarred, AtRisk, away).because("%s, and only %s can send Ping(%d)", away.Text, p.Name, n).
			next("no view follows until that ends").claim(d.in(Stays, ""))
	case away.is():
		return unacked(AckBarred, Stuck, away).because("%s, and only %s can send Ping(%d): %s", away.Text, p.Name, n, forbids).
			next("nothing changes until that ends").claim(d.cure(!held.is())...)
	}
	if deaf := d.deaf(p); deaf.is() && p.Status.View.Viewnum < n {
		return d.unlearnt(deaf)
	}
	w := unacked(AckReturns, Busy).yet("%s is back", p.Name).next("%s will send Ping(%d)", p.Name, n)
	if d.acks(p) {
		w = w.claim(d.in(Acks, ""))
	}
	return w
}

// neverAcks tells why the primary, which has lost its data, will not acknowledge its view. A server that runs without the state
// never enters it, unless a rule is off by which it trusts the view.
func (d diagnosis) neverAcks() string {
	p, n := d.primary, d.View.Viewnum
	switch {
	case !p.up():
		return say("%s died before Ping(%d)", p.Name, n).text
	case !d.ruled():
		return say("%s before Ping(%d)", p.howLost(), n).text
	}
	return say("%s, so it never sends Ping(%d)", p.howLost(), n).text
}

// heldPing is a ping of a server that waits for a person.
func (d diagnosis) heldPing(server string) Obstacle {
	for _, h := range slices.Backward(d.HeldOn(server, ViewAddr)) {
		if h.Method == viewservice.PingMethod {
			return heldMessage(h, "ping")
		}
	}
	return Obstacle{}
}

// cure are the claims that things stay as they are until all that is broken is mended, and then go on; nothing but the
// former is claimed unless sure.
func (d diagnosis) cure(sure bool) []Claim {
	if !sure {
		return nil
	}
	claims := d.stays()
	if d.ruled() {
		claims = append(claims, Claim{Code: Curable})
	}
	return claims
}

// forEver adds the claims that nothing helps. While rules are off something might.
func (d diagnosis) forEver(w Why) Why {
	if off := d.trusting(); off != "" {
		return d.lawless(w, off)
	}
	w = w.claim(d.stays()...)
	if answering, perhaps := d.voices(); len(answering)+len(perhaps) > 0 {
		w.Level = min(w.Level, AtRisk)
		return w
	}
	byOldPing := d.backup != nil && d.Viewservice.Status.Acked && !d.backup.heard.Restarted || d.heldPing(d.View.Primary).is()
	if !byOldPing { // else an empty server may still be taken for a full one
		w = w.claim(d.in(StaysForEver, ""))
	}
	return d.overForGood(w)
}

// overForGood adds the claim that nobody is ever answered again, unless an answer waits for a person.
func (d diagnosis) overForGood(w Why) Why {
	for _, h := range d.Held {
		if k := d.Client(h.To); k != nil && k.Running && h.Direction == netsim.Reply && h.From != ViewAddr {
			return w.next("%s; an answer for %s is still held", w.Next, h.To)
		}
	}
	return w.claim(Claim{Code: SilentForEver})
}

// lawless ends what is told of data that are lost, while a rule is off by which nobody could serve without them.
func (d diagnosis) lawless(w Why, off string) Why {
	w.Level = AtRisk
	if answering, _ := d.voices(); len(answering) > 0 {
		return w.next("%s serves without data, since %s is off", answering[0].Name, off).claim(answer(answering)...)
	}
	if d.primary.Boots > 1 && d.learns(d.primary) && !d.primary.heard.Restarted {
		w.Level = Busy
	}
	return w.next("a server may serve without the data, since %s is off", off)
}

// dataAway tells that all who hold the data are lost, as far as the viewservice can tell (V5), and whether one of
// them can still return with it.
func (d diagnosis) dataAway() Why {
	switch d.Viewservice.Status.Blocked.Code {
	case viewservice.LoneLost, viewservice.LoneRestarted, viewservice.BothLost, viewservice.BothRestarted:
	default:
		return Why{}
	}
	n := d.View.Viewnum
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
			return d.returns(m)
		}
	}
	answering, perhaps := d.voices()
	switch {
	case len(away) == 0:
		w := d.cause(DataLost).now(Lost, "the data of view %d is lost for ever", n).because("%s. Nobody else had it", strings.Join(gone, ", ")).
			next("nobody may serve, by design: %s", begin).cite("V5")
		return d.forEver(w)
	case len(answering)+len(perhaps) > 0:
		v := append(answering, perhaps...)[0]
		w := d.cause(Unheard, needs...).now(AtRisk, "%s serves on in view %d, unheard by the viewservice", v.Name, v.Status.View.Viewnum).
			because("%s", strings.Join(append(away, gone...), ", ")).cite("V5").claim(answer(answering)...)
		if off := d.usurped(); off != "" {
			return w.next("a server without the data may take over, since %s is off", off)
		}
		return w.next("no view can follow until that ends").claim(d.in(Stays, ""))
	}
	return d.cause(DataBarred, needs...).now(Stuck, "nobody may serve").
		because("only a server of view %d has the data, and %s", n, strings.Join(append(away, gone...), ", ")).
		next("nothing changes until that ends").cite("V5").claim(d.cure(!d.heldPing(d.View.Primary).is() && !d.heldPing(d.View.Backup).is())...)
}

// returns tells of a member that comes back with the data.
func (d diagnosis) returns(m *member) Why {
	w := Cause{Code: DataReturns, Server: m.Name}.now(Busy, "%s is back with the data of view %d", m.Name, d.View.Viewnum).
		next("its ping is awaited").cite("V5")
	if m == d.backup && d.pings(m) && d.primary.lostData() {
		w = w.next("it is about to ping, and takes over").claim(d.in(Leads, m.Name))
	}
	return w
}
