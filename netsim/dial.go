package netsim

import (
	"context"
	"fmt"
	"net/rpc"
	"slices"
)

// dial is an attempt of a process to connect. Guarded by net.mu.
type dial struct {
	from    *Process
	addr    string
	seq     uint64 // from nextSeq, when the dial had to wait for time to go on; 0 before
	granted bool   // a step lets the dial happen though time is paused
}

// Dial connects to the process on the node addr. It is an env.Dialer.
//
// While one of the two links is cut, the dialling process is frozen, or time is paused, Dial waits until that changes or
// ctx ends; other faults don't concern it. A frozen process at addr is connected to, since its machine accepts. Where no
// process listens Dial fails with ErrRefused, and with ErrGone or ErrClosed once the dialling process or the network has
// ended.
func (p *Process) Dial(ctx context.Context, addr string) (rpc.ClientCodec, error) {
	n := p.node.net
	d := &dial{from: p, addr: addr}
	waited := ""
	for {
		codec, wait, err := n.try(d)
		if err != nil {
			return nil, fmt.Errorf("%s dials %s: %w", p.node.name, addr, err)
		}
		if codec != nil {
			return codec, nil
		}
		if wait.why != waited {
			waited = wait.why
			n.trace.recordWatched(TraceEvent{Kind: DialWaiting, From: p.node.name, To: addr, Why: wait.why})
		}
		select {
		case <-wait.change:
		case <-ctx.Done():
			n.giveUp(d)
			return nil, fmt.Errorf("%s dials %s: %s: %w", p.node.name, addr, wait.why, ctx.Err())
		}
	}
}

// wait is what a dial waits for.
type wait struct {
	why    string
	change <-chan struct{} // closed when the dial should try again
}

// try connects, fails, or says what to wait for.
func (n *Network) try(d *dial) (rpc.ClientCodec, wait, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.forget(d)
	p := d.from
	to, err := n.node(d.addr)
	if err != nil {
		return nil, wait{}, err
	}
	if p.gone {
		return nil, wait{}, ErrGone
	}
	if why := p.node.blockedBy(to); why != "" {
		return nil, wait{why, n.change}, nil
	}
	if n.stands() && !d.granted {
		n.remember(d)
		return nil, wait{"time stands", n.change}, nil
	}
	if why := to.refusal(); why != "" {
		n.trace.recordWatched(TraceEvent{Kind: DialRefused, From: p.node.name, To: d.addr, Why: why})
		return nil, wait{}, fmt.Errorf("%w: %s", ErrRefused, why)
	}
	return n.connect(p, to.process), wait{}, nil
}

func (n *Network) giveUp(d *dial) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.forget(d)
}

// remember puts d among the dials that a step can let happen.
func (n *Network) remember(d *dial) {
	if d.seq == 0 {
		d.seq = n.nextSeq()
	}
	n.dials = append(n.dials, d)
}

func (n *Network) forget(d *dial) {
	n.dials = slices.DeleteFunc(n.dials, func(other *dial) bool { return other == d })
}
