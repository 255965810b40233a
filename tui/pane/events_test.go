package pane

import (
	"slices"
	"strings"
	"testing"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
)

// TestLogRunsForward: a line that was given long ago stands where it ended.
func TestLogRunsForward(t *testing.T) {
	snap := steady()
	p := &Events{}
	d := sit(p, 80, 14)
	d.see(snap, Observation{})
	p.Tell(Entry{At: snap.At, Text: "› kill s1"})
	snap.At += time.Second
	s := &story{At: snap.At}
	s.Happens(netsim.NodeCrashed, "s1", "", "")
	d.hears(snap, s)
	p.Tell(Entry{At: 0, Text: "› put a 1: ok"})
	p.Tell(Entry{At: snap.At + time.Hour, Text: "› open"})
	d.see(snap, Observation{})
	if !slices.IsSortedFunc(p.entries, func(a, b Entry) int { return int(a.At - b.At) }) {
		t.Errorf("%v", p.entries)
	}
	last := p.entries[len(p.entries)-1]
	if last.At > snap.At {
		t.Errorf("told before it happened: %v", last)
	}
}

// TestCommandBesideItsEvent: a command and what it has done are one line, whichever is learnt first. A command that has done nothing to
// be seen has its own.
func TestCommandBesideItsEvent(t *testing.T) {
	kill := func(p *Events, at time.Duration) {
		p.Tell(Entry{At: at, Text: "› kill s1   s1 killed", Did: engine.Command{Kind: engine.Kill, Node: "s1"}})
	}
	for name, learn := range map[string]func(*desk, *Events, engine.Snapshot, *story){
		"at once": func(d *desk, p *Events, snap engine.Snapshot, s *story) { kill(p, s.At); d.hears(snap, s) },
		"event first": func(d *desk, p *Events, snap engine.Snapshot, s *story) {
			d.hears(snap, s)
			kill(p, s.At)
			d.see(snap, Observation{})
		},
		"line first": func(d *desk, p *Events, snap engine.Snapshot, s *story) {
			kill(p, s.At)
			d.see(snap, Observation{})
			d.hears(snap, s)
		},
	} {
		p := &Events{}
		d := sit(p, 80, 14)
		snap := steady()
		s := &story{At: snap.At}
		s.Happens(netsim.NodeCrashed, "s2", "", "")
		s.Happens(netsim.NodeCrashed, "s1", "", "")
		learn(d, p, snap, s)
		d.see(snap, Observation{})
		if d.rowWith("✗ s1 crashed   › kill s1") == "" || d.rowWith("killed") != "" || d.rowWith("✗ s2 crashed   ›") != "" {
			t.Errorf("%s:\n%s", name, d)
		}
		kill(p, snap.At)
		d.see(snap, Observation{})
		d.see(snap, Observation{})
		if d.rowWith("› kill s1   s1 killed") == "" {
			t.Errorf("%s: a line that did nothing is not told:\n%s", name, d)
		}
	}
}

// TestLongEntries: an entry that is too long goes on in another row, and the oldest go with all their rows.
func TestLongEntries(t *testing.T) {
	p := &Events{}
	p.Resize(40, 10)
	for i := range mostEntries + 100 {
		p.add(Entry{At: time.Duration(i), Text: "  " + strings.Repeat("words ", i%20)}, Entry{Text: "short"})
	}
	if want := p.lay(p.entries); len(p.entries) != mostEntries || p.n != len(want) || !slices.Equal(p.rows, want) {
		t.Errorf("%d entries in %d rows, %d of them known, want %d", len(p.entries), len(p.rows), p.n, len(want))
	}
	if from, to := p.window(); !slices.Equal(p.rows[from:to], p.rows[len(p.rows)-10:]) {
		t.Errorf("rows %d–%d of %d are seen", from, to, len(p.rows))
	}
	p = &Events{}
	d := sit(p, 80, 14)
	p.Tell(Entry{Text: strings.Repeat("and so on ", 10) + "to the end"})
	d.see(steady(), Observation{})
	if d.rowWith("to the end") == "" {
		t.Errorf("cut:\n%s", d)
	}
}
