package search

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"cluster/splitbrain/netsim/world"
	"cluster/splitbrain/pbservice"
)

// clientsPast is what the clients of a world have begun and were told before a search of it, by the key. What was never used has
// no entry.
type clientsPast map[string]*keyPast

// keyPast is the past of one key.
type keyPast struct {
	judge   *judge                  // allExplained if there are too many ways in which its past can have come about
	running int                     // operations that have not ended
	givenUp []pbservice.Op          // puts and appends that may have happened or not
	tried   int                     // orders of operations that were tried so far, about
	wrong   string                  // the first answer that no order explains; "" if there is none
	wrote   map[string]pbservice.Op // by client, its newest answered put or append
}

// Limits of what the past of one key may cost. They are beyond what a person does with a few clients; a long load of many
// clients on one key exceeds them.
const (
	mostGivenUp        = 4         // puts and appends that were given up, of which no answer has told yet whether they happened
	mostConfigurations = 200       // ways in which the past can have come about
	mostOrders         = 20_000    // orders that the end of one operation may ask for
	mostTried          = 1_000_000 // and those of all operations
)

// clone returns a copy that can go on.
func (p clientsPast) clone() clientsPast {
	c := clientsPast{}
	for key, k := range p {
		one := *k
		one.givenUp, one.wrote = slices.Clone(k.givenUp), maps.Clone(k.wrote)
		c[key] = &one
	}
	return c
}

// observer tells p what clients do.
func (p clientsPast) observer() *world.Observer {
	return &world.Observer{
		Began: func(_ world.Node, op pbservice.Op, _ time.Duration) { p.began(op) },
		Ended: func(_ world.Node, op pbservice.Op, r pbservice.Reply, err error, _ time.Duration) {
			p[op.Key].ended(op, r, err)
		},
	}
}

func (p clientsPast) began(op pbservice.Op) {
	if p[op.Key] == nil {
		p[op.Key] = &keyPast{judge: newJudge(register{}), wrote: map[string]pbservice.Op{}}
	}
	k := p[op.Key]
	k.running++
	k.judge = k.judge.begin(op)
}

// ended takes in what the client of op was told.
func (k *keyPast) ended(op pbservice.Op, r pbservice.Reply, err error) {
	k.running--
	if err == nil && writes(op) {
		k.wrote[op.Client] = op
	}
	if k.wrong != "" {
		return
	}
	_, refused := errors.AsType[*pbservice.RefusedError](err)
	at := k.judge.find(op.Client, op.Seq)
	switch {
	case err != nil && !refused && writes(op): // it may have happened, may still happen, or never (C2)
		k.givenUp = append(k.givenUp, op)
	case at < 0:
	case refused: // nothing has changed (S13)
		k.judge = k.judge.forget(at, func(o opState) bool { return !o.linearized })
	case err != nil: // a get whose answer nobody hears
		k.judge = k.judge.forget(at, func(opState) bool { return true })
	default:
		k.answered(op, r)
	}
	k.settle()
	if len(k.givenUp) > mostGivenUp || len(k.judge.configurations) > mostConfigurations {
		k.judge = allExplained
	}
}

// answered takes in the answer to op.
func (k *keyPast) answered(op pbservice.Op, r pbservice.Reply) {
	orders := k.orders()
	if k.tried += orders; orders > mostOrders || k.tried > mostTried {
		k.judge = allExplained
		return
	}
	saw := sawOf(op, r)
	if k.judge = k.judge.end(op.Client, op.Seq, saw); k.judge.linearizable() {
		return
	}
	k.wrong = fmt.Sprintf("%s was told that its %s is done", op.Client, op.Says().Words)
	if op.Kind == pbservice.Get {
		k.wrong = fmt.Sprintf("%s was told that %s holds %s", op.Client, op.Key, saw)
	}
}

// wrote is the newest put or append of a client that was answered.
func (p clientsPast) wrote(client string) (newest pbservice.Op) {
	for _, k := range p {
		if op := k.wrote[client]; op.Seq > newest.Seq {
			newest = op
		}
	}
	return newest
}

// settle forgets those operations that were given up of which it is known by now that they have happened.
func (k *keyPast) settle() {
	if k.wrong != "" || !k.judge.judges() {
		return
	}
	k.givenUp = slices.DeleteFunc(k.givenUp, func(op pbservice.Op) bool {
		at := k.judge.find(op.Client, op.Seq)
		if slices.ContainsFunc(k.judge.configurations, func(c configuration) bool { return !c.ops[at].linearized }) {
			return false
		}
		k.judge = k.judge.forget(at, func(opState) bool { return true })
		return true
	})
}

// orders is how many orders of open operations are tried when one of them ends.
func (k *keyPast) orders() (n int) {
	for _, c := range k.judge.configurations {
		others, ways := -1, 1
		for _, o := range c.ops {
			if !o.linearized {
				others++
				ways = min(1+max(others, 0)*ways, mostOrders)
			}
		}
		n += ways
	}
	return n
}

// from returns the judge with which a search begins; ok is false if the past says nothing, and no operation is on its way: then
// the servers say what the key holds.
func (k *keyPast) from() (j *judge, ok bool) {
	return k.judge, k.judge.judges() || k.running > 0 || len(k.givenUp) > 0
}
