package tui

import tea "github.com/charmbracelet/bubbletea"

// reader is the pane in front if things are chosen in it, else nil.
func (m *Model) reader() reader {
	if m.layout.main.h == 0 {
		return nil
	}
	c, _ := m.front().(reader)
	return c
}

func readingActions(m *Model) []action {
	chooses := func(place) (string, bool) { return "", m.reader() != nil }
	inMaps := func(place) bool { return m.inFront(m.maps) && !m.reads() }
	choose := func(rows int) func(place) wish {
		return does(func() tea.Cmd { return m.scroll(motion{rows: rows}) })
	}
	return []action{{
		keys: []string{"enter"}, shown: "enter", name: "read", help: "show what is chosen in the pane in full, and close it",
		works: func(place) (string, bool) {
			c := m.reader()
			switch {
			case c == nil:
				return "", false
			case c.reads():
				return "close", true
			}
			return "read", c.readable()
		},
		do: inPane(func() { m.reader().open() }), late: inMaps,
	}, {
		keys: []string{"K"}, shown: "K J", name: "choose", help: "choose what is above or below in the pane; zoomed or reading ↑↓ too",
		works: chooses, do: choose(-1), late: inMaps,
	}, {
		keys: []string{"J"}, works: chooses, do: choose(+1),
	}}
}

// reads reports whether something is shown in full.
func (m *Model) reads() bool {
	c := m.reader()
	return c != nil && c.reads()
}

// arrowsInPane reports whether ↑ and ↓ go through the pane: while something is read, or the table is not seen.
func (m *Model) arrowsInPane() bool {
	return m.reads() || m.zoomed && m.reader() != nil
}
