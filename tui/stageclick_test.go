package tui

import (
	"strings"
	"testing"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/sim"
	"cluster/splitbrain/tui/pane"
	"cluster/splitbrain/tui/script"

	tea "github.com/charmbracelet/bubbletea"
)

// TestStageClick: what is clicked on the stage is selected, also while it is presented; of a link it is asked what to do.
func TestStageClick(t *testing.T) {
	for _, present := range []bool{false, true} {
		m, f := beginAsIs(t, steady(), 120, 40, Options{})
		heldBack(m)
		if present {
			press(m, "b")
		}
		m.bring("stage")
		m.relayout()
		at := func(text string) (x, y int) {
			for y, row := range m.drawPane(m.stage, m.layout.main.w, m.layout.main.h) {
				if before, _, found := strings.Cut(unstyled(row), text); found {
					return m.layout.main.x + len([]rune(before)), m.layout.main.y + y
				}
			}
			t.Fatalf("no %q:\n%s", text, m.View())
			return 0, 0
		}
		for _, name := range []string{"s2 B", "vs view", "c1 ─", "s3 ·", "s1 P"} {
			x, y := at(name)
			click(m, x, y+1, tea.MouseButtonLeft)
			if want := name[:2]; m.selected != want {
				t.Errorf("a click on %s selects %s", want, m.selected)
			}
		}
		x, y := at("●●")
		click(m, x, y, tea.MouseButtonLeft)
		if rowWith(m, "link s1 s2") == "" {
			t.Fatalf("a click on the link asks nothing:\n%s", m.View())
		}
		if press(m, "enter"); f.done() != "release s1 s2" {
			t.Errorf("the engine was asked for %q", f.done())
		}
	}
}

// TestEndOfFault: for each kind of fault the stage knows the command that ends it.
func TestEndOfFault(t *testing.T) {
	cfg := engine.Defaults
	eng, err := sim.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer eng.Close()
	session := &script.Session{Engine: eng}
	for _, kind := range netsim.FaultKinds() {
		if kind.Row().OnNode {
			continue
		}
		f := netsim.Fault{Kind: kind, From: "s1", To: "s2", Delay: time.Millisecond, Probability: 0.5, Window: time.Millisecond}
		if _, err := eng.Apply(engine.Command{Kind: engine.SetFault, Fault: f}); err != nil {
			t.Fatal(err)
		}
		inv, err := script.Parse(pane.EndOf(f))
		if err == nil {
			_, err = session.Do(t.Context(), inv)
		}
		snap, _ := eng.Observe(t.Context(), engine.Window{})
		if err != nil || len(snap.Faults) > 0 {
			t.Errorf("%s: %v, and the faults are %v", pane.EndOf(f), err, snap.Faults)
		}
	}
}
