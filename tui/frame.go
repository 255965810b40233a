package tui

import (
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// draw composes the frame: exactly h rows of exactly w cells.
func (m *Model) draw() string {
	l := &m.layout
	if l.title.w == 0 || l.title.h == 0 {
		return ""
	}
	rows := make([]string, 0, m.h)
	part := func(r rect, draw func(*block)) {
		if r.h == 0 {
			return
		}
		b := m.ink.block(r.w, r.h)
		draw(b)
		rows = append(rows, b.lines()...)
	}
	part(l.title, m.drawTitle)
	part(l.views, m.drawViews)
	if l.compact {
		part(l.table, m.drawCompact)
	} else {
		part(l.table, m.drawServers)
	}
	part(l.clients, m.drawClients)
	if l.main.h > 0 {
		rows = append(rows, m.drawPanes()...)
	}
	why, prompt := l.why, l.prompt
	if why.h > 1 && m.dialog == nil && m.resultIsLong(prompt.w) && !m.whyIsLong(why.w) {
		why.h--
		prompt.h++
	}
	part(why, m.drawWhy)
	part(prompt, m.drawPrompt)
	part(l.hints, m.drawHints)
	return strings.Join(rows, "\n")
}

// drawPanes draws the tabs with the pane below, and the other panes beside it.
func (m *Model) drawPanes() []string {
	l := &m.layout
	left := m.ink.block(l.tabs.w, l.tabs.h+l.main.h)
	m.drawTabs(left.next())
	rows := append(left.lines()[:1], m.drawPane(m.panes[m.active], l.main.w, l.main.h)...)
	if len(l.sides) == 0 {
		return rows
	}
	gap := m.ink.block(1, len(rows)).lines()
	var right []string
	for i, p := range m.sidePanes() {
		head := m.ink.block(l.sides[i].w, 1)
		m.drawHeading(head.next(), p)
		right = append(right, head.lines()...)
		right = append(right, m.drawPane(p, l.sides[i].w, l.sides[i].h-1)...)
	}
	return beside(rows, gap, right)
}

func (m *Model) drawPane(p pane, w, h int) []string {
	b := m.ink.block(w, h)
	p.draw(b, m.now)
	return b.lines()
}

// drawTabs names the panes in the rule above them, the shown one in brackets, with its status at the right.
func (m *Model) drawTabs(b *block) {
	b.repeat(faint, '─', 1)
	for i, p := range m.panes {
		if i == m.active {
			b.put(selected, "["+p.name()+"]")
		} else {
			b.put(muted, " "+p.name()+" ")
		}
	}
	m.endHeading(b, m.panes[m.active].status())
}

func (m *Model) drawHeading(b *block, p pane) {
	b.repeat(faint, '─', 1).put(muted, " "+p.name()+" ")
	m.endHeading(b, p.status())
}

func (m *Model) endHeading(b *block, status string) {
	if status == "" {
		b.repeat(faint, '─', b.left)
		return
	}
	text, width := b.clean(" " + status + " ")
	b.repeat(faint, '─', max(b.left-width-2, 1))
	b.put(plain, text)
	b.repeat(faint, '─', b.left)
}

// whyLabel is the column of the word why, in cells.
const whyLabel = 5

func (m *Model) whyWords() (string, role) {
	switch {
	case m.trouble != nil:
		return "the cluster can't be looked at: " + m.trouble.Error(), warning
	case m.now.Why.Text == "":
		return "the cluster starts", muted
	}
	return m.now.Why.Text, roleOf(m.now.Why.Level)
}

// whyIsLong reports whether the why line needs more than a row of w cells.
func (m *Model) whyIsLong(w int) bool {
	text, _ := m.whyWords()
	_, width := m.ink.clean(text)
	return whyLabel+width > w
}

func (m *Model) drawWhy(b *block) {
	text, look := m.whyWords()
	for i, line := range b.wrap(text, b.w-whyLabel, b.h) {
		head := ""
		if i == 0 {
			head = "why"
		}
		b.next().space(1).col(muted, head, whyLabel-1).put(look, line)
	}
}

func (m *Model) drawPrompt(b *block) {
	b.next()
	if m.dialog != nil {
		m.dialog.draw(m, b)
		return
	}
	m.drawResult(b)
}

// drawHints names the keys that do something now, as many as fit. The last ones, which lead on and out, always do.
func (m *Model) drawHints(b *block) {
	b.next()
	first, last := m.hints()
	reserved := hintsWidth(last)
	for _, h := range first {
		if hintsWidth([]hint{h})+reserved <= b.left {
			b.hint(h)
		}
	}
	for _, h := range last {
		b.hint(h)
	}
}

func (b *block) hint(h hint) { b.space(1).put(keycap, h.key).space(1).put(muted, h.name).space(1) }

func hintsWidth(all []hint) int {
	w := 0
	for _, h := range all {
		w += ansi.StringWidth(h.key) + ansi.StringWidth(h.name) + 3
	}
	return w
}

// hints are made from the actions that do something now. Those of last are shown whatever else is.
func (m *Model) hints() (first, last []hint) {
	if m.dialog != nil {
		return m.dialog.hints(), nil
	}
	var urgent []hint
	for i := range m.actions {
		a := &m.actions[i]
		name, ok := a.available(m)
		switch {
		case !ok || a.name == "":
		case slices.Contains([]string{":", "?", "q"}, a.shown):
			last = append(last, hint{a.shown, name})
		case a.urgent != nil && a.urgent(m):
			urgent = append(urgent, hint{a.shown, name})
		default:
			first = append(first, hint{a.shown, name})
		}
	}
	return append(urgent, first...), last
}
