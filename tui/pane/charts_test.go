package pane

import (
	"strings"
	"testing"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/history"
	"cluster/splitbrain/pbservice"
)

// chartAt shows a moment of a branch to the charts, with an operation that has just ended.
func chartAt(p *Charts, snap engine.Snapshot, at time.Duration, branch string, rewound bool) {
	snap.At = at
	o := Observation{Snap: snap, Nodes: nodesOf(snap)}
	if branch != "" {
		o.Past = &engine.Timeline{Branch: branch}
	}
	if rewound {
		o.Events = []netsim.TraceEvent{{Kind: netsim.TimeRewound, From: "time", At: at}}
	}
	ms := int(at.Milliseconds())
	o.Bars = []history.Bar{did(ms, "c1", pbservice.Put, "1", ms-1, ms)}
	p.Observe(o, NewIndex(snap, o.Nodes))
}

// late is when in a bucket chartAt looks.
const late = 10 * time.Millisecond

// agesSeen are the buckets of the first server's chart that have a value.
func agesSeen(p *Charts) int {
	n := 0
	for _, s := range p.series {
		if s.label == "ping age s1" {
			for _, v := range s.values {
				if v >= 0 {
					n++
				}
			}
		}
	}
	return n
}

// TestChartsWithoutViews: while the viewservice is down nobody listens to pings, and no age of theirs is drawn.
func TestChartsWithoutViews(t *testing.T) {
	p := NewCharts()
	p.Resize(100, 10)
	snap := steady()
	for i := range 10 {
		chartAt(p, snap, second+time.Duration(i)*bucketTime, "", false)
	}
	seen := agesSeen(p)
	snap.Viewservice.State = netsim.Crashed
	for i := range 10 {
		chartAt(p, snap, 6*second+time.Duration(i)*bucketTime, "", false)
	}
	if got := agesSeen(p); got != seen || seen == 0 {
		t.Errorf("%d ages, %d before", got, seen)
	}
	if s := p.series[3]; s.now != "–" || s.scale != "vs is down" {
		t.Errorf("%+v", s)
	}
}

// TestChartsAfterRewind: going back on a branch keeps what lies before, elsewhere nothing is known of it, and that is told.
func TestChartsAfterRewind(t *testing.T) {
	for _, c := range []struct {
		branch string
		ages   int // of buckets before the moment and that of the moment
		told   bool
	}{{"main", 11, false}, {"other", 1, true}} {
		p := NewCharts()
		p.Resize(100, 10)
		for i := range 20 {
			chartAt(p, steady(), time.Duration(i)*bucketTime+late, "main", false)
		}
		chartAt(p, steady(), 10*bucketTime+late, c.branch, true)
		if got := agesSeen(p); got != c.ages {
			t.Errorf("%s: %d ages, want %d", c.branch, got, c.ages)
		}
		if told := strings.Contains(p.Status(), "no samples from before the rewind"); told != c.told {
			t.Errorf("%s: %q", c.branch, p.Status())
		}
		ops := p.buckets[0].ops
		for i := range 11 { // the operations before come again
			ms := int((time.Duration(i)*bucketTime + late).Milliseconds())
			p.count([]history.Bar{did(1000+i, "c1", pbservice.Put, "1", ms-1, ms)})
		}
		if c.ages > 1 && (p.buckets[0].ops != ops || ops != 1) {
			t.Errorf("%s: %d operations became %d", c.branch, ops, p.buckets[0].ops)
		}
	}
}

// TestChartsWhileTimeStands: what ended in the newest piece of time is shown once time stands, with a rate that does not depend on
// how short that piece is; and as much time is told of as is shown.
func TestChartsWhileTimeStands(t *testing.T) {
	for _, c := range []struct {
		name  string
		stand func(*engine.Snapshot)
		ops   []int // per bucket, the newest last
		rate  string
		told  string
	}{
		{"goes on", func(*engine.Snapshot) {}, []int{0, 1}, "0 /s", "the last 500 ms"},
		{"begins", func(*engine.Snapshot) {}, []int{1}, "–", ""},
		{"paused", func(s *engine.Snapshot) { s.Paused = true }, []int{0, 1}, "2 /s", "the last 1.0 s"},
		{"standing", func(s *engine.Snapshot) { s.Standing = true }, []int{1}, "2 /s", "the last 500 ms"},
		{"fewer than before", func(s *engine.Snapshot) { s.Paused = true }, []int{5, 1}, "12 /s", "the last 1.0 s"},
		{"nothing", func(s *engine.Snapshot) { s.Standing = true }, []int{0, 0}, "0 /s", "the last 500 ms"},
	} {
		p, snap, id := NewCharts(), steady(), 0
		p.Resize(100, 10)
		c.stand(&snap)
		for number, ops := range c.ops {
			snap.At = time.Duration(number)*bucketTime + late
			o := Observation{Snap: snap, Nodes: nodesOf(snap)}
			for range ops {
				ms := int(snap.At.Milliseconds())
				o.Bars = append(o.Bars, did(id, "c1", pbservice.Put, "1", ms-1, ms))
				id++
			}
			p.Observe(o, NewIndex(snap, o.Nodes))
		}
		if got := p.series[0].now; got != c.rate || p.Status() != c.told {
			t.Errorf("%s: %q in %q, want %q in %q", c.name, got, p.Status(), c.rate, c.told)
		}
	}
}

// TestChartsTopIsSeen: the top of a chart is that of what is shown, and a dead server is told so in words that fit.
func TestChartsTopIsSeen(t *testing.T) {
	p, snap := NewCharts(), steady()
	p.Resize(2+labelCol+nowCol+scaleCol+4, 10)
	for number, ms := range []int{400, 40, 4, 4, 4, 4, 4} {
		snap.At = time.Duration(number+1)*bucketTime + late
		end := int(snap.At.Milliseconds())
		p.Observe(Observation{Bars: []history.Bar{did(number, "c1", pbservice.Put, "1", end-ms, end)}}, NewIndex(snap, nil))
		if number == 1 {
			snap.Servers[2].PingAge = 2 * second
		}
	}
	d := &desk{Pane: p, w: p.w, h: 10, now: NewIndex(snap, nil)}
	for label, want := range map[string]string{"latency p50": "top 4.0 ms", "ping age s3": "dead  after 500 ms"} {
		if row := d.rowWith(label); !strings.HasSuffix(strings.TrimRight(row, " "), want) {
			t.Errorf("%q does not end with %q", row, want)
		}
	}
}

// TestChartsOfTwo: of a long and a short operation, half keep within the short time.
func TestChartsOfTwo(t *testing.T) {
	b := bucket{took: []time.Duration{6 * time.Millisecond, 2 * time.Millisecond}}
	if b.measure(); b.p50 != 2*time.Millisecond || b.p99 != 6*time.Millisecond {
		t.Errorf("p50 %v, p99 %v", b.p50, b.p99)
	}
}
