package viewservice

import (
	"errors"
	"log/slog"
	"net"
	"net/rpc"
	"sync"
	"time"

	"cluster/splitbrain/netsim/env"
	"cluster/splitbrain/viewservice/rules"
)

// ServiceName is the name of the service on the wire, as in the lab.
const ServiceName = "ViewServer"

// PingMethod is the method of pings, of which there are so many that traces keep them apart.
const PingMethod = ServiceName + ".Ping"

// GetMethod is the method of questions for the view.
const GetMethod = ServiceName + ".Get"

var errServerClosed = errors.New("viewservice is closed")

// Server is the net/rpc server around a Core: it answers Ping, Get and Inspect. Safe for concurrent use.
type Server struct {
	clock  env.Clock
	rpc    *env.Server
	events chan func(*Core, time.Duration) // to the goroutine that owns the core
	done   chan struct{}                   // closed by Close
	stop   sync.Once
	owner  sync.WaitGroup
	book   *logbook // of the goroutine that owns the core; nil without a log
	formed bool     // a view; valid once owner has ended
	gate   gate     // for the owner
}

// NewServer starts a viewservice in view 0. The caller ends it with Close. The error says what is wrong with cfg.
func NewServer(cfg Config, clock env.Clock) (*Server, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	s := &Server{
		clock:  clock,
		gate:   gate{cluster: newCluster()},
		events: make(chan func(*Core, time.Duration)), done: make(chan struct{}),
	}
	rpcServer, err := env.NewServer(ServiceName, &service{s})
	if err != nil {
		return nil, err
	}
	s.rpc = rpcServer
	s.owner.Add(1)
	now := ownTime{clock: clock, epoch: clock.Now(), interval: cfg.PingInterval}
	go s.own(New(cfg), now) // ends when done is closed
	return s, nil
}

// Serve answers connections from l until l or the server is closed.
func (s *Server) Serve(l net.Listener) error { return s.rpc.Serve(l) }

// ServeCodec answers one connection until it ends or the server is closed.
func (s *Server) ServeCodec(codec rpc.ServerCodec) { s.rpc.ServeCodec(codec) }

// SetLog lets l hear what changes from now on, and why connections of strangers are ended (S13). Without it nobody does.
func (s *Server) SetLog(l *slog.Logger) {
	s.rpc.SetLog(l)
	book := &logbook{log: l}
	_ = s.do(func(c *Core, now time.Duration) { // a closed server has nothing to tell
		s.book = book
		book.look(c, now)
	})
}

// Close ends the service and all its connections, and returns when nothing of it runs any more.
func (s *Server) Close() {
	s.stop.Do(func() { close(s.done) })
	s.owner.Wait()
	s.rpc.Close()
}

// Formed reports whether the viewservice has formed a view. It must be closed.
func (s *Server) Formed() bool { return s.formed }

// SetDisabled sets which rules are off from now on. It is not offered over net/rpc: only whoever runs the viewservice may
// switch rules. After Close it does nothing.
func (s *Server) SetDisabled(off rules.Disabled) {
	_ = s.do(func(c *Core, _ time.Duration) { c.SetDisabled(off) })
}

// own is the only goroutine that touches core. Its timer stands at the core's next deadline, but never further away than a
// PingInterval: a tick that comes late tells that the viewservice itself stood still.
func (s *Server) own(core *Core, now ownTime) {
	defer s.owner.Done()
	due, timer := env.Alarm(s.clock, now.interval)
	defer timer.Stop()
	for {
		select {
		case event := <-s.events:
			event(core, now.read())
		case <-due:
			core.Tick(now.read())
		case <-s.done:
			v, _ := core.Current()
			s.formed = v.Viewnum > 0
			return
		}
		if s.book != nil {
			s.book.look(core, now.read())
		}
		wait := now.interval
		if at, ok := core.Deadline(); ok {
			wait = min(wait, at-now.read())
		}
		timer.Reset(max(wait, 0))
	}
}

// ownTime is the time in which a viewservice itself was alive (V11). Not safe for concurrent use.
type ownTime struct {
	clock    env.Clock
	epoch    time.Time
	interval time.Duration // it is read at least that often, unless the viewservice stands still
	stood    time.Duration // how long it stood still so far
	latest   time.Duration
}

// read is how long the viewservice has been alive. Time in which it stood still (stopped, suspended, starved) does not count:
// nobody could be heard meanwhile, and pings that have waited for it are read in any order with its own timer.
func (o *ownTime) read() time.Duration {
	now := o.clock.Now().Sub(o.epoch) - o.stood
	if gap := now - o.latest; gap > 2*o.interval {
		o.stood += gap - o.interval
		now = o.latest + o.interval
	}
	o.latest = max(o.latest, now)
	return o.latest
}

// do runs event in the goroutine that owns the core, and waits until it has run. The error says that the server is closed.
func (s *Server) do(event func(*Core, time.Duration)) error {
	ran := make(chan struct{})
	select {
	case s.events <- func(c *Core, now time.Duration) { event(c, now); close(ran) }:
		<-ran
		return nil
	case <-s.done:
		return errServerClosed
	}
}

// service is what net/rpc sees.
type service struct{ s *Server }

func (v *service) Ping(args *PingArgs, reply *PingReply) error {
	var refused error
	err := v.s.do(func(c *Core, now time.Duration) {
		view, _ := c.Current()
		if refused = v.s.gate.admit(args, view.Viewnum, now, v.s.clock.Now()); refused == nil {
			*reply, refused = c.Ping(now, *args)
			reply.Cluster = v.s.gate.cluster
		}
	})
	return errors.Join(err, refused)
}

func (v *service) Get(_ *GetArgs, reply *GetReply) error {
	reply.Cluster = v.s.gate.cluster
	return v.s.do(func(c *Core, _ time.Duration) { reply.View, reply.Acked = c.Current() })
}

func (v *service) Inspect(_ *InspectArgs, reply *Status) error {
	return v.s.do(func(c *Core, now time.Duration) {
		*reply = c.Status(now)
		v.s.gate.tell(reply, now)
	})
}
