package cli

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// interrupted says that somebody ended the program with a signal before it was done.
type interrupted struct{ Signal syscall.Signal }

func (i *interrupted) Error() string {
	switch i.Signal {
	case syscall.SIGTERM:
		return "terminated"
	case syscall.SIGHUP:
		return "hung up"
	}
	return "interrupted"
}

// code is the exit code that shells give to what a signal ended: 130 after ctrl-c.
func (i *interrupted) code() int { return 128 + int(i.Signal) }

// untilSignalled returns a context that ctrl-c, SIGTERM and SIGHUP end, with *interrupted as its cause. stop gives the signals
// back.
func untilSignalled(ctx context.Context) (until context.Context, stop func()) {
	until, end := context.WithCancelCause(ctx)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	go func() { // ends with until
		select {
		case s := <-signals:
			end(&interrupted{s.(syscall.Signal)})
		case <-until.Done():
		}
	}()
	return until, func() {
		signal.Stop(signals)
		end(nil)
	}
}
