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
)

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
	s := newHost(t.Context(), eng, Options{New: simulate})
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
