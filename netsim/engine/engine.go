package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/history"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice"
	"cluster/splitbrain/viewservice/rules"
)

// ViewAddr is the name of the viewservice's node. Servers are s1, s2, … and clients c1, c2, ….
const ViewAddr = "vs"

// TraceLen is how many events an engine's trace remembers besides pings, and how many of pings: those of about two minutes
// of three servers. However long a cluster idles, what happened before is there.
const TraceLen = 1 << 14

// Limits of a cluster that a person can still look at.
const (
	MaxServers = 9
	MaxClients = 64
)

// Config describes a cluster.
type Config struct {
	Servers      int // 1 to MaxServers
	Clients      int // 1 to MaxClients
	PingInterval time.Duration
	DeadPings    int
	ChunkKeys    int // keys in one message of a transfer, up to pbservice.DefaultChunkKeys; 0: that many
	// FilterClients is how many clients the duplicate filter remembers (S10); 0: pbservice.DefaultFilterClients.
	FilterClients int
	// Latency is how long a message takes on a whole link, 0 to half of PingInterval; 0 is none, and the least that the
	// simulated engine has.
	Latency  time.Duration
	Seed     uint64         // of all that is random
	Disabled rules.Disabled // rules that are switched off from the beginning
	Standing bool           // a Led engine is led from the beginning, at pace 0
}

// ErrPaused says that what was asked for needs time to pass.
var ErrPaused = errors.New("time is paused: nothing moves until resume or step")

// ErrClosed says that the cluster was closed.
var ErrClosed = errors.New("the cluster is closed")

// Defaults are those of the command line.
var Defaults = Config{
	Servers: 3, Clients: 2, PingInterval: viewservice.DefaultPingInterval, DeadPings: viewservice.DefaultDeadPings,
}

// Validate says what is wrong with the configuration.
func (c Config) Validate() error {
	if c.Servers < 1 || c.Servers > MaxServers {
		return fmt.Errorf("servers %d: must be 1 to %d", c.Servers, MaxServers)
	}
	if c.Clients < 1 || c.Clients > MaxClients {
		return fmt.Errorf("clients %d: must be 1 to %d", c.Clients, MaxClients)
	}
	if c.PingInterval < time.Millisecond || c.PingInterval > time.Minute {
		return fmt.Errorf("ping interval %v: must be 1ms to 1m", c.PingInterval)
	}
	if c.DeadPings < 1 || c.DeadPings > 1000 {
		return fmt.Errorf("dead pings %d: must be 1 to 1000", c.DeadPings)
	}
	if c.ChunkKeys < 0 || c.ChunkKeys > pbservice.DefaultChunkKeys {
		return fmt.Errorf("chunk keys %d: must be 0 to %d", c.ChunkKeys, pbservice.DefaultChunkKeys)
	}
	if c.Latency < 0 || c.Latency > c.PingInterval/2 {
		return fmt.Errorf("latency %v: must be 0 to half of the ping interval, which is %v", c.Latency, c.PingInterval)
	}
	if c.FilterClients < 0 || c.FilterClients > pbservice.DefaultFilterClients {
		return fmt.Errorf("filter clients %d: must be 0 to %d", c.FilterClients, pbservice.DefaultFilterClients)
	}
	return nil
}

// Engine is one cluster. Safe for concurrent use.
type Engine interface {
	// Apply does to the cluster what a person asks for, and says in one line what that came to. It either happens, or changes
	// nothing and the error says why in one line. A step takes some milliseconds.
	Apply(c Command) (done string, err error)

	// Invoke gives a client an operation, of which Kind, Key and Value are used. A client runs one operation at a time:
	// it begins this one before Invoke returns, or when those that it was given earlier have ended.
	Invoke(client string, op pbservice.Op, start Start) (Operation, error)

	Now() time.Duration // since the cluster began, in its own time
	// Wait lets d of the cluster's time pass, counted from now. It fails at once while time is paused, and when ctx or
	// the cluster ends; a pause meanwhile makes it longer.
	Wait(ctx context.Context, d time.Duration) error
	// After calls f once, when d of the cluster's time has passed, counted from now: with nil, or with ErrRewound as soon
	// as the world goes to another step. While time is paused no time passes. It is never called after Close. stop reports
	// whether it has kept f from being called.
	//
	// The functions that are given to After and OnDone may use the engine, but not Wait, Operation.Wait or Close, and
	// must wait for nothing else. The live engine calls each on a goroutine of its own, several at a time. The simulated one
	// calls them one by one, in the order of their times, before time goes on.
	After(d time.Duration, f func(err error)) (stop func() bool)

	// Nodes are all names: the viewservice, the servers, the clients, in this order.
	Nodes() []string
	// Observe asks every running server and the viewservice for their state, on a path that no fault touches
	// and that changes nothing. Of the maps it asks only for the window.
	Observe(ctx context.Context, w Window) (Snapshot, error)
	Trace() *netsim.Trace
	// History is what the clients saw since the cluster began, and what it is judged to be.
	History() *history.Recorder
	Close()
}
