package search

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"cluster/splitbrain/pbservice"
)

// register is what one key holds: a value, or none.
type register struct {
	value string
	found bool
}

// after returns the register after op, a put or an append.
func (r register) after(op pbservice.Op) register {
	if op.Kind == pbservice.Append {
		return register{r.value + op.Value, true}
	}
	return register{op.Value, true}
}

func (r register) String() string {
	if !r.found {
		return "nothing"
	}
	return strconv.Quote(r.value)
}

// judge checks linearizability of the history of one key while the history grows (Wing and Gong's search, made
// incremental). A judge keeps the configurations that explain all answers so far, and nothing else of the past, so
// that two histories with the same possible futures have equal judges, and count as one state. Real-time order is
// kept too: an operation that has returned is part of every configuration, before all that begins later.
// Immutable; states share judges.
type judge struct {
	open           []pbservice.Op  // operations without an answer, in the order in which they began
	configurations []configuration // in no order; none if no order of the operations explains the answers

	version uint64 // tells it from all others of its stock; 0: it is of none
}

// configuration is one way in which the answers can have come about: what the key holds, and which open operations
// have been linearized. Open operations are linearized no earlier than an answer needs it.
type configuration struct {
	register
	ops      []opState // of the open operations, in the order of judge.open
	anything bool      // the key may hold anything, now and later: the only configuration of its judge
}

// opState says whether an open operation has been linearized.
type opState struct {
	linearized bool
	saw        register // what a linearized get will return
}

// newJudge returns the judge of an empty history in which the key holds r.
func newJudge(r register) *judge { return &judge{configurations: []configuration{{register: r}}} }

// allExplained is the judge of a key of which nothing is known: it explains every answer.
var allExplained = &judge{configurations: []configuration{{anything: true}}}

// judges reports whether there is an answer that j does not explain.
func (j *judge) judges() bool { return len(j.configurations) != 1 || !j.configurations[0].anything }

// begin returns the judge after a client has called op.
func (j *judge) begin(op pbservice.Op) *judge {
	if !j.judges() {
		return j
	}
	n := &judge{open: append(slices.Clip(j.open), op)}
	for _, c := range j.configurations {
		n.configurations = append(n.configurations, configuration{register: c.register, ops: append(slices.Clip(c.ops), opState{})})
	}
	return n
}

// end returns the judge after operation seq of client has returned; saw is what a get has returned.
func (j *judge) end(client string, seq uint64, saw register) *judge {
	at := j.find(client, seq)
	if at < 0 {
		return j
	}
	var kept []configuration
	for _, c := range j.configurations {
		j.extend(c, at, func(c configuration) {
			if j.open[at].Kind == pbservice.Get && c.ops[at].saw != saw {
				return
			}
			kept = c.without(at, kept)
		})
	}
	return &judge{open: slices.Delete(slices.Clone(j.open), at, at+1), configurations: kept}
}

// find returns the index of an open operation, -1 if it is not open.
func (j *judge) find(client string, seq uint64) int {
	return slices.IndexFunc(j.open, func(o pbservice.Op) bool { return o.Client == client && o.Seq == seq })
}

// forget returns the judge without the open operation at that index, of which no answer will come, and the configurations
// that keep wants.
func (j *judge) forget(at int, keep func(opState) bool) *judge {
	var kept []configuration
	for _, c := range j.configurations {
		if keep(c.ops[at]) {
			kept = c.without(at, kept)
		}
	}
	return &judge{open: slices.Delete(slices.Clone(j.open), at, at+1), configurations: kept}
}

// without appends c without the open operation at that index to all, unless its like is there.
func (c configuration) without(at int, all []configuration) []configuration {
	c.ops = slices.Delete(slices.Clone(c.ops), at, at+1)
	if !slices.ContainsFunc(all, c.equal) {
		all = append(all, c)
	}
	return all
}

// extend yields every configuration that follows from c by linearizing open operations, operation at last. It yields c
// itself if that operation is linearized already.
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

// linearize returns configuration c after open operation i.
func (j *judge) linearize(c configuration, i int) configuration {
	n := configuration{register: c.register, ops: slices.Clone(c.ops)}
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

// linearizable reports whether some order of the operations explains all answers.
func (j *judge) linearizable() bool { return len(j.configurations) > 0 }

// explains reports whether a get that began and returned now might return r.
func (j *judge) explains(r register) bool {
	for _, c := range j.configurations {
		if c.anything || c.register == r || j.reaches(c, r) {
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

// explained are the values that a get might return which began and returned now; none if it might
// return anything.
func (j *judge) explained() (all []register) {
	var reach func(c configuration)
	reach = func(c configuration) {
		if !slices.Contains(all, c.register) {
			all = append(all, c.register)
		}
		for i, t := range c.ops {
			if !t.linearized && j.open[i].Kind != pbservice.Get {
				reach(j.linearize(c, i))
			}
		}
	}
	if j.judges() {
		for _, c := range j.configurations {
			reach(c)
		}
	}
	slices.SortFunc(all, func(a, b register) int {
		return cmp.Or(cmp.Compare(len(a.value), len(b.value)), strings.Compare(a.String(), b.String()))
	})
	return all
}

// mostOpen is how many operations may be open in a judge whose form is asked for: one of each client, and those that were given
// up before the search.
const mostOpen = MaxClients + mostGivenUp

// appendCanon appends the judge under the names of as. Judges that differ only in the order in which their operations
// began give equal bytes.
func (j *judge) appendCanon(b []byte, as *renaming) []byte {
	var order [mostOpen]byte
	for i := range j.open {
		order[i] = byte(i)
	}
	b = append(b, byte(len(j.open)), byte(len(j.configurations)))
	b = as.sorted(b, len(j.open), order[:], func(b []byte, i int) []byte { return j.open[i].AppendCanon(b, as) })
	return as.sorted(b, len(j.configurations), nil, func(b []byte, i int) []byte {
		r := &j.configurations[i]
		if r.anything {
			return append(b, 2)
		}
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
