package netsim

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"cluster/splitbrain/netsim/env"
)

var (
	// ErrClosed says that the network is closed.
	ErrClosed = errors.New("the network is closed")
	// ErrRefused says that nobody listens at an address. Dial wraps it.
	ErrRefused = errors.New("connection refused")
	// ErrReset says that the process at the other end of a connection is gone.
	ErrReset = errors.New("connection reset")
	// ErrGone says that the process has ended that uses a connection or dials.
	ErrGone = errors.New("the process has ended")
)

const (
	defaultTraceLen = 4096
	maxName         = 64 // bytes
)

// Config is what a network starts from. The zero value is usable.
type Config struct {
	Seed           uint64        // of the generators of all links, see LinkGenerator
	Latency        time.Duration // that each message takes on a link without faults, in the network's time; not negative
	Clock          env.Clock     // real time, along which the network's own goes; env.System if nil
	TraceLen       int           // how many events the trace remembers; 4096 if not positive
	SeparateMethod string        // the trace remembers TraceLen messages of this method besides, so that they push out no others
}

// Network is a set of named nodes with a directed link for every ordered pair of them. Safe for concurrent use.
//
// Locks are taken in the order Network.mu, link.mu, and then any other; of links one at a time.
type Network struct {
	seed      uint64
	latency   time.Duration
	time      *virtualClock
	clock     *nodeClock // of no node: the network's time itself
	linkClock *nodeClock // the same, for the timers of links, so that a step can tell those from others
	trace     *Trace
	lastMsg   atomic.Uint64  // number of the latest message that the trace knows
	lastSeq   atomic.Uint64  // how many messages and dials have had to wait so far
	wg        sync.WaitGroup // goroutines that serve connections, and callbacks of links; Close stops both and waits

	mu     sync.Mutex // guards what follows, and the fields of nodes and links that say so
	nodes  []*Node
	byName map[string]*Node
	links  map[[2]*Node]*link // all ordered pairs, a node with itself too
	change chan struct{}      // closed, and replaced, when waiting dials should try again
	dials  []*dial            // those that wait for time to go on, or for a step
	closed bool

	paused      bool
	standing    bool    // between Stand and Go
	speed       float64 // of time while it goes, but for pace
	pace        float64
	stepping    bool // a Step is under way
	movedAtOnce int  // how many messages and dials steps have moved since time went on
}

// New returns a network without nodes.
func New(c Config) *Network {
	if c.Clock == nil {
		c.Clock = env.System
	}
	n := &Network{
		seed: c.Seed, latency: c.Latency,
		byName: make(map[string]*Node),
		links:  make(map[[2]*Node]*link),
		change: make(chan struct{}),
		speed:  1, pace: 1,
	}
	n.time = newVirtualClock(c.Clock)
	n.clock, n.linkClock = &nodeClock{time: n.time}, &nodeClock{time: n.time}
	n.trace = NewTrace(c.TraceLen, c.SeparateMethod)
	n.trace.clock, n.trace.start = n.clock, n.clock.Now()
	return n
}

// Trace returns the network's trace. It can be read after Close too.
func (n *Network) Trace() *Trace { return n.trace }

// Add adds a node that runs no process yet. Names have 1 to 64 bytes and are unique. Links to and from it are whole.
func (n *Network) Add(name string) (*Node, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	switch {
	case n.closed:
		return nil, ErrClosed
	case name == "":
		return nil, errors.New("a node needs a name")
	case len(name) > maxName:
		return nil, fmt.Errorf("the name %.16q... is longer than %d bytes", name, maxName)
	case n.byName[name] != nil:
		return nil, fmt.Errorf("there is a node %s already", name)
	}
	node := &Node{net: n, name: name}
	n.nodes = append(n.nodes, node)
	n.byName[name] = node
	for _, other := range n.nodes {
		n.links[[2]*Node{node, other}] = newLink(n, node, other)
		n.links[[2]*Node{other, node}] = newLink(n, other, node)
	}
	for _, other := range n.nodes {
		frozen := other.state == Frozen
		n.link(other, node).fromFrozen = frozen
		n.link(node, other).toFrozen = frozen
	}
	return node, nil
}

// Node returns the node of that name, or nil.
func (n *Network) Node(name string) *Node {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.byName[name]
}

// Nodes returns the names of all nodes, in the order in which they were added.
func (n *Network) Nodes() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	names := make([]string, len(n.nodes))
	for i, node := range n.nodes {
		names[i] = node.name
	}
	return names
}

// Close ends all processes and connections, and makes time stand still. It returns when every func that Serve was given
// has returned. Those see their connection fail, but net/rpc waits for running handlers: whoever closes a network closes
// the servers on it first.
func (n *Network) Close() {
	n.mu.Lock()
	if !n.closed {
		n.closed = true
		n.eachLink((*link).close)
		for _, node := range n.nodes {
			if node.process != nil {
				node.process.stop(&closeReason{err: ErrClosed, why: ErrClosed.Error()})
				node.process, node.state = nil, Stopped
			}
		}
		n.time.pause()
		n.notify()
	}
	n.mu.Unlock()
	n.wg.Wait()
}

// link returns the link between two nodes of n. The caller holds n.mu.
func (n *Network) link(from, to *Node) *link { return n.links[[2]*Node{from, to}] }

// eachLink calls f for every link, in a fixed order. The caller holds n.mu.
func (n *Network) eachLink(f func(*link)) {
	for _, from := range n.nodes {
		for _, to := range n.nodes {
			f(n.link(from, to))
		}
	}
}

// nextSeq is the number of the next message or dial that has to wait. Steps move the lowest number first.
func (n *Network) nextSeq() uint64 { return n.lastSeq.Add(1) }

// notify wakes the dials that wait. The caller holds n.mu.
func (n *Network) notify() {
	close(n.change)
	n.change = make(chan struct{})
}

// node returns the named node, or says that there is none. The caller holds n.mu.
func (n *Network) node(name string) (*Node, error) {
	if n.closed {
		return nil, ErrClosed
	}
	if node := n.byName[name]; node != nil {
		return node, nil
	}
	return nil, fmt.Errorf("there is no node %q", name)
}
