package tui

import (
	"cluster/splitbrain/tui/canvas"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// draw composes the frame: exactly h rows of exactly w cells.
func (m *Model) draw() string {
	l := &m.layout
	if m.w <= 0 || m.h <= 0 {
		return ""
	}
	rows := make([]string, 0, m.h)
	part := func(r rect, draw func(*canvas.Canvas)) {
		if r.h == 0 {
			return
		}
		b := m.ink.Canvas(r.w, r.h)
		draw(b)
		rows = append(rows, b.Lines()...)
	}
	over, covered := m.overlaid()
	if over == nil {
		part(l.present, m.drawPresenter)
	}
	part(l.title, m.drawTitle)
	part(l.views, m.drawViews)
	switch {
	case over != nil && covered == l.table:
		part(l.table, over.drawOver)
	case l.compact:
		part(l.table, m.drawCompact)
	default:
		part(l.table, m.drawServers)
	}
	part(l.clients, m.drawClients)
	switch {
	case over != nil && covered != l.table:
		part(covered, over.drawOver)
	case l.main.h > 0:
		rows = append(rows, m.drawPanes()...)
	}
	why, prompt := l.why, l.prompt
	if spare := min(why.h-m.whyRows(why.w), m.resultRows(prompt.w)-prompt.h); spare > 0 {
		why.h -= spare
		prompt.h += spare
	}
	part(why, m.drawWhy)
	part(prompt, m.drawPrompt)
	part(l.hints, m.drawHints)
	return strings.Join(rows, "\n")
}

// overlaid is the dialog that has a list, and the part of the screen that the list covers: the panes, or the table
// where there are none, or all that is presented.
func (m *Model) overlaid() (overlay, rect) {
	over, ok := m.dialog.(overlay)
	l := &m.layout
	switch {
	case !ok:
		return nil, rect{}
	case l.present.h > 0:
		return over, rect{0, 0, m.w, l.present.h + l.tabs.h + l.main.h}
	case l.main.h > 0:
		return over, rect{0, l.tabs.y, m.w, l.why.y - l.tabs.y}
	}
	return over, l.table
}

// drawPanes draws the tabs with the pane below, and the other panes in their columns.
func (m *Model) drawPanes() []string {
	l := &m.layout
	head := m.ink.Canvas(l.tabs.w, l.tabs.h)
	if l.tabs.h > 0 {
		m.drawTabs(head.Next())
	}
	columns := [][]string{append(head.Lines(), m.drawPane(m.panes[m.active], l.main.w, l.main.h)...)}
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
			columns[column] = append(columns[column], m.ink.Canvas(r.w, r.h).Lines()...)
		}
	}
	return canvas.Beside(columns)
}

func (m *Model) drawSide(p pane, r rect) []string {
	head := m.ink.Canvas(r.w, 1)
	m.drawHeading(head.Next(), p)
	return append(head.Lines(), m.drawPane(p, r.w, r.h-1)...)
}

func (m *Model) drawPane(p pane, w, h int) []string {
	k := m.ink
	if m.presenting && p == pane(m.notes) {
		k = k.Loud()
	}
	b := k.Canvas(w, h)
	p.draw(b, m.now)
	return b.Lines()
}

// drawTabs names the panes in the rule above them, the shown one in brackets, with its status at the right. Where
// they don't all fit, those around the shown one are named.
func (m *Model) drawTabs(b *canvas.Canvas) {
	from, to := m.tabsShown()
	b.Repeat(canvas.Faint, moreTabs(from > 0), 1)
	for i := from; i < to; i++ {
		if name := m.panes[i].name(); i == m.active {
			b.Put(canvas.Selected, "["+name+"]")
		} else {
			b.Put(canvas.Muted, " "+name+" ")
		}
	}
	b.Repeat(canvas.Faint, moreTabs(to < len(m.panes)), 1)
	m.endHeading(b, m.panes[m.active].status())
}

// moreTabs ends the row of tabs where there are more.
func moreTabs(more bool) rune {
	if more {
		return '…'
	}
	return '─'
}

// tabsShown are the panes that are named beside the status, as a half-open range.
func (m *Model) tabsShown() (from, to int) {
	width := func(i int) int { return ansi.StringWidth(m.panes[i].name()) + 2 }
	status := ansi.StringWidth(m.panes[m.active].status())
	room := m.layout.tabs.w - 2 - min(status+6, m.layout.tabs.w/2)
	from, to = m.active, m.active+1
	room -= width(m.active)
	for from > 0 && width(from-1) <= room {
		from--
		room -= width(from)
	}
	for to < len(m.panes) && width(to) <= room {
		room -= width(to)
		to++
	}
	return from, to
}

func (m *Model) drawHeading(b *canvas.Canvas, p pane) {
	b.Repeat(canvas.Faint, '─', 1).Put(canvas.Muted, " "+p.name()+" ")
	m.endHeading(b, p.status())
}

func (m *Model) endHeading(b *canvas.Canvas, status string) {
	if status == "" {
		b.Repeat(canvas.Faint, '─', b.Left)
		return
	}
	text, width := b.Clean(" " + status + " ")
	b.Repeat(canvas.Faint, '─', max(b.Left-width-2, 1))
	b.Put(canvas.Plain, text)
	b.Repeat(canvas.Faint, '─', b.Left)
}

// whyLabel is the column of the word why, in cells.
const whyLabel = 5

func (m *Model) whyWords() (string, canvas.Style) {
	switch {
	case m.trouble != nil:
		return "the cluster can't be looked at: " + m.trouble.Error(), canvas.Warning
	case m.now.Why.Text == "":
		return "the cluster starts", canvas.Muted
	}
	return m.now.Why.Text, roleOf(m.now.Why.Level)
}

// whyLines are the why line, and what was found broken, in rows of w cells, most of them at most.
func (m *Model) whyLines(w, most int) (broken, why []string) {
	if m.violated != "" {
		broken = m.ink.Wrap("✗ VIOLATION: "+m.violated, w-1, max(most/2, 1))
	}
	text, _ := m.whyWords()
	return broken, m.ink.Wrap(text, w-whyLabel, max(most-len(broken), 1))
}

// whyRows is how many rows of w cells the why line needs.
func (m *Model) whyRows(w int) int {
	broken, why := m.whyLines(w, whyInNeed)
	return len(broken) + len(why)
}

// drawWhy says why it is so now, below what was found broken.
func (m *Model) drawWhy(b *canvas.Canvas) {
	broken, why := m.whyLines(b.W, b.H)
	for _, line := range broken {
		b.Next().Space(1).Put(canvas.Alarm, line)
	}
	_, look := m.whyWords()
	for i, line := range why {
		head := ""
		if i == 0 {
			head = "why"
		}
		b.Next().Space(1).Col(canvas.Muted, head, whyLabel-1).Put(look, line)
	}
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

func hintsWidth(all []hint) int {
	w := 0
	for _, h := range all {
		w += ansi.StringWidth(h.key) + ansi.StringWidth(h.name) + 3
	}
	return w
}

// hints are made from the actions that do something now. Those of last are shown whatever else is.
func (m *Model) hints() (urgent, first, last []hint) {
	if m.dialog != nil {
		return nil, m.dialog.hints(), nil
	}
	var late []hint
	for i := range m.actions {
		a := &m.actions[i]
		name, ok := a.available(m)
		switch {
		case !ok || a.name == "":
		case slices.Contains([]string{":", "?", "q"}, a.shown):
			last = append(last, hint{a.shown, name})
		case a.urgent != nil && a.urgent(m):
			urgent = append(urgent, hint{a.shown, name})
		case a.late != nil && a.late(m):
			late = append(late, hint{a.shown, name})
		default:
			first = append(first, hint{a.shown, name})
		}
	}
	return urgent, append(first, late...), last
}
