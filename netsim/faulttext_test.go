package netsim

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestPercentIsExact: a saved world repeats only if it gets back the very probability that it had.
func TestPercentIsExact(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	all := []float64{0, 0.07, 0.1, 0.125, 0.3, 1, 0.9999999999999999, math.SmallestNonzeroFloat64, 12.3 / 100, 1e-7}
	for range 10_000 {
		all = append(all, random.Float64(), math.Pow(random.Float64(), 9))
	}
	for _, p := range all {
		if got, err := ParsePercent(percent(p)); got != p || err != nil {
			t.Fatalf("%v became %v by way of %s: %v", p, got, percent(p), err)
		}
	}
	for p, want := range map[float64]string{0: "0%", 1: "100%", 0.07: "7%", 0.125: "12.5%", 0.001: "0.1%", 1.2: "120%", -0.5: "-50%"} {
		if got := percent(p); got != want {
			t.Errorf("%v is %s, not %s", p, got, want)
		}
	}
	for _, text := range []string{"", "%", "30", "x%", "30%%"} {
		if p, err := ParsePercent(text); err == nil {
			t.Errorf("%q was read as %v", text, p)
		}
	}
}
