package tui

import (
	"fmt"
	"strings"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/env"
	"cluster/splitbrain/netsim/history"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/tui/pane"
	"cluster/splitbrain/viewservice"
)

// story is a trace that is being written.
type story struct {
	at     time.Duration
	msg    uint64
	events []netsim.TraceEvent
}

func (s *story) tell(e netsim.TraceEvent) {
	e.Seq, e.At = uint64(len(s.events)+1), s.at
	s.events = append(s.events, e)
}

// says gives an event the words and the operation of a message's body, as networks do.
func says(e netsim.TraceEvent, body any) netsim.TraceEvent {
	if b, ok := body.(interface{ Summary() string }); ok {
		e.Summary = b.Summary()
	}
	e.Says, e.Op = env.SaysOf(body), netsim.OpOf(body)
	return e
}

// text is the body of a message that says any text.
type text string

func (t text) Summary() string { return string(t) }

func (t text) Says() env.Says { return env.Says{Words: string(t)} }

func getOf(client string, seq uint64, key string) *pbservice.GetArgs {
	return &pbservice.GetArgs{Key: key, Client: client, Seq: seq}
}

func putOf(client string, seq uint64, key, value string) *pbservice.PutAppendArgs {
	return &pbservice.PutAppendArgs{Key: key, Value: value, Client: client, Seq: seq}
}

// forwardOf is a forward of operations after so many.
func forwardOf(position uint64, ops ...pbservice.Op) *pbservice.ForwardArgs {
	return &pbservice.ForwardArgs{Viewnum: 2, Boot: 1, Position: position, Ops: ops}
}

// sends tells of a request, which goes through kinds.
func (s *story) sends(from, to, method string, body any, kinds ...netsim.EventKind) (id uint64) {
	s.msg++
	s.goesOn(says(netsim.TraceEvent{Msg: s.msg, Direction: netsim.Request, From: from, To: to, Method: method}, body), kinds...)
	return s.msg
}

// forwards tells of a forward of operations after so many.
func (s *story) forwards(position uint64, ops ...pbservice.Op) (id uint64) {
	return s.sends("s1", "s2", pbservice.ForwardMethod, forwardOf(position, ops...), netsim.MsgDelivered)
}

// answers tells of the reply to a request.
func (s *story) answers(id uint64, body any, kinds ...netsim.EventKind) uint64 {
	for _, e := range s.events {
		if e.Msg == id {
			s.msg++
			s.goesOn(says(netsim.TraceEvent{Msg: s.msg, Answers: id, Direction: netsim.Reply, From: e.To, To: e.From, Method: e.Method}, body), kinds...)
			break
		}
	}
	return s.msg
}

// arrives tells more of a message.
func (s *story) arrives(id uint64, kind netsim.EventKind, why string) {
	for _, e := range s.events {
		if e.Msg == id {
			e.Kind, e.Why = kind, why
			s.tell(e)
			return
		}
	}
}

func (s *story) goesOn(e netsim.TraceEvent, kinds ...netsim.EventKind) {
	for _, k := range append([]netsim.EventKind{netsim.MsgSent}, kinds...) {
		e.Kind, e.Why = k, map[netsim.EventKind]string{netsim.MsgLost: e.From + " > " + e.To + " is cut", netsim.MsgDelayed: "200ms"}[k]
		s.tell(e)
	}
}

func (s *story) happens(kind netsim.EventKind, from, to, why string) {
	s.tell(netsim.TraceEvent{Kind: kind, From: from, To: to, Why: why})
}

func (s *story) ping(server string) {
	id := s.sends(server, "vs", "ViewServer.Ping", viewservice.PingArgs{Viewnum: 2}, netsim.MsgDelivered)
	s.answers(id, viewservice.PingReply{View: viewservice.View{Viewnum: 2, Primary: "s1", Backup: "s2"}, Acked: true}, netsim.MsgDelivered)
	s.at += time.Millisecond
}

// put tells of a put that is forwarded and answered, and returns its messages.
func (s *story) put(client, value string) (request, forward, confirmed, reply uint64) {
	const yes = netsim.MsgDelivered
	request = s.sends(client, "s1", "PBServer.PutAppend", putOf(client, 1, "a", value), yes)
	forward = s.forwards(3, pbservice.Op{Kind: pbservice.Put, Key: "a", Value: value, Client: client, Seq: 1})
	confirmed = s.answers(forward, pbservice.ForwardReply{Position: 4}, yes)
	reply = s.answers(request, pbservice.Reply{Err: pbservice.OK}, yes)
	s.at += 3 * time.Millisecond
	return request, forward, confirmed, reply
}

// failover is a story in which everything happens that a diagram has a sign for.
func failover() *story {
	s := &story{at: 8 * second}
	s.ping("s1")
	s.ping("s2")
	s.put("c1", "1")
	late := s.sends("c2", "s1", "PBServer.Get", getOf("c2", 1, "a"), netsim.MsgDelayed)
	s.at += 40 * time.Millisecond
	s.ping("s3")
	s.at += 160 * time.Millisecond
	s.arrives(late, netsim.MsgDelivered, "")
	s.answers(late, pbservice.Reply{Err: pbservice.OK, Value: "1"}, netsim.MsgLost)
	s.happens(netsim.NodeFrozen, "s3", "", "")
	s.happens(netsim.FaultCut.Begins(), "s1", "s2", "")
	s.happens(netsim.FaultCut.Begins(), "s2", "s1", "")
	s.at += second / 10
	s.happens(netsim.NodeCrashed, "s1", "", "")
	s.at += second / 10
	held := s.sends("s2", "s3", "PBServer.Forward", &pbservice.ForwardArgs{Viewnum: 3}, netsim.MsgHeld)
	s.tell(says(netsim.TraceEvent{Kind: netsim.MsgDuplicated, Msg: held + 1, CopyOf: held, Direction: netsim.Request, From: "s2", To: "s3", Method: "PBServer.Forward"}, &pbservice.ForwardArgs{Viewnum: 3}))
	s.msg++
	s.arrives(held+1, netsim.MsgDelivered, "")
	s.at += second / 10
	s.happens(netsim.NodeThawed, "s3", "", "")
	s.happens(netsim.NodeStarted, "s1", "", "boot 2")
	s.arrives(held, netsim.MsgLost, "dropped by hand")
	s.sends("c1", "s2", "PBServer.PutAppend", &pbservice.PutAppendArgs{Append: true, Key: "log", Value: "x", Client: "c1", Seq: 2})
	return s
}

// steadily is a story of puts and pings.
func steadily() *story {
	s := &story{at: 8 * second}
	for i := range 4 {
		s.ping("s1")
		s.put("c1", fmt.Sprint(i))
		s.ping("s2")
		s.put("c2", fmt.Sprint(i))
		s.at += second / 10
	}
	return s
}

// losesPut sends a put to a server that has crashed.
func (s *story) losesPut(to string) {
	id := s.sends("c1", to, "PBServer.PutAppend", putOf("c1", 2, "a", "2"))
	s.arrives(id, netsim.MsgLost, to+" crashed")
}

// crashing is a story of a primary that crashes, and of a client that does not know it yet.
func crashing() *story {
	s := &story{at: 9400 * time.Millisecond}
	s.put("c2", "1")
	for range 2 {
		s.ping("s1")
		s.ping("s2")
		s.ping("s3")
		s.at += 90 * time.Millisecond
	}
	s.happens(netsim.NodeCrashed, "s1", "", "")
	s.at += second / 10
	s.losesPut("s1")
	return s
}

// lostForEver is a story of a new primary that crashes before it has acknowledged its view.
func lostForEver() *story {
	s := &story{at: 8 * second}
	s.put("c1", "1")
	s.happens(netsim.NodeCrashed, "s3", "", "")
	s.at += second / 2
	s.happens(netsim.NodeCrashed, "s1", "", "")
	s.at += second / 2
	s.happens(netsim.NodeCrashed, "s2", "", "")
	s.at += second / 10
	s.losesPut("s2")
	return s
}

// parting is a story of two groups that are cut from each other.
func parting() *story {
	s := &story{at: 8 * second}
	s.put("c1", "1")
	for _, a := range []string{"s1", "c1"} {
		for _, b := range []string{"vs", "s2", "s3", "c2"} {
			s.happens(netsim.FaultCut.Begins(), a, b, "")
			s.happens(netsim.FaultCut.Begins(), b, a, "")
		}
	}
	s.sends("s1", "vs", "ViewServer.Ping", viewservice.PingArgs{Viewnum: 2}, netsim.MsgLost)
	s.sends("s1", "s2", "PBServer.Forward", forwardOf(4, pbservice.Op{Kind: pbservice.Get, Key: "a"}), netsim.MsgLost)
	s.at = 9900 * time.Millisecond
	s.happens(netsim.TimePaused, "time", "", "")
	return s
}

// filling is a story of a map that is copied in pieces.
func filling() *story {
	s := &story{at: 8 * second}
	for i := range 6 {
		id := s.sends("s1", "s2", "PBServer.Forward", &pbservice.ForwardArgs{
			Viewnum: 2, Boot: 1, Index: uint64(i + 1), Ops: make([]pbservice.Op, 2), Chunk: &pbservice.Chunk{Pairs: make([]pbservice.Pair, 1000)},
		}, netsim.MsgDelivered)
		s.at += 8 * time.Millisecond
		s.answers(id, pbservice.ForwardReply{Position: uint64(2*i + 2)}, netsim.MsgDelivered)
	}
	return s
}

func nastily() *story {
	s := &story{at: 8 * second}
	id := s.sends("c1", "s1", "PBServer.PutAppend", text("put "+evil), netsim.MsgDelivered)
	s.answers(id, text(evil+strings.Repeat("漢", 60)))
	s.happens(netsim.NodeCrashed, evil, "", evil)
	s.sends(evil, "s1", evil, text(evil), netsim.MsgLost)
	return s
}

// crowd is a story in which many clients take part.
func crowd() *story {
	s := &story{at: 8 * second}
	for i := range 64 {
		s.put(fmt.Sprintf("c%d", i+1), "1")
	}
	return s
}

// moved is a cluster in whose third view s2 took over, at about the time of failover.
func moved(servers int) engine.Snapshot {
	s := quiet(servers, 2)
	s.At = 9 * second
	s.Viewservice.Status.Up = s.At
	takeOver(&s)
	s.Viewservice.Status.Servers = []viewservice.Member{{Name: "s2"}, {Name: "s1", Place: 2}, {Name: "s5", Place: 1}}
	s.Servers[0].Boots = 2
	for i := range s.Servers {
		s.Servers[i].Status.View, s.Servers[i].Status.Entered = s.Viewservice.Status.View, 3
	}
	s.Servers[0].Status.Role, s.Servers[0].Status.Complete = pbservice.Idle, false
	s.Why = engine.Why{Now: "view 3: s2 answers once s3 has confirmed (S5)"}
	return s
}

// hears hands a look with a story to the model.
func hears(m *Model, snap engine.Snapshot, s *story) {
	m.Update(pollResult{Observation: pane.Observation{Snap: snap, Nodes: nodesOf(snap), Asked: m.maps.Window(), Events: s.events}})
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

// settled are the operations of steadily.
func settled() []history.Bar {
	var bars []history.Bar
	for i := range 4 {
		for j, client := range []string{"c1", "c2"} {
			at := 8000 + 100*i + 5*j
			bars = append(bars, did(2*i+j, client, pbservice.Put, fmt.Sprint(i), at, at+3))
		}
	}
	return bars
}

// waiting are the operations of crashing: the last one still runs.
func waiting() []history.Bar {
	return []history.Bar{
		did(0, "c1", pbservice.Put, "1", 9000, 9003), did(1, "c2", pbservice.Put, "1", 9400, 9403), did(2, "c1", pbservice.Put, "2", 9680, 0),
	}
}

// crowdOfBars are operations of many clients at once.
func crowdOfBars() []history.Bar {
	var bars []history.Bar
	for i := range 64 {
		bars = append(bars, did(i, fmt.Sprint("c", i+1), pbservice.Put, "1", 8000+i, 8100+i))
	}
	return bars
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

func nastyBars() []history.Bar {
	bars := []history.Bar{did(0, "c1", pbservice.Put, evil, 1000, 1003), did(1, "c2", pbservice.Get, strings.Repeat("漢", 100), 2000, 2001), did(2, "c1", pbservice.Get, " blanks ", 3000, 5200)}
	bars[2].Key = evil
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
	return r.Since(0, 1000), v
}

// judged hands a look with a history to the model.
func judged(m *Model, snap engine.Snapshot, bars []history.Bar, v history.Verdict) {
	m.Update(pollResult{Observation: pane.Observation{Snap: snap, Nodes: nodesOf(snap), Asked: m.maps.Window(), Bars: bars, Verdict: v}})
}
