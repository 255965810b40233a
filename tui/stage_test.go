package tui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/history"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/tui/pane"
	"cluster/splitbrain/viewservice/rules"
)

// stageShow is the stage in the states that a room must be able to tell apart.
func stageShow() show {
	return show{name: "stage", pane: "stage", states: stageStates(), sizes: [][2]int{{20, 5}, {41, 9}, {65, 13}, {80, 10}, {80, 20}, {120, 24}, {200, 40}}}
}

func stageStates() []state {
	return []state{
		{"start", starting, nil}, {"steady", steadyWorld, nil}, {"put sent", puts(0), nil}, {"put forwarded", puts(1), nil},
		{"put confirmed", puts(2), nil}, {"put answered", puts(3), nil}, {"failover in progress", failing, []string{"1"}},
		{"failed over", failedOver, []string{"2"}}, {"transfer", transferring, nil}, {"partition", parted, nil}, {"one way", oneWay, nil},
		{"held", heldBack, nil}, {"many faults", heldWorld, nil}, {"frozen", atFrozen, []string{"2"}}, {"stuck", stuckWorld, nil}, {"broken", violatedWorld, nil},
		{"question", lessonAt(1), nil}, {"viewservice crashed", viewsCrashed, nil}, {"9 servers, 8 clients", nineAndEight, []string{"7"}},
		{"9 servers, 64 clients", many, nil}, {"escapes", nastyWorld, nil},
	}
}

// slow is a cluster in slow motion, whose messages take 5 ms.
func slow() engine.Snapshot {
	s := steady()
	s.Speed, s.Latency = 0.05, 5*time.Millisecond
	return s
}

// puts is a put of which so many messages have arrived, and the next is on its way.
func puts(arrived int) world {
	return func(m *Model) {
		snap := slow()
		op := pbservice.Op{Kind: pbservice.Put, Key: "a", Value: "2", Client: "c1", Seq: 1}
		snap.Clients[0].Running, snap.Clients[0].Op, snap.Clients[0].Since = true, op, time.Millisecond
		s := &story{At: snap.At - time.Duration(arrived)*snap.Latency - snap.Latency*2/3}
		id := s.Sends("c1", "s1", "PBServer.PutAppend", putOf("c1", 1, "a", "2"))
		request, forward := id, uint64(0)
		for i := range arrived {
			s.At += snap.Latency
			s.Arrives(id, netsim.MsgDelivered, "")
			switch i {
			case 0:
				id = s.Sends("s1", "s2", "PBServer.Forward", forwardOf(3, pbservice.Op{Kind: pbservice.Put, Key: "a", Value: "2"}))
				forward = id
			case 1:
				id = s.Answers(forward, pbservice.ForwardReply{Position: 4})
			case 2:
				id = s.Answers(request, pbservice.Reply{Err: pbservice.OK})
			}
		}
		hears(m, snap, s)
	}
}

// oneWay is a link that is cut in one direction, in which a forward was lost.
func oneWay(m *Model) {
	snap := slow()
	snap.Faults = []netsim.Fault{{Kind: netsim.FaultCut, From: "s1", To: "s2"}, {Kind: netsim.FaultLoss, From: "c1", To: "s1", Probability: 0.3}}
	snap.Why = engine.Why{Level: engine.Stuck, Now: "s1 answers nobody", More: "s1 > s2 is cut"}
	s := &story{At: snap.At - 10*time.Millisecond}
	s.Sends("s1", "s2", "PBServer.Forward", forwardOf(3, pbservice.Op{Kind: pbservice.Put, Key: "a", Value: "2"}), netsim.MsgLost)
	s.Sends("c1", "s1", "PBServer.Get", getOf("c1", 2, "a"), netsim.MsgLost)
	hears(m, snap, s)
}

// heldBack is a link on which two messages wait for a person.
func heldBack(m *Model) {
	snap := slow()
	snap.Faults = []netsim.Fault{{Kind: netsim.FaultHold, From: "s1", To: "s2"}}
	snap.Why = engine.Why{Level: engine.Stuck, Now: "s1 waits for s2 to confirm", More: "s1 > s2 holds messages"}
	s := &story{At: snap.At - 500*time.Millisecond}
	for i := range 2 {
		id := s.Sends("s1", "s2", "PBServer.Forward", forwardOf(uint64(i+3), pbservice.Op{Kind: pbservice.Put, Key: "a", Value: fmt.Sprint(i + 2)}), netsim.MsgHeld)
		snap.Held = append(snap.Held, netsim.Held{Msg: id, Direction: netsim.Request, From: "s1", To: "s2", Method: "PBServer.Forward"})
	}
	hears(m, snap, s)
}

// atFrozen is a frozen backup, before which a forward waits.
func atFrozen(m *Model) {
	snap := frozenBackup()
	s := &story{At: snap.At - 100*time.Millisecond}
	s.Sends("s1", "s2", "PBServer.Forward", forwardOf(3, pbservice.Op{Kind: pbservice.Put, Key: "zeta", Value: "new"}), netsim.MsgQueued)
	hears(m, snap, s)
}

// nineAndEight are as many servers as there can be, two of them in trouble, and eight clients.
func nineAndEight(m *Model) {
	snap := quiet(9, 8)
	snap.Latency = 5 * time.Millisecond
	store(&snap, "a", "1", "s1", "s2")
	crash(&snap, 4)
	snap.Servers[8].State = netsim.Frozen
	s := &story{At: snap.At - 3*time.Millisecond}
	for i := range 8 {
		s.Sends(fmt.Sprint("c", i+1), "s1", "PBServer.PutAppend", putOf(fmt.Sprint("c", i+1), 1, "a", fmt.Sprint(i)))
	}
	hears(m, snap, s)
}

// TestStageKnowsSelection: whichever node keys act on, the stage marks it and no other.
func TestStageKnowsSelection(t *testing.T) {
	for _, size := range [][2]int{{40, 12}, {80, 24}, {120, 40}, {200, 60}} {
		m, _ := beginAsIs(t, steady(), size[0], size[1], Options{})
		press(m, "z")
		for _, name := range []string{"s1", "s3", "vs", "c1"} {
			m.selected = name
			m.relayout()
			rows := m.drawPane(m.stage, m.layout.main.w, m.layout.main.h)
			n := 0
			for _, row := range rows {
				for _, other := range m.now.Nodes {
					if at := "▸" + other + " "; strings.Contains(unstyled(row), at) {
						n++
						if other != name {
							t.Errorf("%v: %s is marked, not %s", size, other, name)
						}
					}
				}
			}
			if n != 1 {
				t.Errorf("%v: %s is marked %d times:\n%s", size, name, n, m.View())
			}
		}
	}
}

// TestLamp: one word tells how the whole fares.
func TestLamp(t *testing.T) {
	for _, c := range []struct {
		name  string
		world world
		want  string
	}{
		{"start", starting, pane.Starting}, {"steady", steadyWorld, pane.Serving}, {"stuck", stuckWorld, pane.Stuck},
		{"violation", violatedWorld, pane.Unsound}, {"question", lessonAt(1), pane.Unknown},
		{"a client waits", func(m *Model) {
			snap := steady()
			snap.Clients[1].Running, snap.Clients[1].Since, snap.Clients[1].Waits.Plain = true, second, "waits for s1"
			see(m, snap)
		}, pane.Waiting},
		{"the primary may not answer yet", func(m *Model) {
			snap := steady()
			snap.Servers[0].Status.Entered, snap.Viewservice.Status.Acked = 1, false
			see(m, snap)
		}, pane.Waiting},
		{"a slow link", func(m *Model) {
			snap := steady()
			snap.Faults = []netsim.Fault{{Kind: netsim.FaultDelay, From: "s1", To: "s2", Delay: second}}
			see(m, snap)
		}, pane.Serving},
		{"both fail", func(m *Model) {
			snap := steady()
			snap.Servers[0].State, snap.Servers[1].State = netsim.Crashed, netsim.Crashed
			snap.Why = engine.Why{Level: engine.Lost, Now: "s1 crashed, silent for 178 ms of 500 ms, and s2 crashed, silent for 168 ms of 500 ms", Brief: "s1 crashed, s2 crashed"}
			see(m, snap)
		}, pane.Stuck + "  s1 crashed, s2 crashed "},
		{"a server that nobody can find", func(m *Model) {
			snap := steady()
			snap.Why = engine.Why{Level: engine.Lost, Now: "the viewservice is down"}
			see(m, snap)
		}, pane.Stuck + "  the viewservice is down"},
		{"past violation", func(m *Model) {
			snap := steady()
			snap.WereOff = rules.Without(rules.ForwardGets)
			judged(m, snap, nil, history.Verdict{Result: history.Violated})
		}, pane.Serving},
	} {
		m, _ := beginAsIs(t, starts, 80, 24, Options{})
		c.world(m)
		bringNamed(t, m, "stage")
		if row := rowWith(m, " ■ "); !strings.Contains(row, " ■ "+c.want) {
			t.Errorf("%s: the lamp says %q, want %s", c.name, row, c.want)
		}
	}
}
