package history

import (
	"cmp"
	"slices"
	"time"

	"cluster/splitbrain/pbservice"
)

// Operation is one operation of one client, as the client saw it. Call and Return are times of the cluster's clock.
type Operation struct {
	Client string
	Kind   pbservice.OpKind
	Key    string
	Value  string    // what was put or appended
	If     Condition // of a put
	Call   time.Duration
	Return time.Duration // meaningful only with a known Outcome
	Outcome

	// Called and Returned are the numbers of both events among all of the history, from 1. They say what came first; where
	// any operation has none, the times do, and a call comes before an end of the same time.
	Called, Returned int

	// EmptyIsNone says that an empty value of the key and none are the same to all who use it, as in other people's services.
	// Then no outcome or condition finds an empty one.
	EmptyIsNone bool
}

// Condition is what the key must hold for a put to happen: both are one compare-and-set. The zero Condition demands
// nothing. The services here know no conditions, other people's do.
type Condition struct {
	Demanded bool
	Found    bool
	Text     string
}

func (c *Condition) value() value { return value{c.Found, c.Text} }

// Outcome is how an operation ended. The zero Outcome is unknown: the operation may have happened at any time since
// its call, may still happen, or never (C2).
type Outcome struct {
	Known   bool
	Refused bool   // known to have changed nothing (S13)
	Found   bool   // of a get
	Got     string // of a get
}

// moment is the call of an operation, or its end.
type moment struct {
	op  int
	end bool
}

// moments are the calls of all operations, and the ends of those that are known, in their order.
func moments(ops []Operation) []moment {
	numbered := !slices.ContainsFunc(ops, func(o Operation) bool { return o.Called == 0 })
	at := func(m moment) int64 {
		o := &ops[m.op]
		switch {
		case numbered && m.end:
			return int64(o.Returned)
		case numbered:
			return int64(o.Called)
		case m.end:
			return int64(o.Return)
		}
		return int64(o.Call)
	}
	var all []moment
	for i := range ops {
		all = append(all, moment{op: i})
		if ops[i].Known {
			all = append(all, moment{i, true})
		}
	}
	slices.SortStableFunc(all, func(a, b moment) int {
		if c := cmp.Compare(at(a), at(b)); c != 0 || a.end == b.end {
			return c
		}
		if b.end {
			return -1
		}
		return 1
	})
	return all
}

// String tells the operation and how it ended: `c1 get a → "1"`.
func (o Operation) String() string { return describe(o, o.Outcome) }
