package pbservice

import (
	"context"
	"errors"
	"net/rpc"
	"time"

	"cluster/splitbrain/netsim/env"
	"cluster/splitbrain/viewservice"
)

// attempts are the calls that a Clerk makes for its core: any of them may still be answered, but only the last one
// is waited for.
type attempts struct {
	peers map[string]*env.Client

	began time.Time // the operation
	since time.Time // the last attempt, or the last pause
	wait  time.Duration
	id    uint64      // the last attempt
	peer  *env.Client // its
	args  any         // its
	conn  env.Conn    // its, if it went out at once and has not ended
}

// run carries op through to its answer.
func (k *Clerk) run(ctx context.Context, op Op) (Reply, error) {
	k.last.began = k.cfg.Clock.Now()
	defer k.last.leave()
	k.core.Begin(op)
	for {
		r := k.core.Ready()
		if r.Done {
			return r.Reply, r.Err
		}
		k.act(r)
		select {
		case call := <-k.answers:
			k.answered(call)
		case v := <-k.views:
			k.core.ViewReply(v)
		case <-k.due:
			k.overdue()
		case <-ctx.Done():
			return Reply{}, k.unknown(ctx.Err())
		case <-k.life.Done():
			return Reply{}, k.unknown(env.ErrClosed)
		}
	}
}

// act carries out what the core wants done. Nothing here waits.
func (k *Clerk) act(r ClerkReady) {
	if r.Ask {
		k.ask()
	}
	if r.Send.ID != 0 {
		k.send(r.Send)
	}
	if r.Wait != 0 {
		k.last.wait = time.Duration(r.Wait) * k.cfg.PingInterval
		k.last.since = k.cfg.Clock.Now()
		k.timer.Reset(k.last.wait)
		k.show(k.core.Progress())
	}
}

func (k *Clerk) send(a Attempt) {
	l := &k.last
	l.leave()
	l.id, l.peer = a.ID, l.peers[a.To]
	if l.peer == nil {
		l.peer = env.NewClient(k.cfg.Clock, k.cfg.Dial, a.To)
		l.peers[a.To] = l.peer
	}
	var method string
	var sent bool
	method, l.args = message(a.Op, a.Known)
	if l.conn, sent = l.peer.Go(method, l.args, new(Reply), k.answers); !sent {
		k.asks.Add(1)
		go k.dialAndCall(l.peer, method, l.args) // ends at its timeout or with life
	}
}

// leave notes that the last attempt is no longer waited for, if it has not ended. A late answer may still come.
func (l *attempts) leave() {
	if l.peer != nil {
		l.peer.Abandoned(l.conn)
	}
	l.conn = env.Conn{}
}

// dialAndCall is an attempt over a connection that is not there yet.
func (k *Clerk) dialAndCall(peer *env.Client, method string, args any) {
	defer k.asks.Done()
	call := &rpc.Call{Args: args, Reply: new(Reply)}
	call.Error = peer.Call(k.life, attemptPings*k.cfg.PingInterval, method, args, call.Reply)
	select {
	case k.answers <- call:
	case <-k.life.Done():
	}
}

func message(op Op, known viewservice.Number) (method string, args any) {
	if op.Kind == Get {
		return ServiceName + ".Get", &GetArgs{Key: op.Key, Client: op.Client, Seq: op.Seq, Viewnum: known}
	}
	return ServiceName + ".PutAppend", &PutAppendArgs{
		Append: op.Kind == Append, Key: op.Key, Value: op.Value, Client: op.Client, Seq: op.Seq, Viewnum: known,
	}
}

// answered hands the end of a call to the core.
func (k *Clerk) answered(call *rpc.Call) {
	id := uint64(0) // of an earlier attempt
	if call.Args == k.last.args {
		id = k.last.id
		k.last.peer.Ended(k.last.conn, call.Error)
		k.last.conn = env.Conn{}
	}
	switch {
	case call.Error == nil:
		k.core.Answer(sequence(call.Args), id, *call.Reply.(*Reply))
	case id != 0 && !errors.Is(call.Error, env.ErrTimeout): // the timer speaks of that
		k.core.Failed(id, call.Error.Error())
	}
}

func sequence(args any) uint64 {
	switch a := args.(type) {
	case *GetArgs:
		return a.Seq
	case *PutAppendArgs:
		return a.Seq
	}
	return 0
}

// overdue follows the timer.
func (k *Clerk) overdue() {
	if left := k.last.wait - k.cfg.Clock.Now().Sub(k.last.since); left > 0 {
		k.timer.Reset(left) // this was an earlier wait's, fired just before it was set anew
		return
	}
	k.core.Due()
}

// ask asks the viewservice.
func (k *Clerk) ask() {
	k.asks.Add(1)
	go func() { // ends at the viewservice Clerk's timeout or with it
		defer k.asks.Done()
		reply, _ := k.service.Get(k.life) // without an answer: view 0, which is never news
		select {
		case k.views <- reply.View:
		case <-k.life.Done():
		}
	}()
}

func (k *Clerk) show(p Progress) {
	if p.Op.Seq > 0 {
		p.Began = k.last.began
	}
	k.mu.Lock()
	k.progress = p
	k.mu.Unlock()
}

// unknown is the error of an operation that ended without an answer.
func (k *Clerk) unknown(err error) error {
	p := k.core.Progress()
	k.core.Abort()
	if p.Why == "" {
		p.Why = p.Server + " has not answered"
	}
	return &UnknownOutcomeError{Op: p.Op, Why: p.Why, Err: err}
}
