package tui

import (
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/pane"
)

func timeActions(m *Model) []pane.Action {
	change := func(by int) pane.Action { // at the end of its way it sets the speed that there is, which says so
		return pane.Action{Do: func(at pane.Place) pane.Wish {
			return pane.Apply(engine.Command{Kind: engine.SetSpeed, Speed: at.Now.Faster(by)})
		}}
	}
	standing := func(at pane.Place) bool { return at.Now.Paused }
	up, down := change(+1), change(-1)
	up.Keys, up.Shown, up.Name, up.Help = []string{"+", "="}, "+-", "speed", "let time go faster, or slower: 1/100 to 10×, sim 100×"
	down.Keys = []string{"-", "_"}
	pause := func(at pane.Place) engine.Command {
		if at.Now.Paused {
			return engine.Command{Kind: engine.Resume}
		}
		return engine.Command{Kind: engine.Pause}
	}
	return append(lookBackActions(m), []pane.Action{{
		Keys: []string{" "}, Shown: "space", Name: "pause", Help: "pause time, and resume it",
		Works: func(at pane.Place) (string, bool) { return pause(at).String(), !m.notes.Leads() },
		Do:    func(at pane.Place) pane.Wish { return pane.Apply(pause(at)) }, Urgent: standing,
	}, {
		Keys: []string{forwardKey}, Shown: forwardKey, Name: "step", Help: "while time is paused: to the next event",
		Works: func(at pane.Place) (string, bool) { return "step", at.Now.Paused && m.back == nil },
		Do:    func(pane.Place) pane.Wish { return pane.Apply(engine.Command{Kind: engine.Step}) }, Urgent: standing, Tries: true,
	}, up, down, slowAction(m)}...)
}
