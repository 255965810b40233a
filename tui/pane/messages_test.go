package pane

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/tui/transcript"
	"cluster/splitbrain/viewservice"
)

// TestFollow: the newest line is followed until somebody goes up, and again after End.
func TestFollow(t *testing.T) {
	p := NewMessages()
	d := sit(p, 80, 14)
	d.see(faulty(), Observation{})
	d.press("v")
	next := uint64(100)
	more := func() {
		var events []netsim.TraceEvent
		for range 30 {
			next++
			events = append(events, says(netsim.TraceEvent{Kind: netsim.MsgSent, Direction: netsim.Request, Msg: next, From: "c1", To: "s1", Method: "PBServer.Get"}, getOf("c1", next, fmt.Sprint("k", next))))
		}
		snap := faulty()
		snap.Held = nil
		d.see(snap, Observation{Events: events})
	}
	more()
	if d.rowWith("▸ #130") == "" {
		t.Fatalf("the newest is not chosen:\n%s", d)
	}
	d.press("pgup", "K")
	was := p.current().id
	row := slices.IndexFunc(d.rows(), func(r string) bool { return strings.HasPrefix(r, "▸ #") })
	more()
	if now := p.current().id; now != was {
		t.Errorf("from #%d to #%d without a key", was, now)
	}
	if now := slices.IndexFunc(d.rows(), func(r string) bool { return strings.HasPrefix(r, "▸ #") }); now != row || row < 0 {
		t.Errorf("the chosen line went from row %d to %d", row, now)
	}
	d.press("end")
	more()
	if d.rowWith(fmt.Sprintf("▸ #%d", next)) == "" {
		t.Errorf("End does not follow:\n%s", d)
	}
	for range 100 {
		more()
	}
	if n := len(p.all); n > mostHappenings || n < mostHappenings/2 || len(p.byID) > mostHappenings {
		t.Errorf("%d messages are remembered, %d by number", n, len(p.byID))
	}
}

// TestMessageFilter: a node means its messages alone, other words are looked for in method and text.
func TestMessageFilter(t *testing.T) {
	p := NewMessages()
	d := sit(p, 80, 14)
	d.press("v")
	d.see(faulty(), Observation{Events: travel(faulty().At)})
	for filter, want := range map[string][]uint64{
		"c2": {5, 6}, "putappend": {7, 16}, "c1 put": {7, 16}, "nothing": nil, "s3 ping": {8}, "#16": {16}, "lost": {7}, "get reply": {6},
	} {
		p.SetFilter(filter)
		var got []uint64
		for _, l := range p.lines {
			if l.message != nil {
				got = append(got, l.id)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", filter, got, want)
		}
	}
	forwards := &story{At: faulty().At, Msg: 200}
	forwards.Forwards(1, pbservice.Op{Kind: pbservice.Put, Key: "a", Value: "2", Client: "c1", Seq: 1})
	d.hears(faulty(), forwards)
	if p.SetFilter("forward: put"); d.rowWith("forward: put a 2") == "" {
		t.Errorf("what a row says does not find it:\n%s", d)
	}
}

// TestPingsAreForgottenFirst: pings push out nothing else, and what is forgotten is counted.
func TestPingsAreForgottenFirst(t *testing.T) {
	s := &story{At: second}
	s.Put("c1", "1")
	s.Happens(netsim.NodeCrashed, "s1", "", "")
	s.Put("c2", "2")
	const pings = 3 * mostHappenings
	for range pings {
		s.Ping("s2")
	}
	p := NewMessages()
	tell := func(events []netsim.TraceEvent) {
		p.Observe(Observation{Events: events}, NewIndex(quiet(2, 2), nil))
	}
	for e := range slices.Chunk(s.Events, 500) {
		tell(e)
	}
	if len(p.all) > mostHappenings || len(p.byID) > mostHappenings {
		t.Fatalf("%d happenings are remembered, %d messages", len(p.all), len(p.byID))
	}
	puts, marks, folded := 0, 0, 0
	for _, l := range p.lines {
		switch {
		case l.folded:
			folded += l.pings
		case l.mark != nil && l.mark.state == netsim.Crashed:
			marks++
		case l.message != nil && !l.isPing():
			puts++
		}
	}
	if puts < 4 || marks != 1 || p.pings != pings || folded != pings {
		t.Errorf("%d messages of puts, %d crashes, %d pings, %d in lines; want all, 1, %d twice", puts, marks, p.pings, folded, pings)
	}
	before := len(s.Events)
	for i := range mostHappenings {
		s.Put("c1", fmt.Sprint(i))
	}
	s.Ping("s3")
	tell(s.Events[before:])
	if !slices.ContainsFunc(p.all, func(h happening) bool { return h.mark == nil && h.from == "s3" }) {
		t.Error("the newest ping is forgotten before old puts")
	}
	tell(nil)
	text := ""
	for _, l := range p.lines {
		if l.mark != nil {
			text += l.mark.text + "\n"
		}
	}
	if !strings.Contains(text, "older messages forgotten") || !strings.Contains(text, "s1") {
		t.Errorf("the marks are:\n%s", text)
	}
}

// TestMarksAreForgottenLast: marks are forgotten too if there are too many, but not what became of nodes.
func TestMarksAreForgottenLast(t *testing.T) {
	s := &story{At: second}
	s.Happens(netsim.NodeCrashed, "s1", "", "")
	for range 2 * mostHappenings {
		s.At += time.Millisecond
		s.Happens(netsim.NodeFrozen, "s2", "", "")
	}
	p := NewMessages()
	p.Observe(Observation{Events: s.Events}, NewIndex(quiet(2, 2), nil))
	if len(p.all) > mostHappenings || p.were["s1"] != netsim.Crashed {
		t.Errorf("%d happenings are remembered, s1 was %v", len(p.all), p.were["s1"])
	}
	if k := p.lines[0].mark; !strings.HasSuffix(k.text, "older messages forgotten") {
		t.Errorf("first comes %q", k.text)
	}
}

// TestViewBeforeTheReplyThatTells: a view stands above the reply that is the first to tell of it, though by the viewservice's
// clock it seems to be as late, or a moment later.
func TestViewBeforeTheReplyThatTells(t *testing.T) {
	for _, late := range []time.Duration{0, 60 * time.Microsecond} {
		all := newTraffic()
		ping := netsim.TraceEvent{At: second, Kind: netsim.MsgSent, Direction: netsim.Request, Msg: 1, From: "s1", To: "vs", Method: "ViewServer.Ping"}
		arrived := ping
		arrived.Kind = netsim.MsgDelivered
		reply := netsim.TraceEvent{At: second, Kind: netsim.MsgSent, Direction: netsim.Reply, Msg: 2, Answers: 1, From: "vs", To: "s1", Method: "ViewServer.Ping"}
		formed := transcript.Formed{Change: viewservice.Change{View: viewservice.View{Viewnum: 1, Primary: "s1"}}, At: second + late}
		all.take([]netsim.TraceEvent{ping, arrived, reply}, []transcript.Formed{formed})
		if len(all.all) != 3 || all.all[1].mark == nil {
			t.Errorf("%v later: %+v", late, all.all)
		}
	}
}

// TestForgottenPingsShareALine: also where something came between them that a list does not show.
func TestForgottenPingsShareALine(t *testing.T) {
	s := &story{At: second}
	late := s.Sends("c2", "s1", "PBServer.Get", getOf("c2", 1, "a"), netsim.MsgDelayed)
	const pings = 2 * mostHappenings
	for i := range pings {
		if i == fewest {
			s.Arrives(late, netsim.MsgDelivered, "")
		}
		s.Ping("s2")
	}
	p := NewMessages()
	p.listing = true
	p.Observe(Observation{Events: s.Events}, NewIndex(quiet(2, 2), nil))
	if last := p.lines[len(p.lines)-1]; !last.folded || last.pings != pings {
		t.Errorf("%d pings in the last of %d lines, want all %d", last.pings, len(p.lines), pings)
	}
}

// TestLessonShowsPings: pings are shown one by one while a lesson wants that, and folded again afterwards.
func TestLessonShowsPings(t *testing.T) {
	p := NewMessages()
	d := sit(p, 80, 14)
	ping := says(netsim.TraceEvent{Kind: netsim.MsgSent, Direction: netsim.Request, Msg: 1, From: "s1", To: "vs", Method: "ViewServer.Ping"}, viewservice.PingArgs{Viewnum: 0})
	d.see(faulty(), Observation{Events: []netsim.TraceEvent{ping}})
	for _, wanted := range []bool{false, true, true, false} {
		p.ShowPings(wanted)
		if shown := d.rowWith("Ping(0)") != ""; shown != wanted {
			t.Errorf("wanted %v, shown %v:\n%s", wanted, shown, d)
		}
	}
}

// TestLessonShowsFromAMark: once what came since a mark does not fit, its beginning stays in sight, until somebody chooses
// something else; with another mark it begins anew.
func TestLessonShowsFromAMark(t *testing.T) {
	p := NewMessages()
	d := sit(p, 80, 14)
	s := &story{At: second}
	sends := func(n int) {
		for range n {
			s.At += 10 * time.Millisecond
			s.Sends("c1", "s1", "PBServer.Get", getOf("c1", 1, fmt.Sprint(s.At.Milliseconds())), netsim.MsgSent)
		}
		d.see(quiet(2, 2), Observation{Events: s.Events})
		s.Events = nil
	}
	p.listing = true
	sends(20)
	p.ShowFrom(s.At+1, true)
	sends(5)
	if d.rowWith("get 1250") == "" || d.rowWith("get 1170") == "" {
		t.Fatalf("what fits is not followed:\n%s", d)
	}
	sends(30)
	p.ShowFrom(1200*time.Millisecond+1, true)
	if !strings.Contains(d.rows()[0], "get 1210") {
		t.Errorf("it does not begin at the mark:\n%s", d)
	}
	sends(10)
	d.press("end")
	sends(1)
	if d.rowWith("get 1660") == "" {
		t.Errorf("End does not follow:\n%s", d)
	}
	p.ShowFrom(1300*time.Millisecond, true)
	if !strings.Contains(d.rows()[0], "get 1300") {
		t.Errorf("another mark is not gone to:\n%s", d)
	}
	p.ShowFrom(0, false)
	if d.rowWith("get 1660") == "" {
		t.Errorf("without a mark the newest are not followed:\n%s", d)
	}
}

// TestLanesArePointedAt: in the diagram and in the matrix of links, nodes that a lesson points at have its mark.
func TestLanesArePointedAt(t *testing.T) {
	s := &story{At: second}
	s.Sends("c1", "s1", "PBServer.Get", getOf("c1", 1, "a"), netsim.MsgSent)
	for _, p := range []Pane{NewMessages(), &Network{}} {
		d := sit(p, 80, 14)
		d.hears(quiet(3, 2), s)
		d.now.Look.Marks = []string{"s1"}
		if d.rowWith("»s1") == "" || d.rowWith("»c1") != "" {
			t.Errorf("%s:\n%s", p.Name(), d)
		}
	}
}

// TestMarksLeaveNames: where a lane is too narrow for a name and its mark, the name stays whole.
func TestMarksLeaveNames(t *testing.T) {
	s := &story{At: second}
	snap := quiet(3, 12)
	for _, c := range snap.Clients[8:] {
		s.Sends(c.Name, "s1", "PBServer.Get", getOf(c.Name, 1, "a"), netsim.MsgSent)
	}
	d := sit(NewMessages(), 70, 20)
	d.hears(snap, s)
	d.now.Look.Marks = []string{"s2", "c10"}
	if d.rowWith("»s2 s3") == "" || d.rowWith(" c10 c11 ") == "" {
		t.Errorf("\n%s", d)
	}
}

// heldForwards are two forwards that are held since the first second.
func heldForwards() []netsim.Held {
	var held []netsim.Held
	for id := uint64(7); id <= 8; id++ {
		held = append(held, netsim.Held{Msg: id, Direction: netsim.Request, From: "s1", To: "s2", Method: "PBServer.Forward", Since: second})
	}
	return held
}

// TestHeldBeforeTheTrace: messages that are held since before the oldest event of a trace told anew are no newest ones.
func TestHeldBeforeTheTrace(t *testing.T) {
	s := &story{At: 2 * second, Msg: 100}
	s.Happens(netsim.TimeRewound, "time", "", "to step 9")
	s.Put("c1", "1")
	p := NewMessages()
	p.Observe(Observation{Events: s.Events}, NewIndex(withHeld(heldForwards()), nil))
	var ids []uint64
	for _, h := range p.all {
		if h.message != nil && !h.arrival {
			ids = append(ids, h.id)
		}
	}
	if !slices.IsSorted(ids) || len(ids) != 6 {
		t.Errorf("the order is %d, want that of sending", ids)
	}
}

// TestHeldIsNotForgotten: what is held stays where it was sent, however much comes later.
func TestHeldIsNotForgotten(t *testing.T) {
	s := &story{At: 2 * second, Msg: 100}
	p := NewMessages()
	for range mostHappenings / 50 {
		before := len(s.Events)
		for range 50 {
			s.Put("c1", "1")
		}
		p.Observe(Observation{Events: s.Events[before:]}, NewIndex(withHeld(heldForwards()), nil))
		if p.all[0].message == nil || p.all[0].id != 7 || p.all[1].id != 8 {
			t.Fatalf("after #%d the oldest is not what is held", s.Msg)
		}
	}
	if len(p.all) > mostHappenings+2 {
		t.Errorf("%d happenings are remembered", len(p.all))
	}
}

// TestHeldStandsOnce: what is held stands above alone, in a list and in a diagram.
func TestHeldStandsOnce(t *testing.T) {
	s := &story{At: second}
	s.Put("c1", "1")
	held := s.Sends("s1", "s2", "PBServer.Forward", forwardOf(1), netsim.MsgSent, netsim.MsgHeld)
	p := NewMessages()
	d := sit(p, 90, 14)
	d.see(withHeld([]netsim.Held{{Msg: held, Direction: netsim.Request, From: "s1", To: "s2", Method: "PBServer.Forward", Since: second}}), Observation{Events: s.Events})
	for range 2 {
		n := 0
		for _, row := range d.rows() {
			if strings.Contains(row, numberOf(held)) {
				n++
			}
		}
		if n != 1 {
			t.Errorf("#%d stands in %d rows:\n%s", held, n, d)
		}
		d.press("v")
	}
}

func withHeld(held []netsim.Held) engine.Snapshot {
	s := quiet(2, 2)
	s.Held = held
	return s
}
