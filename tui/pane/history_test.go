package pane

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/history"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/tui/canvas"
	"cluster/splitbrain/viewservice"
)

// TestBars: a bar has a row where it begins and one where it ends, unless nothing else happens meanwhile.
func TestBars(t *testing.T) {
	p := &History{}
	d := sit(p, 80, 14)
	d.see(quiet(3, 2), Observation{Bars: overlapping()})
	var got []string
	for _, r := range p.rows {
		got = append(got, fmt.Sprint(r.ID, []string{"(", ")", "()"}[r.part]))
	}
	if want := "0() 1() 2( 3() 4( 2) 4) 5("; strings.Join(got, " ") != want {
		t.Errorf("rows %v, want %s\n%s", got, want, d)
	}
}

// TestBlamedBarIsReadWithoutVerdict: an operation that was to blame can be read when the verdict is another one by now.
func TestBlamedBarIsReadWithoutVerdict(t *testing.T) {
	p := &History{}
	d := sit(p, 80, 14)
	bar := did(0, "c1", pbservice.Put, "1", 1000, 2000)
	bar.Blamed = true
	d.see(quiet(3, 2), Observation{Bars: []history.Bar{bar}})
	p.Open()
	if d.rowWith("0:01.000 to 0:02.000") == "" {
		t.Errorf("it can't be read:\n%s", d)
	}
}

// TestBarsAtOneTime: an operation that began when another one had ended stands below it, though both have one time.
func TestBarsAtOneTime(t *testing.T) {
	p := &History{}
	d := sit(p, 80, 14)
	put, get := did(0, "c1", pbservice.Put, "1", 1000, 2000), did(1, "c2", pbservice.Get, "1", 2000, 2004)
	put.Called, put.Returned, get.Called, get.Returned = 1, 2, 3, 4
	d.see(quiet(3, 2), Observation{Bars: []history.Bar{put, get}})
	if len(p.rows) != 2 || p.rows[0].ID != 0 || p.rows[1].ID != 1 {
		t.Errorf("the get began in the midst of the put:\n%s", d)
	}
}

// TestBlamedBarHasItsTime: also in the millisecond of the row before, whose time others don't repeat.
func TestBlamedBarHasItsTime(t *testing.T) {
	for blamed, want := range map[bool]int{false: 1, true: 2} {
		p := &History{}
		d := sit(p, 80, 14)
		put, get := did(0, "c1", pbservice.Put, "1", 2000, 2000), did(1, "c2", pbservice.Get, "1", 2000, 2000)
		put.Called, put.Returned, get.Called, get.Returned = 1, 2, 3, 4
		get.Blamed = blamed
		d.see(quiet(3, 2), Observation{Bars: []history.Bar{put, get}})
		if n := strings.Count(d.String(), "0:02.000"); n != want {
			t.Errorf("blamed %v: the time stands in %d rows, want %d\n%s", blamed, n, want, d)
		}
	}
}

// TestBarsAreTaken: each operation once, with its end when it comes; the oldest that runs is asked for again.
func TestBarsAreTaken(t *testing.T) {
	p := &History{}
	d := sit(p, 80, 14)
	running := did(1, "c1", pbservice.Put, "2", 2000, 0)
	d.see(quiet(3, 2), Observation{Bars: []history.Bar{did(0, "c1", pbservice.Put, "1", 1000, 1001), running, did(2, "c2", pbservice.Get, "1", 2500, 2501)}})
	if got := p.Since(); got != 1 {
		t.Errorf("news are wanted from %d on, want 1", got)
	}
	d.see(quiet(3, 2), Observation{Bars: []history.Bar{did(1, "c1", pbservice.Put, "2", 2000, 3000), did(2, "c2", pbservice.Get, "1", 2500, 2501)}})
	if got := p.Since(); got != 3 || len(p.bars) != 3 || p.bars[1].Running {
		t.Errorf("news are wanted from %d on, want 3; known are %v", got, p.bars)
	}
	var many []history.Bar
	for i := range 3 * mostBars {
		many = append(many, did(3+i, "c1", pbservice.Put, "x", 4000+i, 4000+i))
	}
	d.see(quiet(3, 2), Observation{Bars: many})
	if n := len(p.bars); n != mostBars {
		t.Errorf("%d operations are remembered", n)
	}
}

func TestHistoryFilter(t *testing.T) {
	p := &History{}
	d := sit(p, 80, 14)
	d.see(quiet(3, 2), Observation{Bars: overlapping()})
	for filter, want := range map[string]int{"c2": 3, "c2 get": 2, "put": 2, "nothing": 0, "append x": 1} {
		p.SetFilter(filter)
		p.arrange()
		seen := map[int]bool{}
		for _, r := range p.rows {
			seen[r.ID] = true
		}
		if len(seen) != want {
			t.Errorf("%q: %d operations, want %d", filter, len(seen), want)
		}
	}
}

// TestAnotherPast: after the world has gone to another moment the operations are those of another recorder.
func TestAnotherPast(t *testing.T) {
	p := &History{}
	d := sit(p, 80, 14)
	d.see(quiet(3, 2), Observation{Bars: overlapping()})
	snap := quiet(3, 2)
	d.hears(snap, &story{Events: []netsim.TraceEvent{{Kind: netsim.TimeRewound, From: "time"}}})
	if got := p.Since(); got != 0 || len(p.bars) > 0 {
		t.Errorf("news are wanted from %d on; known are %v", got, p.bars)
	}
}

// TestRates: operations are counted once, in the piece of time in which they ended, those that were not seen too.
func TestRates(t *testing.T) {
	p := NewCharts()
	look := func(at time.Duration, bars ...history.Bar) {
		snap := quiet(3, 2)
		snap.At = at
		p.Observe(Observation{Bars: bars}, NewIndex(snap, nodesOf(snap)))
	}
	first := []history.Bar{did(0, "c1", pbservice.Put, "1", 100, 110), did(1, "c1", pbservice.Put, "1", 200, 230), did(2, "c2", pbservice.Put, "1", 300, 0)}
	look(400*time.Millisecond, first...)
	look(600*time.Millisecond, first...)
	look(1100*time.Millisecond, did(2, "c2", pbservice.Put, "1", 300, 700), did(13, "c1", pbservice.Put, "1", 1000, 1050))
	var got []int
	for i := range p.buckets {
		got = append(got, p.buckets[i].ops)
	}
	if fmt.Sprint(got) != "[2 1 11]" {
		t.Errorf("counted are %v", got)
	}
	if b := p.buckets[0]; b.p50 != 10*time.Millisecond || b.p99 != 30*time.Millisecond {
		t.Errorf("half of the first two within %v, 99%% within %v", b.p50, b.p99)
	}
	look(100 * time.Millisecond)
	if len(p.buckets) != 1 || p.buckets[0].ops != 0 {
		t.Errorf("after time was turned back there are %d buckets", len(p.buckets))
	}
}

// TestMayChange: the views pane says whether the view may change, and if not, why.
func TestMayChange(t *testing.T) {
	moments := map[string]engine.Snapshot{"steady": steady(), "transfer": transfer(), "start": {}}
	for name, want := range map[string]string{
		"steady": "✓ view 2 is acknowledged", "transfer": "view 2 waits for Ping(2) from s1", "start": "there is no view yet",
	} {
		snap := moments[name]
		if got, _ := mayChange(NewIndex(snap, nodesOf(snap))); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	snap := quiet(3, 2)
	snap.Viewservice.Status.Blocked = viewservice.Cause{Code: viewservice.UnackedDead, Server: "s2", View: 3, Silent: 2 * second, Allowed: second / 2}
	if got, look := mayChange(NewIndex(snap, nil)); got != snap.Viewservice.Status.Blocked.String() || look != canvas.Warning {
		t.Errorf("stuck: %q", got)
	}
}
