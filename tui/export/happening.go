package export

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/engine/lex"
	"cluster/splitbrain/netsim/history"
)

// happening is what befell nodes, links or the whole cluster at one moment: what one command did to many links is one.
type happening struct {
	at    time.Duration
	sort  sort
	nodes []string // none: it is about all
	birth bool     // a node was started for the first time
	text  string
}

// sort says what kind of thing has happened.
type sort uint8

const (
	befell    sort = iota // a node or a link
	timeGoes              // differently from now on
	newView               //
	ruling                // a rule was switched off or on
	violation             // what clients saw can't be explained any more
)

// happenings are all that befell the cluster, in the order of time.
func happenings(s *Source) []happening {
	var all []happening
	for _, c := range s.Done {
		if strings.HasPrefix(c.Line, "rule ") && !c.Undone {
			all = append(all, happening{at: c.At, sort: ruling, text: lex.Safe(c.Line)})
		}
	}
	for _, m := range s.Marks {
		all = append(all, happening{at: m.At, text: lex.Safe(m.Text)})
	}
	all = append(all, befallen(s.Events, s.Done)...)
	for _, c := range s.Changes {
		all = append(all, happening{at: c.At, sort: newView, text: lex.Safe(c.Text)})
	}
	if b := s.Verdict.Blame; b != nil {
		all = append(all, happening{at: b.Culprit.Return, sort: violation, text: "✗ " + notLinearizable + ": " + lex.Safe(b.Text)})
	}
	slices.SortStableFunc(all, func(a, b happening) int { return cmp.Compare(a.at, b.at) })
	return all
}

var notLinearizable = history.Violated.String()

// befallen tells what happened to nodes, links and time. Connections are no messages, and are left out.
func befallen(events []netsim.TraceEvent, done []Command) []happening {
	var all []happening
	var last link // of the events before
	for _, e := range events {
		switch e.Kind {
		case netsim.DialWaiting, netsim.DialRefused, netsim.ConnReset:
			continue
		}
		if e.Direction != netsim.NoDirection {
			continue
		}
		one := happening{at: e.At, text: lex.Safe(e.String()), birth: e.Kind == netsim.NodeStarted && e.Boots <= 1}
		now := linkOf(e, done)
		switch {
		case e.From == "time":
			one.sort = timeGoes
		case e.To != "" && len(all) > 0 && now.foldsInto(last):
			all[len(all)-1].fold(e, now)
			last.n++
			continue
		default:
			one.nodes = []string{e.From}
			if e.To != "" {
				one.nodes = append(one.nodes, e.To)
			}
		}
		all = append(all, one)
		if last = now; e.To == "" {
			last = link{}
		}
	}
	for i := range all {
		slices.Sort(all[i].nodes)
	}
	return all
}

// link is what happened to links, and by which commands.
type link struct {
	n    int
	at   time.Duration
	kind netsim.EventKind
	by   []string // lines
}

// linkOf tells which commands can have brought an event of a link about.
func linkOf(e netsim.TraceEvent, done []Command) link {
	l := link{n: 1, at: e.At, kind: e.Kind}
	if e.To == "" {
		return l
	}
	for _, c := range done {
		if e.At < c.At || e.At > max(c.End, c.At) {
			continue
		}
		if made, err := engine.ParseCommand(c.Line); err == nil && made.Makes(e) && !slices.Contains(l.by, c.Line) {
			l.by = append(l.by, c.Line)
		}
	}
	return l
}

// foldsInto reports whether l was brought about together with what was before.
func (l link) foldsInto(before link) bool {
	switch {
	case before.n == 0:
		return false
	case len(l.by) > 0 || len(before.by) > 0:
		return slices.Equal(l.by, before.by)
	}
	return l.at == before.at && l.kind == before.kind
}

// fold takes one more event of a link in.
func (h *happening) fold(e netsim.TraceEvent, l link) {
	for _, n := range []string{e.From, e.To} {
		if !slices.Contains(h.nodes, n) {
			h.nodes = append(h.nodes, n)
		}
	}
	if h.text = lex.Safe(strings.Join(l.by, ", ")); h.text == "" {
		h.text = fmt.Sprintf("%v: links between %s", e.Kind, strings.Join(h.nodes, " "))
	}
}
