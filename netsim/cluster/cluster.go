package cluster

import (
	"fmt"
	"sync"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/env"
	"cluster/splitbrain/netsim/history"
	"cluster/splitbrain/viewservice"
	"cluster/splitbrain/viewservice/rules"
)

var _ engine.Led = (*Cluster)(nil)

// Cluster is a live engine.Engine. Safe for concurrent use.
type Cluster struct {
	cfg   engine.Config
	clock env.Clock
	began time.Time // on the network's clock
	net   *netsim.Network
	time  leader

	history history.Recorder

	leaving sync.WaitGroup // boots that were killed; Close waits until nothing of them runs
	ended   chan struct{}  // closed by Close

	mu       sync.Mutex // guards what follows, and what members say that it guards
	closed   bool
	views    *member
	servers  []*member          // s1, s2, …: none is ever removed
	clients  []*client          // c1, c2, …
	named    map[string]*client // the same
	lastBoot uint64
	off      rules.Disabled // rules that are switched off
	wereOff  rules.Disabled // rules that are, or were
	listed   bool           // somebody has asked for keys
}

// New starts a cluster: vs, s1, s2, …, and c1, c2, …. It fails if cfg is not valid. Close ends it.
func New(cfg engine.Config) (*Cluster, error) { return newCluster(cfg, env.System) }

// newCluster is New with a network and nodes that live by clock. Only the observer's patience stays the machine's: it can
// look at a cluster whose time stands still.
func newCluster(cfg engine.Config, clock env.Clock) (*Cluster, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	c := &Cluster{cfg: cfg, clock: clock, off: cfg.Disabled, wereOff: cfg.Disabled, ended: make(chan struct{}), named: map[string]*client{}}
	c.net = netsim.New(netsim.Config{Seed: cfg.Seed, Latency: cfg.Latency, Clock: c.clock, TraceLen: engine.TraceLen, SeparateMethod: viewservice.PingMethod})
	c.time.net, c.time.pace = c.net, 1
	c.began = c.net.Clock().Now()
	c.net.Clock().AfterFunc(cfg.PingInterval, c.net.Trace().Watch()) // the first pings decide who is primary
	if err := c.populate(); err != nil {
		c.Close()
		return nil, err
	}
	if cfg.Standing {
		c.Lead(0)
	}
	return c, nil
}

func (c *Cluster) populate() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	var err error
	if c.views, err = c.addMember(engine.ViewAddr, c.viewservice); err != nil {
		return err
	}
	for range c.cfg.Servers {
		if err := c.addServer(engine.NextServer(c.names())); err != nil {
			return err
		}
		c.settle(c.servers[len(c.servers)-1])
	}
	for i := range c.cfg.Clients {
		k, err := c.newClient(fmt.Sprintf("c%d", i+1))
		if err != nil {
			return err
		}
		c.clients = append(c.clients, k)
		c.named[k.node.Name()] = k
	}
	return nil
}

// addServer starts one more server. The caller holds c.mu.
func (c *Cluster) addServer(name string) error {
	m, err := c.addMember(name, c.server)
	if err != nil {
		return err
	}
	c.servers = append(c.servers, m)
	return nil
}

// Nodes returns the names of the viewservice, the servers and the clients, in this order.
func (c *Cluster) Nodes() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.names()
}

func (c *Cluster) names() []string {
	names := []string{engine.ViewAddr}
	for _, m := range c.servers {
		names = append(names, m.node.Name())
	}
	for _, k := range c.clients {
		names = append(names, k.node.Name())
	}
	return names
}

// Trace returns the network's trace. It records messages only while somebody watches it, and in the first interval.
func (c *Cluster) Trace() *netsim.Trace { return c.net.Trace() }

// History is what the clients saw.
func (c *Cluster) History() *history.Recorder { return &c.history }

// Close ends all programs and the network. Operations that run end with an unknown outcome. It returns when nothing
// of the cluster runs any more but readers of connections, which have been told to end.
func (c *Cluster) Close() {
	c.mu.Lock()
	if !c.closed {
		c.closed = true
		close(c.ended)
	}
	for _, m := range c.members() {
		c.leave(m.running)
		m.running = nil
	}
	clients := c.clients
	c.mu.Unlock()
	for _, k := range clients {
		k.close()
	}
	c.leaving.Wait()
	c.net.Close()
}

// now is how long the cluster has lived, in its own time.
func (c *Cluster) now() time.Duration { return c.net.Clock().Now().Sub(c.began) }
