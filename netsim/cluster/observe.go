package cluster

import (
	"context"
	"sync"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/env"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice"
)

// patience is how long the observer waits for an answer, in real time. Nothing is between it and a node that runs.
const patience = time.Second

// Observe asks the viewservice and every server that runs, all at once. One that does not answer within a second is
// shown with its last answer and without its keys. The error is ctx's, or says that w is impossible or the cluster
// closed.
func (c *Cluster) Observe(ctx context.Context, w engine.Window) (engine.Snapshot, error) {
	if err := w.Validate(); err != nil {
		return engine.Snapshot{}, err
	}
	views, servers, err := c.asked(w.Limit > 0)
	if err != nil {
		return engine.Snapshot{}, err
	}
	var asking sync.WaitGroup // ends with ctx, or after patience
	if views != nil {
		asking.Go(func() { views.inspectViews(ctx) })
	}
	windows := make([]pbservice.InspectReply, len(servers))
	for i, s := range servers {
		if s != nil {
			asking.Go(func() { windows[i] = s.inspectServer(ctx, w) })
		}
	}
	asking.Wait()
	if err := ctx.Err(); err != nil {
		return engine.Snapshot{}, err
	}
	return c.snapshot(servers, windows, w), nil
}

// asked returns the boots that run now; nil where none does. Once keys are asked for, servers keep them in order from their boot on.
func (c *Cluster) asked(keys bool) (views *boot, servers []*boot, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.listed = c.listed || keys
	if c.closed {
		return nil, nil, engine.ErrClosed
	}
	for _, m := range c.servers {
		servers = append(servers, m.running)
	}
	return c.views.running, servers, nil
}

// inspectViews returns the viewservice's answer, or its last one.
func (b *boot) inspectViews(ctx context.Context) viewservice.Status {
	reply, err := env.Ask[viewservice.Status](ctx, b.line, patience, viewservice.ServiceName+".Inspect", &viewservice.InspectArgs{})
	b.mu.Lock()
	defer b.mu.Unlock()
	if err == nil {
		b.views = reply
	}
	return b.views
}

// inspectServer returns a server's answer; nothing if there was none.
func (b *boot) inspectServer(ctx context.Context, w engine.Window) pbservice.InspectReply {
	reply, err := env.Ask[pbservice.InspectReply](ctx, b.line, patience, pbservice.ServiceName+".Inspect", &w)
	if err == nil {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.server = reply.Status
	}
	return reply
}

// snapshot puts the answers together with what the network knows of its nodes. A server that was killed or
// restarted meanwhile is shown as it is now.
func (c *Cluster) snapshot(asked []*boot, windows []pbservice.InspectReply, w engine.Window) engine.Snapshot {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	s := engine.Snapshot{
		At: now, Config: c.cfg, Faults: c.net.Faults(), Held: c.held(now),
		Disabled: c.off, WereOff: c.wereOff, Latency: c.cfg.Latency, Paused: c.net.Paused(), Speed: c.net.Speed(),
		Viewservice: engine.ViewserviceState{State: c.views.node.State(), Boots: c.views.node.Boots()},
	}
	s.Standing, s.Pace = c.time.seen()
	c.views.latest.mu.Lock()
	s.Viewservice.Status = c.views.latest.views
	c.views.latest.mu.Unlock()
	answers := map[string]pbservice.InspectReply{}
	for i, m := range c.servers {
		server := m.state()
		s.Servers = append(s.Servers, server)
		answers[server.Name] = pbservice.InspectReply{}
		if i < len(asked) && m.running != nil && m.running == asked[i] {
			answers[server.Name] = windows[i]
		}
	}
	s.Map = engine.Align(answers, w)
	for _, k := range c.clients {
		s.Clients = append(s.Clients, k.state(now))
	}
	engine.Explain(&s, func(i int) pbservice.Progress { return c.clients[i].clerk.Progress() })
	return s
}

// held are the messages that wait for a person. A forward whose sender has given up, or soon will, is marked; the bound moves
// rarely, so that which forwards are of use stays the same for a while.
func (c *Cluster) held(now time.Duration) []netsim.Held {
	all := c.net.Held()
	patience := (&pbservice.ServerConfig{Config: pbservice.Config{DeadPings: c.cfg.DeadPings}, PingInterval: c.cfg.PingInterval}).ForwardTimeout()
	if now < patience {
		return all
	}
	step := patience / 3
	bound := (now - patience).Truncate(step) + step
	for i := range all {
		h := &all[i]
		h.Expired = h.Method == pbservice.ForwardMethod && h.Since < bound
	}
	return all
}

// state is what is known of a server's node. The caller holds Cluster.mu.
func (m *member) state() engine.ServerState {
	s := engine.ServerState{Name: m.node.Name(), State: m.node.State(), Boots: m.node.Boots()}
	if m.running != nil {
		m.running.mu.Lock()
		defer m.running.mu.Unlock()
		s.Status = m.running.server
	}
	return s
}
