package history

import (
	"hash/maphash"
	"math"
	"slices"
	"strings"

	"cluster/splitbrain/pbservice"
)

// never is when an operation returned whose outcome is unknown.
const never = math.MaxInt

// entry is one operation as the judge knows it. Calls and ends are counted: times may be equal, and tell less.
type entry struct {
	id int
	Operation
	called   int
	returned int  // never until it has, and for an unknown outcome for ever
	ended    bool // Outcome is what it will be
}

// gaveUp reports whether the write may have happened or not: it need not be explained.
func (e *entry) gaveUp() bool { return e.ended && !e.Known }

func (e *entry) precedes(other *entry) bool { return e.returned < other.called }

// world is one way in which the operations so far can have happened: those that are not in left have taken their
// turn and have led to state. What no get has seen is left open as long as it can be. Worlds are never changed.
type world struct {
	state value
	left  []write  // in the order of their calls
	seen  []*entry // gets under way that have been explained, in the order of their calls
}

// write is a put or an append that has not taken its turn.
type write struct {
	*entry
	// hidden says that it may also have happened just before a put that has taken its turn since.
	hidden bool
}

// optional reports whether w need not take its turn any more.
func (w write) optional() bool { return w.hidden || w.gaveUp() }

// may reports whether left[at] can be the next to take its turn.
func (w *world) may(at int) bool {
	p := w.left[at]
	if p.Kind == pbservice.Put {
		return true // what must come before it can hide under it
	}
	for _, q := range w.left {
		if !q.optional() && q.precedes(p.entry) {
			return false
		}
	}
	return true
}

// take is the world after left[at] has taken its turn.
func (w *world) take(at int) *world {
	p := w.left[at]
	next := &world{state: w.state.after(&p.Operation), seen: w.seen, left: make([]write, 0, len(w.left)-1)}
	for i, q := range w.left {
		switch {
		case i == at || q.precedes(p.entry):
			continue
		case p.precedes(q.entry):
			q.hidden = false
		case p.Kind == pbservice.Put:
			q.hidden = true
		}
		next.left = append(next.left, q)
	}
	return next
}

func (w *world) explains(g *entry) bool { return slices.Contains(w.seen, g) }

// look is the world in which those of the gets take their turn now that see the state. It is two where such a get
// would forbid a hidden write to come later.
func (w *world) look(gets []*entry) []*world {
	worlds := []*world{w}
	for _, g := range gets {
		if w.state != g.got() || w.explains(g) {
			continue
		}
		for i, x := range worlds {
			y, forbids := x.with(g)
			switch {
			case y == nil:
			case forbids:
				worlds = append(worlds, y)
			default:
				worlds[i] = y
			}
		}
	}
	return worlds
}

// with is the world in which g has taken its turn; nil if something must come before it.
func (w *world) with(g *entry) (next *world, forbids bool) {
	left := w.left
	for i, q := range w.left {
		switch early := q.precedes(g); {
		case early && !q.optional():
			return nil, false
		case early && !forbids:
			left, forbids = slices.Clone(w.left[:i]), true
		case !early && forbids:
			left = append(left, q)
		}
	}
	at, _ := slices.BinarySearchFunc(w.seen, g.id, func(e *entry, id int) int { return e.id - id })
	return &world{state: w.state, left: left, seen: slices.Insert(slices.Clone(w.seen), at, g)}, forbids
}

// without is the world once g has returned.
func (w *world) without(g *entry) *world {
	next := *w
	next.seen = slices.DeleteFunc(slices.Clone(w.seen), func(e *entry) bool { return e == g })
	return &next
}

// leads reports whether the state after p is on the way to one that a get has seen. Other states need not be told
// apart: whoever passes them can as well come later.
func (w *world) leads(p write, gets []*entry) bool {
	for _, g := range gets {
		if !g.Found || w.explains(g) {
			continue
		}
		rest := g.Got
		if p.Kind == pbservice.Append {
			if !strings.HasPrefix(rest, w.state.text) {
				continue
			}
			rest = rest[len(w.state.text):]
		}
		if strings.HasPrefix(rest, p.Value) {
			return true
		}
	}
	return false
}

// turns are the worlds after one more write, of those that lead anywhere.
func (w *world) turns(gets []*entry) []*world {
	var all []*world
	for at, p := range w.left {
		if w.leads(p, gets) && w.may(at) {
			all = append(all, w.take(at))
		}
	}
	return all
}

// tidied is the world without what gets that begin at now or later can't tell apart. No get may be under way.
func (w *world) tidied(now int) *world {
	over := func(q write) bool { return !q.optional() && q.returned < now }
	top := -1 // whatever returned before it lies under a put
	for _, q := range w.left {
		if q.Kind == pbservice.Put && over(q) {
			top = max(top, q.called)
		}
	}
	if slices.ContainsFunc(w.left, func(q write) bool { return q.returned < top }) {
		w = &world{state: w.state, seen: w.seen, left: slices.DeleteFunc(slices.Clone(w.left), func(q write) bool {
			return q.returned < top
		})}
	}
	for len(w.left) > 0 && over(w.left[0]) && (len(w.left) == 1 || w.left[0].precedes(w.left[1].entry)) {
		w = w.take(0)
	}
	return w
}

// covers reports whether whatever b can explain, w can explain too.
func (w *world) covers(b *world) bool {
	i, j := 0, 0
	for i < len(w.left) || j < len(b.left) {
		switch {
		case j == len(b.left) || i < len(w.left) && w.left[i].id < b.left[j].id:
			if !w.left[i].optional() {
				return false
			}
			i++
		case i == len(w.left) || b.left[j].id < w.left[i].id:
			return false
		default:
			if b.left[j].optional() && !w.left[i].optional() {
				return false
			}
			i, j = i+1, j+1
		}
	}
	return true
}

// worlds is a set of which no member covers another.
type worlds map[uint64][]*world

// add reports whether w was not covered yet.
func (s worlds) add(w *world) bool {
	h := w.hash()
	for _, x := range s[h] {
		if x.alike(w) && x.covers(w) {
			return false
		}
	}
	s[h] = append(slices.DeleteFunc(s[h], func(x *world) bool { return x.alike(w) && w.covers(x) }), w)
	return true
}

func (w *world) alike(x *world) bool { return w.state == x.state && slices.Equal(w.seen, x.seen) }

func (w *world) hash() uint64 {
	h := maphash.String(seed, w.state.text)
	for _, g := range w.seen {
		h = h*31 + uint64(g.id)
	}
	return h
}

func (s worlds) list() []*world {
	var all []*world
	for _, bucket := range s {
		all = append(all, bucket...)
	}
	return all
}
