//go:build darwin || dragonfly || freebsd || netbsd || openbsd

package terminal

import "golang.org/x/sys/unix"

// discardOutput drops what a terminal has not read yet, discardInput what it has sent and nobody has read.
func discardOutput(tty uintptr) { _ = unix.IoctlSetPointerInt(int(tty), unix.TIOCFLUSH, unix.TCOFLUSH) }
func discardInput(tty uintptr)  { _ = unix.IoctlSetPointerInt(int(tty), unix.TIOCFLUSH, unix.TCIFLUSH) }
