package cluster

import (
	"context"
	"fmt"
	"sync"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/history"
	"cluster/splitbrain/pbservice"
)

// keptResults is how many results of a client are remembered.
const keptResults = 8

// client is one client's node with the Clerk that runs on it, as long as the cluster lives.
type client struct {
	node  *netsim.Node
	clerk *pbservice.Clerk
	now   func() time.Duration
	log   *history.Recorder
	turn  chan struct{} // held by the operation that runs

	mu      sync.Mutex // guards what follows
	running bool
	op      pbservice.Op
	began   time.Duration
	last    [keptResults]engine.Done // number n at n % keptResults
	ended   int                      // operations so far
}

// newClient adds and starts a client. The caller holds c.mu.
func (c *Cluster) newClient(name string) (*client, error) {
	node, err := c.net.Add(name)
	if err != nil {
		return nil, err
	}
	process, err := node.Start()
	if err != nil {
		return nil, err
	}
	clerk := pbservice.NewClerk(pbservice.ClerkConfig{
		Client: name, Views: engine.ViewAddr, PingInterval: c.cfg.PingInterval, DeadPings: c.cfg.DeadPings,
		Clock: process.Clock(), Dial: process.Dial,
	})
	return &client{node: node, clerk: clerk, now: c.now, log: &c.history, turn: make(chan struct{}, 1)}, nil
}

func (c *Cluster) client(name string) (*client, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, ErrClosed
	}
	if k := c.named[name]; k != nil {
		return k, nil
	}
	if err := c.known(name); err != nil {
		return nil, err
	}
	return nil, fmt.Errorf("%s is no client: only clients run operations", name)
}

// do runs op once the client's operations before it have ended.
func (k *client) do(ctx context.Context, op pbservice.Op) (pbservice.Reply, error) {
	select {
	case k.turn <- struct{}{}:
		defer func() { <-k.turn }()
	case <-ctx.Done():
		return pbservice.Reply{}, fmt.Errorf("not sent: %s runs another operation: %w", k.node.Name(), ctx.Err())
	}
	id := k.begin(op)
	reply, err := k.clerk.Do(ctx, op)
	k.end(id, reply, err)
	return reply, err
}

// begin returns the operation's name in the history.
func (k *client) begin(op pbservice.Op) (id int) {
	now := k.now()
	k.mu.Lock()
	defer k.mu.Unlock()
	op.Client = k.node.Name()
	k.running, k.op, k.began = true, op, now
	return k.log.Call(op.Client, op, now)
}

func (k *client) end(id int, reply pbservice.Reply, err error) {
	now := k.now()
	k.mu.Lock()
	defer k.mu.Unlock()
	done := engine.Done{At: now, Took: now - k.began, Op: k.op, Reply: reply, Outcome: engine.OutcomeOf(reply, err)}
	k.last[k.ended%keptResults] = done
	k.ended++
	k.running, k.op = false, pbservice.Op{}
	k.log.Return(id, now, history.OutcomeOf(reply, err))
}

// state describes the client at time now, all but what it waits for.
func (k *client) state(now time.Duration) engine.ClientState {
	k.mu.Lock()
	defer k.mu.Unlock()
	s := engine.ClientState{
		Name: k.node.Name(), State: k.node.State(), Running: k.running, Op: k.op,
	}
	for n := k.ended - 1; n >= max(k.ended-keptResults, 0); n-- {
		s.Last = append(s.Last, k.last[n%keptResults])
	}
	if k.running {
		s.Since = max(now-k.began, 0)
	}
	return s
}
