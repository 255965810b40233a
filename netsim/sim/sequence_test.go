package sim

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestSequences: whatever is added to, copied of and forgotten by some of them, each is what a slice of its own would be.
func TestSequences(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all, want := []sequence[int]{{}}, [][]int{nil}
		for i := range 30 {
			at := rapid.IntRange(0, len(all)-1).Draw(t, "which")
			s, w := &all[at], &want[at]
			switch n := rapid.IntRange(0, len(*w)).Draw(t, "n"); rapid.SampledFrom([]string{"add", "copy", "forget"}).Draw(t, "what") {
			case "add":
				for j := range rapid.SampledFrom([]int{1, chunkLen - 1, chunkLen, 2*chunkLen + 1}).Draw(t, "how many") {
					s.add(1000*i + j + 1)
					*w = append(*w, 1000*i+j+1)
				}
			case "copy":
				all, want = append(all, s.upTo(n)), append(want, slices.Clone((*w)[:n]))
			case "forget":
				s.forget(n)
				*w = slices.Clone((*w)[n:])
			}
		}
		for i := range all {
			var got []int
			for x := range all[i].from(0) {
				got = append(got, *x)
			}
			if !slices.Equal(got, want[i]) || all[i].len() != len(want[i]) {
				t.Fatalf("sequence %d of %d has %d elements, want %d; or others than it should", i, len(all), all[i].len(), len(want[i]))
			}
			if gone := all[i].gone; gone > 0 && slices.Max(all[i].chunks[0][:gone]) > 0 {
				t.Fatalf("sequence %d of %d holds what it has forgotten", i, len(all))
			}
		}
	})
}
