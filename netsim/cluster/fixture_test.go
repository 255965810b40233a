package cluster_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cluster/splitbrain/netsim/cluster"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/pbservice"
)

// fixture is a cluster in virtual time.
type fixture struct {
	*testing.T
	*cluster.Cluster
}

// play runs story. The bubble itself fails the test if a goroutine is left after Close.
func play(t *testing.T, cfg engine.Config, story func(f fixture)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		c, err := cluster.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		story(fixture{t, c})
	})
}

func (f fixture) must(errs ...error) {
	f.Helper()
	if err := errors.Join(errs...); err != nil {
		f.Fatal(err)
	}
}

func (f fixture) look() engine.Snapshot {
	f.Helper()
	s, err := f.Observe(f.Context(), engine.Window{Limit: 100})
	f.must(err)
	return s
}

// until watches until what holds, for at most a virtual minute.
func (f fixture) until(what string, holds func(engine.Snapshot) bool) engine.Snapshot {
	f.Helper()
	var s engine.Snapshot
	for range 6000 {
		if s = f.look(); holds(s) {
			return s
		}
		time.Sleep(10 * time.Millisecond)
	}
	f.Fatalf("never saw %s; at last view %v, acknowledged %v, why: %s, clients %+v", what, s.Viewservice.Status.View, s.Viewservice.Status.Acked, s.Why.String(), s.Clients)
	return s
}

// view waits for an acknowledged view: its number, primary and backup as in "2 s1 s2".
func (f fixture) view(want string) engine.Snapshot {
	f.Helper()
	return f.until("view "+want, func(s engine.Snapshot) bool {
		return s.Viewservice.Status.View.String() == want && s.Viewservice.Status.Acked
	})
}

// why waits until the screen would say so, and that it is this bad.
func (f fixture) why(level engine.Level, text string) {
	f.Helper()
	f.until(fmt.Sprintf("why %q", text), func(s engine.Snapshot) bool {
		return strings.Contains(s.Why.String(), text) && s.Why.Level == level
	})
}

func (f fixture) put(client, key, value string) {
	f.Helper()
	r, err := engine.Do(f.Context(), f, client, pbservice.Op{Kind: pbservice.Put, Key: key, Value: value})
	if err != nil || r.Err != pbservice.OK {
		f.Fatalf("%s put %s: %v %v", client, key, r, err)
	}
}

// meet lets all clients learn the view, which they keep until an operation fails (S12).
func (f fixture) meet() {
	f.Helper()
	for _, c := range f.look().Clients {
		f.put(c.Name, "hello", c.Name)
	}
}

func (f fixture) gets(client, key, want string) {
	f.Helper()
	r, err := engine.Do(f.Context(), f, client, pbservice.Op{Kind: pbservice.Get, Key: key})
	if err != nil || r.Value != want {
		f.Fatalf("%s gets %s = %v %v, want %q", client, key, r, err, want)
	}
}

// begin starts a put that will not end by itself. end returns its error.
func (f fixture) begin(ctx context.Context, client string) (end func() error) {
	done := make(chan error, 1)
	go func() { // ends with the operation
		_, err := engine.Do(ctx, f, client, pbservice.Op{Kind: pbservice.Put, Key: "slow", Value: "x"})
		done <- err
	}()
	return func() error { return <-done }
}

func server(s engine.Snapshot, name string) engine.ServerState {
	i := slices.IndexFunc(s.Servers, func(v engine.ServerState) bool { return v.Name == name })
	return s.Servers[i]
}
