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
type configuration struct {
	state   value
	pending []write  // in the order of their calls
	seen    []*entry // gets under way that have been explained, in the order of their calls
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
func (c *configuration) canBeNext(at int) bool {
	p := c.pending[at]
	if p.Kind == pbservice.Put {
		return true // what must come before it can hide under it
	}
	for _, q := range c.pending {
		if !q.optional() && q.precedes(p.entry) {
			return false
		}
	}
	return true
}

// take is the world after left[at] has taken its turn.
func (c *configuration) linearize(at int) *configuration {
	p := c.pending[at]
	next := &configuration{state: c.state.after(&p.Operation), seen: c.seen, pending: make([]write, 0, len(c.pending)-1)}
	for i, q := range c.pending {
		switch {
		case i == at || q.precedes(p.entry):
			continue
		case p.precedes(q.entry):
			q.hidden = false
		case p.Kind == pbservice.Put:
			q.hidden = true
		}
		next.pending = append(next.pending, q)
	}
	return next
}

func (c *configuration) explains(g *entry) bool { return slices.Contains(c.seen, g) }

// look is the world in which those of the gets take their turn now that see the state. It is two where such a get
// would forbid a hidden write to come later.
func (c *configuration) observe(gets []*entry) []*configuration {
	worlds := []*configuration{c}
	for _, g := range gets {
		if c.state != g.got() || c.explains(g) {
			continue
		}
		for i, x := range worlds {
			y, forbids := x.observing(g)
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
func (c *configuration) observing(g *entry) (next *configuration, forbids bool) {
	left := c.pending
	for i, q := range c.pending {
		switch early := q.precedes(g); {
		case early && !q.optional():
			return nil, false
		case early && !forbids:
			left, forbids = slices.Clone(c.pending[:i]), true
		case !early && forbids:
			left = append(left, q)
		}
	}
	at, _ := slices.BinarySearchFunc(c.seen, g.id, func(e *entry, id int) int { return e.id - id })
	return &configuration{state: c.state, pending: left, seen: slices.Insert(slices.Clone(c.seen), at, g)}, forbids
}

// without is the world once g has returned.
func (c *configuration) returned(g *entry) *configuration {
	next := *c
	next.seen = slices.DeleteFunc(slices.Clone(c.seen), func(e *entry) bool { return e == g })
	return &next
}

// leads reports whether the state after p is on the way to one that a get has seen. Other states need not be told
// apart: whoever passes them can as well come later.
func (c *configuration) leadsToRead(p write, gets []*entry) bool {
	for _, g := range gets {
		if !g.Found || c.explains(g) {
			continue
		}
		rest := g.Got
		if p.Kind == pbservice.Append {
			if !strings.HasPrefix(rest, c.state.text) {
				continue
			}
			rest = rest[len(c.state.text):]
		}
		if strings.HasPrefix(rest, p.Value) {
			return true
		}
	}
	return false
}

// turns are the worlds after one more write, of those that lead anywhere.
func (c *configuration) successors(gets []*entry) []*configuration {
	var all []*configuration
	for at, p := range c.pending {
		if c.leadsToRead(p, gets) && c.canBeNext(at) {
			all = append(all, c.linearize(at))
		}
	}
	return all
}

// tidied is the world without what gets that begin at now or later can't tell apart. No get may be under way.
func (c *configuration) pruned(now int) *configuration {
	over := func(q write) bool { return !q.optional() && q.returned < now }
	top := -1 // whatever returned before it lies under a put
	for _, q := range c.pending {
		if q.Kind == pbservice.Put && over(q) {
			top = max(top, q.called)
		}
	}
	if slices.ContainsFunc(c.pending, func(q write) bool { return q.returned < top }) {
		c = &configuration{state: c.state, seen: c.seen, pending: slices.DeleteFunc(slices.Clone(c.pending), func(q write) bool {
			return q.returned < top
		})}
	}
	for len(c.pending) > 0 && over(c.pending[0]) && (len(c.pending) == 1 || c.pending[0].precedes(c.pending[1].entry)) {
		c = c.linearize(0)
	}
	return c
}

// covers reports whether whatever b can explain, w can explain too.
func (c *configuration) subsumes(b *configuration) bool {
	i, j := 0, 0
	for i < len(c.pending) || j < len(b.pending) {
		switch {
		case j == len(b.pending) || i < len(c.pending) && c.pending[i].id < b.pending[j].id:
			if !c.pending[i].optional() {
				return false
			}
			i++
		case i == len(c.pending) || b.pending[j].id < c.pending[i].id:
			return false
		default:
			if b.pending[j].optional() && !c.pending[i].optional() {
				return false
			}
			i, j = i+1, j+1
		}
	}
	return true
}

// worlds is a set of which no member covers another.
type configurations map[uint64][]*configuration

// add reports whether w was not covered yet.
func (s configurations) add(c *configuration) bool {
	h := c.hash()
	for _, x := range s[h] {
		if x.sameState(c) && x.subsumes(c) {
			return false
		}
	}
	s[h] = append(slices.DeleteFunc(s[h], func(x *configuration) bool { return x.sameState(c) && c.subsumes(x) }), c)
	return true
}

func (c *configuration) sameState(x *configuration) bool {
	return c.state == x.state && slices.Equal(c.seen, x.seen)
}

func (c *configuration) hash() uint64 {
	h := maphash.String(seed, c.state.text)
	for _, g := range c.seen {
		h = h*31 + uint64(g.id)
	}
	return h
}

func (s configurations) list() []*configuration {
	var all []*configuration
	for _, bucket := range s {
		all = append(all, bucket...)
	}
	return all
}
