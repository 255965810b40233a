package cluster

import (
	"context"
	"fmt"
	"math"
	"net"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/env"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/pbservice/process"
	"cluster/splitbrain/viewservice"
)

// BenchmarkManyClients is half a million clients of one operation each, as the command line's are, and then the longest wait of
// any while a backup joins, how long that takes, and the memory of both servers' filters.
func BenchmarkManyClients(b *testing.B) {
	const clients, callers = 500_000, 16
	s := newSocketService(b)
	s.start("s1")
	s.await(func(v viewservice.Status) bool { return v.Acked })
	before := heap()
	s.load(callers, clients, nil)
	b.ReportMetric(float64(heap()-before)/(1<<20), "filter-MiB")

	joined := make(chan struct{})
	var longest time.Duration
	var loading sync.WaitGroup
	loading.Go(func() { longest = s.load(callers, math.MaxInt, joined) })
	began := time.Now()
	s.start("s2")
	s.await(func(v viewservice.Status) bool { return v.Acked && v.View.Backup != "" })
	b.ReportMetric(float64(time.Since(began).Milliseconds()), "joined-ms")
	close(joined)
	loading.Wait()
	b.ReportMetric(float64(longest.Microseconds())/1000, "longest-stall-ms")
	b.ReportMetric(float64(s.begun.Load())/1000, "kclients")
	b.ReportMetric(0, "ns/op")
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// socketService is a service in this process, over unix sockets.
type socketService struct {
	b     *testing.B
	dir   string
	views *viewservice.Clerk
	begun atomic.Int64 // clients

	cluster viewservice.ClusterID
}

func newSocketService(b *testing.B) *socketService {
	s := &socketService{b: b, dir: b.TempDir()}
	v, err := viewservice.NewServer(viewservice.Config{PingInterval: engine.Defaults.PingInterval, DeadPings: engine.Defaults.DeadPings}, env.System)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(v.Close)
	s.serve("vs", v.Serve)
	s.views = viewservice.NewClerk(env.System, process.Dial, s.addr("vs"), time.Minute)
	b.Cleanup(s.views.Close)
	return s
}

func (s *socketService) addr(name string) string { return s.dir + "/" + name }

func (s *socketService) start(name string) {
	server, err := pbservice.NewServer(pbservice.ServerConfig{
		Config: pbservice.Config{Me: s.addr(name), Boot: uint64(time.Now().UnixNano()), DeadPings: engine.Defaults.DeadPings},
		Views:  s.addr("vs"), PingInterval: engine.Defaults.PingInterval, Clock: env.System, Dial: process.Dial,
	})
	if err != nil {
		s.b.Fatal(err)
	}
	s.b.Cleanup(server.Close)
	s.serve(name, server.Serve)
}

func (s *socketService) await(reached func(viewservice.Status) bool) {
	for {
		status, err := s.views.Inspect(context.Background())
		if err != nil {
			s.b.Fatal(err)
		}
		if reached(status) {
			s.cluster = status.Cluster
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// load lets that many clients, or as many as come until done is closed, do one operation each through so many connections. It
// returns the longest wait.
func (s *socketService) load(callers, clients int, done <-chan struct{}) time.Duration {
	longest := make([]time.Duration, callers)
	var all sync.WaitGroup
	for i := range callers {
		all.Go(func() {
			server := env.NewClient(env.System, process.Dial, s.addr("s1"))
			defer server.Close()
			for range clients / callers {
				select {
				case <-done:
					return
				default:
				}
				at := time.Now()
				s.once(server)
				longest[i] = max(longest[i], time.Since(at))
			}
		})
	}
	all.Wait()
	return slices.Max(longest)
}

// once is the whole life of one client.
func (s *socketService) once(server *env.Client) {
	n := s.begun.Add(1)
	name := fmt.Sprintf("client-%026d", n)
	ask := func(method string, args any) pbservice.Reply {
		for {
			r, err := env.Ask[pbservice.Reply](context.Background(), server, time.Minute, pbservice.ServiceName+method, args)
			if err != nil || r.Err == pbservice.Forgotten {
				s.b.Error(r, err)
			}
			if err != nil || r.Err != pbservice.NotPrimary {
				return r
			}
		}
	}
	r := ask(".Position", &pbservice.PositionArgs{Client: name, Cluster: s.cluster})
	ask(".PutAppend", &pbservice.PutAppendArgs{Key: fmt.Sprint("key", n%1000), Value: payload, Client: name, Seq: 1, Since: r.Position, Cluster: s.cluster})
}

// serve answers at a socket until the benchmark ends.
func (s *socketService) serve(name string, serve func(net.Listener) error) {
	l, err := process.Listen(s.addr(name))
	if err != nil {
		s.b.Fatal(err)
	}
	s.b.Cleanup(func() { l.Close() })
	go serve(l) // ends with l
}
