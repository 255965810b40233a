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
		from, to := m.tabsIn(m.layout.tabs.w)
		row := unstyled(strings.Split(m.View(), "\n")[m.layout.tabs.y])
		for _, tab := range m.panes[from:to] {
			x := len([]rune(row[:strings.Index(row, tab.Name())])) + 1
			before := m.active
			click(m, x, m.layout.tabs.y, tea.MouseButtonLeft)
			if got := m.panes[m.active]; got != tab {
				t.Errorf("a click on %s at %d shows %s", tab.Name(), x, got.Name())
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
	looked(m, s)
	click(m, 10, m.layout.main.y+1, tea.MouseButtonWheelDown)
	if m.maps.Window().From != "k000003" {
		t.Errorf("one notch over the maps scrolls to %q", m.maps.Window().From)
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

// TestClickHints: a click on a hint, on any cell of it, does what its key does.
func TestClickHints(t *testing.T) {
	at := func(m *Model, hint string) (x, y int) {
		t.Helper()
		y = m.layout.hints.y
		row := unstyled(strings.Split(m.View(), "\n")[y])
		i := strings.Index(row, hint)
		if i < 0 {
			t.Fatalf("no hint %q in %q", hint, row)
		}
		return len([]rune(row[:i])), y
	}
	for _, c := range []struct {
		hint string
		cell int
		want string
	}{{"x kill", 0, "kill s1"}, {"x kill", 5, "kill s1"}, {"r restart", 3, "restart s1"}, {"space pause", 8, "pause"}} {
		m, f := begin(t, steady(), 120, 40, Options{})
		x, y := at(m, c.hint)
		_, cmd := m.Update(tea.MouseMsg{X: x + c.cell, Y: y, Button: tea.MouseButtonLeft, Action: tea.MouseActionPress})
		settle(m, cmd)
		if got := f.done(); got != c.want {
			t.Errorf("a click on cell %d of %q: %q, want %q", c.cell, c.hint, got, c.want)
		}
	}
	m, _ := begin(t, steady(), 80, 24, Options{})
	for _, c := range []struct{ hint, shows string }{
		{": command", "tab complete"}, {"esc close", "x kill"}, {"? help", "they act on the selected"}, {"q close", "c cut"},
	} {
		x, y := at(m, c.hint)
		click(m, x, y, tea.MouseButtonLeft)
		if rowWith(m, c.shows) == "" {
			t.Errorf("a click on %q does not show %q:\n%s", c.hint, c.shows, m.View())
		}
	}
	click(m, 30, m.layout.prompt.y, tea.MouseButtonLeft)
	if _, ok := m.dialog.(*prompt); !ok {
		t.Error("a click on the prompt does not open it")
	}
}

// TestHintKeys: every hint's keys are keys that something is bound to, each where it is written.
func TestHintKeys(t *testing.T) {
	for _, c := range []struct {
		key  string
		x    int
		want string
	}{{"K J", 0, "K"}, {"K J", 2, "J"}, {"K J", 7, "K"}, {"+-", 1, "-"}, {"↑↓", 1, "down"}, {"← →", 2, "right"}, {"ctrl+p", 4, "ctrl+p"}, {"space", 2, " "}, {"< >", -1, "<"}} {
		k, ok := hint{key: c.key}.keyAt(c.x)
		if !ok || k.String() != c.want {
			t.Errorf("cell %d of %q is the key %q, want %q", c.x, c.key, k, c.want)
		}
	}
	bound := keymap(allOf(t))
	for _, a := range allOf(t) {
		if k, ok := (hint{key: a.Shown}).keyAt(0); a.Name != "" && (!ok || bound[k.String()] == nil) {
			t.Errorf("a click on %q would press %q, which does nothing", a.Shown, k)
		}
	}
}
