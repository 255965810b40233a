package enginetest

import (
	"slices"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/env"
	"cluster/splitbrain/netsim/history"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice"
)

// Story is a trace that is being written.
type Story struct {
	At     time.Duration
	Msg    uint64
	Events []netsim.TraceEvent
}

// Travelling is the operation of Travel's put.
var Travelling = pbservice.Op{Kind: pbservice.Put, Key: "a", Value: "2", Client: "c1", Seq: 1}

// Tell adds an event, of now.
func (s *Story) Tell(e netsim.TraceEvent) {
	e.Seq, e.At = uint64(len(s.Events)+1), s.At
	s.Events = append(s.Events, e)
}

// Says gives an event the words and the operation of a message's body, as networks do.
func Says(e netsim.TraceEvent, body any) netsim.TraceEvent {
	if b, ok := body.(interface{ Summary() string }); ok {
		e.Summary = b.Summary()
	}
	e.Says, e.Op = env.SaysOf(body), netsim.OpOf(body)
	return e
}

// GetOf is what a client asks for a Get.
func GetOf(client string, seq uint64, key string) *pbservice.GetArgs {
	return &pbservice.GetArgs{Key: key, Client: client, Seq: seq}
}

// PutOf is what a client asks for a Put.
func PutOf(client string, seq uint64, key, value string) *pbservice.PutAppendArgs {
	return &pbservice.PutAppendArgs{Key: key, Value: value, Client: client, Seq: seq}
}

// ForwardOf is a forward of operations after so many.
func ForwardOf(position uint64, ops ...pbservice.Op) *pbservice.ForwardArgs {
	return &pbservice.ForwardArgs{Viewnum: 2, Boot: 1, Position: position, Ops: ops}
}

// Sends tells of a request, which goes through kinds.
func (s *Story) Sends(from, to, method string, body any, kinds ...netsim.EventKind) (id uint64) {
	s.Msg++
	s.GoesOn(Says(netsim.TraceEvent{Msg: s.Msg, Direction: netsim.Request, From: from, To: to, Method: method}, body), kinds...)
	return s.Msg
}

// Forwards tells of a forward of operations after so many.
func (s *Story) Forwards(position uint64, ops ...pbservice.Op) (id uint64) {
	return s.Sends("s1", "s2", pbservice.ForwardMethod, ForwardOf(position, ops...), netsim.MsgDelivered)
}

// Answers tells of the reply to a request.
func (s *Story) Answers(id uint64, body any, kinds ...netsim.EventKind) uint64 {
	for _, e := range slices.Backward(s.Events) { // most requests are answered soon
		if e.Msg == id {
			s.Msg++
			s.GoesOn(Says(netsim.TraceEvent{Msg: s.Msg, Answers: id, Direction: netsim.Reply, From: e.To, To: e.From, Method: e.Method}, body), kinds...)
			break
		}
	}
	return s.Msg
}

// Arrives tells more of a message.
func (s *Story) Arrives(id uint64, kind netsim.EventKind, why string) {
	for _, e := range s.Events {
		if e.Msg == id {
			e.Kind, e.Why = kind, why
			s.Tell(e)
			return
		}
	}
}

// GoesOn tells of a message that is sent, and of what becomes of it.
func (s *Story) GoesOn(e netsim.TraceEvent, kinds ...netsim.EventKind) {
	for _, k := range append([]netsim.EventKind{netsim.MsgSent}, kinds...) {
		e.Kind, e.Why = k, map[netsim.EventKind]string{netsim.MsgLost: e.From + " > " + e.To + " is cut", netsim.MsgDelayed: "200ms"}[k]
		s.Tell(e)
	}
}

// Happens tells of a node, a link or time.
func (s *Story) Happens(kind netsim.EventKind, from, to, why string) {
	s.Tell(netsim.TraceEvent{Kind: kind, From: from, To: to, Why: why})
}

// Ping tells of a ping and its answer.
func (s *Story) Ping(server string) {
	id := s.Sends(server, "vs", "ViewServer.Ping", viewservice.PingArgs{Viewnum: 2}, netsim.MsgDelivered)
	s.Answers(id, viewservice.PingReply{View: viewservice.View{Viewnum: 2, Primary: "s1", Backup: "s2"}, Acked: true}, netsim.MsgDelivered)
	s.At += time.Millisecond
}

// Put tells of a put that is forwarded and answered, and returns its messages.
func (s *Story) Put(client, value string) (request, forward, confirmed, reply uint64) {
	const yes = netsim.MsgDelivered
	request = s.Sends(client, "s1", "PBServer.PutAppend", PutOf(client, 1, "a", value), yes)
	forward = s.Forwards(3, pbservice.Op{Kind: pbservice.Put, Key: "a", Value: value, Client: client, Seq: 1})
	confirmed = s.Answers(forward, pbservice.ForwardReply{Position: 4}, yes)
	reply = s.Answers(request, pbservice.Reply{Err: pbservice.OK}, yes)
	s.At += 3 * time.Millisecond
	return request, forward, confirmed, reply
}

// LosesPut sends a put to a server that has crashed.
func (s *Story) LosesPut(to string) {
	id := s.Sends("c1", to, "PBServer.PutAppend", PutOf("c1", 2, "a", "2"))
	s.Arrives(id, netsim.MsgLost, to+" crashed")
}

// Failover is a story in which everything happens that a diagram has a sign for.
func Failover() *Story {
	s := &Story{At: 8 * time.Second}
	s.Ping("s1")
	s.Ping("s2")
	s.Put("c1", "1")
	late := s.Sends("c2", "s1", "PBServer.Get", GetOf("c2", 1, "a"), netsim.MsgDelayed)
	s.At += 40 * time.Millisecond
	s.Ping("s3")
	s.At += 160 * time.Millisecond
	s.Arrives(late, netsim.MsgDelivered, "")
	s.Answers(late, pbservice.Reply{Err: pbservice.OK, Value: "1"}, netsim.MsgLost)
	s.Happens(netsim.NodeFrozen, "s3", "", "")
	s.Happens(netsim.FaultCut.Begins(), "s1", "s2", "")
	s.Happens(netsim.FaultCut.Begins(), "s2", "s1", "")
	s.At += time.Second / 10
	s.Happens(netsim.NodeCrashed, "s1", "", "")
	s.At += time.Second / 10
	held := s.Sends("s2", "s3", "PBServer.Forward", &pbservice.ForwardArgs{Viewnum: 3}, netsim.MsgHeld)
	s.Tell(Says(netsim.TraceEvent{Kind: netsim.MsgDuplicated, Msg: held + 1, CopyOf: held, Direction: netsim.Request, From: "s2", To: "s3", Method: "PBServer.Forward"}, &pbservice.ForwardArgs{Viewnum: 3}))
	s.Msg++
	s.Arrives(held+1, netsim.MsgDelivered, "")
	s.At += time.Second / 10
	s.Happens(netsim.NodeThawed, "s3", "", "")
	s.Happens(netsim.NodeStarted, "s1", "", "boot 2")
	s.Arrives(held, netsim.MsgLost, "dropped by hand")
	s.Sends("c1", "s2", "PBServer.PutAppend", &pbservice.PutAppendArgs{Append: true, Key: "log", Value: "x", Client: "c1", Seq: 2})
	return s
}

// Did is an operation of a history; one whose end is 0 still runs.
func Did(id int, client string, kind pbservice.OpKind, text string, call, end int) history.Bar {
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

// Overlapping is a history in which operations run at once, one still runs, and one has ended without an answer.
func Overlapping() []history.Bar {
	bars := []history.Bar{
		Did(0, "c1", pbservice.Put, "1", 1000, 1003), Did(1, "c2", pbservice.Get, "1", 2000, 2001),
		Did(2, "c1", pbservice.Put, "2", 3000, 5200), Did(3, "c2", pbservice.Get, "2", 3100, 4800),
		Did(4, "c2", pbservice.Append, "x", 5100, 6000), Did(5, "c1", pbservice.Get, "", 7000, 0),
	}
	bars[4].Known, bars[4].Open = false, true
	return bars
}

// HeldForwards are the messages that Travel leaves held.
func HeldForwards(now time.Duration) []netsim.Held {
	forward := ForwardOf(3, Travelling)
	return []netsim.Held{{
		Msg: 17, Direction: netsim.Request, From: "s1", To: "s2", Method: pbservice.ForwardMethod,
		Summary: forward.Summary(), Says: forward.Says(), Op: netsim.OpOf(forward), Since: now - 320*time.Millisecond,
	}, {
		Msg: 18, CopyOf: 17, Direction: netsim.Request, From: "s1", To: "s2", Method: pbservice.ForwardMethod,
		Summary: forward.Summary(), Says: forward.Says(), Op: netsim.OpOf(forward), Since: now - 120*time.Millisecond,
	}}
}

// Travel is what the trace tells of a put that is held, of others, and of pings.
func Travel(now time.Duration) []netsim.TraceEvent {
	var all []netsim.TraceEvent
	tell := func(e netsim.TraceEvent, kinds ...netsim.EventKind) {
		for i, k := range kinds {
			e.Kind, e.Seq, e.At = k, uint64(len(all)+1), now-time.Second+time.Duration(len(all)*5+i)*time.Millisecond
			if k == netsim.MsgDelivered {
				e.Size = 120
			}
			all = append(all, e)
		}
	}
	ping := func(id uint64, server string, end netsim.EventKind) {
		tell(Says(netsim.TraceEvent{Msg: id, Direction: netsim.Request, From: server, To: "vs", Method: "ViewServer.Ping"}, viewservice.PingArgs{Viewnum: 2}), netsim.MsgSent, end)
		if end == netsim.MsgDelivered {
			tell(Says(netsim.TraceEvent{Msg: id + 1, Answers: id, Direction: netsim.Reply, From: "vs", To: server, Method: "ViewServer.Ping"}, viewservice.PingReply{View: viewservice.View{Viewnum: 2, Primary: "s1", Backup: "s2"}, Acked: true}), netsim.MsgSent, end)
		}
	}
	ping(1, "s1", netsim.MsgDelivered)
	ping(3, "s2", netsim.MsgDelivered)
	tell(Says(netsim.TraceEvent{Msg: 5, Direction: netsim.Request, From: "c2", To: "s1", Method: "PBServer.Get"}, GetOf("c2", 1, "a")), netsim.MsgSent, netsim.MsgDelayed, netsim.MsgDelivered)
	tell(Says(netsim.TraceEvent{Msg: 6, Answers: 5, Direction: netsim.Reply, From: "s1", To: "c2", Method: "PBServer.Get"}, pbservice.Reply{Err: pbservice.OK, Value: "1"}), netsim.MsgSent, netsim.MsgDelivered)
	tell(Says(netsim.TraceEvent{Msg: 7, Direction: netsim.Request, From: "c1", To: "s1", Method: "PBServer.PutAppend"}, PutOf("c1", 1, "a", "2")), netsim.MsgSent)
	all = append(all, Says(netsim.TraceEvent{
		Seq: uint64(len(all) + 1), At: all[len(all)-1].At, Kind: netsim.MsgLost, Msg: 7, Direction: netsim.Request, From: "c1", To: "s1",
		Method: "PBServer.PutAppend", Why: "10% loss of requests c1 > s1",
	}, PutOf("c1", 1, "a", "2")))
	ping(8, "s3", netsim.MsgLost)
	tell(Says(netsim.TraceEvent{Msg: 16, Direction: netsim.Request, From: "c1", To: "s1", Method: "PBServer.PutAppend"}, PutOf("c1", 1, "a", "2")), netsim.MsgSent, netsim.MsgDelivered)
	tell(Says(netsim.TraceEvent{Msg: 17, Direction: netsim.Request, From: "s1", To: "s2", Method: "PBServer.Forward"}, ForwardOf(3, Travelling)), netsim.MsgSent, netsim.MsgHeld)
	tell(Says(netsim.TraceEvent{Msg: 18, CopyOf: 17, Direction: netsim.Request, From: "s1", To: "s2", Method: "PBServer.Forward"}, ForwardOf(3, Travelling)), netsim.MsgDuplicated, netsim.MsgHeld)
	ping(19, "s1", netsim.MsgDelivered)
	return all
}
