package terminal

import "golang.org/x/sys/unix"

// discardOutput drops what a terminal has not read yet, discardInput what it has sent and nobody has read.
func discardOutput(tty uintptr) { _ = unix.IoctlSetInt(int(tty), unix.TCFLSH, unix.TCOFLUSH) }
func discardInput(tty uintptr)  { _ = unix.IoctlSetInt(int(tty), unix.TCFLSH, unix.TCIFLUSH) }
