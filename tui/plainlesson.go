package tui

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"cluster/splitbrain/tui/pane"
	"cluster/splitbrain/tui/script"
)

// answers takes a line that is no command for the answer to the question that was told last, if one was.
func (p *lineMode) answers(t task) bool {
	now := p.showing
	if now == nil || p.host.shown() == nil || now.Over || !now.Question || script.Usage(t.line) != "" {
		return false
	}
	if t.bad == nil {
		return false
	}
	p.right = isAnswer(t.line, now.Script.Steps[now.Step].Answer)
	return true
}

// isAnswer reports whether what was typed is the answer, or the first words of it.
func isAnswer(typed, answer string) bool {
	words := func(s string) []string {
		return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	}
	some, all := words(typed), words(answer)
	return len(some) > 0 && len(some) <= len(all) && slices.Equal(some, all[:len(some)])
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
	if was == nil || was.Script != now.Script || was.Step != now.Step || was.Unmet != nil || now.Unmet == nil {
		p.tellStep(now)
	}
	if now.Unmet != nil {
		p.say("Not as told: " + now.Unmet.Error() + ". " + pane.OffTrack + ": lesson back goes back a step, lesson again begins anew.")
	}
}

func (p *lineMode) tellStep(now *script.PlayerState) {
	if now.Resumed {
		p.say(pane.TimeResumed)
	}
	switch {
	case now.Asked != "" && p.right:
		p.say("You are right: " + now.Answer)
	case now.Asked != "":
		p.say("Answer: " + now.Answer)
	}
	p.right = false
	goesOn := "An empty line goes on"
	switch {
	case now.Over:
		p.say("The end of " + now.Script.Heading() + ".")
		for _, text := range now.Script.Tries {
			p.say("Now try: " + text)
		}
		return
	case now.Question:
		goesOn = "Type an answer, or an empty line to see it"
		p.say("Question: " + now.Text)
	default:
		p.say("Note: " + now.Text)
	}
	p.say(fmt.Sprintf("Step %d of %d. %s; lesson back and lesson again go back.", now.Step, now.Steps, goesOn))
}
