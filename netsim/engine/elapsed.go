package engine

import (
	"fmt"
	"strconv"
	"time"

	"cluster/splitbrain/viewservice"
)

// Elapsed is a duration in few characters: <1 ms, 40 µs, 3.2 ms, 320 ms, 4.2 s, 2m05s.
func Elapsed(d time.Duration) string {
	switch {
	case d < 0:
		return "–"
	case d < time.Microsecond: // in simulated time, which stands while something happens
		return "<1 ms"
	case d < time.Millisecond:
		return strconv.FormatInt(d.Microseconds(), 10) + " µs"
	case d < 9950*time.Microsecond:
		return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
	case d < time.Second:
		return strconv.FormatInt(max(d, 10*time.Millisecond).Milliseconds(), 10) + " ms"
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return viewservice.SilenceWords(d)
}
