package script

import (
	"slices"
	"strings"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/engine/lex"
)

// Look says where the eye is to go: to a pane, and to nodes, keys, links and rows wherever they are shown.
type Look struct {
	Pane  string        // "" for none
	Marks []string      // nodes and keys
	Links []engine.Link // each one way
	Rows  []string      // of messages and history: what a filter would have to be to find the row. The newest that it finds is meant
	Only  string        // a filter for the messages, while they are what is opened; "" for none
}

// Equal reports whether both point at the same.
func (l Look) Equal(o Look) bool {
	return l.Pane == o.Pane && slices.Equal(l.Marks, o.Marks) && slices.Equal(l.Links, o.Links) && slices.Equal(l.Rows, o.Rows) &&
		l.Only == o.Only
}

// Words that stand before the text of a filter.
const (
	rowWord  = "row"
	onlyWord = "only"
)

// readLook reads a pane, nodes, keys, links and rows, of which something must be there. The first word is none of a key, lest
// a misspelt pane is taken for one.
func readLook(r *reader, a *Args) error {
	if len(r.Words) == 0 {
		_, err := r.Next("PANE")
		return err
	}
	switch w := r.Words[0]; {
	case slices.Contains(Panes, w.Text):
		_, _ = r.Next("PANE")
		a.Look.Pane = w.Text
	case w.Text != rowWord && w.Text != onlyWord && !isNodeName(w.Text):
		return checkPane(w)
	}
	for len(r.Words) > 0 {
		if err := a.Look.readMark(r); err != nil {
			return err
		}
	}
	a.Look.joinPair()
	return nil
}

// readMark reads one thing that is pointed at.
func (l *Look) readMark(r *reader) error {
	w, _ := r.Next("KEY")
	switch {
	case w.Is("|"), w.Is("<"), w.Is(">"):
		return lex.Wrong(w, "stands for a link only between two nodes, as in s1 > s2: quote it if it is a key")
	case w.Text == rowWord && !w.Quoted:
		text, err := r.Next("TEXT after row")
		l.Rows = append(l.Rows, text.Text)
		return err
	case w.Text == onlyWord && !w.Quoted:
		text, err := r.Next("TEXT after only")
		switch {
		case err != nil:
			return err
		case l.Pane != "messages":
			return lex.Wrong(w, "filters the messages: begin with look messages")
		}
		l.Only = text.Text
		return nil
	case isNodeName(w.Text) && len(r.Words) > 0 && r.Words[0].Is(">"):
		r.Words = r.Words[1:]
		to, err := r.Next("NODE after >")
		switch {
		case err != nil:
			return err
		case !isNodeName(to.Text) || to.Text == w.Text:
			return lex.Wrong(to, "is no other node: a link leads from one to another")
		}
		r.Nodes = append(r.Nodes, w, to)
		l.Links = append(l.Links, engine.Link{From: w.Text, To: to.Text})
		return nil
	case isNodeName(w.Text):
		r.Nodes = append(r.Nodes, w)
	}
	l.Marks = append(l.Marks, w.Text)
	return nil
}

// joinPair points at the link between two nodes too, both ways, where they are all that is pointed at, and no pane is opened
// that shows no links.
func (l *Look) joinPair() {
	if !slices.Contains([]string{"", "stage", "network"}, l.Pane) || len(l.Marks) != 2 || len(l.Links)+len(l.Rows) > 0 {
		return
	}
	if a, b := l.Marks[0], l.Marks[1]; isNodeName(a) && isNodeName(b) && a != b {
		l.Links = []engine.Link{{From: a, To: b}, {From: b, To: a}}
	}
}

// isNodeName reports whether a node could be called so.
func isNodeName(name string) bool {
	number := strings.TrimLeft(name, "sc")
	return name == engine.ViewAddr || len(number) == len(name)-1 && number != "" && strings.Trim(number, "0123456789") == ""
}
