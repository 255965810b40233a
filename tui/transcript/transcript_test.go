package transcript

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/viewservice"
	"cluster/splitbrain/viewservice/rules"
)

var secondView = viewservice.Change{View: viewservice.View{Viewnum: 2, Primary: "s1", Backup: "s2"}}

// TestSentences: every kind of event has its words.
func TestSentences(t *testing.T) {
	link := func(kind netsim.EventKind, from, to, why string) netsim.TraceEvent {
		return netsim.TraceEvent{Kind: kind, From: from, To: to, Why: why}
	}
	lonely := viewservice.Change{View: viewservice.View{Viewnum: 3, Primary: "s2"}}
	for _, c := range []struct {
		event Event
		mark  string
		want  string
	}{
		{Event{Kind: NewView, View: secondView}, "", "view 2: primary s1, backup s2: "},
		{Event{Kind: NewView, View: lonely}, "", "view 3: primary s2, no backup: "},
		{Event{Kind: Expected, Text: "expect view 2"}, "", "as expected: view 2"},
		{Event{Kind: Unexpected, Script: "a.sb", Line: 3, Text: "expect view 2: not now"}, "", "NOT as expected: a.sb:3: view 2: not now"},
		{Event{Kind: Failed, Text: "no"}, "", "failed: no"},
		{Event{Kind: Violation, Script: "a.sb", Line: 9, Text: "lost"}, "", "a promise was broken: a.sb:9: lost"},
		{Event{Kind: Alarm, Text: "lost"}, "✗", "VIOLATION: lost"},
		{Event{Kind: Invariant, Text: "two primaries"}, "✗", "INVARIANT BROKEN: two primaries"},
		{Event{Kind: Why, Text: "all is well"}, "", "now: all is well"},
		{Event{Kind: RuleOff, Rule: rules.AckRule}, "", "RULE OFF ack-rule (V3 S2): " + rules.AckRule.Effect() + ": " + rules.AckRule.Damage()},
		{Event{Kind: RuleOn, Rule: rules.AckRule}, "", "rule ack-rule is on again"},
		{Event{Kind: Note, Text: "look"}, "", "look"},
		{Event{Kind: Network, Network: []netsim.TraceEvent{link(netsim.NodeCrashed, "s1", "", "")}}, "✗", "s1 crashed"},
		{Event{Kind: Network, Network: []netsim.TraceEvent{link(netsim.NodeStarted, "s1", "", "boot 2")}}, "", "s1 started: boot 2"},
		{Event{Kind: Network, Network: []netsim.TraceEvent{
			link(netsim.LinkHealed, "s1", "s2", "of cut"), link(netsim.LinkHealed, "s2", "s1", "of cut"), link(netsim.LinkHealed, "s1", "c1", "of cut"),
		}}, "✓", "healed s1–s2  s1 > c1 of cut"},
	} {
		if got := c.event.Sentence(); got != c.want || c.event.Mark() != c.mark {
			t.Errorf("%+v: %q with mark %q, want %q", c.event, got, c.event.Mark(), c.want)
		}
	}
}

// TestMarshalJSON: a view has fields of its own, and nothing is escaped that a reader of lines would miss.
func TestMarshalJSON(t *testing.T) {
	e := Event{Kind: NewView, Script: "a.sb", At: 1500 * time.Microsecond, View: secondView}
	got, err := json.Marshal(e)
	if want := `{"script":"a.sb","at_ms":1.5,"event":"view","text":"","view":2,"primary":"s1","backup":"s2"}`; err != nil || string(got) != want {
		t.Errorf("%v: %s", err, got)
	}
}

// TestViewLog: a view is told once, in its turn, and again when the viewservice begins anew.
func TestViewLog(t *testing.T) {
	change := func(n viewservice.Number, at time.Duration) viewservice.Change {
		return viewservice.Change{View: viewservice.View{Viewnum: n, Primary: "s1"}, At: at}
	}
	s := engine.Snapshot{At: 10 * time.Second}
	s.Viewservice.Boots = 1
	s.Viewservice.Status.Up = 9 * time.Second
	s.Viewservice.Status.Changes = []viewservice.Change{change(1, time.Second), change(2, 3*time.Second)}
	var log ViewLog
	if fresh := log.FreshUntil(&s, 4*time.Second); len(fresh) != 1 || fresh[0].At != 2*time.Second {
		t.Errorf("at first %v", fresh)
	}
	if fresh := log.Fresh(&s); len(fresh) != 1 || fresh[0].View.Viewnum != 2 || len(log.Fresh(&s)) > 0 {
		t.Errorf("then %v", fresh)
	}
	s.Viewservice.Boots = 2
	if fresh := log.Fresh(&s); len(fresh) != 2 {
		t.Errorf("after a restart %v", fresh)
	}
}

// TestFromTrace: messages are not told, and what was done to several links at once is one event.
func TestFromTrace(t *testing.T) {
	trace := []netsim.TraceEvent{
		{Kind: netsim.MsgSent, Direction: netsim.Request, From: "s1", To: "s2"},
		{Kind: netsim.LinkHealed, From: "s1", To: "s2"}, {Kind: netsim.LinkHealed, From: "s2", To: "s1", At: time.Millisecond},
		{Kind: netsim.LinkHealed, From: "s1", To: "c1", At: time.Second},
		{Kind: netsim.NodeFrozen, From: "s1", At: time.Second}, {Kind: netsim.NodeFrozen, From: "s2", At: time.Second},
	}
	var sizes []int
	for _, e := range FromTrace(trace) {
		sizes = append(sizes, len(e.Network))
	}
	if len(sizes) != 4 || sizes[0] != 2 || sizes[1] != 1 || sizes[2] != 1 || sizes[3] != 1 {
		t.Errorf("events of %v", sizes)
	}
}

// TestMadeBy: what happens to nodes, links and time is known as what a command has done.
func TestMadeBy(t *testing.T) {
	event := func(kind netsim.EventKind, from, to, why string) netsim.TraceEvent {
		return netsim.TraceEvent{Kind: kind, From: from, To: to, Why: why}
	}
	cut, healed := event(netsim.FaultCut.Begins(), "s1", "s2", ""), event(netsim.LinkHealed, "s1", "s2", "of the cut")
	started := event(netsim.NodeStarted, "s1", "", "")
	added := started
	added.Boots = 1
	for _, c := range []struct {
		line  string
		event netsim.TraceEvent
		by    bool
	}{
		{"kill s1", event(netsim.NodeCrashed, "s1", "", ""), true}, {"kill s2", event(netsim.NodeCrashed, "s1", "", ""), false},
		{"restart s1", started, true}, {"kill s1", started, false}, {"add", added, true}, {"add", started, false},
		{"freeze s1", event(netsim.NodeFrozen, "s1", "", ""), true}, {"thaw s1", event(netsim.NodeThawed, "s1", "", ""), true},
		{"isolate s1", cut, true}, {"partition s1 | s2", cut, true}, {"partition s1 | s2", healed, true},
		{"isolate s1", healed, false}, {"unreliable s1", event(netsim.FaultLoss.Begins(), "s2", "s1", ""), true}, {"heal", cut, false}, {"cut s1 s2", cut, true}, {"delay s1 s2 2ms", cut, false},
		{"heal", healed, true}, {"heal s1", healed, true}, {"heal s1 s2", healed, true}, {"release", healed, true}, {"deliver 3", healed, false},
		{"pause", event(netsim.TimePaused, "time", "", ""), true}, {"resume", event(netsim.TimeResumed, "time", "", ""), true},
		{"speed 2", event(netsim.TimeSpeed, "time", "", "2"), true}, {"pause", event(netsim.TimeSpeed, "time", "", "2"), false},
	} {
		command, err := engine.ParseCommand(c.line)
		if err != nil {
			t.Fatal(err)
		}
		told := FromTrace([]netsim.TraceEvent{c.event})
		if got := told[0].MadeBy(command); got != c.by {
			t.Errorf("%s by %s: %v", told[0].Sentence(), c.line, got)
		}
	}
	told := FromTrace([]netsim.TraceEvent{healed, event(netsim.LinkHealed, "s1", "s2", "of the delay")})
	if len(told) != 2 {
		t.Errorf("what was healed of different faults is told as one: %s", told[0].Sentence())
	}
}

// TestWorldInItsOrder: what happened at one time in a saved world is told in the order of its steps.
func TestWorldInItsOrder(t *testing.T) {
	second, third := secondView, secondView
	third.View.Viewnum++
	second.At, third.At = time.Second, time.Second
	end := engine.Snapshot{Viewservice: engine.ViewserviceState{Status: viewservice.Status{View: third.View, Changes: []viewservice.Change{second, third}}}}
	past := engine.Timeline{Length: 14, Marks: []engine.Mark{
		{Step: 11, At: time.Second, View: 2}, {Step: 12, At: time.Second, Text: "put a 1 @c1"}, {Step: 13, At: time.Second, Text: "kill s1"},
		{Step: 14, At: time.Second, View: 3},
	}}
	var out strings.Builder
	New(&out, "a.sb", Lines).World(func() time.Duration { return time.Second }, end, past, nil)
	at := 0
	for _, want := range []string{"step 11: view 2", "step 12: put", "step 13: kill", "step 14: view 3"} {
		next := strings.Index(out.String()[at:], want)
		if next < 0 {
			t.Fatalf("no %q where it should be:\n%s", want, &out)
		}
		at += next
	}
}
