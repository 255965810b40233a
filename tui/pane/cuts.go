package pane

import (
	"slices"
	"strings"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/canvas"

	"github.com/charmbracelet/x/ansi"
)

// parted reports whether neither of two nodes hears the other.
func (s *Index) parted(a, b string) bool { return s.Cut(a, b) && s.Cut(b, a) }

// sides are the groups of nodes between which all is cut, each with its nodes in their order; nil if there is but one.
func (s *Index) sides() [][]string {
	if !slices.ContainsFunc(s.Faults, func(f netsim.Fault) bool { return f.Kind == netsim.FaultCut }) {
		return nil
	}
	var all [][]string
	seen := map[string]bool{}
	for _, n := range s.Nodes {
		if !seen[n] {
			seen[n] = true
			all = append(all, s.sideOf(n, seen))
		}
	}
	if len(all) < 2 {
		return nil
	}
	return all
}

// sideOf are all that a node reaches over links that pass in one direction at least, itself included.
func (s *Index) sideOf(node string, seen map[string]bool) []string {
	side := []string{node}
	for i := 0; i < len(side); i++ {
		for _, o := range s.Nodes {
			if !seen[o] && !s.parted(side[i], o) {
				seen[o] = true
				side = append(side, o)
			}
		}
	}
	slices.SortFunc(side, func(a, b string) int { return slices.Index(s.Nodes, a) - slices.Index(s.Nodes, b) })
	return side
}

// Isolated reports whether a node hears nobody and nobody hears it.
func (s *Index) Isolated(node string) bool {
	for _, other := range s.Nodes {
		if other != node && !(s.Cut(node, other) && s.Cut(other, node)) {
			return false
		}
	}
	return len(s.Nodes) > 1
}

// isolated are the nodes that hear nobody and that nobody hears, if all others are one side.
func (s *Index) isolated() []string {
	var alone []string
	for _, g := range s.groups {
		if len(g) == 1 {
			alone = append(alone, g[0])
		}
	}
	if len(alone) < len(s.groups)-1 || len(alone) == len(s.groups) {
		return nil
	}
	return alone
}

// cutsWithin are the cuts between nodes of one side, the two directions of a link as one, which both says.
func (s *Index) cutsWithin() (cuts []netsim.Fault, both []bool) {
	side := map[string]int{}
	for i, g := range s.groups {
		for _, n := range g {
			side[n] = i
		}
	}
	for _, f := range s.Faults {
		if f.Kind != netsim.FaultCut || side[f.From] != side[f.To] {
			continue
		}
		back := s.Cut(f.To, f.From)
		if back && slices.Index(s.Nodes, f.From) > slices.Index(s.Nodes, f.To) {
			continue
		}
		cuts, both = append(cuts, f), append(both, back)
	}
	return cuts, both
}

// cutSpans tell of all cuts in a few words.
func (s *Index) cutSpans() []canvas.Span {
	mark := netsim.FaultCut.Row().Mark + " "
	const fewNames = 2
	var out []canvas.Span
	within, both := s.cutsWithin()
	link := "link"
	switch alone := s.isolated(); {
	case len(s.groups) < 2:
	case len(alone) > 0 && len(alone) <= fewNames:
		out, link = append(out, canvas.Broken.Span(mark+strings.Join(alone, " ")+" cut off")), "more link"
	default:
		out, link = append(out, canvas.Broken.Span(mark+"partitioned")), "more link"
	}
	if n := len(within); n == 1 && len(s.Faulty) == 1 {
		between := " > "
		if both[0] {
			between = "–"
		}
		out = append(out, canvas.Broken.Span(mark+within[0].From+between+within[0].To+" cut"))
	} else if n > 0 {
		out = append(out, canvas.Broken.Span(mark+engine.Plural(n, link)+" cut"))
	}
	return out
}

// cutList are the cuts in the words of commands, those of a partition or of an isolated node as one.
func (s *Index) cutList() []Entry {
	var rows []Entry
	add := func(text string) {
		rows = append(rows, Entry{Style: canvas.Broken, Text: netsim.FaultCut.Row().Mark + " " + text})
	}
	alone := s.isolated()
	for _, n := range alone {
		add("isolate " + n)
	}
	if len(alone) == 0 && len(s.groups) > 1 {
		sides := make([]string, len(s.groups))
		for i, g := range s.groups {
			sides[i] = strings.Join(g, " ")
		}
		add("partition " + strings.Join(sides, " | "))
	}
	cuts, both := s.cutsWithin()
	for i, f := range cuts {
		if both[i] {
			add("cut " + f.From + " " + f.To)
		} else {
			add(f.String())
		}
	}
	return rows
}

// CutWords say in most cells with whom messages of a node don't pass, of those that it has to do with; "" if with all they
// do. Only a node that hears nobody and that nobody hears is cut off.
func (s *Index) CutWords(node string, most int) string {
	var marks []string
	for _, other := range s.peers(node) {
		if to, from := s.Cut(node, other), s.Cut(other, node); to || from {
			marks = append(marks, direction(other, to, from))
		}
	}
	switch n := len(marks); {
	case n == 0:
		return ""
	case n == 1:
		return strings.Join(strings.Fields("cut "+strings.ReplaceAll(marks[0], ">", " > ")), " ")
	case s.Isolated(node):
		return "cut off"
	}
	links := engine.Plural(len(marks), "link")
	for _, text := range []string{"cut " + strings.Join(marks, " "), s.hearsOnly(node), links + " cut", links} {
		if text != "" && ansi.StringWidth(text) <= most {
			return text
		}
	}
	return "cut"
}

// peers are the nodes that a node has to do with: clients don't talk to each other.
func (s *Index) peers(node string) []string {
	var all []string
	for _, other := range s.Nodes {
		if other != node && (s.Client(node) == nil || s.Client(other) == nil) {
			all = append(all, other)
		}
	}
	return all
}

// hearsOnly says whom a node still hears, if it is parted from all others; "" if some link is cut in one direction.
func (s *Index) hearsOnly(node string) string {
	words := "hears only"
	for _, other := range s.Nodes {
		switch to, from := s.Cut(node, other), s.Cut(other, node); {
		case to != from:
			return ""
		case !to && other != node:
			words += " " + other
		}
	}
	return words
}

// direction marks which messages of a node with another vanish: those to it ">s2", those from it "s2>", or both.
func direction(other string, to, from bool) string {
	switch {
	case to && from:
		return other
	case to:
		return ">" + other
	}
	return other + ">"
}
