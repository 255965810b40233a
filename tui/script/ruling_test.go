package script

import (
	"testing"

	"cluster/splitbrain/netsim/history"
)

func TestExtent(t *testing.T) {
	for want, v := range map[string]history.Verdict{
		"1 operation":      {Judged: 1, Total: 2},
		"7,000 operations": {Judged: 7000, Total: 7000, Result: history.Undecided, Key: "a"},
		"403 of 7,000 operations judged in time: too many were under way at once": {Judged: 403, Total: 7000, Result: history.Undecided, Key: "a"},
		"403 of 7,000 operations judged":                                          {Judged: 403, Total: 7000, Result: history.Undecided, Unjudged: true},
	} {
		if got := extent(v); got != want {
			t.Errorf("%+v: %q, want %q", v, got, want)
		}
	}
}
