package pane

import (
	"cluster/splitbrain/netsim/engine"
)

// Actions lead through a lesson. While one leads, space goes on in it; in free play it pauses time as ever.
func (p *Notes) Actions() []Action {
	leads := func(Place) bool { return p.Leads() }
	back := func(Place) (string, bool) { return "", p.Leads() && (p.Now.Step > 1 || p.Now.Played) }
	goBack := func(Place) Wish { return Command("lesson back") }
	return append([]Action{{
		Keys: []string{" "}, Shown: "space", Name: "go on", Help: "in a lesson: go on, and hurry a step that is played; elsewhere space pauses time",
		Works: p.goesOn,
		Do: func(at Place) Wish {
			switch {
			case p.Busy() && at.Now.Paused:
				return Apply(engine.Command{Kind: engine.Resume})
			case !p.Busy() && p.Now.Over:
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
	}}, p.answers()...)
}

// goesOn is what space does in a lesson.
func (p *Notes) goesOn(at Place) (string, bool) {
	switch {
	case !p.Leads():
		return "", false
	case p.Busy() && at.Now.Paused:
		return "resume", true
	case p.Busy():
		return "hurry", true
	case p.Now.Over:
		return "lessons", true
	case len(p.Now.Choices()) > 0:
		return "skip", true
	}
	return "go on", true
}

// answers are the keys that choose an answer.
func (p *Notes) answers() []Action {
	all := make([]Action, 4)
	for i := range all {
		all[i] = Action{
			Keys:  []string{engine.Count(i + 1)},
			Works: func(Place) (string, bool) { return "", p.Answers(i) },
			Do:    func(Place) Wish { return Command("answer " + engine.Count(i+1)) },
		}
	}
	all[0].Shown, all[0].Name, all[0].Help = "1-4", "answer", "in a lesson: answer the question that is open"
	all[0].Offers = p.choiceKeys
	all[0].Urgent = func(Place) bool { return true }
	return all
}

// choiceKeys are the keys that choose an answer to the question that is open.
func (p *Notes) choiceKeys() string { return "1-" + engine.Count(len(p.Now.Choices())) }

// Answers reports whether a question is open that has a choice of that number, from 0.
func (p *Notes) Answers(i int) bool { return p.Leads() && !p.Busy() && i < len(p.Now.Choices()) }

// Click chooses the answer at a place of the pane.
func (p *Notes) Click(x, y int) Wish { return p.clickRow(x, p.top+y) }

// ClickStrip is Click in the strip, which has a heading.
func (p *Notes) ClickStrip(x, y int) Wish { return p.clickRow(x, y-1) }

func (p *Notes) clickRow(x, y int) Wish {
	for _, c := range p.choices {
		if p.Leads() && !p.Busy() && c.row == y && x > c.from && x <= c.to {
			return Command("answer " + engine.Count(c.number))
		}
	}
	return Wish{}
}

// Waits reports whether a lesson waits while somebody plays freely, or is about to.
func (p *Notes) Waits() bool { return p.Now != nil && (p.Now.Free || p.Left) }

// Resume returns to the lesson that waits, or wishes for the list of all.
func (p *Notes) Resume() Wish {
	if !p.Waits() {
		return Wish{Lessons: true}
	}
	return Wish{Line: "lesson resume", Begins: func() { p.Left = false }}
}
