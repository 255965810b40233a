package history

import (
	"time"

	"cluster/splitbrain/pbservice"
)

// Operation is one operation of one client, as the client saw it. Call and Return are times of the cluster's clock.
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

// String tells the operation and how it ended: `c1 get a → "1"`.
func (o Operation) String() string { return describe(o, o.Outcome) }
