package netsim

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"cluster/splitbrain/netsim/env"
)

var (
	// ErrClosed says that the network is closed.
	ErrClosed = errors.New("the network is closed")
	// ErrRefused says that nobody listens at an address. Dial wraps it.
	ErrRefused = errors.New("connection refused")
	// ErrReset says that the process at the other end of a connection is gone.
	ErrReset = errors.New("connection reset")
	// ErrGone says that the process which uses a connection or dials has itself ended.
	ErrGone = errors.New("the process has ended")
)

const (
	defaultTraceLen = 4096
	maxName         = 64 // bytes
)

// Config is what a network starts from. The zero value is usable.
type Config struct {
	Seed           uint64    // of all that is drawn on links; equal seeds draw equally
	Clock          env.Clock // that the network's time goes along, see Network.Clock; env.System if nil
	TraceLen       int       // events that the trace remembers; 4096 if not positive
	SeparateMethod string    // a method: the trace remembers that many messages of it besides, and they push out no others
}

// Network is a set of named nodes with a directed link for every ordered pair of them. Safe for concurrent use.
//
// Locks are taken in the order Network.mu, link.mu, and then any other; of links one at a time.
type Network struct {
	seed    uint64
	time    *virtualClock
	clock   *nodeClock // time as it is
	wires   *nodeClock // the same, for timers of links
	trace   *Trace
	lastMsg atomic.Uint64  // number of the latest message that the trace knows
	lastSeq atomic.Uint64  // what had to wait so far: messages and dials
	wg      sync.WaitGroup // what accepts connections, and callbacks of links; Close stops both and waits

	mu     sync.Mutex // guards what follows, and what nodes and links say that it guards
	nodes  []*Node
	byName map[string]*Node
	links  map[[2]*Node]*link // all ordered pairs, a node with itself too
	change chan struct{}      // closed, and replaced, when a dial that waits should look again
	dials  []*dial            // that wait for time to go on, or for a step
	closed bool

	paused      bool
	stepping    bool // a Step is under way
	movedAtOnce int  // messages moved by steps since time moved
}

// New returns a network without nodes.
func New(c Config) *Network {
	if c.Clock == nil {
		c.Clock = env.System
	}
	n := &Network{
		seed:   c.Seed,
		byName: make(map[string]*Node),
		links:  make(map[[2]*Node]*link),
		change: make(chan struct{}),
	}
	n.time = newVirtualClock(c.Clock)
	n.clock, n.wires = &nodeClock{time: n.time}, &nodeClock{time: n.time}
	n.trace = newTrace(n.clock, c.TraceLen, c.SeparateMethod)
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

// Close ends all processes and connections. It returns when every func that Serve was given has returned: they see
// their connection fail, but net/rpc lets running handlers finish, so servers are closed before their network. Time
// stands still afterwards.
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

// nextSeq numbers what has to wait.
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
