package tui

import (
	"testing"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/history"
	"cluster/splitbrain/viewservice/rules"
)

// TestNothingByColourAlone: states that matter look different without any colour, on small screens too.
func TestNothingByColourAlone(t *testing.T) {
	change := map[string]func(m *Model, s *engine.Snapshot){
		"well":           func(*Model, *engine.Snapshot) {},
		"crashed":        func(_ *Model, s *engine.Snapshot) { s.Servers[0].State = netsim.Crashed },
		"frozen":         func(_ *Model, s *engine.Snapshot) { s.Servers[0].State = netsim.Frozen },
		"not acked":      func(_ *Model, s *engine.Snapshot) { s.Viewservice.Status.Acked = false },
		"views crashed":  func(_ *Model, s *engine.Snapshot) { s.Viewservice.State = netsim.Crashed },
		"paused":         func(_ *Model, s *engine.Snapshot) { s.Paused = true },
		"slow":           func(_ *Model, s *engine.Snapshot) { s.Speed = 0.1 },
		"rule off":       func(_ *Model, s *engine.Snapshot) { s.Disabled = rules.Without(rules.AckRule) },
		"other selected": func(m *Model, _ *engine.Snapshot) { m.selected = "s2" },
		"cut": func(_ *Model, s *engine.Snapshot) {
			s.Faults = []netsim.Fault{{Kind: netsim.FaultCut, From: "s1", To: "vs"}}
		},
		"violated": func(m *Model, _ *engine.Snapshot) {
			m.judge(history.Verdict{Result: history.Violated, Key: "a"}, nil)
		},
	}
	for _, size := range [][2]int{{44, 12}, {80, 24}, {120, 40}} {
		seen := map[string]string{}
		for name, with := range change {
			m, _ := begin(t, engine.Snapshot{}, size[0], size[1], Options{Theme: "dark", Plain: true})
			snap := steady()
			with(m, &snap)
			see(m, snap)
			frame := m.View()
			if other, ok := seen[frame]; ok {
				t.Errorf("%d×%d: %s looks like %s", size[0], size[1], name, other)
			}
			seen[frame] = name
		}
	}
}
