package pane

import (
	"strings"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/canvas"

	"github.com/charmbracelet/x/ansi"
)

// Isolated reports whether a node hears nobody and nobody hears it.
func (s *Index) Isolated(node string) bool {
	for _, other := range s.Nodes {
		if other != node && !(s.Cut(node, other) && s.Cut(other, node)) {
			return false
		}
	}
	return len(s.Nodes) > 1
}

// cutSpans tell of all cuts in a few words.
func (s *Index) cutSpans() []canvas.Span {
	mark := netsim.FaultCut.Row().Mark + " "
	const fewNames = 2
	var out []canvas.Span
	within, link := s.cuts.Within, "link"
	switch alone := s.cuts.Alone; {
	case len(s.cuts.Sides) < 2:
	case len(alone) > 0 && len(alone) <= fewNames:
		out, link = append(out, canvas.Broken.Span(mark+strings.Join(alone, " ")+" cut off")), "more link"
	default:
		out, link = append(out, canvas.Broken.Span(mark+"partitioned")), "more link"
	}
	if n := len(within); n == 1 && len(s.Faulty) == 1 {
		between := " > "
		if s.cuts.Both[0] {
			between = "–"
		}
		out = append(out, canvas.Broken.Span(mark+within[0].From+between+within[0].To+" cut"))
	} else if n > 0 {
		out = append(out, canvas.Broken.Span(mark+engine.Plural(n, link)+" cut"))
	}
	return out
}

// cutList are the cuts in the words of commands, those of a partition or of an isolated node as one.
func (s *Index) cutList() (rows []Entry) {
	for _, text := range s.cuts.Words() {
		rows = append(rows, Entry{Style: canvas.Broken, Text: netsim.FaultCut.Row().Mark + " " + text})
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
