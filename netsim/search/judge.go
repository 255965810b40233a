package search

import (
	"slices"

	"cluster/splitbrain/pbservice"
)

// register is what one key holds.
type register struct {
	value string
	found bool
}

// after is the register after a put or an append.
func (r register) after(op pbservice.Op) register {
	if op.Kind == pbservice.Append {
		return register{r.value + op.Value, true}
	}
	return register{op.Value, true}
}

// judge knows what clients may see of one key from now on, given all that they have seen: it is the exact check of
// linearizability, carried on with the history. Of the past it keeps what the future depends on and nothing more, so
// that histories with one future are one. In particular the real-time order of operations is in it: whatever returned
// before an operation began is behind every reading. Immutable; several may share one.
type judge struct {
	open     []pbservice.Op // operations without an answer, in the order of their beginning
	readings []reading      // in no order; none, if nothing can explain what the clients saw
}

// reading is one explanation of what was seen: which of the open operations have taken their turn, and what the key
// holds after them. Those that have not returned take it as late as the answers allow.
type reading struct {
	register
	turns []turn // one for each open operation
}

// turn is that of one operation.
type turn struct {
	taken bool
	saw   register // by a get
}

// newJudge returns the judge of an empty history in which the key holds r.
func newJudge(r register) *judge { return &judge{readings: []reading{{register: r}}} }

// begin notes that an operation was called.
func (j *judge) begin(op pbservice.Op) *judge {
	n := &judge{open: append(slices.Clip(j.open), op)}
	for _, r := range j.readings {
		n.readings = append(n.readings, reading{r.register, append(slices.Clip(r.turns), turn{})})
	}
	return n
}

// end notes that the open operation of that name returned; a get with saw.
func (j *judge) end(client string, seq uint64, saw register) *judge {
	at := slices.IndexFunc(j.open, func(o pbservice.Op) bool { return o.Client == client && o.Seq == seq })
	if at < 0 {
		return j
	}
	var kept []reading
	for _, r := range j.readings {
		j.orders(r, at, func(r reading) {
			if j.open[at].Kind == pbservice.Get && r.turns[at].saw != saw {
				return
			}
			r.turns = slices.Delete(slices.Clone(r.turns), at, at+1)
			if !slices.ContainsFunc(kept, r.equal) {
				kept = append(kept, r)
			}
		})
	}
	return &judge{open: slices.Delete(slices.Clone(j.open), at, at+1), readings: kept}
}

// orders gives every reading that follows from r by turns of open operations, that of operation at the last, if it
// has not been taken.
func (j *judge) orders(r reading, at int, yield func(reading)) {
	if r.turns[at].taken {
		yield(r)
		return
	}
	yield(j.take(r, at))
	for i, t := range r.turns {
		if i != at && !t.taken {
			j.orders(j.take(r, i), at, yield)
		}
	}
}

func (j *judge) take(r reading, i int) reading {
	n := reading{r.register, slices.Clone(r.turns)}
	n.turns[i] = turn{taken: true}
	if op := j.open[i]; op.Kind == pbservice.Get {
		n.turns[i].saw = r.register
	} else {
		n.register = r.register.after(op)
	}
	return n
}

func (r reading) equal(other reading) bool {
	return r.register == other.register && slices.Equal(r.turns, other.turns)
}

// linearizable reports whether anything explains what was seen.
func (j *judge) linearizable() bool { return len(j.readings) > 0 }

// explains reports whether a get that began and returned now might see r.
func (j *judge) explains(r register) bool {
	for _, reading := range j.readings {
		if reading.register == r || j.reaches(reading, r) {
			return true
		}
	}
	return false
}

func (j *judge) reaches(from reading, want register) bool {
	for i, t := range from.turns {
		if t.taken || j.open[i].Kind == pbservice.Get {
			continue
		}
		next := j.take(from, i)
		if next.register == want || j.reaches(next, want) {
			return true
		}
	}
	return false
}

// appendCanon appends the judge under other names. Equal judges give equal bytes, whatever order their operations
// began in.
func (j *judge) appendCanon(b []byte, as *naming) []byte {
	var order [maxClients]byte
	for i := range j.open {
		order[i] = byte(i)
	}
	b = append(b, byte(len(j.open)), byte(len(j.readings)))
	b = as.sorted(b, len(j.open), order[:], func(b []byte, i int) []byte { return j.open[i].AppendCanon(b, as) })
	return as.sorted(b, len(j.readings), nil, func(b []byte, i int) []byte {
		r := &j.readings[i]
		b = r.register.appendCanon(b, as)
		for _, o := range order[:len(j.open)] {
			if t := r.turns[o]; t.taken {
				b = t.saw.appendCanon(append(b, 1), as)
			} else {
				b = append(b, 0)
			}
		}
		return b
	})
}

func (r register) appendCanon(b []byte, as *naming) []byte {
	if !r.found {
		return append(b, 0)
	}
	return as.Text(append(b, 1), r.value)
}
