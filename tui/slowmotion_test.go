package tui

import (
	"testing"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/pane"
)

// TestSlowMotion: time slows down when a fault is seen, goes on as before once the view is acknowledged, and stays as
// somebody has set it.
func TestSlowMotion(t *testing.T) {
	at := func(speed float64, change func(s *engine.Snapshot)) *pane.Index {
		s := steady()
		s.Speed = speed
		change(&s)
		return pane.NewIndex(s, nodesOf(s))
	}
	well := func(*engine.Snapshot) {}
	crashed := func(s *engine.Snapshot) { s.Servers[0].State = netsim.Crashed }
	unacked := func(s *engine.Snapshot) { s.Viewservice.Status.Acked = false }
	forEver := func(s *engine.Snapshot) { unacked(s); s.Why.Level = engine.Stuck }
	for name, steps := range map[string][]struct {
		speed float64
		is    func(s *engine.Snapshot)
		want  float64 // 0: none is set
	}{
		"a failover":     {{1, well, 0}, {1, crashed, 0.1}, {0.1, crashed, 0}, {0.1, unacked, 0}, {0.1, well, 1}, {1, well, 0}},
		"seen late":      {{1, crashed, 0.1}, {1, crashed, 0}, {1, crashed, 0}, {0.1, crashed, 0}, {0.1, well, 1}},
		"set by hand":    {{1, crashed, 0.1}, {0.1, crashed, 0}, {2, well, 0}, {2, well, 0}},
		"stuck for ever": {{1, crashed, 0.1}, {0.1, forEver, 1}, {1, forEver, 0}},
		"slow already":   {{0.02, unacked, netsim.MinSpeed}, {netsim.MinSpeed, well, 0.02}},
	} {
		s := slowMotion{on: true}
		for i, step := range steps {
			if got, _ := s.turn(at(step.speed, step.is)); got != step.want {
				t.Errorf("%s: after %d snapshots the speed %v is set, not %v", name, i+1, got, step.want)
			}
		}
	}
	off := slowMotion{}
	if _, ok := off.turn(at(1, crashed)); ok {
		t.Error("it slows though it is off")
	}
}
