package viewservice

import (
	"context"
	"time"

	"cluster/splitbrain/netsim/env"
)

// Clerk calls a viewservice. It keeps one connection and retries nothing: a server pings again after the next interval, and
// a client asks again when it needs to. Safe for concurrent use.
type Clerk struct {
	client  *env.Client
	timeout time.Duration
}

// NewClerk returns a Clerk of the viewservice at addr. Each of its calls ends after timeout on clock at the latest, with
// env.ErrTimeout. The caller ends the Clerk with Close.
func NewClerk(clock env.Clock, dial env.Dialer, addr string, timeout time.Duration) *Clerk {
	return &Clerk{client: env.NewClient(clock, dial, addr), timeout: timeout}
}

// Ping sends one ping and returns the view after it.
func (k *Clerk) Ping(ctx context.Context, args PingArgs) (PingReply, error) {
	return env.Ask[PingReply](ctx, k.client, k.timeout, PingMethod, &args)
}

// Get asks for the current view.
func (k *Clerk) Get(ctx context.Context) (GetReply, error) {
	return env.Ask[GetReply](ctx, k.client, k.timeout, GetMethod, &GetArgs{})
}

// Primary asks for the name of the current primary; "" in view 0.
func (k *Clerk) Primary(ctx context.Context) (string, error) {
	reply, err := k.Get(ctx)
	return reply.View.Primary, err
}

// Inspect asks for the Status of the viewservice.
func (k *Clerk) Inspect(ctx context.Context) (Status, error) {
	return env.Ask[Status](ctx, k.client, k.timeout, ServiceName+".Inspect", &InspectArgs{})
}

// Close ends the Clerk's calls and its connection.
func (k *Clerk) Close() { k.client.Close() }
