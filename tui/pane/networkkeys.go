package pane

import (
	"slices"
	"strings"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
)

// EndOf is the command line that ends a fault of a link.
func EndOf(f netsim.Fault) string {
	row := f.Kind.Row()
	if row.BothWays {
		return row.EndedBy + " " + f.From + " > " + f.To
	}
	if row.EndedBy != "" {
		return row.EndedBy + " " + f.From + " " + f.To
	}
	line := row.Command + " " + f.From + " " + f.To + " 0"
	if row.Degree == netsim.PercentDegree {
		line += "%"
	}
	if row.Option != "" {
		line += " " + row.Option
	}
	return line
}

// faultKey is a key that sets a fault on the chosen link, and ends it where the link has it.
type faultKey struct {
	key, sets, ends string
	fault           netsim.Fault
}

// faultKeys are those for the faults that are wanted most, each as bad as it is usual. Enter offers the others.
var faultKeys = []faultKey{
	{"c", "cut", "heal", netsim.Fault{Kind: netsim.FaultCut}},
	{"h", "hold", "release", netsim.Fault{Kind: netsim.FaultHold}},
	{"d", "delay", "no delay", netsim.Fault{Kind: netsim.FaultDelay, Delay: 200 * time.Millisecond}},
	{"l", "lose", "lose nothing", netsim.Fault{Kind: netsim.FaultLoss, Probability: 0.3}},
	{"u", "double", "double nothing", netsim.Fault{Kind: netsim.FaultDuplicate, Probability: 0.3}},
}

// Actions act on the chosen link.
func (p *Network) Actions() []Action {
	works := func(at Place) (string, bool) { return "", p.Leads(at) }
	from := func(by int) func(Place) Wish { return func(Place) Wish { return p.moveFrom(by) } }
	all := []Action{{
		Keys: []string{"up", "k"}, Works: works, Do: from(-1), Looks: true,
	}, {
		Keys: []string{"down", "j"}, Works: works, Do: from(+1), Looks: true,
	}, {
		Keys: []string{"left"}, Shown: "← →", Name: "link", Help: "network: choose a link, ↑ ↓ from whom, ← → to whom",
		Works: works, Do: InPane(func() { p.move(-1) }), Looks: true,
	}, {
		Keys: []string{"right"}, Works: works, Do: InPane(func() { p.move(+1) }), Looks: true,
	}}
	for _, k := range faultKeys {
		all = append(all, Action{
			Keys: []string{k.key}, Shown: k.key, Name: k.sets, Help: "network: the chosen link, one way: " + k.fault.Effect() + "; again ends it",
			Works: func(at Place) (string, bool) {
				if !p.Leads(at) {
					return k.sets, false
				}
				if _, has := p.has(k.fault.Kind); has {
					return k.ends, true
				}
				return k.sets, true
			},
			Do: func(Place) Wish { return Command(p.line(k.fault)) },
		})
	}
	return append(all, Action{
		Keys: []string{"enter"}, Shown: "enter", Name: "more", Help: "network: all that can be done to the chosen link",
		Works: works, Do: func(Place) Wish { return Wish{Link: p.Link()} },
	})
}

// Leads reports whether arrows, and keys of faults, are for the chosen link.
func (p *Network) Leads(at Place) bool {
	return at.Front == p.Name() && at.shows(p.Name()) && p.Chooses()
}

// Chooses reports whether there is a matrix in which a link is chosen.
func (p *Network) Chooses() bool {
	return p.now != nil && len(p.now.Nodes) > 1 && matrixFor(p.now, p.w, p.full) != nil
}

// Link is the chosen one: from the selected node to another.
func (p *Network) Link() engine.Link {
	nodes := p.nodes()
	from, to := p.Selected, p.to
	if !slices.Contains(nodes, from) {
		from = nodes[0]
	}
	if to == from || !slices.Contains(nodes, to) {
		to = nodes[(slices.Index(nodes, from)+1)%len(nodes)]
	}
	return engine.Link{From: from, To: to}
}

// nodes are those of the matrix, two at least.
func (p *Network) nodes() []string {
	if m := matrixFor(p.now, p.w, p.full); m != nil && len(m.nodes) > 1 {
		return m.nodes
	}
	return p.now.Nodes
}

// move chooses another node to send to.
func (p *Network) move(by int) {
	nodes, l := p.nodes(), p.Link()
	for at := slices.Index(nodes, l.To) + by; at >= 0 && at < len(nodes); at += by {
		if nodes[at] != l.From {
			p.to = nodes[at]
			return
		}
	}
}

// moveFrom chooses a link from the node whose row is so many below that of the chosen link; from the last one in that direction
// where there are fewer. It leads to the same node where it can.
func (p *Network) moveFrom(by int) Wish {
	nodes, l := p.nodes(), p.Link()
	if p.to == "" { // else it leads elsewhere only as long as it must
		p.to = l.To
	}
	return Wish{Node: nodes[min(max(slices.Index(nodes, l.From)+by, 0), len(nodes)-1)]}
}

// has is the fault of that kind that the chosen link has; false if it has none.
func (p *Network) has(kind netsim.FaultKind) (netsim.Fault, bool) {
	l := p.Link()
	for _, f := range p.now.FaultsOn(l.From, l.To) {
		if f.Kind == kind {
			return f, true
		}
	}
	return netsim.Fault{}, false
}

// line is the command that sets a fault on the chosen link, or ends it.
func (p *Network) line(f netsim.Fault) string {
	if has, ok := p.has(f.Kind); ok {
		return EndOf(has)
	}
	l := p.Link()
	f.From, f.To = l.From, l.To
	return engine.Command{Kind: engine.SetFault, Fault: f}.String()
}

// linkWords say of the chosen link what is done to it.
func (p *Network) linkWords() string {
	l := p.Link()
	text := l.From + " > " + l.To + ": "
	var all []string
	for _, f := range p.now.FaultsOn(l.From, l.To) {
		all = append(all, f.Kind.Row().Name)
	}
	if len(all) == 0 {
		return text + "whole"
	}
	return text + strings.Join(all, ", ")
}

// Click chooses a link, and asks what is to be done to the chosen one.
func (p *Network) Click(x, y int) Wish {
	if !p.Chooses() || y == 0 || y >= p.full-1 {
		return Wish{}
	}
	m := matrixFor(p.now, p.w, p.full)
	row, column := y+p.top-1, (x-1-fromCol)/m.cell
	if x < 1+fromCol || row < 0 || row >= len(m.nodes) || column >= len(m.nodes) || row == column {
		return Wish{}
	}
	was := p.Link()
	is := engine.Link{From: m.nodes[row], To: m.nodes[column]}
	if was == is {
		return Wish{Link: is}
	}
	p.to = is.To
	return Wish{Node: is.From}
}
