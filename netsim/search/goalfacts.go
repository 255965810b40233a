package search

import (
	"fmt"
	"maps"
)

// facts say of some things in which of several ways each must be where a condition holds, so that conditions which exclude each
// other are known before a search looks for both.
type facts map[string]string

// What facts are of, beside servers by their names.
const (
	factOfVs      = "vs"
	factOfView    = "view" // its number
	factOfFormed  = "formed"
	factOfPrimary = "primary"
	factOfBackup  = "backup"
)

// How a node is.
const (
	crashed = "crashed"
	runs    = "runs"
)

// inAView is where a viewservice runs and knows a view that was formed.
func inAView(more ...string) facts { return fact(append(more, factOfVs, runs, factOfFormed, "yes")...) }

// fact makes facts of words: of what, how it is, and so on.
func fact(words ...string) facts {
	f := facts{}
	for i := 0; i < len(words); i += 2 {
		f[words[i]] = words[i+1]
	}
	return f
}

// viewFacts is where the viewservice is in view n.
func viewFacts(n uint64) facts {
	if n == 0 {
		return fact(factOfVs, runs, factOfFormed, "no", factOfView, "0")
	}
	return inAView(factOfView, fmt.Sprint(n))
}

func (f facts) and(other facts) facts {
	both := facts{}
	maps.Copy(both, f)
	maps.Copy(both, other)
	return both
}

func (f facts) or(other facts) facts {
	both := facts{}
	for of, is := range f {
		if other[of] == is {
			both[of] = is
		}
	}
	return both
}

// excludes says why nothing is as f and other say; "" if something may be.
func (f facts) excludes(other facts) string {
	at := func(of string) bool { return f[of] != "" && other[of] != "" && f[of] != other[of] }
	switch both := f.and(other); {
	case at(factOfVs):
		return "a crashed viewservice has no view"
	case at(factOfView):
		return "the viewservice is in one view at a time"
	case at(factOfFormed):
		return "in view 0 there is neither primary nor backup"
	case at(factOfPrimary):
		return "a view has one primary"
	case at(factOfBackup):
		return "a view has one backup"
	case both[factOfPrimary] != "" && both[factOfPrimary] == both[factOfBackup]:
		return "no server is both primary and backup"
	}
	for of := range f {
		if at(of) {
			return "a crashed server has no data"
		}
	}
	return ""
}
