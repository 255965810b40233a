//go:build unix

package terminal

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// continued is the signal that comes when a process that was stopped goes on.
const continued = syscall.SIGCONT

// notify tells when the terminal may have another size, and when others may have had it.
func notify(resized, goesOn chan<- os.Signal) (stop func()) {
	signal.Notify(resized, syscall.SIGWINCH)
	signal.Notify(goesOn, continued)
	return func() {}
}

// Foreground reports whether the terminal is in the hands of this process, and not of a shell that has stopped it or lets
// it run in the background.
func Foreground(tty uintptr) bool {
	group, err := unix.IoctlGetInt(int(tty), unix.TIOCGPGRP)
	return err != nil || group == unix.Getpgrp()
}

// Suspend stops the processes of this job, as ctrl+z does, until somebody continues them. It reports whether they were
// stopped: the system does not do that where nobody does job control, who could continue them.
func Suspend(ctx context.Context) bool {
	goesOn := make(chan os.Signal, 1)
	signal.Notify(goesOn, continued)
	defer signal.Stop(goesOn)
	_ = unix.Kill(0, unix.SIGTSTP)
	const tries = 10 // While it stands, time goes on, but for one of these at most.
	for range tries {
		select {
		case <-goesOn:
			return true
		case <-ctx.Done():
			return false
		case <-time.After(30 * time.Millisecond):
		}
	}
	return false
}
