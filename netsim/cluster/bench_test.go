package cluster

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/engine/enginetest"
	"cluster/splitbrain/pbservice"
)

// Each benchmark is one measurement of its own length: run with -benchtime=1x. Limit and service are measured in
// turn, so that a drift of the machine hits both; what is reported are medians.

const (
	rounds  = 3
	measure = time.Second
)

var payload = strings.Repeat("v", 100)

// BenchmarkLive is the live engine in memory against the two-hop echo over the same network. Watched means that the
// trace is read and the maps are asked for as the screen does it.
func BenchmarkLive(b *testing.B) {
	for _, n := range []int{1, 16, 64} {
		b.Run(fmt.Sprintf("put/clients=%d", n), func(b *testing.B) { live(b, n, 0, false) })
	}
	b.Run("get90/clients=64", func(b *testing.B) { live(b, 64, 90, false) })
	b.Run("watched/clients=64", func(b *testing.B) { live(b, 64, 0, true) })
}

func live(b *testing.B, n, gets int, watched bool) {
	limit := newLimit(b, n)
	c := newBench(b, engine.Config{Servers: 2, Clients: n})
	if watched {
		b.Cleanup(watch(b, c))
	}
	service := make([]doer, n)
	for i := range service {
		name := fmt.Sprintf("c%d", i+1)
		service[i] = func(op pbservice.Op) error {
			_, err := c.Do(context.Background(), name, op)
			return err
		}
	}
	compare(b, limit, service, gets)
}

// doer runs one operation of one client.
type doer func(pbservice.Op) error

// compare measures the clients of the service, gets percent of whose operations are Gets, against the callers of the
// echo.
func compare(b *testing.B, limit []call, service []doer, gets int) {
	var echoed, served []figures
	n := len(service)
	for range rounds {
		echoed = append(echoed, run(b, n, func(i, k int) error { return limit[i](key(i, k), payload) }))
		served = append(served, run(b, n, func(i, k int) error {
			op := pbservice.Op{Kind: pbservice.Put, Key: key(i, k), Value: payload}
			if k%100 < gets {
				op.Kind, op.Value = pbservice.Get, ""
			}
			return service[i](op)
		}))
	}
	rate := func(f figures) float64 { return f.rate }
	ours, theirs := median(served, rate), median(echoed, rate)
	b.ReportMetric(ours/1000, "kops/s")
	b.ReportMetric(theirs/1000, "limit-kops/s")
	b.ReportMetric(ours/theirs, "ratio")
	b.ReportMetric(median(served, func(f figures) float64 { return f.p50 }), "p50-µs")
	b.ReportMetric(median(served, func(f figures) float64 { return f.p99 }), "p99-µs")
	b.ReportMetric(median(served, func(f figures) float64 { return f.longest / 1000 }), "longest-ms")
	b.ReportMetric(median(served, func(f figures) float64 { return f.allocs }), "mallocs/op")
	b.ReportMetric(0, "ns/op")
}

func median(all []figures, of func(figures) float64) float64 {
	var values []float64
	for _, f := range all {
		values = append(values, of(f))
	}
	slices.Sort(values)
	return values[len(values)/2]
}

func key(client, k int) string { return fmt.Sprintf("key-%02d-%03d", client, k%100) }

// figures are one measurement: operations per second, and times in microseconds.
type figures struct{ rate, p50, p99, longest, allocs float64 }

// run lets n callers call as fast as they can.
func run(b *testing.B, n int, call func(caller, k int) error) figures {
	for i := range n {
		if err := call(i, 0); err != nil { // connections are made before the clock runs
			b.Fatal(err)
		}
	}
	took := make([][]time.Duration, n)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	began := time.Now()
	var callers sync.WaitGroup
	for i := range n {
		callers.Go(func() {
			for k := 0; time.Since(began) < measure; k++ {
				at := time.Now()
				if err := call(i, k); err != nil {
					b.Error(err)
					return
				}
				took[i] = append(took[i], time.Since(at))
			}
		})
	}
	callers.Wait()
	seconds := time.Since(began).Seconds()
	runtime.ReadMemStats(&after)
	all := slices.Concat(took...)
	slices.Sort(all)
	at := func(part float64) float64 { return float64(all[int(part*float64(len(all)-1))].Nanoseconds()) / 1000 }
	return figures{
		rate: float64(len(all)) / seconds, p50: at(0.5), p99: at(0.99), longest: at(1),
		allocs: float64(after.Mallocs-before.Mallocs) / float64(len(all)),
	}
}

// newBench starts a cluster whose first view with a backup serves.
func newBench(tb testing.TB, cfg engine.Config) *Cluster {
	cfg.PingInterval, cfg.DeadPings = engine.Defaults.PingInterval, engine.Defaults.DeadPings
	c, err := New(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(c.Close)
	until(tb, c, func(s engine.Snapshot) bool { return settled(s, min(cfg.Servers, 2)) })
	return c
}

// settled reports an acknowledged view with that many members, whose backup is filled.
func settled(s engine.Snapshot, members int) bool {
	v := s.Viewservice.Status
	complete := 0
	for _, server := range s.Servers {
		if server.Status.Complete && server.Status.Entered == v.View.Viewnum {
			complete++
		}
	}
	return v.Acked && complete == members
}

// until observes the cluster until it is as wanted.
func until(tb testing.TB, c *Cluster, wanted func(engine.Snapshot) bool) engine.Snapshot {
	tb.Helper()
	for deadline := time.Now().Add(time.Minute); ; {
		s, err := c.Observe(context.Background(), engine.Window{})
		if err != nil {
			tb.Fatal(err)
		}
		if wanted(s) {
			return s
		}
		if time.Now().After(deadline) {
			tb.Fatalf("not reached: %+v", s)
		}
		<-time.After(20 * time.Millisecond)
	}
}

// watch does what the screen does, 15 times a second. The returned func ends it.
func watch(b *testing.B, c *Cluster) func() {
	stop := c.Trace().Watch()
	done := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() {
		ticker := time.NewTicker(time.Second / 15)
		defer ticker.Stop()
		for seq := uint64(0); ; {
			select {
			case <-ticker.C:
			case <-done:
				return
			}
			events, _ := c.Trace().Since(seq)
			if n := len(events); n > 0 {
				seq = events[n-1].Seq
			}
			if _, err := c.Observe(context.Background(), engine.Window{Limit: 50}); err != nil {
				b.Error(err)
			}
		}
	})
	return func() { close(done); watching.Wait(); stop() }
}

// BenchmarkFailover is the time from the crash of the primary to the next success of a client that keeps putting,
// in PingIntervals: the median of 20.
func BenchmarkFailover(b *testing.B) {
	var gaps []float64
	for range 20 {
		gaps = append(gaps, failover(b))
	}
	slices.Sort(gaps)
	b.ReportMetric((gaps[9]+gaps[10])/2, "pings")
	b.ReportMetric(gaps[0], "least-pings")
	b.ReportMetric(gaps[19], "most-pings")
	b.ReportMetric(0, "ns/op")
}

func failover(b *testing.B) float64 {
	c := newBench(b, engine.Config{Servers: 3, Clients: 1})
	defer c.Close()
	put := func() {
		if _, err := c.Do(context.Background(), "c1", pbservice.Op{Kind: pbservice.Put, Key: "a", Value: payload}); err != nil {
			b.Fatal(err)
		}
	}
	// The crash must fall anywhere between two pings, not always at the same moment after the start.
	for began, wait := time.Now(), rand.N(engine.Defaults.PingInterval); time.Since(began) < wait; {
		put()
	}
	crashed := time.Now()
	if err := enginetest.Do(c, "kill", "s1"); err != nil {
		b.Fatal(err)
	}
	put()
	return float64(time.Since(crashed)) / float64(engine.Defaults.PingInterval)
}

// BenchmarkTransfer is the longest wait of any client while a backup joins a primary with that many keys under load.
func BenchmarkTransfer(b *testing.B) {
	for _, keys := range []int{100_000, 1_000_000} {
		b.Run(fmt.Sprintf("keys=%d", keys), func(b *testing.B) { transfer(b, keys) })
	}
}

func transfer(b *testing.B, keys int) {
	const clients = 16
	c := newBench(b, engine.Config{Servers: 2, Clients: clients})
	if err := enginetest.Do(c, "kill", "s2"); err != nil {
		b.Fatal(err)
	}
	until(b, c, func(s engine.Snapshot) bool {
		return s.Viewservice.Status.View.Backup == "" && s.Viewservice.Status.Acked
	})
	put := func(client, k int) {
		op := pbservice.Op{Kind: pbservice.Put, Key: fmt.Sprintf("key-%07d", k), Value: payload}
		if _, err := c.Do(context.Background(), fmt.Sprintf("c%d", client+1), op); err != nil {
			b.Error(err)
		}
	}
	var fillers sync.WaitGroup
	for i := range clients {
		fillers.Go(func() {
			for k := i; k < keys; k += clients {
				put(i, k)
			}
		})
	}
	fillers.Wait()
	runtime.GC()
	var longest [clients]time.Duration
	done := make(chan struct{})
	var loaders sync.WaitGroup
	for i := range clients {
		loaders.Go(func() {
			for k := i; ; k += clients {
				select {
				case <-done:
					return
				default:
				}
				at := time.Now()
				put(i, k%keys)
				longest[i] = max(longest[i], time.Since(at))
			}
		})
	}
	began := time.Now()
	if err := enginetest.Do(c, "restart", "s2"); err != nil {
		b.Fatal(err)
	}
	until(b, c, func(s engine.Snapshot) bool { return settled(s, 2) })
	b.ReportMetric(float64(time.Since(began).Milliseconds()), "joined-ms")
	close(done)
	loaders.Wait()
	b.ReportMetric(float64(slices.Max(longest[:]).Microseconds())/1000, "longest-stall-ms")
	b.ReportMetric(0, "ns/op")
}
