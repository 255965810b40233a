package pane

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/env"
	"cluster/splitbrain/netsim/history"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice"
)

func nodesOf(s engine.Snapshot) []string {
	names := []string{engine.ViewAddr}
	for _, v := range s.Servers {
		names = append(names, v.Name)
	}
	for _, c := range s.Clients {
		names = append(names, c.Name)
	}
	return names
}

const second = time.Second

// quiet is a cluster in its second view with everything well.
func quiet(servers, clients int) engine.Snapshot {
	view := viewservice.View{Viewnum: 2, Primary: "s1", Backup: "s2"}
	s := engine.Snapshot{
		At:     10 * second,
		Config: engine.Config{Servers: servers, Clients: clients, PingInterval: 100 * time.Millisecond, DeadPings: 5},
		Speed:  1,
		Why:    engine.Why{Now: "view 2: s1 answers once s2 has confirmed (S5)"},
		Map:    engine.Map{Rows: map[string][]pbservice.Row{}},
	}
	s.Viewservice = engine.ViewserviceState{State: netsim.Up, Boots: 1, Status: viewservice.Status{
		View: view, Acked: true, Up: 10 * second,
		Changes: []viewservice.Change{{
			View: viewservice.View{Viewnum: 1, Primary: "s1"}, At: 10 * time.Millisecond,
			Causes: []viewservice.Cause{{Code: viewservice.FirstPing, Server: "s1"}},
		}, {
			View: view, At: 110 * time.Millisecond,
			Causes: []viewservice.Cause{{Code: viewservice.NoBackup, Server: "s2"}, {Code: viewservice.Appointed, Server: "s2"}},
		}},
	}}
	for i := range servers {
		v := engine.ServerState{Name: fmt.Sprintf("s%d", i+1), State: netsim.Up, Boots: 1, PingAge: time.Duration(20+10*i) * time.Millisecond}
		v.Status = pbservice.Status{Name: v.Name, View: view, Entered: 2, Role: pbservice.Idle, Complete: i < 2}
		switch i {
		case 0:
			v.Status.Role = pbservice.Primary
		case 1:
			v.Status.Role = pbservice.Backup
		}
		s.Servers = append(s.Servers, v)
		s.Viewservice.Status.Servers = append(s.Viewservice.Status.Servers, viewservice.Member{Name: v.Name, Entered: 2, Place: max(i-1, 0)})
	}
	for i := range clients {
		s.Clients = append(s.Clients, engine.ClientState{Name: fmt.Sprintf("c%d", i+1), State: netsim.Up})
	}
	return s
}

// store puts a key into the maps of primary and backup, at the end of the keys.
func store(s *engine.Snapshot, key, value string, on ...string) {
	s.Map.Keys = append(s.Map.Keys, key)
	s.Map.Total = len(s.Map.Keys)
	for i := range s.Servers {
		name := s.Servers[i].Name
		row := pbservice.Row{Size: -1}
		for _, o := range on {
			if o == name {
				row = pbservice.Row{Key: key, Value: value, Size: len(value), Sum: uint64(len(value))<<8 + uint64(value[0])}
				s.Servers[i].Status.Keys++
			}
		}
		s.Map.Rows[name] = append(s.Map.Rows[name], row)
	}
}

func steady() engine.Snapshot {
	s := quiet(3, 2)
	store(&s, "a", "1", "s1", "s2")
	store(&s, "b", "two words", "s1", "s2")
	store(&s, "log", "x y z", "s1", "s2")
	put := pbservice.Op{Kind: pbservice.Put, Key: "b", Value: "two words"}
	s.Clients[0].Last = []engine.Done{{At: 9 * second, Took: 3 * time.Millisecond, Op: put, Reply: pbservice.Reply{Err: pbservice.OK}}}
	s.Clients[1].Last = []engine.Done{{At: 9500 * time.Millisecond, Took: 400 * time.Microsecond, Op: pbservice.Op{Key: "a"}, Reply: pbservice.Reply{Err: pbservice.OK, Value: "1"}}}
	return s
}

func crash(s *engine.Snapshot, i int) {
	v := &s.Servers[i]
	v.State, v.Status = netsim.Crashed, pbservice.Status{}
	for j := range s.Map.Rows[v.Name] {
		s.Map.Rows[v.Name][j] = pbservice.Row{Size: -1}
	}
}

func transfer() engine.Snapshot {
	s := steady()
	s.Map.Before, s.Map.Total = 41_000, 100_000
	for i := range 2 {
		s.Servers[i].Status.Keys = []int{100_000, 45_000}[i]
		s.Servers[i].Status.Transfer = pbservice.Transfer{Done: 45_000, Keys: 100_000}
	}
	s.Servers[1].Status.Complete, s.Servers[1].Status.Entered, s.Servers[0].Status.Entered = false, 0, 1
	s.Viewservice.Status.Acked = false
	s.Why = engine.Why{Level: engine.Busy, Now: "s1 copies its map to s2: 45,000 of 100,000 keys; clients are served meanwhile (S6)"}
	return s
}

// takeOver forms the third view, in which s2 has taken over from s1.
func takeOver(s *engine.Snapshot) {
	view := viewservice.View{Viewnum: 3, Primary: "s2", Backup: "s3"}
	s.Viewservice.Status.View = view
	s.Viewservice.Status.Changes = append(s.Viewservice.Status.Changes, viewservice.Change{View: view, At: 8400 * time.Millisecond, Causes: []viewservice.Cause{
		{Code: viewservice.PrimarySilent, Server: "s1", Silent: 512 * time.Millisecond, Allowed: 500 * time.Millisecond},
		{Code: viewservice.Promoted, Server: "s2"}, {Code: viewservice.Appointed, Server: "s3"},
	}})
	s.Viewservice.Status.Servers = nil
	for i, r := range map[int]pbservice.Role{1: pbservice.Primary, 2: pbservice.Backup} {
		s.Servers[i].Status.View, s.Servers[i].Status.Role, s.Servers[i].Status.Entered = view, r, 3
	}
}

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

// faulty is a cluster with faults of every kind, in slow motion.
func faulty() engine.Snapshot {
	s := steady()
	s.Speed = 0.05
	crash(&s, 2)
	s.Faults = []netsim.Fault{
		{Kind: netsim.FaultCut, From: "c1", To: "c2"}, {Kind: netsim.FaultCut, From: "c2", To: "c1"},
		{Kind: netsim.FaultCut, From: "s3", To: "vs"},
		{Kind: netsim.FaultDelay, From: "s2", To: "s3", Delay: 300 * time.Millisecond, Jitter: 50 * time.Millisecond},
		{Kind: netsim.FaultLoss, From: "vs", To: "s1", Probability: 0.1}, {Kind: netsim.FaultLoss, From: "s2", To: "s1", Probability: 0.1},
		{Kind: netsim.FaultLoss, From: "s3", To: "s1", Probability: 0.1}, {Kind: netsim.FaultLoss, From: "c1", To: "s1", Probability: 0.1},
		{Kind: netsim.FaultReplyLoss, From: "s1", To: "c1", Probability: 0.2},
		{Kind: netsim.FaultDuplicate, From: "c1", To: "s1", Probability: 1},
		{Kind: netsim.FaultReorder, From: "c1", To: "s1", Window: netsim.DefaultWindow},
		{Kind: netsim.FaultHold, From: "s1", To: "s2"},
		{Kind: netsim.FaultFrozen, From: "c2"},
	}
	s.Clients[1].State = netsim.Frozen
	s.Held = heldForwards(s.At)
	return s
}

// travelling is the operation of travel's put.
var travelling = pbservice.Op{Kind: pbservice.Put, Key: "a", Value: "2", Client: "c1", Seq: 1}

func heldForwards(now time.Duration) []netsim.Held {
	forward := forwardOf(3, travelling)
	return []netsim.Held{{
		Msg: 17, Direction: netsim.Request, From: "s1", To: "s2", Method: pbservice.ForwardMethod,
		Summary: forward.Summary(), Says: forward.Says(), Op: netsim.OpOf(forward), Since: now - 320*time.Millisecond,
	}, {
		Msg: 18, CopyOf: 17, Direction: netsim.Request, From: "s1", To: "s2", Method: pbservice.ForwardMethod,
		Summary: forward.Summary(), Says: forward.Says(), Op: netsim.OpOf(forward), Since: now - 120*time.Millisecond,
	}}
}

// travel is what the trace tells of a put that is held, of others, and of pings.
func travel(now time.Duration) []netsim.TraceEvent {
	var all []netsim.TraceEvent
	tell := func(e netsim.TraceEvent, kinds ...netsim.EventKind) {
		for i, k := range kinds {
			e.Kind, e.Seq, e.At = k, uint64(len(all)+1), now-second+time.Duration(len(all)*5+i)*time.Millisecond
			if k == netsim.MsgDelivered {
				e.Size = 120
			}
			all = append(all, e)
		}
	}
	ping := func(id uint64, server string, end netsim.EventKind) {
		tell(says(netsim.TraceEvent{Msg: id, Direction: netsim.Request, From: server, To: "vs", Method: "ViewServer.Ping"}, viewservice.PingArgs{Viewnum: 2}), netsim.MsgSent, end)
		if end == netsim.MsgDelivered {
			tell(says(netsim.TraceEvent{Msg: id + 1, Answers: id, Direction: netsim.Reply, From: "vs", To: server, Method: "ViewServer.Ping"}, viewservice.PingReply{View: viewservice.View{Viewnum: 2, Primary: "s1", Backup: "s2"}, Acked: true}), netsim.MsgSent, end)
		}
	}
	ping(1, "s1", netsim.MsgDelivered)
	ping(3, "s2", netsim.MsgDelivered)
	tell(says(netsim.TraceEvent{Msg: 5, Direction: netsim.Request, From: "c2", To: "s1", Method: "PBServer.Get"}, getOf("c2", 1, "a")), netsim.MsgSent, netsim.MsgDelayed, netsim.MsgDelivered)
	tell(says(netsim.TraceEvent{Msg: 6, Answers: 5, Direction: netsim.Reply, From: "s1", To: "c2", Method: "PBServer.Get"}, pbservice.Reply{Err: pbservice.OK, Value: "1"}), netsim.MsgSent, netsim.MsgDelivered)
	tell(says(netsim.TraceEvent{Msg: 7, Direction: netsim.Request, From: "c1", To: "s1", Method: "PBServer.PutAppend"}, putOf("c1", 1, "a", "2")), netsim.MsgSent)
	all = append(all, says(netsim.TraceEvent{
		Seq: uint64(len(all) + 1), At: all[len(all)-1].At, Kind: netsim.MsgLost, Msg: 7, Direction: netsim.Request, From: "c1", To: "s1",
		Method: "PBServer.PutAppend", Why: "10% loss of requests c1 > s1",
	}, putOf("c1", 1, "a", "2")))
	ping(8, "s3", netsim.MsgLost)
	tell(says(netsim.TraceEvent{Msg: 16, Direction: netsim.Request, From: "c1", To: "s1", Method: "PBServer.PutAppend"}, putOf("c1", 1, "a", "2")), netsim.MsgSent, netsim.MsgDelivered)
	tell(says(netsim.TraceEvent{Msg: 17, Direction: netsim.Request, From: "s1", To: "s2", Method: "PBServer.Forward"}, forwardOf(3, travelling)), netsim.MsgSent, netsim.MsgHeld)
	tell(says(netsim.TraceEvent{Msg: 18, CopyOf: 17, Direction: netsim.Request, From: "s1", To: "s2", Method: "PBServer.Forward"}, forwardOf(3, travelling)), netsim.MsgDuplicated, netsim.MsgHeld)
	ping(19, "s1", netsim.MsgDelivered)
	return all
}

// shelf is a cluster of one server with n keys, that answers windows as servers do.
type shelf struct{ keys []string }

func newShelf(n int) *shelf {
	s := &shelf{}
	for i := range n {
		s.keys = append(s.keys, fmt.Sprintf("k%06d", i))
	}
	return s
}

func (s *shelf) look(w engine.Window) engine.Snapshot {
	snap := quiet(1, 1)
	var match []string
	for _, k := range s.keys {
		if strings.Contains(k, w.Contains) {
			match = append(match, k)
		}
	}
	at, _ := slices.BinarySearch(match, w.From)
	first := max(at-w.Back, 0)
	snap.Map = engine.Map{Keys: match[first:min(at+w.Limit, len(match))], Before: first, Total: len(match)}
	var rows []pbservice.Row
	for _, k := range snap.Map.Keys {
		rows = append(rows, pbservice.Row{Key: k, Value: "v", Size: 1})
	}
	snap.Map.Rows = map[string][]pbservice.Row{"s1": rows}
	return snap
}

func aPast() engine.Timeline {
	return engine.Timeline{
		Branch: "main", Step: 10, Length: 20,
		Branches: []engine.Branch{{Name: "main", Length: 20, End: 3 * second}, {Name: "b1", Parent: "main", From: 6, Length: 9, End: 2 * second}},
		Marks: []engine.Mark{
			{Step: 2, At: 10 * time.Millisecond, Text: "view 1 s1 ·"}, {Step: 6, At: 110 * time.Millisecond, Text: "view 2 s1 s2"},
			{Step: 12, At: 900 * time.Millisecond, Text: "kill s1"},
		},
	}
}
