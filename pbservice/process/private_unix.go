//go:build unix

package process

import "syscall"

// privately makes files that only their user may use. The mask, not a later chmod: there must be no moment at which others can
// connect.
func privately(do func()) {
	old := syscall.Umask(0o177)
	defer syscall.Umask(old)
	do()
}
