package tui

import (
	"cluster/splitbrain/tui/pane"

	tea "github.com/charmbracelet/bubbletea"
)

// wheelRows is how far one notch of the wheel scrolls.
const wheelRows = 3

// mouseEvent selects or does what is clicked and scrolls what the wheel is over.
func (m *Model) mouseEvent(e tea.MouseEvent) tea.Cmd {
	switch {
	case e.Button == tea.MouseButtonWheelUp:
		return m.wheel(e, -1)
	case e.Button == tea.MouseButtonWheelDown:
		return m.wheel(e, +1)
	case e.Button == tea.MouseButtonLeft && e.Action == tea.MouseActionPress:
		return m.click(e)
	}
	return nil
}

func (m *Model) wheel(e tea.MouseEvent, by int) tea.Cmd {
	l := &m.layout
	if over, covered := m.overlaid(); over != nil && covered.has(e.X, e.Y) {
		over.wheel(by)
		return nil
	}
	if l.table.has(e.X, e.Y) || l.clients.has(e.X, e.Y) {
		m.moveSelection(by)
		return nil
	}
	for i, p := range m.sidePanes() {
		if l.sides[i].has(e.X, e.Y) {
			return m.scrollPane(p, pane.Motion{Rows: by * wheelRows, Seen: true})
		}
	}
	return m.scroll(pane.Motion{Rows: by * wheelRows, Seen: true})
}

func (m *Model) click(e tea.MouseEvent) tea.Cmd {
	l := &m.layout
	over, covered := m.overlaid()
	if ref := m.ruleAt(e.X, e.Y); ref != "" && m.dialog == nil {
		return m.openCard(ref)
	}
	switch {
	case l.hints.has(e.X, e.Y):
		return m.clickHint(e.X - l.hints.x)
	case l.prompt.has(e.X, e.Y) && m.dialog == nil:
		return m.openPrompt("")
	case over != nil && covered.has(e.X, e.Y):
		return over.click(m, e.Y-covered.y, covered.h)
	case l.table.has(e.X, e.Y):
		return m.clickTable(e.Y - l.table.y)
	case l.clients.has(e.X, e.Y) && len(m.now.Clients) <= l.clients.h:
		if i := e.Y - l.clients.y; i < len(m.now.Clients) {
			return m.selectOrInspect(m.now.Clients[i].Name)
		}
	case l.tabs.has(e.X, e.Y):
		if i := m.tabAt(e.X, l.tabs.w); i >= 0 {
			m.showPane(i)
		}
	case l.why.has(e.X, e.Y):
		return m.clickWhy(e.Y - l.why.y)
	case l.strip.has(e.X, e.Y):
		return m.grant(m.notes.ClickStrip(e.X-l.strip.x, e.Y-l.strip.y))
	case m.sideAt(e.X, e.Y) != nil:
		m.bring(m.sideAt(e.X, e.Y).Name())
	case l.main.has(e.X, e.Y):
		if p, ok := m.front().(pane.Clickable); ok {
			return m.grant(p.Click(e.X-l.main.x, e.Y-l.main.y))
		}
	}
	return nil
}

// sideAt is the pane beside the main one at a place; nil if there is none.
func (m *Model) sideAt(x, y int) pane.Pane {
	for i, p := range m.sidePanes() {
		if m.layout.sides[i].has(x, y) {
			return p
		}
	}
	return nil
}

func (m *Model) clickTable(row int) tea.Cmd {
	all := m.selectable()[:len(m.now.Servers)+1]
	if m.layout.table.h > len(m.now.Servers) && !m.layout.compact {
		row-- // the heading
	}
	if row >= 0 && row < len(all) {
		return m.selectOrInspect(all[row])
	}
	return nil
}

// selectOrInspect selects a node that is clicked, and inspects it once it is.
func (m *Model) selectOrInspect(node string) tea.Cmd {
	if m.selected == node {
		return m.inspect()
	}
	m.selected = node
	return nil
}
