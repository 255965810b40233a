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
	case blocked == viewservice.Amnesia:
		c.Code, w = ViewserviceForgot, say("the viewservice was restarted and remembers nothing").cite("V9")
	case blocked == viewservice.Stranger:
		c.Code, w = ViewserviceForgot, say("the viewservice has met a server of a view that it did not form").cite("V9")
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
