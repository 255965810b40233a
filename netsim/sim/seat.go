package sim

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/env"
	"cluster/splitbrain/netsim/world"
	"cluster/splitbrain/pbservice"
)

// ErrRewound says that the world went to another step while an operation or a wait was under way.
var ErrRewound = errors.New("the world went to another step")

// keptResults is how many results of a client are remembered.
const keptResults = 8

// seat is where a client's operations wait for their turn. Guarded by Engine.mu, as Pending is.
type seat struct {
	node  world.Node
	queue []*Pending     // the first may have begun
	last  []*engine.Done // newest first, keptResults at most
}

// Pending is an operation that was given to a client.
type Pending struct {
	engine *Engine
	seat   *seat
	op     pbservice.Op
	aside  bool // who waits for it does not let time go
	later  bool // it begins only while time goes
	begun  bool
	done   chan struct{} // closed when reply and err are set
	reply  pbservice.Reply
	err    error
}

// Go gives a client an operation, which begins before Go returns if the client runs no other.
func (e *Engine) Go(client string, op pbservice.Op) (*Pending, error) {
	return e.submit(context.Background(), client, op)
}

// submit is Go for whoever ctx is of. What goes on aside by itself begins only while time goes: nobody who went back to
// look wants a new branch.
func (e *Engine) submit(ctx context.Context, client string, op pbservice.Op) (*Pending, error) {
	aside := engine.IsAside(ctx)
	e.mu.Lock()
	defer e.mu.Unlock()
	e.back(aside)
	if err := e.ready(client); err != nil {
		return nil, err
	}
	n, _ := world.ParseNode(client)
	if !n.IsClient() {
		return nil, fmt.Errorf("%s is no client: only clients run operations", client)
	}
	s := e.seats[n.Index()]
	p := &Pending{engine: e, seat: s, op: op, aside: aside, later: !engine.BeginsAtOnce(ctx), done: make(chan struct{})}
	s.queue = append(s.queue, p)
	e.seatNext(s)
	e.kick()
	return p, nil
}

// Wait waits for the operation's end. When ctx ends first the operation is given up.
func (p *Pending) Wait(ctx context.Context) (pbservice.Reply, error) {
	e := p.engine
	if err := e.await(ctx, p.done); err == nil {
		return p.reply, p.err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if !isClosed(p.done) {
		p.abandon(ctx.Err())
	}
	return p.reply, p.err
}

// abandon gives the operation up.
func (p *Pending) abandon(why error) {
	e := p.engine
	if p.begun {
		e.catchUp()
	}
	switch {
	case isClosed(p.done): // in the meantime
	case !p.begun:
		p.seat.queue = slices.DeleteFunc(p.seat.queue, func(q *Pending) bool { return q == p })
		p.end(pbservice.Reply{}, fmt.Errorf("not sent: %s runs another operation: %w", p.seat.node, why))
	default:
		abort := world.Action{Kind: world.Cancel, Node: p.seat.node, Details: &world.Details{Text: why.Error()}}
		if err := e.command(abort); err != nil {
			panic(fmt.Sprintf("%v: %v", abort, err))
		}
	}
}

func (p *Pending) end(r pbservice.Reply, err error) {
	p.reply, p.err = r, err
	close(p.done)
}

// settle tells who waits for an operation that it has ended, and lets the client's next one begin.
func (e *Engine) settle(o result) {
	if o.done == nil {
		return
	}
	s := e.seats[o.client.Index()]
	if len(s.last) < keptResults {
		s.last = append(s.last, nil)
	}
	copy(s.last[1:], s.last)
	s.last[0] = o.done
	if len(s.queue) > 0 && s.queue[0].begun {
		p := s.queue[0]
		s.queue = s.queue[1:]
		p.end(o.reply, o.err)
		e.wakes(p.aside)
	}
	e.seatNext(s)
}

// seatNext begins the next operation of a client that runs none.
func (e *Engine) seatNext(s *seat) {
	if len(s.queue) == 0 || s.queue[0].begun || e.world.Running(s.node) || e.closed {
		return
	}
	if s.queue[0].later && e.paused {
		return
	}
	s.queue[0].begun = true
	begin := world.Action{Kind: world.Invoke, Node: s.node, Details: &world.Details{Op: s.queue[0].op}}
	if err := e.command(begin); err != nil {
		panic(fmt.Sprintf("%v: %v", begin, err))
	}
}

// giveUp ends everything that waits at the seat.
func (s *seat) giveUp(w *world.World, why error) {
	for _, p := range s.queue {
		text := "an earlier operation of the client runs"
		if p.begun {
			text = w.ClerkCore(s.node).Progress().Why
		}
		if text == "" {
			text = w.ClerkCore(s.node).Progress().Server + " has not answered"
		}
		if !p.begun && why == env.ErrClosed {
			text = "the client was closed"
		}
		op := p.op
		op.Client = s.node.String()
		p.end(pbservice.Reply{}, &pbservice.UnknownOutcomeError{Op: op, Why: text, Err: why})
	}
	s.queue = nil
}

func isClosed(ch <-chan struct{}) bool {
	select {
	case <-ch:
		return true
	default:
		return false
	}
}
