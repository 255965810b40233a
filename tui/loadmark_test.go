package tui

import (
	"strings"
	"testing"
	"time"

	"cluster/splitbrain/tui/pane"
	"cluster/splitbrain/tui/script"

	tea "github.com/charmbracelet/bubbletea"
)

func loaded(m *Model, l *script.LoadState) {
	snap := steady()
	m.Update(pollResult{Observation: pane.Observation{Snap: snap, Nodes: nodesOf(snap), Asked: m.maps.Window()}, hostState: hostState{session: m.session, load: l}})
}

// TestLoadIsSeen: as long as a load runs, the title and the prompt's row say so and how it ends, and esc ends it.
func TestLoadIsSeen(t *testing.T) {
	l := &script.LoadState{
		LoadShape: script.LoadShape{Rate: 50, For: time.Minute}, Clients: []string{"c1", "c2"}, Ran: 12400 * time.Millisecond, Done: 600,
	}
	m, _ := begin(t, steady(), 80, 24, Options{})
	press(m, "t")
	m.note("")
	loaded(m, l)
	rows := strings.Split(unstyled(m.View()), "\n")
	if !strings.Contains(rows[0], "load 12 s of 1m00s") {
		t.Errorf("the title has no load: %q", rows[0])
	}
	for _, want := range []string{"load c1, c2 50/s · 12 s of 1m00s · 600 done · load off ends it", "esc end load"} {
		if rowWith(m, want) == "" {
			t.Errorf("nothing says %q:\n%s", want, m.View())
		}
	}
	settle(m, m.commands.run("get a"))
	if row := rowWith(m, "600 done"); !strings.Contains(row, ": get a: \"1\"") {
		t.Errorf("beside a result: %q", row)
	}
	for w := 40; w < 80; w++ {
		m.Update(tea.WindowSizeMsg{Width: w, Height: 24})
		if row := strings.Split(unstyled(m.View()), "\n")[0]; !strings.Contains(row, "load") {
			t.Errorf("%d cells: %q", w, row)
		}
	}
	press(m, "esc")
	if rowWith(m, "load off") == "" || rowWith(m, "no load runs") == "" { // the session has none
		t.Errorf("esc does not end it:\n%s", m.View())
	}
	loaded(m, nil)
	if rowWith(m, "600 done") != "" || strings.Contains(strings.Split(unstyled(m.View()), "\n")[0], "load") {
		t.Errorf("it ended, but is still shown:\n%s", m.View())
	}
}
