package pane

import (
	"strconv"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/canvas"
)

// speeds are those that keys go through. The prompt takes any.
var speeds = []float64{0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100}

// Rate is how fast the cluster's time goes; 0 while it stands.
func (s *Index) Rate() float64 {
	if s.Paused || s.Standing {
		return 0
	}
	return s.rate()
}

// TookWords say how long an operation took that ended at some time. While that goes slowly, as in a step of a lesson, a message of
// the live engine takes less of it than can be told.
func (s *Index) TookWords(took, ended time.Duration) string {
	if took < time.Millisecond && !s.Simulated && (s.slow() || ended <= s.slowUntil) {
		return "<1 ms"
	}
	return engine.Elapsed(took)
}

// slow reports whether the cluster's time goes slower than that of its processes, or would if it did not stand.
func (s *Index) slow() bool { return s.Standing || s.rate() < 1 }

// rate is how fast time goes when it does not stand, as far as that is known.
func (s *Index) rate() float64 {
	if s.Pace > 0 {
		return s.speed() * s.Pace
	}
	return s.speed()
}

// speed is how fast time goes unless it stands. A cluster that was not seen yet counts as unhurried.
func (s *Index) speed() float64 {
	if s.Speed <= 0 {
		return 1
	}
	return s.Speed
}

// inTime is how much of the cluster's time goes by in a while of real time.
func (s *Index) inTime(while time.Duration) time.Duration {
	return time.Duration(float64(while) * s.rate())
}

// Faster is the next speed in one direction, or the present one at the end of the way.
func (s *Index) Faster(by int) float64 {
	now := s.speed()
	if by > 0 {
		for _, v := range speeds {
			if v > now && (s.Simulated || v <= netsim.MaxLiveSpeed) {
				return v
			}
		}
		return now
	}
	for i := len(speeds) - 1; i >= 0; i-- {
		if speeds[i] < now {
			return speeds[i]
		}
	}
	return now
}

// SpeedText writes a speed in at most four digits.
func SpeedText(v float64) string { return strconv.FormatFloat(v, 'g', 4, 64) }

// TimeSpan says how time goes: in passing while it goes as usual, loudly otherwise.
func (s *Index) TimeSpan() canvas.Span {
	speed := "×" + SpeedText(s.rate())
	switch {
	case s.Standing && !s.Paused:
		return canvas.Strong.Span("‖ time stands")
	case s.Paused && s.speed() == 1:
		return canvas.Broken.Span("‖ paused")
	case s.Paused:
		return canvas.Broken.Span("‖ paused " + speed)
	case s.rate() < 1:
		return canvas.Broken.Span("slow " + speed)
	case s.rate() > 1:
		return canvas.Broken.Span("fast " + speed)
	}
	if s.Simulated {
		return canvas.Muted.Span("sim " + speed)
	}
	return canvas.Muted.Span("live " + speed)
}
