package pane

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/tui/canvas"
)

// TestArrows: each way of a message, to the right and to the left, over a lane that it passes.
func TestArrows(t *testing.T) {
	l := newLanes([]string{"vs", "s1", "s2"}, 60)
	l.pitch = 6
	for _, c := range []struct {
		w      way
		copied bool
		right  string
		left   string
	}{
		{whole, false, "├─────┼────►│", "│◄────┼─────┤"},
		{departs, false, "├─────┼·····│", "│·····┼─────┤"},
		{arrives, false, "│·····│────►│", "│◄────│·····│"},
		{vanishes, false, "├─────┼✗    │", "│    ✗┼─────┤"},
		{waits, false, "├─────┼‖····│", "│····‖┼─────┤"},
		{fails, false, "│·····│✗    │", "│    ✗│·····│"},
		{whole, true, "│     │2───►│", "│◄───2│     │"},
		{waits, true, "│     │2‖···│", "│···‖2│     │"},
	} {
		for _, to := range []string{"right", "left"} {
			from, end, want := 0, 12, c.right
			if to == "left" {
				from, end, want = 12, 0, c.left
			}
			s := l.lifelines(nil, nil)
			s.arrow(from, end, c.w, canvas.Plain, c.copied)
			var got strings.Builder
			for _, g := range s[:13] {
				got.WriteRune(g.Sign)
			}
			if got.String() != want {
				t.Errorf("way %d, copied %v, to the %s:\n%s, want\n%s", c.w, c.copied, to, got.String(), want)
			}
		}
	}
}

// TestLanes: as many nodes as fit have a lane of their own, the others share the last; words have room beside them.
func TestLanes(t *testing.T) {
	nodes := func(servers, clients int) []string {
		all := []string{"vs"}
		for i := range servers {
			all = append(all, fmt.Sprintf("s%d", i+1))
		}
		for i := range clients {
			all = append(all, fmt.Sprintf("c%d", i+1))
		}
		return all
	}
	for _, c := range []struct {
		servers, clients, w int
		shared              int
		leastWords          int
	}{{3, 2, 69, 0, 36}, {5, 2, 69, 0, 36}, {9, 2, 69, 0, 20}, {9, 64, 69, 62, 16}, {3, 2, 20, 6, 16}, {9, 64, 189, 0, 0}} {
		l := newLanes(nodes(c.servers, c.clients), c.w)
		if c.shared > 0 && l.shared != c.shared || c.shared == 0 && c.w < 100 && l.shared != 0 {
			t.Errorf("%+v: %d share a lane", c, l.shared)
		}
		if words := c.w - l.width(); words < c.leastWords {
			t.Errorf("%+v: %d cells for words", c, words)
		}
		if last := l.names[len(l.names)-1]; l.shared > 0 && last != "+"+engine.Count(l.shared) {
			t.Errorf("%+v: the shared lane is called %q", c, last)
		}
	}
}

// TestLateMessagesArriveInARowOfTheirOwn: one that was delayed, queued or held has a row where it was sent, and one
// where it came or was lost.
func TestLateMessagesArriveInARowOfTheirOwn(t *testing.T) {
	p := NewMessages()
	d := sit(p, 120, 36)
	d.hears(moved(3), failover())
	var ways []way
	for _, l := range p.lines {
		if l.message != nil && (strings.HasPrefix(l.summary, "get") || strings.Contains(l.summary, "who is there") && l.copyOf == 0) {
			ways = append(ways, l.way())
		}
	}
	if want := []way{departs, arrives, departs, fails}; fmt.Sprint(ways) != fmt.Sprint(want) {
		t.Errorf("the rows show ways %v, want %v\n%s", ways, want, d)
	}
}

// TestLateMessageIsOne: nothing is shown between its two rows, so it has one. Else the second one says that it goes on.
func TestLateMessageIsOne(t *testing.T) {
	for between, want := range map[string]string{"": "put a 2  ✓ after 200 ms", "c2": "… put a 2  ✓ after 200 ms"} {
		p := NewMessages()
		d := sit(p, 80, 14)
		s := &story{At: second}
		put := putOf("c1", 1, "a", "2")
		id := s.Sends("c1", "s1", "PBServer.PutAppend", put, netsim.MsgDelayed)
		s.At += 100 * time.Millisecond
		if between != "" {
			s.Sends(between, "s1", "PBServer.Get", getOf(between, 1, "b"), netsim.MsgDelivered)
		}
		s.At += 100 * time.Millisecond
		s.Arrives(id, netsim.MsgDelivered, "")
		d.hears(quiet(3, 2), s)
		rows := map[string]int{"": 1, "c2": 2}[between]
		if n := strings.Count(d.String(), "put a 2"); n != rows || d.rowWith(want) == "" {
			t.Errorf("with %q between, %d rows tell of the put, want %d, one of them %q:\n%s", between, n, rows, want, d)
		}
		if p.pick(p.byID[id].arrived); p.current() != p.byID[id] {
			t.Errorf("with %q between, its arrival is not in its row", between)
		}
	}
}

// TestAnswersToTries: when all tries of an operation are answered at once, that is one row; answers to others have their own.
func TestAnswersToTries(t *testing.T) {
	p := NewMessages()
	d := sit(p, 110, 20)
	s := &story{At: second}
	var asked []uint64
	for _, seq := range []uint64{1, 1, 1, 2} {
		asked = append(asked, s.Sends("c1", "s1", "PBServer.PutAppend", putOf("c1", seq, "a", "2"), netsim.MsgDelivered))
	}
	var last uint64
	for _, id := range asked {
		last = s.Answers(id, &pbservice.Reply{}, netsim.MsgDelivered)
	}
	d.hears(quiet(3, 2), s)
	if n := strings.Count(d.String(), "└"); n != 2 || d.rowWith("└ reply to PutAppend  + 2 to other tries") == "" {
		t.Errorf("%d rows of answers, want 2:\n%s", n, d)
	}
	if p.pick(p.byID[last-1].no); !strings.Contains(d.rowWith("▸"), "other tries") {
		t.Errorf("an answer without a row is chosen elsewhere:\n%s", d)
	}
}

// TestCause: from the reply to a forward to what the client asked, and all the way back.
func TestCause(t *testing.T) {
	s := &story{At: 8 * second}
	s.Put("c2", "0")
	request, forward, confirmed, reply := s.Put("c1", "1")
	again := s.Sends("c1", "s1", "PBServer.PutAppend", putOf("c1", 1, "a", "1"), netsim.MsgDelivered)
	p := NewMessages()
	d := sit(p, 80, 14)
	d.hears(moved(3), s)
	p.pick(p.byID[confirmed].no)
	at := func() uint64 { return p.current().id }
	for _, step := range []struct {
		key  string
		want uint64
	}{{"w", forward}, {"w", request}, {"w", request}, {"W", forward}, {"W", confirmed}, {"W", confirmed}} {
		if d.press(step.key); at() != step.want {
			t.Fatalf("after %s #%d is chosen, want #%d\n%s", step.key, at(), step.want, d)
		}
	}
	for from, want := range map[uint64]uint64{reply: request, again: request} {
		if got := p.causeOf(p.byID[from]); got == nil || got.id != want {
			t.Errorf("the cause of #%d is %v, want #%d", from, got, want)
		}
	}
}

// TestCauseBehindTheFilter: a cause that the filter hides is shown nevertheless.
func TestCauseBehindTheFilter(t *testing.T) {
	s := &story{At: 8 * second}
	s.Put("c1", "1")
	s.Ping("s2")
	p := NewMessages()
	d := sit(p, 80, 14)
	d.hears(moved(3), s)
	p.SetFilter("confirmed")
	d.press("home", "w")
	if got := p.current(); got == nil || got.method != pbservice.ForwardMethod || got.role != netsim.Request || p.filter != "" {
		t.Errorf("chosen is %+v, the filter %q", got, p.filter)
	}
}

// TestFoldedClients: clients that neither send nor receive have no lane.
func TestFoldedClients(t *testing.T) {
	snap := quiet(3, 9)
	p := NewMessages()
	d := sit(p, 80, 14)
	s := &story{At: 8 * second}
	s.Put("c7", "1")
	d.hears(snap, s)
	if got := fmt.Sprint(p.participants(69)); got != "[vs s1 s2 s3 c7]" {
		t.Errorf("lanes for %s", got)
	}
	if got := fmt.Sprint(p.participants(30)); got != "[s1 s2 c7]" {
		t.Errorf("in little room lanes for %s", got)
	}
}

// TestRewound: when the world has gone to another moment, only the past that is told anew counts.
func TestRewound(t *testing.T) {
	p := NewMessages()
	d := sit(p, 80, 14)
	s := &story{At: 8 * second}
	s.Put("c1", "1")
	first := len(s.Events)
	s.Put("c1", "2")
	d.hears(moved(3), s)
	d.press("home", "enter")
	back := moved(3)
	back.At = 8001 * time.Millisecond
	past := &story{Events: append([]netsim.TraceEvent{{Kind: netsim.TimeRewound, From: "time", At: back.At}}, s.Events[:first]...)}
	d.hears(back, past)
	if n := len(p.byID); n != 4 || p.reading {
		t.Errorf("%d messages are remembered, want 4; one is read: %v", n, p.reading)
	}
	d.hears(moved(3), &story{Events: s.Events[first:]})
	if n := len(p.byID); n != 8 {
		t.Errorf("%d messages are remembered, want 8", n)
	}
	views := sit(&Views{}, 80, 14)
	views.hears(moved(3), s)
	views.hears(back, past)
	views.hears(moved(3), &story{Events: s.Events[first:]})
	if n := len(views.Pane.(*Views).Past); n != 3 {
		t.Errorf("%d views are told, want 3", n)
	}
}

// TestRemarkIsNoObstacle: the arrows go past lines that are no messages.
func TestRemarkIsNoObstacle(t *testing.T) {
	p := NewMessages()
	d := sit(p, 80, 14)
	s := &story{At: 8 * second}
	s.Put("c1", "1")
	s.Happens(netsim.FaultCut.Begins(), "s1", "s2", "")
	s.Put("c1", "2")
	d.hears(moved(3), s)
	d.press("home")
	for range p.lines[1:] {
		d.press("J")
	}
	if !p.follows {
		t.Errorf("the end was not reached:\n%s", d)
	}
}

// TestCauseOfForward: the request for the same operation that had arrived and was not answered; of a forward with several
// operations the newest such request.
func TestCauseOfForward(t *testing.T) {
	const yes = netsim.MsgDelivered
	s := &story{At: 8 * second}
	s.Put("c1", "1") // answered
	s.Sends("c1", "s1", "PBServer.PutAppend", putOf("c1", 2, "a", "1"), netsim.MsgLost)
	open := s.Sends("c2", "s1", "PBServer.PutAppend", putOf("c2", 2, "a", "1"), yes)
	elsewhere := s.Sends("c2", "s2", "PBServer.PutAppend", putOf("c2", 3, "a", "1"), yes)
	get := s.Sends("c1", "s1", "PBServer.Get", getOf("c1", 3, "a"), yes)
	forward := s.Forwards(4, pbservice.Op{Kind: pbservice.Put, Key: "a", Value: "1", Client: "c2", Seq: 2})
	ofGet := s.Forwards(5, pbservice.Op{Kind: pbservice.Get, Key: "a", Client: "c1", Seq: 3})
	batch := s.Sends("s1", "s2", "PBServer.Forward", forwardOf(4, make([]pbservice.Op, 2)...), yes)
	other := s.Forwards(6, pbservice.Op{Kind: pbservice.Put, Key: "a", Value: "1", Client: "c1", Seq: 2})
	p := NewMessages()
	p.take(s.Events, nil)
	for id, want := range map[uint64]uint64{forward: open, ofGet: get, batch: get, other: 0, open: 0, elsewhere: 0} {
		got := uint64(0)
		if cause := p.causeOf(p.byID[id]); cause != nil {
			got = cause.id
		}
		if got != want {
			t.Errorf("the cause of #%d is #%d, want #%d", id, got, want)
		}
	}
}

// TestHeldBlink: what is held looks different by turns while time goes on, and says the same.
func TestHeldBlink(t *testing.T) {
	p := NewMessages()
	d := sit(p, 80, 14)
	d.see(faulty(), Observation{Events: travel(faulty().At)})
	held := func(at time.Duration, styles *canvas.Styles) string {
		d.now.At = at
		b := styles.Canvas(80, 14)
		p.Draw(b, d.now)
		for _, row := range b.Lines() {
			if before, _, is := strings.Cut(row, "forward"); is && strings.Contains(before, "‖·") {
				return before
			}
		}
		return ""
	}
	plain, dark := new(canvas.Styles), canvas.NewStyles(canvas.Dark, false, false)
	const lit, dim = 10 * time.Second, 10*time.Second + blink
	if words := held(lit, plain); words == "" || words != held(dim, plain) || held(lit, dark) == held(dim, dark) {
		t.Errorf("%q\n%q", held(lit, dark), held(dim, dark))
	}
}

// TestRefused: a call for which nobody listened is a row, though nothing was sent; one of a ping counts among the pings.
func TestRefused(t *testing.T) {
	p := NewMessages()
	d := sit(p, 80, 14)
	s := &story{At: second}
	refuse := func(from, to string) {
		s.Tell(netsim.TraceEvent{Kind: netsim.DialRefused, From: from, To: to, Why: to + " crashed"})
	}
	refuse("c1", "s1")
	refuse("s2", "vs")
	refuse("s3", "vs")
	d.hears(quiet(3, 2), s)
	if row := d.rowWith("connects  ✗ refused: s1 crashed"); !strings.Contains(row, "✗") || !strings.Contains(row, "┤") {
		t.Errorf("c1's attempt to reach s1:\n%s", d)
	}
	if d.rowWith("… 2 pings, 2 lost") == "" {
		t.Errorf("the pings to vs:\n%s", d)
	}
	d.press("home", "J", "J")
	if text, _ := p.CopyText(d.now); text != "c1 > s1 dial refused: s1 crashed" {
		t.Errorf("copied: %q", text)
	}
	d.press("enter")
	if d.rowWith("c1 can't connect to s1") == "" || d.rowWith("refused: s1 crashed") == "" || d.rowWith("#0") != "" {
		t.Errorf("read in full:\n%s", d)
	}
	d.press("enter")
	for filter, want := range map[string]bool{"c1": true, "lost": true, "connects": true, "s2": false, "#0": false} {
		if p.SetFilter(filter); (d.rowWith("connects") != "") != want {
			t.Errorf("filter %q:\n%s", filter, d)
		}
	}
}
