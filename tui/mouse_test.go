package tui

import (
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
)

func click(m *Model, x, y int, b tea.MouseButton) {
	m.Update(tea.MouseMsg{X: x, Y: y, Button: b, Action: tea.MouseActionPress})
}

// TestClick: every row of servers and clients, and every tab, is where it is seen.
func TestClick(t *testing.T) {
	m, _ := begin(t, steady(), 80, 24, Options{})
	for _, name := range []string{"s2", "s3", "vs", "c1", "c2", "s1"} {
		y := rowOf(m, "  "+name+" ")
		click(m, 5, y, tea.MouseButtonLeft)
		if m.selected != name {
			t.Errorf("a click on row %d selects %s, want %s", y, m.selected, name)
		}
	}
	for range m.panes { // each click may bring others into sight
		from, to := m.tabsShown()
		row := unstyled(strings.Split(m.View(), "\n")[m.layout.tabs.y])
		for _, tab := range m.panes[from:to] {
			x := len([]rune(row[:strings.Index(row, tab.name())])) + 1
			before := m.active
			click(m, x, m.layout.tabs.y, tea.MouseButtonLeft)
			if got := m.panes[m.active]; got != tab {
				t.Errorf("a click on %s at %d shows %s", tab.name(), x, got.name())
			}
			m.showPane(before)
			m.relayout()
		}
		press(m, "tab")
	}
}

func TestWheel(t *testing.T) {
	s := newShelf(3000)
	m, _ := begin(t, steady(), 80, 24, Options{})
	s.answer(m)
	click(m, 10, m.layout.main.y+1, tea.MouseButtonWheelDown)
	if m.maps.top != "k000003" {
		t.Errorf("one notch over the maps scrolls to %q", m.maps.top)
	}
	click(m, 10, m.layout.table.y+1, tea.MouseButtonWheelDown)
	if m.selected != "vs" {
		t.Errorf("one notch over the table selects %s", m.selected)
	}
}

func rowOf(m *Model, text string) int {
	for y, row := range strings.Split(m.View(), "\n") {
		if strings.Contains(unstyled(row), text) {
			return y
		}
	}
	return -1
}
