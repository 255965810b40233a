package sim

import (
	"fmt"
	"testing"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/world"
	"cluster/splitbrain/pbservice"
)

// BenchmarkEngine is a loaded engine: all that it keeps to go back, and the trace.
func BenchmarkEngine(b *testing.B) {
	for _, watched := range []bool{false, true} {
		b.Run(fmt.Sprintf("watched=%v", watched), func(b *testing.B) {
			e, err := New(config(3, 4, 1), ManualTime())
			if err != nil {
				b.Fatal(err)
			}
			defer e.Close()
			if watched {
				defer e.Trace().Watch()()
			}
			give := func() {
				for i := range 4 {
					if len(e.queues[i].ops) == 0 {
						op := pbservice.Op{Kind: pbservice.Put, Key: fmt.Sprint("k", e.step%100), Value: "value"}
						if _, err := e.Invoke(world.Client(i+1).String(), op, engine.AtOnce); err != nil {
							b.Fatal(err)
						}
					}
				}
			}
			if err := e.Wait(b.Context(), time.Second); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			b.ResetTimer()
			for range b.N {
				give()
				e.mu.Lock()
				e.makeStep(world.Never)
				e.mu.Unlock()
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
		})
	}
}

// BenchmarkRewind goes back and forth in a past of 100,000 steps.
func BenchmarkRewind(b *testing.B) {
	e, err := New(config(3, 4, 1), ManualTime())
	if err != nil {
		b.Fatal(err)
	}
	defer e.Close()
	for e.Timeline().Length < 100_000 {
		if _, err := engine.Do(b.Context(), e, "c1", pbservice.Op{Kind: pbservice.Put, Key: fmt.Sprint("k", e.step%100), Value: "v"}); err != nil {
			b.Fatal(err)
		}
	}
	step := 0
	for b.Loop() {
		step = (step + 61_803) % 100_000
		if err := e.Rewind(step); err != nil {
			b.Fatal(err)
		}
	}
}
