package cluster

import (
	"fmt"
	"slices"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/viewservice/rules"
)

// Kill crashes a server or the viewservice, frozen or not. What it has already sent still arrives.
func (c *Cluster) Kill(node string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	m, err := c.mortal(node, "killed")
	if err != nil {
		return err
	}
	if m.running == nil {
		return fmt.Errorf("%s has crashed already", node)
	}
	return c.crash(m)
}

// Restart starts a new, empty incarnation of a server or the viewservice, and kills the running one first.
func (c *Cluster) Restart(node string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	m, err := c.mortal(node, "restarted")
	if err != nil {
		return err
	}
	if m.running != nil {
		if err := c.crash(m); err != nil {
			return err
		}
	}
	return c.boot(m)
}

func (c *Cluster) crash(m *member) error {
	if err := m.node.Crash(); err != nil {
		return err
	}
	c.leave(m.running)
	m.running = nil
	return nil
}

// mortal finds a node that can be killed. The caller holds c.mu.
func (c *Cluster) mortal(name, done string) (*member, error) {
	if err := c.known(name); err != nil {
		return nil, err
	}
	all := c.members()
	i := slices.IndexFunc(all, func(m *member) bool { return m.node.Name() == name })
	if i < 0 {
		return nil, fmt.Errorf("%s is a client: only servers and %s can be %s", name, engine.ViewAddr, done)
	}
	return all[i], nil
}

// known says that the cluster is closed, or that a name is not one of its nodes'. The caller holds c.mu.
func (c *Cluster) known(names ...string) error {
	if c.closed {
		return ErrClosed
	}
	return engine.CheckNodes(c.names(), names...)
}

// Freeze makes any node stand still. The observer still reaches it.
func (c *Cluster) Freeze(node string) error {
	return c.onNode(node, func(n *netsim.Node) error {
		if n.State() == netsim.Crashed {
			return fmt.Errorf("%s has crashed: only what runs can be frozen", node)
		}
		return n.Freeze()
	})
}

// Thaw lets a frozen node go on.
func (c *Cluster) Thaw(node string) error { return c.onNode(node, (*netsim.Node).Thaw) }

func (c *Cluster) onNode(name string, verb func(*netsim.Node) error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.known(name); err != nil {
		return err
	}
	return verb(c.net.Node(name))
}

// Cut makes the link from > to swallow every message.
func (c *Cluster) Cut(from, to string) error {
	return c.onNetwork(func() error { return c.net.SetFault(netsim.Fault{Kind: netsim.FaultCut, From: from, To: to}) }, from, to)
}

// Heal undoes a cut of the link from > to.
func (c *Cluster) Heal(from, to string) error {
	return c.onNetwork(func() error { return c.net.ClearFault(netsim.FaultCut, from, to) }, from, to)
}

// HealAll makes all links whole and thaws all that is frozen. The crashed stay so.
func (c *Cluster) HealAll() error {
	return c.onNetwork(func() error {
		if err := c.net.HealAll(); err != nil {
			return err
		}
		for _, name := range c.names() {
			if node := c.net.Node(name); node.State() == netsim.Frozen {
				if err := node.Thaw(); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// Isolate cuts a node from all others, both ways.
func (c *Cluster) Isolate(node string) error {
	return c.onNetwork(func() error { return c.net.Isolate(node) }, node)
}

// Partition cuts nodes of different groups from one another and heals the cuts within each. Nodes in no group form
// one more.
func (c *Cluster) Partition(groups [][]string) error {
	return c.onNetwork(func() error { return c.net.Partition(groups) }, slices.Concat(groups...)...)
}

// Delay makes messages from > to take base ± jitter, at most netsim.MaxDelay each; 0, 0 ends it.
func (c *Cluster) Delay(from, to string, base, jitter time.Duration) error {
	return c.onNetwork(func() error {
		return c.net.SetFault(netsim.Fault{Kind: netsim.FaultDelay, From: from, To: to, Delay: base, Jitter: jitter})
	}, from, to)
}

// Switch turns a rule off, or on again, at the viewservice and all servers.
func (c *Cluster) Switch(rule rules.Rule, on bool) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.known(); err != nil {
		return err
	}
	c.off = c.off.Set(rule, !on)
	for _, m := range c.members() {
		if m.running != nil {
			m.running.program.SetDisabled(c.off)
		}
	}
	return nil
}

// onNetwork runs verb if all names are those of nodes.
func (c *Cluster) onNetwork(verb func() error, names ...string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.known(names...); err != nil {
		return err
	}
	return verb()
}
