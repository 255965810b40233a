package process

import (
	"testing"
	"time"
)

func TestPace(t *testing.T) {
	for _, c := range []struct {
		rate         float64
		n            int
		first, every time.Duration
	}{
		{0, 3, 0, 0}, {0.5, 0, 0, 8 * time.Second}, {0.5, 1, 2 * time.Second, 8 * time.Second},
		{1000, 3, 3 * time.Millisecond, 4 * time.Millisecond}, {1e-300, 0, 0, 1 << 62}, {1e-300, 3, 1 << 62, 1 << 62},
	} {
		first, every := LoadOptions{Clients: 4, Rate: c.rate}.pace(c.n)
		if first != c.first || every != c.every {
			t.Errorf("%+v: %v, then every %v", c, first, every)
		}
	}
}
