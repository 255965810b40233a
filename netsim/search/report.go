package search

import (
	"fmt"
	"slices"
	"strings"

	"cluster/splitbrain/netsim/engine"
)

// Report is what a search came to, as one JSON object.
type Report struct {
	States    int     `json:"states"`   // reached, many of them more than once
	Distinct  int     `json:"distinct"` // that nothing but names tells from each other, in every round; 0 of a random search
	Seconds   float64 `json:"seconds"`
	StatesPS  float64 `json:"states_per_s"` // distinct ones, of a random search all
	Depth     int     `json:"depth"`        // steps, of the last round
	Exhausted bool    `json:"exhausted"`    // nothing within the budget was left to try
	Violation *string `json:"violation"`
	Script    *string `json:"script"` // the file that was written
}

// Report is the result for programs; script is the file to which the find was written, "" for none.
func (r Result) Report(script string) Report {
	j := Report{
		States: r.States, Distinct: r.Distinct, Seconds: r.Elapsed.Seconds(), StatesPS: r.Rate(),
		Depth: r.Depth, Exhausted: r.Exhausted && r.Find == nil,
	}
	if script != "" {
		j.Script = &script
	}
	if r.Find != nil {
		words := r.Find.Damage()
		j.Violation = &words
	}
	return j
}

// Damage is what went wrong, in the words of the rules that are off if any are.
func (f *Find) Damage() string {
	var all []string
	for _, rule := range f.off.Rules() {
		all = append(all, rule.Damage())
	}
	return strings.Join(append(all, f.Violation), "; ")
}

// Rate is in states per second.
func (r Result) Rate() float64 {
	n := r.Distinct
	if n == 0 {
		n = r.States
	}
	return float64(n) / max(r.Elapsed.Seconds(), 1e-9)
}

// Summary says in one line what was covered.
func (r Result) Summary() string {
	ended := r.Ended
	if slices.Contains([]string{byTime, byMemory, byStates}, ended) {
		ended = "ended by " + ended
	}
	if r.Rounds > 1 {
		ended += fmt.Sprintf(" in round %d of %d", r.Round, r.Rounds)
	}
	covered := "all that the budget allows for was tried"
	switch {
	case r.Find != nil:
		covered = "found"
	case r.Ended != "":
		covered = fmt.Sprintf("%s: all was tried up to depth %d, and %s states are left there", ended, max(r.Depth-1, 0), engine.Count(r.Frontier))
		if r.Distinct == 0 {
			covered = ended + ", nothing was found"
		}
	}
	return fmt.Sprintf("%s: %s states, %s distinct, depth %d, %.1f s, %s/s",
		covered, engine.Count(r.States), engine.Count(r.Distinct), r.Depth, r.Elapsed.Seconds(), engine.Count(int(r.Rate())))
}
