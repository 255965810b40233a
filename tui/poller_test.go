package tui

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/pane"
	"cluster/splitbrain/tui/script"
	"cluster/splitbrain/viewservice/rules"

	tea "github.com/charmbracelet/bubbletea"
)

// TestPace: the less goes on, the more rarely the cluster is looked at.
func TestPace(t *testing.T) {
	crashed, working, switched := steady(), steady(), steady()
	crash(&crashed, 2)
	working.Clients[0].Running = true
	slowly, slowTime, stands := steady(), steady(), steady()
	slowly.Config.PingInterval = time.Second
	slowTime.Speed = 0.1
	stands.Speed, stands.Paused = 0.1, true
	switched.Disabled = rules.Without(rules.AckRule)
	put := netsim.TraceEvent{Kind: netsim.MsgSent, Direction: netsim.Request, Method: "PBServer.Put"}
	ping := netsim.TraceEvent{Kind: netsim.MsgSent, Direction: netsim.Request, Method: "ViewServer.Ping"}
	for name, c := range map[string]struct {
		snap   engine.Snapshot
		events []netsim.TraceEvent
		want   time.Duration
	}{
		"all is well": {steady(), []netsim.TraceEvent{ping}, idly}, "a server is down": {crashed, nil, idly}, "a rule is off": {switched, nil, idly},
		"slow pings": {slowly, nil, time.Second / looksPerPing}, "slow time": {slowTime, nil, time.Second / looksPerPing}, "time stands": {stands, nil, idly},
		"a message": {steady(), []netsim.TraceEvent{put}, calmly}, "a ping runs late": {countdown(), nil, closely}, "a client waits": {working, nil, closely},
	} {
		m, _ := begin(t, c.snap, 80, 24, Options{})
		var wait time.Duration
		m.poll.timer = func(d time.Duration, _ func(time.Time) tea.Msg) tea.Cmd { wait = d; return nil }
		m.poll.moved = m.poll.moved.Add(-calmlyFor)
		m.Update(pollResult{Observation: pane.Observation{Snap: c.snap, Nodes: nodesOf(c.snap), Events: c.events}})
		if wait != c.want {
			t.Errorf("%s: the next look is %v later, want %v", name, wait, c.want)
		}
	}
}

// TestNobodyLooks: where the terminal says so, or nobody has touched a key for long, the cluster is looked at rarely, until
// somebody comes back.
func TestNobodyLooks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		snap := steady()
		m, _ := begin(t, snap, 80, 24, Options{})
		var wait time.Duration
		m.poll.timer = func(d time.Duration, _ func(time.Time) tea.Msg) tea.Cmd { wait = d; return nil }
		next := func() time.Duration {
			m.Update(pollResult{Observation: pane.Observation{Snap: snap, Nodes: nodesOf(snap)}})
			return wait
		}
		time.Sleep(closelyFor + calmlyFor)
		for _, c := range []struct {
			what string
			do   func()
			want time.Duration
		}{
			{"somebody looks", func() {}, idly},
			{"it is not in front", func() { m.Update(tea.BlurMsg{}) }, rarely},
			{"it is in front again", func() { m.Update(tea.FocusMsg{}) }, idly},
			{"nobody has touched a key", func() { time.Sleep(untouched + 1) }, rarely},
			{"a key", func() { m.Update(tea.KeyMsg{Type: tea.KeyDown}) }, idly},
		} {
			c.do()
			if got := next(); got != c.want {
				t.Errorf("%s: the next look is %v later, want %v", c.what, got, c.want)
			}
		}
	})
}

// TestFailedLook: what a look has brought that failed comes again with the next one, for no pane has seen it; and what was done
// for whose end nobody waits is told.
func TestFailedLook(t *testing.T) {
	m, _ := begin(t, steady(), 80, 24, Options{})
	events := []netsim.TraceEvent{{Seq: 7, Kind: netsim.MsgDelivered, Direction: netsim.Request, Method: "ViewServer.Ping"}}
	failed := pollResult{Observation: pane.Observation{Events: events}, err: context.DeadlineExceeded}
	failed.told = []ran{{task: read("put a 1 &"), result: script.Result{Text: "put a 1: ok, 3 ms"}}}
	m.Update(failed)
	if from := m.poll.request().event; from != 0 {
		t.Errorf("after a look that failed events are asked for from %d on", from)
	}
	if rowWith(m, "put a 1: ok, 3 ms") == "" {
		t.Errorf("what ended meanwhile is not told:\n%s", m.View())
	}
	m.Update(pollResult{Observation: pane.Observation{Snap: steady(), Nodes: nodesOf(steady()), Events: events}})
	if from := m.poll.request().event; from != 7 {
		t.Errorf("events are asked for from %d on", from)
	}
	m.adopt(m.session) // another cluster, whose events have numbers of their own
	if from := m.poll.request().event; from != 0 {
		t.Errorf("of another cluster events are asked for from %d on", from)
	}
}

// TestPulse: it turns as often as it can be seen, and only for those who are heard.
func TestPulse(t *testing.T) {
	snap := steady()
	snap.Servers[1].PingAge = time.Hour
	before := pane.NewIndex(snap, nodesOf(snap))
	var seen []bool
	for range 8 {
		snap.At += 250 * time.Millisecond
		now := pane.NewIndex(snap, nodesOf(snap))
		now.Beat(before)
		seen, before = append(seen, now.Beats(&now.Servers[0])), now
		if now.Beats(&now.Servers[1]) {
			t.Error("a server that is not heard has a pulse")
		}
	}
	if want := []bool{true, true, false, false, true, true, false, false}; !slices.Equal(seen, want) {
		t.Errorf("the pulse was seen %v, want %v", seen, want)
	}
}
