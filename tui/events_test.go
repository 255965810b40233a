package tui

import (
	"slices"
	"testing"
	"time"

	"cluster/splitbrain/netsim"
)

// TestLogRunsForward: a line that was given long ago stands where it ended.
func TestLogRunsForward(t *testing.T) {
	snap := steady()
	m, _ := begin(t, snap, 80, 24, Options{})
	m.events.tell(entry{at: snap.At, text: "› kill s1"})
	snap.At += time.Second
	s := &story{at: snap.At}
	s.happens(netsim.NodeCrashed, "s1", "", "")
	hears(m, snap, s)
	m.events.tell(entry{at: 0, text: "› put a 1: ok"})
	m.events.tell(entry{at: snap.At + time.Hour, text: "› open"})
	see(m, snap)
	if !slices.IsSortedFunc(m.events.entries, func(a, b entry) int { return int(a.at - b.at) }) {
		t.Errorf("%v", m.events.entries)
	}
	last := m.events.entries[len(m.events.entries)-1]
	if last.at > snap.At {
		t.Errorf("told before it happened: %v", last)
	}
}
