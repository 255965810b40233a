package tui

import (
	"strings"

	"cluster/splitbrain/netsim"
)

// network shows who hears whom, and the list of what is broken.
type network struct {
	page
	broken string
}

func (p *network) name() string { return "network" }

func (p *network) observe(_ observed, now *scene) {
	p.broken = "nothing broken"
	if spans := now.broken(); spans != nil {
		p.broken = joined(spans)
	}
	p.n = max(len(now.nodes)+1, len(p.text(now)))
	p.clamp()
}

func (p *network) status() string { return p.broken }

func (p *network) draw(b *block, now *scene) {
	const cell = 4
	matrix := 7 + cell*len(now.nodes)
	rows := p.text(now)
	beside := b.w >= matrix+24
	for i := p.top; !b.full(); i++ {
		b.next().space(1)
		if beside && i <= len(now.nodes) {
			p.matrixRow(b, now, i, cell)
		}
		if i < len(rows) {
			if beside {
				b.at(matrix + 2)
			}
			b.put(rows[i].look, rows[i].text)
		}
	}
}

// matrixRow writes the heading, or what becomes of the messages that one node sends.
func (p *network) matrixRow(b *block, now *scene, i, cell int) {
	if i == 0 {
		b.col(muted, "from", 6)
		for _, to := range now.nodes {
			b.col(muted, to, cell)
		}
		return
	}
	from := now.nodes[i-1]
	text, look := from, plain
	switch now.state(from) {
	case netsim.Crashed, netsim.Off:
		text, look = from+" ✗", dead
	case netsim.Frozen:
		text, look = from+" ❄", frozen
	}
	b.col(look, text, 6)
	for _, to := range now.nodes {
		mark, look := now.linkMark(from, to)
		b.col(look, mark, cell)
	}
}

func (s *scene) linkMark(from, to string) (string, role) {
	f, faulty := s.links[link{from, to}]
	switch {
	case from == to:
		return " ", plain
	case !faulty:
		return "·", faint
	case f.Kind == netsim.FaultDelay:
		return "↻", broken
	}
	return "✗", broken
}

// text is what is broken, in words.
func (p *network) text(now *scene) []entry {
	var rows []entry
	if len(now.Faults) == 0 {
		return []entry{{look: plain, text: "every link is whole, nothing is frozen"}, {look: muted, text: "press c to cut one, P to partition"}}
	}
	if len(now.groups) > 1 {
		sides := make([]string, len(now.groups))
		for i, g := range now.groups {
			sides[i] = strings.Join(g, " ")
		}
		rows = append(rows, entry{look: broken, text: "⊘ partition: " + strings.Join(sides, " | ")})
	}
	for i, n := range now.nodes {
		if text := now.unheard(n, now.nodes[i+1:]); text != "" && len(now.groups) < 2 {
			rows = append(rows, entry{look: broken, text: text})
		}
	}
	for _, f := range now.Faults {
		switch f.Kind {
		case netsim.FaultFrozen:
			rows = append(rows, entry{look: frozen, text: "❄ " + f.From + " is frozen"})
		case netsim.FaultDelay:
			rows = append(rows, entry{look: broken, text: "↻ " + f.String()})
		}
	}
	return rows
}

// unheard says which of the others node does not exchange messages with.
func (s *scene) unheard(node string, others []string) string {
	var both, out, in []string
	for _, o := range others {
		switch {
		case s.parted(node, o):
			both = append(both, o)
		case s.cut(node, o):
			out = append(out, o)
		case s.cut(o, node):
			in = append(in, o)
		}
	}
	var parts []string
	if both != nil {
		parts = append(parts, node+" – "+strings.Join(both, " "))
	}
	if out != nil {
		parts = append(parts, node+" → "+strings.Join(out, " "))
	}
	if in != nil {
		parts = append(parts, strings.Join(in, " ")+" → "+node)
	}
	if parts == nil {
		return ""
	}
	return "⊘ cut " + strings.Join(parts, ", ")
}
