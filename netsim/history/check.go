package history

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"math"
	"runtime"
	"slices"
	"strings"
	"time"

	"cluster/splitbrain/pbservice"

	"github.com/anishathalye/porcupine"
	"golang.org/x/sync/errgroup"
)

// Verdict is what a history was found to be.
type Verdict struct {
	Result Result
	Key    string // the key whose operations can't be explained, or took too long; "" if all together did

	// Unjudged says of what is undecided that it has no beginning that is known, so that nothing was judged.
	Unjudged bool

	// Set by a Recorder and by Decide only.
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
	if v.Key == "" && v.Judged < v.Total {
		return v.Result.String() + ": the time for judging ran out"
	}
	return fmt.Sprintf("%s: key %s", v.Result, quoted(v.Key))
}

// Check judges a whole history by porcupine alone, within timeout of real time. Linearizability is judged per key: a history
// over many keys is linearizable exactly if the history of each key is. Keys that are hard don't keep others from being judged.
func Check(ops []Operation, timeout time.Duration) Verdict {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	parts := byKey(translate(ops))
	found := inRounds(ctx, len(parts), func(i int, slice time.Duration) Result { return askPorcupine(parts[i], slice) })
	for _, worst := range []Result{Violated, Undecided} {
		if i := slices.Index(found, worst); i >= 0 {
			return Verdict{Result: worst, Key: parts[i][0].Input.(Operation).Key}
		}
	}
	return Verdict{}
}

var results = map[porcupine.CheckResult]Result{porcupine.Ok: Linearizable, porcupine.Illegal: Violated, porcupine.Unknown: Undecided}

// firstSlice is how long a key is judged before others have their turn. In each round the time grows to several times that.
const (
	firstSlice  = 50 * time.Millisecond
	sliceGrowth = 4
)

// inRounds judges n keys, as many at a time as there are processors, in rounds: in each one those that are undecided get
// more time. It ends when all are decided, one is Violated, or ctx ends, which has a deadline.
func inRounds(ctx context.Context, n int, judge func(i int, slice time.Duration) Result) []Result {
	all := slices.Repeat([]Result{Undecided}, n)
	deadline, _ := ctx.Deadline()
	for slice := firstSlice; slices.Contains(all, Undecided) && !slices.Contains(all, Violated); slice *= sliceGrowth {
		if ctx.Err() != nil {
			break
		}
		inParallel(n, func(i int) {
			if left := time.Until(deadline); all[i] == Undecided && left > 0 && ctx.Err() == nil {
				all[i] = judge(i, min(slice, left))
			}
		})
	}
	return all
}

// inParallel calls do for each of n, as many at a time as there are processors, and returns when all have returned.
func inParallel(n int, do func(i int)) {
	var all errgroup.Group
	all.SetLimit(runtime.GOMAXPROCS(0))
	for i := range n {
		all.Go(func() error {
			do(i)
			return nil
		})
	}
	_ = all.Wait()
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
	calls, ends := strictTimes(ops)
	extra := len(lanes)
	for i, op := range ops {
		if op.Refused || op.Kind == pbservice.Get && !op.Known {
			continue
		}
		o := porcupine.Operation{ClientId: lanes[op.Client], Input: op, Output: op.Outcome, Call: calls[i], Return: ends[i]}
		if !op.Known {
			o.Return, o.ClientId = math.MaxInt64, extra
			extra++
		}
		all = append(all, o)
	}
	return all
}

// strictTimes are the times of calls and ends, of which no two are equal: they differ by what it takes to tell their order.
func strictTimes(ops []Operation) (calls, ends []int64) {
	calls, ends = make([]int64, len(ops)), make([]int64, len(ops))
	last := int64(math.MinInt64)
	for _, m := range moments(ops) {
		o := &ops[m.op]
		if m.end {
			last = max(int64(o.Return), last+1)
			ends[m.op] = last
			continue
		}
		last = max(int64(o.Call), last+1)
		calls[m.op] = last
	}
	return calls, ends
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
	all := translate(ops)
	_, info := porcupine.CheckOperationsVerbose(model, all, timeout)
	var notes []porcupine.Annotation
	for _, m := range marks {
		notes = append(notes, porcupine.Annotation{Tag: m.Row, Start: int64(m.At), Description: shortened(m.Text), Details: m.Text})
	}
	info.AddAnnotations(notes)
	var page strings.Builder
	if err := porcupine.Visualize(model, info, &page); err != nil {
		return err
	}
	text := page.String()
	data := max(strings.Index(text, beforeData), 0) // in which texts of clients stand
	_, err := io.WriteString(w, naming(all).Replace(text[:data])+text[data:])
	return err
}

// beforeData begins what porcupine's page shows.
const beforeData = `{"Partitions":`

// naming puts the names of clients where porcupine's page has their numbers. What is open has a lane of its own.
func naming(ops []porcupine.Operation) *strings.Replacer {
	var names []string
	for _, o := range ops {
		for len(names) <= o.ClientId {
			names = append(names, "")
		}
		if op := o.Input.(Operation); op.Known {
			names[o.ClientId] = op.Client
		} else {
			names[o.ClientId] = op.Client + " ?"
		}
	}
	list, _ := json.Marshal(names) // strings are JSON, and nothing in it ends a script
	return strings.NewReplacer(
		"? i.toString() : sortedTags", "? "+string(list)+"[i] : sortedTags",
		"? i : sortedTags", "? "+string(list)+"[i] : sortedTags",
		"<title>Porcupine</title>", "<title>History</title>",
	)
}

// Mark is what happened at a time that is no operation.
type Mark struct {
	At   time.Duration
	Row  string // marks of one row stand side by side
	Text string // one line
}
