package search

import (
	"context"
	"testing"
	"time"
)

// BenchmarkSearch prints how many distinct states a second are seen on all cores, in a search that finds nothing, and how many
// bytes of the heap each takes at the end.
func BenchmarkSearch(b *testing.B) {
	for b.Loop() {
		o := Defaults
		o.From, o.Rounds, o.Time = Steady, false, 5*time.Second
		r, err := Search(context.Background(), o, nil)
		if err != nil || r.Find != nil {
			b.Fatal(r.Find, err)
		}
		b.ReportMetric(r.Rate(), "distinct/s")
		b.ReportMetric(float64(r.States)/r.Elapsed.Seconds(), "states/s")
		b.ReportMetric(float64(r.Heap)/float64(r.Distinct), "B/distinct")
		b.ReportMetric(300_000, "goal-distinct/s") // of two cores
		b.ReportMetric(120, "goal-B/distinct")
	}
}

// BenchmarkRandom prints how many steps a second random walks take on all cores.
func BenchmarkRandom(b *testing.B) {
	for b.Loop() {
		o := Defaults
		o.Random, o.From, o.Budget, o.Time = true, "", WildBudget, 3*time.Second
		r, err := Search(context.Background(), o, nil)
		if err != nil || r.Find != nil {
			b.Fatal(r.Find, err)
		}
		b.ReportMetric(r.Rate(), "steps/s")
	}
}
