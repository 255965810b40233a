package tui

import (
	"slices"
	"strings"

	"cluster/splitbrain/tui/canvas"
	"cluster/splitbrain/tui/pane"
	"cluster/splitbrain/tui/terminal"

	"github.com/charmbracelet/x/ansi"
)

// draw composes the frame: exactly h rows of exactly w cells.
func (m *Model) draw() string {
	l := &m.layout
	if m.w <= 0 || m.h <= 0 {
		return ""
	}
	rows := make([]string, 0, m.h)
	m.caret = terminal.Caret{}
	part := func(r rect, draw func(*canvas.Canvas)) {
		if r.h == 0 {
			return
		}
		b := m.styles.Canvas(r.w, r.h)
		draw(b)
		if x, y, ok := b.Caret(); ok {
			m.caret = terminal.Caret{X: r.x + x, Y: len(rows) + y, Shown: true}
		}
		rows = append(rows, b.Lines()...)
	}
	over, covered := m.overlaid()
	if over == nil {
		part(l.present, func(b *canvas.Canvas) { m.presenter().drawPresenter(b, l.present.h+l.tabs.h+l.main.h) })
	}
	part(l.title, m.drawTitle)
	part(l.views, func(b *canvas.Canvas) { m.drawViews(b, m.views.Past) })
	switch {
	case over != nil && covered == l.table:
		part(l.table, over.drawOver)
	case l.compact:
		part(l.table, func(b *canvas.Canvas) { m.drawCompact(b, m.notes) })
	default:
		part(l.table, m.drawServers)
	}
	part(l.clients, m.drawClients)
	if over == nil {
		part(l.strip, func(b *canvas.Canvas) { m.notes.DrawStrip(b, m.now) })
	}
	switch {
	case over != nil && covered != l.table:
		part(covered, over.drawOver)
	case l.main.h > 0:
		rows = append(rows, m.drawPanes()...)
	}
	why, prompt := l.why, l.prompt
	if spare := min(why.h-m.whyRows(m.styles, why.w), m.resultRows(prompt.w)-prompt.h); spare > 0 {
		why.h -= spare
		prompt.h += spare
	} else if spare < 0 && why.h > 0 && m.silent() {
		why.h, prompt.h = why.h+prompt.h, 0
	}
	part(why, m.drawWhy)
	part(prompt, m.drawPrompt)
	part(l.hints, m.drawHints)
	return strings.Join(rows, "\n")
}

// overlaid is the dialog that has a list, and the part of the screen that the list covers: the panes and a lesson's text, or
// the table where there are none, or all that is presented.
func (m *Model) overlaid() (overlay, rect) {
	over, ok := m.dialog.(overlay)
	l := &m.layout
	switch {
	case !ok:
		return nil, rect{}
	case l.present.h > 0:
		return over, rect{0, 0, m.w, l.present.h + l.tabs.h + l.main.h}
	case l.main.h > 0:
		return over, rect{0, l.strip.y, m.w, l.why.y - l.strip.y}
	}
	return over, l.table
}

// drawPanes draws the tabs with the pane below, and the other panes in their columns.
func (m *Model) drawPanes() []string {
	l := &m.layout
	head := m.styles.Canvas(l.tabs.w, l.tabs.h)
	if l.tabs.h > 0 {
		m.drawTabs(head.Next())
	}
	columns := [][]string{append(head.Lines(), m.drawPane(m.front(), l.main.w, l.main.h)...)}
	at := map[int]int{l.tabs.x: 0}
	others := m.sidePanes()
	for i, r := range l.sides {
		column, ok := at[r.x]
		if !ok {
			column = len(columns)
			at[r.x] = column
			columns = append(columns, nil)
		}
		if i < len(others) {
			columns[column] = append(columns[column], m.drawSide(others[i], r)...)
		} else {
			columns[column] = append(columns[column], m.styles.Canvas(r.w, r.h).Lines()...)
		}
	}
	return canvas.Beside(columns)
}

func (m *Model) drawSide(p pane.Pane, r rect) []string {
	head := m.styles.Canvas(r.w, 1)
	drawHeading(head.Next(), p)
	return append(head.Lines(), m.drawPane(p, r.w, r.h-1)...)
}

func (m *Model) drawPane(p pane.Pane, w, h int) []string {
	k := m.styles
	if m.presenting && p == pane.Pane(m.notes) {
		k = k.Loud()
	}
	b := k.Canvas(w, h)
	if m.now.Covers(p.Name()) {
		b.Next().Space(1).Put(canvas.Muted, pane.CoveredWords)
		return b.Lines()
	}
	p.Draw(b, m.now)
	return b.Lines()
}

func (m *Model) drawPrompt(b *canvas.Canvas) {
	b.Next()
	if m.dialog != nil {
		m.dialog.draw(m, b)
		return
	}
	m.drawResult(b)
}

// drawHints names the keys that do something now, as many as fit. The last ones, which lead on and out, always do.
func (m *Model) drawHints(b *canvas.Canvas) {
	b.Next()
	for _, h := range m.hintsIn(b.W) {
		drawHint(b, h)
	}
}

func drawHint(b *canvas.Canvas, h hint) {
	b.Space(1).Put(canvas.Keycap, h.key).Space(1).Put(canvas.Muted, h.name).Space(1)
}

// hints are made from the actions that do something now. Those of last are shown whatever else is.
func (m *Model) hints() (urgent, first, last []hint) {
	if m.dialog != nil {
		return nil, m.dialog.hints(), nil
	}
	at := m.place()
	var late []hint
	for i := range m.actions {
		a := &m.actions[i]
		name, ok := a.Available(at)
		keys := a.Shown
		if ok && a.Offers != nil {
			keys = a.Offers()
		}
		switch {
		case !ok || a.Name == "", m.back != nil && !a.Looks && a.Shown != ":": // what would only end the look back
		case slices.Contains([]string{":", "?", "q"}, a.Shown):
			last = append(last, hint{a.Shown, name})
		case a.Urgent != nil && a.Urgent(at):
			urgent = append(urgent, hint{keys, name})
		case a.Late != nil && a.Late(at):
			late = append(late, hint{keys, name})
		default:
			first = append(first, hint{keys, name})
		}
	}
	return urgent, append(first, late...), last
}

// hint says what a key does.
type hint struct{ key, name string }

// hintsWidth is how many cells hints take.
func hintsWidth(all []hint) int {
	w := 0
	for _, h := range all {
		w += ansi.StringWidth(h.key) + ansi.StringWidth(h.name) + 3
	}
	return w
}
