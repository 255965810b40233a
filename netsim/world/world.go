package world

import (
	"math"
	"slices"
	"sync/atomic"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice"
	"cluster/splitbrain/viewservice/rules"
)

// Latency is how long a message takes on a link without faults, where the configuration has no other.
const Latency = time.Millisecond

// Never is the time of what is not going to happen.
const Never = time.Duration(math.MaxInt64)

// World is a whole cluster at one moment: the viewservice, servers, clients, and the messages under way. Actions change it
// one at a time, and equal actions change equal worlds equally. Not safe for concurrent use, but several goroutines may
// Clone one world at a time as long as nobody changes it and no server holds more than 64 keys.
//
// Clones are cheap, because they share nodes, and copy a node before they change it: a node has the epoch of the world that
// made it, and a world changes only nodes of its own epoch.
type World struct {
	shared atomic.Bool // a clone may use nodes of this epoch: the next change begins a new epoch
	state
}

type state struct {
	cfg     *engine.Config // read-only: clones share it
	untimed bool
	off     rules.Disabled
	wereOff rules.Disabled // at any time so far; nothing depends on it
	epoch   uint64
	now     time.Duration

	messages uint64 // messages sent so far; the ID of the newest
	boots    uint64 // boots of servers so far; the boot id of the newest

	viewNode *viewNode
	servers  []serverSlot
	clients  []clientSlot
	transit  []*Message // messages under way, by when they are due, then in the order of sending
	held     []*Message // messages that a person must let through, by ID
	queued   []*Message // messages at frozen nodes, in the order of arrival
	links    []*link    // links that have or had faults, by their ends

	observer *Observer
	spare    *Spare     // what may be used for nodes of this world; nil if there is none
	room     []*Message // buffer
	memo     *Memo      // if not nil, the world consists of parts, and what happens to them is remembered here
}

// epochs is the newest epoch of any world.
var epochs atomic.Uint64

// serverSlot is a server with its clock. The clock changes more often than the server, and is not shared.
type serverSlot struct {
	*server
	tick time.Duration // when the next ping interval has passed; Never while the server is frozen or crashed
}

// clientSlot is a client with its clocks.
type clientSlot struct {
	*client
	timer time.Duration // when the client's wait is over; Never if it doesn't wait
	ask   time.Duration // when the client stops waiting for the view; Never if it doesn't ask for one
}

type viewNode struct {
	epoch    uint64
	core     *viewservice.Core // of the latest boot; no event reaches it while the viewservice is crashed
	state    netsim.State
	boots    int
	born     time.Duration // the viewservice's own time is the world's time less this
	stopped  time.Duration // when the viewservice froze or crashed
	deadline time.Duration // when the core's deadline comes; Never while frozen or crashed
}

type server struct {
	epoch   uint64
	core    *pbservice.Core // nil while crashed
	state   netsim.State
	boots   int
	left    time.Duration // while frozen: how long it was to the next tick
	asked   []*Message    // requests that wait for an answer, by ticket - 1; nil where none does
	forward *Message      // the newest forward of this boot
}

type client struct {
	epoch     uint64
	core      *pbservice.ClerkCore
	state     netsim.State
	attempt   *Message // the newest request; nil once it was answered or has failed
	asks      uint64   // how often the client has asked for the view so far
	running   bool
	op        pbservice.Op  // the operation that runs, or ran last
	began     time.Duration // when op began
	leftTimer time.Duration // while frozen: how long it was to the slot's timer, and
	leftAsk   time.Duration // to its ask
}

// NewWorld returns a timed world at time 0: the viewservice, s1, s2, … that have not pinged yet, and c1, c2, …
// Servers ping in turn, so that they become primary, backup and volunteers in this order. cfg must be valid.
func NewWorld(cfg engine.Config) *World { return newWorld(cfg, false) }

// NewUntimed returns the same world without time: it stays at time 0, and everything that is possible is possible at
// any moment. Faults that are drawn by chance do nothing, and an identical message under way is not sent again.
func NewUntimed(cfg engine.Config) *World { return newWorld(cfg, true) }

func newWorld(cfg engine.Config, untimed bool) *World {
	w := &World{state: state{cfg: &cfg, untimed: untimed, off: cfg.Disabled, wereOff: cfg.Disabled, epoch: epochs.Add(1)}}
	w.viewNode = &viewNode{epoch: w.epoch}
	w.bootViewNode(w.viewNode)
	for i := range cfg.Servers {
		w.addServer(time.Duration(i) * cfg.PingInterval / 10)
	}
	for i := range cfg.Clients {
		core := pbservice.NewClerkCore(Client(i + 1).String())
		w.clients = append(w.clients, clientSlot{&client{epoch: w.epoch, core: core, state: netsim.Up}, Never, Never})
	}
	return w
}

// Clone returns a copy that behaves the same. The copy has no observer.
func (w *World) Clone() *World {
	return w.cloneInto(new(World), nil)
}

// cloneInto makes n a clone, which takes its nodes from s. What room n has is used.
func (w *World) cloneInto(n *World, s *Spare) *World {
	if !w.shared.Load() {
		w.shared.Store(true)
	}
	servers, clients, transit, room := n.servers[:0], n.clients[:0], n.transit[:0], n.room
	n.state = w.state
	n.shared.Store(true)
	n.servers = append(servers, w.servers...)
	n.clients = append(clients, w.clients...)
	n.transit = append(slices.Grow(transit, len(w.transit)+4), w.transit...)
	n.held, n.queued, n.links = slices.Clone(w.held), slices.Clone(w.queued), slices.Clone(w.links)
	n.observer, n.spare, n.room, n.memo = nil, s, room, nil
	return n
}

// begin must be called before each change of w: it begins a new epoch if a clone may share nodes of the present one.
func (w *World) begin() {
	if w.shared.Load() {
		w.epoch = epochs.Add(1)
		w.shared.Store(false)
	}
}

// ownViewNode returns the viewservice, which the caller may change.
func (w *World) ownViewNode() *viewNode {
	v := w.viewNode
	if v.epoch != w.epoch {
		w.viewNode = v.copyInto(w.spare.viewNode())
		w.viewNode.epoch = w.epoch
	}
	return w.viewNode
}

// copyInto makes n, whose core may be overwritten, a copy of v.
func (v *viewNode) copyInto(n *viewNode) *viewNode {
	core := n.core
	*n = *v
	n.core = v.core.CloneInto(core)
	return n
}

// own returns the server with index i, which the caller may change.
func (w *World) own(i int) *server {
	s := w.servers[i].server
	if s.epoch != w.epoch {
		s = s.copyInto(w.spare.server())
		s.epoch = w.epoch
		w.servers[i].server = s
	}
	return s
}

// copyInto makes n, whose core may be overwritten, a copy of s.
func (s *server) copyInto(n *server) *server {
	core, asked := n.core, n.asked
	*n = *s
	n.asked = append(asked[:0], s.asked...)
	if s.core != nil {
		if core == nil { // that one had crashed
			core = new(pbservice.Core)
		}
		n.core = s.core.CloneInto(core)
	}
	return n
}

// ownClient returns the client with index i, which the caller may change.
func (w *World) ownClient(i int) *client {
	c := w.clients[i].client
	if c.epoch != w.epoch {
		c = c.copyInto(w.spare.client())
		c.epoch = w.epoch
		w.clients[i].client = c
	}
	return c
}

// copyInto makes n, whose core may be overwritten, a copy of c.
func (c *client) copyInto(n *client) *client {
	core := n.core
	*n = *c
	n.core = c.core.CloneInto(core)
	return n
}

// Now returns the time since the world began. It stays 0 in an untimed world.
func (w *World) Now() time.Duration { return w.now }

// Config returns the configuration with which the world began.
func (w *World) Config() engine.Config { return *w.cfg }

// Disabled returns the rules that are switched off now.
func (w *World) Disabled() rules.Disabled { return w.off }

// Nodes returns all nodes in their order.
func (w *World) Nodes() []Node {
	all := make([]Node, 0, 1+len(w.servers)+len(w.clients))
	all = append(all, Viewservice)
	for i := range w.servers {
		all = append(all, Server(i+1))
	}
	for i := range w.clients {
		all = append(all, Client(i+1))
	}
	return all
}

// has reports whether the world has node n.
func (w *World) has(n Node) bool {
	switch {
	case n.IsClient():
		return n.Index() < len(w.clients)
	case n.IsServer():
		return n.Index() < len(w.servers)
	}
	return n == Viewservice
}

// State says whether node n is up, frozen or crashed.
func (w *World) State(n Node) netsim.State {
	switch {
	case n.IsClient():
		return w.clients[n.Index()].state
	case n.IsServer():
		return w.servers[n.Index()].state
	}
	return w.viewNode.state
}

// Boots returns how often node n was booted so far.
func (w *World) Boots(n Node) int {
	switch {
	case n.IsClient():
		return 1
	case n.IsServer():
		return w.servers[n.Index()].boots
	}
	return w.viewNode.boots
}

// ViewCore returns the viewservice's core, nil while it is crashed. Read-only.
func (w *World) ViewCore() *viewservice.Core {
	if w.viewNode.state == netsim.Crashed {
		return nil
	}
	return w.viewNode.core
}

// ServerCore returns the core of server n, nil while it is crashed. Read-only.
func (w *World) ServerCore(n Node) *pbservice.Core { return w.servers[n.Index()].core }

// Version tells what node n is like from what any node was, or will be, like in this or any other world, as far as Clone has
// separated them: it is never used again. In worlds of Parts equal nodes have equal versions.
func (w *World) Version(n Node) uint64 {
	switch {
	case n.IsClient():
		return w.clients[n.Index()].epoch
	case n.IsServer():
		return w.servers[n.Index()].epoch
	}
	return w.viewNode.epoch
}

// ClerkCore returns the core of client n. Read-only.
func (w *World) ClerkCore(n Node) *pbservice.ClerkCore { return w.clients[n.Index()].core }

// Running reports whether an operation of client n runs.
func (w *World) Running(n Node) bool { return w.clients[n.Index()].running }

// Waits reports whether client n waits for a timer, so that the action Timer is possible.
func (w *World) Waits(n Node) bool { return w.clients[n.Index()].timer != Never }

// AskedBy reports whether a server still has to answer a request for the operation that runs on a client.
func (w *World) AskedBy(server, client Node) bool {
	c := w.clients[client.Index()]
	return c.running && slices.ContainsFunc(w.servers[server.Index()].asked, func(m *Message) bool {
		return m != nil && m.From == client && m.Body.(RequestArgs).Op.Seq == c.op.Seq
	})
}

// AsksForView reports whether client n waits for the view, so that the action ViewTimeout is possible.
func (w *World) AsksForView(n Node) bool { return w.clients[n.Index()].ask != Never }

// Timed reports whether time passes in the world.
func (w *World) Timed() bool { return !w.untimed }

// Transit returns the messages under way by when they are due, in an untimed world in the order of sending. Read-only.
func (w *World) Transit() []*Message { return w.transit }

// Awaited reports whether the sender of a call still waits for its outcome; m is the call, its answer, or a Reset. A primary
// waits for the newest forward, a client for its newest request and its newest question for the view. Of other messages it
// reports true.
func (w *World) Awaited(m *Message) bool {
	asks := m
	if m.Asks != nil {
		asks = m.Asks
	}
	switch asks.Kind {
	case Forward:
		s := w.servers[asks.From.Index()]
		return s.core != nil && s.core.Boot() == asks.Boot && s.core.Awaits(asks.Call)
	case Request:
		newest := w.clients[asks.From.Index()].attempt
		return newest != nil && newest.Call == asks.Call
	case ViewGet:
		c := w.clients[asks.From.Index()]
		return c.ask != Never && c.asks == asks.Call
	}
	return true
}

// AdvanceTo lets time pass up to at without an event. A time in the past does nothing.
func (w *World) AdvanceTo(at time.Duration) {
	if at > w.now {
		w.forgets()
		w.now = at
	}
}

// Messages returns the ID of the newest message, which is how many were sent so far.
func (w *World) Messages() uint64 { return w.messages }

// Began returns when the newest operation of a client began.
func (w *World) Began(client Node) time.Duration { return w.clients[client.Index()].began }

// View returns the viewservice's view, or the last one before it crashed, and whether that is acknowledged.
func (w *World) View() (v viewservice.View, acked bool) { return w.viewNode.core.Current() }
