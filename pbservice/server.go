package pbservice

import (
	"context"
	"errors"
	"log/slog"
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

// ServerConfig is what a Server needs to know. Me is also the address under which the others reach the server.
type ServerConfig struct {
	Config
	Views        string // the viewservice's address
	PingInterval time.Duration
	Clock        env.Clock
	Dial         env.Dialer
	Log          *slog.Logger // hears what changes, and why connections of strangers are ended (S13); nil: nobody does
}

// Server is the net/rpc server around a Core: it answers Get, PutAppend, Forward and Inspect, pings the viewservice, and
// sends the messages of the core to the backup. Safe for concurrent use.
type Server struct {
	cfg     ServerConfig
	rpc     *env.Server
	views   *viewservice.Clerk
	events  chan event
	life    context.Context // ended by Close
	cancel  context.CancelFunc
	owner   sync.WaitGroup  // the goroutine that owns the core
	workers *env.WorkerPool // calls others

	answers sync.Pool // of chan Reply with room for one, to be used again
}

// NewServer starts a server that has no state and knows no view (S1), and pings at once. The caller ends it with Close.
// The error says what is wrong with cfg.
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
	s.answers.New = func() any { return make(chan Reply, 1) }
	s.life, s.cancel = context.WithCancel(context.Background())
	rpcServer, err := env.NewServer(ServiceName, &service{s})
	if err != nil {
		return nil, err
	}
	s.rpc = rpcServer
	if cfg.Log != nil {
		s.rpc.SetLog(cfg.Log)
	}
	s.owner.Add(1)
	go s.own() // ends when life does
	return s, nil
}

// pingTimeout bounds one ping. A timeout says nothing about the viewservice: the next pings are sent long before.
func (c *ServerConfig) pingTimeout() time.Duration {
	return time.Duration(2*c.DeadPings) * c.PingInterval
}

// ForwardTimeout bounds one sending of a message to the backup. The core sends the message again long before, but a late
// answer to the first sending confirms it as well.
func (c *ServerConfig) ForwardTimeout() time.Duration { return 30 * c.pingTimeout() }

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

// SetDisabled sets which rules are off from now on. It is not offered over net/rpc: only whoever runs the server may
// switch rules.
func (s *Server) SetDisabled(off rules.Disabled) { s.post(event{kind: switched, off: off}) }

// event is one thing that the owner hands to the core. A handler waits at a channel of the event for its answer. Events
// are plain values and no closures, because each request of a client is one.
type event struct {
	kind    eventKind
	cluster viewservice.ClusterID // asked, located: to which the client belongs
	known   viewservice.Number    // asked: the view that the client knows; pinged: the view that was sent

	op     Op         // asked
	answer chan Reply // asked, located

	args    *ForwardArgs      // forward
	confirm chan ForwardReply // forward

	id    uint64       // forwarded
	peer  string       // forwarded: to whom
	reply ForwardReply // forwarded
	err   error        // forwarded, unheard

	rows     bool          // inspect: the map is wanted too
	snapshot chan snapshot // inspect

	view viewservice.PingReply // pinged
	off  rules.Disabled        // switched
}

type eventKind uint8

const (
	asked     eventKind = iota // a client's operation
	located                    // a client's question for the position
	forward                    // a message from the primary
	forwarded                  // the backup's answer to a message, or why there is none
	pinged                     // the viewservice's answer to a ping
	unheard                    // why a ping was not answered
	inspect                    // an observer's question
	switched                   // rules were switched off or on
)

// snapshot is the server's state at one moment, for an observer. data is a copy-on-write copy, so that its receiver can
// read the map while the server goes on. It is nil if no rows are wanted: after a copy every write costs more for a while.
type snapshot struct {
	status Status
	data   *btree.Map[string, string]
	listed *btree.BTreeG[string] // its keys; nil if putting them in order would keep the owner from its work
}

// owner is the state of the goroutine that owns the core.
type owner struct {
	*Server
	core    *Core
	cluster viewservice.ClusterID // to which the server belongs, since its first ping was answered; 0 before
	tickets []chan Reply          // by Ticket, where its request waits; 0 is not used
	free    []Ticket
	peers   map[string]*env.Client // the backup of the newest view, and nobody else

	book *logbook // nil without a log

	answered  string // the server that answered a forward last
	unreached string // a backup that did not, since
}

// own is the only goroutine that touches the core. It hands all events that are there to the core before it carries out
// what the core wants, so that operations that came together go to the backup in one message.
func (s *Server) own() {
	defer s.owner.Done()
	o := &owner{Server: s, core: NewCore(s.cfg.Config), tickets: make([]chan Reply, 1), peers: map[string]*env.Client{}}
	defer o.closePeers("")
	if s.cfg.Log != nil {
		o.book = &logbook{log: s.cfg.Log, views: s.cfg.Views, dead: s.cfg.DeadPings}
	}
	due, timer := env.Alarm(s.cfg.Clock, 0)
	defer timer.Stop()
	for {
		select {
		case e := <-s.events:
			o.handle(e)
			runtime.Gosched() // lets other handlers hand in their events first: batches grow tenfold
			o.drain()
		case <-due:
			timer.Reset(s.cfg.PingInterval)
			o.core.Tick()
			if o.book != nil {
				o.book.look(o.core)
			}
		case <-s.life.Done():
			return
		}
		o.act(o.core.Ready())
	}
}

// drain handles the other events that have come, up to a bound: answers must not wait until no more events come.
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
		o.ask(e)
	case located:
		e.answer <- o.position(e)
	case forward:
		if o.foreign(e.args.Cluster) {
			e.confirm <- ForwardReply{Refused: Cause{Code: OtherCluster, Server: o.cfg.Me}}
			return
		}
		e.confirm <- o.core.Forward(e.args)
	case forwarded:
		o.reached(e)
		switch {
		case e.err == nil:
			o.core.Forwarded(e.id, e.reply)
		case !errors.Is(e.err, env.ErrTimeout): // copies sent since may still be answered
			o.core.Unanswered(e.id)
		}
	case unheard:
		if o.book != nil {
			o.book.unanswered(e.err)
		}
	case pinged:
		if o.foreign(e.view.Cluster) {
			return // it is in the place of the viewservice that this server has heard of before
		}
		o.cluster = e.view.Cluster
		o.core.PingReply(e.known, e.view)
		if o.book != nil {
			o.book.pinged(e.view)
			o.book.look(o.core)
		}
		o.closePeers(o.core.view.Backup)
	case switched:
		o.core.SetDisabled(e.off)
	case inspect:
		shot := snapshot{status: o.core.Status()}
		if e.rows {
			shot.data, shot.listed = o.core.state.data.Copy(), o.core.state.listAtOnce()
		}
		e.snapshot <- shot
	}
}

// reached notes whether the backup answers. A name that nobody can dial is worth telling.
func (o *owner) reached(e event) {
	if errors.Is(e.err, env.ErrTimeout) || errors.Is(e.err, env.ErrClosed) {
		return
	}
	if o.answered, o.unreached = e.peer, ""; e.err != nil {
		o.answered, o.unreached = "", e.peer
	}
	if o.book != nil {
		o.book.answered(e.peer, e.err)
	}
}

// foreign reports whether a caller belongs to another cluster. A server that was told of no cluster yet knows no view either,
// and so refuses whoever calls.
func (o *owner) foreign(cluster viewservice.ClusterID) bool {
	return o.cluster != 0 && cluster != o.cluster
}

// ask hands a client's operation to the core.
func (o *owner) ask(e event) {
	switch {
	case o.foreign(e.cluster):
		e.answer <- Reply{Err: NotPrimary, Why: Cause{Code: OtherCluster, Server: o.cfg.Me}}
		return
	case e.cluster != o.cluster:
		e.known = 0 // it must not wait for a view that may be one of another cluster
	}
	o.core.Request(o.ticket(e.answer), e.op, e.known)
}

// position answers a client's question for the position.
func (o *owner) position(e event) Reply {
	if o.foreign(e.cluster) {
		return Reply{Err: NotPrimary, Why: Cause{Code: OtherCluster, Server: o.cfg.Me}}
	}
	return o.core.Position()
}

// ticket returns a free ticket for a request that waits at answer.
func (o *owner) ticket(answer chan Reply) Ticket {
	if n := len(o.free); n > 0 {
		t := o.free[n-1]
		o.free = o.free[:n-1]
		o.tickets[t] = answer
		return t
	}
	o.tickets = append(o.tickets, answer)
	return Ticket(len(o.tickets) - 1)
}

// act carries out what the core wants done. Nothing here waits.
func (o *owner) act(r Ready) {
	for _, a := range r.Answers {
		o.tickets[a.Ticket] <- a.Reply
		o.tickets[a.Ticket] = nil
		o.free = append(o.free, a.Ticket)
	}
	for _, args := range r.Pings {
		args.Cluster = o.cluster
		if args.BackupLost && o.answered != o.core.view.Backup {
			o.unreached = o.core.view.Backup
		}
		args.Every, args.Unreached = o.cfg.PingInterval, o.unreached
		o.workers.Go(func() { o.sendPing(args) }) // ends at its timeout or with life
	}
	for _, f := range r.Forwards {
		if f.Args.Cluster != o.cluster { // never once it was sent
			f.Args.Cluster = o.cluster
		}
		peer := o.peers[f.To]
		if peer == nil {
			peer = env.NewClient(o.cfg.Clock, o.cfg.Dial, f.To)
			o.peers[f.To] = peer
		}
		o.workers.Go(func() { o.sendForward(peer, f) }) // ends at its timeout, with life or with peer
	}
}

// closePeers ends the calls to all peers but one.
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
	if err != nil {
		s.post(event{kind: unheard, err: err})
		return
	}
	s.post(event{kind: pinged, known: args.Viewnum, view: reply})
}

func (s *Server) sendForward(peer *env.Client, f Forward) {
	reply, err := env.Ask[ForwardReply](s.life, peer, s.cfg.ForwardTimeout(), ForwardMethod, f.Args)
	s.post(event{kind: forwarded, id: f.ID, peer: f.To, reply: reply, err: err})
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
	return v.s.request(event{op: a.op(), known: a.Viewnum, cluster: a.Cluster}, reply)
}

func (v *service) PutAppend(a *PutAppendArgs, reply *Reply) error {
	return v.s.request(event{op: a.op(), known: a.Viewnum, cluster: a.Cluster}, reply)
}

func (v *service) Position(a *PositionArgs, reply *Reply) error {
	answer := make(chan Reply, 1)
	return await(v.s, event{kind: located, cluster: a.Cluster, answer: answer}, answer, reply)
}

func (s *Server) request(e event, reply *Reply) error {
	answer := s.answers.Get().(chan Reply)
	e.kind, e.answer = asked, answer
	err := await(s, e, answer, reply)
	if err == nil {
		s.answers.Put(answer) // after an error the owner may still send an answer
	}
	return err
}

func (v *service) Forward(a *ForwardArgs, reply *ForwardReply) error {
	confirm := make(chan ForwardReply, 1)
	return await(v.s, event{kind: forward, args: a, confirm: confirm}, confirm, reply)
}

func (v *service) Inspect(a *InspectArgs, reply *InspectReply) error {
	if err := a.Validate(); err != nil {
		return err
	}
	snapshots := make(chan snapshot, 1)
	rows := a.Limit > 0 || a.Back > 0 || a.Contains != ""
	var shot snapshot
	if err := await(v.s, event{kind: inspect, rows: rows, snapshot: snapshots}, snapshots, &shot); err != nil {
		return err
	}
	reply.Status, reply.Total = shot.status, shot.status.Keys
	if rows {
		if shot.listed == nil {
			shot.listed = listOf(shot.data)
		}
		reply.Rows, reply.Before, reply.Total = window(shot.data, shot.listed, *a)
	}
	return nil
}

// await hands e to the owner, and waits for its answer or for the end of the server.
func await[T any](s *Server, e event, answered <-chan T, answer *T) error {
	if s.post(e) {
		select {
		case *answer = <-answered:
			return nil
		case <-s.life.Done():
		}
	}
	return errServerClosed
}
