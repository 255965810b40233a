package tui

import (
	"testing"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"

	tea "github.com/charmbracelet/bubbletea"
)

// TestMatrixCursor: arrows choose a link of the matrix, and keys do to that link what commands do, and end it again.
func TestMatrixCursor(t *testing.T) {
	faults := []netsim.Fault{
		{Kind: netsim.FaultCut, From: "s1", To: "s2"}, {Kind: netsim.FaultHold, From: "s1", To: "s2"}, {Kind: netsim.FaultLoss, From: "s1", To: "s2", Probability: 0.5},
		{Kind: netsim.FaultDelay, From: "s1", To: "s2", Delay: second}, {Kind: netsim.FaultDuplicate, From: "s1", To: "s2", Probability: 1},
	}
	for _, c := range []struct {
		keys []string
		want string
	}{
		{[]string{"c"}, "cut s1 > s2"}, {[]string{"right", "c"}, "cut s1 > s3"}, {[]string{"left", "c"}, "cut s1 > vs"},
		{[]string{"left", "left", "left", "h"}, "hold s1 vs"}, {[]string{"right", "right", "right", "right", "right", "d"}, "delay s1 c2 200ms"},
		{[]string{"down", "l"}, "loss s2 s3 30%"}, {[]string{"down", "down", "down", "down", "down", "u"}, "dup c2 s2 30%"},
		{[]string{"up", "up", "c"}, "cut vs > s2"}, {[]string{"2", "c"}, "cut s2 > s3"},
	} {
		m, f := begin(t, steady(), 80, 24, Options{})
		m.bring("network")
		m.relayout()
		press(m, c.keys...)
		if got := f.done(); got != c.want {
			t.Errorf("%v: the engine was asked for %q, want %q", c.keys, got, c.want)
		}
	}
	for key, want := range map[string]string{"c": "heal s1 > s2", "h": "release s1 s2", "d": "delay s1 s2 0s", "l": "loss s1 s2 0%", "u": "dup s1 s2 0%"} {
		snap := steady()
		snap.Faults = faults
		m, f := begin(t, snap, 120, 40, Options{})
		m.bring("network")
		m.relayout()
		press(m, key)
		if got := f.done(); got != want {
			t.Errorf("%s on a link that has it: the engine was asked for %q, want %q", key, got, want)
		}
	}
}

// TestMatrixClick: a click chooses a link, a second one asks what is to be done to it.
func TestMatrixClick(t *testing.T) {
	m, _ := begin(t, steady(), 80, 24, Options{})
	m.bring("network")
	m.relayout()
	x, y := m.layout.main.x+1+7+6*5, m.layout.main.y+1+3 // from s3 to c2
	click(m, x, y, tea.MouseButtonLeft)
	if l := m.network.Link(); l != (engine.Link{From: "s3", To: "c2"}) || m.selected != "s3" || m.dialog != nil {
		t.Errorf("chosen is %v:\n%s", l, m.View())
	}
	click(m, x, y, tea.MouseButtonLeft)
	if rowWith(m, "link s3 c2:") == "" {
		t.Errorf("nothing is asked:\n%s", m.View())
	}
}

// TestMatrixFits: where there is no matrix the keys of the selected node stay.
func TestMatrixFits(t *testing.T) {
	m, _ := begin(t, nine(), 41, 12, Options{})
	m.bring("network")
	m.relayout()
	if press(m, "c"); rowWith(m, "cut s1 from") == "" {
		t.Errorf("c does not ask:\n%s", m.View())
	}
}

// TestMatrixAboveItsList: where the matrix has no room beside the list, but above it, all nodes are in it.
func TestMatrixAboveItsList(t *testing.T) {
	m, _ := begin(t, steady(), 120, 40, Options{})
	m.bring("network")
	m.relayout()
	if head, last, list := rowOf(m, "from   vs   s1   s2   s3   c1   c2"), rowOf(m, "c2     ·"), rowOf(m, "nothing is broken"); head < 0 || last != head+6 || list != last+1 {
		t.Errorf("heading, last node and list are in rows %d, %d, %d:\n%s", head, last, list, m.View())
	}
}
