package tui

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/canvas"
	"cluster/splitbrain/tui/pane"
	"cluster/splitbrain/tui/script"
	"cluster/splitbrain/tui/transcript"
	"cluster/splitbrain/viewservice"
)

// TestOnceMore: the last view change is played in the order of its causes, each with the state that it is about.
func TestOnceMore(t *testing.T) {
	m, _ := beginAsIs(t, quiet(3, 2), 80, 24, Options{})
	failsOver(m)
	tellsOfFailover(t, m, "400 ms")
	if rowWith(m, " o once more, slowly  ") == "" {
		t.Errorf("nothing offers it:\n%s", m.View())
	}
	press(m, "o", "esc")
	if m.back != nil {
		t.Error("esc does not end it")
	}
}

// tellsOfFailover plays the failover to its end, in which a time is told for which s1 was silent.
func tellsOfFailover(t *testing.T, m *Model, silent string) {
	t.Helper()
	press(m, "o")
	if m.back == nil || m.back.replay == nil {
		t.Fatalf("nothing is played:\n%s", m.View())
	}
	r := m.back.replay
	if row := rowWith(m, m.subtitle); strings.Contains(row, "was") || strings.Contains(row, "now") {
		t.Errorf("what is told is said to be what was: %q", row)
	}
	said := []string{m.subtitle}
	titles := []string{m.View()}
	for now := r.began; m.back != nil; now = now.Add(100 * time.Millisecond) {
		m.play(now)
		if m.subtitle != said[len(said)-1] && m.subtitle != "" {
			said = append(said, m.subtitle)
			titles = append(titles, unstyled(m.draw()))
		}
	}
	next := 0
	for _, want := range []struct{ said, shown string }{
		{"before: view 2, primary s1, backup s2", "view 2"}, {"silence: vs has not heard s1 for " + silent, "crashed"},
		{"vs decides on view 3: primary s1 silent", "view 3"}, {"vs decides on view 3: s2 becomes primary", "view 3"},
		{"vs decides on view 3: s3 becomes backup", "view 3"}, {"view 3 waits for Ping(3) from s2, its primary (V2)", "not ack"},
		{"✓ acknowledged: view 3, primary s2, backup s3", "✓ ack"},
	} {
		for next < len(said) && !strings.HasPrefix(said[next], want.said) {
			next++
		}
		if next == len(said) {
			t.Fatalf("%q is not said, or too early: %q", want.said, said)
		}
		if !strings.Contains(titles[next], want.shown) {
			t.Errorf("with %q is shown:\n%s", want.said, titles[next])
		}
	}
	m.stale = true
	if rowWith(m, "that was the last view change") == "" {
		t.Errorf("its end is not told:\n%s", m.View())
	}
}

// TestOnceMoreOfThePast: where the cluster can go back, the view change before the place in its past is played, whatever was seen.
func TestOnceMoreOfThePast(t *testing.T) {
	m, _ := beginAsIs(t, quiet(3, 2), 80, 24, Options{})
	s := simulates(m, aPast(), pane.Found{})
	looks := failingOver()
	s.was = func(when time.Duration) engine.Snapshot {
		i := len(looks) - 1
		for i > 0 && looks[i].At > when {
			i--
		}
		return looks[i]
	}
	s.snap = at(looks[4], 20*second)
	seePast(m)
	m.memory = nil
	_, cmd := m.Update(keyMsg("o"))
	write(m, ":put")
	settle(m, cmd)
	if m.back != nil || rowWith(m, ": put") == "" {
		t.Errorf("it begins below a line that is typed:\n%s", m.View())
	}
	press(m, "esc")
	tellsOfFailover(t, m, "426 ms")
	s.was = func(when time.Duration) engine.Snapshot { return looks[0] }
	s.ends = errors.New("what was before 9s is forgotten")
	press(m, "o")
	if rowWith(m, "what was before 9s is forgotten") == "" || m.back != nil {
		t.Errorf("nothing says why there is nothing to play:\n%s", m.View())
	}
	s.ends = nil
	_, cmd = m.Update(keyMsg("o"))
	m.session = &script.Session{Engine: m.session.Engine}
	if settle(m, cmd); m.back != nil {
		t.Errorf("the past of another cluster is played:\n%s", m.View())
	}
}

// TestOnceMoreKeepsViolation: what was found broken before stays told while the past of a cluster is played, of which no verdict is
// known, and the history does not say that nothing was asked for.
func TestOnceMoreKeepsViolation(t *testing.T) {
	m, _ := beginAsIs(t, quiet(3, 2), 120, 40, Options{})
	s := simulates(m, aPast(), pane.Found{})
	bars, verdict := violation()
	s.was = func(time.Duration) engine.Snapshot { return failingOver()[4] }
	s.snap = at(failingOver()[4], 20*second)
	seePast(m)
	judged(m, s.snap, bars, verdict)
	told, _ := m.violationLine()
	press(m, "o")
	if m.back == nil || m.back.replay == nil {
		t.Fatalf("nothing is played:\n%s", m.View())
	}
	if line, _ := m.violationLine(); line != told || !strings.Contains(line, "VIOLATION") {
		t.Errorf("%q was told, and %q is", told, line)
	}
	if shown := drawn(m, m.operations); !strings.Contains(shown, "put a 3") || !strings.Contains(shown, "only what is so now is judged") || strings.Contains(shown, "nothing has been asked") {
		t.Errorf("the history says:\n%s", shown)
	}
}

// TestOnceMoreGrowsOld: between two looks ages grow, and fall where a ping came.
func TestOnceMoreGrowsOld(t *testing.T) {
	m, _ := begin(t, quiet(3, 2), 80, 24, Options{})
	snap := steady()
	snap.At = 8 * second
	for i, age := range []time.Duration{80, 20} {
		snap.Servers = append([]engine.ServerState(nil), snap.Servers...)
		snap.At, snap.Servers[0].PingAge = snap.At+time.Duration(i)*60*time.Millisecond, age*time.Millisecond
		see(m, snap)
	}
	m.beginLookBack()
	for _, c := range []struct{ after, age time.Duration }{{0, 80}, {30, 110}, {39, 119}, {41, 1}, {59, 19}} {
		m.showBetween(8*second+c.after*time.Millisecond, 0.1)
		if got := m.now.Servers[0].PingAge; got != c.age*time.Millisecond {
			t.Errorf("after %d ms the age is %v, want %d ms", c.after, got, c.age)
		}
	}
	m.back.events = []netsim.TraceEvent{
		{At: 8*second + 10*time.Millisecond, Kind: netsim.MsgDelivered, Direction: netsim.Request, From: "s1", Method: viewservice.PingMethod},
		{At: 8*second + 20*time.Millisecond, Kind: netsim.MsgDelivered, Direction: netsim.Reply, From: "s1", Method: viewservice.PingMethod},
	}
	m.showBetween(8*second+39*time.Millisecond, 0.1)
	if got, silent := m.now.Servers[0].PingAge, m.now.Member("s1").Silent; got != 29*time.Millisecond || silent != got {
		t.Errorf("29 ms after a ping that the trace tells of the age is %v, and the viewservice's %v", got, silent)
	}
	if _, look := m.whyWords(); look == canvas.Strong {
		t.Error("a look back has a subtitle")
	}
}

// TestOnceMoreBetweenRareLooks: who was heard all the time does not seem silent between looks that are far apart, of whose pings the
// trace remembers none, and who was not heard is.
func TestOnceMoreBetweenRareLooks(t *testing.T) {
	m, _ := begin(t, quiet(3, 2), 80, 24, Options{})
	for i := range 2 {
		snap := at(quiet(3, 2), time.Duration(60+20*i)*second)
		snap.Servers[0].PingAge += time.Duration(20*i) * second
		m.memory = append(m.memory[:i], sight{overview: overview{now: pane.NewIndex(snap, nodesOf(snap))}})
	}
	m.beginLookBack()
	m.back.events = []netsim.TraceEvent{{At: second, Kind: netsim.NodeStarted, From: "s1"}, {At: 69 * second, Method: viewservice.PingMethod}}
	m.showBetween(70*second, 7)
	if s1, s2 := m.now.Servers[0].PingAge, m.now.Servers[1].PingAge; s1 != 10*second+20*time.Millisecond || s2 != 30*time.Millisecond {
		t.Errorf("s1 was heard %v ago, s2 %v", s1, s2)
	}
	m.back.events = []netsim.TraceEvent{{At: 59 * second, Method: viewservice.PingMethod}}
	if m.showBetween(70*second, 7); m.now.Servers[1].PingAge != 10*second+30*time.Millisecond {
		t.Errorf("s2, whose pings the trace would tell, was heard %v ago", m.now.Servers[1].PingAge)
	}
}

// TestOnceMoreGoesOn: panes take in what has happened since the moment before, come to the same as panes that begin anew, and
// keep what somebody has chosen in them.
func TestOnceMoreGoesOn(t *testing.T) {
	m, _ := begin(t, quiet(3, 2), 120, 40, Options{})
	failsOver(m)
	m.beginLookBack()
	m.back.events = failover().Events
	m.back.replay = &replay{}
	play := func() []string {
		var all []string
		for at := 8 * second; at < 9*second; at += second / 20 {
			m.showBetween(at, 0.1)
			for _, p := range []pane.Pane{m.stage, m.messages, m.network} {
				all = append(all, drawn(m, p))
			}
			if m.back.replay == nil {
				m.toNow("")
				m.beginLookBack()
				m.back.events = failover().Events
			}
		}
		return all
	}
	went := play()
	m.bring("messages")
	press(m, "K", "K", "K")
	chosen, _ := m.messages.CopyText(m.now)
	m.showBetween(9500*time.Millisecond, 0.1)
	if is, _ := m.messages.CopyText(m.now); is != chosen || chosen == "" {
		t.Errorf("what was chosen is not any more:\n%s\n%s", chosen, is)
	}
	m.back.replay = nil
	for i, anew := range play() {
		if went[i] != anew {
			t.Fatalf("picture %d:\n%s\nand anew:\n%s", i, went[i], anew)
		}
	}
}

// TestOnceMoreAfterLongSilence: however long somebody was silent, a bounded number of looks is asked for, and its ends are looked
// at as closely as those of a short one.
func TestOnceMoreAfterLongSilence(t *testing.T) {
	const interval, formed = 100 * time.Millisecond, 2 * time.Hour
	for _, silent := range []time.Duration{0, 512 * time.Millisecond, time.Minute, time.Hour} {
		causes := []viewservice.Cause{{Code: viewservice.PrimarySilent, Server: "s1", Silent: silent}}
		times := lookTimes(&transcript.Formed{At: formed, Change: viewservice.Change{Causes: causes}}, interval, 3*time.Hour)
		if n := len(times); n > 400 {
			t.Errorf("after %v of silence there are %d looks", silent, n)
		}
		for i, at := range times[1:] {
			closely := at > formed-interval || times[i] < formed-silent+interval
			if step := at - times[i]; step <= 0 || closely && step > interval/looksPerInterval || step > max(interval/looksPerInterval, silent/mostOfSilence) {
				t.Errorf("after %v of silence: %v follows %v", silent, at, times[i])
			}
		}
		if first, last := times[0], times[len(times)-1]; first != formed-silent-interval || last < formed+mostUnacked*interval-interval || !slices.Contains(times, formed) {
			t.Errorf("after %v of silence there are looks from %v to %v", silent, first, last)
		}
	}
}
