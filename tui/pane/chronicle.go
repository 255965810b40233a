package pane

import (
	"slices"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/viewservice"
)

// Chronicle remembers when each node entered views, and how its boots began and ended.
type Chronicle struct {
	entries []chronicled
	entered map[string]viewservice.Number // the newest of each server's boot
}

// chronicled is what happened to a node: it entered a view, or else its process began, ended, froze or thawed.
type chronicled struct {
	at   time.Duration
	node string
	view viewservice.Number
	kind netsim.EventKind
	boot int
	why  string
}

// mostChronicled bounds what is remembered; the oldest goes first.
const mostChronicled = 2000

// Observe takes in what a look has brought.
func (c *Chronicle) Observe(o Observation, now *Index) {
	events, rewound := o.Newest()
	if rewound {
		c.entries, c.entered = nil, nil
	}
	for _, e := range events {
		if e.Kind >= netsim.NodeStarted && e.Kind <= netsim.NodeThawed {
			c.entries = append(c.entries, chronicled{at: e.At, node: e.From, kind: e.Kind, boot: e.Boots, why: e.Why})
		}
	}
	if c.entered == nil {
		c.entered = map[string]viewservice.Number{}
	}
	for i := range now.Servers {
		v := &now.Servers[i]
		if is := v.Status.Entered; is != c.entered[v.Name] {
			c.entered[v.Name] = is
			if is > 0 {
				c.entries = append(c.entries, chronicled{at: now.At, node: v.Name, view: is})
			}
		}
	}
	if over := len(c.entries) - mostChronicled; over > 0 {
		c.entries = c.entries[over:] // what is recalled of them is shared
	}
}

// Recall is the chronicle as it was.
func (c *Chronicle) Recall(m Moment) *Chronicle {
	n := len(c.entries)
	for n > 0 && c.entries[n-1].at > m.Now.At {
		n--
	}
	return &Chronicle{entries: c.entries[:n:n]}
}

// entering is when a server was first seen in a view, which it had entered before; false if that was not seen.
func (c *Chronicle) entering(server string, view viewservice.Number) (at time.Duration, ok bool) {
	for _, e := range slices.Backward(c.entries) {
		if e.node == server && e.view == view {
			return e.at, true
		}
	}
	return 0, false
}

// boots are what became of the process of a node, in words, the newest first.
func (c *Chronicle) boots(node string) []Entry {
	var all []Entry
	for _, e := range slices.Backward(c.entries) {
		if e.node == node && e.view == 0 {
			all = append(all, Entry{At: e.at, Style: lookOf(e.kind), Text: e.words()})
		}
	}
	return all
}

func (e *chronicled) words() string {
	text := map[netsim.EventKind]string{
		netsim.NodeCrashed: "killed: what it had in memory is gone", netsim.NodeExited: "its process ended by itself",
		netsim.NodeFrozen: "frozen: stands still with its memory", netsim.NodeThawed: "thawed: goes on where it stood",
	}[e.kind]
	if e.kind == netsim.NodeStarted {
		text = "boot " + engine.Count(e.boot) + " begins"
		if !engine.IsClient(e.node) {
			text += ", empty"
		}
	} else if e.why != "" {
		text += ": " + e.why
	}
	return text
}
