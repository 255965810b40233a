package cluster

import (
	"context"
	"slices"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/pbservice"
)

// operation is an engine.Operation.
type operation struct {
	client *client
	op     pbservice.Op
	life   context.Context // ended by Cancel
	cancel context.CancelCauseFunc
	done   chan struct{} // nil if nobody has the handle

	// Guarded by client.mu.
	id    int           // in the history, once it has begun
	began time.Duration // in the cluster's time
	ended bool          // done is closed, or about to be; what follows but then is not changed any more
	took  time.Duration
	reply pbservice.Reply
	err   error
	then  []func()
}

// Invoke gives a client an operation. It runs on a goroutine of its own, which calls what waits for its end, too.
func (c *Cluster) Invoke(client string, op pbservice.Op, _ engine.Start) (engine.Operation, error) {
	k, err := c.client(client)
	if err != nil {
		return nil, err
	}
	o := &operation{client: k, op: op, done: make(chan struct{})}
	o.life, o.cancel = context.WithCancelCause(context.Background())
	begun, err := k.enqueue(o)
	if begun {
		go o.run() // ends with the operation, which Cancel and the Clerk's Close end
	}
	return o, err
}

// Do is Invoke and Wait without a second goroutine, for who gives operations as fast as they end.
func (c *Cluster) Do(ctx context.Context, client string, op pbservice.Op) (pbservice.Reply, error) {
	k, err := c.client(client)
	if err != nil {
		return pbservice.Reply{}, err
	}
	o := &operation{client: k, op: op, life: ctx, cancel: func(error) {}}
	begun, err := k.enqueue(o)
	switch {
	case err != nil:
		return pbservice.Reply{}, err
	case begun:
		o.run()
		return o.Result()
	}
	return o.Wait(ctx)
}

// enqueue reports whether the operation has begun: then it has to run.
func (k *client) enqueue(o *operation) (begun bool, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.closed {
		return false, engine.ErrClosed
	}
	o.op.Client = k.node.Name()
	k.queue = append(k.queue, o)
	if len(k.queue) == 1 {
		k.begin()
		return true, nil
	}
	if o.done == nil {
		o.done = make(chan struct{})
	}
	return false, nil
}

// begin begins the first operation of the queue. The caller holds k.mu.
func (k *client) begin() {
	o := k.queue[0]
	o.began = k.now()
	o.id = k.log.Call(o.op.Client, o.op, o.began)
	k.running.Add(1)
}

// run carries out an operation that has begun, begins the next one and calls what waits for the end, before that of the next one can.
func (o *operation) run() {
	k := o.client
	defer k.running.Done()
	reply, err := k.clerk.Do(o.life, o.op)
	now := k.now()
	k.mu.Lock()
	o.took = now - o.began
	outcome := engine.OutcomeOf(reply, err)
	k.last[k.ended%engine.KeptResults] = engine.Done{At: now, Took: o.took, Op: o.op, Reply: reply, Outcome: outcome}
	k.ended++
	k.log.Return(o.id, now, outcome.Seen(reply))
	k.queue = slices.Delete(k.queue, 0, 1)
	var next *operation
	if len(k.queue) > 0 {
		k.begin()
		next = k.queue[0]
	}
	o.end(reply, err)
	k.mu.Unlock()
	o.cancel(nil)
	o.callBack()
	if next != nil {
		go next.run() // ends as in Invoke
	}
}

// end makes the result known. The caller holds client.mu, and calls callBack without it.
func (o *operation) end(reply pbservice.Reply, err error) {
	o.reply, o.err, o.ended = reply, err, true
	if o.done != nil {
		close(o.done)
	}
}

// callBack calls what waits for the end.
func (o *operation) callBack() {
	for _, f := range o.then {
		f()
	}
}

// Cancel gives the operation up.
func (o *operation) Cancel(why error) {
	k := o.client
	k.mu.Lock()
	defer k.mu.Unlock()
	i := slices.Index(k.queue, o)
	if i <= 0 { // it has ended, or runs
		o.cancel(why)
		return
	}
	k.queue = slices.Delete(k.queue, i, i+1)
	o.end(pbservice.Reply{}, &engine.NotSentError{Client: o.op.Client, Err: why})
	k.running.Go(o.callBack)
}

// OnDone calls f when the operation has ended.
func (o *operation) OnDone(f func()) {
	k := o.client
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case !o.ended:
		o.then = append(o.then, f)
	case !k.closed:
		k.running.Go(f)
	}
}

// Wait waits for the operation's end.
func (o *operation) Wait(ctx context.Context) (pbservice.Reply, error) {
	o.client.time.wait(+1)
	defer o.client.time.wait(-1)
	select {
	case <-o.done:
	case <-ctx.Done():
		o.Cancel(ctx.Err())
		<-o.done
	}
	return o.Result()
}

// Done is closed when the operation has ended.
func (o *operation) Done() <-chan struct{} { return o.done }

// Result is what the operation came to.
func (o *operation) Result() (pbservice.Reply, error) { return o.reply, o.err }

// Took is how long the operation ran.
func (o *operation) Took() time.Duration { return o.took }
