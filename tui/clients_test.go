package tui

import (
	"strings"
	"testing"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/pbservice"
)

const whyItWaits = "s1 waits for s2 to confirm (S5): s1 > s2 is cut"

// lingers lets a client wait.
func lingers(s *engine.Snapshot, i int, since time.Duration, why string) {
	c := &s.Clients[i]
	c.Running, c.Since, c.Waits = true, since, engine.Wait{Text: why}
	c.Op = pbservice.Op{Kind: pbservice.Put, Key: "b", Value: "2"}
}

// TestLateClientHasRow: where clients share rows, one that waits too long has its own, with all of what it waits for.
func TestLateClientHasRow(t *testing.T) {
	snap := quiet(3, 4)
	lingers(&snap, 2, 664*time.Millisecond, whyItWaits)
	m, _ := begin(t, snap, 80, 24, Options{})
	if row := rowWith(m, "c3 "); !strings.Contains(row, "put b 2 … 664 ms  "+whyItWaits) {
		t.Errorf("%q", row)
	}
	if row := rowWith(m, "c1 "); !strings.Contains(row, "c2 ") || !strings.Contains(row, "c4 ") {
		t.Errorf("the others don't share a row: %q", row)
	}
	lingers(&snap, 2, 60*time.Millisecond, whyItWaits) // as long as a healthy cluster may need: nothing moves
	see(m, snap)
	if row := rowWith(m, "c3 "); !strings.Contains(row, "c4 ") {
		t.Errorf("%q", row)
	}
}

// TestClientOfALessonHasRow: one that a lesson points at has its own, before those that wait for long.
func TestClientOfALessonHasRow(t *testing.T) {
	snap := quiet(3, 4)
	for i := range 3 {
		lingers(&snap, i, time.Second, whyItWaits)
	}
	m, _ := begin(t, snap, 80, 24, Options{})
	m.now.Look.Marks, m.stale = []string{"c4"}, true
	if row := rowWith(m, "»c4 "); !strings.Contains(row, "has done nothing yet") || strings.Contains(row, "c1 ") {
		t.Errorf("%q\n%s", row, m.View())
	}
}

// TestEachClientIsThere: however many wait, each client is seen, or counted.
func TestEachClientIsThere(t *testing.T) {
	for n := 1; n <= 12; n++ {
		for late := range n + 1 {
			snap := quiet(3, n)
			for i := range late {
				lingers(&snap, i, time.Duration(i+1)*time.Second, whyItWaits)
			}
			m, _ := begin(t, snap, 80, 24, Options{})
			l := m.layout.clients
			rows := strings.Join(strings.Split(unstyled(m.View()), "\n")[l.y:l.y+l.h], "\n")
			seen := 0
			for i := range snap.Clients {
				if strings.Contains(rows+" ", snap.Clients[i].Name+" ") {
					seen++
				}
			}
			if seen < n && !strings.Contains(rows, " more") {
				t.Errorf("%d clients, %d late: %d seen:\n%s", n, late, seen, rows)
			}
		}
	}
}

// TestCutClient: its cuts don't push out what a client does, and links to other clients are none of its own.
func TestCutClient(t *testing.T) {
	snap := quiet(3, 4)
	for _, n := range []string{"vs", "s2", "s3", "c2", "c3", "c4"} {
		snap.Faults = append(snap.Faults, netsim.Fault{Kind: netsim.FaultCut, From: "c1", To: n}, netsim.Fault{Kind: netsim.FaultCut, From: n, To: "c1"})
	}
	lingers(&snap, 0, second, "c1 > s2 is cut; no newer view: c1 > vs is cut")
	m, _ := begin(t, snap, 80, 24, Options{})
	if row := rowWith(m, "  c1 "); !strings.Contains(row, "put b 2 … 1.0 s  c1 > s2 is cut; no newer view: c1 > vs is cut") {
		t.Errorf("%q", row)
	}
	snap.Clients[0].Running = false
	see(m, snap)
	if row := rowWith(m, "  c1 "); !strings.Contains(row, "⊘ cut vs s2 s3 ") {
		t.Errorf("%q", row)
	}
}

// TestWaitInItsRow: what a client waits for is shown whole if it can be: without rules, and without the client's name.
func TestWaitInItsRow(t *testing.T) {
	const dials = "c1 dials s1: connection refused: s1 crashed; tries again"
	for name, c := range map[string]struct {
		width             int
		text, plain, want string
	}{
		"whole":         {100, dials + " (C1)", dials, dials + " (C1)"},
		"no rules":      {82, dials + " (C1)", dials, dials},
		"no name":       {80, dials + " (C1)", dials, "  " + strings.TrimPrefix(dials, "c1 ")},
		"a link's name": {70, "c1 > s1 is cut; no newer view: c1 > vs is cut", "c1 > s1 is cut; no newer view: c1 > vs is cut", "  c1 > s1 is cut"},
	} {
		snap := quiet(3, 2)
		lingers(&snap, 0, 664*time.Millisecond, c.text)
		snap.Clients[0].Waits.Plain = c.plain
		m, _ := begin(t, snap, c.width, 24, Options{})
		if row := rowWith(m, "  c1 "); !strings.Contains(row, c.want) || strings.HasSuffix(c.want, "again") && !strings.HasSuffix(strings.TrimRight(row, " "), c.want) {
			t.Errorf("%s: %q", name, row)
		}
	}
}
