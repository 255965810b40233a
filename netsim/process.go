package netsim

import (
	"net/rpc"
	"slices"
	"sync"

	"cluster/splitbrain/netsim/env"
)

// Process is one boot of a node's program. Clock and Dial are all that the program needs of package env. Safe for
// concurrent use.
type Process struct {
	node  *Node
	boot  int
	clock *nodeClock

	// Guarded by node.net.mu.
	serve func(rpc.ServerCodec) // nil until it listens
	gone  bool

	mu    sync.Mutex // guards conns
	conns []conn     // in the order in which they were made; none once the process is gone
}

// conn is a connection of a process: an endpoint, or an observer's.
type conn interface {
	freeze()
	thaw()
	sever(*closeReason) // ends this side at once
	announce()          // lets the other side learn that this side has ended, if links allow
}

// Node returns the node that the process runs on.
func (p *Process) Node() *Node { return p.node }

// Boot returns the number of the process among those of its node, from 1.
func (p *Process) Boot() int { return p.boot }

// Clock returns the process's clock, which goes along the network's but stands still while the process is frozen, so that
// it falls behind, and for ever once the process has ended. Its timers stand still likewise.
func (p *Process) Clock() env.Clock { return p.clock }

// Serve makes the process listen: from now on accept is called for each connection made to it, in a goroutine of
// its own, and returns when that connection ends, as (*rpc.Server).ServeCodec does. A later Serve replaces accept.
func (p *Process) Serve(accept func(rpc.ServerCodec)) {
	n := p.node.net
	n.mu.Lock()
	defer n.mu.Unlock()
	p.serve = accept
}

// Exit is for a process that ends by itself; it does what Crash does. It does nothing once the process has ended.
func (p *Process) Exit() {
	n := p.node.net
	n.mu.Lock()
	defer n.mu.Unlock()
	if !p.gone {
		p.node.end(Stopped, NodeExited)
	}
}

// adopt makes c one of the process's connections. The caller holds node.net.mu, and p is not gone.
func (p *Process) adopt(c conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.conns = append(p.conns, c)
}

// forget drops a connection that has ended.
func (p *Process) forget(c conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.conns = slices.DeleteFunc(p.conns, func(other conn) bool { return other == c })
}

func (p *Process) eachConn(f func(conn)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.conns {
		f(c)
	}
}

// stop ends the process. The caller holds node.net.mu.
func (p *Process) stop(why *closeReason) {
	p.gone = true
	p.clock.end()
	p.mu.Lock()
	conns := p.conns
	p.conns = nil
	p.mu.Unlock()
	// All connections are severed first, so that nothing is written or delivered any more once the lock of each link was
	// held. The resets come last: they must not overtake what was sent before.
	for _, c := range conns {
		c.sever(why)
	}
	n := p.node.net
	for _, other := range n.nodes {
		n.link(p.node, other).dropFrom(why.why)
		n.link(other, p.node).dropTo(why.why)
	}
	for _, c := range conns {
		c.announce()
	}
}
