package engine

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice"
)

// Explain says in s how long servers were not heard, what the clients wait for and what matters most. progress is what
// the Clerk of the i-th client is doing, while that has a running operation. Engines call Explain when the rest of s is
// known.
func Explain(s *Snapshot, progress func(i int) pbservice.Progress) {
	x := NewIndex(*s) // shares its servers and clients with s
	for i := range s.Servers {
		s.Servers[i].PingAge = -1
		if m := x.Member(s.Servers[i].Name); m != nil {
			s.Servers[i].PingAge = m.Silent
		}
	}
	for i := range s.Clients {
		k, p := &s.Clients[i], progress(i)
		if k.View = p.View; k.Running {
			k.Waits = x.wait(*k, p)
		}
	}
	s.Why = x.why()
}

// Later is what would be seen of s at a later time if nothing had happened but that servers were heard: heard says of each that
// ever was when that was last. Servers and clients of s stay as they are.
func (s Snapshot) Later(at time.Duration, heard func(ServerState) time.Duration) Snapshot {
	if s.Viewservice.State != netsim.Crashed {
		s.Viewservice.Status.Up += at - s.At
	}
	s.At = at
	s.Servers, s.Viewservice.Status.Servers = slices.Clone(s.Servers), slices.Clone(s.Viewservice.Status.Servers)
	for i := range s.Servers {
		v := &s.Servers[i]
		if m := s.Viewservice.Status.Member(v.Name); v.PingAge >= 0 && m != nil {
			v.PingAge = at - heard(*v)
			m.Silent = v.PingAge
		}
	}
	s.Why = NewIndex(s).why()
	return s
}

// diagnosis is an index with the members of the view, as all explanations ask for them.
type diagnosis struct {
	*Index
	primary, backup *member // nil if there is none
}

// member is a server in its place in the view.
type member struct {
	ServerState
	heard viewservice.Member // what the viewservice knows of it
}

func (x *Index) member(name string) *member {
	s := x.Server(name)
	if s == nil {
		return nil
	}
	found := &member{ServerState: *s}
	if m := x.Member(name); m != nil {
		found.heard = *m
	}
	return found
}

// rebooted reports whether the server runs as another boot than the viewservice has heard.
func (m *member) rebooted() bool {
	return m.Status.Boot != 0 && m.heard.Boot != 0 && m.Status.Boot != m.heard.Boot
}

// lostData reports whether the data that the server held in its view is gone for good.
func (m *member) lostData() bool {
	return !m.up() || m.heard.Restarted || m.rebooted() ||
		m.Status.Boot != 0 && !m.Status.Complete
}

// up reports whether the server's process is there, be it frozen.
func (m *member) up() bool { return m.State != netsim.Crashed && m.State != netsim.Stopped }

// howLost tells how the data was lost.
func (m *member) howLost() string {
	switch {
	case !m.up():
		return m.Name + " crashed"
	case !m.rebooted() && !m.heard.Restarted && m.Status.Role == pbservice.Primary:
		return m.Name + " was promoted without the data"
	}
	return m.Name + " came back empty"
}

// unreachable is what keeps a server from being heard by the viewservice, as far as that is known.
func (x *Index) unreachable(m *member) Obstacle {
	switch {
	case m.State == netsim.Crashed:
		return Obstacle{Kind: Crashed, From: m.Name, Text: m.Name + " crashed"}
	case m.State == netsim.Frozen:
		return frozen(m.Name)
	case x.Cut(m.Name, ViewAddr):
		return cutLink(m.Name, ViewAddr)
	case x.Holds(m.Name, ViewAddr):
		return holding(m.Name, ViewAddr)
	}
	return x.swallows(m.Name, ViewAddr, netsim.Request)
}

// deaf is what keeps a server that runs from hearing the viewservice, as far as that is known.
func (x *Index) deaf(m *member) Obstacle {
	switch {
	case x.Cut(ViewAddr, m.Name):
		return cutLink(ViewAddr, m.Name)
	case x.Holds(ViewAddr, m.Name):
		return holding(ViewAddr, m.Name)
	}
	return x.swallows(ViewAddr, m.Name, netsim.Reply)
}

// pings reports whether the viewservice surely hears a server, and in time.
func (x *Index) pings(m *member) bool {
	return x.Viewservice.State == netsim.Up && m.State == netsim.Up && x.flows(m.Name, ViewAddr, netsim.Request)
}

// learns reports whether a server surely hears the viewservice's replies, and in time.
func (x *Index) learns(m *member) bool { return x.pings(m) && x.flows(ViewAddr, m.Name, netsim.Reply) }

// acks reports whether a primary will surely acknowledge its view.
func (x *Index) acks(m *member) bool {
	knows := x.learns(m) || x.pings(m) && m.Status.View == x.View && x.View.Viewnum > 1
	return knows && (m.Status.Complete || x.View.Viewnum == 1) && m.Status.Refuses.Code != pbservice.NoState && !m.rebooted()
}

func frozen(node string) Obstacle {
	return Obstacle{Kind: Frozen, From: node, Text: node + " is frozen"}
}

func cutLink(from, to string) Obstacle {
	return Obstacle{Kind: CutLink, From: from, To: to, Text: fmt.Sprintf("%s > %s is cut", from, to)}
}

func holding(from, to string) Obstacle {
	return Obstacle{Kind: Holding, From: from, To: to, Text: fmt.Sprintf("%s > %s holds messages", from, to)}
}

// between is which link between two nodes is cut.
func (x *Index) between(a, b string) Obstacle {
	switch {
	case x.Cut(a, b):
		return cutLink(a, b)
	case x.Cut(b, a):
		return cutLink(b, a)
	}
	return Obstacle{}
}

// heldBetween is the message between two nodes that waits for a person: "forward 18 is held on s2 > s3".
func (x *Index) heldBetween(a, b string) Obstacle {
	h, ok := x.awaited(x.Held, func(h netsim.Held) bool { return h.From == a && h.To == b || h.From == b && h.To == a })
	if !ok {
		return Obstacle{}
	}
	return heldMessage(h, x.heldWord(h))
}

// heldWord names a held message: between servers by its method, "forward" or "reply to forward", and else by its direction.
func (x *Index) heldWord(h netsim.Held) string {
	if x.Client(h.From) != nil || x.Client(h.To) != nil {
		return h.Direction.String()
	}
	what := strings.ToLower(h.Method[strings.LastIndex(h.Method, ".")+1:])
	if h.Direction == netsim.Reply {
		return "reply to " + what
	}
	return what
}

// awaited is the held message to deliver, of those that are wanted. Only what was sent last is of use. But it may have been sent
// before, word for word: an answer to any of these sendings will do (S8 C1), and the first of them stays the same while
// there are ever more. A copy is as old as its original, which is named in its place.
func (x *Index) awaited(all []netsim.Held, wanted func(netsim.Held) bool) (found netsim.Held, ok bool) {
	sent := func(h netsim.Held) uint64 { return cmp.Or(h.CopyOf, h.Msg) }
	for _, h := range all {
		if wanted(h) && (!ok || sent(h) > sent(found)) {
			found, ok = h, true
		}
	}
	if !ok || !repeats(found) {
		return found, ok
	}
	for _, h := range all {
		if wanted(h) && sent(h) < sent(found) && sameMessage(h, found) && !x.expired(h) {
			found = h
		}
	}
	return found, ok
}

// repeats reports whether whoever waits for a message takes any sending of it. Of pings, and of questions for the view or a
// position, only the last counts.
func repeats(h netsim.Held) bool {
	return strings.HasPrefix(h.Method, pbservice.ServiceName+".") && h.Method != pbservice.PositionMethod
}

// expired reports whether nobody waits for what a held message brings: its sender has given up, or it is an answer to an earlier
// operation of the client.
func (x *Index) expired(h netsim.Held) bool {
	k := x.Client(h.To)
	return h.Expired || k != nil && h.Since < x.At-k.Since
}

func sameMessage(a, b netsim.Held) bool {
	return a.From == b.From && a.Direction == b.Direction && a.Method == b.Method && a.Op == b.Op && a.Summary == b.Summary
}

func heldMessage(h netsim.Held, what string) Obstacle {
	return Obstacle{Kind: HeldMessage, From: h.From, To: h.To, Msg: h.Msg, Text: fmt.Sprintf("%s %d is held on %s > %s", what, h.Msg, h.From, h.To)}
}

// slow is what makes messages between two nodes late, or loses some of them.
func (x *Index) slow(a, b string) (netsim.Fault, bool) {
	for _, f := range x.Faults {
		if f.Kind.Row().Hinders && (f.From == a && f.To == b || f.From == b && f.To == a) {
			return f, true
		}
	}
	return netsim.Fault{}, false
}

// failing says how a server that the viewservice still counts on fails, and how long it has been silent; "" if it
// seems well. One late ping is no failure.
func (x *Index) failing(m *member) string {
	if m.rebooted() || m.heard.Restarted {
		return m.howLost()
	}
	status := &x.Viewservice.Status
	why := x.unreachable(m).Text
	switch {
	case why == "" && m.heard.Silent <= 2*status.PingInterval:
		return ""
	case why == "":
		why = m.Name
	default:
		why += ","
	}
	why += " silent for " + viewservice.SilenceWords(m.heard.Silent)
	if m.heard.Dead {
		return why
	}
	return why + " of " + viewservice.SilenceWords(status.PingInterval*time.Duration(status.DeadPings))
}

// failingInBrief says how a server fails, without how long it has been silent.
func (x *Index) failingInBrief(m *member) string {
	if m.rebooted() || m.heard.Restarted {
		return m.howLost()
	}
	if why := x.unreachable(m); why.is() {
		return why.Text
	}
	return m.Name + " is silent"
}

// severity is how bad it is that one of the holders of the data must return.
func (x *Index) severity(holders ...*member) Level {
	worst := Lost
	if !x.Viewservice.Status.Acked {
		worst = Stuck // what the primary promised in this view, if anything, its next boot may promise
	}
	for _, m := range holders {
		switch {
		case m.lostData():
		case x.unreachable(m).is():
			worst = min(worst, Stuck)
		default:
			worst = min(worst, Busy)
		}
	}
	return worst
}

// waiting names the clients with a running operation: "c1 waits", "c1, c2 wait"; "" if there is none.
func (x *Index) waiting() string {
	var names []string
	for _, k := range x.Clients {
		if k.Running {
			names = append(names, k.Name)
		}
	}
	switch len(names) {
	case 0:
		return ""
	case 1:
		return names[0] + " waits"
	}
	return Listing(names) + " wait"
}
