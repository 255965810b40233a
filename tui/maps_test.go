package tui

import (
	"strings"
	"testing"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/tui/pane"
	"cluster/splitbrain/viewservice"
)

func TestFilter(t *testing.T) {
	s := newShelf(3000)
	m, _ := begin(t, engine.Snapshot{}, 80, 24, Options{})
	looked(m, s)
	press(m, "/", "9", "9")
	if got := m.maps.Window().Contains; got != "99" {
		t.Fatalf("while typing, the window contains %q", got)
	}
	looked(m, s)
	if row := rowWith(m, "[maps]"); !strings.Contains(row, "/99") || !strings.Contains(row, "of 57 keys") {
		t.Errorf("the heading doesn't tell of the filter and what it hides: %q", row)
	}
	press(m, "esc")
	if got := m.maps.Window().Contains; got != "" {
		t.Errorf("after esc the window still contains %q", got)
	}
	press(m, "/", "k", "enter", "/", "backspace", "enter")
	if got := m.maps.Window().Contains; got != "" || m.dialog != nil {
		t.Errorf("an empty filter is %q", got)
	}
}

func rowWith(m *Model, text string) string {
	for _, row := range strings.Split(m.View(), "\n") {
		if row = unstyled(row); strings.Contains(row, text) {
			return row
		}
	}
	return ""
}

// TestMapsOfLostData: where nobody may serve any more, an empty map does not invite to a put that would hang.
func TestMapsOfLostData(t *testing.T) {
	m, _ := begin(t, blockedView(), 80, 24, Options{})
	if rowWith(m, "put a 1") != "" || rowWith(m, "a put would wait for") == "" || rowWith(m, "(V3)") == "" {
		t.Errorf("%s", m.View())
	}
	snap := quiet(3, 2)
	snap.Viewservice.Status.Blocked = viewservice.Cause{Code: viewservice.LoneLost, Server: "s1"}
	see(m, snap)
	if rowWith(m, "a put waits until it") == "" {
		t.Errorf("%s", m.View())
	}
	see(m, quiet(3, 2))
	if rowWith(m, "no keys yet: press : and type  put a 1") == "" {
		t.Errorf("%s", m.View())
	}
}

// TestMapsHeadingOfMany: where there are many servers the heading still says of which view a past primary is.
func TestMapsHeadingOfMany(t *testing.T) {
	for n, want := range map[int]string{3: "s1 P of view 2 ", 6: "s1 P v2 "} {
		snap := quiet(n, 2)
		store(&snap, "a", "1", "s1", "s2")
		takeOver(&snap)
		m, _ := begin(t, snap, 80, 24, Options{})
		if row := rowWith(m, " key   "); !strings.Contains(row, want) {
			t.Errorf("%d servers: no %q in %q", n, want, row)
		}
	}
}

// TestKeysThatAreGone: a table that is empty invites a put only if there has never been one.
func TestKeysThatAreGone(t *testing.T) {
	empty := steady()
	empty.Map = engine.Map{Rows: map[string][]pbservice.Row{}}
	m, _ := begin(t, empty, 80, 24, Options{})
	if rowWith(m, "no keys yet: press :") == "" {
		t.Errorf("nothing says how to begin:\n%s", m.View())
	}
	see(m, steady())
	see(m, empty)
	if rowWith(m, "no keys any more") == "" || rowWith(m, "no keys yet") != "" {
		t.Errorf("the keys are gone:\n%s", m.View())
	}
}

// TestKeysThatWereNotThere: who looks back to before the first key is not told that keys were lost.
func TestKeysThatWereNotThere(t *testing.T) {
	empty := steady()
	empty.Map = engine.Map{Rows: map[string][]pbservice.Row{}}
	m, _ := begin(t, at(empty, 2*second), 80, 24, Options{})
	see(m, at(empty, 3*second))
	see(m, at(steady(), 4*second))
	see(m, at(empty, 5*second))
	see(m, at(empty, 6*second))
	press(m, ",")
	if rowWith(m, "no keys any more") == "" {
		t.Errorf("the keys were gone:\n%s", m.View())
	}
	if press(m, ",", ",", ","); rowWith(m, "no keys yet") == "" {
		t.Errorf("there had been no key:\n%s", m.View())
	}
}

// looked hands the model what is seen of a shelf in the window that it asks for.
func looked(m *Model, s *shelf) {
	w := m.maps.Window()
	m.Update(pollResult{Observation: pane.Observation{Snap: s.Look(w), Nodes: []string{"vs", "s1", "c1"}, Asked: w}})
}
