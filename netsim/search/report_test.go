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
		{Exhausted, 1, "all that the budget allows for was tried: 1,234,567 states, 65,666 distinct, depth 5, 10.0 s, 6,566/s"},
		{ByTime, 1, "ended by time: all was tried up to depth 4, and 4,321 states are left: "},
		{ByMemory, 7, "ended by memory in round 3 of 7, from start with ops 1, silences 2: there all was tried up to depth 4, "},
		{"interrupted", 7, "interrupted in round 3 of 7, from start with ops 1, silences 2: there all was tried up to depth 4, "},
	} {
		covered.Ended = c.ended
		covered.Frontier = 4_321
		if c.ended == Exhausted {
			covered.Frontier = 0
		}
		r := Result{Covered: covered, From: Start, Budget: Budget{Ops: 1, Silences: 2}, Round: 3, Rounds: c.rounds, Elapsed: 10 * time.Second}
		if got := r.Summary(); !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: %s", c.ended, got)
		}
	}
	deep := Covered{States: 1_234_567, Distinct: 65_666, Depth: 5, Frontier: 4_321, Ended: ByDepth}
	if got := (Result{Covered: deep, Rounds: 1}).Summary(); !strings.HasPrefix(got, "all was tried up to depth 5, and 4,321 states are left: ") {
		t.Error(got)
	}
	walks := Covered{States: 1_234_567, Depth: 300, Walks: 7_000, Seen: &Seen{Count: 30, Of: 35}, Ended: "interrupted"}
	want := "interrupted: 1,234,567 events in 7,000 walks, the longest of 300, 1.0 s, 1,234,567/s; seen: 30 of 35 decisions and refusals"
	if got := (Result{Covered: walks, Rounds: 1, Elapsed: time.Second}).Summary(); got != want {
		t.Error(got)
	}
	if got := walked(9, 1, 9); got != "9 events in 1 walk" {
		t.Error(got)
	}
	if got := (Result{Round: 2, Rounds: 2}).RoundWords(); got != "round 2 of 2 with no operation and no fault" {
		t.Error(got)
	}
	for want, never := range map[string][]string{"": nil, "never seen: V1: a; V2: b": {"V1: a", "V2: b"}, "never seen: a; b; c; and 2 more, which --json lists": {"a", "b", "c", "d", "e"}} {
		if got := (Result{Covered: Covered{Seen: &Seen{Never: never}}}).NeverSeen(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
