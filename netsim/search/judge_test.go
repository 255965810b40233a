package search

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"cluster/splitbrain/netsim/history"
	"cluster/splitbrain/pbservice"

	"github.com/anishathalye/porcupine"
)

// past is a random history, told to the judge, to the past of a key and to porcupine at once.
type past struct {
	*rand.Rand
	judge *judge
	key   clientsPast
	value register // of a register that is true most of the time
	ops   []history.Operation
	runs  []int // by client: its operation, -1 for none
	took  []register
	left  int // operations that may be given up or refused
	now   int
}

func (p *past) step(lies float64) {
	p.now++
	client := p.IntN(len(p.runs))
	switch i := p.runs[client]; {
	case i < 0:
		p.begin(client)
	case p.IntN(3) == 0: // its turn may come again: a doubled append
		if p.took[i] == (register{}) || p.Float64() < lies {
			p.turn(i)
		}
	case p.left > 0 && p.IntN(8) == 0:
		p.left--
		p.leave(client)
	case p.Float64() < 0.8:
		p.end(client, lies)
	}
}

func (p *past) begin(client int) {
	op := pbservice.Op{Kind: pbservice.OpKind(p.IntN(3)), Key: "k", Client: fmt.Sprint("c", client), Seq: uint64(len(p.ops) + 1)}
	if op.Kind != pbservice.Get {
		op.Value = fmt.Sprintf("[%d]", p.IntN(3))
	}
	p.judge = p.judge.begin(op)
	p.key.began(op)
	p.runs[client] = len(p.ops)
	p.took = append(p.took, register{})
	p.ops = append(p.ops, history.Operation{
		Client: op.Client, Kind: op.Kind, Key: "k", Value: op.Value, Call: time.Duration(p.now),
	})
}

func (p *past) turn(i int) {
	op := p.ops[i]
	if op.Kind != pbservice.Get {
		p.value = p.value.after(pbservice.Op{Kind: op.Kind, Value: op.Value})
	}
	p.took[i] = register{p.value.value, true}
	p.ops[i].Found, p.ops[i].Got = p.value.found, p.value.value
}

func (p *past) end(client int, lies float64) {
	i := p.runs[client]
	if p.took[i] == (register{}) && p.Float64() >= lies {
		p.turn(i)
	}
	saw := register{p.ops[i].Got, p.ops[i].Found}
	p.judge = p.judge.end(p.ops[i].Client, uint64(i+1), saw)
	reply := pbservice.Reply{Err: pbservice.OK, Value: saw.value}
	if !saw.found {
		reply.Err = pbservice.NoKey
	}
	p.key["k"].ended(p.op(i), reply, nil)
	p.ops[i].Return, p.ops[i].Known = time.Duration(p.now), true
	p.runs[client] = -1
}

// leave ends the operation of a client without an answer, or, if its turn has not come, with a refusal.
func (p *past) leave(client int) {
	i := p.runs[client]
	p.runs[client] = -1
	op := p.op(i)
	if p.took[i] != (register{}) || p.IntN(2) == 0 {
		p.key["k"].ended(op, pbservice.Reply{}, errors.New("given up"))
		return
	}
	p.key["k"].ended(op, pbservice.Reply{}, &pbservice.RefusedError{})
	p.judge = p.judge.forget(p.judge.find(op.Client, op.Seq), func(o opState) bool { return !o.linearized })
	p.ops[i].Refused = true
}

// op is operation i as its client has sent it.
func (p *past) op(i int) pbservice.Op {
	o := p.ops[i]
	return pbservice.Op{Kind: o.Kind, Key: o.Key, Value: o.Value, Client: o.Client, Seq: uint64(i + 1)}
}

// linearizable is porcupine's word.
func (p *past) linearizable() bool { return porcupine.CheckOperations(trueRegister, p.operations()) }

func (p *past) operations() []porcupine.Operation {
	var all []porcupine.Operation
	for _, op := range p.ops {
		end := int64(op.Return)
		if op.Refused {
			continue
		}
		if !op.Known {
			if op.Kind == pbservice.Get {
				continue
			}
			end = math.MaxInt64
		}
		all = append(all, porcupine.Operation{Input: op, Output: op.Outcome, Call: int64(op.Call), Return: end})
	}
	return all
}

var trueRegister = porcupine.Model{
	Init: func() any { return register{} },
	Step: func(state, input, output any) (bool, any) {
		r, op, out := state.(register), input.(history.Operation), output.(history.Outcome)
		if op.Kind == pbservice.Get {
			return r.found == out.Found && r.value == out.Got, r
		}
		return true, r.after(pbservice.Op{Kind: op.Kind, Value: op.Value})
	},
}

func TestTheJudgeAgreesWithPorcupine(t *testing.T) {
	unraced(t)
	good, bad, explained, unexplained, settled, hard := 0, 0, 0, 0, 0, 0
	for seed := range uint64(12_000) {
		p := &past{Rand: rand.New(rand.NewPCG(seed, 0)), judge: newJudge(register{}), runs: []int{-1, -1, -1, -1}[:2+seed%3], left: int(seed % 2 * 2)}
		p.key = clientsPast{"k": {judge: newJudge(register{}), wrote: map[string]pbservice.Op{}}}
		lies := []float64{0, 0.1, 0.3}[seed/3%3]
		for range 4 + p.IntN(20) {
			p.step(lies)
		}
		want := p.linearizable()
		if p.judge.linearizable() != want {
			t.Fatalf("seed %d: the judge says %v, porcupine %v: %+v", seed, p.judge.linearizable(), want, p.ops)
		}
		key := p.key["k"]
		if !key.judge.judges() { // too hard
			hard++
			key = &keyPast{judge: p.judge}
			if !want {
				key.wrong = "not asked"
			}
		}
		if key.judge.linearizable() != want || (key.wrong == "") != want {
			t.Fatalf("seed %d: the past says %v and %q, porcupine %v: %+v", seed, key.judge.linearizable(), key.wrong, want, p.ops)
		}
		if !want {
			bad++
			continue
		}
		good++
		if len(key.judge.open) < len(p.judge.open) {
			settled++
		}
		if guess := p.guess(); p.explained(guess) {
			explained++
		} else {
			unexplained++
		}
		if guess := p.guess(); p.judge.explains(guess) != p.explained(guess) || key.judge.explains(guess) != p.explained(guess) {
			t.Fatalf("seed %d: the judge explains %v: %v; the past: %v: %+v", seed, guess, p.judge.explains(guess), key.judge.explains(guess), p.ops)
		}
	}
	if min(good, bad, explained, unexplained) < 1000 || settled < 500 || hard > 100 {
		t.Errorf("%d good histories, %d bad; %d good guesses, %d bad; %d with operations of which it is known what became of them: too few of one kind; %d too hard",
			good, bad, explained, unexplained, settled, hard)
	}
}

// guess is a value that the key may have, or not.
func (p *past) guess() register {
	if p.IntN(2) == 0 || len(p.took) == 0 {
		return p.value
	}
	r := p.took[p.IntN(len(p.took))]
	return register{r.value, r.value != ""}
}

// explained reports whether a get of everything's end might see r.
func (p *past) explained(r register) bool {
	get := porcupine.Operation{
		Input: history.Operation{Kind: pbservice.Get}, Output: history.Outcome{Found: r.found, Got: r.value},
		Call: int64(p.now + 1), Return: int64(p.now + 2),
	}
	return porcupine.CheckOperations(trueRegister, append(p.operations(), get))
}
