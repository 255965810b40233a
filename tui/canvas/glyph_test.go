package canvas

import "testing"

// TestChartCells: a value fills its column from below.
func TestChartCells(t *testing.T) {
	for _, c := range []struct {
		value float64
		want  string // from the top down
	}{{-1, "   "}, {0, "  ▁"}, {0.001, "  ▁"}, {1, "███"}, {0.5, " ▄█"}, {1.0 / 3, "  █"}, {0.4, " ▂█"}} {
		got := ""
		for row := range 3 {
			got += string(Bar(c.value, 1, 2-row, 3))
		}
		if got != c.want {
			t.Errorf("%v is drawn %q, want %q", c.value, got, c.want)
		}
	}
}
