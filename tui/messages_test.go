package tui

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/sim"
	"cluster/splitbrain/pbservice"
)

// faulty is a cluster with faults of every kind, in slow motion.
func faulty() engine.Snapshot {
	s := steady()
	s.Speed = 0.05
	crash(&s, 2)
	s.Faults = []netsim.Fault{
		{Kind: netsim.FaultCut, From: "c1", To: "c2"}, {Kind: netsim.FaultCut, From: "c2", To: "c1"},
		{Kind: netsim.FaultCut, From: "s3", To: "vs"},
		{Kind: netsim.FaultDelay, From: "s2", To: "s3", Delay: 300 * time.Millisecond, Jitter: 50 * time.Millisecond},
		{Kind: netsim.FaultLoss, From: "vs", To: "s1", Probability: 0.1}, {Kind: netsim.FaultLoss, From: "s2", To: "s1", Probability: 0.1},
		{Kind: netsim.FaultLoss, From: "s3", To: "s1", Probability: 0.1}, {Kind: netsim.FaultLoss, From: "c1", To: "s1", Probability: 0.1},
		{Kind: netsim.FaultReplyLoss, From: "s1", To: "c1", Probability: 0.2},
		{Kind: netsim.FaultDuplicate, From: "c1", To: "s1", Probability: 1},
		{Kind: netsim.FaultReorder, From: "c1", To: "s1", Window: netsim.DefaultWindow},
		{Kind: netsim.FaultHold, From: "s1", To: "s2"},
		{Kind: netsim.FaultFrozen, From: "c2"},
	}
	s.Clients[1].State = netsim.Frozen
	s.Held = heldForwards(s.At)
	return s
}

func heldForwards(now time.Duration) []netsim.Held {
	return []netsim.Held{{
		Msg: 17, Direction: netsim.Request, From: "s1", To: "s2", Method: "PBServer.Forward",
		Summary: `view 2: op 4 put "a" "2"`, Since: now - 320*time.Millisecond,
	}, {
		Msg: 18, CopyOf: 17, Direction: netsim.Request, From: "s1", To: "s2", Method: "PBServer.Forward",
		Summary: `view 2: op 4 put "a" "2"`, Since: now - 120*time.Millisecond,
	}}
}

// travel is what the trace tells of a put that is held, of others, and of pings.
func travel(now time.Duration) []netsim.TraceEvent {
	var all []netsim.TraceEvent
	tell := func(e netsim.TraceEvent, kinds ...netsim.EventKind) {
		for i, k := range kinds {
			e.Kind, e.Seq, e.At = k, uint64(len(all)+1), now-second+time.Duration(len(all)*5+i)*time.Millisecond
			if k == netsim.MsgDelivered {
				e.Size = 120
			}
			all = append(all, e)
		}
	}
	ping := func(id uint64, server string, end netsim.EventKind) {
		tell(netsim.TraceEvent{Msg: id, Direction: netsim.Request, From: server, To: "vs", Method: "ViewServer.Ping", Summary: "Ping(2)"}, netsim.MsgSent, end)
		if end == netsim.MsgDelivered {
			tell(netsim.TraceEvent{Msg: id + 1, Answers: id, Direction: netsim.Reply, From: "vs", To: server, Method: "ViewServer.Ping", Summary: "view 2 s1 s2"}, netsim.MsgSent, end)
		}
	}
	ping(1, "s1", netsim.MsgDelivered)
	ping(3, "s2", netsim.MsgDelivered)
	tell(netsim.TraceEvent{Msg: 5, Direction: netsim.Request, From: "c2", To: "s1", Method: "PBServer.Get", Summary: `get "a" c2/1`}, netsim.MsgSent, netsim.MsgDelayed, netsim.MsgDelivered)
	tell(netsim.TraceEvent{Msg: 6, Answers: 5, Direction: netsim.Reply, From: "s1", To: "c2", Method: "PBServer.Get", Summary: `"1"`}, netsim.MsgSent, netsim.MsgDelivered)
	tell(netsim.TraceEvent{Msg: 7, Direction: netsim.Request, From: "c1", To: "s1", Method: "PBServer.PutAppend", Summary: `put "a" "2" c1/1`}, netsim.MsgSent)
	all = append(all, netsim.TraceEvent{
		Seq: uint64(len(all) + 1), At: all[len(all)-1].At, Kind: netsim.MsgLost, Msg: 7, Direction: netsim.Request, From: "c1", To: "s1",
		Method: "PBServer.PutAppend", Summary: `put "a" "2" c1/1`, Why: "10% loss of requests c1 > s1",
	})
	ping(8, "s3", netsim.MsgLost)
	tell(netsim.TraceEvent{Msg: 16, Direction: netsim.Request, From: "c1", To: "s1", Method: "PBServer.PutAppend", Summary: `put "a" "2" c1/1`}, netsim.MsgSent, netsim.MsgDelivered)
	tell(netsim.TraceEvent{Msg: 17, Direction: netsim.Request, From: "s1", To: "s2", Method: "PBServer.Forward", Summary: `view 2: op 4 put "a" "2"`}, netsim.MsgSent, netsim.MsgHeld)
	tell(netsim.TraceEvent{Msg: 18, CopyOf: 17, Direction: netsim.Request, From: "s1", To: "s2", Method: "PBServer.Forward", Summary: `view 2: op 4 put "a" "2"`}, netsim.MsgDuplicated, netsim.MsgHeld)
	ping(19, "s1", netsim.MsgDelivered)
	return all
}

// watchTravel hands the model a look at a cluster whose forwards are held.
func watchTravel(m *Model) {
	s := faulty()
	m.Update(pollResult{observation: observation{snap: s, nodes: nodesOf(s), asked: m.maps.window(), events: travel(s.At)}})
}

// later hands over a later moment, with the messages held then and what the trace tells.
func later(m *Model, held []netsim.Held, events ...netsim.TraceEvent) {
	s := faulty()
	s.Held = held
	m.Update(pollResult{observation: observation{snap: s, nodes: nodesOf(s), asked: m.maps.window(), events: events}})
}

func TestTimeInTheTitle(t *testing.T) {
	for _, c := range []struct {
		paused bool
		speed  float64
		want   string
	}{{false, 1, "live ×1"}, {true, 1, "‖ paused"}, {false, 0.05, "slow ×0.05"}, {true, 10, "‖ paused ×10"}, {false, 50, "fast ×50"}} {
		for name, snap := range telling() {
			for _, w := range []int{60, 80, 120} {
				snap.Paused, snap.Speed = c.paused, c.speed
				m, _ := begin(t, snap, w, 24, Options{Plain: true})
				title, _, _ := strings.Cut(m.View(), "\n")
				if !strings.Contains(title, c.want+" ") {
					t.Errorf("%s, %d wide: no %q in %q", name, w, c.want, title)
				}
			}
		}
	}
}

// TestFollow: the newest line is followed until somebody goes up, and again after End.
func TestFollow(t *testing.T) {
	m, _ := begin(t, faulty(), 80, 24, Options{Plain: true})
	press(m, "tab", "v")
	next := uint64(100)
	more := func() {
		var events []netsim.TraceEvent
		for range 30 {
			next++
			events = append(events, netsim.TraceEvent{Kind: netsim.MsgSent, Direction: netsim.Request, Msg: next, From: "c1", To: "s1", Method: "PBServer.Get", Summary: fmt.Sprintf("get k%d", next)})
		}
		later(m, nil, events...)
	}
	more()
	if rowWith(m, "▸ #130") == "" {
		t.Fatalf("the newest is not chosen:\n%s", m.View())
	}
	press(m, "pgup", "K")
	was := m.messages.current().id
	row := slices.IndexFunc(strings.Split(m.View(), "\n"), func(r string) bool { return strings.HasPrefix(r, "▸ #") })
	more()
	if now := m.messages.current().id; now != was {
		t.Errorf("from #%d to #%d without a key", was, now)
	}
	if now := slices.IndexFunc(strings.Split(m.View(), "\n"), func(r string) bool { return strings.HasPrefix(r, "▸ #") }); now != row || row < 0 {
		t.Errorf("the chosen line went from row %d to %d", row, now)
	}
	press(m, "end")
	more()
	if rowWith(m, fmt.Sprintf("▸ #%d", next)) == "" {
		t.Errorf("End does not follow:\n%s", m.View())
	}
	for range 100 {
		more()
	}
	if n := len(m.messages.all); n > mostHappenings || n < mostHappenings/2 || len(m.messages.byID) > mostHappenings {
		t.Errorf("%d messages are remembered, %d by number", n, len(m.messages.byID))
	}
}

// TestDeliverOneAfterAnother: when the chosen held message is gone the next one is chosen.
func TestDeliverOneAfterAnother(t *testing.T) {
	m, f := begin(t, faulty(), 80, 24, Options{Plain: true})
	press(m, "tab")
	watchTravel(m)
	press(m, "d")
	later(m, faulty().Held[1:], netsim.TraceEvent{Kind: netsim.MsgDelivered, Direction: netsim.Request, Msg: 17, From: "s1", To: "s2", Method: "PBServer.Forward", At: 10 * second})
	press(m, "d")
	later(m, nil)
	press(m, "d")
	if got := f.done(); got != "deliver 17; deliver 18" {
		t.Errorf("the engine was asked for %q", got)
	}
}

// TestMessageFilter: a node means its messages alone, other words are looked for in method and text.
func TestMessageFilter(t *testing.T) {
	m, _ := begin(t, faulty(), 80, 24, Options{Plain: true})
	press(m, "tab", "v")
	watchTravel(m)
	for filter, want := range map[string][]uint64{
		"c2": {5, 6}, "putappend": {7, 16}, "c1 put": {7, 16}, "nothing": nil, "s3 ping": {8}, "#16": {16}, "lost": {7}, "get reply": {6},
	} {
		m.setFilter(m.messages, filter)
		var got []uint64
		for _, l := range m.messages.lines {
			if l.message != nil {
				got = append(got, l.id)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", filter, got, want)
		}
	}
}

// TestEarlierMessages: the pane of messages, and whoever exports them, has those from before it was opened.
func TestEarlierMessages(t *testing.T) {
	config := engine.Config{Servers: 2, Clients: 1, PingInterval: 100 * time.Millisecond, DeadPings: 5}
	simulate := func(c engine.Config) (engine.Engine, error) { return sim.New(c) }
	eng, err := simulate(config)
	if err != nil {
		t.Fatal(err)
	}
	s := newHost(eng, Options{New: simulate})
	defer s.end()
	remembers := func(cluster string) {
		eng := s.now().Engine
		if _, err := eng.Do(t.Context(), "c1", pbservice.Op{Kind: pbservice.Put, Key: "a", Value: "1"}); err != nil {
			t.Fatal(err)
		}
		events, _ := eng.Trace().Since(0)
		if !slices.ContainsFunc(events, func(e netsim.TraceEvent) bool { return strings.HasSuffix(e.Method, ".PutAppend") }) {
			t.Errorf("%s: no put among %d events", cluster, len(events))
		}
	}
	remembers("the first cluster")
	if _, err := s.begin(config); err != nil {
		t.Fatal(err)
	}
	remembers("the next one")
}

// TestPingsAreForgottenFirst: pings push out nothing else, and what is forgotten is counted.
func TestPingsAreForgottenFirst(t *testing.T) {
	s := &story{at: second}
	s.put("c1", "1")
	s.happens(netsim.NodeCrashed, "s1", "", "")
	s.put("c2", "2")
	const pings = 3 * mostHappenings
	for range pings {
		s.ping("s2")
	}
	p := newMessages()
	tell := func(events []netsim.TraceEvent) {
		p.observe(observation{events: events}, newScene(quiet(2, 2), nil))
	}
	for e := range slices.Chunk(s.events, 500) {
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
	before := len(s.events)
	for i := range mostHappenings {
		s.put("c1", fmt.Sprint(i))
	}
	s.ping("s3")
	tell(s.events[before:])
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

// TestForgottenPingsShareALine: also where something came between them that a list does not show.
func TestForgottenPingsShareALine(t *testing.T) {
	s := &story{at: second}
	late := s.sends("c2", "s1", "PBServer.Get", `get "a" c2/1`, netsim.MsgDelayed)
	const pings = 2 * mostHappenings
	for i := range pings {
		if i == fewest {
			s.arrives(late, netsim.MsgDelivered, "")
		}
		s.ping("s2")
	}
	p := newMessages()
	p.listing = true
	p.observe(observation{events: s.events}, newScene(quiet(2, 2), nil))
	if last := p.lines[len(p.lines)-1]; !last.folded || last.pings != pings {
		t.Errorf("%d pings in the last of %d lines, want all %d", last.pings, len(p.lines), pings)
	}
}

// TestMarksAreForgottenLast: marks are forgotten too if there are too many, but not what became of nodes.
func TestMarksAreForgottenLast(t *testing.T) {
	s := &story{at: second}
	s.happens(netsim.NodeCrashed, "s1", "", "")
	for range 2 * mostHappenings {
		s.at += time.Millisecond
		s.happens(netsim.NodeFrozen, "s2", "", "")
	}
	p := newMessages()
	p.observe(observation{events: s.events}, newScene(quiet(2, 2), nil))
	if len(p.all) > mostHappenings || p.were["s1"] != netsim.Crashed {
		t.Errorf("%d happenings are remembered, s1 was %v", len(p.all), p.were["s1"])
	}
	if k := p.lines[0].mark; !strings.HasSuffix(k.text, "older messages forgotten") {
		t.Errorf("first comes %q", k.text)
	}
}
