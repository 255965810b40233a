package cluster

import (
	"context"
	"time"

	"cluster/splitbrain/netsim/engine"
)

// Now is the cluster's own time since it began.
func (c *Cluster) Now() time.Duration { return c.now() }

// Wait lets d of the cluster's time pass.
func (c *Cluster) Wait(ctx context.Context, d time.Duration) error {
	if err := c.open(); err != nil {
		return err
	}
	if c.net.Paused() {
		return engine.ErrPaused
	}
	passed := make(chan struct{})
	defer c.net.Clock().AfterFunc(d, func() { close(passed) }).Stop()
	c.time.wait(+1)
	defer c.time.wait(-1)
	select {
	case <-passed:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-c.ended:
		return engine.ErrClosed
	}
}

// After calls f on a goroutine of its own when d of the cluster's time has passed.
func (c *Cluster) After(d time.Duration, f func(err error)) (stop func() bool) {
	return c.net.Clock().AfterFunc(d, func() { f(nil) }).Stop
}
