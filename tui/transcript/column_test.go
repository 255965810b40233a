package transcript

import (
	"strings"
	"testing"
	"time"
)

// TestTimesAlign: what follows the times of a transcript stands in one column, however long a world has lived.
func TestTimesAlign(t *testing.T) {
	for _, end := range []time.Duration{314 * time.Millisecond, 12*time.Second + 345*time.Microsecond, 100 * time.Hour} {
		col, at := ofWorlds.upTo(end), -1
		for _, e := range []Event{
			{Kind: Begin, Text: "§"}, {Kind: Story, Text: "§"}, {Kind: Violation, At: end, Text: "§"}, {Kind: Command, At: time.Millisecond, Step: 2, Text: "§"}, {Kind: End, Text: "§"},
		} {
			text, begins, _ := strings.Cut(strings.NewReplacer("a promise was broken: ", "", "step 2: ", "").Replace(e.line(col)), "§")
			if begins == "" || at >= 0 && len(text) != at {
				t.Errorf("up to %v: %q begins at %d, others at %d", end, e.line(col), len(text), at)
			}
			at = len(text)
		}
	}
}
