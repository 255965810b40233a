package tui

import (
	"math"
	"strconv"
	"testing"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/history"
	"cluster/splitbrain/viewservice/rules"
)

// xterm are the 16 colours as xterm has them by default.
var xterm = [16]uint32{
	0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd, 0x00cdcd, 0xe5e5e5,
	0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00, 0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff,
}

// luminance is that of WCAG 2.
func luminance(rgb uint32) float64 {
	part := func(shift int) float64 {
		c := float64(rgb>>shift&0xff) / 255
		if c <= 0.03928 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*part(16) + 0.7152*part(8) + 0.0722*part(0)
}

func contrast(a, b uint32) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// TestContrast: whatever must be read stands out from its background, as WCAG AA wants it. Rules and empty bars need
// not.
func TestContrast(t *testing.T) {
	for th, background := range map[theme]uint32{dark: xterm[0], light: xterm[15]} {
		for r, l := range looks[th] {
			if role(r) == faint || l.color == "" {
				continue
			}
			n, err := strconv.Atoi(l.color)
			if err != nil || n > 15 {
				t.Fatalf("%s: role %d has the colour %q, none of the 16", th, r, l.color)
			}
			if c := contrast(xterm[n], background); c < 4.5 {
				t.Errorf("%s: role %d in colour %d has a contrast of %.2f", th, r, n, c)
			}
		}
	}
}

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
			s.Servers[0].CutOff = []string{"vs"}
		},
		"violated": func(m *Model, _ *engine.Snapshot) {
			m.judge(observed{verdict: history.Verdict{Result: history.Violated, Key: "a"}})
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
