package pane

import (
	"slices"
	"strings"
	"testing"

	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/tui/script"

	"pgregory.net/rapid"
)

// TestMapsScroll: wherever one scrolls to, the rows that are seen are the next ones in the order of keys, whatever
// window they came from, and a window holds little of a large map.
func TestMapsScroll(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.SampledFrom([]int{1, 5, 40, 3000}).Draw(rt, "keys")
		s := newShelf(n)
		p := NewMaps()
		d := sit(p, 80, 14)
		answer := func() { d.answer(s) }
		answer()
		page := d.h - 1
		most := max(n-page, 0)
		at := 0
		for range rapid.IntRange(1, 20).Draw(rt, "steps") {
			switch key := rapid.SampledFrom([]string{"pgdown", "pgup", "home", "end"}).Draw(rt, "key"); key {
			case "pgdown":
				at = min(at+page-1, max(most, min(at, n-1)))
				d.press(key)
			case "pgup":
				at = max(at-page+1, 0)
				d.press(key)
			case "home":
				at = 0
				d.press(key)
			case "end":
				at = most
				d.press(key)
			}
			answer()
			answer() // the first answer may have moved the window
			from, to := p.shown()
			if got := p.seen.Before + from; got != at || to-from != min(page, n-at) {
				rt.Fatalf("%d keys: rows %d–%d are seen, want them from %d", n, got, p.seen.Before+to, at)
			}
			if len(p.seen.Keys) > 6*page {
				rt.Fatalf("%d keys were asked for, %d are seen", len(p.seen.Keys), page)
			}
		}
	})
}

func TestMapsMarkChanges(t *testing.T) {
	p := NewMaps()
	d := sit(p, 80, 14)
	d.see(quiet(3, 2), Observation{})
	marked := func() string {
		var all []string
		for at := range p.fresh {
			all = append(all, at.server+" "+at.key)
		}
		return strings.Join(slices.Sorted(slices.Values(all)), ", ")
	}
	s := quiet(3, 2)
	store(&s, "a", "1", "s1", "s2")
	s.At += second
	d.see(s, Observation{})
	if got := marked(); got != "s1 a, s2 a" {
		t.Errorf("after a put these are marked: %q", got)
	}
	s.At += 2 * second
	d.see(s, Observation{})
	if got := marked(); got != "" {
		t.Errorf("two seconds later these are still marked: %q", got)
	}
	later := quiet(3, 2)
	store(&later, "a", "2", "s1")
	later.At = s.At + second
	d.see(later, Observation{})
	if got := marked(); got != "s1 a" {
		t.Errorf("after a change on s1 these are marked: %q", got)
	}
	if row := d.rowWith(" a "); !strings.Contains(row, "+ 2") || !strings.Contains(row, "≠ –") {
		t.Errorf("neither the change nor the difference is marked: %q", row)
	}
	step := func(n int, free bool) Observation {
		return Observation{Showing: &script.PlayerState{Script: new(script.Script), Step: n, Steps: 2, Free: free}}
	}
	store(&later, "aa", "2", "s2") // while the step before ended
	d.see(later, step(1, false))
	if got := marked(); got != "" {
		t.Errorf("in the next step of a lesson, in which time stands, these are still marked: %q", got)
	}
	for _, key := range []string{"b", "c"} {
		store(&later, key, "1", "s1")
		later.At += 10 * second
		d.see(later, step(1, false))
	}
	if got := marked(); got != "s1 b, s1 c" {
		t.Errorf("at the end of a step of a lesson these are marked: %q", got)
	}
	d.see(later, step(1, true))
	if got := marked(); got != "s1 b, s1 c" {
		t.Errorf("when free play begins these are marked: %q", got)
	}
	later.At += 2 * second
	d.see(later, step(1, true))
	if got := marked(); got != "" {
		t.Errorf("after two seconds of free play these are still marked: %q", got)
	}
}

// TestMapsScrollIsNoChange: keys that come into sight are not new.
func TestMapsScrollIsNoChange(t *testing.T) {
	s := newShelf(500)
	p := NewMaps()
	d := sit(p, 80, 14)
	d.answer(s)
	for range 20 {
		d.press("pgdown")
		d.answer(s)
	}
	d.press("end")
	d.answer(s)
	if len(p.fresh) != 0 {
		t.Errorf("marked by scrolling alone: %v", p.fresh)
	}
}

// answer hands over what the shelf has in the window that the maps ask for.
func (d *desk) answer(s *shelf) {
	w := d.Pane.(*Maps).Window()
	d.see(s.Look(w), Observation{Asked: w})
}

// TestMapsBehindTheLastKey: where the keys have gone from which on was asked, the last one is chosen.
func TestMapsBehindTheLastKey(t *testing.T) {
	snap := transfer()
	p, now := NewMaps(), NewIndex(snap, nodesOf(snap))
	p.Resize(80, 10)
	p.Observe(Observation{Snap: snap, Nodes: now.Nodes, Asked: p.Window()}, now)
	p.top = "zzz"
	p.Scroll(Motion{Rows: 1})
	if p.chosen != "log" {
		t.Errorf("%q is chosen", p.chosen)
	}
}

// TestMapsShowWhatIsPointedAt: a key that a lesson points at comes into sight, also when it comes later, and stays there in
// fewer rows, until somebody scrolls.
func TestMapsShowWhatIsPointedAt(t *testing.T) {
	p := NewMaps()
	d := sit(p, 80, 5)
	s := newShelf(20)
	answer := func() {
		w := p.Window()
		snap := s.Look(w)
		now := NewIndex(snap, nodesOf(snap))
		now.Look.Marks = []string{"s1", "mine"}
		d.now = now
		p.Observe(Observation{Snap: snap, Asked: w}, now)
	}
	answer()
	if d.rowWith("k000000") == "" {
		t.Fatalf("it does not begin at the first key:\n%s", d)
	}
	s.Keys = append(s.Keys, "mine")
	answer()
	if d.rowWith("»mine") == "" {
		t.Errorf("the key is out of sight:\n%s", d)
	}
	p.Resize(80, 3)
	if d.h = 3; d.rowWith("»mine") == "" {
		t.Errorf("in fewer rows it is out of sight:\n%s", d)
	}
	d.press("home")
	answer()
	answer()
	if d.rowWith("k000000") == "" {
		t.Errorf("nobody can scroll away:\n%s", d)
	}
}

// TestMapsColumns: each server has a column, or is counted among those that have nothing to show or no room.
func TestMapsColumns(t *testing.T) {
	for _, c := range []struct {
		w, servers, full int
		heading          string
	}{
		{80, 3, 3, "key s1 P s2 B s3"}, {54, 9, 2, "key s1 P s2 B 7 idle"}, {54, 9, 9, "key s1 P s2 B s3 s4 s5 +4"}, {120, 9, 2, "key s1 P s2 B s3 s4 s5 s6 s7 s8 s9"},
		{20, 3, 3, "key s1 P +2"},
	} {
		snap := quiet(c.servers, 2)
		for i := range c.full {
			snap.Servers[i].Status.Keys = 3
		}
		p := NewMaps()
		d := sit(p, c.w, 10)
		d.see(snap, Observation{})
		if got := strings.Join(strings.Fields(d.rows()[0]), " "); got != c.heading {
			t.Errorf("%d of %d have something, %d cells: %q, want %q", c.full, c.servers, c.w, got, c.heading)
		}
	}
}

// TestMapsAreNarrow: servers that have nothing are counted, also where there is hardly room for that.
func TestMapsAreNarrow(t *testing.T) {
	snap := quiet(9, 2)
	for i := range snap.Servers {
		snap.Servers[i].Status.Role = pbservice.Idle
	}
	d := sit(NewMaps(), 80, 10)
	for d.w = 5; d.w <= 40; d.w++ {
		d.see(snap, Observation{})
		if row := d.rows()[0]; !strings.HasPrefix(row, " key ") || d.w >= 22 && !strings.Contains(row, "9 idle") {
			t.Errorf("%d cells: %q", d.w, row)
		}
	}
}

// TestMapsOfALessonInviteNobody: in a lesson no hint leads out of it.
func TestMapsOfALessonInviteNobody(t *testing.T) {
	p := NewMaps()
	d := sit(p, 80, 14)
	for free, want := range map[bool]string{false: "no keys yet", true: "no keys yet: press : and type  put a 1"} {
		d.see(quiet(3, 2), Observation{Showing: &script.PlayerState{Script: new(script.Script), Step: 1, Steps: 2, Free: free}})
		if row := d.rowWith("no keys"); strings.TrimSpace(row) != want {
			t.Errorf("free %v: %q", free, row)
		}
	}
}

// TestMapsLegend: where a mark is seen, the last row says what it means; in free play + comes and goes without that.
func TestMapsLegend(t *testing.T) {
	p := NewMaps()
	d := sit(p, 80, 14)
	step := func(free bool) Observation {
		return Observation{Showing: &script.PlayerState{Script: new(script.Script), Step: 1, Steps: 2, Free: free}}
	}
	d.see(quiet(3, 2), step(false))
	d.see(quiet(3, 2), step(false))
	s := quiet(3, 2)
	store(&s, "a", "1", "s1")
	for free, want := range map[bool]string{false: " ≠ not as on the primary   + changed in this step", true: " ≠ not as on the primary"} {
		d.see(s, step(free))
		rows := d.rows()
		if got := strings.TrimRight(rows[len(rows)-1], " "); got != want {
			t.Errorf("free %v: %q", free, got)
		}
	}
}

// TestMapsLend: no value is cut while there is room beside it. Where there is too little, what needs little keeps that.
func TestMapsLend(t *testing.T) {
	long := strings.Repeat("x", 60)
	for _, test := range []struct {
		w     int
		value string
		want  string // the heading, and the row
	}{
		{54, "12345678901", " key          s1 P          s2 B          s3\n a            12345678901 ≠ –             –"},
		{54, "123456789012345", " key        s1 P              s2 B         s3\n a          123456789012345 ≠ –            –"},
		{54, long, " key   s1 P                               s2 B   s3\n a     " + long[:31] + "… ≠ –      –"},
		{160, long, " key                             s1 P" + strings.Repeat(" ", 59) + "s2 B                             s3\n" +
			" a                               " + long + " ≠ –                                –"},
	} {
		p := NewMaps()
		d := sit(p, test.w, 5)
		s := quiet(3, 2)
		store(&s, "a", test.value, "s1")
		d.see(s, Observation{})
		rows := d.rows()
		if got := strings.TrimRight(rows[0], " ") + "\n" + strings.TrimRight(rows[1], " "); got != test.want {
			t.Errorf("%d wide:\n%s\nwant\n%s", test.w, got, test.want)
		}
	}
}
