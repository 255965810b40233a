package tui

import (
	"strings"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice"

	"github.com/charmbracelet/x/ansi"
)

const (
	laneAtCol   = 9  // the column of time
	leastLanesW = 44 // below it there is no column of time
	idFrom      = 40 // cells of words from which on messages have their numbers
)

// laneView draws the rows of a diagram.
type laneView struct {
	*block
	lanes
	now    *scene
	states map[string]netsim.State
	margin int
	row    stroke
}

func (p *messages) newLaneView(b *block, now *scene, first int) *laneView {
	v := &laneView{block: b, now: now, margin: 2, states: p.statesBefore(first)}
	if b.w >= leastLanesW {
		v.margin += laneAtCol
	}
	v.lanes = newLanes(p.participants(b.w-v.margin), b.w-v.margin)
	return v
}

func (p *messages) drawDiagram(b *block, now *scene, at int, inHeld bool) {
	from, to := p.view.window()
	v := p.newLaneView(b, now, from)
	if p.headRows() > 0 {
		v.heading()
	}
	first := 0
	if rows := p.heldRows(); inHeld {
		first = max(0, at-rows+1)
	}
	for i, m := range p.held[first : first+p.heldRows()] {
		v.message(&happening{message: m}, inHeld && first+i == at, 0)
	}
	if from == to && len(p.held) == 0 {
		p.drawEmpty(b.next())
	}
	before := time.Duration(-1)
	for i := from; i < to; i++ {
		l, chosen := &p.lines[i], !inHeld && i == at
		switch {
		case l.folded:
			v.begin(chosen, -1, -1)
			v.id(v.end(), "").put(muted, pingWords(l))
			continue
		case l.mark != nil:
			v.mark(l.mark, chosen)
			l.changeState(v.states)
		default:
			v.message(&l.happening, chosen, before)
		}
		before = l.at()
	}
}

// heading names the lanes, with the part that each node plays now.
func (v *laneView) heading() {
	b := v.next().space(v.margin)
	for i, n := range v.names {
		b.at(v.margin + i*v.pitch)
		text, look := n, strong
		switch s := v.now.Server(n); {
		case v.now.State(n) == netsim.Crashed:
			text, look = n+" ✗", dead
		case v.now.State(n) == netsim.Frozen:
			text, look = n+" ❄", frozen
		case s != nil && s.Status.Role != pbservice.Idle && !v.now.outdated(s):
			words, r := roleWords(s.Status.Role)
			mark, _, _ := strings.Cut(words, " ")
			text, look = n+" "+mark, r
		}
		if v.pitch < len(n)+3 {
			text = strings.ReplaceAll(text, " ", "")
		}
		b.col(look, text, v.pitch)
	}
	b.at(v.margin + v.width())
}

// begin writes what stands before the lanes, and draws the lifelines.
func (v *laneView) begin(chosen bool, at, before time.Duration) {
	b := v.next().chosen(chosen)
	if v.margin > 2 {
		text := ""
		if at >= 0 && (before < 0 || at.Milliseconds() != before.Milliseconds()) {
			text = clock(at)
		}
		b.col(muted, text, laneAtCol)
	}
	v.row = v.lifelines(v.row, v.states)
}

// end writes the lanes.
func (v *laneView) end() *block {
	for i := 0; i < len(v.row); {
		j := i + 1
		for j < len(v.row) && v.row[j].look == v.row[i].look {
			j++
		}
		v.signs(v.row[i:j])
		i = j
	}
	return v.block
}

// message draws one row of a message.
func (v *laneView) message(h *happening, chosen bool, before time.Duration) {
	v.begin(chosen, h.at(), before)
	w := h.way()
	from, known := v.x[h.from]
	to, also := v.x[h.to]
	if known && also && from != to {
		v.row.arrow(from, to, w, v.lookOfMessage(h, w), h.copyOf != 0)
	}
	v.words(v.end(), h, w)
}

// blink is how long a held message looks the same while time goes on.
const blink = 500 * time.Millisecond

func (v *laneView) lookOfMessage(h *happening, w way) role {
	switch {
	case w == vanishes || w == fails:
		return dead
	case w == waits && v.now.At/blink%2 == 1:
		return muted
	case w == waits:
		return broken
	case w == departs && h.arrived == 0:
		return warning
	case h.role == netsim.Reply:
		return muted
	}
	return plain
}

// words writes what the message says, and what became of it if that can't be seen from the arrow.
func (v *laneView) words(b *block, h *happening, w way) {
	v.id(b, numberOf(h.id))
	text := h.words()
	if v.inShared(h.from) || v.inShared(h.to) {
		text = h.from + " → " + h.to + " " + text
	}
	fate, look := v.fate(h, w)
	what := plain
	switch {
	case w == whole && h.role == netsim.Reply:
		what = muted
	case w == waits:
		what = strong
	}
	least := b.left / 2
	if w == waits || w == arrives {
		least = 8
	}
	b.cell(what, text, max(b.left-ansi.StringWidth(fate)-2, least), 0)
	if fate != "" {
		b.space(2).put(look, fate)
	}
}

// id writes a message's number if there is room for it.
func (v *laneView) id(b *block, text string) *block {
	if v.w-v.margin-v.width() < idFrom {
		return b
	}
	return b.col(muted, text, numberCol)
}

// fate is what the arrow can't tell.
func (v *laneView) fate(h *happening, w way) (string, role) {
	fate, look := h.message.fate()
	switch {
	case w == whole:
		return "", plain
	case w == waits:
		return "‖ " + numberOf(h.id) + " " + elapsed(v.now.At-h.last().at), look
	case w == departs && h.arrived != 0 && h.lost():
		return "lost later", muted
	case w == departs && h.arrived != 0:
		return "arrives later", muted
	}
	return fate, look
}

// mark draws what happened to a node, to links or to the view.
func (v *laneView) mark(k *mark, chosen bool) {
	v.begin(chosen, k.at, -1)
	if k.view != nil {
		v.viewRule(k)
		return
	}
	x, known := v.x[k.node]
	y, also := v.x[k.other]
	if known && also && x != y {
		for i := min(x, y) + 1; i < max(x, y); i++ {
			v.row.line(i, '·', k.look)
		}
		v.row[y] = glyph{k.sign, k.look}
	}
	if known {
		v.row[x] = glyph{k.sign, k.look}
	}
	v.id(v.end(), "").put(k.look, k.text)
}

// viewRule draws a rule across the lanes, with the view in it and its causes beside.
func (v *laneView) viewRule(k *mark) {
	view := k.view.View
	text := "view " + count(int(view.Viewnum)) + "  P " + orNobody(view.Primary) + "  B " + orNobody(view.Backup)
	if v.width() < 30 {
		text = k.text
	}
	end := v.w - v.left + v.width() - 1
	v.repeat(strong, '═', 2).space(1).cell(strong, text, v.width()-5, 0).space(1)
	v.repeat(strong, '═', end-(v.w-v.left)).space(1)
	v.id(v.block, "").put(plain, causeWords(k.view.Causes))
}

// causeWords are causes in one line.
func causeWords(causes []viewservice.Cause) string {
	var all []string
	for _, c := range causes {
		all = append(all, c.String())
	}
	return strings.Join(all, "; ")
}

func pingWords(l *line) string {
	text := "… " + plural(l.pings, "ping")
	if l.pings == 0 {
		text = "… a reply to a ping"
	}
	if l.lost > 0 {
		text += ", " + count(l.lost) + " lost"
	}
	return text
}
