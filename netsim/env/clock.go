package env

import "time"

// Clock tells the time and calls back later. All timeouts, pings and ages are measured by it, so that whoever
// hands it out decides how fast time goes. Safe for concurrent use.
type Clock interface {
	Now() time.Time
	// AfterFunc runs f once in a goroutine of its own when d has passed on this clock.
	AfterFunc(d time.Duration, f func()) Timer
}

// Alarm returns a timer that fires after d and after each Reset, and the channel that says so. The channel holds one
// value: a receiver that is late finds one, however often the timer has fired. The caller stops the timer.
func Alarm(clock Clock, d time.Duration) (due <-chan struct{}, timer Timer) {
	ch := make(chan struct{}, 1)
	return ch, clock.AfterFunc(d, func() {
		select {
		case ch <- struct{}{}:
		default:
		}
	})
}

// Timer is one pending callback. Stop and Reset are those of time.Timer.
type Timer interface {
	Stop() bool
	Reset(d time.Duration) bool
}

// System is the machine's own clock.
var System Clock = systemClock{}

type systemClock struct{}

func (systemClock) Now() time.Time { return time.Now() }

func (systemClock) AfterFunc(d time.Duration, f func()) Timer { return time.AfterFunc(d, f) }
