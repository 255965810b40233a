package sim

import (
	"context"
	"fmt"
	"slices"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/env"
	"cluster/splitbrain/netsim/world"
	"cluster/splitbrain/pbservice"
)

// clientQueue is where a client's operations wait for their turn. Guarded by Engine.mu, as operations are.
type clientQueue struct {
	node world.Node
	ops  []*operation   // the first may have begun
	last []*engine.Done // newest first, engine.KeptResults at most
}

// operation is an engine.Operation.
type operation struct {
	engine *Engine
	queue  *clientQueue
	op     pbservice.Op
	start  engine.Start
	begun  bool
	then   []func()
	done   chan struct{} // closed when what follows is set
	took   time.Duration
	reply  pbservice.Reply
	err    error
}

// Invoke gives a client an operation.
func (e *Engine) Invoke(client string, op pbservice.Op, start engine.Start) (engine.Operation, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := e.ready(client); err != nil {
		return nil, err
	}
	n, _ := world.ParseNode(client)
	if !n.IsClient() {
		return nil, fmt.Errorf("%s is no client: only clients run operations", client)
	}
	q := e.queues[n.Index()]
	o := &operation{engine: e, queue: q, op: op, start: start, done: make(chan struct{})}
	q.ops = append(q.ops, o)
	e.beginNext(q)
	e.wake()
	return o, nil
}

// Done is closed when the operation has ended.
func (o *operation) Done() <-chan struct{} { return o.done }

// Result is what the operation came to.
func (o *operation) Result() (pbservice.Reply, error) { return o.reply, o.err }

// Took is how long the operation ran.
func (o *operation) Took() time.Duration { return o.took }

// OnDone lets f be called when the operation has ended, before time goes on.
func (o *operation) OnDone(f func()) {
	o.engine.mu.Lock()
	defer o.engine.mu.Unlock()
	if isClosed(o.done) {
		o.engine.addCallback(f)
		return
	}
	o.then = append(o.then, f)
}

// Wait waits for the operation's end. In manual time it makes time go meanwhile.
func (o *operation) Wait(ctx context.Context) (pbservice.Reply, error) {
	if err := o.engine.await(ctx, o.done); err != nil {
		o.Cancel(err)
	}
	return o.reply, o.err
}

// Cancel gives the operation up. It has ended when Cancel returns.
func (o *operation) Cancel(why error) {
	e := o.engine
	e.mu.Lock()
	defer e.mu.Unlock()
	e.catchUp()
	switch {
	case isClosed(o.done):
	case !o.begun:
		o.queue.ops = slices.DeleteFunc(o.queue.ops, func(other *operation) bool { return other == o })
		o.end(pbservice.Reply{}, &engine.NotSentError{Client: o.queue.node.String(), Err: why})
	default:
		cancel := world.Action{Kind: world.Cancel, Node: o.queue.node, Details: &world.Details{Text: why.Error()}}
		if err := e.command(cancel); err != nil {
			panic(fmt.Sprintf("%v: %v", cancel, err))
		}
	}
}

// end makes the result known.
func (o *operation) end(r pbservice.Reply, err error) {
	o.reply, o.err = r, err
	close(o.done)
	for _, f := range o.then {
		o.engine.addCallback(f)
	}
}

// settle ends an operation of the world, and lets the client's next one begin.
func (e *Engine) settle(r result) {
	if r.done == nil {
		return
	}
	q := e.queues[r.client.Index()]
	q.last = slices.Insert(q.last, 0, r.done)
	q.last = q.last[:min(len(q.last), engine.KeptResults)]
	if len(q.ops) > 0 && q.ops[0].begun {
		o := q.ops[0]
		q.ops = slices.Delete(q.ops, 0, 1)
		o.took = r.done.Took
		o.end(r.done.Reply, r.err)
	}
	e.beginNext(q)
}

// beginNext begins the next operation of a client that runs none.
func (e *Engine) beginNext(q *clientQueue) {
	if len(q.ops) == 0 || q.ops[0].begun || e.world.Running(q.node) || e.closed {
		return
	}
	o := q.ops[0]
	if o.start == engine.InTime && e.paused {
		return
	}
	o.begun = true
	invoke := world.Action{Kind: world.Invoke, Node: q.node, Details: &world.Details{Op: o.op}}
	if err := e.command(invoke); err != nil {
		panic(fmt.Sprintf("%v: %v", invoke, err))
	}
}

// giveUp ends every operation of the queue with an unknown outcome.
func (q *clientQueue) giveUp(w *world.World, why error) {
	for _, o := range q.ops {
		text := "an earlier operation of the client runs"
		switch {
		case o.begun:
			text = w.ClerkCore(q.node).Progress().Unanswered()
		case why == env.ErrClosed:
			text = "the client was closed"
		}
		op := o.op
		op.Client = q.node.String()
		o.end(pbservice.Reply{}, &pbservice.UnknownOutcomeError{Op: op, Why: text, Err: why})
	}
	q.ops = nil
}

func isClosed(ch <-chan struct{}) bool {
	select {
	case <-ch:
		return true
	default:
		return false
	}
}
