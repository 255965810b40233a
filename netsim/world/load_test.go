package world

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"testing"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/history"
	"cluster/splitbrain/pbservice"
)

func config(servers, clients int, seed uint64) engine.Config {
	cfg := engine.Defaults
	cfg.Servers, cfg.Clients, cfg.Seed = servers, clients, seed
	return cfg
}

// load keeps the clients of a world busy: each begins its next operation as soon as the one before has ended.
type load struct {
	*World
	random *rand.Rand
	keys   int
	idle   []Node
	ended  int // operations

	history history.Recorder
	calls   map[Node]int
	trace   func(netsim.TraceEvent) // if not nil
}

func newLoad(w *World, seed uint64, keys int) *load {
	l := &load{World: w, random: rand.New(rand.NewPCG(seed, 1)), keys: keys, calls: map[Node]int{}}
	for i := range w.clients {
		l.idle = append(l.idle, Client(i+1))
	}
	return l
}

// observe records history, and the trace if there is one.
func (l *load) observe(record bool) {
	l.SetObserver(&Observer{
		Moved: l.trace, Happened: l.trace,
		Began: func(c Node, op pbservice.Op, at time.Duration) {
			if record {
				l.calls[c] = l.history.Call(c.String(), op, at)
			}
		},
		Ended: func(c Node, op pbservice.Op, r pbservice.Reply, err error, at time.Duration) {
			if record {
				l.history.Return(l.calls[c], at, engine.OutcomeOf(r, err).Seen(r))
			}
			l.idle = append(l.idle, c)
			l.ended++
		},
	})
}

// begin lets all idle clients begin something.
func (l *load) begin(t testing.TB) {
	for _, c := range l.idle {
		op := pbservice.Op{Kind: pbservice.OpKind(l.random.IntN(3)), Key: fmt.Sprintf("k%d", l.random.IntN(l.keys))}
		if op.Kind != pbservice.Get {
			op.Value = fmt.Sprintf("%v.%d ", c, l.ended)
		}
		if op.Kind == pbservice.Append && l.random.IntN(4) > 0 {
			op.Kind = pbservice.Put // so that values stay short
		}
		if err := l.Apply(Action{Kind: Invoke, Node: c, Details: &Details{Op: op}}); err != nil {
			t.Fatal(err)
		}
	}
	l.idle = l.idle[:0]
}

// run goes on until that time of the world.
func (l *load) run(t testing.TB, until time.Duration) (steps int) {
	for l.Now() < until {
		l.begin(t)
		l.Step()
		steps++
	}
	return steps
}

// traceHash runs a loaded world through failures and hashes all that is told of it.
func traceHash(t testing.TB, seed uint64, until time.Duration) uint64 {
	l := newLoad(NewWorld(config(3, 3, seed)), seed, 5)
	h := fnv.New64a()
	l.trace = func(e netsim.TraceEvent) { fmt.Fprintf(h, "%+v\n", e) }
	l.observe(true)
	lossy := netsim.Fault{Kind: netsim.FaultLoss, From: "s1", To: "s2", Probability: 0.2}
	slow := netsim.Fault{Kind: netsim.FaultDelay, From: "s2", To: "s1", Delay: 5 * time.Millisecond, Jitter: 5 * time.Millisecond}
	for _, f := range []netsim.Fault{lossy, slow} {
		if err := l.Apply(set(f)); err != nil {
			t.Fatal(err)
		}
	}
	l.run(t, until/2)
	if err := l.Apply(Action{Kind: Crash, Node: Server(1)}); err != nil {
		t.Fatal(err)
	}
	l.run(t, until)
	fmt.Fprintf(h, "%+v", l.history.Operations())
	return h.Sum64()
}

func BenchmarkSim(b *testing.B) {
	for _, clients := range []int{4, 16, 64} {
		b.Run(fmt.Sprintf("clients=%d", clients), func(b *testing.B) {
			l := newLoad(NewWorld(config(3, clients, 1)), 1, 100)
			l.observe(false)
			l.run(b, time.Second)
			b.ReportAllocs()
			b.ResetTimer()
			for range b.N {
				l.begin(b)
				l.Step()
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
			b.ReportMetric(200_000, "goal-events/s")
		})
	}
}

// BenchmarkVirtualHour is a loaded cluster for an hour of its own time.
func BenchmarkVirtualHour(b *testing.B) {
	for range b.N {
		l := newLoad(NewWorld(config(3, 4, 1)), 1, 100)
		l.observe(false)
		steps := l.run(b, time.Hour)
		b.ReportMetric(float64(steps), "events")
		b.ReportMetric(10, "goal-s")
	}
}

// BenchmarkClone is what a search does to a world again and again.
func BenchmarkClone(b *testing.B) {
	w := NewStable(config(3, 2, 1))
	w.MustApply(Action{Kind: Tick, Node: Server(1)})
	id := w.transit[0].ID
	b.ReportAllocs()
	for range b.N {
		w.Clone().MustApply(Action{Kind: Deliver, Msg: id})
	}
}
