package tui

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice"

	"pgregory.net/rapid"
)

// shelf is a cluster of one server with n keys, that answers windows as servers do.
type shelf struct{ keys []string }

func newShelf(n int) *shelf {
	s := &shelf{}
	for i := range n {
		s.keys = append(s.keys, fmt.Sprintf("k%06d", i))
	}
	return s
}

func (s *shelf) look(w engine.Window) engine.Snapshot {
	snap := quiet(1, 1)
	var match []string
	for _, k := range s.keys {
		if strings.Contains(k, w.Contains) {
			match = append(match, k)
		}
	}
	at, _ := slices.BinarySearch(match, w.From)
	first := max(at-w.Back, 0)
	snap.Map = engine.Map{Keys: match[first:min(at+w.Limit, len(match))], Before: first, Total: len(match)}
	var rows []pbservice.Row
	for _, k := range snap.Map.Keys {
		rows = append(rows, pbservice.Row{Key: k, Value: "v", Size: 1})
	}
	snap.Map.Rows = map[string][]pbservice.Row{"s1": rows}
	return snap
}

func (s *shelf) answer(m *Model) {
	w := m.maps.window()
	m.Update(pollResult{observation: observation{snap: s.look(w), nodes: []string{"vs", "s1", "c1"}, asked: w}})
}

// TestMapsScroll: wherever one scrolls to, the rows that are seen are the next ones in the order of keys, whatever
// window they came from, and a window holds little of a large map.
func TestMapsScroll(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.SampledFrom([]int{1, 5, 40, 3000}).Draw(rt, "keys")
		s := newShelf(n)
		m, _ := begin(t, engine.Snapshot{}, 80, 24, Options{})
		s.answer(m)
		page := m.layout.main.h - 1
		most := max(n-page, 0)
		at := 0
		for range rapid.IntRange(1, 20).Draw(rt, "steps") {
			switch key := rapid.SampledFrom([]string{"pgdown", "pgup", "home", "end"}).Draw(rt, "key"); key {
			case "pgdown":
				at = min(at+page-1, max(most, min(at, n-1)))
				press(m, key)
			case "pgup":
				at = max(at-page+1, 0)
				press(m, key)
			case "home":
				at = 0
				press(m, key)
			case "end":
				at = most
				press(m, key)
			}
			s.answer(m)
			s.answer(m) // the first answer may have moved the window
			from, to := m.maps.shown()
			if got := m.maps.seen.Before + from; got != at || to-from != min(page, n-at) {
				rt.Fatalf("%d keys: rows %d–%d are seen, want them from %d", n, got, m.maps.seen.Before+to, at)
			}
			if len(m.maps.seen.Keys) > 6*page {
				rt.Fatalf("%d keys were asked for, %d are seen", len(m.maps.seen.Keys), page)
			}
		}
	})
}

func TestMapsMarkChanges(t *testing.T) {
	m, _ := begin(t, quiet(3, 2), 80, 24, Options{})
	marked := func() string {
		var all []string
		for at := range m.maps.fresh {
			all = append(all, at.server+" "+at.key)
		}
		return strings.Join(sorted(all), ", ")
	}
	s := quiet(3, 2)
	store(&s, "a", "1", "s1", "s2")
	s.At += second
	see(m, s)
	if got := marked(); got != "s1 a, s2 a" {
		t.Errorf("after a put these are marked: %q", got)
	}
	s.At += 2 * second
	see(m, s)
	if got := marked(); got != "" {
		t.Errorf("two seconds later these are still marked: %q", got)
	}
	later := quiet(3, 2)
	store(&later, "a", "2", "s1")
	later.At = s.At + second
	see(m, later)
	if got := marked(); got != "s1 a" {
		t.Errorf("after a change on s1 these are marked: %q", got)
	}
	if row := rowWith(m, " a "); !strings.Contains(row, "+ 2") || !strings.Contains(row, "≠ –") {
		t.Errorf("neither the change nor the difference is marked: %q", row)
	}
}

// TestMapsScrollIsNoChange: keys that come into sight are not new.
func TestMapsScrollIsNoChange(t *testing.T) {
	s := newShelf(500)
	m, _ := begin(t, engine.Snapshot{}, 80, 24, Options{})
	s.answer(m)
	for range 20 {
		press(m, "pgdown")
		s.answer(m)
	}
	press(m, "end")
	s.answer(m)
	if len(m.maps.fresh) != 0 {
		t.Errorf("marked by scrolling alone: %v", m.maps.fresh)
	}
}

func TestFilter(t *testing.T) {
	s := newShelf(3000)
	m, _ := begin(t, engine.Snapshot{}, 80, 24, Options{})
	s.answer(m)
	press(m, "/", "9", "9")
	if got := m.maps.window().Contains; got != "99" {
		t.Fatalf("while typing, the window contains %q", got)
	}
	s.answer(m)
	if row := rowWith(m, "[maps]"); !strings.Contains(row, "/99") || !strings.Contains(row, "of 57 keys") {
		t.Errorf("the heading doesn't tell of the filter and what it hides: %q", row)
	}
	press(m, "esc")
	if got := m.maps.window().Contains; got != "" {
		t.Errorf("after esc the window still contains %q", got)
	}
	press(m, "/", "k", "enter", "/", "backspace", "enter")
	if got := m.maps.window().Contains; got != "" || m.dialog != nil {
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
