package tui

import (
	"testing"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/pane"
	"cluster/splitbrain/viewservice/rules"

	tea "github.com/charmbracelet/bubbletea"
)

// TestPace: the less goes on, the more rarely the cluster is looked at.
func TestPace(t *testing.T) {
	crashed, working, switched := steady(), steady(), steady()
	crash(&crashed, 2)
	working.Clients[0].Running = true
	switched.Disabled = rules.Without(rules.AckRule)
	put := netsim.TraceEvent{Kind: netsim.MsgSent, Direction: netsim.Request, Method: "PBServer.Put"}
	ping := netsim.TraceEvent{Kind: netsim.MsgSent, Direction: netsim.Request, Method: "ViewServer.Ping"}
	for name, c := range map[string]struct {
		snap   engine.Snapshot
		events []netsim.TraceEvent
		want   time.Duration
	}{
		"all is well": {steady(), []netsim.TraceEvent{ping}, rarely}, "a server is down": {crashed, nil, idly}, "a rule is off": {switched, nil, idly},
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
