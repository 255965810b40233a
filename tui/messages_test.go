package tui

import (
	"slices"
	"strings"
	"testing"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/sim"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/tui/pane"
	"cluster/splitbrain/viewservice"
)

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

// watchTravel hands the model a look at a cluster whose forwards are held.
func watchTravel(m *Model) {
	s := faulty()
	m.Update(pollResult{Observation: pane.Observation{Snap: s, Nodes: nodesOf(s), Asked: m.maps.Window(), Events: travel(s.At)}})
}

// later hands over a later moment, with the messages held then and what the trace tells.
func later(m *Model, held []netsim.Held, events ...netsim.TraceEvent) {
	s := faulty()
	s.Held = held
	m.Update(pollResult{Observation: pane.Observation{Snap: s, Nodes: nodesOf(s), Asked: m.maps.Window(), Events: events}})
}

func TestTimeInTheTitle(t *testing.T) {
	for _, c := range []struct {
		paused bool
		speed  float64
		want   string
	}{{false, 1, "live ×1"}, {true, 1, "‖ paused"}, {false, 0.05, "slow ×0.05"}, {true, 10, "‖ paused ×10"}, {false, 50, "fast ×50"}} {
		for name, snap := range telling() {
			for _, w := range []int{60, 80, 120} {
				snap.Paused, snap.Speed = c.paused, c.speed
				m, _ := begin(t, snap, w, 24, Options{Plain: true})
				title, _, _ := strings.Cut(m.View(), "\n")
				if !strings.Contains(title, c.want+" ") {
					t.Errorf("%s, %d wide: no %q in %q", name, w, c.want, title)
				}
			}
		}
	}
}

// TestDeliverOneAfterAnother: when the chosen held message is gone the next one is chosen.
func TestDeliverOneAfterAnother(t *testing.T) {
	m, f := begin(t, faulty(), 80, 24, Options{Plain: true})
	press(m, "tab")
	watchTravel(m)
	press(m, "d")
	later(m, faulty().Held[1:], netsim.TraceEvent{Kind: netsim.MsgDelivered, Direction: netsim.Request, Msg: 17, From: "s1", To: "s2", Method: "PBServer.Forward", At: 10 * second})
	press(m, "d")
	later(m, nil)
	press(m, "d")
	if got := f.done(); got != "deliver 17; deliver 18" {
		t.Errorf("the engine was asked for %q", got)
	}
}

// TestEarlierMessages: the pane of messages, and whoever exports them, has those from before it was opened.
func TestEarlierMessages(t *testing.T) {
	config := engine.Config{Servers: 2, Clients: 1, PingInterval: 100 * time.Millisecond, DeadPings: 5}
	simulate := func(c engine.Config) (engine.Engine, error) { return sim.New(c) }
	eng, err := simulate(config)
	if err != nil {
		t.Fatal(err)
	}
	s := newHost(eng, Options{New: simulate})
	defer s.end()
	remembers := func(cluster string) {
		eng := s.now().Engine
		if _, err := engine.Do(t.Context(), eng, "c1", pbservice.Op{Kind: pbservice.Put, Key: "a", Value: "1"}); err != nil {
			t.Fatal(err)
		}
		events, _ := eng.Trace().Since(0)
		if !slices.ContainsFunc(events, func(e netsim.TraceEvent) bool { return strings.HasSuffix(e.Method, ".PutAppend") }) {
			t.Errorf("%s: no put among %d events", cluster, len(events))
		}
	}
	remembers("the first cluster")
	if _, err := s.begin(config); err != nil {
		t.Fatal(err)
	}
	remembers("the next one")
}
