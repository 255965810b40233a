package viewservice

import (
	"context"
	"io"
	"net"
	"net/rpc"
	"path/filepath"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"cluster/splitbrain/netsim/env"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func start(t *testing.T) *Server {
	t.Helper()
	s, err := NewServer(standard, env.System)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// clerkOf returns a Clerk that reaches s in memory.
func clerkOf(t *testing.T, s *Server) *Clerk {
	dial := func(context.Context, string) (rpc.ClientCodec, error) {
		here, there := net.Pipe()
		go s.ServeCodec(env.NewServerCodec(there)) // ends with the connection
		return env.NewClientCodec(here), nil
	}
	k := NewClerk(env.System, dial, "vs", limit)
	t.Cleanup(k.Close)
	return k
}

func ping(t *testing.T, k *Clerk, name string, entered Number) PingReply {
	t.Helper()
	known, err := k.Get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	reply, err := k.Ping(t.Context(), PingArgs{Me: name, Viewnum: entered, Boot: 1, Cluster: known.Cluster})
	if err != nil || reply.Cluster != known.Cluster {
		t.Fatalf("ping answered %+v, %v", reply, err)
	}
	reply.Cluster = 0 // it differs in each test
	return reply
}

func inspect(t *testing.T, k *Clerk) Status {
	t.Helper()
	status, err := k.Inspect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return status
}

func TestClerk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := clerkOf(t, start(t))
		if name, err := k.Primary(t.Context()); name != "" || err != nil {
			t.Errorf("primary before the first ping: %q, %v", name, err)
		}
		want := View{1, "s1", ""}
		if got := ping(t, k, "s1", 0); got != (PingReply{View: want, Boot: 1}) {
			t.Errorf("ping answered %+v", got)
		}
		ping(t, k, "s1", 1)
		if got, err := k.Get(t.Context()); got.View != want || !got.Acked || err != nil {
			t.Errorf("get answered %+v, %v", got, err)
		}
		if name, err := k.Primary(t.Context()); name != "s1" || err != nil {
			t.Errorf("primary %q, %v", name, err)
		}
		time.Sleep(interval)
		if s := inspect(t, k); s.View != want || s.Up != interval || len(s.Servers) != 1 || s.Servers[0].Silent != interval {
			t.Errorf("inspect answered %+v", s)
		}
		if _, err := k.Ping(t.Context(), PingArgs{}); err == nil {
			t.Error("a ping without a name was taken")
		}
	})
}

func TestDeadlineNeedsNoPing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := clerkOf(t, start(t))
		for _, entered := range []Number{0, 1} {
			ping(t, k, "s1", entered)
		}
		ping(t, k, "s2", 0)
		ping(t, k, "s1", 2)
		time.Sleep(limit - interval)
		ping(t, k, "s2", 2)
		time.Sleep(3 * interval) // nobody says anything any more
		changes := inspect(t, k).Changes
		if last := changes[len(changes)-1]; last.View != (View{3, "s2", ""}) || last.At != limit {
			t.Errorf("the last change is %+v, want view 3 at %v", last, limit)
		}
	})
}

// jumping is a clock of a machine on which this process is sometimes stopped: time goes on, and no timer fires.
type jumping struct {
	env.Clock
	ahead atomic.Int64
}

func (c *jumping) Now() time.Time { return c.Clock.Now().Add(time.Duration(c.ahead.Load())) }

// H27: the viewservice stands still for longer than DeadPings intervals while all servers live on, and no view changes,
// whoever is heard first afterwards.
func TestV11_H27_StandingStillIsNoSilence(t *testing.T) {
	for _, first := range []string{"s1", "s2", "its own timer"} {
		synctest.Test(t, func(t *testing.T) {
			clock := &jumping{Clock: env.System}
			s, err := NewServer(standard, clock)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			k := clerkOf(t, s)
			for _, entered := range []Number{0, 1} {
				ping(t, k, "s1", entered)
			}
			ping(t, k, "s2", 0)
			ping(t, k, "s1", 2)
			ping(t, k, "s2", 2)
			time.Sleep(interval / 2)
			for range 3 {
				clock.ahead.Add(int64(10 * limit))
				if first == "its own timer" {
					time.Sleep(interval)
				} else {
					ping(t, k, first, 2)
				}
				if got := inspect(t, k); got.View != (View{2, "s1", "s2"}) || got.Servers[0].Dead || got.Servers[1].Dead {
					t.Errorf("%s comes first: %+v", first, got)
				}
				ping(t, k, "s1", 2)
				ping(t, k, "s2", 2)
			}
			time.Sleep(limit) // and who is really gone is missed as soon as ever
			ping(t, k, "s2", 2)
			if got := inspect(t, k).View; got != (View{3, "s2", ""}) {
				t.Errorf("%s comes first, s1 falls silent: view %v", first, got)
			}
		})
	}
}

func TestClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t)
		connected, late := clerkOf(t, s), clerkOf(t, s)
		ping(t, connected, "s1", 0)
		s.Close()
		s.Close()
		for _, k := range []*Clerk{connected, late} {
			if _, err := k.Get(t.Context()); err == nil {
				t.Error("a closed viewservice answered")
			}
		}
	})
}

func TestClerkTimesOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		never := func(ctx context.Context, _ string) (rpc.ClientCodec, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		k := NewClerk(env.System, never, "vs", limit)
		defer k.Close()
		began := time.Now()
		if _, err := k.Get(t.Context()); err == nil || time.Since(began) != limit {
			t.Errorf("%v after %v", err, time.Since(began))
		}
	})
}

// What follows needs real sockets.

func TestLabClient(t *testing.T) {
	type View struct {
		Viewnum         uint
		Primary, Backup string
	}
	type PingArgs struct {
		Me      string
		Viewnum uint
	}
	type PingReply struct{ View View }
	type GetArgs struct{}
	type GetReply struct{ View View }
	for _, address := range listen(t, start(t)) {
		client := connect(t, address)
		var pinged PingReply
		if err := client.Call("ViewServer.Ping", &PingArgs{Me: "lab"}, &pinged); err != nil {
			t.Fatal(err)
		}
		var got GetReply
		if err := client.Call("ViewServer.Get", &GetArgs{}, &got); err != nil {
			t.Fatal(err)
		}
		if want := (View{1, "lab", ""}); pinged.View != want || got.View != want {
			t.Errorf("%v: ping %+v, get %+v", address, pinged, got)
		}
	}
}

func TestUndecodableBytesCloseOneConnection(t *testing.T) {
	for _, address := range listen(t, start(t)) {
		other := connect(t, address)
		bad, err := net.Dial(address.Network(), address.String())
		if err != nil {
			t.Fatal(err)
		}
		defer bad.Close()
		if _, err := bad.Write([]byte("\x05hello, world")); err != nil {
			t.Fatal(err)
		}
		if sent, _ := io.ReadAll(bad); len(sent) > 0 { // ends when the server closes it
			t.Errorf("%v answered %q", address, sent)
		}
		if err := other.Call("ViewServer.Get", &GetArgs{}, &GetReply{}); err != nil {
			t.Errorf("%v: another connection: %v", address, err)
		}
	}
}

// listen lets s answer on a unix socket and on TCP.
func listen(t *testing.T, s *Server) []net.Addr {
	t.Helper()
	var addresses []net.Addr
	for network, address := range map[string]string{"unix": filepath.Join(t.TempDir(), "vs"), "tcp": "127.0.0.1:0"} {
		l, err := net.Listen(network, address)
		if err != nil {
			t.Fatal(err)
		}
		addresses = append(addresses, l.Addr())
		go s.Serve(l) // ends when s is closed
	}
	return addresses
}

func connect(t *testing.T, address net.Addr) *rpc.Client {
	t.Helper()
	client, err := rpc.Dial(address.Network(), address.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}
