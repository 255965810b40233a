package enginetest

import (
	"context"
	"fmt"
	"time"

	"cluster/splitbrain/pbservice"
)

// Operation is an engine.Operation that ends when Ends is closed; nil for one that has ended.
type Operation struct {
	Ends  <-chan struct{}
	Ran   time.Duration
	Reply pbservice.Reply
	Err   error
}

// Done is Ends.
func (o *Operation) Done() <-chan struct{} {
	if o.Ends != nil {
		return o.Ends
	}
	ended := make(chan struct{})
	close(ended)
	return ended
}

// OnDone calls f on a goroutine that ends with the operation.
func (o *Operation) OnDone(f func()) {
	go func() {
		<-o.Done()
		f()
	}()
}

// Result is Reply and Err.
func (o *Operation) Result() (pbservice.Reply, error) { return o.Reply, o.Err }

// Took is Ran.
func (o *Operation) Took() time.Duration { return o.Ran }

// Cancel does nothing.
func (o *Operation) Cancel(error) {}

// Wait changes the result if ctx ends first.
func (o *Operation) Wait(ctx context.Context) (pbservice.Reply, error) {
	select {
	case <-o.Done():
	case <-ctx.Done():
		o.Err = fmt.Errorf("outcome unknown (C2): %w", ctx.Err())
	}
	return o.Result()
}
