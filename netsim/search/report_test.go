package search

import (
	"strings"
	"testing"
	"time"
)

// The last line says what was covered, and what ended it.
func TestSummary(t *testing.T) {
	covered := Covered{States: 1_234_567, Distinct: 65_666, Depth: 5, Frontier: 4_321}
	for _, c := range []struct {
		ended  string
		rounds int
		want   string
	}{
		{"", 1, "all that the budget allows for was tried: 1,234,567 states, 65,666 distinct, depth 5, 10.0 s, 6,566/s"},
		{byTime, 1, "ended by time: all was tried up to depth 4, and 4,321 states are left there: "},
		{byMemory, 7, "ended by memory in round 3 of 7: all was tried up to depth 4, "},
		{"interrupted", 7, "interrupted in round 3 of 7: all was tried up to depth 4, "},
	} {
		covered.Ended = c.ended
		r := Result{Covered: covered, Round: 3, Rounds: c.rounds, Elapsed: 10 * time.Second}
		if got := r.Summary(); !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: %s", c.ended, got)
		}
	}
	covered.Distinct, covered.Ended = 0, "interrupted"
	if got := (Result{Covered: covered, Rounds: 1, Elapsed: time.Second}).Summary(); !strings.HasPrefix(got, "interrupted, nothing was found: 1,234,567 states") {
		t.Error(got)
	}
}
