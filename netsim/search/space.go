package search

// space is what is searched: moments, and the steps between them.
type space struct{ *setting }

// walker is one goroutine's view of it.
type walker struct {
	taker  *taker
	former former
	steps  []step
	key    Key // of the last moment that was asked for, if any was
}

// Walker returns a walker of its own for one goroutine.
func (s space) Walker() Walker[*moment] {
	return &walker{taker: newTaker(s.setting), former: former{setting: s.setting}}
}

func (w *walker) Steps(m *moment) int {
	w.steps = w.taker.stepsOf(m, w.steps[:0])
	return len(w.steps)
}

func (w *walker) Take(m *moment, i int) (*moment, bool) { return w.taker.take(m, w.steps[i]) }

func (w *walker) Key(m *moment) Key {
	w.key = keyOf(w.former.of(m))
	return w.key
}

func (w *walker) Judge(m, next *moment) string {
	if wrong := w.taker.broken(m, next); wrong != "" {
		return wrong
	}
	if w.key != (Key{}) && sampled(w.key) {
		return w.Last(next)
	}
	return ""
}

func (w *walker) Last(m *moment) string { return w.taker.neverAnswered(m) }
