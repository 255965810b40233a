package history

import (
	"cmp"
	"io"
	"math"
	"slices"
	"time"

	"cluster/splitbrain/pbservice"

	"github.com/anishathalye/porcupine"
)

// Visualize writes a page that shows a history key by key, and how it can or can't have happened. Judging it takes
// timeout of real time at most. Of a history that misses its earlier operations nothing is known of the values before.
func Visualize(w io.Writer, ops []Operation, earlier int, timeout time.Duration) error {
	model := register
	if earlier > 0 {
		model = excerpt
	}
	model.Partition = partition
	number := clientNumbers(ops)
	extra := len(number)
	var all []porcupine.Operation
	for _, op := range ops {
		if op.Refused || op.Kind == pbservice.Get && !op.Known {
			continue // they say nothing
		}
		o := porcupine.Operation{ClientId: number[op.Client], Input: op, Output: op.Outcome, Call: int64(op.Call), Return: int64(op.Return)}
		if !op.Known { // its client goes on beside it
			o.Return, o.ClientId = math.MaxInt64, extra
			extra++
		}
		all = append(all, o)
	}
	_, info := porcupine.CheckOperationsVerbose(model, all, timeout)
	return porcupine.Visualize(model, info, w)
}

// partition takes the keys apart, in their order.
func partition(ops []porcupine.Operation) [][]porcupine.Operation {
	key := func(o porcupine.Operation) string { return o.Input.(Operation).Key }
	ops = slices.Clone(ops)
	slices.SortStableFunc(ops, func(a, b porcupine.Operation) int { return cmp.Compare(key(a), key(b)) })
	var parts [][]porcupine.Operation
	for i, o := range ops {
		if i == 0 || key(o) != key(ops[i-1]) {
			parts = append(parts, nil)
		}
		parts[len(parts)-1] = append(parts[len(parts)-1], o)
	}
	return parts
}

// clientNumbers are lanes in the order of first calls.
func clientNumbers(ops []Operation) map[string]int {
	number := map[string]int{}
	for _, op := range ops {
		if _, ok := number[op.Client]; !ok {
			number[op.Client] = len(number)
		}
	}
	return number
}

// anything is the state of a key of which the beginning is not known.
type anything struct{}

// excerpt is register from its middle on.
var excerpt = porcupine.Model{
	Init: func() any { return anything{} },
	Step: func(state, input, output any) (bool, any) {
		op, out := input.(Operation), output.(Outcome)
		switch _, unknown := state.(anything); {
		case !unknown:
			return register.Step(state, input, output)
		case op.Kind == pbservice.Get:
			return true, out.got()
		case op.Kind == pbservice.Put:
			return true, value{}.after(&op)
		}
		return true, state
	},
	Equal: func(a, b any) bool { return a == b },
	Hash: func(state any) uint64 {
		if v, ok := state.(value); ok {
			return register.Hash(v)
		}
		return 0
	},
	DescribeOperation: register.DescribeOperation,
	DescribeState: func(state any) string {
		if v, ok := state.(value); ok {
			return v.String()
		}
		return "not known"
	},
}
