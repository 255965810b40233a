package terminal

import (
	"context"
	"os"
	"time"
)

// size is the change that notify looks for.
type size struct{}

func (size) String() string { return "size" }
func (size) Signal()        {}

// notify says again and again that the size may have changed: no signal does. A console is not taken from its processes.
func notify(resized, _ chan<- os.Signal) (stop func()) {
	ticker, done := time.NewTicker(time.Second), make(chan struct{})
	go func() {
		for {
			select {
			case <-ticker.C:
				select {
				case resized <- size{}:
				default:
				}
			case <-done:
				return
			}
		}
	}()
	return func() { ticker.Stop(); close(done) }
}

// Foreground reports whether the terminal is in the hands of this process.
func Foreground(uintptr) bool { return true }

// Suspend reports that there is no job control.
func Suspend(context.Context) bool { return false }

func discardOutput(uintptr) {}
func discardInput(uintptr)  {}
