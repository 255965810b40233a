package cli

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// Interrupted says that somebody ended the program with a signal before it was done.
type Interrupted struct{ Signal syscall.Signal }

func (i *Interrupted) Error() string {
	if i.Signal == syscall.SIGTERM {
		return "terminated"
	}
	return "interrupted"
}

// Code is the exit code that shells give to what a signal ended: 130 after ctrl-c.
func (i *Interrupted) Code() int { return 128 + int(i.Signal) }

// UntilSignalled returns a context that ctrl-c and SIGTERM end, with *Interrupted as its cause. stop gives the signals
// back.
func UntilSignalled(ctx context.Context) (until context.Context, stop func()) {
	until, end := context.WithCancelCause(ctx)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	go func() { // ends with until
		select {
		case s := <-signals:
			end(&Interrupted{s.(syscall.Signal)})
		case <-until.Done():
		}
	}()
	return until, func() {
		signal.Stop(signals)
		end(nil)
	}
}
