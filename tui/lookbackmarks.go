package tui

import (
	"slices"
	"strings"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/pane"
)

// happened says what had since the sight before: that a view was formed or acknowledged, or what was done to nodes or links; ""
// for nothing of the kind.
func (b *lookBack) happened(i int) string {
	was, is := b.sights[i-1].now, b.sights[i].now
	var all []string
	number := "view " + engine.Count(int(is.View.Viewnum))
	acked := is.Viewservice.Status.Acked
	switch {
	case is.View != was.View && acked:
		all = append(all, viewInWords(is.View)+", is formed and acknowledged")
	case is.View != was.View:
		all = append(all, viewInWords(is.View)+", is formed")
	case acked && !was.Viewservice.Status.Acked:
		all = append(all, number+" is acknowledged")
	case !acked && was.Viewservice.Status.Acked:
		all = append(all, number+" is not acknowledged any more")
	}
	for j := range is.Servers {
		switch v := was.Server(is.Servers[j].Name); {
		case v == nil:
			all = append(all, is.Servers[j].Name+" is added")
		case v.Boots != is.Servers[j].Boots:
			all = append(all, is.Servers[j].Name+" is restarted")
		}
	}
	all = append(all, broken(is, was)...)
	for _, text := range broken(was, is) {
		if !strings.HasPrefix(text, "✗") { // a restart has been told of
			all = append(all, "no more "+text)
		}
	}
	if len(all) == 0 && !slices.Equal(is.Faults, was.Faults) {
		all = append(all, "what is done to links changes")
	}
	return strings.Join(all, "   ")
}

// broken is what is broken in a sight and was not in another.
func broken(in, other *pane.Index) []string {
	var all []string
	for _, e := range in.Faulty {
		if !slices.ContainsFunc(other.Faulty, func(o pane.Entry) bool { return o.Text == e.Text }) {
			all = append(all, e.Text)
		}
	}
	return all
}
