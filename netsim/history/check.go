package history

import (
	"cmp"
	"fmt"
	"hash/maphash"
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
	Key    string // the first key, in order, whose operations can't be explained, or took too long
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
	return fmt.Sprintf("%s: key %q", v.Result, v.Key)
}

// Check judges a history within timeout of real time. Linearizability is judged per key: a history over many keys
// is linearizable exactly if that of each key is.
func Check(ops []Operation, timeout time.Duration) Verdict {
	deadline := time.Now().Add(timeout)
	undecided := Verdict{Result: Linearizable}
	for _, key := range byKey(ops) {
		left := time.Until(deadline)
		if left <= 0 {
			return Verdict{Undecided, key.name}
		}
		switch porcupine.CheckOperationsTimeout(register, key.ops, left) {
		case porcupine.Illegal:
			return Verdict{Violated, key.name}
		case porcupine.Unknown:
			undecided = Verdict{Undecided, key.name}
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

// value is the state of one key.
type value struct {
	found bool
	text  string
}

var seed = maphash.MakeSeed()

// register is the service as its users think of it, for one key.
var register = porcupine.Model{
	Init: func() any { return value{} },
	Step: func(state, input, output any) (bool, any) {
		v, op, out := state.(value), input.(Operation), output.(Outcome)
		switch op.Kind {
		case pbservice.Put:
			return true, value{true, op.Value}
		case pbservice.Append:
			return true, value{true, v.text + op.Value}
		}
		return v.found == out.Found && v.text == out.Got, v
	},
	Equal: func(a, b any) bool { return a.(value) == b.(value) },
	Hash:  func(state any) uint64 { return maphash.String(seed, state.(value).text) },
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
