package cluster

import (
	"fmt"
	"sync"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/history"
	"cluster/splitbrain/pbservice"
)

// client is one client's node with the Clerk that runs on it, as long as the cluster lives.
type client struct {
	node  *netsim.Node
	clerk *pbservice.Clerk
	now   func() time.Duration
	log   *history.Recorder
	time  *leader

	running sync.WaitGroup // operations and what is called after them; close waits for it

	mu     sync.Mutex // guards what follows, and what operations say that it guards
	closed bool
	queue  []*operation                    // the first one runs
	last   [engine.KeptResults]engine.Done // number n at n % engine.KeptResults
	ended  int                             // operations so far
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
	return &client{node: node, clerk: clerk, now: c.now, log: &c.history, time: &c.time}, nil
}

func (c *Cluster) client(name string) (*client, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, engine.ErrClosed
	}
	if k := c.named[name]; k != nil {
		return k, nil
	}
	if err := engine.CheckNodes(c.names(), name); err != nil {
		return nil, err
	}
	return nil, fmt.Errorf("%s is no client: only clients run operations", name)
}

// close ends the operation that runs and those that wait. It returns when none runs any more.
func (k *client) close() {
	k.mu.Lock()
	k.closed = true
	k.mu.Unlock()
	k.clerk.Close()
	k.running.Wait()
}

// state describes the client at time now, all but what it waits for.
func (k *client) state(now time.Duration) engine.ClientState {
	k.mu.Lock()
	defer k.mu.Unlock()
	s := engine.ClientState{Name: k.node.Name(), State: k.node.State()}
	for n := k.ended - 1; n >= max(k.ended-engine.KeptResults, 0); n-- {
		s.Last = append(s.Last, k.last[n%engine.KeptResults])
	}
	if len(k.queue) > 0 {
		o := k.queue[0]
		s.Running, s.Op, s.Since = true, o.op, max(now-o.began, 0)
	}
	return s
}
