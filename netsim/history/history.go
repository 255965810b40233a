package history

import (
	"errors"
	"sync"
	"time"

	"cluster/splitbrain/pbservice"
)

// Operation is one operation of one client, as the client saw it.
type Operation struct {
	Client string
	Kind   pbservice.OpKind
	Key    string
	Value  string // what was put or appended
	Call   time.Duration
	Return time.Duration // meaningful only with a known Outcome
	Outcome
}

// Outcome is how an operation ended. The zero Outcome is unknown: the operation may have happened at any time since
// its call, may still happen, or never (C2).
type Outcome struct {
	Known   bool
	Refused bool   // known to have changed nothing (S13)
	Found   bool   // of a get
	Got     string // of a get
}

// Recorder gathers operations as they run. Safe for concurrent use.
type Recorder struct {
	mu  sync.Mutex // guards ops
	ops []Operation
}

// Call notes that client begins op at time now, and returns the name under which its end is noted.
func (r *Recorder) Call(client string, op pbservice.Op, now time.Duration) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ops = append(r.ops, Operation{Client: client, Kind: op.Kind, Key: op.Key, Value: op.Value, Call: now})
	return len(r.ops) - 1
}

// Return notes how the operation of that name ended. One that never ends stays unknown.
func (r *Recorder) Return(id int, now time.Duration, o Outcome) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ops[id].Return, r.ops[id].Outcome = now, o
}

// Operations is the history so far, in the order of calls.
func (r *Recorder) Operations() []Operation {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Operation(nil), r.ops...)
}

// OutcomeOf is how an operation ended whose Clerk returned this.
func OutcomeOf(reply pbservice.Reply, err error) Outcome {
	if _, refused := errors.AsType[*pbservice.RefusedError](err); refused {
		return Outcome{Known: true, Refused: true}
	}
	if err != nil {
		return Outcome{}
	}
	return Outcome{Known: true, Found: reply.Err == pbservice.OK, Got: reply.Value}
}
