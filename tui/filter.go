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
	of    pane.Filtered // nil if nothing that is shown has a filter
	pane  string        // its name, if it is not in front
	why   string        // there is none
	was   string        // the filter before
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

// openFilter opens the line for a filter. Where no pane has one the line says so, and takes what is typed all the same:
// who expects a filter does not mean the keys that he types.
func (m *Model) openFilter() tea.Cmd {
	f := &filterLine{input: newInput(""), of: m.filtered()}
	switch {
	case f.of != nil:
		f.was = f.of.FilterText()
		f.input = newInput(f.was)
		if p, ok := f.of.(pane.Pane); ok && p != m.front() {
			f.pane = p.Name()
		}
	case m.layout.main.h > 0:
		f.why = m.front().Name() + " has no list"
	default:
		f.why = "no pane is shown"
	}
	m.dialog = f
	return nil
}

func (m *Model) setFilter(of pane.Filtered, text string) tea.Cmd {
	of.SetFilter(text)
	return m.poll.now()
}

func (f *filterLine) hints() []hint {
	if f.of == nil {
		return []hint{{"esc", "back"}}
	}
	return []hint{{"enter", "keep"}, {"esc", "as before"}, {"ctrl+u", "clear"}}
}

func (f *filterLine) key(m *Model, k tea.KeyMsg) tea.Cmd {
	if k.Type == tea.KeyEnter {
		m.dialog = nil
		return nil
	}
	if f.of == nil {
		return nil
	}
	f.input, _ = f.input.Update(k)
	return m.setFilter(f.of, f.input.Value())
}

// leave takes back what was typed.
func (f *filterLine) leave(m *Model) tea.Cmd {
	if f.of == nil {
		return nil
	}
	return m.setFilter(f.of, f.was)
}

func (f *filterLine) draw(_ *Model, b *canvas.Canvas) {
	b.Space(1).Put(canvas.Keycap, "/").Space(1)
	if f.of == nil {
		b.Put(canvas.Warning, "no filter: "+f.why)
		return
	}
	if f.pane != "" {
		b.Put(canvas.Muted, f.pane+": ")
	}
	drawInput(b, &f.input, b.Left)
}
