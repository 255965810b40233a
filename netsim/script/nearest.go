package script

import "cluster/splitbrain/netsim/spelling"

// nearest returns the candidate that name was probably meant to be.
func nearest(name string, candidates []string) (string, bool) {
	return spelling.Nearest(name, candidates)
}
