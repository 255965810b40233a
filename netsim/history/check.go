package history

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"cluster/splitbrain/pbservice"

	"github.com/anishathalye/porcupine"
)

// Verdict is what a history was found to be.
type Verdict struct {
	Result Result
	Key    string // the key whose operations can't be explained, or took too long

	// Of a Recorder:
	Judged int    // operations that were judged, up to the first violation
	Total  int    // operations called
	Blame  *Blame // of a violation; nil otherwise. It must not be changed.
}

// Result is the short form of a verdict.
type Result uint8

// The results.
const (
	Linearizable Result = iota
	Violated            // no order of the operations explains what the clients saw
	Undecided           // the time for judging ran out
)

func (r Result) String() string {
	return [...]string{"linearizable", "not linearizable", "undecided"}[r]
}

func (v Verdict) String() string {
	if v.Result == Linearizable {
		return v.Result.String()
	}
	return fmt.Sprintf("%s: key %s", v.Result, quoted(v.Key))
}

// Check judges a whole history within timeout of real time, by porcupine. Linearizability is judged per key: a history over many keys
// is linearizable exactly if that of each key is.
func Check(ops []Operation, timeout time.Duration) Verdict {
	deadline := time.Now().Add(timeout)
	undecided := Verdict{Result: Linearizable}
	for _, key := range byKey(ops) {
		left := time.Until(deadline)
		if left <= 0 {
			return Verdict{Result: Undecided, Key: key.name}
		}
		switch porcupine.CheckOperationsTimeout(register, key.ops, left) {
		case porcupine.Illegal:
			return Verdict{Result: Violated, Key: key.name}
		case porcupine.Unknown:
			undecided = Verdict{Result: Undecided, Key: key.name}
		}
	}
	return undecided
}

type keyHistory struct {
	name string
	ops  []porcupine.Operation
}

// byKey translates the operations that can matter: a get without an answer, or an operation that changed nothing,
// says nothing.
func byKey(ops []Operation) []keyHistory {
	found := map[string]int{}
	var keys []keyHistory
	for _, op := range ops {
		if op.Refused || op.Kind == pbservice.Get && !op.Known {
			continue
		}
		i, ok := found[op.Key]
		if !ok {
			i = len(keys)
			found[op.Key] = i
			keys = append(keys, keyHistory{name: op.Key})
		}
		end := int64(math.MaxInt64)
		if op.Known {
			end = int64(op.Return)
		}
		keys[i].ops = append(keys[i].ops, porcupine.Operation{Input: op, Output: op.Outcome, Call: int64(op.Call), Return: end})
	}
	slices.SortFunc(keys, func(a, b keyHistory) int { return cmp.Compare(a.name, b.name) })
	return keys
}

// Occurrences counts how often each acknowledged append is present in the final value of its key, for histories
// whose keys are only appended to and whose appended values are unique and contain each other nowhere. It returns
// one line for each that is not there exactly once, and for each unknown one that is there more than once.
func Occurrences(ops []Operation, final map[string]string) []string {
	var wrong []string
	for _, op := range ops {
		if op.Kind != pbservice.Append || op.Refused {
			continue
		}
		n := strings.Count(final[op.Key], op.Value)
		if n > 1 || op.Known && n == 0 {
			wrong = append(wrong, fmt.Sprintf("%s: append %q to %q is there %d times", op.Client, op.Value, op.Key, n))
		}
	}
	return wrong
}
