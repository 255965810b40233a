package search

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"cluster/splitbrain/netsim/engine"
)

// report is what --json prints.
type report struct {
	States    int     `json:"states"`   // reached, many of them more than once
	Distinct  int     `json:"distinct"` // that nothing but names tells from each other, in every round; 0 of a random search
	Seconds   float64 `json:"seconds"`
	StatesPS  float64 `json:"states_per_s"` // distinct ones, of a random search all
	Depth     int     `json:"depth"`        // steps, of the last round
	Exhausted bool    `json:"exhausted"`    // nothing within the budget was left to try
	Violation *string `json:"violation"`
	Script    *string `json:"script"` // the file that was written
}

func (r Result) report(script string) report {
	j := report{
		States: r.States, Distinct: r.Distinct, Seconds: r.Elapsed.Seconds(), StatesPS: r.rate(),
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

// rate is in states per second.
func (r Result) rate() float64 {
	n := r.Distinct
	if n == 0 {
		n = r.States
	}
	return float64(n) / max(r.Elapsed.Seconds(), 1e-9)
}

// summary says in one line what was covered.
func (r Result) summary() string {
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
		covered, engine.Count(r.States), engine.Count(r.Distinct), r.Depth, r.Elapsed.Seconds(), engine.Count(int(r.rate())))
}

// progress prints a line about a search now and then.
type progress struct {
	out   io.Writer
	every time.Duration
	last  time.Duration
}

func (p *progress) tell(r Result) {
	if r.Elapsed-p.last < p.every {
		return
	}
	p.last = r.Elapsed
	round := ""
	if r.Rounds > 1 {
		round = fmt.Sprintf("round %d of %d: ", r.Round, r.Rounds)
	}
	fmt.Fprintf(p.out, "%s%s states, %s distinct, %s/s, depth %d, frontier %s, %d MiB\n", round,
		engine.Count(r.States), engine.Count(r.Distinct), engine.Count(int(r.rate())), r.Depth, engine.Count(r.Frontier), heapLive()>>20)
}
