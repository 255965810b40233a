package tui

import (
	"cluster/splitbrain/tui/canvas"
	"cluster/splitbrain/tui/pane"
	"cluster/splitbrain/tui/terminal"
	"cluster/splitbrain/tui/terminal/background"

	tea "github.com/charmbracelet/bubbletea"
)

// screen is how the program looks.
type screen struct {
	theme      canvas.Theme
	styles     *canvas.Styles
	w, h       int
	layout     layout
	zoomed     bool
	presenting bool
	// beforePresenting is the pane that was in front when presenter mode began.
	beforePresenting string
	mouse            bool
	still            bool // a picture beside a text: the screen tells none

	frame string         // as it was drawn last
	caret terminal.Caret // where something is typed in it
	stale bool           // it has to be drawn again
}

// relayout computes the rectangles anew and tells the panes their sizes.
func (m *Model) relayout() {
	m.layout = arrangeWith(m.w, m.h, max(len(m.now.Servers), 1), len(m.now.Clients), m.shape(), m.stripRows())
	m.notes.Over = m.somethingOpen()
	m.tellStage()
	m.layout.yieldToNotes(m.notes)
	m.layout.feedStrip(m.stripRows(), m.whyRows(m.styles, m.w)+m.resultRows(m.w)-1)
	least := 2 * paneLeast
	if line, look := m.violationLine(); look == canvas.Alarm || line != "" && m.layout.strip.h > 0 {
		least = paneLeast // what contradicts what stands at the end of the sentence
	}
	m.layout.growWhy(m.whyRows(m.styles, m.w)+m.resultRows(m.w)-1, max(len(m.now.Servers), 1), least)
	if m.layout.present.h > 0 {
		m.notes.Resize(m.w, m.h) // how many rows a lesson needs
		m.layout.addPane(m.presenter().presentedRows(m.layout.present.w, m.layout.present.h))
	}
	sides := m.sidePanes()
	m.layout.fit(wantedBy(sides, m.h), wantedBy([]pane.Pane{m.front()}, m.h)[0])
	m.front().Resize(m.layout.main.w, m.layout.main.h)
	for i, p := range sides {
		p.Resize(m.layout.sides[i].w, m.layout.sides[i].h-1)
	}
}

// tellStage tells the stage what it can't see in the cluster.
func (m *Model) tellStage() {
	m.network.Selected = m.selected
	m.stage.Selected, m.stage.Violation, m.stage.NoLamp = m.selected, m.broken(), m.presenting
	m.charts.Front = m.inFront(m.charts)
	told := m.violationTold()
	m.stage.Told, m.operations.Told = told != "", told
	m.events.ToldBelow(told)
}

func (m *Model) shape() shape {
	switch {
	case m.inFront(m.help), m.zoomed && !m.presenting:
		return onePane
	case m.presenting:
		return presented
	}
	return everything
}

func (m *Model) nextTheme() tea.Cmd {
	m.setTheme(m.theme.Next())
	m.opts.Theme = string(m.theme) // whatever the terminal says later
	m.note("theme " + string(m.theme))
	return nil
}

func (m *Model) setTheme(theme canvas.Theme) {
	m.theme = theme
	m.styles = canvas.NewStyles(theme, m.opts.ASCII || m.opts.Wide, m.opts.Plain)
}

// learn has the screen suit what the terminal says of itself.
func (m *Model) learn(about terminal.Learned) {
	if about.Background != background.Unknown {
		m.opts.Background = about.Background
	}
	if about.Width > 0 {
		m.opts.Wide = about.Width > 1
	}
	theme := m.theme
	if m.opts.Theme == "" || canvas.Theme(m.opts.Theme) == canvas.Auto {
		theme = canvas.Auto.On(m.opts.Background)
	}
	m.setTheme(theme)
}

func (m *Model) toggleMouse() tea.Cmd {
	m.mouse = !m.mouse
	if m.mouse {
		m.note("the mouse selects and scrolls")
	} else {
		m.note("the mouse is the terminal’s: text can be selected; m gives it back")
	}
	on := takeMouse(m.mouse)
	return func() tea.Msg { return on }
}

func (m *Model) zoom() tea.Cmd {
	m.zoomed = !m.zoomed
	return nil
}
