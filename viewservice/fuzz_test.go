package viewservice

import (
	"context"
	"encoding/gob"
	"testing"
	"time"

	"cluster/splitbrain/netsim/env"
	"cluster/splitbrain/netsim/env/envtest"
)

// talk calls every method of the viewservice.
func talk(k *Clerk) (errs []error) {
	ctx := context.Background()
	told, ping := k.Ping(ctx, PingArgs{Me: "s1", Boot: 1})
	_, again := k.Ping(ctx, PingArgs{Me: "s1", Boot: 1, Viewnum: 1, Cluster: told.Cluster})
	_, get := k.Get(ctx)
	_, inspect := k.Inspect(ctx)
	return []error{ping, again, get, inspect}
}

// fuzzed returns a viewservice, and what was said with it.
func fuzzed(f *testing.F) (*Server, *envtest.Recording) {
	s, err := NewServer(Config{PingInterval: time.Hour, DeadPings: 5}, env.System)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(s.Close)
	r := &envtest.Recording{}
	k := NewClerk(env.System, r.Dial(s.ServeCodec), "", time.Minute)
	defer k.Close()
	for _, err := range talk(k) {
		if err != nil {
			f.Fatal(err)
		}
	}
	return s, r
}

// FuzzDoor: whatever a stranger says ends the stranger's connection and nothing else (S13).
func FuzzDoor(f *testing.F) {
	s, r := fuzzed(f)
	f.Add(r.Asked())
	gob.Register(PingArgs{})
	f.Add(envtest.InGob(
		envtest.Call{Method: PingMethod, Args: PingArgs{Me: "s1", Viewnum: 1}},
		envtest.Call{Method: "ViewServer.Nothing", Args: struct{ Unwanted any }{PingArgs{Me: "s1"}}},
		envtest.Call{Method: "ViewServer.Get", Args: GetArgs{}},
	))
	f.Fuzz(func(t *testing.T, in []byte) { envtest.Serve(s.ServeCodec, in) })
}

// FuzzCaller: whatever stands in a viewservice's place, its caller goes on (S13).
func FuzzCaller(f *testing.F) {
	_, r := fuzzed(f)
	f.Add(r.Answered())
	f.Fuzz(func(t *testing.T, in []byte) {
		k := NewClerk(env.System, envtest.Answers(in), "", time.Minute)
		defer k.Close()
		talk(k)
	})
}
