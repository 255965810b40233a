package cluster

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/env"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice"
	"cluster/splitbrain/viewservice/rules"
)

// member is the node of a program that can be killed: of the viewservice or of a server.
type member struct {
	node  *netsim.Node
	start func(*netsim.Process) (program, error)

	// Guarded by Cluster.mu.
	running *boot // nil while crashed
	latest  *boot // the one that runs, or that ran last
}

// program is what runs on a member's node. Close returns when nothing of it runs any more.
type program interface {
	SetDisabled(off rules.Disabled)
	Close()
}

// boot is one boot of a member: its process and the server in it.
type boot struct {
	process *netsim.Process
	program program
	line    *env.Client // the observer's

	mu     sync.Mutex // guards what follows: its last answers to the observer, one of the two
	views  viewservice.Status
	server pbservice.Status
}

// addMember adds a node and starts its program. The caller holds c.mu.
func (c *Cluster) addMember(name string, start func(*netsim.Process) (program, error)) (*member, error) {
	node, err := c.net.Add(name)
	if err != nil {
		return nil, err
	}
	m := &member{node: node, start: start}
	return m, c.boot(m)
}

// boot starts m anew, which must not be running. The caller holds c.mu.
func (c *Cluster) boot(m *member) error {
	process, err := m.node.Start()
	if err != nil {
		return err
	}
	program, err := m.start(process)
	if err != nil {
		process.Exit()
		return fmt.Errorf("%s does not start: %w", m.node.Name(), err)
	}
	m.running = &boot{
		process: process, program: program,
		line: env.NewClient(env.System, c.net.Observer(), m.node.Name()),
	}
	m.latest = m.running
	return nil
}

// settle waits until the viewservice has heard a new server, so that servers started in turn become primary, backup
// and volunteers in this order. It is soon so; where the clock stands still it never is, and nobody waits for long.
func (c *Cluster) settle(m *member) {
	const tries = 50
	for range tries {
		if status := c.views.running.inspectViews(context.Background()); status.Member(m.node.Name()) != nil {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// viewservice starts the viewservice. One that comes back is told so (V9).
func (c *Cluster) viewservice(p *netsim.Process) (program, error) {
	s, err := viewservice.NewServer(viewservice.Config{
		PingInterval: c.cfg.PingInterval, DeadPings: c.cfg.DeadPings, Restarted: p.Boot() > 1, Disabled: c.off,
	}, p.Clock())
	if err != nil {
		return nil, err
	}
	p.Serve(s.ServeCodec)
	return s, nil
}

// server starts a key/value server. The caller holds c.mu.
func (c *Cluster) server(p *netsim.Process) (program, error) {
	s, err := pbservice.NewServer(pbservice.ServerConfig{
		Config: pbservice.Config{
			Me: p.Node().Name(), Boot: c.nextBoot(), DeadPings: c.cfg.DeadPings, ChunkKeys: c.cfg.ChunkKeys,
			FilterClients: c.cfg.FilterClients, ListKeys: c.listed, Disabled: c.off,
		},
		Views: engine.ViewAddr, PingInterval: c.cfg.PingInterval,
		Clock: p.Clock(), Dial: p.Dial,
	})
	if err != nil {
		return nil, err
	}
	p.Serve(s.ServeCodec)
	return s, nil
}

// nextBoot is larger than every boot id before it, though the clock may stand still.
func (c *Cluster) nextBoot() uint64 {
	c.lastBoot = max(c.lastBoot+1, uint64(max(c.clock.Now().UnixNano(), 1)))
	return c.lastBoot
}

// leave lets a boot end in the background. Its process has crashed, or the cluster closes.
func (c *Cluster) leave(gone *boot) {
	if gone == nil {
		return
	}
	c.leaving.Go(func() { // ends when the program does, which waits for nobody else
		gone.line.Close()
		gone.program.Close()
	})
}

// members are the viewservice and the servers. The caller holds c.mu.
func (c *Cluster) members() []*member {
	if c.views == nil {
		return nil
	}
	return slices.Concat([]*member{c.views}, c.servers)
}
