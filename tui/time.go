package tui

import "cluster/splitbrain/tui/pane"

func timeActions(m *Model) []pane.Action {
	change := func(by int) pane.Action { // at the end of its way it sets the speed that there is, which says so
		return pane.Action{Do: func(at pane.Place) pane.Wish {
			return pane.Command("speed " + pane.SpeedText(at.Now.Faster(by)))
		}}
	}
	standing := func(at pane.Place) bool { return at.Now.Paused }
	up, down := change(+1), change(-1)
	up.Keys, up.Shown, up.Name, up.Help = []string{"+", "="}, "+-", "speed", "let time go faster, or slower: 1/100 to 10×, sim 100×"
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
