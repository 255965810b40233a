package tui

import (
	"slices"
	"strings"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/tui/canvas"
)

// network shows who hears whom, and the list of what is broken.
type network struct {
	page
	w      int
	broken string
	now    *scene // that was seen last; nil at first
}

func (p *network) name() string { return "network" }

func (p *network) observe(_ observation, now *scene) {
	p.broken = "nothing broken"
	if len(now.faulty) > 0 {
		p.broken = plural(len(now.faulty), "fault")
	}
	if n := len(now.Disabled.Rules()); n > 0 {
		p.broken = plural(n, "rule") + " off, " + p.broken
	}
	p.now = now
}

func (p *network) resize(w, h int) {
	p.w = w
	if p.now != nil {
		m := matrixFor(p.now, w, h)
		text := len(p.text(p.now, m, w))
		if p.n = max(m.rows(), text); m.above() {
			p.n = m.rows() + text
		}
	}
	p.page.resize(w, max(h-1, 0))
}

func (p *network) status() string {
	if text := p.page.status(); text != "" {
		return p.broken + "  " + text
	}
	return p.broken
}

func (p *network) draw(b *canvas.Canvas, now *scene) {
	m := matrixFor(now, b.W, b.H)
	rows := p.text(now, m, b.W)
	if m.above() {
		rows = append(make([]entry, m.rows()), rows...)
	}
	for i := p.top; b.Room() > 1; i++ {
		b.Next().Space(1)
		if m != nil {
			m.drawRow(b, i)
		}
		if m != nil && !m.stacked {
			b.At(m.width() + 3)
		}
		if i < len(rows) {
			b.Put(rows[i].look, rows[i].text)
		}
	}
	p.drawLegend(b.Next(), now)
}

// text is what is broken, in the words of commands, in a pane of w cells with a matrix.
func (p *network) text(now *scene, m *matrix, w int) []entry {
	if m != nil && !m.stacked {
		w -= m.width() + 3
	}
	if rows := slices.Concat(now.ruleList(w-1), now.timeList(), now.faulty); len(rows) > 0 {
		return rows
	}
	return []entry{
		{look: canvas.Plain, text: "nothing is broken"},
		{look: canvas.Muted, text: "c cuts a link, P parts the nodes"},
		{look: canvas.Muted, text: "or press : and type"},
		{look: canvas.Muted, text: "  hold s1 s2"},
		{look: canvas.Muted, text: "  loss s1 s2 30%"},
		{look: canvas.Muted, text: "  delay s1 s2 200ms±50ms"},
		{look: canvas.Muted, text: "  unreliable s1"},
	}
}

// drawLegend says what the marks mean.
func (p *network) drawLegend(b *canvas.Canvas, now *scene) {
	all := legend(func(netsim.FaultKind) bool { return true })
	if canvas.SpansWidth(all) > b.Left {
		used := now.countFaults()
		all = legend(func(k netsim.FaultKind) bool { return used[k] > 0 })
	}
	b.Spans(all)
}

func legend(has func(netsim.FaultKind) bool) []canvas.Span {
	out := []canvas.Span{canvas.Muted.Span(" · whole")}
	for _, k := range netsim.FaultKinds() {
		if row := k.Row(); has(k) && !row.OnNode {
			out = append(out, canvas.Plain.Span("  "), canvas.Broken.Span(row.Mark), canvas.Muted.Span(" "+row.Legend))
		}
	}
	return out
}

// matrix is what is done to the links from each node to each, of as many nodes as fit.
type matrix struct {
	now     *scene
	nodes   []string
	hidden  int
	cell    int
	stacked bool // above the list, not beside it
}

const (
	fromCol           = 7
	leastCell         = 4
	mostCell          = 6
	besideMatrix      = 36 // cells that the list beside it needs
	leastMatrix       = 3  // nodes below which there is none
	hiddenMatrixCells = 6
)

// matrixFor fits a matrix into a pane, beside its list, or above it where that is too narrow; nil if there is no room.
func matrixFor(now *scene, w, h int) *matrix {
	m := &matrix{now: now, nodes: now.nodes}
	room := w - besideMatrix - fromCol
	most := room / leastCell
	if len(m.nodes) > most {
		most = (room - hiddenMatrixCells) / leastCell
	}
	switch alone := w - 1 - fromCol; {
	case len(m.nodes) <= most:
	case most >= leastMatrix:
		m.nodes = now.mostTelling(most)
		m.hidden = len(now.nodes) - len(m.nodes)
	case len(m.nodes)*leastCell <= alone && m.rows()+paneLeast < h:
		m.stacked, room = true, alone
	default:
		return nil
	}
	if len(m.nodes) > 0 {
		m.cell = min(max(room/len(m.nodes), leastCell), mostCell, max(w/2/len(m.nodes), leastCell))
	}
	return m
}

// mostTelling returns n of the nodes in their order, those with faults before others, servers before clients.
func (s *scene) mostTelling(n int) []string {
	faulty := map[string]bool{}
	for _, f := range s.Faults {
		faulty[f.From], faulty[f.To] = true, true
	}
	take := map[string]bool{}
	for _, wanted := range []func(string) bool{
		func(node string) bool { return faulty[node] },
		func(node string) bool { return s.Client(node) == nil },
		func(string) bool { return true },
	} {
		for _, node := range s.nodes {
			if len(take) < n && wanted(node) {
				take[node] = true
			}
		}
	}
	var out []string
	for _, node := range s.nodes {
		if take[node] {
			out = append(out, node)
		}
	}
	return out
}

func (m *matrix) above() bool { return m != nil && m.stacked }

// rows are the heading, one for each node, and one that counts those that are hidden.
func (m *matrix) rows() int {
	switch {
	case m == nil:
		return 0
	case m.hidden > 0:
		return len(m.nodes) + 2
	}
	return len(m.nodes) + 1
}

func (m *matrix) width() int {
	w := fromCol + m.cell*len(m.nodes)
	if m.hidden > 0 {
		w += hiddenMatrixCells
	}
	return w
}

// drawRow writes the heading, what becomes of the messages that one node sends, or how many nodes are hidden.
func (m *matrix) drawRow(b *canvas.Canvas, i int) {
	switch {
	case i == 0:
		b.Col(canvas.Muted, "from", fromCol)
		for _, to := range m.nodes {
			b.Col(canvas.Muted, to, m.cell)
		}
		if m.hidden > 0 {
			b.Put(canvas.Muted, "+"+count(m.hidden))
		}
	case i <= len(m.nodes):
		m.drawFrom(b, m.nodes[i-1])
	case i == len(m.nodes)+1 && m.hidden > 0:
		b.Cell(canvas.Muted, "and "+count(m.hidden)+" nodes more", m.width()-1, 0)
	}
}

func (m *matrix) drawFrom(b *canvas.Canvas, from string) {
	text, look := from, canvas.Plain
	switch m.now.State(from) {
	case netsim.Crashed, netsim.Stopped:
		text, look = from+" ✗", canvas.Dead
	case netsim.Frozen:
		text, look = from+" ❄", canvas.Frozen
	}
	b.Col(look, text, fromCol)
	for _, to := range m.nodes {
		mark, look := m.now.linkMarks(from, to)
		b.Col(look, mark, m.cell)
	}
}

// linkMarks are a mark for each thing that is done to a link.
func (s *scene) linkMarks(from, to string) (string, canvas.Style) {
	faults := s.FaultsOn(from, to)
	switch {
	case from == to:
		return " ", canvas.Plain
	case len(faults) == 0:
		return "·", canvas.Faint
	}
	var marks strings.Builder
	for _, f := range faults {
		marks.WriteString(f.Kind.Row().Mark)
	}
	if n := len(s.HeldOn(from, to)); n > 0 {
		marks.WriteString(count(n))
	}
	return marks.String(), canvas.Broken
}
