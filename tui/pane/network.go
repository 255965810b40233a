package pane

import (
	"slices"
	"strings"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/canvas"
)

// Network shows who hears whom, and the list of what is broken.
type Network struct {
	Selected string // the node that keys act on; the chosen link is one of those from it

	page
	w, full int
	to      string // the node to which the chosen link leads, if there is one
	broken  string
	now     *Index        // that was seen last; nil at first
	marks   []engine.Link // that a lesson points at
	pointed bool          // it does, and nobody has scrolled since
}

func (p *Network) Name() string { return "network" }

func (p *Network) Observe(_ Observation, now *Index) {
	p.broken = "nothing broken"
	if len(now.Faulty) > 0 {
		p.broken = engine.Plural(len(now.Faulty), "fault")
	}
	if n := len(now.Disabled.Rules()); n > 0 {
		p.broken = engine.Plural(n, "rule") + " off, " + p.broken
	}
	p.now = now
	if marks := now.Look.Links; !slices.Equal(p.marks, marks) {
		p.marks, p.pointed = marks, len(marks) > 0
	}
}

func (p *Network) Resize(w, h int) {
	p.w, p.full = w, h
	if p.now != nil {
		m := matrixFor(p.now, w, h)
		text := len(p.text(p.now, m, w))
		if p.n = max(m.rows(), text); m.above() {
			p.n = m.rows() + text
		}
	}
	p.page.Resize(w, max(h-1, 0))
	p.point()
}

// point scrolls as little as shows the first link that a lesson points at, below the heading.
func (p *Network) point() {
	if !p.pointed || p.now == nil {
		return
	}
	m := matrixFor(p.now, p.w, p.full)
	if m == nil {
		return
	}
	if row := 1 + slices.Index(m.nodes, p.marks[0].From); row > 0 {
		p.top = min(max(p.top, row-p.h+1), row-1)
		p.clamp()
	}
}

// Scroll goes through the list, and the matrix beside or above it.
func (p *Network) Scroll(by Motion) {
	p.pointed = false
	p.page.Scroll(by)
}

func (p *Network) Status() string {
	text := p.broken
	if p.Chooses() {
		text = p.linkWords() + "  " + text
	}
	if rows := p.page.Status(); rows != "" {
		text += "  " + rows
	}
	return text
}

func (p *Network) Draw(b *canvas.Canvas, now *Index) {
	m := matrixFor(now, b.W, b.H)
	if m != nil && p.Chooses() {
		m.chosen = p.Link()
	}
	rows := p.text(now, m, b.W)
	if m.above() {
		rows = append(make([]Entry, m.rows()), rows...)
	}
	for i := p.top; b.Room() > 1; i++ {
		b.Next().Space(1)
		switch {
		case m == nil:
		case i == p.top && i < m.rows(): // the heading stays
			m.drawRow(b, 0)
		default:
			m.drawRow(b, i)
		}
		if m != nil && !m.stacked {
			b.At(m.width() + 3)
		}
		if i < len(rows) {
			b.Put(rows[i].Style, rows[i].Text)
		}
	}
	p.drawLegend(b.Next(), now)
}

// text is what is broken, in the words of commands, in a pane of w cells with a matrix.
func (p *Network) text(now *Index, m *matrix, w int) []Entry {
	if m != nil && !m.stacked {
		w -= m.width() + 3
	}
	if rows := slices.Concat(now.ruleList(w-1), now.timeList(), now.Faulty); len(rows) > 0 {
		return rows
	}
	cuts := "c cuts a link, P parts the nodes"
	if m != nil {
		cuts = "arrows choose a link, c cuts it"
	}
	return []Entry{
		{Style: canvas.Plain, Text: "nothing is broken"},
		{Style: canvas.Muted, Text: cuts},
		{Style: canvas.Muted, Text: "or press : and type"},
		{Style: canvas.Muted, Text: "  hold s1 s2"},
		{Style: canvas.Muted, Text: "  loss s1 s2 30%"},
		{Style: canvas.Muted, Text: "  delay s1 s2 200ms±50ms"},
		{Style: canvas.Muted, Text: "  unreliable s1"},
	}
}

// drawLegend says what the marks mean.
func (p *Network) drawLegend(b *canvas.Canvas, now *Index) {
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
	now     *Index
	nodes   []string
	hidden  int
	cell    int
	stacked bool        // above the list, not beside it
	chosen  engine.Link // the zero link is none
}

const (
	fromCol           = 7
	leastCell         = 4
	mostCell          = 6
	besideMatrix      = 36 // cells that the list beside it needs
	leastMatrix       = 3  // nodes below which there is none
	leastList         = 3  // rows of the list below it
	hiddenMatrixCells = 6
)

// matrixFor fits a matrix into a pane, beside its list, or above it where that is too narrow, of some nodes where it is too low as
// well; nil if there is no room.
func matrixFor(now *Index, w, h int) *matrix {
	m := &matrix{now: now, nodes: now.Nodes}
	room := w - besideMatrix - fromCol
	most := room / leastCell
	if len(m.nodes) > most {
		most = (room - hiddenMatrixCells) / leastCell
	}
	switch alone := w - 1 - fromCol; {
	case len(m.nodes) <= most:
	case len(m.nodes)*leastCell <= alone && m.rows()+leastList < h:
		m.stacked, room = true, alone
	case most >= leastMatrix:
		m.nodes = now.mostTelling(most)
		m.hidden = len(now.Nodes) - len(m.nodes)
	default:
		return nil
	}
	if len(m.nodes) > 0 {
		m.cell = min(max(room/len(m.nodes), leastCell), mostCell, max(w/2/len(m.nodes), leastCell))
	}
	return m
}

// mostTelling returns n of the nodes in their order, those with faults before others, servers before clients.
func (s *Index) mostTelling(n int) []string {
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
		for _, node := range s.Nodes {
			if len(take) < n && wanted(node) {
				take[node] = true
			}
		}
	}
	var out []string
	for _, node := range s.Nodes {
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
			look := canvas.Muted
			if to == m.chosen.To {
				look = canvas.Selected
			}
			b.Col(look, m.now.pointed(to)+to, m.cell)
		}
		if m.hidden > 0 {
			b.Put(canvas.Muted, "+"+engine.Count(m.hidden))
		}
	case i <= len(m.nodes):
		m.drawFrom(b, m.nodes[i-1])
	case i == len(m.nodes)+1 && m.hidden > 0:
		b.Cell(canvas.Muted, "and "+engine.Count(m.hidden)+" nodes more", m.width()-1, 0)
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
	b.Col(look, m.now.pointed(from)+text, fromCol-1)
	for _, to := range m.nodes {
		sign := " " // in the gap before the marks, which need their cell whole
		marks, look := m.now.linkMarks(from, to)
		if m.now.MarkedLink(from, to) {
			sign, look = "»", canvas.Selected
		}
		if m.chosen == (engine.Link{From: from, To: to}) {
			marks, sign, look = strings.TrimSpace(sign)+marks, "▸", canvas.Selected
		}
		end := b.W - b.Left + m.cell
		b.Put(look, sign).Cell(look, marks, m.cell-1, 0).At(end)
	}
}

// linkMarks are a mark for each thing that is done to a link.
func (s *Index) linkMarks(from, to string) (string, canvas.Style) {
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
		marks.WriteString(engine.Count(n))
	}
	return marks.String(), canvas.Broken
}
