package pbservice

import (
	"context"
	"errors"
	"fmt"
	"net/rpc"
	"time"

	"cluster/splitbrain/netsim/env"
	"cluster/splitbrain/viewservice"
)

// maxPause is how long a client may be silent without asking for the position: too short for others to make the servers
// forget it.
const maxPause = time.Second

// attempts are the calls that a Clerk makes for its core. Each of them may still be answered, but the Clerk waits for the
// last one only.
type attempts struct {
	peers map[string]*env.Client // by the address of the server

	began   time.Time             // when the operation began
	cluster viewservice.ClusterID // to which the Clerk belongs, since its first view; 0 before
	other   viewservice.ClusterID // to which the viewservice belongs now, if that is another one

	since time.Time     // when the last attempt, or the last pause, began
	wait  time.Duration // after which the timer ends it

	// The last attempt.
	id   uint64
	peer *env.Client
	args any
	conn *env.Conn // on which it went out at once, until it has ended
}

// run carries op through to its answer, or to the end of ctx or of the Clerk.
func (k *Clerk) run(ctx context.Context, op Op) (Reply, error) {
	k.last.began = k.cfg.Clock.Now()
	defer k.last.leave()
	if k.cfg.Locates && k.last.began.Sub(k.ended) > maxPause {
		k.core.Locate()
	}
	k.core.Begin(op)
	for {
		r := k.core.Ready()
		if r.Done {
			k.ended = k.cfg.Clock.Now()
			return r.Reply, r.Err
		}
		k.act(r)
		select {
		case call := <-k.answers:
			k.answered(call)
		case r := <-k.views:
			k.core.ViewReply(k.last.ours(r))
		case <-k.due:
			k.overdue()
		case <-ctx.Done():
			return Reply{}, k.unknown(context.Cause(ctx))
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

// send makes an attempt, which is now the last.
func (k *Clerk) send(a Attempt) {
	last := &k.last
	last.leave()
	last.id, last.peer = a.ID, last.peers[a.To]
	if last.peer == nil {
		last.peer = env.NewClient(k.cfg.Clock, k.cfg.Dial, a.To)
		last.peers[a.To] = last.peer
	}
	var method string
	method, last.args = message(a, last.cluster)
	last.conn = last.peer.Go(method, last.args, new(Reply), k.answers)
	if last.conn == nil {
		k.asks.Add(1)
		go k.dialAndCall(last.peer, method, last.args) // ends at its timeout or with life
	}
}

// leave notes that nobody waits for the last attempt any more. A late answer may still come.
func (a *attempts) leave() {
	if a.peer != nil {
		a.peer.Abandoned(a.conn)
	}
	a.conn = nil
}

// dialAndCall makes an attempt for which a connection must be dialled first.
func (k *Clerk) dialAndCall(peer *env.Client, method string, args any) {
	defer k.asks.Done()
	call := &rpc.Call{Args: args, Reply: new(Reply)}
	call.Error = peer.Call(k.life, attemptPings*k.cfg.PingInterval, method, args, call.Reply)
	select {
	case k.answers <- call:
	case <-k.life.Done():
	}
}

// message returns the RPC that makes an attempt.
func message(a Attempt, cluster viewservice.ClusterID) (method string, args any) {
	switch op := a.Op; {
	case a.Locate:
		return PositionMethod, &PositionArgs{Client: op.Client, Cluster: cluster}
	case op.Kind == Get:
		return ServiceName + ".Get", &GetArgs{
			Key: op.Key, Client: op.Client, Seq: op.Seq, Since: op.Since, Viewnum: a.Known, Cluster: cluster,
		}
	default:
		return ServiceName + ".PutAppend", &PutAppendArgs{
			Append: op.Kind == Append, Key: op.Key, Value: op.Value, Client: op.Client, Seq: op.Seq, Since: op.Since, Viewnum: a.Known, Cluster: cluster,
		}
	}
}

// ours is the view of an answer, unless it is one of another cluster: there is no view then. The viewservice was replaced, and
// what the Clerk was promised holds where it was promised only.
func (a *attempts) ours(r viewservice.GetReply) viewservice.View {
	switch {
	case r.View.Viewnum == 0:
		return viewservice.View{}
	case a.cluster == 0:
		a.cluster = r.Cluster
	case a.cluster != r.Cluster:
		a.other = r.Cluster
		return viewservice.View{}
	}
	return r.View
}

// answered hands the end of a call to the core.
func (k *Clerk) answered(call *rpc.Call) {
	id := uint64(0) // stands for an earlier attempt than the last
	if call.Args == k.last.args {
		id = k.last.id
		k.last.peer.Ended(k.last.conn, call.Error)
		k.last.conn = nil
	}
	switch {
	case call.Error == nil:
		reply := *call.Reply.(*Reply)
		if asked, ok := call.Args.(interface{ op() Op }); ok {
			k.core.Answer(asked.op().Seq, id, reply)
		} else {
			k.core.Located(id, reply)
		}
	case id != 0 && !errors.Is(call.Error, env.ErrTimeout): // the timer tells the core of a timeout
		k.core.Failed(id, call.Error.Error())
	}
}

// overdue tells the core that the wait is over, unless the timer fired for an earlier wait.
func (k *Clerk) overdue() {
	if left := k.last.wait - k.cfg.Clock.Now().Sub(k.last.since); left > 0 {
		k.timer.Reset(left) // the timer fired just before it was reset
		return
	}
	k.core.Due()
}

// ask asks the viewservice for the view.
func (k *Clerk) ask() {
	k.asks.Add(1)
	go func() { // ends at the viewservice Clerk's timeout or with it
		defer k.asks.Done()
		reply, _ := k.service.Get(k.life) // without an answer the view is view 0, which is never newer
		select {
		case k.views <- reply:
		case <-k.life.Done():
		}
	}()
}

// show makes p known to Progress.
func (k *Clerk) show(p Progress) {
	if p.Op.Seq > 0 {
		p.Began = k.last.began
	}
	k.mu.Lock()
	k.progress = p
	k.mu.Unlock()
}

// unknown ends the operation without an answer, and returns its error.
func (k *Clerk) unknown(err error) error {
	p := k.core.Progress()
	k.core.Abort()
	why := p.Unanswered()
	if k.last.other != 0 {
		why += fmt.Sprintf("; the viewservice was replaced: it belongs to cluster %v, the client to %v", k.last.other, k.last.cluster)
	}
	return &UnknownOutcomeError{Op: p.Op, Why: why, Err: err}
}
