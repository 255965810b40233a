package search

// space is the Space of the states of a scope.
type space struct{ *scope }

// walker is the Walker of one goroutine.
type walker struct {
	transition *transition
	canonical  canonicalizer
	steps      []step
	key        Key // of the state that Key was last asked for; zero before that
}

// Walker returns a Walker for one goroutine.
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
		return w.transition.inTheEnd(next)
	}
	return ""
}
