package tui

import (
	"slices"
	"strings"
	"testing"

	"cluster/splitbrain/netsim/engine"

	"pgregory.net/rapid"
)

// TestLayoutTiles: at any size the parts cover every cell of the screen once.
func TestLayoutTiles(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w, h := rapid.IntRange(0, 220).Draw(rt, "w"), rapid.IntRange(0, 70).Draw(rt, "h")
		l := arrange(w, h, rapid.IntRange(1, 9).Draw(rt, "servers"), rapid.IntRange(0, 64).Draw(rt, "clients"), rapid.SampledFrom([]shape{everything, onePane, presented}).Draw(rt, "shape"))
		if l.present.h > 0 {
			l.addPane(rapid.IntRange(0, l.present.h).Draw(rt, "rows above the pane"))
		}
		rows := rapid.IntRange(1, 70)
		wanted := rapid.SliceOfN(rows, len(l.sides), len(l.sides)).Draw(rt, "rows that panes want")
		l.fit(wanted, rows.Draw(rt, "rows that the main one wants"))
		for i, r := range l.sides {
			if r.h < sideLeast {
				rt.Fatalf("%d×%d: the pane %d beside the main one has %d rows of %v", w, h, i, r.h, l.sides)
			}
		}
		parts := append([]rect{l.present, l.title, l.views, l.table, l.clients, l.tabs, l.main, l.why, l.prompt, l.hints}, l.sides...)
		for _, r := range l.sides { // the gaps
			if r.x > 0 && r.y == l.tabs.y {
				parts = append(parts, rect{r.x - 1, r.y, 1, l.tabs.h + l.main.h + below(l)})
			}
		}
		covered := make([]int, w*h)
		for _, r := range parts {
			for y := r.y; y < r.y+r.h; y++ {
				for x := r.x; x < r.x+r.w; x++ {
					if x >= w || y >= h {
						rt.Fatalf("%d×%d: %+v is not on the screen", w, h, r)
					}
					covered[y*w+x]++
				}
			}
		}
		for i, n := range covered {
			if n != 1 {
				rt.Fatalf("%d×%d: the cell %d, %d has %d owners: %+v", w, h, i%w, i/w, n, l)
			}
		}
	})
}

// TestPanesTakeWhatTheyNeed: what some panes don't need is shared by those that need more.
func TestPanesTakeWhatTheyNeed(t *testing.T) {
	for _, c := range []struct {
		h           int
		wants, have []int
	}{
		{30, []int{6, 30, 7}, []int{6, 17, 7}},
		{30, []int{30, 30, 30}, []int{10, 10, 10}},
		{30, []int{30, 7, 30}, []int{11, 7, 12}},
		{30, []int{6, 7, 8}, []int{6, 7, 17}},
		{30, []int{1, 30}, []int{sideLeast, 30 - sideLeast}},
	} {
		if have := shareRows(c.h, c.wants); !slices.Equal(have, c.have) {
			t.Errorf("of %d rows those that want %v have %v, not %v", c.h, c.wants, have, c.have)
		}
	}
}

// below is the height of the panes that stand under the main one.
func below(l layout) int {
	h := 0
	for _, r := range l.sides {
		if r.x == 0 {
			h += r.h
		}
	}
	return h
}

// TestUrgentHint: on a narrow screen the one key that is needed has its hint, rather than help.
func TestUrgentHint(t *testing.T) {
	paused := steady()
	paused.Paused = true
	m, _ := begin(t, paused, 40, 10, Options{})
	if row := rowWith(m, "command"); !strings.Contains(row, "space resume") || strings.Contains(row, "help") {
		t.Errorf("hints: %s", row)
	}
	see(m, steady())
	if row := rowWith(m, "command"); !strings.Contains(row, "help") {
		t.Errorf("hints while time goes: %s", row)
	}
}

// TestOnlyCausesStandBehindBecause: where each part of what is so has a row, what is no cause has another label.
func TestOnlyCausesStandBehindBecause(t *testing.T) {
	m, _ := begin(t, steady(), 120, 40, Options{})
	for _, c := range []struct {
		tie engine.Tie
		row string
	}{
		{engine.Because, " because s2 is past that view"},
		{engine.And, " and     s2 is past that view"},
		{engine.Yet, " yet     s2 is past that view"},
	} {
		m.now.Why = engine.Why{Now: "s1 still takes itself for the primary", More: "s2 is past that view", Tie: c.tie, Next: "nothing"}
		m.stale = true
		m.relayout()
		if row := rowWith(m, "s2 is past that view"); !strings.HasPrefix(row, c.row) {
			t.Errorf("%v: %q", c.tie, row)
		}
	}
}
