package pane

import (
	"strings"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/tui/canvas"
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
	*canvas.Canvas
	lanes
	now    *Index
	states map[string]netsim.State
	margin int
	row    stroke
}

func (p *Messages) newLaneView(b *canvas.Canvas, now *Index, first int) *laneView {
	v := &laneView{Canvas: b, now: now, margin: 2, states: p.statesBefore(first)}
	if b.W >= leastLanesW {
		v.margin += laneAtCol
	}
	v.lanes = newLanes(p.participants(b.W-v.margin), b.W-v.margin)
	return v
}

func (p *Messages) drawDiagram(b *canvas.Canvas, now *Index, at int, inHeld bool) {
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
		h := happening{message: m}
		v.message(&h, lead{inHeld && first+i == at, p.points(h)}, 0)
	}
	if from == to && len(p.held) == 0 {
		p.drawEmpty(b.Next())
	}
	before := time.Duration(-1)
	for i := from; i < to; i++ {
		l := &p.lines[i]
		row := p.leadOf(l, !inHeld && i == at)
		switch {
		case l.folded:
			v.begin(row, -1, -1)
			v.id(v.end(), "").Put(canvas.Muted, pingWords(l))
			continue
		case l.mark != nil:
			v.mark(l.mark, row)
			l.changeState(v.states)
		default:
			v.message(&l.happening, row, before)
			moreTries(b, l)
		}
		before = l.at()
	}
}

// heading names the lanes, with the part that each node plays now.
func (v *laneView) heading() {
	b := v.Next().Space(v.margin)
	for i, n := range v.names {
		b.At(v.margin + i*v.pitch)
		sign, look := "", canvas.Strong
		switch s := v.now.Server(n); {
		case v.now.State(n) == netsim.Crashed:
			sign, look = "✗", canvas.Dead
		case v.now.State(n) == netsim.Frozen:
			sign, look = "❄", canvas.Frozen
		case s != nil && s.Status.Role != pbservice.Idle && !v.now.Outdated(s):
			sign, look = RoleSign(s.Status.Role)
		}
		name := v.now.pointed(n) + n
		if ansi.StringWidth(name) >= v.pitch { // a name that is cut is no name
			name = n
		}
		switch room := v.pitch - 1 - ansi.StringWidth(name); {
		case sign != "" && room >= 2:
			name += " " + sign
		case room >= 1:
			name += sign
		}
		b.Col(look, name, v.pitch)
	}
	b.At(v.margin + v.width())
}

// begin writes what stands before the lanes, and draws the lifelines.
func (v *laneView) begin(row lead, at, before time.Duration) {
	b := row.put(v.Next())
	if v.margin > 2 {
		text := ""
		if at >= 0 && (before < 0 || at.Milliseconds() != before.Milliseconds()) {
			text = Clock(at)
		}
		b.Col(canvas.Muted, text, laneAtCol)
	}
	v.row = v.lifelines(v.row, v.states)
}

// end writes the lanes.
func (v *laneView) end() *canvas.Canvas {
	for i := 0; i < len(v.row); {
		j := i + 1
		for j < len(v.row) && v.row[j].Style == v.row[i].Style {
			j++
		}
		v.Glyphs(v.row[i:j])
		i = j
	}
	return v.Canvas
}

// message draws one row of a message.
func (v *laneView) message(h *happening, row lead, before time.Duration) {
	v.begin(row, h.at(), before)
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

func (v *laneView) lookOfMessage(h *happening, w way) canvas.Style {
	switch {
	case w == vanishes || w == fails:
		return canvas.Dead
	case w == waits && v.now.At/blink%2 == 1:
		return canvas.Muted
	case w == waits:
		return canvas.Broken
	case w == departs && h.arrived == 0:
		return canvas.Warning
	case h.role == netsim.Reply:
		return canvas.Muted
	}
	return canvas.Plain
}

// words writes what the message says, and what became of it if that can't be seen from the arrow.
func (v *laneView) words(b *canvas.Canvas, h *happening, w way) {
	v.id(b, numberOf(h.id))
	text := h.words()
	if h.arrival { // the same message once more
		text = "… " + text
	}
	if v.inShared(h.from) || v.inShared(h.to) {
		text = h.from + " → " + h.to + " " + text
	}
	fate, look := v.fate(h, w)
	what := canvas.Plain
	switch {
	case w == whole && h.role == netsim.Reply:
		what = canvas.Muted
	case w == waits:
		what = canvas.Strong
	}
	least := b.Left / 2
	if w == waits || w == arrives {
		least = 8
	}
	b.Words(what, text, max(b.Left-ansi.StringWidth(fate)-2, least))
	if fate != "" {
		b.Space(2).Put(look, fate)
	}
}

// id writes a message's number if there is room for it.
func (v *laneView) id(b *canvas.Canvas, text string) *canvas.Canvas {
	if v.W-v.margin-v.width() < idFrom {
		return b
	}
	return b.Col(canvas.Muted, text, numberCol)
}

// fate is what the arrow can't tell.
func (v *laneView) fate(h *happening, w way) (string, canvas.Style) {
	fate, look := h.message.fate()
	switch {
	case w == whole && (!h.joined || fate == "✓ delivered"):
		return "", canvas.Plain
	case w == waits:
		return "‖ " + numberOf(h.id) + " " + engine.Elapsed(v.now.At-h.last().at), look
	case w == departs && h.arrived != 0 && h.lost():
		return "lost later", canvas.Muted
	case w == departs && h.arrived != 0:
		return "arrives later", canvas.Muted
	}
	return fate, look
}

// mark draws what happened to a node, to links or to the view.
func (v *laneView) mark(k *mark, row lead) {
	v.begin(row, k.at, -1)
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
		v.row[y] = k.look.Glyph(k.sign)
	}
	if known {
		v.row[x] = k.look.Glyph(k.sign)
	}
	v.id(v.end(), "").Put(k.look, k.text)
}

// viewRule draws a rule across the lanes, with the view in it and its causes beside.
func (v *laneView) viewRule(k *mark) {
	view := k.view.View
	text := "view " + engine.Count(int(view.Viewnum)) + "  P " + OrNobody(view.Primary) + "  B " + OrNobody(view.Backup)
	if v.width() < 30 {
		text = k.text
	}
	end := v.W - v.Left + v.width() - 1
	fits := ansi.StringWidth(text) <= v.width()-5
	if fits {
		v.Repeat(canvas.Strong, '═', 2).Space(1).Put(canvas.Strong, text).Space(1)
	}
	v.Repeat(canvas.Strong, '═', end-(v.W-v.Left)).Space(1)
	v.id(v.Canvas, "")
	if !fits { // it would be cut between the lanes
		v.Put(canvas.Strong, k.text).Space(2)
	}
	v.Put(canvas.Plain, causeWords(k.view.Causes))
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
	text := "… " + engine.Plural(l.pings, "ping")
	if l.pings == 0 {
		text = "… a reply to a ping"
	}
	if l.lost > 0 {
		text += ", " + engine.Count(l.lost) + " lost"
	}
	return text
}
