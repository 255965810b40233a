package tui

import (
	"slices"

	"cluster/splitbrain/netsim/engine"

	tea "github.com/charmbracelet/bubbletea"
)

// selectable are the nodes in the order of the screen.
func (m *Model) selectable() []string {
	var all []string
	for i := range m.now.Servers {
		all = append(all, m.now.Servers[i].Name)
	}
	all = append(all, engine.ViewAddr)
	for i := range m.now.Clients {
		all = append(all, m.now.Clients[i].Name)
	}
	return all
}

func (m *Model) moveSelection(by int) tea.Cmd {
	all := m.selectable()
	at := slices.Index(all, m.selected)
	m.selected = all[min(max(at+by, 0), len(all)-1)]
	return nil
}

// moveUpOrDown selects another node, or goes through the pane where that has the arrows.
func (m *Model) moveUpOrDown(by int) tea.Cmd {
	if m.arrowsInPane() {
		return m.scroll(motion{rows: by})
	}
	return m.moveSelection(by)
}

func (m *Model) scroll(by motion) tea.Cmd { return m.scrollPane(m.panes[m.active], by) }

func (m *Model) scrollPane(p pane, by motion) tea.Cmd {
	p.scroll(by)
	if p == pane(m.maps) {
		return m.watch.now(m)
	}
	return nil
}

func (m *Model) turnPane(by int) tea.Cmd {
	m.showPane((m.active + by + len(m.panes)) % len(m.panes))
	return nil
}

func (m *Model) showPane(i int) {
	if m.panes[i] == pane(m.help) && m.panes[m.active] != pane(m.help) {
		m.beforeH = m.active
		m.explain()
	}
	m.active = i
}

// bring makes a pane the main one.
func (m *Model) bring(p pane) {
	if i := slices.Index(m.panes, p); i >= 0 {
		m.showPane(i)
	}
}

// explain makes help of what can be done now.
func (m *Model) explain() {
	m.help.now = map[*action]bool{}
	for i := range m.actions {
		_, m.help.now[&m.actions[i]] = m.actions[i].available(m)
	}
	m.help.setFilter("")
}

func (m *Model) zoom() tea.Cmd {
	m.zoomed = !m.zoomed
	return nil
}

func (m *Model) openHelp() tea.Cmd {
	if m.paneShownMain(m.help) {
		return m.escape()
	}
	m.showPane(slices.Index(m.panes, pane(m.help)))
	return nil
}

func (m *Model) paneShownMain(p pane) bool { return m.panes != nil && m.panes[m.active] == p }

// paneShown reports whether a pane is seen anywhere.
func (m *Model) paneShown(p pane) bool {
	return m.layout.main.h > 0 && (m.paneShownMain(p) || slices.Contains(m.sidePanes(), p))
}

// sidePanes are those beside the main one: the first others of those that may stand there.
func (m *Model) sidePanes() []pane {
	var others []pane
	aside := m.aside
	if m.notes.leads() {
		aside = append([]pane{m.notes}, aside...)
	}
	for _, p := range aside {
		if p != m.panes[m.active] && len(others) < len(m.layout.sides) {
			others = append(others, p)
		}
	}
	return others
}
