package history

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"cluster/splitbrain/pbservice"
)

// occasion is the call or the end of an operation.
type occasion struct {
	at  time.Duration
	op  int
	end bool
}

func occasions(ops []Operation) []occasion {
	var all []occasion
	for i, o := range ops {
		all = append(all, occasion{o.Call, i, false})
		if o.Known {
			all = append(all, occasion{o.Return, i, true})
		} else if o.Return > 0 { // given up
			all = append(all, occasion{o.Return, i, true})
		}
	}
	slices.SortStableFunc(all, func(a, b occasion) int {
		if a.at == b.at && a.end != b.end {
			if b.end {
				return -1
			}
			return 1
		}
		return cmp.Compare(a.at, b.at)
	})
	return all
}

// replay plays a history into a recorder, and calls between after each call and end.
func replay(r *Recorder, ops []Operation, between func()) {
	ids := make([]int, len(ops))
	for _, o := range occasions(ops) {
		op := ops[o.op]
		if o.end {
			r.Return(ids[o.op], o.at, op.Outcome)
		} else {
			ids[o.op] = r.Call(op.Client, pbservice.Op{Kind: op.Kind, Key: op.Key, Value: op.Value}, o.at)
		}
		between()
	}
}

// simulation has clients of one correct service.
type simulation struct {
	random  *rand.Rand
	clients int
	keys    int
	values  func(n int) string // to write
	unknown float64            // probability that a client gives up
	appends bool
	spread  int // operations take about so many steps

	emptyIsNone bool // as in other people's services
}

// run returns a linearizable history of about n operations: each happens at one moment between call and end.
func (s simulation) run(n int) []Operation {
	type running struct {
		op   int
		done bool
	}
	var ops []Operation
	state := map[string]value{}
	busy := make([]*running, s.clients)
	var late []int // given up, and may still happen
	happen := func(i int) {
		o := &ops[i]
		o.Found, o.Got = state[o.Key].found, state[o.Key].text
		state[o.Key] = state[o.Key].after(o)
	}
	for at := time.Duration(1); len(ops) < n; {
		if s.random.IntN(3) > 0 {
			at++
		}
		if len(late) > 0 && s.random.IntN(50) == 0 {
			i := s.random.IntN(len(late))
			happen(late[i])
			late = slices.Delete(late, i, i+1)
		}
		c := s.random.IntN(s.clients)
		r := busy[c]
		switch {
		case r == nil:
			ops = append(ops, s.call(c, len(ops), at))
			busy[c] = &running{op: len(ops) - 1}
		case s.random.IntN(s.spread) > 0:
		case s.random.Float64() < s.unknown:
			ops[r.op].Return = at
			if !r.done && s.random.IntN(2) == 0 {
				late = append(late, r.op)
			}
			busy[c] = nil
		case !r.done:
			happen(r.op)
			r.done = true
		default:
			ops[r.op].Return, ops[r.op].Known = at, true
			busy[c] = nil
		}
	}
	for i := range ops {
		if o := &ops[i]; !o.Known || o.Kind != pbservice.Get {
			o.Got, o.Found = "", false
		}
	}
	return ops
}

func (s simulation) call(c, n int, at time.Duration) Operation {
	kinds := []pbservice.OpKind{pbservice.Get, pbservice.Get, pbservice.Put, pbservice.Append}
	kind := kinds[s.random.IntN(len(kinds))]
	if kind == pbservice.Append && !s.appends {
		kind = pbservice.Put
	}
	o := Operation{Client: fmt.Sprintf("c%d", c+1), Kind: kind, Key: fmt.Sprintf("k%d", s.random.IntN(s.keys)), Call: at, EmptyIsNone: s.emptyIsNone}
	if kind != pbservice.Get {
		o.Value = s.values(n)
	}
	return o
}

// spoil changes what one get has returned into what another has, which most histories don't survive.
func spoil(random *rand.Rand, ops []Operation) {
	var gets []int
	for i, o := range ops {
		if o.Kind == pbservice.Get && o.Known {
			gets = append(gets, i)
		}
	}
	if len(gets) == 0 {
		return
	}
	to, from := &ops[gets[random.IntN(len(gets))]], ops[gets[random.IntN(len(gets))]]
	to.Found, to.Got = from.Found, from.Got
	if random.IntN(4) == 0 {
		to.Found, to.Got = true, to.Got+"x"
	}
}
