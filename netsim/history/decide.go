package history

import (
	"context"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/anishathalye/porcupine"
)

// Decide judges a whole history, keys side by side: each as a Recorder judges it, and by porcupine what that leaves
// undecided, within timeout of real time, and a little more for telling what is to blame. Keys that are hard don't keep others
// from being judged. The verdict has all that a Recorder's has; the IDs are indices of ops. When ctx ends, what is undecided
// remains so.
func Decide(ctx context.Context, ops []Operation, timeout time.Duration) Verdict {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	all := keysOf(ops)
	inRounds(ctx, len(all), func(i int, slice time.Duration) Result { return all[i].judge(ctx, slice) })
	v := Verdict{Total: len(ops)}
	for _, k := range all {
		k.accuse()
		v.Judged += k.verdict.Judged
		if k.worseThan(v) {
			v.Result, v.Key, v.Blame = k.verdict.Result, k.name, k.verdict.Blame
		}
	}
	return v
}

// wholeKey is one key with its whole history.
type wholeKey struct {
	name    string
	events  []event
	own     judge                 // as long as hard is nil
	hard    []porcupine.Operation // what own could not decide
	verdict Verdict
}

// keysOf are the keys of a history, in their order.
func keysOf(ops []Operation) []*wholeKey {
	keys, entries := map[string]*wholeKey{}, make([]*entry, len(ops))
	conditional := map[*wholeKey]bool{} // they have a put with a condition, which only porcupine understands
	for at, m := range moments(ops) {
		o := ops[m.op]
		k := keys[o.Key]
		if k == nil {
			k = &wholeKey{name: o.Key, verdict: Verdict{Result: Undecided, Key: o.Key}}
			keys[o.Key] = k
		}
		if m.end {
			e := entries[m.op]
			e.returned = at + 1
			k.events = append(k.events, event{entry: e, at: at + 1, end: true, out: o.Outcome, time: o.Return})
			continue
		}
		e := &entry{id: m.op, Operation: o, called: at + 1, returned: never, ended: true}
		entries[m.op] = e
		conditional[k] = conditional[k] || o.If.Demanded
		k.events = append(k.events, event{entry: e, at: at + 1})
		if !o.Known { // nobody will ever know more
			k.events = append(k.events, event{entry: e, at: at + 1, end: true, time: o.Return})
		}
	}
	var all []*wholeKey
	for _, name := range slices.Sorted(maps.Keys(keys)) {
		k := keys[name]
		if all = append(all, k); conditional[k] {
			k.hard = translate(k.operations())
		} else {
			k.own.add(k.events)
		}
	}
	return all
}

// judge goes on judging the key for a slice of real time, or until ctx ends.
func (k *wholeKey) judge(ctx context.Context, slice time.Duration) Result {
	deadline := time.Now().Add(slice)
	if k.hard == nil {
		if !k.judgeOwn(deadline) {
			return Undecided
		}
		if k.verdict = k.own.verdict(); k.verdict.Result != Undecided {
			return k.verdict.Result
		}
		k.own, k.hard = judge{}, translate(k.operations())
	}
	left := time.Until(deadline)
	if left <= 0 { // which porcupine would take for no limit
		return Undecided
	}
	k.verdict = Verdict{Result: askUntil(ctx, k.hard, left), Key: k.name}
	if k.verdict.Result == Linearizable {
		k.verdict = Verdict{Judged: len(k.hard)}
	}
	return k.verdict.Result
}

// judgeOwn lets the key be judged as a Recorder does, and reports whether that has come to its end.
func (k *wholeKey) judgeOwn(deadline time.Time) bool {
	for n := 1; k.own.next(); n++ {
		if n%16 == 0 && time.Now().After(deadline) {
			return false
		}
	}
	return true
}

// accuse finds what is to blame where porcupine said that something is.
func (k *wholeKey) accuse() {
	if k.verdict.Result == Violated && k.verdict.Blame == nil {
		k.verdict.Blame = accuseByPorcupine(k.entries())
	}
}

// worseThan reports whether the verdict on k is rather to be told than v: a violation, and of several the first.
func (k *wholeKey) worseThan(v Verdict) bool {
	switch {
	case k.verdict.Result == Linearizable || v.Result == Violated && k.verdict.Result != Violated:
		return false
	case v.Result != k.verdict.Result:
		return true
	}
	return k.verdict.Result == Violated && k.verdict.Blame.when() < v.Blame.when()
}

// when is the time at which b was to be seen.
func (b *Blame) when() time.Duration {
	if b == nil {
		return math.MaxInt64
	}
	return b.Culprit.Return
}

// operations are those of the key, with numbers that tell the order of their events.
func (k *wholeKey) operations() []Operation {
	var ops []Operation
	for _, e := range k.entries() {
		o := e.Operation
		o.Called, o.Returned = e.called, e.returned
		ops = append(ops, o)
	}
	return ops
}

// entries are the operations of the key, in the order of their calls.
func (k *wholeKey) entries() []*entry {
	var all []*entry
	for _, e := range k.events {
		if !e.end {
			all = append(all, e.entry)
		}
	}
	return all
}

// askPorcupine judges the operations of one key.
func askPorcupine(ops []porcupine.Operation, timeout time.Duration) Result {
	return results[porcupine.CheckOperationsTimeout(register, ops, timeout)]
}

// askUntil is askPorcupine until ctx ends. Porcupine itself can't be stopped: then it goes on for itself until its time is over.
func askUntil(ctx context.Context, ops []porcupine.Operation, timeout time.Duration) Result {
	answer := make(chan Result, 1)
	go func() { answer <- askPorcupine(ops, timeout) }()
	select {
	case r := <-answer:
		return r
	case <-ctx.Done():
		return Undecided
	}
}

// Bars are the operations of a history that Decide has judged, as a screen draws them.
func (v Verdict) Bars(ops []Operation) []Bar {
	var all []Bar
	for i, o := range ops {
		all = append(all, Bar{ID: i, Operation: o, Open: !o.Known, Blamed: v.Blame != nil && slices.Contains(v.Blame.ids, i)})
	}
	return all
}
