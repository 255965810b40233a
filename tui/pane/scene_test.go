package pane

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/env"
	"cluster/splitbrain/tui/canvas"
	"cluster/splitbrain/viewservice"

	"pgregory.net/rapid"
)

// TestWordless: a message without words is told by its method.
func TestWordless(t *testing.T) {
	for _, c := range []struct {
		of     netsim.Direction
		method string
		words  string
		want   string
	}{
		{netsim.Request, "PBServer.Forward", "put a 2", "put a 2"},
		{netsim.Request, "PBServer.Forward", "", "Forward"},
		{netsim.Reply, "PBServer.Forward", "", "reply to Forward"},
		{netsim.Request, "odd", "", "odd"},
		{netsim.Request, "", "", ""},
	} {
		if got := wordsOf(c.of, c.method, env.Says{Words: c.words}); got != c.want {
			t.Errorf("%v %s %q is %q, want %q", c.of, c.method, c.words, got, c.want)
		}
	}
}

// TestFlight: a message is where its time says, waits in the middle while it is held, and is forgotten some time after it
// ended.
func TestFlight(t *testing.T) {
	const ms = time.Millisecond
	var l flightLog
	tell := func(at time.Duration, kind netsim.EventKind, due time.Duration) {
		l.take([]netsim.TraceEvent{{At: at, Kind: kind, Due: due, Msg: 1, Direction: netsim.Request, From: "c1", To: "s1", Method: "PBServer.Get"}}, 10*ms)
	}
	is := func(now time.Duration, want float64) {
		t.Helper()
		if got := l.byID[1].progress(now); got != want {
			t.Errorf("at %v it has gone %v of its way, want %v", now, got, want)
		}
	}
	tell(100*ms, netsim.MsgSent, 0)
	is(100*ms, 0)
	is(105*ms, 0.5)
	is(999*ms, 1) // it is late: nobody knows why
	tell(100*ms, netsim.MsgDelayed, 140*ms)
	is(110*ms, 0.25)
	tell(110*ms, netsim.MsgHeld, 0)
	is(500*ms, 0.5)
	tell(600*ms, netsim.MsgDelivered, 0)
	is(600*ms, 1)
	if l.forget(600 * ms); len(l.byID) != 1 {
		t.Error("it is forgotten at once")
	}
	if l.forget(601 * ms); len(l.byID) != 0 {
		t.Error("it is never forgotten")
	}
	tell(700*ms, netsim.MsgDelivered, 0)
	l.take([]netsim.TraceEvent{{At: 800 * ms, Kind: netsim.MsgSent, Msg: 2, Answers: 1, Direction: netsim.Reply, From: "s1", To: "c1"}}, 0)
	if l.forget(750 * ms); len(l.byID) != 2 {
		t.Error("what is being answered is forgotten")
	}
	for i := range 3 * mostFlights {
		l.take([]netsim.TraceEvent{{Kind: netsim.MsgSent, Msg: uint64(i + 1), Direction: netsim.Request}}, 0)
	}
	if l.forget(0); len(l.byID) != mostFlights || l.byID[3*mostFlights] == nil {
		t.Errorf("%d are remembered", len(l.byID))
	}
}

// TestUnendedPing: of a ping of whose end nothing was told no drawing stays; of what is held and of other messages it does.
func TestUnendedPing(t *testing.T) {
	const ms = time.Millisecond
	var l flightLog
	for i, method := range []string{viewservice.PingMethod, viewservice.PingMethod, "PBServer.Get"} {
		l.take([]netsim.TraceEvent{{At: 0, Kind: netsim.MsgSent, Msg: uint64(i + 1), Direction: netsim.Request, From: "s1", To: "vs", Method: method}}, 5*ms)
	}
	l.take([]netsim.TraceEvent{{At: 0, Kind: netsim.MsgHeld, Msg: 2, Direction: netsim.Request, From: "s1", To: "vs", Method: viewservice.PingMethod}}, 5*ms)
	if l.forget(5 * ms); len(l.byID) != 3 {
		t.Errorf("%d are seen when they are due", len(l.byID))
	}
	if l.forget(6 * ms); len(l.byID) != 2 || l.byID[1] != nil {
		t.Errorf("long after that: %v", l.byID)
	}
}

// TestCutOff: who is cut off from all is told of as one, as a partition is, and not by a line to each of the others.
func TestCutOff(t *testing.T) {
	snap := quiet(3, 2)
	for _, n := range nodesOf(snap) {
		if n != "s1" {
			snap.Faults = append(snap.Faults, netsim.Fault{Kind: netsim.FaultCut, From: n, To: "s1"}, netsim.Fault{Kind: netsim.FaultCut, From: "s1", To: n})
		}
	}
	netsim.SortFaults(snap.Faults)
	s := sceneOf(NewIndex(snap, nodesOf(snap)), nil, "s1", "")
	if s.parted != "cut off: s1" || len(s.wires) != 0 {
		t.Errorf("%q, and %d lines", s.parted, len(s.wires))
	}
}

// TestPlan: whatever there is and however large the stage, boxes stand apart and inside, and each way leads without a gap
// from the one box to the other, between the boxes.
func TestPlan(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		snap := quiet(rapid.IntRange(1, 9).Draw(rt, "servers"), rapid.IntRange(1, 64).Draw(rt, "clients"))
		nodes := nodesOf(snap)
		node := rapid.SampledFrom(nodes)
		for range rapid.IntRange(0, 20).Draw(rt, "faults") {
			kind := rapid.SampledFrom([]netsim.FaultKind{netsim.FaultCut, netsim.FaultHold, netsim.FaultDelay}).Draw(rt, "kind")
			if f := (netsim.Fault{Kind: kind, From: node.Draw(rt, "from"), To: node.Draw(rt, "to")}); f.From != f.To {
				snap.Faults = append(snap.Faults, f)
			}
		}
		netsim.SortFaults(snap.Faults)
		snap.Faults = slices.Compact(snap.Faults)
		now := NewIndex(snap, nodes)
		w, h := rapid.IntRange(0, 220).Draw(rt, "w"), rapid.IntRange(0, 60).Draw(rt, "h")
		p := planFor(sceneOf(now, nil, node.Draw(rt, "selected"), ""), w, h, true)
		for i, b := range p.boxes {
			if b.w < 1 || b.h < 1 && h > 0 || b.x < 0 || b.x+b.w > w || b.y+b.h > h {
				rt.Fatalf("%v × %v: the box %v is at %d,%d, of %d × %d", w, h, b.nodes, b.x, b.y, b.w, b.h)
			}
			for _, o := range p.boxes[:i] {
				if b.x < o.x+o.w && o.x < b.x+b.w && b.y < o.y+o.h && o.y < b.y+b.h {
					rt.Fatalf("%v × %v: the boxes %v and %v overlap", w, h, o.nodes, b.nodes)
				}
			}
		}
		for _, r := range p.wires {
			a, b := p.boxOf(r.a), p.boxOf(r.b)
			first, last := r.path[0], r.path[len(r.path)-1]
			if first.x < a.x || first.x >= a.x+a.w || first.y != p.gap && r.from > 0 || last.x < b.x || last.x >= b.x+b.w {
				rt.Fatalf("%v × %v: the way from %s to %s goes from %v to %v", w, h, r.a, r.b, first, last)
			}
			for i, at := range r.path {
				if at.y < p.gap || at.y >= p.gap+p.lane || i > 0 && abs(at.x-r.path[i-1].x)+abs(at.y-r.path[i-1].y) != 1 {
					rt.Fatalf("%v × %v: the way from %s to %s is %v", w, h, r.a, r.b, r.path)
				}
			}
		}
	})
}

// TestWiresKeepTheirPlaces: a link is where it was while others come and go.
func TestWiresKeepTheirPlaces(t *testing.T) {
	snap := quiet(3, 2)
	now := NewIndex(snap, nodesOf(snap))
	flightOf := func(id uint64, from, to string) *flight { return &flight{id: id, from: from, to: to, words: "put a 1"} }
	all := []*flight{flightOf(1, "c1", "s1"), flightOf(2, "s1", "s2"), flightOf(3, "s3", "vs"), flightOf(4, "c2", "s1")}
	path := func(flights ...*flight) string {
		for _, r := range planFor(sceneOf(now, flights, "s1", ""), 80, 20, true).wires {
			if r.a == "s1" && r.b == "s2" {
				return fmt.Sprint(r.path)
			}
		}
		return "none"
	}
	alone := path(all[1])
	for i := range all {
		if got := path(all[i], all[1]); alone == "none" || got != alone {
			t.Errorf("beside %v it goes %v, alone %v", all[i], got, alone)
		}
	}
	if got := path(all...); got != alone {
		t.Errorf("beside all others it goes %v, alone %v", got, alone)
	}
}

// TestWordsLeaveTheMessage: on a lane that is too short for words beside a message they are cut, and cover it nowhere.
func TestWordsLeaveTheMessage(t *testing.T) {
	const w = 24
	r := &route{row: 0, from: 0, to: w - 1}
	for x := range w {
		r.path = append(r.path, point{x, 0})
	}
	for at := 1; at < w-1; at++ {
		s := newSheet(new(canvas.Styles), w, 1)
		s.fill(0, 0, w, canvas.Plain, '─')
		r.drawWords(s, "confirmed up to 123", canvas.Plain, &flight{course: flying}, at, false)
		if sign := s.cells[at].Sign; sign != '─' {
			t.Errorf("at cell %d the words cover the message with %q", at, sign)
		}
	}
}

// TestMessagesLeaveWords: a message of one wire does not stand in a word that tells of another.
func TestMessagesLeaveWords(t *testing.T) {
	const w = 24
	f := &flight{from: "s1", to: "s2", words: "put a 1", due: second}
	r := &route{wire: &wire{a: "s1", b: "s2", flights: []*flight{f}}, row: 1, from: 2, to: w - 1}
	r.path = append(r.path, point{0, 0}, point{0, 0})
	for x := range w - 2 {
		r.path = append(r.path, point{x, 1})
	}
	s := newSheet(new(canvas.Styles), w, 2)
	s.text(0, 0, w, canvas.Plain, "word")
	r.tell(s, 0)
	if sign := s.cells[0].Sign; sign != 'w' {
		t.Errorf("a word begins with %q", sign)
	}
}
