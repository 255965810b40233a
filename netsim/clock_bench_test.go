package netsim_test

import (
	"testing"
	"time"

	"cluster/splitbrain/netsim"
)

// BenchmarkClock measures what every operation does to the clock of its process, among the timers of others.
func BenchmarkClock(b *testing.B) {
	n := netsim.New(netsim.Config{})
	b.Cleanup(n.Close)
	node, err := n.Add("s1")
	if err != nil {
		b.Fatal(err)
	}
	p, err := node.Start()
	if err != nil {
		b.Fatal(err)
	}
	clock := p.Clock()
	for i := range 100 {
		clock.AfterFunc(time.Hour+time.Duration(i)*time.Second, func() {})
	}
	timer := clock.AfterFunc(time.Hour, func() {})
	for _, part := range []struct {
		name string
		run  func()
	}{
		{"Now", func() { clock.Now() }},
		{"Reset", func() { timer.Reset(time.Hour + 30*time.Second) }},
		{"StopReset", func() { timer.Stop(); timer.Reset(time.Hour + 90*time.Second) }},
		{"AfterFuncStop", func() { clock.AfterFunc(time.Hour, func() {}).Stop() }},
	} {
		b.Run(part.name, func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				part.run()
			}
		})
		b.Run(part.name+"/parallel", func(b *testing.B) {
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if part.name == "Now" {
						clock.Now()
						continue
					}
					clock.AfterFunc(time.Hour, func() {}).Stop()
				}
			})
		})
	}
}
