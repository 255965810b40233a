package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cluster/splitbrain/pbservice"
)

// Operation is one operation that a client was given. Safe for concurrent use.
type Operation interface {
	// Done is closed when the operation has ended.
	Done() <-chan struct{}
	// OnDone lets the engine call f once, as After does, when the operation has ended; several functions are called in
	// the order in which they came, and those of one client's operations that were begun in the order of these.
	OnDone(f func())
	// Result is what the operation came to, and may be asked for once Done is closed. The error is that of pbservice's
	// Clerk.Do, or a *NotSentError.
	Result() (pbservice.Reply, error)
	// Took is how long the operation ran, in the cluster's time. It may be asked for once Done is closed.
	Took() time.Duration
	// Cancel gives the operation up: it ends soon, with why in its error. One that has ended stays as it is.
	Cancel(why error)
	// Wait waits for the end, and cancels the operation when ctx ends first. On an engine whose time goes only on demand
	// this is such a demand.
	Wait(ctx context.Context) (pbservice.Reply, error)
}

// Start says when an operation may begin whose client is idle.
type Start uint8

const (
	// AtOnce begins an operation whenever its client is idle, even while the past is looked at: that begins a new branch.
	AtOnce Start = iota
	// InTime begins an operation only while time goes. It is for what goes on by itself: who looks at the past wants no
	// new branch there. An engine that has no past may begin it earlier.
	InTime
)

// ErrRewound says that the world went to another step while an operation or a wait was under way.
var ErrRewound = errors.New("the world went to another step")

// NotSentError says that an operation was given up before its turn came: it never happened.
type NotSentError struct {
	Client string
	Err    error // why it was given up
}

func (e *NotSentError) Error() string {
	return fmt.Sprintf("not sent: %s runs another operation: %v", e.Client, e.Err)
}

func (e *NotSentError) Unwrap() error { return e.Err }

// Do gives a client an operation and waits for its end, or until ctx ends.
func Do(ctx context.Context, e Engine, client string, op pbservice.Op) (pbservice.Reply, error) {
	o, err := e.Invoke(client, op, AtOnce)
	if err != nil {
		return pbservice.Reply{}, err
	}
	return o.Wait(ctx)
}
