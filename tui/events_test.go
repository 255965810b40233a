package tui

import (
	"slices"
	"strings"
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

// TestLongEntries: an entry that is too long goes on in another row, and the oldest go with all their rows.
func TestLongEntries(t *testing.T) {
	p := &events{}
	p.resize(40, 10)
	for i := range mostEntries + 100 {
		p.add(entry{at: time.Duration(i), text: "  " + strings.Repeat("words ", i%20)}, entry{text: "short"})
	}
	if want := p.lay(p.entries); len(p.entries) != mostEntries || p.n != len(want) || !slices.Equal(p.rows, want) {
		t.Errorf("%d entries in %d rows, %d of them known, want %d", len(p.entries), len(p.rows), p.n, len(want))
	}
	if from, to := p.window(); !slices.Equal(p.rows[from:to], p.rows[len(p.rows)-10:]) {
		t.Errorf("rows %d–%d of %d are seen", from, to, len(p.rows))
	}
	m, _ := begin(t, steady(), 80, 24, Options{Plain: true})
	bringNamed(t, m, "events")
	m.events.tell(entry{text: strings.Repeat("and so on ", 10) + "to the end"})
	see(m, steady())
	if rowWith(m, "to the end") == "" {
		t.Errorf("cut:\n%s", m.View())
	}
}
