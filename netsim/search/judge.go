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
	open           []pbservice.Op  // operations without an answer, in the order of their beginning
	configurations []configuration // in no order; none, if nothing can explain what the clients saw
}

// reading is one explanation of what was seen: which of the open operations have taken their turn, and what the key
// holds after them. Those that have not returned take it as late as the answers allow.
type configuration struct {
	register
	ops []opState // one for each open operation
}

// turn is that of one operation.
type opState struct {
	linearized bool
	saw        register // by a get
}

// newJudge returns the judge of an empty history in which the key holds r.
func newJudge(r register) *judge { return &judge{configurations: []configuration{{register: r}}} }

// begin notes that an operation was called.
func (j *judge) begin(op pbservice.Op) *judge {
	n := &judge{open: append(slices.Clip(j.open), op)}
	for _, c := range j.configurations {
		n.configurations = append(n.configurations, configuration{c.register, append(slices.Clip(c.ops), opState{})})
	}
	return n
}

// end notes that the open operation of that name returned; a get with saw.
func (j *judge) end(client string, seq uint64, saw register) *judge {
	at := slices.IndexFunc(j.open, func(o pbservice.Op) bool { return o.Client == client && o.Seq == seq })
	if at < 0 {
		return j
	}
	var kept []configuration
	for _, c := range j.configurations {
		j.extend(c, at, func(c configuration) {
			if j.open[at].Kind == pbservice.Get && c.ops[at].saw != saw {
				return
			}
			c.ops = slices.Delete(slices.Clone(c.ops), at, at+1)
			if !slices.ContainsFunc(kept, c.equal) {
				kept = append(kept, c)
			}
		})
	}
	return &judge{open: slices.Delete(slices.Clone(j.open), at, at+1), configurations: kept}
}

// orders gives every reading that follows from r by turns of open operations, that of operation at the last, if it
// has not been taken.
func (j *judge) extend(c configuration, at int, yield func(configuration)) {
	if c.ops[at].linearized {
		yield(c)
		return
	}
	yield(j.linearize(c, at))
	for i, t := range c.ops {
		if i != at && !t.linearized {
			j.extend(j.linearize(c, i), at, yield)
		}
	}
}

func (j *judge) linearize(c configuration, i int) configuration {
	n := configuration{c.register, slices.Clone(c.ops)}
	n.ops[i] = opState{linearized: true}
	if op := j.open[i]; op.Kind == pbservice.Get {
		n.ops[i].saw = c.register
	} else {
		n.register = c.register.after(op)
	}
	return n
}

func (c configuration) equal(other configuration) bool {
	return c.register == other.register && slices.Equal(c.ops, other.ops)
}

// linearizable reports whether anything explains what was seen.
func (j *judge) linearizable() bool { return len(j.configurations) > 0 }

// explains reports whether a get that began and returned now might see r.
func (j *judge) explains(r register) bool {
	for _, c := range j.configurations {
		if c.register == r || j.reaches(c, r) {
			return true
		}
	}
	return false
}

func (j *judge) reaches(from configuration, want register) bool {
	for i, t := range from.ops {
		if t.linearized || j.open[i].Kind == pbservice.Get {
			continue
		}
		next := j.linearize(from, i)
		if next.register == want || j.reaches(next, want) {
			return true
		}
	}
	return false
}

// appendCanon appends the judge under other names. Equal judges give equal bytes, whatever order their operations
// began in.
func (j *judge) appendCanon(b []byte, as *renaming) []byte {
	var order [MaxClients]byte
	for i := range j.open {
		order[i] = byte(i)
	}
	b = append(b, byte(len(j.open)), byte(len(j.configurations)))
	b = as.sorted(b, len(j.open), order[:], func(b []byte, i int) []byte { return j.open[i].AppendCanon(b, as) })
	return as.sorted(b, len(j.configurations), nil, func(b []byte, i int) []byte {
		r := &j.configurations[i]
		b = r.register.appendCanon(b, as)
		for _, o := range order[:len(j.open)] {
			if t := r.ops[o]; t.linearized {
				b = t.saw.appendCanon(append(b, 1), as)
			} else {
				b = append(b, 0)
			}
		}
		return b
	})
}

func (r register) appendCanon(b []byte, as *renaming) []byte {
	if !r.found {
		return append(b, 0)
	}
	return as.Text(append(b, 1), r.value)
}
