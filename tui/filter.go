package tui

import (
	"cluster/splitbrain/tui/canvas"
	"cluster/splitbrain/tui/pane"

	"github.com/charmbracelet/bubbles/textinput"
	tea "github.com/charmbracelet/bubbletea"
)

// filterLine is where a pane's filter is typed. It works while it is typed.
type filterLine struct {
	input textinput.Model
	of    pane.Filtered
	was   string // the filter before
}

// filtered is the pane whose filter / changes: the one in front, else the maps, else none.
func (m *Model) filtered() pane.Filtered {
	if f, ok := m.front().(pane.Filtered); ok && m.layout.main.h > 0 {
		return f
	}
	if m.paneShown(m.maps) {
		return m.maps
	}
	return nil
}

// keptFilter is a pane that is shown and filtered, the main one first; nil if there is none.
func (m *Model) keptFilter() pane.Filtered {
	if of := m.filtered(); of != nil && of.FilterText() != "" {
		return of
	}
	for _, p := range m.sidePanes() {
		if of, ok := p.(pane.Filtered); ok && of.FilterText() != "" {
			return of
		}
	}
	return nil
}

func (m *Model) openFilter() tea.Cmd {
	of := m.filtered()
	m.dialog = &filterLine{input: newInput(of.FilterText()), of: of, was: of.FilterText()}
	return nil
}

func (m *Model) setFilter(of pane.Filtered, text string) tea.Cmd {
	of.SetFilter(text)
	return m.poll.now()
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
	return m.setFilter(f.of, f.input.Value())
}

func (f *filterLine) draw(_ *Model, b *canvas.Canvas) {
	b.Space(1).Put(canvas.Keycap, "/").Space(1)
	drawInput(b, &f.input, b.Left)
}
