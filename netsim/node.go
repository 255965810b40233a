package netsim

import "fmt"

// State says how a node's process fares.
type State uint8

const (
	Stopped State = iota // no process was started yet, or the latest one has exited
	Up                   // the process runs
	Frozen               // the process stands still and keeps its memory
	Crashed              // the process is gone
)

var stateNames = [...]string{Stopped: "off", Up: "up", Frozen: "frozen", Crashed: "crashed"}

func (s State) String() string { return nameOf(stateNames[:], uint8(s), "state") }

// Node is a machine: it has an address, its name, and outlives its processes. Safe for concurrent use.
type Node struct {
	net  *Network
	name string

	// Guarded by net.mu.
	state   State
	boots   int
	process *Process // nil unless Up or Frozen
}

// Name returns the node's name, which is its address.
func (n *Node) Name() string { return n.name }

// State says how the node's process fares.
func (n *Node) State() State {
	n.net.mu.Lock()
	defer n.net.mu.Unlock()
	return n.state
}

// Boots returns how many processes were started on the node so far.
func (n *Node) Boots() int {
	n.net.mu.Lock()
	defer n.net.mu.Unlock()
	return n.boots
}

// Start starts a process. It fails if one runs.
func (n *Node) Start() (*Process, error) {
	n.net.mu.Lock()
	defer n.net.mu.Unlock()
	if n.net.closed {
		return nil, ErrClosed
	}
	if n.process != nil {
		return nil, fmt.Errorf("%s runs already", n.name)
	}
	n.boots++
	n.state = Up
	n.process = &Process{node: n, boot: n.boots, clock: &nodeClock{time: n.net.time, owner: n.name}}
	n.net.trace.record(TraceEvent{Kind: NodeStarted, From: n.name, Boots: n.boots, Why: fmt.Sprintf("boot %d", n.boots)})
	return n.process, nil
}

// Crash ends the node's process at once, frozen or not. The process's timers never fire, its connections are reset, what
// waits in its queues is lost; what it has already sent is under way and arrives. A peer learns of the reset when the
// links let it: at once if the link to the peer is open, else once the peer sends something and both links are open.
// Crash does not wait for handlers. It fails if no process runs.
func (n *Node) Crash() error {
	n.net.mu.Lock()
	defer n.net.mu.Unlock()
	if n.process == nil {
		return fmt.Errorf("%s runs no process", n.name)
	}
	n.end(Crashed, NodeCrashed)
	return nil
}

// end ends the process that runs. The caller holds net.mu.
func (n *Node) end(state State, kind EventKind) {
	p := n.process
	n.process, n.state = nil, state
	n.net.trace.record(TraceEvent{Kind: kind, From: n.name})
	p.stop(&closeReason{err: ErrGone, why: n.name + " " + kind.String()})
	n.net.notify()
}

// Freeze makes the node's process stand still. The process's clock and timers stop, messages to it queue, and those that
// it still writes wait until it is thawed. Freeze fails if no process runs or if the process is frozen already.
func (n *Node) Freeze() error {
	n.net.mu.Lock()
	defer n.net.mu.Unlock()
	switch n.state {
	case Frozen:
		return fmt.Errorf("%s is frozen already", n.name)
	case Stopped, Crashed:
		return fmt.Errorf("%s runs no process", n.name)
	}
	n.state = Frozen
	n.net.trace.record(TraceEvent{Kind: NodeFrozen, From: n.name})
	n.process.clock.freeze()
	for _, other := range n.net.nodes {
		n.net.link(n, other).freezeFrom()
		n.net.link(other, n).freezeTo()
	}
	n.process.eachConn(conn.freeze)
	return nil
}

// Thaw lets the frozen process go on. What has queued for the process is delivered, and what it has written is sent, each
// in order. Thaw fails if the process is not frozen.
func (n *Node) Thaw() error {
	n.net.mu.Lock()
	defer n.net.mu.Unlock()
	if n.state != Frozen {
		return fmt.Errorf("%s is not frozen", n.name)
	}
	n.state = Up
	n.net.trace.record(TraceEvent{Kind: NodeThawed, From: n.name})
	n.process.clock.thaw()
	for _, other := range n.net.nodes {
		n.net.link(other, n).thawTo()
		n.net.link(n, other).thawFrom()
	}
	n.process.eachConn(conn.thaw)
	n.net.notify()
	return nil
}

// blockedBy says what keeps n from connecting to another node; "" if nothing does. The caller holds net.mu.
func (n *Node) blockedBy(to *Node) string {
	if n.state == Frozen {
		return n.name + " is frozen"
	}
	for _, l := range []*link{n.net.link(n, to), n.net.link(to, n)} {
		if why := l.faults.Cut(); why != "" {
			return why
		}
	}
	return ""
}

// refusal says why no process listens on the node; "" if one does. The caller holds net.mu.
func (n *Node) refusal() string {
	switch {
	case n.state == Crashed:
		return n.name + " crashed"
	case n.process == nil:
		return n.name + " runs no process"
	case n.process.serve == nil:
		return n.name + " does not listen"
	}
	return ""
}
