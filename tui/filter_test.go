package tui

import "testing"

// TestEscClearsTheFilter: with nothing open esc clears a filter that was kept, in whichever pane that is seen.
func TestEscClearsTheFilter(t *testing.T) {
	for _, pane := range []string{"maps", "messages", "history"} {
		m, _ := begin(t, steady(), 80, 24, Options{})
		bringNamed(t, m, pane)
		press(m, "/", "9", "enter")
		if m.keptFilter() == nil || rowWith(m, "esc clear filter") == "" {
			t.Errorf("%s: no hint says how the filter goes:\n%s", pane, m.View())
		}
		press(m, "z", "esc")
		if m.zoomed || m.keptFilter() == nil {
			t.Errorf("%s: esc does not close first what is open", pane)
		}
		press(m, "esc")
		if m.keptFilter() != nil || rowWith(m, "esc") != "" {
			t.Errorf("%s: esc does not clear the filter:\n%s", pane, m.View())
		}
	}
	m, _ := begin(t, steady(), 120, 40, Options{})
	press(m, "/", "9", "enter")
	bringNamed(t, m, "messages")
	press(m, "esc")
	if m.maps.FilterText() != "" {
		t.Errorf("the filter of a pane beside stays:\n%s", m.View())
	}
}
