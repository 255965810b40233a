package pbservice

import (
	"context"
	"testing"
	"time"

	"cluster/splitbrain/netsim/env"
	"cluster/splitbrain/netsim/env/envtest"
	"cluster/splitbrain/viewservice"
)

// talk calls every method of a server.
func talk(c *env.Client) (errs []error) {
	for _, call := range []struct {
		method      string
		args, reply any
	}{
		{"Get", &GetArgs{Key: "a", Client: "c1", Seq: 1, Viewnum: 1}, &Reply{}},
		{"PutAppend", &PutAppendArgs{Key: "a", Value: "1", Client: "c1", Seq: 2, Viewnum: 1}, &Reply{}},
		{"Position", &PositionArgs{Client: "c1"}, &Reply{}},
		{"Forward", &ForwardArgs{
			Viewnum: 1, Primary: "s1", Boot: 1, Attempt: 1, Index: 1, Ops: []Op{{Kind: Append, Key: "a", Value: "2", Client: "c2", Seq: 1}},
			Chunk: &Chunk{Filter: []FilterEntry{{Client: "c1", Seq: 2}}, Pairs: []Pair{{"a", "1"}}, Last: true},
		}, &ForwardReply{}},
		{"Position", &PositionArgs{Client: "c1"}, &Reply{}},
		{"Inspect", &InspectArgs{Limit: 3, Back: 3, Contains: "a"}, &InspectReply{}},
	} {
		errs = append(errs, c.Call(context.Background(), time.Minute, ServiceName+"."+call.method, call.args, call.reply))
	}
	return errs
}

// fuzzed returns a primary, and what was said with it.
func fuzzed(f *testing.F) (*Server, *envtest.Recording) {
	views, err := viewservice.NewServer(viewservice.Config{PingInterval: time.Millisecond, DeadPings: 1000}, env.System)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(views.Close)
	s, err := NewServer(ServerConfig{
		Config: Config{Me: "s1", Boot: 1, DeadPings: 1000}, PingInterval: time.Millisecond,
		Clock: env.System, Dial: (&envtest.Recording{}).Dial(views.ServeCodec),
	})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(s.Close)
	r := &envtest.Recording{}
	c := env.NewClient(env.System, r.Dial(s.ServeCodec), "s1")
	defer c.Close()
	for _, err := range talk(c) {
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
	f.Add(envtest.InGob(
		envtest.Call{Method: "PBServer.Get", Args: GetArgs{Key: "a"}},
		envtest.Call{Method: "PBServer.Inspect", Args: InspectArgs{Limit: 1}},
	))
	f.Fuzz(func(t *testing.T, in []byte) { envtest.Serve(s.ServeCodec, in) })
}

// FuzzCaller: whatever stands in a server's place, a client and a primary go on (S13).
func FuzzCaller(f *testing.F) {
	_, r := fuzzed(f)
	f.Add(r.Answered())
	f.Fuzz(func(t *testing.T, in []byte) {
		c := env.NewClient(env.System, envtest.Answers(in), "s1")
		defer c.Close()
		talk(c)
	})
}
