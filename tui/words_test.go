package tui

import (
	"strings"
	"testing"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/canvas"
)

func TestElapsed(t *testing.T) {
	for d, want := range map[int64]string{0: "<1 ms", 40e3: "40 µs", 999_900: "999 µs", 3e6: "3.0 ms", 9_990_000: "10 ms", 320e6: "320 ms", 4200e6: "4.2 s", 125e9: "2m05s", 3700e9: "1h01m", -1: "–"} {
		if got := engine.Elapsed(time.Duration(d)); got != want {
			t.Errorf("engine.Elapsed(%v) = %q, want %q", time.Duration(d), got, want)
		}
	}
}

// TestSignsInASCII: what must be told apart in a table has a sign of its own without UTF-8, too.
func TestSignsInASCII(t *testing.T) {
	k := &canvas.Styles{ASCII: true}
	seen := map[string]string{}
	signs := map[string]string{"crashed": "✗", "runs": "…", "differs": "≠", "nobody": "·", "started": "↻", "chosen": "▸", "pointed at": "»", "told": "›", "just changed": "+", "done": "✓"}
	for _, kind := range netsim.FaultKinds() {
		signs[kind.String()] = kind.Row().Mark
	}
	for what, sign := range signs {
		got, width := k.Clean(sign)
		if other := seen[got]; other != "" || width != 1 {
			t.Errorf("%s is %q like %s, in %d cells", what, got, other, width)
		}
		seen[got] = what
	}
	if short, _ := k.Cut("abc", 3, 2); seen[short[1:]] != "" {
		t.Errorf("what is cut short ends like %s", seen[short[1:]])
	}
	if dots := strings.TrimSpace(k.Ellipsis()); dots != "..." {
		t.Errorf("%q", dots)
	}
}

// TestHelpOfAPane: help tells of a pane with its keys.
func TestHelpOfAPane(t *testing.T) {
	m, _ := begin(t, steady(), 120, 40, Options{})
	for pane, want := range map[string]string{
		"messages": "w cause, W back, p pings, v messages as a diagram, or as a list",
		"history":  "Keys: K J choose, enter read, / filter, w whom to blame, v all operations, or those around a violation",
		"charts":   "charts: operations per second, how long they took, and ping ages",
	} {
		write(m, ":help "+pane)
		press(m, "enter")
		if text := m.commands.text; !strings.HasSuffix(text, want) {
			t.Errorf("help %s: %s", pane, text)
		}
	}
}
