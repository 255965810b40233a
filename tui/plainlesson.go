package tui

import (
	"fmt"

	"cluster/splitbrain/tui/pane"
	"cluster/splitbrain/tui/script"
)

// answers takes a line that is no command for the answer to the question that was told last, if one was.
func (p *lineMode) answers(t task) bool {
	now := p.showing
	return now != nil && p.host.shown() != nil && len(now.Choices()) > 0 && t.bad != nil && script.Usage(t.line) == ""
}

// tellLesson tells what a lesson shows, when it shows something else.
func (p *lineMode) tellLesson(now *script.PlayerState) {
	was := p.showing
	if now == nil || now.Running != "" || !pane.Turned(was, now) {
		return
	}
	p.showing = now
	for _, r := range now.Ran {
		p.shown = p.shown || r.Err == nil && showsViolation(read(r.Line))
	}
	switch {
	case now.Free:
		p.say("Free play: time goes by itself, and the lesson waits. lesson resume returns to it as it was.")
	case now.Over:
		p.tellEnd(now)
	case now.Played:
		p.tellAfter(now)
	default:
		p.tellStep(now)
	}
}

// tellStep tells what stands before a step.
func (p *lineMode) tellStep(now *script.PlayerState) {
	goesOn := "An empty line goes on"
	switch {
	case len(now.Choices()) > 0:
		goesOn = "Type a choice or its number, or an empty line to skip it"
		p.say("Question: " + now.Text())
		for i, choice := range now.Choices() {
			p.say(fmt.Sprintf("  %d  %s", i+1, choice))
		}
	case now.Open:
		goesOn = "An empty line shows the answer"
		p.say("Question: " + now.Text())
	default:
		p.say("Note: " + now.Text())
	}
	p.say(fmt.Sprintf("Step %d of %d. %s; lesson back and lesson again go back.", now.Step, now.Steps, goesOn))
}

// tellAfter tells what stands behind a step, and how the reader's answer was.
func (p *lineMode) tellAfter(now *script.PlayerState) {
	step := now.Shown()
	if step.Question {
		switch said, ok := now.Predicted(); {
		case ok && said.OK():
			p.say("You are right: " + step.Asks.Explained())
		case ok:
			p.say("You said " + said.Said + ". Right is: " + step.Asks.Explained())
		default:
			p.say("Answer: " + step.Asks.Explained())
		}
	}
	if step.Then != "" {
		p.say("Then: " + step.Then)
	}
	p.say(fmt.Sprintf("Step %d of %d is done. An empty line goes on.", now.Step, now.Steps))
}

func (p *lineMode) tellEnd(now *script.PlayerState) {
	p.say("The end of " + now.Script.Heading() + ".")
	if score := now.Score().String(); score != "" {
		p.say(score)
	}
	for _, text := range now.Script.Tries {
		p.say("Now try: " + text)
	}
	if len(now.Script.Tries) > 0 {
		p.say(pane.TakeHome)
	}
	if now.Unkept != "" {
		p.say(now.Unkept)
	}
}
