package pbservice

import (
	"context"
	"errors"
	"net/rpc"
	"time"

	"cluster/splitbrain/netsim/host"
	"cluster/splitbrain/viewservice"
)

// effort is what a Clerk does to get its operation answered: attempts, of which any may still be answered, and
// questions for the view between them.
type effort struct {
	view   viewservice.View // the newest known (S11); kept from one operation to the next (S12)
	peers  map[string]*host.Caller
	asking bool // a question for the view is under way

	Progress
	tried viewservice.Number // the view of the last attempt
	peer  *host.Caller       // of the last attempt
	args  any                // of the last attempt
	conn  host.Conn          // of the last attempt, if it went out at once and has not ended
	since time.Time          // the last attempt, or the last pause
}

// run carries op through to its answer. Any answer of any attempt is as good as another: it names the operation.
func (k *Clerk) run(ctx context.Context, op Op) (Reply, error) {
	e := &k.effort
	e.Progress = Progress{Op: op, Began: k.cfg.Clock.Now()}
	defer e.leave()
	k.try()
	for {
		select {
		case call := <-k.answers:
			if r, err, done := k.judge(call); done {
				return r, err
			}
		case v := <-k.views:
			k.learn(v)
		case <-k.due:
			k.overdue()
		case <-ctx.Done():
			return Reply{}, k.unknown(ctx.Err())
		case <-k.life.Done():
			return Reply{}, k.unknown(host.ErrClosed)
		}
	}
}

// try sends the operation to the primary of the newest view known, or asks for the view while there is none.
func (k *Clerk) try() {
	e := &k.effort
	e.leave()
	if e.view.Primary == "" {
		k.ask()
		k.pause(WaitsForView, "no view is known")
		return
	}
	e.tried, e.Server = e.view.Viewnum, e.view.Primary
	e.Attempts++
	k.wait(WaitsForAnswer, attemptPings*k.cfg.PingInterval)
	e.peer = e.peers[e.Server]
	if e.peer == nil {
		e.peer = host.NewCaller(k.cfg.Clock, k.cfg.Dial, e.Server)
		e.peers[e.Server] = e.peer
	}
	var method string
	var sent bool
	method, e.args = message(e.Op, e.tried)
	if e.conn, sent = e.peer.Go(method, e.args, new(Reply), k.answers); !sent {
		k.asks.Add(1)
		go k.dialAndCall(e.peer, method, e.args) // ends at its timeout or with life
	}
}

// leave notes that the last attempt is no longer waited for, if it has not ended. A late answer may still come.
func (e *effort) leave() {
	if e.peer != nil {
		e.peer.Abandoned(e.conn)
	}
	e.conn = host.Conn{}
}

// dialAndCall is an attempt over a connection that is not there yet.
func (k *Clerk) dialAndCall(peer *host.Caller, method string, args any) {
	defer k.asks.Done()
	call := &rpc.Call{ServiceMethod: method, Args: args}
	reply := new(Reply)
	call.Error = peer.Call(k.life, attemptPings*k.cfg.PingInterval, method, args, reply)
	if call.Error == nil {
		call.Reply = reply
	}
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

// judge looks at the end of an attempt. done is false if the operation goes on: only a result of any attempt, or
// the failure of the last one, counts.
func (k *Clerk) judge(call *rpc.Call) (r Reply, err error, done bool) {
	e := &k.effort
	if sequence(call.Args) != e.Op.Seq {
		return Reply{}, nil, false // of an earlier operation
	}
	last := call.Args == e.args
	if last {
		e.peer.Ended(e.conn, call.Error)
		e.conn = host.Conn{}
	}
	if call.Error != nil {
		if last && !errors.Is(call.Error, host.ErrTimeout) { // the timer speaks of that
			k.failed(call.Error.Error())
		}
		return Reply{}, nil, false
	}
	r = *call.Reply.(*Reply)
	switch {
	case r.Err == OK || r.Err == NoKey:
		return r, nil, true
	case r.Err == TooLarge:
		return r, &RefusedError{Op: e.Op, Why: r.Why}, true
	case last:
		k.failed(r.Why.String())
	}
	return Reply{}, nil, false
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

// failed follows a refusal or a broken connection: the view may have changed.
func (k *Clerk) failed(why string) {
	if k.effort.Waits == WaitsForAnswer {
		k.pause(WaitsToRetry, why)
	}
	k.ask()
}

// overdue follows the timer: an attempt was not answered in time, or a pause is over.
func (k *Clerk) overdue() {
	e := &k.effort
	patience := k.cfg.PingInterval
	if e.Waits == WaitsForAnswer {
		patience *= attemptPings
	}
	if left := patience - k.cfg.Clock.Now().Sub(e.since); left > 0 {
		k.timer.Reset(left) // this was an earlier wait's, fired just before it was set anew
		return
	}
	if e.Waits == WaitsForAnswer {
		e.Why = e.Server + " does not answer"
		k.ask()
	}
	k.try()
}

// learn takes the viewservice's answer. A newer view ends a pause.
func (k *Clerk) learn(v viewservice.View) {
	e := &k.effort
	e.asking = false
	if v.Viewnum <= e.view.Viewnum {
		return // S11
	}
	e.view = v
	if e.tried < v.Viewnum {
		k.try()
	}
}

// ask wants to know the view, unless that is under way already.
func (k *Clerk) ask() {
	if k.effort.asking {
		return
	}
	k.effort.asking = true
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

// pause waits an interval before the next attempt (C1).
func (k *Clerk) pause(waits Waits, why string) {
	k.effort.Why = why
	k.wait(waits, k.cfg.PingInterval)
}

func (k *Clerk) wait(waits Waits, d time.Duration) {
	e := &k.effort
	e.Waits, e.since = waits, k.cfg.Clock.Now()
	k.timer.Reset(d)
	k.show(e.Progress)
}

func (k *Clerk) show(p Progress) {
	k.mu.Lock()
	k.progress = p
	k.mu.Unlock()
}

// unknown is the error of an operation that ended without an answer.
func (k *Clerk) unknown(err error) error {
	e := &k.effort
	why := e.Why
	if why == "" {
		why = e.Server + " has not answered"
	}
	return &UnknownOutcomeError{Op: e.Op, Why: why, Err: err}
}
