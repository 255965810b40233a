package tui

import (
	"slices"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/history"
	"cluster/splitbrain/tui/pane"
)

// sight is what was seen of the cluster at one look.
type sight struct {
	overview
	asked    engine.Window // the part of the maps that was asked for
	verdict  history.Verdict
	unjudged bool      // the verdict is not known
	came     time.Time // when it did
	changed  bool      // something else than ages had changed
}

// memory is what was seen last, the oldest first: for a minute or so while something happens at every look, longer while
// little does.
type memory []sight

const (
	mostSights   = 1000
	betweenCalm  = 250 * time.Millisecond // sights at which nothing has changed are so far apart, of the viewer's time
	heavyResults = 64 << 10               // bytes of results of which a sight keeps only what is shown
)

// take remembers another sight. What was seen before counts no more if the cluster is earlier now.
func (m *memory) take(s sight) {
	all := *m
	n := len(all)
	switch {
	case n > 0 && s.now.At < all[n-1].now.At:
		clear(all)
		all = all[:0]
	case n > 0 && !s.changed && s.now.At == all[n-1].now.At: // time stands
		s.changed = all[n-1].changed
		all = all[:n-1]
	case n > 1 && !s.changed && !all[n-1].changed && s.came.Sub(all[n-2].came) < betweenCalm:
		all = all[:n-1]
	case n >= mostSights+mostSights/8:
		all = slices.Delete(all, 0, n-mostSights)
	}
	s.now = lighter(s.now)
	*m = append(all, s)
}

// lighter is an index that keeps no large results alive.
func lighter(now *pane.Index) *pane.Index {
	n := 0
	for i := range now.Clients {
		for _, d := range now.Clients[i].Last {
			n += len(d.Op.Value) + len(d.Reply.Value)
		}
	}
	if n <= heavyResults {
		return now
	}
	snap := now.Snapshot
	snap.Clients = slices.Clone(snap.Clients)
	for i := range snap.Clients {
		c := &snap.Clients[i]
		c.Op, c.Last = pane.Brief(c.Op), slices.Clone(c.Last)
		for j := range c.Last {
			d := &c.Last[j]
			d.Op, d.Reply.Value = pane.Brief(d.Op), pane.Shorter(d.Reply.Value)
		}
	}
	return pane.NewIndex(snap, now.Nodes)
}

// remember takes in what a look has brought.
func (m *Model) remember(o *pollResult) {
	if o.err != nil {
		return
	}
	if _, rewound := o.Newest(); rewound {
		m.memory = nil
	}
	m.memory.take(sight{
		overview: m.overview, asked: o.Asked, verdict: o.Verdict, came: m.poll.came, changed: m.poll.moved.Equal(m.poll.came),
	})
}
