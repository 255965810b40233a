package pbservice

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/rpc"
	"sync"
	"time"

	"cluster/splitbrain/netsim/env"
	"cluster/splitbrain/viewservice"
)

// ClerkConfig is what a Clerk needs to know.
type ClerkConfig struct {
	Client       string // unique among all clients for ever: servers know operations by it and a number (S10)
	Views        string // the viewservice's address
	PingInterval time.Duration
	DeadPings    int
	// Locates asks for the position before an operation that is the first, or comes after a pause (S10). A client needs it
	// that begins after others did, when those are so many that servers forget some.
	Locates bool
	Clock   env.Clock
	Dial    env.Dialer
}

// attemptPings is how many PingIntervals a Clerk waits for an answer before it asks for the view and sends the operation
// again. So short a wait costs little: a server that still has the first copy lets both wait for one answer.
const attemptPings = 2

// ErrForgotten says that the servers have forgotten a client while its operation was under way (S10).
var ErrForgotten = errors.New("the servers have forgotten the client")

// UnknownOutcomeError says that an operation ended without an answer. A Put or Append may have happened, and may
// still happen (C2). It wraps the context's error, or ErrForgotten.
type UnknownOutcomeError struct {
	Op  Op
	Why string // what the Clerk was waiting for
	Err error
}

func (e *UnknownOutcomeError) Error() string {
	return fmt.Sprintf("%s %q: outcome unknown: %s: %v", e.Op.Kind, e.Op.Key, e.Why, e.Err)
}

func (e *UnknownOutcomeError) Unwrap() error { return e.Err }

// RefusedError says that a server refused the operation for good, and that nothing changed (S13).
type RefusedError struct {
	Op  Op
	Why Cause
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("%s %q: refused: %s", e.Op.Kind, short(e.Op.Key), e.Why)
}

// Clerk issues the operations of one client, one after the other, and retries each until it is answered (C1). It caches
// the view and asks for a newer one only after an error or a timeout (S12). Safe for concurrent use: an operation waits
// until earlier ones have ended.
type Clerk struct {
	cfg     ClerkConfig
	service *viewservice.Clerk
	life    context.Context // ended by Close
	cancel  context.CancelFunc
	close   sync.Once
	asks    sync.WaitGroup // goroutines that call others

	running chan struct{} // held by the operation that runs; guards core and last
	core    *ClerkCore
	last    attempts
	answers chan *rpc.Call            // of attempts of this operation, and late ones of earlier ones
	views   chan viewservice.GetReply // what the viewservice answered
	due     <-chan struct{}           // receives when timer fires
	timer   env.Timer
	ended   time.Time // when the last operation had its answer

	mu       sync.Mutex // guards progress
	progress Progress
}

// Progress says what a Clerk is doing, for observers.
type Progress struct {
	Op       Op        // the operation that runs; its Seq is 0 if none does
	Began    time.Time // when Op began, on the Clerk's clock
	Attempts int       // attempts sent so far
	Server   string    // to which the last attempt went; "" before the first
	Waits    Waits
	Why      string // what went wrong last, in words; "" if nothing did
	Refused  Cause  // what went wrong last, if that was a refusal

	View viewservice.Number // the newest view that the Clerk knows, between operations too; 0 if it knows none
}

// Unanswered says why an operation that is given up has no answer, as UnknownOutcomeError.Why tells it.
func (p Progress) Unanswered() string { return cmp.Or(p.Why, p.Server+" has not answered") }

// Waits is what a Clerk waits for.
type Waits uint8

// What a Clerk may wait for.
const (
	WaitsForAnswer Waits = iota // from Server
	WaitsForView                // from the viewservice
	WaitsToRetry                // for an interval to pass (C1)
)

// NewClerk returns a Clerk that knows no view yet. It makes no connection before the first operation. The caller ends
// the Clerk with Close.
func NewClerk(cfg ClerkConfig) *Clerk {
	k := &Clerk{
		cfg:     cfg,
		service: viewservice.NewClerk(cfg.Clock, cfg.Dial, cfg.Views, time.Duration(cfg.DeadPings)*cfg.PingInterval),
		running: make(chan struct{}, 1),
		core:    NewClerkCore(cfg.Client),
		last:    attempts{peers: map[string]*env.Client{}},
		answers: make(chan *rpc.Call, 64),
		views:   make(chan viewservice.GetReply, 1),
	}
	k.life, k.cancel = context.WithCancel(context.Background())
	k.due, k.timer = env.Alarm(cfg.Clock, time.Hour)
	k.timer.Stop()
	return k
}

// Get returns the value of key, and whether there is one. It waits until a server has answered, or ctx or the Clerk ends.
// The error is a *RefusedError, or a *UnknownOutcomeError if ctx or the Clerk ended first.
func (k *Clerk) Get(ctx context.Context, key string) (value string, ok bool, err error) {
	r, err := k.Do(ctx, Op{Kind: Get, Key: key})
	return r.Value, err == nil && r.Err == OK, err
}

// Put sets key to value. It waits, and fails, as Get does. Without an error the Put has happened exactly once (C3).
func (k *Clerk) Put(ctx context.Context, key, value string) error {
	_, err := k.Do(ctx, Op{Kind: Put, Key: key, Value: value})
	return err
}

// Append adds value to the end of key's value; a new key begins with "". It waits, and fails, as Put does.
func (k *Clerk) Append(ctx context.Context, key, value string) error {
	_, err := k.Do(ctx, Op{Kind: Append, Key: key, Value: value})
	return err
}

// Progress tells what the Clerk is doing now.
func (k *Clerk) Progress() Progress {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.progress
}

// Close ends the running operation, with an unknown outcome, and all connections. It returns when nothing of the
// Clerk runs any more.
func (k *Clerk) Close() {
	k.cancel()
	k.close.Do(func() {
		k.running <- struct{}{} // no operation runs after this one, and none begins
		k.service.Close()
		for _, peer := range k.last.peers {
			peer.Close()
		}
		k.asks.Wait()
	})
}

// Do carries out op, whose Client and Seq it sets. It waits, and fails, as Get does.
func (k *Clerk) Do(ctx context.Context, op Op) (Reply, error) {
	op.Client = k.cfg.Client
	if why := unacceptable(Op{Key: op.Key, Value: op.Value, Client: op.Client, Seq: 1}); why.Code != CodeNone {
		return Reply{}, &RefusedError{Op: op, Why: why}
	}
	select {
	case k.running <- struct{}{}:
	case <-ctx.Done():
		return Reply{}, &UnknownOutcomeError{Op: op, Why: "an earlier operation of the client runs", Err: context.Cause(ctx)}
	case <-k.life.Done():
		return Reply{}, &UnknownOutcomeError{Op: op, Why: "the client was closed", Err: env.ErrClosed}
	}
	defer func() { <-k.running }()
	r, err := k.run(ctx, op)
	k.timer.Stop()
	k.show(k.core.Progress())
	return r, err
}
