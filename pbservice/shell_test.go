package pbservice

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/rpc"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"cluster/splitbrain/netsim/env"
	"cluster/splitbrain/viewservice"
)

// lan connects whole processes in one synctest bubble by connections in memory.
type lan struct {
	t *testing.T

	mu    sync.Mutex // guards what follows
	doors map[string]func(rpc.ServerCodec)
	down  map[string]bool // nobody can reach it, and it reaches nobody
	mute  map[string]bool // "server.Method": its replies are lost
	heard map[string]int  // requests by "server.Method"
	conns []net.Conn
	users map[string]int // connections by who dialled them

	stops []func()
	boots uint64
}

func newLan(t *testing.T) *lan {
	return &lan{t: t, doors: map[string]func(rpc.ServerCodec){}, down: map[string]bool{}, mute: map[string]bool{}, heard: map[string]int{}, users: map[string]int{}}
}

// dialFrom returns the way of one process to the others.
func (l *lan) dialFrom(from string) env.Dialer {
	return func(_ context.Context, addr string) (rpc.ClientCodec, error) {
		l.mu.Lock()
		defer l.mu.Unlock()
		door := l.doors[addr]
		if door == nil || l.down[addr] || l.down[from] {
			return nil, fmt.Errorf("%s can't reach %s", from, addr)
		}
		here, there := net.Pipe()
		l.conns = append(l.conns, here)
		l.users[from]++
		go func() { // ends with its connection
			door(&tap{env.NewServerCodec(there), l, addr})
			l.mu.Lock()
			defer l.mu.Unlock()
			l.users[from]--
		}()
		return env.NewClientCodec(here), nil
	}
}

// cut takes a process from the network: its connections break.
func (l *lan) cut(name string, down bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.down[name] = down
	for _, conn := range l.conns {
		conn.Close()
	}
	l.conns = nil
}

func (l *lan) silence(method string, muted bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.mute[method] = muted
}

func (l *lan) count(method string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.heard[method]
}

func (l *lan) open(name string, door func(rpc.ServerCodec)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.doors[name] = door
}

// tap counts requests and loses replies.
type tap struct {
	rpc.ServerCodec
	lan  *lan
	addr string
}

func (c *tap) key(method string) string {
	_, short, _ := strings.Cut(method, ".")
	return c.addr + "." + short
}

func (c *tap) ReadRequestHeader(r *rpc.Request) error {
	err := c.ServerCodec.ReadRequestHeader(r)
	c.lan.mu.Lock()
	defer c.lan.mu.Unlock()
	c.lan.heard[c.key(r.ServiceMethod)]++
	return err
}

func (c *tap) WriteResponse(r *rpc.Response, body any) error {
	c.lan.mu.Lock()
	lost := c.lan.mute[c.key(r.ServiceMethod)]
	c.lan.mu.Unlock()
	if lost {
		return nil
	}
	return c.ServerCodec.WriteResponse(r, body)
}

// views starts a viewservice.
func (l *lan) views() *viewservice.Server {
	s, err := viewservice.NewServer(viewservice.Config{PingInterval: interval, DeadPings: deadPings}, env.System)
	if err != nil {
		l.t.Fatal(err)
	}
	l.open(viewsName, s.ServeCodec)
	l.stops = append(l.stops, s.Close)
	return s
}

// server boots a server.
func (l *lan) server(name string) *Server {
	l.boots++
	s, err := NewServer(ServerConfig{
		Config: Config{Me: name, Boot: l.boots, DeadPings: deadPings}, Views: viewsName,
		PingInterval: interval, Clock: env.System, Dial: l.dialFrom(name),
	})
	if err != nil {
		l.t.Fatal(err)
	}
	l.open(name, s.ServeCodec)
	l.stops = append(l.stops, s.Close)
	return s
}

// crash ends a server as a crash does: its connections break and its memory is gone.
func (l *lan) crash(s *Server) {
	l.open(s.cfg.Me, nil)
	s.Close()
}

func (l *lan) clerk(name string) *Clerk {
	k := NewClerk(ClerkConfig{
		Client: name, Views: viewsName, PingInterval: interval, DeadPings: deadPings,
		Clock: env.System, Dial: l.dialFrom(name),
	})
	l.stops = append(l.stops, k.Close)
	return k
}

// service starts a viewservice and servers, and waits until the first two are primary and backup.
func (l *lan) service(names ...string) []*Server {
	l.views()
	var servers []*Server
	for _, name := range names {
		servers = append(servers, l.server(name))
		synctest.Wait()
	}
	time.Sleep(6 * interval)
	return servers
}

func (l *lan) close() {
	for _, stop := range slices.Backward(l.stops) {
		stop()
	}
}

// inBubble runs a test in virtual time. A goroutine that is left at its end is a failure of the bubble's.
func inBubble(t *testing.T, test func(t *testing.T, l *lan)) {
	synctest.Test(t, func(t *testing.T) {
		l := newLan(t)
		defer l.close()
		test(t, l)
	})
}

func wantGet(t *testing.T, k *Clerk, key, want string) {
	t.Helper()
	value, ok, err := k.Get(t.Context(), key)
	if err != nil || value != want || ok != (want != "") {
		t.Errorf("get %q: %q, %v, %v; want %q", key, value, ok, err, want)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func statusOf(t *testing.T, s *Server) Status {
	t.Helper()
	return lookInto(t, s, InspectArgs{}).Status
}

func lookInto(t *testing.T, s *Server, args InspectArgs) InspectReply {
	t.Helper()
	var reply InspectReply
	must(t, (&service{s}).Inspect(&args, &reply))
	return reply
}

func TestServer_Operations(t *testing.T) {
	inBubble(t, func(t *testing.T, l *lan) {
		servers := l.service("s1", "s2", "s3")
		k := l.clerk("c")
		wantGet(t, k, "k", "")
		must(t, k.Put(t.Context(), "k", "1"))
		must(t, k.Append(t.Context(), "k", "2"))
		must(t, k.Append(t.Context(), "new", "3"))
		wantGet(t, k, "k", "12")
		wantGet(t, k, "new", "3")
		must(t, k.Put(t.Context(), "empty", ""))
		if value, ok, err := k.Get(t.Context(), "empty"); value != "" || !ok || err != nil {
			t.Errorf("an empty value: %q, %v, %v", value, ok, err)
		}
		for i, want := range []Role{Primary, Backup, Idle} {
			s := statusOf(t, servers[i])
			if s.Role != want || s.Complete != (want != Idle) || s.Entered != 2 || want != Idle && (s.Keys != 3 || s.Clients != 1) {
				t.Errorf("%+v", s)
			}
		}
	})
}

func TestServer_Failover(t *testing.T) {
	inBubble(t, func(t *testing.T, l *lan) {
		servers := l.service("s1", "s2", "s3")
		k := l.clerk("c")
		for i, s := range servers[:2] {
			must(t, k.Append(t.Context(), "k", fmt.Sprint(i)))
			l.crash(s)
			began := time.Now()
			must(t, k.Append(t.Context(), "k", "x"))
			if took := time.Since(began); took > 8*interval {
				t.Errorf("a failover of %v", took)
			}
			time.Sleep(6 * interval)
		}
		wantGet(t, k, "k", "0x1x")
		l.server("s1")
		time.Sleep(8 * interval)
		l.crash(servers[2])
		wantGet(t, k, "k", "0x1x")
	})
}

func TestServer_TransfersOddAndManyKeys(t *testing.T) {
	inBubble(t, func(t *testing.T, l *lan) {
		s1 := l.service("s1")[0]
		k := l.clerk("c")
		for _, odd := range oddStrings {
			must(t, k.Put(t.Context(), odd, odd))
		}
		for i := range 2 * DefaultChunkKeys {
			must(t, k.Put(t.Context(), fmt.Sprint("key", i), "v"))
		}
		s2 := l.server("s2")
		time.Sleep(8 * interval)
		if a, b := statusOf(t, s1), statusOf(t, s2); a.Keys != b.Keys || a.Position != b.Position || !b.Complete {
			t.Fatalf("%+v\n%+v", a, b)
		}
		l.crash(s1)
		for _, odd := range oddStrings {
			if value, ok, err := k.Get(t.Context(), odd); value != odd || !ok || err != nil {
				t.Errorf("get %q: %q, %v, %v", odd, value, ok, err)
			}
		}
	})
}

func TestS1_ARestartedServerBeginsWithNothing(t *testing.T) {
	inBubble(t, func(t *testing.T, l *lan) {
		s1 := l.service("s1", "s2")[0]
		k := l.clerk("c")
		must(t, k.Put(t.Context(), "k", "v"))
		l.crash(s1)
		again := l.server("s1")
		if s := statusOf(t, again); s.Keys != 0 || s.Complete || s.Role == Primary {
			t.Errorf("restarted: %+v", s)
		}
		wantGet(t, k, "k", "v")
		time.Sleep(6 * interval)
		if s := statusOf(t, again); s.Role != Backup || s.Keys != 1 || !s.Complete {
			t.Errorf("later: %+v", s)
		}
	})
}

func TestH12_AForwardsReplyIsLostOnTheWire(t *testing.T) {
	inBubble(t, func(t *testing.T, l *lan) {
		l.service("s1", "s2")
		k := l.clerk("c")
		must(t, k.Append(t.Context(), "k", "1"))
		l.silence("s2.Forward", true)
		done := make(chan error)
		go func() { done <- k.Append(t.Context(), "k", "2") }()
		time.Sleep(4 * interval)
		l.silence("s2.Forward", false)
		must(t, <-done)
		wantGet(t, k, "k", "12")
	})
}

func TestS5_ALonePutWaitsForNoClock(t *testing.T) {
	inBubble(t, func(t *testing.T, l *lan) {
		l.service("s1", "s2")
		k := l.clerk("c")
		must(t, k.Put(t.Context(), "k", "0"))
		began, forwards := time.Now(), l.count("s2.Forward")
		for i := range 10 {
			must(t, k.Put(t.Context(), "k", fmt.Sprint(i)))
			wantGet(t, k, "k", fmt.Sprint(i))
		}
		if took := time.Since(began); took != 0 {
			t.Errorf("20 operations took %v of virtual time", took)
		}
		if n := l.count("s2.Forward") - forwards; n != 20 {
			t.Errorf("%d forwards for 20 operations one after the other", n)
		}
	})
}

func TestS12_TheClerkCachesTheView(t *testing.T) {
	inBubble(t, func(t *testing.T, l *lan) {
		s1 := l.service("s1", "s2")[0]
		k := l.clerk("c")
		began := time.Now()
		for range 100 {
			must(t, k.Append(t.Context(), "k", "x"))
		}
		if n := l.count("vs.Get"); n != 1 {
			t.Errorf("%d questions for the view in 100 operations", n)
		}
		pings := l.count("vs.Ping")
		time.Sleep(time.Until(began.Add(10 * interval)))
		if n := l.count("vs.Ping") - pings; n > 2*11 {
			t.Errorf("%d pings of 2 servers in 10 intervals", n)
		}
		l.crash(s1)
		wantGet(t, k, "k", strings.Repeat("x", 100))
		if n := l.count("vs.Get"); n < 2 {
			t.Error("no question for the view after an error")
		}
	})
}

func TestS13_WhatCannotBeDecodedClosesOneConnection(t *testing.T) {
	inBubble(t, func(t *testing.T, l *lan) {
		servers := l.service("s1", "s2")
		k := l.clerk("c")
		must(t, k.Put(t.Context(), "k", "v"))
		for _, garbage := range []string{"\x03\xff\x1b[2J", "GET / HTTP/1.1\r\n", "\xf8\x7f\xff\xff\xff\xff\xff\xff\xff"} {
			here, there := net.Pipe()
			go servers[0].ServeCodec(env.NewServerCodec(there))          // ends with its connection
			go here.Write([]byte(garbage + strings.Repeat("\x00", 200))) // the same
			here.SetReadDeadline(time.Now().Add(time.Hour))
			if _, err := here.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
				t.Errorf("after %q: %v, want a closed connection", garbage, err)
			}
			here.Close()
		}
		here, there := net.Pipe()
		go servers[0].ServeCodec(env.NewServerCodec(there)) // ends with its connection
		client := rpc.NewClientWithCodec(env.NewClientCodec(here))
		if err := client.Call(ServiceName+".PutAppend", &struct{ Key []int }{[]int{1}}, &Reply{}); err == nil {
			t.Error("a body of the wrong type is taken")
		}
		client.Close()
		wantGet(t, k, "k", "v")
		if n := l.count("vs.Get"); n != 1 {
			t.Error("the Clerk's connection suffered")
		}
	})
}

func TestServer_APingWithoutAnAnswerHoldsUpNoOther(t *testing.T) {
	inBubble(t, func(t *testing.T, l *lan) {
		l.service("s1")
		for _, mute := range []bool{true, false, true} { // Close finds pings under way
			before := l.count(viewsName + ".Ping")
			l.silence(viewsName+".Ping", mute)
			time.Sleep(40 * interval)
			if n := l.count(viewsName+".Ping") - before; n < 39 || n > 41 {
				t.Errorf("%d pings in 40 intervals, answers lost: %v", n, mute)
			}
		}
	})
}

func TestServer_CloseEndsEveryWait(t *testing.T) {
	inBubble(t, func(t *testing.T, l *lan) {
		servers := l.service("s1", "s2")
		l.cut("s2", true)
		k := l.clerk("c")
		ended := make(chan error, 1)
		go func() { ended <- k.Put(t.Context(), "k", "v") }()
		time.Sleep(interval)
		servers[0].Close()
		servers[0].Close()
		k.Close()
		k.Close()
		var unknown *UnknownOutcomeError
		if err := <-ended; !errors.As(err, &unknown) || !errors.Is(err, env.ErrClosed) {
			t.Errorf("the operation that waited: %v", err)
		}
		if err := k.Put(t.Context(), "k", "v"); !errors.As(err, &unknown) {
			t.Errorf("an operation after Close: %v", err)
		}
	})
}

func TestServer_CloseEndsItsConnections(t *testing.T) {
	inBubble(t, func(t *testing.T, l *lan) {
		s1 := l.service("s1", "s2")[0]
		k := l.clerk("c")
		must(t, k.Put(t.Context(), "k", "v"))
		s1.Close()
		k.Close()
		synctest.Wait()
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.users["s1"] != 0 || l.users["c"] != 0 || l.users["s2"] == 0 {
			t.Errorf("connections left: %v", l.users)
		}
	})
}

// TestS13_OtherClusters: no server hears a client or a primary of another cluster, or of none. One forged message could
// replace an acknowledged write.
func TestS13_OtherClusters(t *testing.T) {
	inBubble(t, func(t *testing.T, l *lan) {
		l.service("s1", "s2")
		k := l.clerk("c1")
		must(t, k.Put(t.Context(), "a", "2"))
		forger := env.NewClient(env.System, l.dialFrom("forger"), "s2")
		defer forger.Close()
		told, err := env.Ask[InspectReply](t.Context(), forger, time.Second, ServiceName+".Inspect", &InspectArgs{})
		must(t, err)
		s := told.Status
		forged := &ForwardArgs{
			Viewnum: s.View.Viewnum, Primary: "s1", Boot: s.Boot, Attempt: 1, Index: 5, Position: s.Position,
			Ops: []Op{{Kind: Put, Key: "a", Value: "forged", Client: "c2", Seq: 1}},
		}
		for index := range uint64(9) {
			for _, forged.Cluster = range []viewservice.ClusterID{0, 7} {
				forged.Index = index
				reply, err := env.Ask[ForwardReply](t.Context(), forger, time.Second, ServiceName+".Forward", forged)
				if err != nil || reply.Refused.Code != OtherCluster {
					t.Errorf("message %d: %+v, %v", index, reply, err)
				}
			}
		}
		primary := env.NewClient(env.System, l.dialFrom("forger"), "s1")
		defer primary.Close()
		reply, err := env.Ask[Reply](t.Context(), primary, time.Second, ServiceName+".PutAppend",
			&PutAppendArgs{Key: "a", Value: "forged", Client: "c2", Seq: 1, Viewnum: s.View.Viewnum, Cluster: 7})
		if err != nil || reply.Err != NotPrimary || reply.Why.Code != OtherCluster {
			t.Errorf("a client of another cluster: %+v, %v", reply, err)
		}
		if value, _, err := k.Get(t.Context(), "a"); value != "2" || err != nil {
			t.Errorf("a is %q, %v", value, err)
		}
	})
}

// TestViewserviceReplaced: a client that has been told of a view takes none of another cluster, and says so.
func TestViewserviceReplaced(t *testing.T) {
	inBubble(t, func(t *testing.T, l *lan) {
		l.views()
		l.server("s1")
		k := l.clerk("c1")
		must(t, k.Put(t.Context(), "a", "1"))
		l.cut("s1", true)
		l.cut(viewsName, true)
		l.cut(viewsName, false)
		l.views()
		l.server("s2")
		time.Sleep(10 * interval)
		ctx, cancel := context.WithTimeout(t.Context(), 20*interval)
		defer cancel()
		_, _, err := k.Get(ctx, "a")
		if err == nil || !strings.Contains(err.Error(), "the viewservice was replaced: it belongs to cluster ") {
			t.Errorf("error %v", err)
		}
		if _, ok, err := l.clerk("c2").Get(t.Context(), "a"); ok || err != nil {
			t.Errorf("a client of the new cluster: %v, %v", ok, err)
		}
	})
}
