package tui

import (
	"strings"
	"testing"

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
