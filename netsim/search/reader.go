package search

// reader makes states again, by their steps from those that are kept. Each worker has one, with its Walker.
type reader[S any] struct {
	Walker[S]
	x    *explorer[S]
	made []made[S]      // the newest state that was made of each depth: the next one has most of its way in common with it
	next []successor[S] // buffer
}

// successor is one of a state.
type successor[S any] struct {
	step  uint16
	known bool // it is in the visited set
	state S
	key   Key
}

type made[S any] struct {
	number int
	state  S
	ok     bool
}

// state returns the state of that number, which is so many steps from the start. Its last call of Steps may be of any state. ok is
// false if there is no such way.
func (r *reader[S]) state(number, depth int) (s S, ok bool) {
	if i := number - r.x.whole.first; i >= 0 && i < len(r.x.whole.states) {
		return r.x.whole.states[i], true
	}
	for len(r.made) <= depth {
		r.made = append(r.made, made[S]{})
	}
	old := r.made[depth]
	if old.ok && old.number == number {
		return old.state, true
	}
	o := r.x.origins.at(number)
	from, ok := r.state(int(o.parent), depth-1)
	if !ok || int(o.step) >= r.Steps(from) {
		return s, false
	}
	s, ok = r.Take(from, int(o.step))
	if old.ok {
		r.Drop(old.state)
	}
	r.made[depth] = made[S]{number, s, ok}
	return s, ok
}
