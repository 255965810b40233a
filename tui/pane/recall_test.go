package pane

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/history"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/tui/canvas"
)

// TestRecalledStays: what is recalled of charts and of a chronicle stays as it was, however much the panes themselves forget since.
func TestRecalledStays(t *testing.T) {
	charts, chronicle := NewCharts(), &Chronicle{}
	snap, s := quiet(1, 1), &story{}
	look := func(i int) Moment {
		snap.At = time.Duration(i) * bucketTime
		snap.Servers[0].PingAge, s.At, s.Events = time.Duration(i)*time.Microsecond, snap.At, nil
		for range mostChronicled / 100 {
			s.Happens(netsim.NodeStarted, "s1", "", "")
		}
		o, now := Observation{Snap: snap, Nodes: nodesOf(snap), Events: s.Events}, NewIndex(snap, nodesOf(snap))
		charts.Observe(o, now)
		chronicle.Observe(o, now)
		return Moment{Now: now}
	}
	for i := 1; i < mostBuckets; i++ {
		look(i)
	}
	m := look(mostBuckets)
	was, entries := charts.Recall(m), chronicle.Recall(m).entries
	before, told := slices.Clone(was.buckets), slices.Clone(entries)
	snap.At++
	for i := mostBuckets; i < mostBuckets+50; i++ {
		look(i)
	}
	if fmt.Sprint(was.buckets) != fmt.Sprint(before) || len(before) != mostBuckets {
		t.Error("recalled charts have changed")
	}
	if !slices.Equal(entries, told) || len(told) != mostChronicled {
		t.Error("a recalled chronicle has changed")
	}
}

// TestRecalledHistoryIsPointedAt: a lesson points at a bar of the past too.
func TestRecalledHistoryIsPointedAt(t *testing.T) {
	p := &History{}
	d := pointing(t, p, 8, `look history row "c1 put x"`)
	d.see(quiet(3, 2), Observation{Bars: []history.Bar{did(0, "c2", pbservice.Get, "1", 1000, 2000), did(1, "c1", pbservice.Put, "x", 3000, 3001)}})
	was := sit(p.Recall(Moment{Now: d.now}), d.w, d.h)
	if was.now = d.now; !strings.HasPrefix(was.rowWith("put a x"), "▸»") {
		t.Errorf("\n%s", was)
	}
}

// TestRecalledLogTellsNothingTwice: what stands below the log is left out of the past too, from the beginning.
func TestRecalledLogTellsNothingTwice(t *testing.T) {
	p := &Events{}
	d := sit(p, 80, 8)
	p.Tell(Entry{Style: canvas.Alarm, Text: "  ✗ two primaries"})
	d.see(quiet(3, 2), Observation{})
	p.ToldBelow("two primaries")
	was := sit(p.Recall(Moment{Now: d.now}), d.w, d.h)
	if was.rowWith("  ✗ "+toldBelow) == "" || was.rowWith("two primaries") != "" {
		t.Errorf("\n%s", was)
	}
}
