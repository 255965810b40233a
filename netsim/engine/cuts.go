package engine

import (
	"slices"
	"strings"

	"cluster/splitbrain/netsim"
)

// Cuts are the cuts of a network, told as the few commands that make them.
type Cuts struct {
	Sides  [][]string     // groups of nodes between which all is cut, each with its nodes in their order; nil if there is but one
	Alone  []string       // the nodes that hear nobody and that nobody hears, if all others are one side
	Within []netsim.Fault // the cuts between nodes of one side, one of each link
	Both   []bool         // of each of those, whether its other direction is cut, too
}

// Cuts works the cuts out.
func (x *Index) Cuts() (c Cuts) {
	if !slices.ContainsFunc(x.Faults, func(f netsim.Fault) bool { return f.Kind == netsim.FaultCut }) {
		return c
	}
	nodes := x.nodes()
	c.Sides = x.sides(nodes)
	for _, g := range c.Sides {
		if len(g) == 1 {
			c.Alone = append(c.Alone, g[0])
		}
	}
	if len(c.Alone) < len(c.Sides)-1 || len(c.Alone) == len(c.Sides) {
		c.Alone = nil
	}
	side := map[string]int{}
	for i, g := range c.Sides {
		for _, n := range g {
			side[n] = i
		}
	}
	for _, f := range x.Faults {
		if f.Kind != netsim.FaultCut || side[f.From] != side[f.To] {
			continue
		}
		back := x.Cut(f.To, f.From)
		if back && slices.Index(nodes, f.From) > slices.Index(nodes, f.To) {
			continue
		}
		c.Within, c.Both = append(c.Within, f), append(c.Both, back)
	}
	return c
}

// Words are the commands that make the cuts.
func (c Cuts) Words() (all []string) {
	for _, n := range c.Alone {
		all = append(all, "isolate "+n)
	}
	if len(c.Alone) == 0 && len(c.Sides) > 1 {
		sides := make([]string, len(c.Sides))
		for i, g := range c.Sides {
			sides[i] = strings.Join(g, " ")
		}
		all = append(all, "partition "+strings.Join(sides, " | "))
	}
	for i, f := range c.Within {
		if c.Both[i] {
			all = append(all, "cut "+f.From+" "+f.To)
		} else {
			all = append(all, f.String())
		}
	}
	return all
}

// Parts reports whether f, a cut, parts the sides of a partition, or one who is cut off: that is told as one.
func (c Cuts) Parts(f netsim.Fault) bool {
	of := func(node string) int {
		return slices.IndexFunc(c.Sides, func(g []string) bool { return slices.Contains(g, node) })
	}
	return of(f.From) != of(f.To)
}

// nodes are all nodes, in their order.
func (x *Index) nodes() []string {
	all := []string{ViewAddr}
	for i := range x.Servers {
		all = append(all, x.Servers[i].Name)
	}
	for i := range x.Clients {
		all = append(all, x.Clients[i].Name)
	}
	return all
}

// sides are those of Cuts.
func (x *Index) sides(nodes []string) [][]string {
	var all [][]string
	seen := map[string]bool{}
	for _, n := range nodes {
		if !seen[n] {
			seen[n] = true
			all = append(all, x.sideOf(n, nodes, seen))
		}
	}
	if len(all) < 2 {
		return nil
	}
	return all
}

// sideOf are all that a node reaches over links that pass in one direction at least, itself included.
func (x *Index) sideOf(node string, nodes []string, seen map[string]bool) []string {
	side := []string{node}
	for i := 0; i < len(side); i++ {
		for _, o := range nodes {
			if !seen[o] && !(x.Cut(side[i], o) && x.Cut(o, side[i])) {
				seen[o] = true
				side = append(side, o)
			}
		}
	}
	slices.SortFunc(side, func(a, b string) int { return slices.Index(nodes, a) - slices.Index(nodes, b) })
	return side
}

// NetworkBroken tells in words which faults last, the cuts of a partition or of an isolated node as one, in the order of the words,
// and how many messages are held.
func (x *Index) NetworkBroken() []string {
	all := x.Cuts().Words()
	for _, f := range x.Faults {
		if f.Kind != netsim.FaultCut {
			all = append(all, f.String())
		}
	}
	slices.Sort(all)
	if n := len(x.Held); n > 0 {
		all = append(all, Plural(n, "message")+" held")
	}
	return all
}
