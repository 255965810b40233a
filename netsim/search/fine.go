package search

import "slices"

// Fine is a set of ways in which steps are as fine as events: reductions that are taken out, one bit for each. The states of
// correct cores are the same with and without them, which tests hold; whether the cores are correct is what a search asks.
type Fine uint16

// What may be fine. docs/search.md ("One step") says what a step leaves out otherwise.
const (
	finePings   Fine = 1 << iota // a tick, its ping and the reply are steps of their own, in any order, for nothing
	fineResults                  // results arrive in a step of their own, or never, for nothing
	fineLookups                  // and so do questions for the view and their answers
	fineCopies                   // every message may get a copy, and a request is sent again beside the first
	fineLetters                  // messages arrive though nobody should mind
	fineQuiet                    // running servers may be not heard lately, for nothing
	fineView0                    // operations may begin in view 0
)

var fineNames = []string{"pings", "results", "lookups", "copies", "letters", "quiet", "view-0"}

// FineNames are the names of all of them, as FineNamed takes them.
func FineNames() []string { return fineNames }

// FineNamed is the set of the one of that name; ok is false if there is none.
func FineNamed(name string) (set Fine, ok bool) {
	i := slices.Index(fineNames, name)
	if i < 0 {
		return 0, false
	}
	return 1 << i, true
}

func (f Fine) has(one Fine) bool { return f&one != 0 }
