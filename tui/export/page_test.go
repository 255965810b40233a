package export

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/history"
	"cluster/splitbrain/pbservice"
)

// TestPageTells: what was predicted, what is right and why, what failed, the verdict, and how to play it again.
func TestPageTells(t *testing.T) {
	var b bytes.Buffer
	if err := writePage(&b, source()); err != nil {
		t.Fatal(err)
	}
	page := b.String()
	for _, want := range []string{
		`<li class="wrong said">`, `<li class="right">right <em>right</em>`, "That was not so.", `<li class="right said">yes <em>predicted</em>`,
		"Predicted, and right.", "No prediction was made.", `<li class="failed"><code>expect view 2</code>`, "1 of 2 questions answered correctly.",
		"Not linearizable: c2 get a returned no value", "two servers took themselves for the primary (S7)", "<pre>splitbrain run x\n</pre>",
		"✗ get a → no value", "≠ get a → 1", "append a 1 ?", ">rule forward-gets off</text>", "view 3 s2 ·: s1 silent",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %s", want)
		}
	}
	if n := strings.Count(page, `<svg class="screen"`); n != 1 {
		t.Errorf("%d pictures of the screen for one step that has one", n)
	}
}

// TestPageOfASession: without a lesson the page tells what was done, and keeps it as a script.
func TestPageOfASession(t *testing.T) {
	s := source()
	s.Story = nil
	for i := range 2 * mostDone {
		s.Done = append(s.Done, Command{At: time.Duration(i) * ms, Line: fmt.Sprintf("put a %d", i)})
	}
	var b bytes.Buffer
	if err := writePage(&b, s); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"A session", "202 earlier lines are left out", "put a 399", "The screen at the end", "<pre>put a 1\n</pre>", `class="diagram"`} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the page does not say %s", want)
		}
	}
}

// TestPageOfFreePlay: what was done after the last step of a lesson is told, too.
func TestPageOfFreePlay(t *testing.T) {
	s := source()
	s.Done = append(s.Done, Command{At: 30 * ms, Line: "kill s2"})
	for free, want := range map[bool]bool{false: false, true: true} {
		s.Story.Free = free
		var b bytes.Buffer
		if err := writePage(&b, s); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(b.String(), "<code>kill s2</code>"); got != want {
			t.Errorf("free play %v: kill s2 is told: %v", free, got)
		}
	}
}

// TestFolds: what one command did to many links is one row; what several did is as many.
func TestFolds(t *testing.T) {
	cutAt := func(at time.Duration, from, to string) netsim.TraceEvent {
		return netsim.TraceEvent{At: at, Kind: netsim.FaultCut.Begins(), From: from, To: to}
	}
	healed := func(at time.Duration, from, to string) netsim.TraceEvent {
		return netsim.TraceEvent{At: at, Kind: netsim.LinkHealed, From: from, To: to}
	}
	events := []netsim.TraceEvent{
		cutAt(5*ms, "s1", "s2"), cutAt(5*ms+1, "s2", "s1"), cutAt(5*ms+2, "s1", "vs"), // live: one after the other
		cutAt(7*ms, "s1", "c1"),                            // alone
		healed(9*ms, "s1", "s2"), healed(9*ms, "s2", "s1"), // nobody knows by which command
		healed(10*ms, "s1", "vs"),
		cutAt(12*ms, "s1", "s2"), cutAt(13*ms, "s2", "s1"), // by no command that could be known: to release lets go of what is held
		healed(16*ms, "s1", "s2"), healed(17*ms, "s2", "s1"),
		healed(20*ms, "s1", "s2"), cutAt(20*ms, "s2", "s3"), cutAt(20*ms, "s3", "s2"), // what is in one group now was in two
		cutAt(24*ms, "s1", "s2"), cutAt(25*ms, "s2", "s1"), // by no command that could be known: to heal cuts nothing
	}
	done := []Command{
		{At: 20 * ms, End: 21 * ms, Line: "partition s1 s2 | s3"}, {At: 24 * ms, End: 25 * ms, Line: "heal"},
		{At: 12 * ms, End: 14 * ms, Line: "release"}, {At: 15 * ms, End: 18 * ms, Line: "release"},
		{At: 5 * ms, End: 6 * ms, Line: "isolate s1"}, {At: 7 * ms, End: 8 * ms, Line: "cut s1 > c1"}, {At: 7 * ms, End: 8 * ms, Line: "put a 1"},
	}
	var got []string
	for _, h := range befallen(events, done) {
		got = append(got, fmt.Sprint(h.text, " ", h.nodes))
	}
	want := []string{"isolate s1 [s1 s2 vs]", "s1 > c1 cut [c1 s1]", "healed: links between s1 s2 [s1 s2]", "s1 > vs healed [s1 vs]", "s1 > s2 cut [s1 s2]", "s2 > s1 cut [s1 s2]", "release [s1 s2]",
		"partition s1 s2 | s3 [s1 s2 s3]", "s1 > s2 cut [s1 s2]", "s2 > s1 cut [s1 s2]"}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestChart: each operation has room for its words, those of one client don't overlap, and what came later stands further
// right.
func TestChart(t *testing.T) {
	var all []history.Bar
	for i := range 50 {
		o := history.Operation{
			Client: fmt.Sprintf("c%d", i%3+1), Kind: pbservice.Put, Key: "key", Value: strings.Repeat("x", i%7),
			Call: time.Duration(i) * 10 * ms, Return: time.Duration(i)*10*ms + time.Duration(i%4)*10*ms, Outcome: history.Outcome{Known: i%9 != 0},
		}
		all = append(all, history.Bar{ID: i, Operation: o, Open: !o.Known})
	}
	c := newChart(all, []happening{{at: 33 * ms, text: "s1 crashed"}, {at: 33 * ms, text: "view 2"}}, nil)
	ends := map[string]float64{}
	for _, b := range c.bars {
		if room := b.to - b.from; room < textWidth(b.text) {
			t.Errorf("%s has %.0f pixels for %.0f", b.text, room, textWidth(b.text))
		}
		if b.from < ends[b.Client] {
			t.Errorf("%s of %s begins at %.0f, before %.0f", b.text, b.Client, b.from, ends[b.Client])
		}
		ends[b.Client] = b.to
	}
	for i, at := range c.times[1:] {
		if before := c.times[i]; at.x <= before.x || at.at < before.at {
			t.Errorf("%v stands at %.0f, and %v at %.0f", before.at, before.x, at.at, at.x)
		}
	}
	seen := 0
	for i, s := range c.strips() {
		if s.to-s.from > chartWidth-chartLeft {
			t.Errorf("a row of %.0f pixels", s.to-s.from)
		}
		if last := slices.IndexFunc(c.times, func(at chartedTime) bool { return at.x >= s.to }); last > 0 && c.times[last-1].start {
			t.Errorf("what begins last in row %d goes on in the next one", i+1)
		}
		labels, rows := c.labels(s)
		seen += len(labels)
		if len(labels) == 2 && rows != 2 {
			t.Error("two labels at one place share a row")
		}
	}
	if seen != 2 {
		t.Errorf("%d labels for two marks", seen)
	}
}

// TestNothingJudged: a page says whether nobody has asked for anything, or that is forgotten.
func TestNothingJudged(t *testing.T) {
	for want, v := range map[string]history.Verdict{
		"No client has asked for anything, so that there is nothing to judge.": {},
		"Undecided: the beginning of the history is forgotten.":                {Result: history.Undecided, Unjudged: true},
	} {
		if h := judged(&Source{Verdict: v}); h.Text != want || len(h.Chart.Drawn) > 0 {
			t.Errorf("%q, want %q; %d drawn", h.Text, want, len(h.Chart.Drawn))
		}
	}
}

// TestCharted: of a long history those to blame are drawn, and what was around them.
func TestCharted(t *testing.T) {
	var all []history.Bar
	for i := range 1000 {
		all = append(all, history.Bar{ID: i, Blamed: i == 3 || i == 500})
	}
	shown, leftOut := charted(all, history.Verdict{Result: history.Violated})
	for i := range all {
		all[i].Key = fmt.Sprint(i % 2)
	}
	if of, _ := charted(all, history.Verdict{Result: history.Violated, Key: "1"}); slices.ContainsFunc(of, func(b history.Bar) bool { return b.Key != "1" }) {
		t.Error("another key is drawn")
	}
	blamed := 0
	for _, b := range shown {
		if b.Blamed {
			blamed++
		}
	}
	if blamed != 2 || len(shown) > mostBars+1 || shown[len(shown)-1].ID < 510 || leftOut == "" {
		t.Errorf("%d drawn up to %d, %d to blame; %s", len(shown), shown[len(shown)-1].ID, blamed, leftOut)
	}
	for i := range all {
		all[i].Client, all[i].Key, all[i].Blamed = fmt.Sprint(i), "", i > 2
	}
	blame := &history.Blame{Culprit: history.Operation{Client: "5"}}
	shown, _ = charted(all, history.Verdict{Result: history.Violated, Blame: blame})
	if len(shown) != mostBars/2+1+mostBars || shown[0].ID != 5 || !slices.IsSortedFunc(shown, func(a, b history.Bar) int { return a.ID - b.ID }) {
		t.Errorf("where nearly all are to blame %d are drawn, from %d on", len(shown), shown[0].ID)
	}
}

// TestMarksFor: of very much that befell the cluster the newest is drawn, and servers that are started only where they were added.
func TestMarksFor(t *testing.T) {
	s := &Source{At: time.Second, Bars: bars([]history.Operation{{Return: time.Second}}), Done: []Command{{At: 5 * ms, Line: "add s4"}}}
	for _, at := range []time.Duration{ms, 6 * ms} {
		s.Events = append(s.Events, netsim.TraceEvent{At: at, Kind: netsim.NodeStarted, From: "s4", Boots: 1})
	}
	if got := marksFor(s, s.Bars); len(got) != 1 || got[0].at != 6*ms {
		t.Errorf("of a server that was added it draws %+v", got)
	}
	if s.Done = nil; len(marksFor(s, s.Bars)) != 0 {
		t.Error("how all began is drawn")
	}
	for i := range 2 * mostPageMarks {
		s.Changes = append(s.Changes, Change{At: time.Duration(i) * ms})
	}
	if got := marksFor(s, s.Bars); len(got) != mostPageMarks || got[mostPageMarks-1].at != (2*mostPageMarks-1)*ms {
		t.Errorf("%d marks are drawn", len(got))
	}
}

// TestStepsShareATime: a step ends at the very time at which the next one begins, and each has its own commands and messages.
func TestStepsShareATime(t *testing.T) {
	s := source()
	events := s.Events
	s.Story.Steps = []Step{
		{Number: 1, To: 6 * ms, Events: [2]uint64{0, events[3].Seq}, Commands: []Command{{Line: "put a 1"}}},
		{Number: 2, From: 6 * ms, To: 6 * ms, Events: [2]uint64{events[3].Seq, events[4].Seq}, Commands: []Command{{Line: "hold s1 s2"}}},
	}
	for i, want := range []struct {
		events, done int
	}{{4, 0}, {1, 1}} {
		is := s.during(s.Story.Steps[i])
		if len(is.Events) != want.events || len(is.Done) != want.done {
			t.Errorf("step %d has %d events and %d commands, want %+v", i+1, len(is.Events), len(is.Done), want)
		}
	}
	if is := s.afterAll(); len(is.Events) != len(events)-5 || len(is.Done) != 1 {
		t.Errorf("after all there are %d events and %d commands", len(is.Events), len(is.Done))
	}
}
