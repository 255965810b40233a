package program

import "golang.org/x/sys/unix"

// waiting asks how many bytes there are to read.
const waiting = unix.TIOCINQ
