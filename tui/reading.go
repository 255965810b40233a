package tui

import (
	"cluster/splitbrain/tui/pane"

	tea "github.com/charmbracelet/bubbletea"
)

// reader is the pane in front if things are chosen in it, else nil.
func (m *Model) reader() pane.Reader {
	if m.layout.main.h == 0 {
		return nil
	}
	c, _ := m.front().(pane.Reader)
	return c
}

func readingActions(m *Model) []pane.Action {
	chooses := func(pane.Place) (string, bool) {
		c := m.reader()
		return "", c != nil && (c.Readable() || c.Reads())
	}
	inMaps := func(pane.Place) bool { return m.inFront(m.maps) && !m.reads() }
	choose := func(rows int) func(pane.Place) pane.Wish {
		return does(func() tea.Cmd { return m.scroll(pane.Motion{Rows: rows}) })
	}
	return []pane.Action{{
		Keys: []string{"enter"}, Shown: "enter", Name: "read", Help: "show what is chosen in the pane in full, and close it",
		Works: func(pane.Place) (string, bool) {
			c := m.reader()
			switch {
			case c == nil:
				return "", false
			case c.Reads():
				return "close", true
			}
			return "read", c.Readable()
		},
		Do: pane.InPane(func() { m.reader().Open() }), Late: inMaps, Looks: true,
	}, {
		Keys: []string{"K"}, Shown: "K J", Name: "choose", Help: "choose what is above or below in the pane; zoomed or reading ↑↓ too",
		Works: chooses, Do: choose(-1), Late: inMaps, Looks: true,
	}, {
		Keys: []string{"J"}, Works: chooses, Do: choose(+1), Looks: true,
	}}
}

// reads reports whether something is shown in full.
func (m *Model) reads() bool {
	c := m.reader()
	return c != nil && c.Reads()
}
