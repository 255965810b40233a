package cluster

import (
	"context"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
)

// Loss loses requests from > to with a probability.
func (c *Cluster) Loss(from, to string, probability float64) error {
	return c.onNetwork(func() error {
		return c.net.SetFault(netsim.Fault{Kind: netsim.FaultLoss, From: from, To: to, Probability: probability})
	}, from, to)
}

// LossReplies loses replies from > to with a probability.
func (c *Cluster) LossReplies(from, to string, probability float64) error {
	return c.onNetwork(func() error {
		return c.net.SetFault(netsim.Fault{Kind: netsim.FaultReplyLoss, From: from, To: to, Probability: probability})
	}, from, to)
}

// Duplicate delivers messages from > to twice with a probability.
func (c *Cluster) Duplicate(from, to string, probability float64) error {
	return c.onNetwork(func() error {
		return c.net.SetFault(netsim.Fault{Kind: netsim.FaultDuplicate, From: from, To: to, Probability: probability})
	}, from, to)
}

// Reorder lets messages from > to overtake each other within window; 0 ends it.
func (c *Cluster) Reorder(from, to string, window time.Duration) error {
	return c.onNetwork(func() error {
		return c.net.SetFault(netsim.Fault{Kind: netsim.FaultReorder, From: from, To: to, Window: window})
	}, from, to)
}

// Unreliable makes a node the lab's unreliable server.
func (c *Cluster) Unreliable(node string) error {
	return c.onNetwork(func() error { return c.net.Unreliable(node) }, node)
}

// Hold makes messages from > to wait for a person.
func (c *Cluster) Hold(from, to string) error {
	return c.onNetwork(func() error { return c.net.SetFault(netsim.Fault{Kind: netsim.FaultHold, From: from, To: to}) }, from, to)
}

// Release ends the hold of the link from > to and delivers what waits there.
func (c *Cluster) Release(from, to string) error {
	return c.onNetwork(func() error { return c.net.ClearFault(netsim.FaultHold, from, to) }, from, to)
}

// ReleaseAll ends all holds and delivers what waits.
func (c *Cluster) ReleaseAll() error { return c.onNetwork(c.net.ReleaseAll) }

// Deliver delivers a held message.
func (c *Cluster) Deliver(message uint64) error {
	return c.onNetwork(func() error { return c.net.Deliver(message) })
}

// Drop loses a held message.
func (c *Cluster) Drop(message uint64) error {
	return c.onNetwork(func() error { return c.net.Drop(message) })
}

// DuplicateHeld holds a copy of a held message too.
func (c *Cluster) DuplicateHeld(message uint64) (duplicate uint64, err error) {
	err = c.onNetwork(func() error {
		duplicate, err = c.net.DuplicateHeld(message)
		return err
	})
	return duplicate, err
}

// Pause makes the cluster's time stand.
func (c *Cluster) Pause() error {
	return c.onNetwork(func() error { c.net.Pause(); return nil })
}

// Resume lets the cluster's time go on.
func (c *Cluster) Resume() error {
	return c.onNetwork(func() error { c.net.Resume(); return nil })
}

// SetSpeed sets how fast the cluster's time goes.
func (c *Cluster) SetSpeed(speed float64) error {
	return c.onNetwork(func() error { return c.net.SetSpeed(speed) })
}

// Step lets paused time go on by one step, and says what happened.
func (c *Cluster) Step(kind netsim.StepKind) (happened string, err error) {
	if err := c.onNetwork(func() error { return nil }); err != nil {
		return "", err
	}
	return c.net.Step(kind) // without the lock: it takes a while
}

// Now is the cluster's own time since it began.
func (c *Cluster) Now() time.Duration { return c.now() }

// Wait lets d of the cluster's time pass.
func (c *Cluster) Wait(ctx context.Context, d time.Duration) error {
	if err := c.onNetwork(func() error { return nil }); err != nil {
		return err
	}
	if c.net.Paused() {
		return engine.ErrPaused
	}
	passed := make(chan struct{})
	defer c.net.Clock().AfterFunc(d, func() { close(passed) }).Stop()
	select {
	case <-passed:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-c.ended:
		return ErrClosed
	}
}

// After calls f on a goroutine of its own when d of the cluster's time has passed.
func (c *Cluster) After(d time.Duration, f func(err error)) (stop func() bool) {
	return c.net.Clock().AfterFunc(d, func() { f(nil) }).Stop
}
