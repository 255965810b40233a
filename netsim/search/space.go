package search

// space is what is searched: moments, and the steps between them.
type space struct{ *scope }

// walker is one goroutine's view of it.
type walker struct {
	transition *transition
	canonical  canonicalizer
	steps      []step
	key        Key // of the last moment that was asked for, if any was
}

// Walker returns a walker of its own for one goroutine.
func (s space) Walker() Walker[*state] {
	return &walker{transition: newTransition(s.scope), canonical: canonicalizer{scope: s.scope}}
}

func (w *walker) Steps(st *state) int {
	w.steps = w.transition.stepsOf(st, w.steps[:0])
	return len(w.steps)
}

func (w *walker) Take(st *state, i int) (*state, bool) { return w.transition.take(st, w.steps[i]) }

func (w *walker) Key(st *state) Key {
	w.key = keyOf(w.canonical.form(st))
	return w.key
}

func (w *walker) Judge(st, next *state) string {
	if violation := w.transition.violation(st, next); violation != "" {
		return violation
	}
	if w.key != (Key{}) && sampled(w.key) {
		return w.AtEnd(next)
	}
	return ""
}

func (w *walker) AtEnd(st *state) string { return w.transition.neverAnswered(st) }
