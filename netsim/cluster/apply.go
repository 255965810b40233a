package cluster

import (
	"fmt"
	"slices"
	"strconv"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
)

// Apply carries a command out. What a killed server has already sent still arrives. A step takes some milliseconds, and
// other commands don't wait for it.
func (c *Cluster) Apply(cmd engine.Command) (done string, err error) {
	if cmd.Kind == engine.Step {
		return c.step(cmd)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return "", engine.ErrClosed
	}
	if cmd, err = cmd.Within(c.names(), c.net.Held); err != nil {
		return "", err
	}
	came, err := c.apply(cmd)
	if err != nil {
		return "", err
	}
	return cmd.Done(came), nil
}

// step lets paused time go on by one step.
func (c *Cluster) step(cmd engine.Command) (done string, err error) {
	if err := c.open(); err != nil {
		return "", err
	}
	happened, err := c.net.Step(cmd.Step)
	if err != nil {
		return "", err
	}
	return cmd.Done(happened), nil
}

// apply carries out what Within has returned, and says what only the cluster knows of it. The caller holds c.mu.
func (c *Cluster) apply(cmd engine.Command) (came string, err error) {
	switch cmd.Kind {
	case engine.Kill, engine.Restart, engine.Freeze, engine.Thaw, engine.Add:
		return "", c.applyToNode(cmd)
	case engine.Deliver:
		return "", c.net.Deliver(cmd.Message)
	case engine.Drop:
		return "", c.net.Drop(cmd.Message)
	case engine.Duplicate:
		duplicate, err := c.net.DuplicateHeld(cmd.Message)
		return strconv.FormatUint(duplicate, 10), err
	case engine.SetRule:
		c.setRule(cmd)
		return "", nil
	case engine.Pause:
		c.net.Pause()
		return "", nil
	case engine.Resume:
		c.net.Resume()
		return "", nil
	case engine.SetSpeed:
		return "", c.net.SetSpeed(cmd.Speed)
	}
	return "", c.applyToLinks(cmd)
}

func (c *Cluster) applyToNode(cmd engine.Command) error {
	switch cmd.Kind {
	case engine.Kill, engine.Restart:
		return c.crashOrRestart(cmd)
	case engine.Add:
		return c.addServer(cmd.Node)
	case engine.Thaw:
		return c.net.Node(cmd.Node).Thaw()
	}
	node := c.net.Node(cmd.Node)
	if node.State() == netsim.Crashed {
		return fmt.Errorf("%s has crashed: only what runs can be frozen", cmd.Node)
	}
	return node.Freeze()
}

// crashOrRestart ends what runs on a node, frozen or not, and begins a new, empty boot if that is asked for.
func (c *Cluster) crashOrRestart(cmd engine.Command) error {
	all := c.members()
	m := all[slices.IndexFunc(all, func(m *member) bool { return m.node.Name() == cmd.Node })]
	switch {
	case m.running != nil:
		if err := m.node.Crash(); err != nil {
			return err
		}
		c.leave(m.running)
		m.running = nil
	case cmd.Kind == engine.Kill:
		return fmt.Errorf("%s has crashed already", cmd.Node)
	}
	if cmd.Kind == engine.Kill {
		return nil
	}
	return c.boot(m)
}

func (c *Cluster) applyToLinks(cmd engine.Command) error {
	switch cmd.Kind {
	case engine.SetFault, engine.ClearFault:
		for _, f := range cmd.Faults() {
			change := func() error { return c.net.ClearFault(f.Kind, f.From, f.To) }
			if cmd.Kind == engine.SetFault {
				change = func() error { return c.net.SetFault(f) }
			}
			if err := change(); err != nil {
				return err
			}
		}
		return nil
	case engine.HealAll:
		return c.healAll()
	case engine.HealNode:
		return c.healNode(cmd.Node)
	case engine.ReleaseAll:
		return c.net.ReleaseAll()
	case engine.Isolate:
		return c.net.Isolate(cmd.Node)
	case engine.Partition:
		return c.net.Partition(cmd.Groups)
	case engine.Unreliable:
		return c.net.Unreliable(cmd.Node)
	}
	return fmt.Errorf("no such command: %v", cmd)
}

// healAll makes all links whole and thaws all that is frozen. The crashed stay so.
func (c *Cluster) healAll() error {
	if err := c.net.HealAll(); err != nil {
		return err
	}
	for _, name := range c.names() {
		if err := c.thawFrozen(name); err != nil {
			return err
		}
	}
	return nil
}

func (c *Cluster) healNode(name string) error {
	if err := c.net.HealNode(name); err != nil {
		return err
	}
	return c.thawFrozen(name)
}

// thawFrozen thaws a node if it is frozen.
func (c *Cluster) thawFrozen(name string) error {
	if node := c.net.Node(name); node.State() == netsim.Frozen {
		return node.Thaw()
	}
	return nil
}

// setRule turns a rule off, or on again, at the viewservice and all servers.
func (c *Cluster) setRule(cmd engine.Command) {
	c.off = c.off.Set(cmd.Rule, !cmd.On)
	c.wereOff |= c.off
	for _, m := range c.members() {
		if m.running != nil {
			m.running.program.SetDisabled(c.off)
		}
	}
}

// open says that the cluster is closed.
func (c *Cluster) open() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return engine.ErrClosed
	}
	return nil
}
