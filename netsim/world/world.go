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

// Latency is how long a message takes on a link without faults.
const Latency = time.Millisecond

// Never is when something happens that is not going to.
const Never = time.Duration(math.MaxInt64)

// World is a whole cluster at one moment: the viewservice, servers, clients, and the messages under way. Events
// change it one at a time, and equal events change equal worlds equally. Not safe for concurrent use, but several may
// Clone one world at once as long as nobody changes it and no server holds more than 64 keys.
//
// What clones share is never changed: every part knows the epoch of the world that made it, and a world of another
// epoch copies it before it changes it.
type World struct {
	shared atomic.Bool // a clone may use parts of this epoch: the next change begins a new one
	state
}

type state struct {
	cfg     *engine.Config // never changed
	untimed bool
	off     rules.Disabled
	epoch   uint64
	now     time.Duration

	messages uint64 // sent so far
	boots    uint64 // of servers so far

	views   *views
	servers []serverSlot
	clients []clientSlot
	transit []*Message // by their dues, then in the order in which they came to be under way
	held    []*Message // wait for a person; by ID
	queued  []*Message // at frozen nodes, in order of arrival
	links   []*link    // that have or had faults, by their ends

	witness *Observer
}

// epochs counts those of all worlds.
var epochs atomic.Uint64

// serverSlot is a server with its clock, which changes more often.
type serverSlot struct {
	*server
	tick time.Duration // the next; never while it is frozen or crashed
}

// clientSlot is a client with its clocks.
type clientSlot struct {
	*client
	timer time.Duration // when its wait is over; never if it doesn't wait
	ask   time.Duration // when it gives up its question for the view; never if there is none
}

type views struct {
	epoch       uint64
	core        *viewservice.Core // the latest incarnation's; it is left alone while crashed
	state       netsim.State
	incarnation int
	born        time.Duration // when its clock was 0, had it never been frozen
	stopped     time.Duration // when it froze or crashed
	deadline    time.Duration // by the world's time; never while it is frozen or crashed
}

type server struct {
	epoch       uint64
	core        *pbservice.Core // nil while crashed
	state       netsim.State
	incarnation int
	left        time.Duration // to the next tick, while frozen
	asked       []*Message    // requests that wait for their answer, by ticket - 1; nil where none does
	forward     *Message      // the newest that it sent in this life
}

type client struct {
	epoch     uint64
	core      *pbservice.ClerkCore
	state     netsim.State
	attempt   *Message // the newest, unless it was answered or failed
	asks      uint64   // questions for the view so far
	running   bool
	op        pbservice.Op // that runs, or ran last
	began     time.Duration
	leftTimer time.Duration // while frozen
	leftAsk   time.Duration
}

// NewWorld returns a timed world at time 0: the viewservice, s1, s2, … that have not pinged yet, and c1, c2, …
// Servers ping in turn, so that they become primary, backup and volunteers in this order. cfg must be valid.
func NewWorld(cfg engine.Config) *World { return newWorld(cfg, false) }

// NewUntimed returns the same world without time: it stays at time 0, and everything that is possible is possible at
// any moment. Faults that are drawn by chance do nothing, and an identical message under way is not sent again.
func NewUntimed(cfg engine.Config) *World { return newWorld(cfg, true) }

func newWorld(cfg engine.Config, untimed bool) *World {
	w := &World{state: state{cfg: &cfg, untimed: untimed, off: cfg.Disabled, epoch: epochs.Add(1)}}
	w.views = &views{epoch: w.epoch}
	w.bootViews(w.views)
	for i := range cfg.Servers {
		w.addServer(time.Duration(i) * cfg.PingInterval / 10)
	}
	for i := range cfg.Clients {
		core := pbservice.NewClerkCore(Client(i + 1).String())
		w.clients = append(w.clients, clientSlot{&client{epoch: w.epoch, core: core, state: netsim.Up}, Never, Never})
	}
	return w
}

// Clone returns a copy that behaves the same. It has no witness.
func (w *World) Clone() *World {
	if !w.shared.Load() {
		w.shared.Store(true)
	}
	n := &World{state: w.state}
	n.shared.Store(true)
	n.servers = slices.Clone(w.servers)
	n.clients = slices.Clone(w.clients)
	n.transit = append(make([]*Message, 0, len(w.transit)+4), w.transit...)
	n.held = slices.Clone(w.held)
	n.queued = slices.Clone(w.queued)
	n.links = slices.Clone(w.links)
	n.witness = nil
	return n
}

// begin makes it possible to change w.
func (w *World) begin() {
	if w.shared.Load() {
		w.epoch = epochs.Add(1)
		w.shared.Store(false)
	}
}

// ownViews returns the viewservice to be changed.
func (w *World) ownViews() *views {
	v := w.views
	if v.epoch != w.epoch {
		n := *v
		n.epoch, n.core = w.epoch, v.core.Clone()
		w.views = &n
		return &n
	}
	return v
}

// own returns the i-th server to be changed.
func (w *World) own(i int) *server {
	s := w.servers[i].server
	if s.epoch != w.epoch {
		n := *s
		n.epoch, n.asked = w.epoch, slices.Clone(s.asked)
		if s.core != nil {
			n.core = s.core.Clone()
		}
		w.servers[i].server = &n
		return &n
	}
	return s
}

// ownClient returns the i-th client to be changed.
func (w *World) ownClient(i int) *client {
	c := w.clients[i].client
	if c.epoch != w.epoch {
		n := *c
		n.epoch, n.core = w.epoch, c.core.Clone()
		w.clients[i].client = &n
		return &n
	}
	return c
}

// Now is the world's time since it began.
func (w *World) Now() time.Duration { return w.now }

// Config is what the world began with.
func (w *World) Config() engine.Config { return *w.cfg }

// Off is the set of rules that are switched off.
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

// has reports whether the node is one of the world's.
func (w *World) has(n Node) bool {
	switch {
	case n.IsClient():
		return n.Index() < len(w.clients)
	case n.IsServer():
		return n.Index() < len(w.servers)
	}
	return n == Viewservice
}

// State says how a node fares.
func (w *World) State(n Node) netsim.State {
	switch {
	case n.IsClient():
		return w.clients[n.Index()].state
	case n.IsServer():
		return w.servers[n.Index()].state
	}
	return w.views.state
}

// Incarnation counts the lives of a node, from 1.
func (w *World) Incarnation(n Node) int {
	switch {
	case n.IsClient():
		return 1
	case n.IsServer():
		return w.servers[n.Index()].incarnation
	}
	return w.views.incarnation
}

// ViewCore is the viewservice's core, nil while it is crashed. It must not be changed.
func (w *World) ViewCore() *viewservice.Core {
	if w.views.state == netsim.Crashed {
		return nil
	}
	return w.views.core
}

// ServerCore is a server's core, nil while it is crashed. It must not be changed.
func (w *World) ServerCore(n Node) *pbservice.Core { return w.servers[n.Index()].core }

// ClerkCore is a client's core. It must not be changed.
func (w *World) ClerkCore(n Node) *pbservice.ClerkCore { return w.clients[n.Index()].core }

// Running reports whether an operation of the client runs.
func (w *World) Running(n Node) bool { return w.clients[n.Index()].running }

// Waits reports whether the client has a timer that will be over: Timer is possible.
func (w *World) Waits(n Node) bool { return w.clients[n.Index()].timer != Never }

// Transit are the messages under way by their dues, in an untimed world in the order in which they came to be so. It
// must not be changed.
func (w *World) Transit() []*Message { return w.transit }

// Held are the messages that wait for a person, by ID. It must not be changed.
func (w *World) Held() []*Message { return w.held }

// Awaited reports whether the outcome of a call still counts: of a forward, confirmation or reset to a server, whether
// the primary still waits for it; of a request, answer or reset to a client, whether it is the client's newest attempt,
// whose refusal ends the wait; of a question for the view or its answer, whether the client still asks.
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

// AdvanceTo lets time pass without an event. It never goes back.
func (w *World) AdvanceTo(at time.Duration) { w.now = max(w.now, at) }

// Servers is how many servers there are, crashed ones included.
func (w *World) Servers() int { return len(w.servers) }

// Messages is how many messages were sent so far: the number of the newest one.
func (w *World) Messages() uint64 { return w.messages }

// Began is when a client's newest operation began.
func (w *World) Began(client Node) time.Duration { return w.clients[client.Index()].began }

// Holds reports whether a message of that number waits for a person.
func (w *World) Holds(message uint64) bool { return indexOf(w.held, message) >= 0 }

// View is the viewservice's view, or the last one from before it crashed, and whether it was acknowledged.
func (w *World) View() (v viewservice.View, acked bool) { return w.views.core.Current() }
