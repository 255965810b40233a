package cli

import (
	"errors"

	"cluster/splitbrain/pbservice/process"
)

// ExitCode is what a process ends with after err: 0 without one, 1 if there was no such key, 3 if nobody answered in
// time, 128 and the signal's number if one ended it before it was done, 2 otherwise.
func ExitCode(err error) int {
	switch {
	case err == nil:
		return 0
	case errors.Is(err, process.ErrNoKey):
		return 1
	case errors.Is(err, process.ErrUnreachable):
		return 3
	}
	if interrupted, ok := errors.AsType[*Interrupted](err); ok {
		return interrupted.Code()
	}
	return 2
}
