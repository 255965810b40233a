package tui

import (
	"slices"
	"strings"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/pane"
)

// happened says what had since the sight before: that a view was formed or acknowledged, or what was done to nodes or links; ""
// for nothing of the kind.
func (b *lookBack) happened(i int) string {
	was, is := b.sights[i-1].now, b.sights[i].now
	all := slices.Concat(viewNews(was, is), nodeNews(was, is), broken(is, was))
	for _, text := range broken(was, is) {
		if !slices.ContainsFunc(was.Nodes, func(n string) bool { return was.State(n) == netsim.Crashed && text == pane.CrashWords(n) }) {
			all = append(all, "no more "+text)
		}
	}
	if len(all) == 0 && !slices.Equal(is.Faults, was.Faults) {
		all = append(all, "what is done to links changes")
	}
	return strings.Join(all, "   ")
}

// viewNews say that a view was formed or acknowledged, or that the viewservice began anew, which makes it forget both.
func viewNews(was, is *pane.Index) []string {
	vs, before := &is.Viewservice, &was.Viewservice
	var all []string
	if vs.Boots != before.Boots {
		all = append(all, engine.ViewAddr+" is restarted")
	}
	number := "view " + engine.Count(int(is.View.Viewnum))
	switch formed := is.View != was.View && !is.Forgotten(); {
	case formed && vs.Status.Acked:
		all = append(all, viewInWords(is.View)+", is formed and acknowledged")
	case formed:
		all = append(all, viewInWords(is.View)+", is formed")
	case len(all) > 0:
	case vs.Status.Acked && !before.Status.Acked:
		all = append(all, number+" is acknowledged")
	case !vs.Status.Acked && before.Status.Acked:
		all = append(all, number+" is not acknowledged any more")
	}
	return all
}

// nodeNews say which servers were added or restarted.
func nodeNews(was, is *pane.Index) []string {
	var all []string
	for i := range is.Servers {
		name := is.Servers[i].Name
		switch v := was.Server(name); {
		case v == nil:
			all = append(all, name+" is added")
		case v.Boots != is.Servers[i].Boots:
			all = append(all, name+" is restarted")
		}
	}
	return all
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
