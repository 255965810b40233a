package pane

import "cluster/splitbrain/netsim/engine"

// Actions lead through a lesson. While one leads, space goes on in it; in free play it pauses time as ever.
func (p *Notes) Actions() []Action {
	leads := func(Place) bool { return p.Leads() }
	back := func(at Place) (string, bool) { return "", p.Leads() && at.shows(p.Name()) && p.Now.Step > 1 }
	goBack := func(Place) Wish { return Command("lesson back") }
	return []Action{{
		Keys: []string{" "}, Shown: "space", Name: "go on", Help: "in a lesson: go on; elsewhere space pauses time",
		Works: func(at Place) (string, bool) {
			switch {
			case !p.Leads():
				return "", false
			case p.Busy():
				return "resume", at.Now.Paused
			case p.Now.Over:
				return "lessons", true
			}
			return "go on", true
		},
		Do: func(Place) Wish {
			switch {
			case p.Busy(): // and time stands
				return Apply(engine.Command{Kind: engine.Resume})
			case p.Now.Over:
				return Wish{Lessons: true}
			}
			return Command("lesson next")
		}, Urgent: leads,
	}, {
		Keys: []string{"backspace"}, Shown: "backspace", Name: "back", Help: "in a lesson: to how it was one step before",
		Works: back, Do: goBack, Urgent: leads,
	}, {
		Keys: []string{"left"}, Do: goBack,
		Works: func(at Place) (string, bool) {
			_, ok := back(at)
			return "", ok && at.Front == p.Name()
		},
	}}
}

// Waits reports whether a lesson waits while somebody plays freely.
func (p *Notes) Waits() bool { return p.Now != nil && p.Away }

// Resume returns to the lesson that waits, or wishes for the list of all.
func (p *Notes) Resume() Wish {
	if !p.Waits() {
		return Wish{Lessons: true}
	}
	p.Away = false
	return Wish{Line: "lesson resume", Front: p.Name()}
}
