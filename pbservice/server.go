package pbservice

import (
	"context"
	"errors"
	"net"
	"net/rpc"
	"runtime"
	"sync"
	"time"

	"cluster/splitbrain/netsim/env"
	"cluster/splitbrain/viewservice"
	"cluster/splitbrain/viewservice/rules"

	"github.com/tidwall/btree"
)

var errServerClosed = errors.New("server is closed")

// ServerConfig is what a Server needs. Its name Me is the address under which the others reach it.
type ServerConfig struct {
	Config
	Views        string // the viewservice's address
	PingInterval time.Duration
	Clock        env.Clock
	Dial         env.Dialer
}

// Server answers Get, PutAppend, Forward and Inspect over net/rpc and pings the viewservice. Safe for concurrent
// use.
type Server struct {
	cfg     ServerConfig
	rpc     *env.Server
	views   *viewservice.Clerk
	events  chan event
	life    context.Context // ended by Close
	cancel  context.CancelFunc
	owner   sync.WaitGroup  // the goroutine that owns the core
	workers *env.WorkerPool // calls others

	waiters sync.Pool // of *waiter
}

// NewServer starts a server that knows nothing yet, and pings at once. Close ends it.
func NewServer(cfg ServerConfig) (*Server, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	limits := viewservice.Config{PingInterval: cfg.PingInterval, DeadPings: cfg.DeadPings}
	if err := limits.Validate(); err != nil {
		return nil, err
	}
	s := &Server{
		cfg:     cfg,
		views:   viewservice.NewClerk(cfg.Clock, cfg.Dial, cfg.Views, cfg.pingTimeout()),
		events:  make(chan event, 256),
		workers: env.NewWorkerPool(),
	}
	s.waiters.New = func() any { return &waiter{answered: make(chan Reply, 1)} }
	s.life, s.cancel = context.WithCancel(context.Background())
	rpcServer, err := env.NewServer(ServiceName, &service{s})
	if err != nil {
		return nil, err
	}
	s.rpc = rpcServer
	s.owner.Add(1)
	go s.own() // ends when life does
	return s, nil
}

// pingTimeout bounds a ping. It is no sign of death: another is sent long before.
func (c *ServerConfig) pingTimeout() time.Duration {
	return time.Duration(2*c.DeadPings) * c.PingInterval
}

// forwardTimeout bounds one sending of a message to the backup. It is sent again long before, but a late answer to
// an early copy is as good as any.
func (c *ServerConfig) forwardTimeout() time.Duration { return 30 * c.pingTimeout() }

// Serve answers connections from l until l or the server is closed.
func (s *Server) Serve(l net.Listener) error { return s.rpc.Serve(l) }

// ServeCodec answers one connection until it ends or the server is closed.
func (s *Server) ServeCodec(codec rpc.ServerCodec) { s.rpc.ServeCodec(codec) }

// Close ends the server, its connections and its calls, and returns when nothing of it runs any more.
func (s *Server) Close() {
	s.cancel()
	s.owner.Wait()
	s.views.Close()
	s.workers.Close()
	s.rpc.Close()
}

// SetDisabled sets which rules are off from now on. It is no part of the service: whoever runs the server switches.
func (s *Server) SetDisabled(off rules.Disabled) { s.post(event{kind: switched, off: off}) }

// event is one thing for the core to see. Plain fields and no closure: there are many of them.
type event struct {
	kind  eventKind
	op    Op
	known viewservice.Number // request: the view that the client knows; pinged: the view that was sent
	wait  *waiter            // request, forward, inspect
	args  *ForwardArgs       // forward
	rows  bool               // inspect: rows are wanted, or must be counted
	id    uint64             // forwarded
	reply ForwardReply       // forwarded
	view  viewservice.PingReply
	err   error
	off   rules.Disabled // switched
}

type eventKind uint8

const (
	asked eventKind = iota
	forward
	forwarded
	pinged
	tick
	inspect
	switched
)

// waiter is where a handler waits for its answer.
type waiter struct {
	answered  chan Reply
	confirmed chan ForwardReply
	snapshot  chan snapshot
}

// snapshot is a moment of the server for an observer, who reads the map at leisure: data is copied on write. It is
// nil if no rows are wanted, since after a copy every write costs more for a while.
type snapshot struct {
	status Status
	data   *btree.Map[string, string]
}

// owner is the state of the goroutine that owns the core.
type owner struct {
	*Server
	core    *Core
	tickets []*waiter // by Ticket; 0 is not used
	free    []Ticket
	peers   map[string]*env.Client // the backup of the newest view, and nobody else
}

// own is the only goroutine that touches the core. It takes all events that are there before it acts on them, so
// that operations that came together travel together.
func (s *Server) own() {
	defer s.owner.Done()
	o := &owner{Server: s, core: NewCore(s.cfg.Config), tickets: make([]*waiter, 1), peers: map[string]*env.Client{}}
	defer o.closePeers("")
	due := make(chan struct{}, 1)
	timer := s.cfg.Clock.AfterFunc(0, func() {
		select {
		case due <- struct{}{}:
		default: // one is enough
		}
	})
	defer timer.Stop()
	for {
		select {
		case e := <-s.events:
			o.handle(e)
			runtime.Gosched() // whoever is about to hand in an event may do so: batches grow tenfold
			o.drain()
		case <-due:
			timer.Reset(s.cfg.PingInterval)
			o.core.Tick()
		case <-s.life.Done():
			return
		}
		o.act(o.core.Ready())
	}
}

// drain handles what else has come, up to a bound that keeps answers flowing.
func (o *owner) drain() {
	for range cap(o.events) {
		select {
		case e := <-o.events:
			o.handle(e)
		default:
			return
		}
	}
}

func (o *owner) handle(e event) {
	switch e.kind {
	case asked:
		o.core.Request(o.ticket(e.wait), e.op, e.known)
	case forward:
		e.wait.confirmed <- o.core.Forward(e.args)
	case forwarded:
		switch {
		case e.err == nil:
			o.core.Forwarded(e.id, e.reply)
		case !errors.Is(e.err, env.ErrTimeout): // copies sent since may still be answered
			o.core.Unanswered(e.id)
		}
	case pinged:
		o.core.PingReply(e.known, e.view)
		o.closePeers(o.core.view.Backup)
	case switched:
		o.core.SetDisabled(e.off)
	case inspect:
		shot := snapshot{status: o.core.Status()}
		if e.rows {
			shot.data = o.core.state.data.Copy()
		}
		e.wait.snapshot <- shot
	}
}

func (o *owner) ticket(w *waiter) Ticket {
	if n := len(o.free); n > 0 {
		t := o.free[n-1]
		o.free = o.free[:n-1]
		o.tickets[t] = w
		return t
	}
	o.tickets = append(o.tickets, w)
	return Ticket(len(o.tickets) - 1)
}

// act carries out what the core wants done. Nothing here waits.
func (o *owner) act(r Ready) {
	for _, a := range r.Answers {
		o.tickets[a.Ticket].answered <- a.Reply
		o.tickets[a.Ticket] = nil
		o.free = append(o.free, a.Ticket)
	}
	for _, args := range r.Pings {
		o.workers.Go(func() { o.sendPing(args) }) // ends at its timeout or with life
	}
	for _, f := range r.Forwards {
		peer := o.peers[f.To]
		if peer == nil {
			peer = env.NewClient(o.cfg.Clock, o.cfg.Dial, f.To)
			o.peers[f.To] = peer
		}
		o.workers.Go(func() { o.sendForward(peer, f) }) // ends at its timeout, with life or with peer
	}
}

// closePeers ends the calls to all but one.
func (o *owner) closePeers(but string) {
	for name, peer := range o.peers {
		if name != but {
			delete(o.peers, name)
			peer.Close()
		}
	}
}

func (s *Server) sendPing(args viewservice.PingArgs) {
	reply, err := s.views.Ping(s.life, args)
	if err == nil {
		s.post(event{kind: pinged, known: args.Viewnum, view: reply})
	}
}

func (s *Server) sendForward(peer *env.Client, f Forward) {
	reply := new(ForwardReply)
	e := event{kind: forwarded, id: f.ID}
	e.err = peer.Call(s.life, s.cfg.forwardTimeout(), ServiceName+".Forward", f.Args, reply)
	if e.err == nil {
		e.reply = *reply
	}
	s.post(e)
}

// post hands an event to the owner, and reports whether it is still there.
func (s *Server) post(e event) bool {
	select {
	case s.events <- e:
		return true
	case <-s.life.Done():
		return false
	}
}

// service is what net/rpc sees.
type service struct{ s *Server }

func (v *service) Get(a *GetArgs, reply *Reply) error {
	return v.s.request(Op{Kind: Get, Key: a.Key, Client: a.Client, Seq: a.Seq}, a.Viewnum, reply)
}

func (v *service) PutAppend(a *PutAppendArgs, reply *Reply) error {
	op := Op{Kind: Put, Key: a.Key, Value: a.Value, Client: a.Client, Seq: a.Seq}
	if a.Append {
		op.Kind = Append
	}
	return v.s.request(op, a.Viewnum, reply)
}

func (s *Server) request(op Op, known viewservice.Number, reply *Reply) error {
	w := s.waiters.Get().(*waiter)
	if !s.post(event{kind: asked, op: op, known: known, wait: w}) {
		return errServerClosed
	}
	select {
	case *reply = <-w.answered:
		s.waiters.Put(w)
		return nil
	case <-s.life.Done():
		return errServerClosed // w may still be answered, so it isn't used again
	}
}

func (v *service) Forward(a *ForwardArgs, reply *ForwardReply) error {
	w := &waiter{confirmed: make(chan ForwardReply, 1)}
	if !v.s.post(event{kind: forward, args: a, wait: w}) {
		return errServerClosed
	}
	select {
	case *reply = <-w.confirmed:
		return nil
	case <-v.s.life.Done():
		return errServerClosed
	}
}

func (v *service) Inspect(a *InspectArgs, reply *InspectReply) error {
	if err := a.Validate(); err != nil {
		return err
	}
	w := &waiter{snapshot: make(chan snapshot, 1)}
	rows := a.Limit > 0 || a.Back > 0 || a.Contains != ""
	if !v.s.post(event{kind: inspect, wait: w, rows: rows}) {
		return errServerClosed
	}
	select {
	case shot := <-w.snapshot:
		reply.Status, reply.Total = shot.status, shot.status.Keys
		if rows {
			reply.Rows, reply.Before, reply.Total = window(shot.data, *a)
		}
		return nil
	case <-v.s.life.Done():
		return errServerClosed
	}
}
