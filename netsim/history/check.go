package history

import (
	"cmp"
	"fmt"
	"html"
	"io"
	"math"
	"slices"
	"time"

	"cluster/splitbrain/pbservice"

	"github.com/anishathalye/porcupine"
)

// Verdict is what a history was found to be.
type Verdict struct {
	Result Result
	Key    string // the key whose operations can't be explained, or took too long

	// Unjudged says of what is undecided that it has no beginning that is known, so that nothing was judged.
	Unjudged bool

	// Set by a Recorder only.
	Judged int    // operations that were judged, up to the first violation
	Total  int    // operations called
	Blame  *Blame // what a violation consists of; nil if there is none. Read-only.
}

// Result is the verdict in one word.
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
	if v.Unjudged {
		return v.Result.String() + ": the beginning is forgotten"
	}
	return fmt.Sprintf("%s: key %s", v.Result, quoted(v.Key))
}

// Check judges a whole history by porcupine, within timeout of real time. Linearizability is judged per key: a history
// over many keys is linearizable exactly if the history of each key is.
func Check(ops []Operation, timeout time.Duration) Verdict {
	deadline := time.Now().Add(timeout)
	var verdict Verdict
	for _, part := range byKey(translate(ops)) {
		key := part[0].Input.(Operation).Key
		left := time.Until(deadline)
		if left <= 0 {
			return Verdict{Result: Undecided, Key: key}
		}
		switch porcupine.CheckOperationsTimeout(register, part, left) {
		case porcupine.Illegal:
			return Verdict{Result: Violated, Key: key}
		case porcupine.Unknown:
			verdict = Verdict{Result: Undecided, Key: key}
		}
	}
	return verdict
}

// translate makes porcupine's operations of those that can matter: a get without an answer, or an operation that was
// refused, says nothing. Each client gets a lane, in the order of first calls. So does each operation of unknown outcome,
// since it may happen while its client goes on.
func translate(ops []Operation) (all []porcupine.Operation) {
	lanes := map[string]int{}
	for _, op := range ops {
		if _, ok := lanes[op.Client]; !ok {
			lanes[op.Client] = len(lanes)
		}
	}
	extra := len(lanes)
	for _, op := range ops {
		if op.Refused || op.Kind == pbservice.Get && !op.Known {
			continue
		}
		o := porcupine.Operation{ClientId: lanes[op.Client], Input: op, Output: op.Outcome, Call: int64(op.Call), Return: int64(op.Return)}
		if !op.Known {
			o.Return, o.ClientId = math.MaxInt64, extra
			extra++
		}
		all = append(all, o)
	}
	return all
}

// byKey returns the operations of each key, in the order of keys.
func byKey(ops []porcupine.Operation) (parts [][]porcupine.Operation) {
	key := func(o porcupine.Operation) string { return o.Input.(Operation).Key }
	ops = slices.Clone(ops)
	slices.SortStableFunc(ops, func(a, b porcupine.Operation) int { return cmp.Compare(key(a), key(b)) })
	for i, o := range ops {
		if i == 0 || key(o) != key(ops[i-1]) {
			parts = append(parts, nil)
		}
		parts[len(parts)-1] = append(parts[len(parts)-1], o)
	}
	return parts
}

// Visualize writes an HTML page that shows a history key by key, and how it can or can't have happened. Judging takes
// timeout of real time at most. earlier is how many operations are missing from the beginning of the history: if any are,
// nothing is known of the values before. The marks stand below the operations. The error is w's.
func Visualize(w io.Writer, ops []Operation, earlier int, marks []Mark, timeout time.Duration) error {
	model := register
	model.Partition = byKey
	// The page shows states as HTML, and operations as text.
	model.DescribeState = func(state any) string { return html.EscapeString(register.DescribeState(state)) }
	if earlier > 0 {
		model.Init = func() any { return nil }
	}
	_, info := porcupine.CheckOperationsVerbose(model, translate(ops), timeout)
	var notes []porcupine.Annotation
	for _, m := range marks {
		notes = append(notes, porcupine.Annotation{Tag: m.Row, Start: int64(m.At), Description: m.Text})
	}
	info.AddAnnotations(notes)
	return porcupine.Visualize(model, info, w)
}

// Mark is what happened at a time that is no operation.
type Mark struct {
	At   time.Duration
	Row  string // marks of one row stand side by side
	Text string // one line
}
