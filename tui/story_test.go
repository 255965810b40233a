package tui

import (
	"fmt"
	"strings"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/env"
	"cluster/splitbrain/netsim/history"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/tui/pane"
	"cluster/splitbrain/viewservice"
)

// text is the body of a message that says any text.
type text string

func (t text) Summary() string { return string(t) }

func (t text) Says() env.Says { return env.Says{Words: string(t)} }

// steadily is a story of puts and pings.
func steadily() *story {
	s := &story{At: 8 * second}
	for i := range 4 {
		s.Ping("s1")
		s.Put("c1", fmt.Sprint(i))
		s.Ping("s2")
		s.Put("c2", fmt.Sprint(i))
		s.At += second / 10
	}
	return s
}

// crashing is a story of a primary that crashes, and of a client that does not know it yet.
func crashing() *story {
	s := &story{At: 9400 * time.Millisecond}
	s.Put("c2", "1")
	for range 2 {
		s.Ping("s1")
		s.Ping("s2")
		s.Ping("s3")
		s.At += 90 * time.Millisecond
	}
	s.Happens(netsim.NodeCrashed, "s1", "", "")
	s.At += second / 10
	s.LosesPut("s1")
	return s
}

// lostForEver is a story of a new primary that crashes before it has acknowledged its view.
func lostForEver() *story {
	s := &story{At: 8 * second}
	s.Put("c1", "1")
	s.Happens(netsim.NodeCrashed, "s3", "", "")
	s.At += second / 2
	s.Happens(netsim.NodeCrashed, "s1", "", "")
	s.At += second / 2
	s.Happens(netsim.NodeCrashed, "s2", "", "")
	s.At += second / 10
	s.LosesPut("s2")
	return s
}

// parting is a story of two groups that are cut from each other.
func parting() *story {
	s := &story{At: 8 * second}
	s.Put("c1", "1")
	for _, a := range []string{"s1", "c1"} {
		for _, b := range []string{"vs", "s2", "s3", "c2"} {
			s.Happens(netsim.FaultCut.Begins(), a, b, "")
			s.Happens(netsim.FaultCut.Begins(), b, a, "")
		}
	}
	s.Sends("s1", "vs", "ViewServer.Ping", viewservice.PingArgs{Viewnum: 2}, netsim.MsgLost)
	s.Sends("s1", "s2", "PBServer.Forward", forwardOf(4, pbservice.Op{Kind: pbservice.Get, Key: "a"}), netsim.MsgLost)
	s.At = 9900 * time.Millisecond
	s.Happens(netsim.TimePaused, "time", "", "")
	return s
}

// filling is a story of a map that is copied in pieces.
func filling() *story {
	s := &story{At: 8 * second}
	for i := range 6 {
		id := s.Sends("s1", "s2", "PBServer.Forward", &pbservice.ForwardArgs{
			Viewnum: 2, Boot: 1, Index: uint64(i + 1), Ops: make([]pbservice.Op, 2), Chunk: &pbservice.Chunk{Pairs: make([]pbservice.Pair, 1000)},
		}, netsim.MsgDelivered)
		s.At += 8 * time.Millisecond
		s.Answers(id, pbservice.ForwardReply{Position: uint64(2*i + 2)}, netsim.MsgDelivered)
	}
	return s
}

func nastily() *story {
	s := &story{At: 8 * second}
	id := s.Sends("c1", "s1", "PBServer.PutAppend", text("put "+evil), netsim.MsgDelivered)
	s.Answers(id, text(evil+strings.Repeat("漢", 60)))
	s.Happens(netsim.NodeCrashed, evil, "", evil)
	s.Sends(evil, "s1", evil, text(evil), netsim.MsgLost)
	return s
}

// crowd is a story in which many clients take part.
func crowd() *story {
	s := &story{At: 8 * second}
	for i := range 64 {
		s.Put(fmt.Sprintf("c%d", i+1), "1")
	}
	return s
}

// hears hands a look with a story to the model.
func hears(m *Model, snap engine.Snapshot, s *story) {
	m.Update(pollResult{Observation: pane.Observation{Snap: snap, Nodes: nodesOf(snap), Asked: m.maps.Window(), Events: s.Events}})
}

// settled are the operations of steadily.
func settled() []history.Bar {
	var bars []history.Bar
	for i := range 4 {
		for j, client := range []string{"c1", "c2"} {
			at := 8000 + 100*i + 5*j
			bars = append(bars, did(2*i+j, client, pbservice.Put, fmt.Sprint(i), at, at+3))
		}
	}
	return bars
}

// waiting are the operations of crashing: the last one still runs.
func waiting() []history.Bar {
	return []history.Bar{
		did(0, "c1", pbservice.Put, "1", 9000, 9003), did(1, "c2", pbservice.Put, "1", 9400, 9403), did(2, "c1", pbservice.Put, "2", 9680, 0),
	}
}

// crowdOfBars are operations of many clients at once.
func crowdOfBars() []history.Bar {
	var bars []history.Bar
	for i := range 64 {
		bars = append(bars, did(i, fmt.Sprint("c", i+1), pbservice.Put, "1", 8000+i, 8100+i))
	}
	return bars
}

func nastyBars() []history.Bar {
	bars := []history.Bar{did(0, "c1", pbservice.Put, evil, 1000, 1003), did(1, "c2", pbservice.Get, strings.Repeat("漢", 100), 2000, 2001), did(2, "c1", pbservice.Get, " blanks ", 3000, 5200)}
	bars[2].Key = evil
	return bars
}

// violation is a stale get, with the verdict on it.
func violation() ([]history.Bar, history.Verdict) {
	var r history.Recorder
	put := func(value string, call, end int) {
		id := r.Call("c1", pbservice.Op{Kind: pbservice.Put, Key: "a", Value: value}, time.Duration(call)*time.Millisecond)
		r.Return(id, time.Duration(end)*time.Millisecond, history.Outcome{Known: true})
	}
	get := func(value string, call, end int) {
		id := r.Call("c2", pbservice.Op{Key: "a"}, time.Duration(call)*time.Millisecond)
		r.Return(id, time.Duration(end)*time.Millisecond, history.Outcome{Known: true, Found: true, Got: value})
	}
	put("1", 1000, 1003)
	get("1", 1500, 1502)
	put("2", 2000, 2004)
	get("1", 3000, 3002)
	put("3", 4000, 4004)
	v := r.Judge(second)
	return r.Since(0, 1000), v
}

// judged hands a look with a history to the model.
func judged(m *Model, snap engine.Snapshot, bars []history.Bar, v history.Verdict) {
	m.Update(pollResult{Observation: pane.Observation{Snap: snap, Nodes: nodesOf(snap), Asked: m.maps.Window(), Bars: bars, Verdict: v}})
}
