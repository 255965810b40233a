package script

import (
	"slices"
	"time"
)

// fewNewest is how many operations may have begun since one that has just ended.
const fewNewest = 64

// took is how long the job's operation ran, as its client noted it: the time of the call itself holds that of the
// caller, too. It is negative if the operation is not among the newest any more.
func (s *Session) took(j job) time.Duration {
	for _, bar := range slices.Backward(s.Engine.History().Since(0, fewNewest)) {
		if !bar.Running && bar.Client == j.client && bar.Kind == j.op.Kind && bar.Key == j.op.Key && bar.Value == j.op.Value {
			return bar.Return - bar.Call
		}
	}
	return -1
}
