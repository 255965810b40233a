package search

import "sync/atomic"

// space is the Space of the states of a scope.
type space struct {
	*scope
	stock   *stock
	futures *atomic.Int64 // fair futures that walkers have tried
}

// newSpace returns the space of s, and first as a state of it.
func newSpace(s *scope, first *state, futures *atomic.Int64) (space, *state) {
	all := space{s, newStock(), futures}
	return all, newMemory(all.stock).adopt(first)
}

// walker is the Walker of one goroutine.
type walker struct {
	space
	transition *transition
	canonical  canonicalizer
	steps      []step
}

// Walker returns a Walker for one goroutine.
func (s space) Walker() Walker[*state] {
	return &walker{space: s, transition: newTransition(s.scope, s.stock), canonical: newCanonicalizer(s.scope)}
}

func (w *walker) Steps(st *state) int {
	w.steps = w.steps[:0]
	if !w.prune.reached(w.scope, st, st) {
		w.steps = w.stepsOf(st, w.steps)
	}
	return len(w.steps)
}

func (w *walker) Take(st *state, i int) (*state, bool) { return w.transition.take(st, w.steps[i]) }

func (w *walker) Drop(next *state) { w.transition.drop(next) }

func (w *walker) Key(st *state) Key { return w.canonical.key(st) }

func (w *walker) Judge(st, next *state, key Key) string {
	if violation := w.violation(st, next); violation != "" {
		return violation
	}
	if w.asksForTheEnd() && w.sampled(key) {
		w.futures.Add(1)
		return w.transition.inTheEnd(next)
	}
	return ""
}

func (w *walker) JudgeStep(st, next *state) string { return w.brokenByStep(st, next) }

func (w *walker) Far(st, next *state) int {
	if w.goal == nil {
		return 0
	}
	return w.goal.far(w.scope, st, next)
}
