package tui

import (
	"fmt"
	"strings"
	"testing"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/pbservice"
)

// BenchmarkFrame is one snapshot taken in and drawn. The goal is 2 ms at 120×40, better 0.5 ms.
func BenchmarkFrame(b *testing.B) {
	for _, size := range sizes[1:] {
		b.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(b *testing.B) {
			m, _ := begin(b, engine.Snapshot{}, size[0], size[1], Options{Theme: "dark"})
			snaps := [2]engine.Snapshot{crowded(m, "1"), crowded(m, "2")}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				snaps[i%2].At += second / 10
				m.Update(observed{snap: snaps[i%2], nodes: nodesOf(snaps[0]), asked: m.maps.window()})
				_ = m.View()
			}
		})
	}
}

// crowded is a cluster of 9 servers with 100,000 keys, every value different from the one before.
func crowded(m *Model, value string) engine.Snapshot {
	s := quiet(9, 2)
	w := m.maps.window()
	s.Map = engine.Map{Total: 100_000, Rows: map[string][]pbservice.Row{}}
	for i := range w.Limit {
		s.Map.Keys = append(s.Map.Keys, fmt.Sprintf("key%06d", i))
	}
	for i := range s.Servers {
		v := &s.Servers[i]
		v.Status.Keys = 100_000
		for j, key := range s.Map.Keys {
			long := strings.Repeat(value, 100)
			s.Map.Rows[v.Name] = append(s.Map.Rows[v.Name], pbservice.Row{Key: key, Value: long, Size: 100, Sum: uint64(j) + uint64(value[0])<<32})
		}
	}
	return s
}
