package tui

// actions lead through a lesson. While one leads, space goes on in it; in free play it pauses time as ever.
func (p *notes) actions() []action {
	leads := func(place) bool { return p.leads() }
	back := func(at place) (string, bool) { return "", p.leads() && at.shows(p.name()) && p.now.Step > 1 }
	goBack := func(place) wish { return command("lesson back") }
	return []action{{
		keys: []string{" "}, shown: "space", name: "go on", help: "in a lesson: go on; elsewhere space pauses time",
		works: func(at place) (string, bool) {
			switch {
			case !p.leads():
				return "", false
			case p.busy():
				return "resume", at.now.Paused
			case p.now.Over:
				return "lessons", true
			}
			return "go on", true
		},
		do: func(place) wish {
			switch {
			case p.busy(): // and time stands
				return command("resume")
			case p.now.Over:
				return wish{lessons: true}
			}
			return command("lesson next")
		}, urgent: leads,
	}, {
		keys: []string{"backspace"}, shown: "backspace", name: "back", help: "in a lesson: to how it was one step before",
		works: back, do: goBack, urgent: leads,
	}, {
		keys: []string{"left"}, do: goBack,
		works: func(at place) (string, bool) {
			_, ok := back(at)
			return "", ok && at.front == p.name()
		},
	}}
}

// waits reports whether a lesson waits while somebody plays freely.
func (p *notes) waits() bool { return p.now != nil && p.away }

// resume returns to the lesson that waits, or wishes for the list of all.
func (p *notes) resume() wish {
	if !p.waits() {
		return wish{lessons: true}
	}
	p.away = false
	return wish{line: "lesson resume", front: p.name()}
}
