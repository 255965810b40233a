package tui

import (
	"fmt"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/history"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice"
)

// story is a trace that is being written.
type story struct {
	at     time.Duration
	msg    uint64
	events []netsim.Event
}

func (s *story) tell(e netsim.Event) {
	e.Seq, e.At = uint64(len(s.events)+1), s.at
	s.events = append(s.events, e)
}

// sends tells of a request, which goes through kinds.
func (s *story) sends(from, to, method, summary string, kinds ...netsim.Kind) (id uint64) {
	s.msg++
	s.goesOn(netsim.Event{Msg: s.msg, Role: netsim.Request, From: from, To: to, Method: method, Summary: summary}, kinds...)
	return s.msg
}

// answers tells of the reply to a request.
func (s *story) answers(id uint64, summary string, kinds ...netsim.Kind) uint64 {
	for _, e := range s.events {
		if e.Msg == id {
			s.msg++
			s.goesOn(netsim.Event{Msg: s.msg, Answers: id, Role: netsim.Reply, From: e.To, To: e.From, Method: e.Method, Summary: summary}, kinds...)
			break
		}
	}
	return s.msg
}

// arrives tells more of a message.
func (s *story) arrives(id uint64, kind netsim.Kind, why string) {
	for _, e := range s.events {
		if e.Msg == id {
			e.Kind, e.Why = kind, why
			s.tell(e)
			return
		}
	}
}

func (s *story) goesOn(e netsim.Event, kinds ...netsim.Kind) {
	for _, k := range append([]netsim.Kind{netsim.MsgSent}, kinds...) {
		e.Kind, e.Why = k, map[netsim.Kind]string{netsim.MsgLost: "s2 > s1 is cut", netsim.MsgDelayed: "200ms"}[k]
		s.tell(e)
	}
}

func (s *story) happens(kind netsim.Kind, from, to, why string) {
	s.tell(netsim.Event{Kind: kind, From: from, To: to, Why: why})
}

func (s *story) ping(server string) {
	id := s.sends(server, "vs", "ViewServer.Ping", "Ping(2)", netsim.MsgDelivered)
	s.answers(id, "view 2 s1 s2", netsim.MsgDelivered)
	s.at += time.Millisecond
}

// put tells of a put that is forwarded and answered, and returns its messages.
func (s *story) put(client, value string) (request, forward, confirmed, reply uint64) {
	const yes = netsim.MsgDelivered
	request = s.sends(client, "s1", "PBServer.PutAppend", fmt.Sprintf("put %q %q %s/1", "a", value, client), yes)
	forward = s.sends("s1", "s2", "PBServer.Forward", fmt.Sprintf("view 2: op 4 put %q %q", "a", value), yes)
	confirmed = s.answers(forward, "confirmed up to 4", yes)
	reply = s.answers(request, "OK", yes)
	s.at += 3 * time.Millisecond
	return request, forward, confirmed, reply
}

// failover is a story in which everything happens that a diagram has a sign for.
func failover() *story {
	s := &story{at: 8 * second}
	s.ping("s1")
	s.ping("s2")
	s.put("c1", "1")
	late := s.sends("c2", "s1", "PBServer.Get", `get "a" c2/1`, netsim.MsgDelayed)
	s.at += 40 * time.Millisecond
	s.ping("s3")
	s.at += 160 * time.Millisecond
	s.arrives(late, netsim.MsgDelivered, "")
	s.answers(late, `"1"`, netsim.MsgLost)
	s.happens(netsim.NodeFrozen, "s3", "", "")
	s.happens(netsim.LinkCut, "s1", "s2", "")
	s.happens(netsim.LinkCut, "s2", "s1", "")
	s.at += second / 10
	s.happens(netsim.NodeCrashed, "s1", "", "")
	s.at += second / 10
	held := s.sends("s2", "s3", "PBServer.Forward", "view 3: who is there?", netsim.MsgHeld)
	s.tell(netsim.Event{Kind: netsim.MsgDuplicated, Msg: held + 1, CopyOf: held, Role: netsim.Request, From: "s2", To: "s3", Method: "PBServer.Forward", Summary: "view 3: who is there?"})
	s.msg++
	s.arrives(held+1, netsim.MsgDelivered, "")
	s.at += second / 10
	s.happens(netsim.NodeThawed, "s3", "", "")
	s.happens(netsim.NodeStarted, "s1", "", "incarnation 2")
	s.arrives(held, netsim.MsgLost, "dropped by hand")
	s.sends("c1", "s2", "PBServer.PutAppend", `append "log" "x" c1/2`)
	return s
}

// moved is a cluster in whose third view s2 took over, at about the time of failover.
func moved(servers int) engine.Snapshot {
	s := quiet(servers, 2)
	s.At = 9 * second
	s.Views.Status.Up = s.At
	view := viewservice.View{Viewnum: 3, Primary: "s2", Backup: "s3"}
	s.Views.Status.View = view
	s.Views.Status.Changes = append(s.Views.Status.Changes, viewservice.Change{View: view, At: 8400 * time.Millisecond, Causes: []viewservice.Cause{
		{Code: viewservice.PrimarySilent, Server: "s1", Silent: 512 * time.Millisecond, Allowed: 500 * time.Millisecond},
		{Code: viewservice.Promoted, Server: "s2"}, {Code: viewservice.Appointed, Server: "s3"},
	}})
	s.Views.Status.Servers = []viewservice.Member{{Name: "s2"}, {Name: "s1", Place: 2}, {Name: "s5", Place: 1}}
	return s
}

// hears hands a look with a story to the model.
func hears(m *Model, snap engine.Snapshot, s *story) {
	m.Update(observed{snap: snap, nodes: nodesOf(snap), asked: m.maps.window(), events: s.events})
}

// did is an operation of a history; one whose end is 0 still runs.
func did(id int, client string, kind pbservice.OpKind, text string, call, end int) history.Bar {
	bar := history.Bar{ID: id, Running: end == 0}
	bar.Client, bar.Kind, bar.Key = client, kind, "a"
	bar.Call, bar.Return = time.Duration(call)*time.Millisecond, time.Duration(end)*time.Millisecond
	bar.Known = end > 0
	if kind == pbservice.Get {
		bar.Found, bar.Got = text != "", text
	} else {
		bar.Value = text
	}
	return bar
}

// overlapping is a history in which operations run at once, one still runs, and one has ended without an answer.
func overlapping() []history.Bar {
	bars := []history.Bar{
		did(0, "c1", pbservice.Put, "1", 1000, 1003), did(1, "c2", pbservice.Get, "1", 2000, 2001),
		did(2, "c1", pbservice.Put, "2", 3000, 5200), did(3, "c2", pbservice.Get, "2", 3100, 4800),
		did(4, "c2", pbservice.Append, "x", 5100, 6000), did(5, "c1", pbservice.Get, "", 7000, 0),
	}
	bars[4].Known, bars[4].Open = false, true
	return bars
}

// violation is a stale get, with the verdict on it.
func violation() ([]history.Bar, history.Verdict) {
	var r history.Recorder
	put := func(value string, call, end int) {
		id := r.Call("c1", pbservice.Op{Kind: pbservice.Put, Key: "a", Value: value}, time.Duration(call)*time.Millisecond)
		r.Return(id, time.Duration(end)*time.Millisecond, history.Outcome{Known: true})
	}
	get := func(value string, call, end int) {
		id := r.Call("c2", pbservice.Op{Key: "a"}, time.Duration(call)*time.Millisecond)
		r.Return(id, time.Duration(end)*time.Millisecond, history.Outcome{Known: true, Found: true, Got: value})
	}
	put("1", 1000, 1003)
	get("1", 1500, 1502)
	put("2", 2000, 2004)
	get("1", 3000, 3002)
	put("3", 4000, 4004)
	v := r.Judge(second)
	return r.Since(0, mostBars), v
}

// judged hands a look with a history to the model.
func judged(m *Model, snap engine.Snapshot, bars []history.Bar, v history.Verdict) {
	m.Update(observed{snap: snap, nodes: nodesOf(snap), asked: m.maps.window(), bars: bars, verdict: v})
}
