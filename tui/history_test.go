package tui

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/history"
	"cluster/splitbrain/netsim/history/invariant"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/tui/pane"
	"cluster/splitbrain/tui/script"
	"cluster/splitbrain/viewservice"
)

// onHistory is a model with the history in front.
func onHistory(t *testing.T) *Model {
	m, _ := begin(t, quiet(3, 2), 80, 24, Options{Plain: true})
	press(m, "tab", "tab", "tab", "tab", "tab")
	if !m.inFront(m.operations) {
		t.Fatalf("%s is shown", m.panes[m.active].Name())
	}
	return m
}

// TestBlame: a violation shows whom to blame at once; w goes there, v shows the others too.
func TestBlame(t *testing.T) {
	m := onHistory(t)
	bars, verdict := violation()
	for i := range 30 {
		other := did(10+i, "c1", pbservice.Put, "x", 6000+i, 6000+i)
		other.Key = "other"
		bars = append(bars, other)
	}
	judged(m, quiet(3, 2), bars, verdict)
	if rowWith(m, "other") != "" || rowWith(m, "it should have seen") == "" {
		t.Errorf("what is to blame is not what is shown:\n%s", m.View())
	}
	press(m, "v")
	if rowWith(m, "put other x") == "" {
		t.Errorf("v does not show all:\n%s", m.View())
	}
	press(m, "w")
	if row := rowWith(m, "▸ 0:03"); !strings.Contains(row, "✗ get a → 1") {
		t.Errorf("w goes to %q\n%s", row, m.View())
	}
	if row := rowWith(m, "0:02.000"); !strings.Contains(row, "≠ put a 2") {
		t.Errorf("what contradicts it is not marked: %q", row)
	}
	if press(m, "w"); !strings.Contains(rowWith(m, "▸ 0:02"), "≠ put a 2") {
		t.Errorf("w does not go on to what contradicts it:\n%s", m.View())
	}
	if press(m, "w"); !strings.Contains(rowWith(m, "▸ 0:03"), "✗ get a → 1") {
		t.Errorf("w does not return to what can't be explained:\n%s", m.View())
	}
	if rowWith(m, "w what contradicts it") == "" {
		t.Errorf("nothing says that w goes on:\n%s", m.View())
	}
	verdict.Blame.Because = nil
	judged(m, quiet(3, 2), bars, verdict)
	if rowWith(m, "w whom to blame")+rowWith(m, "w what contradicts it") != "" {
		t.Errorf("w is offered, and does nothing:\n%s", m.View())
	}
}

// TestReadKey: enter shows a key in full: who has it, how long it is, what is hidden of it.
func TestReadKey(t *testing.T) {
	m, _ := begin(t, differing(), 120, 40, Options{Plain: true})
	press(m, "J", "J", "enter")
	for _, want := range []string{"b  (1 byte)", "≠ primary and backup differ", "s1 P  9 bytes", "s2 B  7 bytes", "s3  no such key"} {
		if rowWith(m, want) == "" {
			t.Errorf("no row says %q:\n%s", want, m.View())
		}
	}
	press(m, "J", "J")
	if rowWith(m, "and 4,744 bytes more") == "" || rowWith(m, "✓ primary and backup have the same") == "" {
		t.Errorf("the long value is not told:\n%s", m.View())
	}
	press(m, "esc")
	if m.maps.Reads() || rowWith(m, "▸long") == "" {
		t.Errorf("esc does not close it:\n%s", m.View())
	}
}

// TestChosenKeyMovesThePage: wherever one goes, the chosen key is seen.
func TestChosenKeyMovesThePage(t *testing.T) {
	s := newShelf(300)
	m, _ := begin(t, quiet(1, 1), 80, 24, Options{Plain: true})
	looked(m, s)
	for i := range 40 {
		press(m, "J")
		looked(m, s)
		if rowWith(m, fmt.Sprintf("▸k%06d", i)) == "" {
			t.Fatalf("after %d times J:\n%s", i+1, m.View())
		}
	}
	for i := 38; i >= 0; i-- {
		press(m, "K")
		looked(m, s)
		if rowWith(m, fmt.Sprintf("▸k%06d", i)) == "" {
			t.Fatalf("back at %d:\n%s", i, m.View())
		}
	}
}

// TestReadOperationIsSeen: the chosen row stays in sight when what is read takes the room of others.
func TestReadOperationIsSeen(t *testing.T) {
	m := onHistory(t)
	judged(m, quiet(3, 2), overlapping(), history.Verdict{})
	for range 5 {
		press(m, "K")
		press(m, "enter")
		if rowWith(m, "▸ 0:0") == "" || rowWith(m, "from  ") == "" {
			t.Errorf("out of sight:\n%s", m.View())
		}
		press(m, "enter")
	}
}

// TestReadKeyInLittleRoom: where there is no room beside it, what is read takes the whole pane.
func TestReadKeyInLittleRoom(t *testing.T) {
	snap := differing()
	for range 6 {
		snap.Servers = append(snap.Servers, snap.Servers[2])
	}
	m, _ := begin(t, snap, 80, 24, Options{Plain: true})
	press(m, "J", "J", "enter")
	if rowWith(m, "b  (1 byte)") == "" {
		t.Errorf("nothing is read:\n%s", m.View())
	}
}

// TestWhatClientsSawComesFirst: it takes the place of what only servers say of themselves, and not the reverse.
func TestWhatClientsSawComesFirst(t *testing.T) {
	m, _ := begin(t, quiet(3, 2), 80, 24, Options{})
	finds := func(v history.Verdict, broken ...invariant.Violation) {
		m.observe(pollResult{Observation: pane.Observation{Snap: m.now.Snapshot, Nodes: m.now.Nodes, Verdict: v}, broken: broken})
	}
	finds(history.Verdict{}, invariant.Violation{Text: "two primaries"})
	finds(history.Verdict{}, invariant.Violation{Text: "something later"})
	if m.violated != "two primaries" {
		t.Errorf("the first is %q", m.violated)
	}
	if rowWith(m, "✗ INVARIANT BROKEN: two primaries") == "" || rowWith(m, "✗ VIOLATION: two primaries") != "" {
		t.Errorf("no client was told anything wrong:\n%s", m.View())
	}
	_, verdict := violation()
	finds(verdict)
	finds(verdict, invariant.Violation{Text: "two primaries"})
	if m.violated != verdict.Blame.Text {
		t.Errorf("clients saw %q, told is %q", verdict.Blame.Text, m.violated)
	}
	bringNamed(t, m, "events")
	for word, times := range map[string]int{"✗ INVARIANT BROKEN: ": 1, "✗ VIOLATION: ": 2} { // one is the why line's
		if told := strings.Count(m.View(), word); told != times {
			t.Errorf("%s is told %d times, want %d: each once in the log", word, told, times)
		}
	}
}

// TestWorstOfOneLook: of several violations in one look, what clients saw is told, else the first.
func TestWorstOfOneLook(t *testing.T) {
	_, verdict := violation()
	broken := []invariant.Violation{{Text: "two primaries"}, {Text: "something later"}}
	for want, o := range map[string]pollResult{
		verdict.Blame.Text: {Observation: pane.Observation{Verdict: verdict}, broken: broken},
		"two primaries":    {broken: broken},
	} {
		m, _ := begin(t, quiet(3, 2), 80, 24, Options{})
		m.judge(o.Verdict, o.broken)
		if m.violated != want {
			t.Errorf("told is %q, want %q", m.violated, want)
		}
	}
}

// TestViolationOfAnotherBranch: what is broken on one branch is not told on another, whatever its time.
func TestViolationOfAnotherBranch(t *testing.T) {
	m, _ := begin(t, quiet(3, 2), 80, 24, Options{})
	_, verdict := violation()
	judged(m, m.now.Snapshot, nil, verdict)
	if m.violated == "" {
		t.Fatal("not told at all")
	}
	elsewhere := netsim.TraceEvent{Seq: 1, Kind: netsim.TimeRewound, From: "time", Why: "to step 9 of main"}
	rewound := pane.Observation{Snap: m.now.Snapshot, Nodes: nodesOf(m.now.Snapshot), Asked: m.maps.Window(), Events: []netsim.TraceEvent{elsewhere}}
	m.Update(pollResult{Observation: rewound})
	if m.violated != "" {
		t.Errorf("still told: %s", m.violated)
	}
	rewound.Verdict = verdict
	m.Update(pollResult{Observation: rewound})
	if m.violated != verdict.Blame.Text {
		t.Errorf("of the branch itself %q is told", m.violated)
	}
	earlier := m.now.Snapshot
	earlier.At -= second
	judged(m, earlier, nil, history.Verdict{})
	if m.violated != "" {
		t.Errorf("told before it happened: %s", m.violated)
	}
}

// TestBranchesAreWatchedApart: nothing is concluded from looks at two branches, or at two clusters.
func TestBranchesAreWatchedApart(t *testing.T) {
	m, _ := begin(t, steady(), 80, 24, Options{})
	first, third := viewservice.View{Viewnum: 1, Primary: "s1"}, viewservice.View{Viewnum: 2, Primary: "s3"}
	at := func(later int, views ...viewservice.View) engine.Snapshot {
		s := steady()
		s.At += time.Duration(later) * second
		s.Viewservice.Status.View, s.Viewservice.Status.Changes = views[len(views)-1], nil
		for _, v := range views {
			s.Viewservice.Status.Changes = append(s.Viewservice.Status.Changes, viewservice.Change{View: v})
		}
		return s
	}
	s := m.host
	finds := func(session *script.Session, snap engine.Snapshot, rewound, want bool) {
		t.Helper()
		if broken := s.watch(session, snap, rewound); broken != nil != want {
			t.Errorf("found: %v, want any: %v", broken, want)
		}
	}
	other := new(script.Session)
	finds(m.session, steady(), false, false)
	finds(m.session, at(1, first, third), true, false)
	finds(m.session, at(2, first), false, false)
	finds(m.session, at(3, first), false, false)
	finds(m.session, at(4, first, third), false, true)
	finds(other, at(5, first), false, false)
	finds(other, at(6, first), false, false)
}

// TestWhatIsBrokenWhereAWorldWasOpened: what neither clients nor the servers' answers show is told at that moment.
func TestWhatIsBrokenWhereAWorldWasOpened(t *testing.T) {
	told := invariant.Violation{Name: "answered", Text: "answered: c1 is never answered"}
	m, _ := begin(t, steady(), 80, 24, Options{Story: []string{told.Text}, Broken: func(_ context.Context, _ engine.Engine, story []string) []invariant.Violation {
		return []invariant.Violation{{Name: "answered", Text: story[0]}}
	}})
	now := steady()
	now.At = m.session.Engine.Now()
	for _, c := range []struct {
		session *script.Session
		later   time.Duration
		want    int
	}{{m.session, 0, 1}, {m.session, second, 0}, {m.session, 0, 1}, {new(script.Session), 0, 0}} {
		snap := now
		snap.At += c.later
		if broken := m.host.watch(c.session, snap, false); len(broken) != c.want || c.want > 0 && broken[0].Text != told.Text {
			t.Errorf("%v later: %v", c.later, broken)
		}
	}
}
