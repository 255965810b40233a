package tui

import "cluster/splitbrain/tui/pane"

func timeActions(m *Model) []pane.Action {
	change := func(by int) pane.Action {
		return pane.Action{
			Works: func(at pane.Place) (string, bool) {
				_, ok := at.Now.Faster(by)
				return "", ok
			},
			Do: func(at pane.Place) pane.Wish {
				v, _ := at.Now.Faster(by)
				return pane.Command("speed " + pane.SpeedText(v))
			},
		}
	}
	standing := func(at pane.Place) bool { return at.Now.Paused }
	up, down := change(+1), change(-1)
	up.Keys, up.Shown, up.Name, up.Help = []string{"+", "="}, "+-", "speed", "let time go faster, or slower: from 1/100 to 100×"
	down.Keys = []string{"-", "_"}
	pause := func(at pane.Place) string {
		if at.Now.Paused {
			return "resume"
		}
		return "pause"
	}
	return []pane.Action{{
		Keys: []string{" "}, Shown: "space", Name: "pause", Help: "pause time, and resume it",
		Works: func(at pane.Place) (string, bool) { return pause(at), !m.notes.Leads() },
		Do:    func(at pane.Place) pane.Wish { return pane.Command(pause(at)) }, Urgent: standing,
	}, {
		Keys: []string{"."}, Shown: ".", Name: "step", Help: "while time is paused: to the next event",
		Works: func(at pane.Place) (string, bool) { return "step", at.Now.Paused },
		Do:    func(pane.Place) pane.Wish { return pane.Command("step") }, Urgent: standing,
	}, up, down}
}
