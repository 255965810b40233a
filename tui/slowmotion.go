package tui

import (
	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/pane"

	tea "github.com/charmbracelet/bubbletea"
)

// slowMotion slows time down by itself when something goes wrong, until the view is acknowledged again.
type slowMotion struct {
	on     bool
	slowed float64 // the speed that it has set; 0 while it has not
	before float64 // and the one before
	asked  int     // snapshots that may still show the one before; 0 once the speed is what was asked for
}

const (
	slowerBy  = 10 // how much slower time goes then
	mostAsked = 5
)

// turn is the speed to be set now, if one is. A speed that somebody has set himself stays.
func (s *slowMotion) turn(now *pane.Index) (speed float64, ok bool) {
	unsettled := unsettled(now)
	switch {
	case now.Speed <= 0 || now.Paused:
	case s.asked > 0 && now.Speed != s.slowed:
		s.asked--
	case s.slowed != 0 && now.Speed != s.slowed:
		s.slowed = 0
	case s.slowed != 0 && !(s.on && unsettled):
		s.slowed = 0
		return s.before, true
	case s.slowed == 0 && s.on && unsettled:
		s.before, s.slowed, s.asked = now.Speed, max(now.Speed/slowerBy, netsim.MinSpeed), mostAsked
		return s.slowed, true
	default:
		s.asked = 0
	}
	return 0, false
}

// unsettled reports whether the view is about to change, or has and is not acknowledged; not whether it is for ever so.
func unsettled(now *pane.Index) bool {
	if now.View.Viewnum == 0 || now.Why.Level > engine.Busy {
		return false
	}
	if !now.Viewservice.Status.Acked {
		return true
	}
	for _, name := range []string{now.Primary, now.Backup} {
		if v := now.Server(name); v != nil && (v.State != netsim.Up || v.PingAge > 3*now.Config.PingInterval/2) {
			return true
		}
	}
	return false
}

// slowDown sets the speed that the slow motion wants now. Lessons have a pace of their own.
func (m *Model) slowDown() tea.Cmd {
	if m.notes.Leads() {
		return nil
	}
	speed, ok := m.slow.turn(m.now)
	if !ok {
		return nil
	}
	eng := m.session.Engine
	return func() tea.Msg {
		_, _ = eng.Apply(engine.Command{Kind: engine.SetSpeed, Speed: speed}) // it fails if the cluster is closed
		return nil
	}
}

func slowAction(m *Model) pane.Action {
	return pane.Action{
		Keys: []string{"A"}, Shown: "A", Name: "slow motion", Help: "slow motion by itself around a fault, until the view is acknowledged again; on in presenter mode",
		Works: func(pane.Place) (string, bool) {
			if m.slow.on {
				return "no slow motion", true
			}
			return "slow motion", true
		},
		Do: does(func() tea.Cmd {
			m.slow.on = !m.slow.on
			if m.slow.on {
				m.note("slow motion comes by itself when something goes wrong, until the view is acknowledged again")
			} else {
				m.note("no slow motion")
			}
			return m.slowDown()
		}),
		Late: func(pane.Place) bool { return true },
	}
}
