package engine

import (
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice/rules"
)

// voice is what becomes of clients' operations at one server, as things are.
type voice struct {
	*ServerState
	fate    fate
	barrier Obstacle // what keeps the server from answering, if its fate is barred
}

// fate is whether operations are answered.
type fate uint8

// The fates, what is worst first.
const (
	mute       fate = iota // never again in the server's view
	barred                 // not before somebody helps
	uncertain              // by luck, or once messages that are late or under way have arrived
	alone                  // by the server alone
	withBackup             // once the backup has confirmed
)

func (v *voice) answers() bool { return v.fate >= alone }

// voiceOf says what becomes of clients' operations at a server.
func (x *Index) voiceOf(s *ServerState) voice {
	v := voice{ServerState: s}
	switch {
	case s.State == netsim.Frozen && s.Status.Role == pbservice.Primary && s.Status.Complete:
		v.fate, v.barrier = barred, frozen(s.Name)
	case s.State != netsim.Up || s.Status.Role != pbservice.Primary || !s.Status.Complete || s.Status.Phase == "":
	case s.Status.Refuses.Code == pbservice.Unconfirmed:
		v.fate, v.barrier = x.unconfirmed(s)
	case s.Status.Refuses.Code != pbservice.CodeNone:
	case s.Status.Phase != pbservice.PhaseWaiting:
		v.fate = alone
	case x.Disabled.Has(rules.WaitForBackup):
		v.fate = x.withoutWaiting(s)
	case s.Status.Entered < s.Status.View.Viewnum:
		v.fate = uncertain // the backup confirms the last of the transfer, or is given up
	default:
		v.fate, v.barrier = x.confirms(s.Name, s)
		if v.fate < uncertain && x.Disabled.Has(rules.ForwardGets) {
			v.fate = uncertain // it answers Gets
		}
	}
	return v
}

// unconfirmed is whether the first primary will learn that view 1 is acknowledged.
func (x *Index) unconfirmed(s *ServerState) (fate, Obstacle) {
	vs := x.Viewservice.Status
	if x.Forgotten() || vs.View.Viewnum != 1 {
		return uncertain, Obstacle{}
	}
	if o := x.barrier(s.Name, ViewAddr); o.is() && !x.mayHearYet(x.member(s.Name)) {
		return barred, o
	}
	return uncertain, Obstacle{}
}

// underWay is how long a message and its answer are under way, at most, where nothing makes them late.
func (x *Index) underWay() time.Duration { return 2*x.Latency + 5*time.Millisecond }

// late is how long a reply to a server's ping may be under way.
func (x *Index) late(m *member) time.Duration {
	late := x.underWay()
	for _, f := range x.FaultsOn(ViewAddr, m.Name) {
		late += f.Delay + f.Jitter + f.Window
	}
	return late
}

// replied reports whether the reply to a server's newest ping may still be under way: what keeps further ones does not keep it.
func (x *Index) replied(m *member) bool { return m.heard.Silent <= x.late(m) }

// viewIsNew reports whether a server may have pinged no more than twice since the view was formed. Later it would know it by an
// earlier reply if the newest one could tell it.
func (x *Index) viewIsNew(m *member) bool {
	all := x.Viewservice.Status.Changes
	return len(all) > 0 && x.At-all[len(all)-1].At <= 2*(x.Config.PingInterval+x.late(m))
}

// mayLearnYet reports whether a reply is under way that tells a server of the view, whatever keeps further ones.
func (x *Index) mayLearnYet(m *member) bool { return x.replied(m) && x.viewIsNew(m) }

// mayHearYet reports whether a message is under way by which the first primary may learn that view 1 is acknowledged.
func (x *Index) mayHearYet(m *member) bool { return x.pinging(m) && x.viewIsNew(m) }

// pinging reports whether a ping of a server, or the reply to it, may be under way: what keeps further ones does not keep it.
func (x *Index) pinging(m *member) bool {
	every, now := x.Config.PingInterval, x.underWay()
	return x.replied(m) || m.heard.Silent >= every-now && m.heard.Silent <= every+now
}

// withoutWaiting is what becomes of operations while wait-for-backup is off: a backup that runs, and is heard, may still
// refuse them.
func (x *Index) withoutWaiting(s *ServerState) fate {
	b := s.Status.View.Backup
	if f, _ := x.confirms(s.Name, s); (f == mute || f == uncertain) && x.State(b) == netsim.Up && !x.barrier(s.Name, b).is() {
		return uncertain
	}
	return alone
}

// confirms is whether the backup of a primary that waits for it will confirm.
func (x *Index) confirms(primary string, s *ServerState) (fate, Obstacle) {
	b := x.Server(s.Status.View.Backup)
	switch {
	case b == nil || b.State == netsim.Crashed || b.State == netsim.Stopped:
		return mute, Obstacle{}
	case b.Status.View != s.Status.View && x.Disabled.Has(rules.BackupChecksView) && b.Status.View.Viewnum > s.Status.View.Viewnum:
		return uncertain, Obstacle{} // another boot of the backup refuses
	case b.Status.View == s.Status.View && !b.Status.Complete && x.Disabled.Has(rules.AckAfterTransfer):
		return uncertain, Obstacle{} // it is still being filled
	case b.Status.View != s.Status.View || !b.Status.Complete:
		return mute, Obstacle{}
	case x.Disabled.Has(rules.RestartDetection) && s.Boots > 1:
		return uncertain, Obstacle{} // the backup may refuse what this boot sends
	}
	if o := x.barrier(primary, b.Name); o.is() {
		return barred, o
	}
	if !x.talk(primary, b.Name) {
		return uncertain, Obstacle{}
	}
	return withBackup, Obstacle{}
}

// barrier is what surely keeps a node from getting an answer from another server, or the viewservice, that runs.
func (x *Index) barrier(from, to string) Obstacle {
	switch {
	case x.State(to) == netsim.Frozen:
		return frozen(to)
	case x.Cut(from, to):
		return cutLink(from, to)
	case x.Cut(to, from):
		return cutLink(to, from)
	case x.Holds(from, to):
		return holding(from, to)
	case x.Holds(to, from):
		return holding(to, from)
	}
	if all := x.swallows(from, to, netsim.Request); all.is() {
		return all
	}
	return x.swallows(to, from, netsim.Reply)
}

// unsent is what surely keeps whatever a server sends from another one, which then can't even refuse it.
func (x *Index) unsent(from, to string) Obstacle {
	if o := x.unreached(from, to); o.is() {
		return o
	}
	if x.Holds(from, to) {
		return holding(from, to)
	}
	return x.swallows(from, to, netsim.Request)
}

// unreached is why nothing that a node sends gets to another one: that does not run, or the link is cut.
func (x *Index) unreached(from, to string) Obstacle {
	switch state := x.State(to); {
	case state == netsim.Crashed:
		return Obstacle{Kind: Crashed, From: to, Text: to + " has crashed"}
	case state == netsim.Frozen:
		return frozen(to)
	case x.Cut(from, to):
		return cutLink(from, to)
	}
	return Obstacle{}
}

// swallows is the fault by which a link loses all requests, or all replies.
func (x *Index) swallows(from, to string, what netsim.Direction) Obstacle {
	for _, f := range x.FaultsOn(from, to) {
		if f.Kind.Row().Loses == what && f.Probability >= 1 {
			return lossy(f)
		}
	}
	return Obstacle{}
}

func lossy(f netsim.Fault) Obstacle {
	return Obstacle{Kind: Losing, From: f.From, To: f.To, Text: f.From + " > " + f.To + " " + f.Effect()}
}

// flows reports whether all requests, or all replies, that are sent on a link arrive, soon and in their order.
func (x *Index) flows(from, to string, what netsim.Direction) bool {
	for _, f := range x.FaultsOn(from, to) {
		row := f.Kind.Row()
		if f.Kind != netsim.FaultDuplicate && (row.Loses == netsim.NoDirection || row.Loses == what) {
			return false
		}
	}
	return true
}

// talk reports whether one node's requests surely get answers of another.
func (x *Index) talk(from, to string) bool {
	return x.flows(from, to, netsim.Request) && x.flows(to, from, netsim.Reply)
}

// voices are the servers that answer clients as things are, and perhaps are those of which that is uncertain.
func (x *Index) voices() (answering, perhaps []voice) {
	for i := range x.Servers {
		switch v := x.voiceOf(&x.Servers[i]); {
		case v.answers():
			answering = append(answering, v)
		case v.fate == uncertain:
			perhaps = append(perhaps, v)
		}
	}
	return answering, perhaps
}

// Answering are the servers that answer clients as things are; perhaps are others of which that is uncertain, because
// messages to or from them are late, or under way.
func (x *Index) Answering() (sure, perhaps []string) {
	answering, uncertain := x.voices()
	for _, v := range answering {
		sure = append(sure, v.Name)
	}
	for _, v := range uncertain {
		perhaps = append(perhaps, v.Name)
	}
	return sure, perhaps
}

// answer are the claims that these servers answer clients.
func answer(all []voice) []Claim {
	var claims []Claim
	for _, v := range all {
		claims = append(claims, v.claims()...)
	}
	return claims
}

// claims are that the server answers.
func (v *voice) claims() []Claim {
	return []Claim{{Code: Answers, Who: v.Name, View: v.Status.View.Viewnum}}
}

// nobody are the claims that no client is answered by anyone, unless it is uncertain whether one may be.
func (x *Index) nobody(more ...Claim) []Claim {
	if answering, perhaps := x.voices(); len(answering)+len(perhaps) > 0 {
		return more
	}
	return append(more, Claim{Code: Silent})
}

// ruled reports whether what is lost stays lost: no rule is off that lets a server serve without the data.
func (x *Index) ruled() bool { return x.trusting() == "" }

// trusting names a rule that is off, so that a server may serve without the data; "" if there is none.
func (x *Index) trusting() string {
	for _, r := range []rules.Rule{rules.Continuity, rules.RestartDetection} {
		if x.Disabled.Has(r) {
			return r.String()
		}
	}
	if x.Disabled.Has(rules.AckRule) && x.Disabled.Has(rules.AckAfterTransfer) { // a backup that was never filled is promoted
		return rules.AckAfterTransfer.String()
	}
	return ""
}

// usurped names a rule that is off, so that a server that never had the data may follow a primary that is lost; "" if there is
// none.
func (x *Index) usurped() string {
	if off := x.trusting(); off != rules.RestartDetection.String() {
		return off
	}
	return ""
}
