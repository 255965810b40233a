package tui

import tea "github.com/charmbracelet/bubbletea"

// reader is a pane in which something is chosen, and read in full.
type reader interface {
	pane
	readable() bool // something is chosen that can be read
	reads() bool    // it is shown in full
	open()          // shows it, or closes it
}

// reader is the main pane if things are chosen in it, else nil.
func (m *Model) reader() reader {
	if m.layout.main.h == 0 {
		return nil
	}
	c, _ := m.panes[m.active].(reader)
	return c
}

func readingActions() []action {
	chooses := func(m *Model) (string, bool) { return "", m.reader() != nil }
	inMaps := func(m *Model) bool { return m.paneShownMain(m.maps) && !m.reads() }
	return []action{{
		keys: []string{"enter"}, shown: "enter", name: "read", help: "show what is chosen in the pane in full, and close it",
		works: func(m *Model) (string, bool) {
			c := m.reader()
			switch {
			case c == nil:
				return "", false
			case c.reads():
				return "close", true
			}
			return "read", c.readable()
		},
		do: (*Model).read, late: inMaps,
	}, {
		keys: []string{"K"}, shown: "K J", name: "choose", help: "choose what is above or below in the pane; zoomed or reading ↑↓ too",
		works: chooses, do: func(m *Model) tea.Cmd { return m.scroll(motion{rows: -1}) }, late: inMaps,
	}, {
		keys: []string{"J"}, works: chooses,
		do: func(m *Model) tea.Cmd { return m.scroll(motion{rows: +1}) },
	}}
}

// read opens what is chosen, or closes it.
func (m *Model) read() tea.Cmd {
	m.reader().open()
	return nil
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

// readRowsOf are the rows of a pane of h in which something is read: all, where there is no room for the others beside.
func readRowsOf(reading bool, h int) int {
	const least, good, others = 7, 9, 3
	switch {
	case !reading:
		return 0
	case h >= least+others:
		return max(least, min(good, h-2*others), h/3)
	}
	return h
}
