package pane

import (
	"cmp"
	"slices"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/history"
	"cluster/splitbrain/tui/transcript"
)

// A pane that knows more than the newest snapshot can be recalled: shown as it was at a moment that is past. What is
// recalled is a copy with the size, the filter and the form of the pane, from which all is taken away that came later. The
// pane itself goes on. Where that takes long, what is recalled can go on from moment to moment (GoOn).

// Moment is what is known of a moment that is past.
type Moment struct {
	Now      *Index
	Before   *Index              // the look before; nil if it is not known
	Events   []netsim.TraceEvent // all that the trace remembers up to then
	Formed   []transcript.Formed // the views that had been formed
	Asked    engine.Window       // the part of the maps that Now has
	Verdict  history.Verdict     // as it was, ...
	Unjudged bool                // ... unless nobody knows
}

// observation is what a pane is told that knows nothing yet.
func (m *Moment) observation() Observation {
	return Observation{Snap: m.Now.Snapshot, Nodes: m.Now.Nodes, Events: m.Events, Asked: m.Asked, Verdict: m.Verdict}
}

// Until are the events up to a moment.
func Until(events []netsim.TraceEvent, at time.Duration) []netsim.TraceEvent {
	n, _ := slices.BinarySearchFunc(events, at+1, func(e netsim.TraceEvent, at time.Duration) int { return cmp.Compare(e.At, at) })
	return events[:n]
}

// Since is the moment with the news alone since an earlier one; false if that is not earlier.
func (m Moment) Since(before *Moment) (news Moment, ok bool) {
	n, formed := len(before.Events), len(before.Formed)
	if before.Now == nil || before.Now.At > m.Now.At || formed > len(m.Formed) || n > len(m.Events) || n > 0 && m.Events[n-1].Seq != before.Events[n-1].Seq {
		return Moment{}, false
	}
	m.Events, m.Formed = m.Events[n:], m.Formed[formed:]
	return m, true
}

// Recall is the stage as it was.
func (p *Stage) Recall(m Moment) *Stage {
	was := &Stage{Selected: p.Selected, NoLamp: p.NoLamp, w: p.w, h: p.h}
	was.Observe(m.observation(), m.Now)
	return was
}

// GoOn takes in what has happened since the moment before.
func (p *Stage) GoOn(news Moment) { p.Observe(news.observation(), news.Now) }

// Recall is the maps as they were, with what had just changed.
func (p *Maps) Recall(m Moment) *Maps {
	was := *p
	was.fresh, was.seen, was.asked = map[cell]time.Duration{}, m.Now.Map, m.Asked
	was.had = p.had && p.since <= m.Now.At
	if m.Before != nil {
		was.seen = m.Before.Map
	}
	was.Observe(m.observation(), m.Now)
	return &was
}

// GoOn takes in what has happened since the moment before.
func (p *Maps) GoOn(news Moment) { p.Observe(news.observation(), news.Now) }

// Recall is the messages as they were, the newest chosen.
func (p *Messages) Recall(m Moment) *Messages {
	was := NewMessages()
	was.filter, was.unfold, was.asked, was.listing, was.w, was.h = p.filter, p.unfold, p.asked, p.listing, p.w, p.h
	was.GoOn(m)
	return was
}

// GoOn takes in what has happened since the moment before.
func (p *Messages) GoOn(news Moment) { p.see(news.Events, news.Formed, news.Now) }

// Recall is the network as it was.
func (p *Network) Recall(m Moment) *Network {
	was := *p
	was.Observe(m.observation(), m.Now)
	return &was
}

// mostRecalled is how many entries of the log are recalled: the newest then.
const mostRecalled = 300

// Recall is the log as it was.
func (p *Events) Recall(m Moment) *Events {
	n := len(p.entries)
	for n > 0 && p.entries[n-1].At > m.Now.At {
		n--
	}
	was := &Events{filter: p.filter, w: p.w, told: p.told, list: list{h: p.h}}
	was.add(slices.Clone(p.entries[max(n-mostRecalled, 0):n])...)
	return was
}

// Recall is the views as they were.
func (p *Views) Recall(m Moment) *Views {
	was := &Views{list: list{h: p.h}, w: p.w, head: p.head, filter: p.filter, Past: m.Formed}
	was.said, was.look = mayChange(m.Now)
	return was
}

// Recall is the history as it was: what had not ended then runs.
func (p *History) Recall(m Moment) *History {
	was := &History{filter: p.filter, all: p.all, w: p.w, full: p.full, verdict: m.Verdict, unjudged: m.Unjudged, stale: true, wanted: m.Now.filtersOf()}
	for _, bar := range p.bars {
		if bar.Call > m.Now.At {
			continue
		}
		if bar.Return > m.Now.At && !bar.Running {
			bar.Running, bar.Open, bar.Blamed, bar.Operation = true, false, false, begun(bar.Operation)
		}
		was.bars = append(was.bars, bar)
	}
	return was
}

// Recall is the charts as they were.
func (p *Charts) Recall(m Moment) *Charts {
	was := *p
	n := max(min(int(m.Now.At/bucketTime)-p.first+1, len(p.buckets)), 0)
	was.buckets = slices.Clone(p.buckets[:n]) // those of the pane go on
	was.series = was.seriesOf(m.Now)
	return &was
}

// begun is an operation of which nothing is known yet but what it is.
func begun(o history.Operation) history.Operation {
	o.Return, o.Outcome = 0, history.Outcome{}
	return o
}

// Suit has a pane show things as another of its kind does: with its filter, and in its form.
func Suit(p, like Pane) {
	if f, ok := like.(Filtered); ok && p != like {
		if text := f.FilterText(); text != p.(Filtered).FilterText() {
			p.(Filtered).SetFilter(text)
		}
	}
	switch like := like.(type) {
	case *Messages:
		p.(*Messages).takeForm(like)
	case *History:
		h := p.(*History)
		h.stale = h.stale || h.all != like.all
		h.all = like.all
	case *Network:
		p.(*Network).to = like.to
	}
}

// takeForm takes the form of other messages.
func (p *Messages) takeForm(like *Messages) {
	if p.unfold != like.unfold || p.listing != like.listing {
		p.unfold, p.listing = like.unfold, like.listing
		p.arrange(p.nodes)
	}
}

// Under is the index with what is covered and pointed at as in another: a look back must not answer a question that is open.
func (s *Index) Under(other *Index) *Index {
	out := *s
	out.Covered, out.hidden, out.Look = other.Covered, other.hidden, other.Look
	return &out
}
