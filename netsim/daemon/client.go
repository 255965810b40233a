package daemon

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"cluster/splitbrain/netsim/host"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice"
)

// ClientOptions describe a client process.
type ClientOptions struct {
	Views        string
	Timeout      time.Duration // for the whole operation
	PingInterval time.Duration // of the service: the pause between attempts
	DeadPings    int
}

// ErrUnreachable says that an operation was not answered in time.
var ErrUnreachable = errors.New("not answered in time")

// newClerk returns a Clerk under a name that no other client has.
func (o ClientOptions) newClerk() *pbservice.Clerk {
	return pbservice.NewClerk(pbservice.ClerkConfig{
		Client: "client-" + rand.Text(), Views: o.Views, PingInterval: o.PingInterval, DeadPings: o.DeadPings,
		Clock: host.System, Dial: Dial,
	})
}

func (o ClientOptions) validate() error {
	if o.Timeout <= 0 {
		return fmt.Errorf("timeout %v: must be positive", o.Timeout)
	}
	if err := (viewservice.Config{PingInterval: o.PingInterval, DeadPings: o.DeadPings}).Validate(); err != nil {
		return err
	}
	_, _, err := address(o.Views)
	return err
}

// Do runs one operation and prints what a get found. A key that is not there is told on stderr by the error
// ErrNoKey.
func Do(ctx context.Context, out io.Writer, o ClientOptions, op pbservice.Op) error {
	if err := o.validate(); err != nil {
		return err
	}
	k := o.newClerk()
	defer k.Close()
	limited, cancel := context.WithTimeout(ctx, o.Timeout)
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
		_, err = fmt.Fprintln(out, r.Value)
	}
	return err
}

// ErrNoKey says that a get found nothing.
var ErrNoKey = errors.New("no such key")

// explain asks the viewservice why an operation may have waited.
func (o ClientOptions) explain(ctx context.Context, unknown *pbservice.UnknownOutcomeError) error {
	why := unknown.Why
	status, err := o.inspect(ctx, time.Second)
	switch {
	case err != nil:
		why += "; the viewservice does not answer"
	case status.Blocked.Code != viewservice.CodeNone:
		why += "; " + status.Blocked.String()
	}
	promise := "it may have happened, or happen yet"
	if unknown.Op.Kind == pbservice.Get {
		promise = "nothing is known of the value"
	}
	return fmt.Errorf("%w: %s %q in %v: %s: %s", ErrUnreachable, unknown.Op.Kind, unknown.Op.Key, o.Timeout, why, promise)
}

func (o ClientOptions) inspect(ctx context.Context, timeout time.Duration) (viewservice.Status, error) {
	clerk := viewservice.NewClerk(host.System, Dial, o.Views, timeout)
	defer clerk.Close()
	return clerk.Inspect(ctx)
}

// viewLine is the JSON form of View.
type viewLine struct {
	View         viewservice.Number `json:"view"`
	Primary      string             `json:"primary"`
	Backup       string             `json:"backup"`
	Acknowledged bool               `json:"acknowledged"`
	Blocked      string             `json:"blocked"`
	Servers      []serverLine       `json:"servers"`
}

type serverLine struct {
	Name     string             `json:"name"`
	Entered  viewservice.Number `json:"entered"`
	SilentMS int64              `json:"silent_ms"`
	Dead     bool               `json:"dead"`
}

// View prints the current view and who is heard, in words or as one JSON object.
func View(ctx context.Context, out io.Writer, o ClientOptions, asJSON bool) error {
	if err := o.validate(); err != nil {
		return err
	}
	s, err := o.inspect(ctx, o.Timeout)
	if err != nil {
		return fmt.Errorf("%w: viewservice %s: %w", ErrUnreachable, o.Views, err)
	}
	line := viewLine{
		View: s.View.Viewnum, Primary: s.View.Primary, Backup: s.View.Backup, Acknowledged: s.Acked,
		Blocked: s.Blocked.String(), Servers: []serverLine{},
	}
	for _, m := range s.Servers {
		line.Servers = append(line.Servers, serverLine{m.Name, m.Entered, m.Silent.Milliseconds(), m.Dead})
	}
	if asJSON {
		return json.NewEncoder(out).Encode(line)
	}
	return printView(out, line)
}

func printView(out io.Writer, line viewLine) error {
	acked := "not acknowledged"
	if line.Acknowledged {
		acked = "acknowledged"
	}
	fmt.Fprintf(out, "view %d: primary %q, backup %q, %s\n", line.View, line.Primary, line.Backup, acked)
	if line.Blocked != "" {
		fmt.Fprintln(out, line.Blocked)
	}
	for _, s := range line.Servers {
		state := ""
		if s.Dead {
			state = ", dead"
		}
		if _, err := fmt.Fprintf(out, "%q entered view %d, heard %d ms ago%s\n", s.Name, s.Entered, s.SilentMS, state); err != nil {
			return err
		}
	}
	return nil
}
