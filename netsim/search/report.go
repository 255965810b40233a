package search

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"cluster/splitbrain/netsim/engine"
)

// Report is what a search came to, as one JSON object.
type Report struct {
	States    int      `json:"states"`   // states reached, counted each time; of a random search, steps
	Distinct  int      `json:"distinct"` // states that differ in more than names, of all rounds; 0 of a random search
	Seconds   float64  `json:"seconds"`
	StatesPS  float64  `json:"states_per_s"`    // distinct states per second; of a random search, steps
	Depth     int      `json:"depth"`           // steps from the start to the deepest state of the last round
	Exhausted bool     `json:"exhausted"`       // no state within the budget was left to try
	Ended     string   `json:"ended"`           // exhausted, found, time, memory, depth, walks or interrupted
	Futures   int      `json:"futures"`         // states that were tried for stalls, each in a fair future; of a random search, walks that ended
	Never     []string `json:"never,omitempty"` // of a random search: decisions and refusals that no walk came to
	Walks     int64    `json:"walks,omitempty"`
	Walk      int64    `json:"walk,omitempty"`    // of a random search that found something: the number of that walk
	Shard     string   `json:"shard,omitempty"`   // which part of a random search it is, like 3/8
	Missing   []string `json:"missing,omitempty"` // of merged shards: those that are not there
	Of        string   `json:"of"`                // tells searches from each other that differ in more than their limits
	Goal      string   `json:"goal,omitempty"`    // what was looked for in place of violations
	Violation *string  `json:"violation"`         // null if nothing was found; of a goal, that it was reached
	Script    *string  `json:"script"`            // the file to which the find was written; null if none was
	Version   string   `json:"version"`           // of the program
	Command   string   `json:"command"`           // how the program was asked; the same finds the same again
}

// Report returns the result for programs. script is the file to which the find was written, "" for none.
func (r Result) Report(script string) Report {
	j := Report{
		States: r.States, Distinct: r.Distinct, Seconds: r.Elapsed.Seconds(), StatesPS: r.Rate(),
		Depth: r.Depth, Exhausted: r.Ended == Exhausted, Ended: r.Ended, Futures: r.Futures,
	}
	if r.interrupted() {
		j.Ended = Interrupted
	}
	j.Of, j.Goal, j.Version, j.Command = r.Of, r.Goal, r.Version, r.Command
	if r.Seen != nil {
		j.Never, j.Walks, j.Walk, j.Shard = r.Seen.Never, int64(r.Walks), r.Walk, r.Shard.String()
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

// Broken reports whether a promise was broken, or a goal was not reached.
func (r Report) Broken() bool { return (r.Violation != nil) == (r.Goal == "") }

// Damage says what went wrong: which rules are off, and the violation. What damage a rule prevents in general need not be what
// happened.
func (f *Find) Damage() string {
	if f.off == 0 {
		return f.verdict()
	}
	return fmt.Sprintf("without %s: %s", f.off, f.verdict())
}

// Rate returns the distinct states per second; of a random search, the steps per second.
func (r Result) Rate() float64 {
	return float64(cmp.Or(r.Distinct, r.States)) / max(r.Elapsed.Seconds(), 1e-9)
}

// Summary says in one line what was covered.
func (r Result) Summary() string {
	took := fmt.Sprintf("%.1f s, %s/s", r.Elapsed.Seconds(), engine.Count(int(r.Rate())))
	if r.Dear != "" {
		took += "; fair futures were tried for " + r.Dear
	}
	if r.Seen != nil {
		return fmt.Sprintf("%s: %s, %s; seen: %d of %d decisions and refusals",
			r.covered(), walked(r.States, r.Walks, r.Depth), took, r.Seen.Count, r.Seen.Of)
	}
	text := fmt.Sprintf("%s: %s, %s distinct, depth %d, %s",
		r.covered(), engine.Plural(r.States, "state"), engine.Count(r.Distinct), r.Depth, took)
	if r.Futures > 0 {
		text += fmt.Sprintf("; %s of them tried for stalls", engine.Count(r.Futures))
	}
	return text
}

// walked tells how many events there were in walks that came to their end, and in the longest of them.
func walked(events, walks, longest int) string {
	text := fmt.Sprintf("%s in %s", engine.Plural(events, "event"), engine.Plural(walks, "walk"))
	if walks > 1 {
		text += fmt.Sprintf(", the longest of %d", longest)
	}
	return text
}

// interrupted reports whether the search's context ended it, for a reason that Ended gives.
func (r Result) interrupted() bool {
	return !slices.Contains([]string{Exhausted, ByFind, ByTime, ByMemory, ByDepth, ByWalks, byStates}, r.Ended)
}

// RoundWords tell which round of several it is, and what that allows for.
func (r Result) RoundWords() string {
	return fmt.Sprintf("round %d of %d%s", r.Round, r.Rounds, r.begins(", from "))
}

// RoundBegins tells where the round begins, and what it allows for.
func (r Result) RoundBegins() string { return strings.TrimSpace(r.begins("from ")) }

// begins tells where a round begins, after a word for that, and what it allows for.
func (r Result) begins(from string) (text string) {
	if r.From != "" {
		text = from + string(r.From)
	}
	return text + " with " + r.Budget.Words()
}

// NeverSeen names a few of the decisions and refusals that no walk came to; "" if there is none.
func (r Result) NeverSeen() string {
	if r.Seen == nil {
		return ""
	}
	return neverSeen(r.Seen.Never)
}

// neverSeen names a few of what no walk came to.
func neverSeen(never []string) string {
	const most = 3
	switch n := len(never); {
	case n == 0:
		return ""
	case n <= most:
		return "never seen: " + strings.Join(never, "; ")
	default:
		return fmt.Sprintf("never seen: %s; and %d more, which --json lists", strings.Join(never[:most], "; "), n-most)
	}
}

func (r Result) covered() string {
	ended, there := r.Ended, ""
	if !r.interrupted() {
		ended = "ended by " + ended
	}
	if r.Rounds > 1 {
		ended, there = ended+" in "+r.RoundWords(), "there "
	}
	switch {
	case r.Find != nil:
		return "found"
	case r.Seen != nil:
		return ended
	case r.Ended == Exhausted:
		return "all that the budget allows for was tried"
	case r.Ended == ByDepth:
		return fmt.Sprintf("all was tried up to depth %d, and %s", r.Depth, left(r.Frontier))
	}
	return fmt.Sprintf("%s: %sall was tried up to depth %d, and %s", ended, there, max(r.Depth-1, 0), left(r.Frontier))
}

// left says how many states were not tried.
func left(states int) string {
	if states == 1 {
		return "1 state is left"
	}
	return engine.Count(states) + " states are left"
}
