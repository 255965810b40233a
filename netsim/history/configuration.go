package history

import (
	"hash/maphash"
	"maps"
	"math"
	"slices"
	"strings"

	"cluster/splitbrain/pbservice"
)

// never is entry.returned of an operation that has not returned, or whose outcome is unknown.
const never = math.MaxInt

// entry is one operation as the judge knows it. Its call and its end are given by the number of their events and not by
// their times: two events may have the same time.
type entry struct {
	id int
	Operation
	called   int
	returned int  // never, or a number greater than called
	ended    bool // Outcome will not change any more
}

// gaveUp reports whether the operation ended with an unknown outcome: it may have happened or not (C2).
func (e *entry) gaveUp() bool { return e.ended && !e.Known }

func (e *entry) precedes(other *entry) bool { return e.returned < other.called }

// configuration is one way in which the operations so far can have happened: all writes but the pending ones have been
// linearized, in an order that led to state. A write stays pending as long as no get has seen its effect, so that there
// are few configurations: mostly one. Immutable; configurations share slices.
type configuration struct {
	state   value
	pending []write  // in the order of their calls
	seen    []*entry // gets under way that have been linearized, in the order of their calls
}

// write is a put or an append that has not been linearized.
type write struct {
	*entry
	// hidden says that the write may also have happened just before a put that has been linearized since. That put has
	// overwritten its effect, so that nothing tells.
	hidden bool
}

// optional reports whether w need not be linearized any more.
func (w write) optional() bool { return w.hidden || w.gaveUp() }

// canBeNext reports whether pending[at] can be linearized next.
func (c *configuration) canBeNext(at int) bool {
	p := c.pending[at]
	if p.Kind == pbservice.Put {
		return true // writes that precede the put hide under it
	}
	for _, q := range c.pending {
		if !q.optional() && q.precedes(p.entry) {
			return false
		}
	}
	return true
}

// linearize returns the configuration after pending[at] has been linearized.
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

// explains reports whether g, a get under way, has been linearized.
func (c *configuration) explains(g *entry) bool { return slices.Contains(c.seen, g) }

// observe linearizes those of the gets that return the state of c. It returns several configurations where a get
// precludes that an optional write happens later: one with and one without the get.
func (c *configuration) observe(gets []*entry) []*configuration {
	all := []*configuration{c}
	for _, g := range gets {
		if c.state != g.got() || c.explains(g) {
			continue
		}
		for i, x := range all {
			switch next, precludes := x.observing(g); {
			case next == nil:
			case precludes:
				all = append(all, next)
			default:
				all[i] = next
			}
		}
	}
	return all
}

// observing returns the configuration after g, a get; nil if a pending write must come before g. precludes reports
// whether optional writes that precede g are dropped, since they can't be linearized after g.
func (c *configuration) observing(g *entry) (next *configuration, precludes bool) {
	early := func(q write) bool { return q.precedes(g) }
	for _, q := range c.pending {
		if early(q) {
			if !q.optional() {
				return nil, false
			}
			precludes = true
		}
	}
	next = &configuration{state: c.state, pending: c.pending}
	if precludes {
		next = c.dropping(early)
	}
	at, _ := slices.BinarySearchFunc(c.seen, g.id, func(e *entry, id int) int { return e.id - id })
	next.seen = slices.Insert(slices.Clone(c.seen), at, g)
	return next, precludes
}

// dropping returns c without the pending writes that drop names.
func (c *configuration) dropping(drop func(write) bool) *configuration {
	return &configuration{state: c.state, seen: c.seen, pending: slices.DeleteFunc(slices.Clone(c.pending), drop)}
}

// returned returns c once g has returned.
func (c *configuration) returned(g *entry) *configuration {
	next := *c
	next.seen = slices.DeleteFunc(slices.Clone(c.seen), func(e *entry) bool { return e == g })
	return &next
}

// leadsToRead reports whether linearizing p leads towards a value that one of the gets returns. No other write needs to
// be linearized now: what no get sees can as well happen later.
func (c *configuration) leadsToRead(p write, gets []*entry) bool {
	for _, g := range gets {
		if !g.Found && !p.EmptyIsNone || c.explains(g) {
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

// successors returns the configurations after one more write, of the writes that lead towards what the gets return.
func (c *configuration) successors(gets []*entry) []*configuration {
	var all []*configuration
	for at, p := range c.pending {
		if c.leadsToRead(p, gets) && c.canBeNext(at) && !c.twinFirst(at) {
			all = append(all, c.linearize(at))
		}
	}
	return all
}

// twinFirst reports whether there is a write of the same effect as pending[at] that had better be linearized instead: whatever
// can be explained with pending[at] now and the other one later can be explained the other way round. So of many equal
// appends the one that must happen first is tried alone.
func (c *configuration) twinFirst(at int) bool {
	p := c.pending[at]
	if !p.ended || p.hidden {
		return false
	}
	for i, q := range c.pending {
		if i == at || q.Kind != p.Kind || q.Value != p.Value || !q.ended || q.hidden || q.optional() && !p.optional() {
			continue
		}
		equal := q.returned == p.returned && q.optional() == p.optional()
		if q.returned > p.returned || equal && i > at || !c.canBeNext(i) {
			continue
		}
		drops := func(r write) bool { return r.precedes(q.entry) && !r.precedes(p.entry) }
		if !slices.ContainsFunc(c.pending, drops) {
			return true
		}
	}
	return false
}

// pruned returns c without what no get that is called at event now or later can tell apart. No get may be under way.
func (c *configuration) pruned(now int) *configuration {
	over := func(q write) bool { return !q.optional() && q.returned < now }
	top := -1 // a put that is over was called then: whatever returned before that is overwritten
	for _, q := range c.pending {
		if q.Kind == pbservice.Put && over(q) {
			top = max(top, q.called)
		}
	}
	if under := func(q write) bool { return q.returned < top }; slices.ContainsFunc(c.pending, under) {
		c = c.dropping(under)
	}
	for len(c.pending) > 0 && over(c.pending[0]) && (len(c.pending) == 1 || c.pending[0].precedes(c.pending[1].entry)) {
		c = c.linearize(0)
	}
	return c
}

// subsumes reports whether c can explain whatever b can explain, so that b need not be kept.
func (c *configuration) subsumes(b *configuration) bool {
	if c.state != b.state || !slices.Equal(c.seen, b.seen) {
		return false
	}
	rest := b.pending
	for _, q := range c.pending {
		switch {
		case len(rest) > 0 && rest[0].id < q.id:
			return false // b may still linearize a write that c can't
		case len(rest) == 0 || rest[0].id > q.id:
			if !q.optional() {
				return false
			}
		case rest[0].optional() && !q.optional():
			return false
		default:
			rest = rest[1:]
		}
	}
	return len(rest) == 0
}

// configurations is a set of which no member subsumes another. The keys are hashes of state and seen.
type configurations map[uint64][]*configuration

// add adds c unless a member subsumes c. It reports whether it did.
func (s configurations) add(c *configuration) bool {
	h := maphash.String(seed, c.state.text)
	for _, g := range c.seen {
		h = h*31 + uint64(g.id)
	}
	if slices.ContainsFunc(s[h], func(x *configuration) bool { return x.subsumes(c) }) {
		return false
	}
	s[h] = append(slices.DeleteFunc(s[h], c.subsumes), c)
	return true
}

func (s configurations) list() []*configuration {
	return slices.Concat(slices.Collect(maps.Values(s))...)
}
