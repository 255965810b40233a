package search

// reader makes states again, by their steps from those that are kept. Each worker has one, with its Walker.
type reader[S any] struct {
	Walker[S]
	x    *explorer[S]
	made []made[S] // the newest state that was made of each depth: the next one has most of its way in common with it
}

type made[S any] struct {
	number int
	state  S
	ok     bool
}

// state returns the state of that number, which is so many steps from the start. Its last call of Steps may be of any state.
func (r *reader[S]) state(number, depth int) S {
	if i := number - r.x.whole.first; i >= 0 && i < len(r.x.whole.states) {
		return r.x.whole.states[i]
	}
	for len(r.made) <= depth {
		r.made = append(r.made, made[S]{})
	}
	if m := r.made[depth]; m.ok && m.number == number {
		return m.state
	}
	o := r.x.origins[number]
	from := r.state(int(o.parent), depth-1)
	r.Steps(from)
	s, _ := r.Take(from, int(o.step))
	r.made[depth] = made[S]{number, s, true}
	return s
}
