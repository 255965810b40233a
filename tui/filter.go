package tui

import (
	"github.com/charmbracelet/bubbles/textinput"
	tea "github.com/charmbracelet/bubbletea"
)

// filterLine is where the maps' filter is typed. It works while it is typed.
type filterLine struct {
	input textinput.Model
	was   string // the filter before
}

func (m *Model) openFilter() tea.Cmd {
	m.dialog = &filterLine{input: newInput(m.maps.filter), was: m.maps.filter}
	return nil
}

func (f *filterLine) hints() []hint {
	return []hint{{"enter", "keep"}, {"esc", "as before"}, {"ctrl+u", "clear"}}
}

func (f *filterLine) key(m *Model, k tea.KeyMsg) tea.Cmd {
	if k.Type == tea.KeyEnter {
		m.dialog = nil
		return nil
	}
	f.input, _ = f.input.Update(k)
	m.maps.setFilter(f.input.Value())
	return m.watch.now(m)
}

func (f *filterLine) draw(_ *Model, b *block) {
	b.space(1).put(keycap, "/").space(1)
	drawInput(b, &f.input, b.left)
}
