package process

import (
	"errors"
	"strings"
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

// TestSummary: a client that never got an answer is no success, even where others have many.
func TestSummary(t *testing.T) {
	began := time.Now()
	at := func(s float64) time.Time { return began.Add(time.Duration(s * float64(time.Second))) }
	served := worker{first: at(0), ended: []time.Time{at(1), at(2)}, took: []time.Duration{time.Second, time.Second}, cut: 1}
	starved := worker{first: at(0.5), cut: 1}
	failed := worker{first: at(0), errors: 2, cut: 1}
	late, idle := worker{first: at(3), cut: 1}, worker{}
	l := summarise([]worker{served, starved, failed, late, idle}, began, 4*time.Second)
	if l.Ops != 2 || l.Starved != 2 || l.Errors != 4 || l.LongestGapMS != 2000 {
		t.Errorf("%+v", l)
	}
	o := LoadOptions{Clients: 5, Duration: 4 * time.Second}
	l.Why = "the primary stands still"
	if err := o.outcome(nil, l); !errors.Is(err, ErrUnreachable) || !strings.HasSuffix(err.Error(), "no operation of 2 of 5 clients: the primary stands still") {
		t.Errorf("the load ended with %v", err)
	}
	if err := o.outcome(nil, Load{Ops: 1}); err != nil {
		t.Errorf("a load that was answered ended with %v", err)
	}
	if l := summarise([]worker{starved, late}, began, 4*time.Second); l.Starved != 1 || l.Errors != 2 || l.Ops != 0 {
		t.Errorf("nobody was answered: %+v", l)
	}
}
