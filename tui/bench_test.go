package tui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/history"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/tui/pane"
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
				m.Update(pollResult{Observation: pane.Observation{Snap: snaps[i%2], Nodes: nodesOf(snaps[0]), Asked: m.maps.Window()}})
				_ = m.View()
			}
		})
	}
}

// BenchmarkBusyFrame is a frame of each pane at 120×40 while 10,000 events and 1,250 operations a second come, 30 frames
// a second being drawn. The goal is 2 ms.
func BenchmarkBusyFrame(b *testing.B) {
	for _, name := range []string{"stage", "maps", "messages", "history", "charts", "views"} {
		b.Run(name, func(b *testing.B) {
			m, _ := begin(b, engine.Snapshot{}, 120, 40, Options{Theme: "dark"})
			snaps := [2]engine.Snapshot{crowded(m, "1"), crowded(m, "2")}
			for range m.panes {
				if m.panes[m.active].Name() != name {
					press(m, "tab")
				}
			}
			traffic := busy{}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				b.StopTimer()
				snap := snaps[i%2]
				snap.At = time.Duration(i) * second / 30
				o := pane.Observation{Snap: snap, Nodes: nodesOf(snap), Asked: m.maps.Window()}
				o.Events, o.Bars = traffic.next(snap.At)
				b.StartTimer()
				m.Update(pollResult{Observation: o})
				_ = m.View()
			}
		})
	}
}

// busy is traffic of two clients.
type busy struct {
	msg, seq uint64
	op       int
}

// next is what has come since the last frame.
func (t *busy) next(at time.Duration) (events []netsim.TraceEvent, bars []history.Bar) {
	const perFrame = 10_000 / 30
	for len(events) < perFrame {
		s := &story{At: at, Msg: t.msg}
		s.Put([]string{"c1", "c2"}[t.op%2], "1")
		t.msg = s.Msg
		for _, e := range s.Events {
			t.seq++
			e.Seq = t.seq
			events = append(events, e)
		}
		bars = append(bars, did(t.op, "c1", pbservice.Put, "1", int(at.Milliseconds()), int(at.Milliseconds())+1))
		t.op++
	}
	return events, bars
}

// crowded is a cluster of 9 servers with 100,000 keys, every value different from the one before.
func crowded(m *Model, value string) engine.Snapshot {
	s := quiet(9, 2)
	w := m.maps.Window()
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
