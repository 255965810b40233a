package process

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/rpc"
	"strings"
	"sync"
	"time"

	"cluster/splitbrain/netsim/env"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice"
)

// ClientOptions describe a client process.
type ClientOptions struct {
	Views              string
	Timeout            time.Duration // for the whole operation
	Secret             Secret
	viewservice.Config // of the service: its PingInterval is the pause between attempts
}

// ErrUnreachable says that an operation was not answered in time.
var ErrUnreachable = errors.New("not answered in time")

// newClerk returns a Clerk under a name that no other client has.
func (o ClientOptions) newClerk() *pbservice.Clerk {
	return pbservice.NewClerk(pbservice.ClerkConfig{
		Client: "client-" + rand.Text(), Views: o.Views, PingInterval: o.PingInterval, DeadPings: o.DeadPings,
		Clock: env.System, Dial: o.Secret.dial, Locates: true,
	})
}

func (o ClientOptions) validate() error {
	if o.Timeout <= 0 {
		return fmt.Errorf("timeout %v: must be positive", o.Timeout)
	}
	if err := o.Config.Validate(); err != nil {
		return err
	}
	_, err := peer(o.Views)
	return err
}

// Do runs one operation and writes the value that a get found to out, its bytes and nothing else, in one piece. A key that is not there is told on stderr by the error
// ErrNoKey.
func Do(ctx context.Context, out io.Writer, o ClientOptions, op pbservice.Op) error {
	if err := o.validate(); err != nil {
		return err
	}
	ctx, done := o.whileViews(ctx)
	defer done()
	k := o.newClerk()
	defer k.Close()
	limited, cancel := context.WithTimeout(ctx, o.Timeout-o.lastWord())
	defer cancel()
	r, err := k.Do(limited, op)
	if unknown, ok := errors.AsType[*pbservice.UnknownOutcomeError](err); ok {
		return o.explain(ctx, unknown)
	}
	if err != nil {
		return err
	}
	if r.Err == pbservice.NoKey {
		return ErrNoKey
	}
	if op.Kind == pbservice.Get {
		_, err = io.WriteString(out, r.Value)
	}
	return err
}

// ErrNoKey says that a get found nothing.
var ErrNoKey = errors.New("no such key")

// explain says why an operation ended without an answer, and what is known of it.
func (o ClientOptions) explain(ctx context.Context, unknown *pbservice.UnknownOutcomeError) error {
	op := unknown.Op
	promise := "it may have happened, or happen yet"
	if op.Kind == pbservice.Get {
		promise = "nothing is known of the value"
	}
	switch cause := context.Cause(ctx); {
	case hopeless(cause):
		return cause
	case cause != nil:
		return fmt.Errorf("%s %q: %w: %s", op.Kind, op.Key, cause, promise)
	case errors.Is(unknown, pbservice.ErrForgotten):
		return fmt.Errorf("%w: %s", unknown, promise)
	}
	return fmt.Errorf("%w: %s %q in %v: %s: %s", ErrUnreachable, op.Kind, op.Key, o.Timeout, o.why(ctx, unknown), promise)
}

// lastWord is how long a viewservice may take to say why an operation was not answered: the end of the time that there is.
func (o ClientOptions) lastWord() time.Duration { return min(200*time.Millisecond, o.Timeout/4) }

// why asks the viewservice why an operation may have waited.
func (o ClientOptions) why(ctx context.Context, unknown *pbservice.UnknownOutcomeError) string {
	why := unknown.Why
	status, err := o.inspect(ctx, o.lastWord())
	switch {
	case err != nil:
		why += "; the viewservice does not answer"
	case status.Blocked.Code != viewservice.CodeNone:
		why += "; " + status.Blocked.String()
	}
	return why
}

// errNoViews says that somebody answers at the viewservice's address, and is none.
var errNoViews = errors.New("is no viewservice")

// hopeless reports whether an operation would never be answered: nobody else will be in the viewservice's place.
func hopeless(err error) bool { return errors.Is(err, errNoViews) || badSecret(err) }

func (o ClientOptions) inspect(ctx context.Context, timeout time.Duration) (viewservice.Status, error) {
	clerk := viewservice.NewClerk(env.System, o.Secret.dial, o.Views, timeout)
	defer clerk.Close()
	status, err := clerk.Inspect(ctx)
	if said, ok := errors.AsType[rpc.ServerError](err); ok && strings.HasPrefix(string(said), "rpc: can't find ") {
		return status, fmt.Errorf("%s %w: it says %q", o.Views, errNoViews, string(said))
	}
	return status, err
}

// whileViews is ctx for as long as nobody at the viewservice's address says that it is none, or wants another secret: no
// operation would ever be answered. done ends the asking.
func (o ClientOptions) whileViews(ctx context.Context) (while context.Context, done func()) {
	while, end := context.WithCancelCause(ctx)
	var asking sync.WaitGroup
	asking.Go(func() { // ends with while
		again := time.NewTicker(o.PingInterval)
		defer again.Stop()
		for {
			_, err := o.inspect(while, o.Timeout)
			if hopeless(err) {
				end(err)
			}
			if err == nil {
				return
			}
			select {
			case <-again.C:
			case <-while.Done():
				return
			}
		}
	})
	return while, func() {
		end(nil)
		asking.Wait()
	}
}
