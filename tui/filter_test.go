package tui

import (
	"strings"
	"testing"

	"cluster/splitbrain/tui/pane"
)

// TestEscClearsTheFilter: with nothing open esc clears a filter that was kept, in whichever pane that is seen.
func TestEscClearsTheFilter(t *testing.T) {
	for _, name := range []string{"maps", "messages", "history", "events", "views"} {
		m, _ := begin(t, steady(), 80, 24, Options{})
		bringNamed(t, m, name)
		press(m, "/", "9", "enter")
		if m.keptFilter() == nil || rowWith(m, "esc clear filter") == "" {
			t.Errorf("%s: no hint says how the filter goes:\n%s", name, m.View())
		}
		press(m, "z", "esc")
		if m.zoomed || m.keptFilter() == nil {
			t.Errorf("%s: esc does not close first what is open", name)
		}
		press(m, "esc")
		if m.keptFilter() != nil || rowWith(m, "esc") != "" {
			t.Errorf("%s: esc does not clear the filter:\n%s", name, m.View())
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

// TestTypedFiltersActOnNothing: in every pane / takes what is typed, up to esc or enter, and filters or says that it can't.
func TestTypedFiltersActOnNothing(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {120, 40}, {40, 10}} {
		m, _ := begin(t, steady(), size[0], size[1], Options{})
		for _, p := range m.panes {
			bringNamed(t, m, p.Name())
			selected, applied := m.selected, m.commands.last
			press(m, "/", "f", "i", "x", "2", "q")
			if !strings.Contains(m.View(), "fix2q") && rowWith(m, "no filter: ") == "" {
				t.Errorf("%v %s: not said what becomes of a filter:\n%s", size, p.Name(), m.View())
			}
			press(m, "esc")
			if m.selected != selected || m.commands.last != applied || m.dialog != nil || m.keptFilter() != nil || m.front() != p {
				t.Errorf("%v %s: /fix2q acted:\n%s", size, p.Name(), m.View())
			}
		}
	}
}

// TestFilteredEvents: events and views with all the words are shown, also those that come later.
func TestFilteredEvents(t *testing.T) {
	m, _ := begin(t, steady(), 80, 24, Options{})
	bringNamed(t, m, "events")
	m.events.Tell(pane.Entry{Text: "s2 was killed"})
	press(m, "/", "S", "2", " ", "k", "i", "l", "l", "enter")
	m.events.Tell(pane.Entry{Text: "s2 was killed again"})
	m.events.Tell(pane.Entry{Text: "s3 was killed"})
	see(m, steady())
	shown := m.View()
	if !strings.Contains(shown, "s2 was killed again") || strings.Contains(shown, "s3 was killed") {
		t.Errorf("events with s2 and kill:\n%s", shown)
	}
	press(m, "/", "ctrl+u", "x", "y", "z", "enter")
	if !strings.Contains(m.View(), "nothing here has “xyz” in it") {
		t.Errorf("no event has xyz:\n%s", m.View())
	}
	press(m, "esc")
	if !strings.Contains(m.View(), "s3 was killed") {
		t.Errorf("without the filter:\n%s", m.View())
	}
}
