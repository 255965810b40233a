package tui

import (
	"context"
	"errors"
	"strings"

	"cluster/splitbrain/tui/canvas"
	"cluster/splitbrain/tui/script"
)

// notes shows the lesson or script that is played: what is told at this step, and how it goes on.
type notes struct {
	page
	w    int
	now  *script.Showing // nil while nothing is played
	away bool            // somebody plays freely, the lesson waits
	over bool            // something is open that esc closes first
	rows []entry
}

func newNotes() *notes { return &notes{} }

const mostNoteRows = 200

func (p *notes) name() string { return "notes" }

func (p *notes) observe(o observation, _ *scene) {
	if !turned(p.now, o.showing) {
		return
	}
	if p.now == nil || o.showing == nil || p.now.Script != o.showing.Script {
		p.away = false
	}
	p.now, p.top = o.showing, 0
	p.arrange()
	if p.now != nil && p.now.Steps == 0 {
		p.top = p.n
		p.clamp()
	}
}

// turned reports whether something else is shown.
func turned(was, is *script.Showing) bool {
	if was == nil || is == nil {
		return was != is
	}
	return was.Script != is.Script || was.Step != is.Step || was.Running != is.Running || was.Over != is.Over ||
		was.Text != is.Text || len(was.Ran) != len(is.Ran) || (was.Unmet == nil) != (is.Unmet == nil)
}

func (p *notes) resize(w, h int) {
	if p.w != w {
		p.w = w
		p.arrange()
	}
	p.page.resize(w, max(h-1, 0))
}

// arrange breaks what is shown into rows.
func (p *notes) arrange() {
	p.rows = p.rows[:0]
	if now := p.now; now != nil {
		if now.Asked != "" {
			p.add(canvas.Muted, "? ", now.Asked)
			p.add(canvas.Good, "✓ ", now.Answer)
		}
		p.addRan(now)
		if now.Question {
			p.add(canvas.Strong, "? ", now.Text)
		} else {
			p.add(canvas.Plain, "  ", now.Text)
		}
		if now.Over {
			p.addTries(now.Script)
		}
		if now.Over && len(now.Script.Tries) == 0 {
			p.addEnd(now)
		}
	}
	p.n = len(p.rows)
	p.clamp()
}

// addRan tells what is not as the script has it, and the way back. Of a script without texts it tells all lines.
func (p *notes) addRan(now *script.Showing) {
	failed := now.Unmet != nil
	for _, r := range now.Ran {
		switch {
		case r.Err != nil:
			p.add(canvas.Warning, "✗ ", r.Err.Error())
			failed = failed || !errors.Is(r.Err, context.Canceled)
		case now.Steps == 0: // there is nothing else to tell
			p.add(canvas.Muted, "› ", told(r.Line, r.Text))
		}
	}
	if now.Unmet != nil {
		p.add(canvas.Warning, "✗ ", now.Unmet.Error())
	}
	switch {
	case failed && now.Step > 1:
		p.add(canvas.Muted, "  ", offTrack+". Backspace goes back a step, the command lesson again begins anew.")
	case failed:
		p.add(canvas.Muted, "  ", offTrack+". The command lesson again begins anew.")
	}
	if now.Resumed {
		p.add(canvas.Muted, "  ", timeResumed)
	}
}

// What lessons say of what somebody did in between.
const (
	offTrack    = "The cluster is not as this script left it"
	timeResumed = "Time had been paused. It goes on."
)

// addEnd says of a script that suggests nothing that it is over. One without texts has not told what it is about.
func (p *notes) addEnd(now *script.Showing) {
	if now.Steps == 0 {
		p.add(canvas.Plain, "  ", now.Script.About)
	}
	p.add(canvas.Plain, "  ", "That was all.")
}

func (p *notes) addTries(s *script.Script) {
	if len(s.Tries) > 0 {
		p.add(canvas.Strong, "  ", "Now try:")
	}
	for _, text := range s.Tries {
		p.add(canvas.Plain, "  › ", text)
	}
}

// add puts a paragraph below the others.
func (p *notes) add(look canvas.Style, mark, text string) {
	if text == "" {
		return
	}
	if n := len(p.rows); n > 0 && !strings.ContainsAny(mark, "›✓") {
		p.rows = append(p.rows, entry{})
	}
	for _, line := range strings.Split(text, "\n") {
		for _, part := range canvas.Wrap(line, max(p.w-len("    ")-len([]rune(mark)), 10), mostNoteRows) {
			p.rows = append(p.rows, entry{look: look, text: mark + part})
			mark = strings.Repeat(" ", len([]rune(mark)))
		}
	}
}

// yieldToNotes gives the why line's row of a tiny screen to what a lesson tells.
func (l *layout) yieldToNotes(p *notes) {
	if l.compact && p.leads() && l.table.h < leastNotes+compactEnough {
		l.table.h += l.why.h
		l.why = rect{}
	}
}

// Rows of a screen that is too small for panes, while a lesson leads.
const (
	leastNotes    = 2 // of its text
	compactEnough = 4 // of servers, beside which the why line has its own
)

// wanted is how many rows the lesson's text should have where it shares them with the servers.
func (p *notes) wanted() int {
	if !p.leads() {
		return 0
	}
	return leastNotes
}

// script is what is played; nil if nothing is.
func (p *notes) script() *script.Script {
	if p.now == nil {
		return nil
	}
	return p.now.Script
}

// leads reports whether a script is played and space goes on in it.
func (p *notes) leads() bool { return p.now != nil && !p.away }

func (p *notes) busy() bool { return p.now != nil && p.now.Running != "" }

func (p *notes) status() string {
	if p.now == nil {
		return ""
	}
	step := "step " + count(min(p.now.Step, p.now.Steps)) + " of " + count(p.now.Steps)
	switch {
	case p.now.Over:
		step = "the end"
	case p.now.Steps == 0:
		step = "line " + count(len(p.now.Ran)+1) + " of " + count(len(p.now.Script.Steps[0].Lines))
	}
	text := step + "  " + p.now.Script.Heading()
	if seen := p.page.status(); seen != "" {
		text += "  " + seen
	}
	return text
}

func (p *notes) draw(b *canvas.Canvas, now *scene) {
	if p.now == nil {
		b.Next().Space(1).Put(canvas.Keycap, "L").Put(canvas.Plain, " lists the lessons, ").Put(canvas.Keycap, ":").Put(canvas.Plain, " open FILE plays a script")
		return
	}
	for i := p.top; i < len(p.rows) && b.Room() > 1; i++ {
		b.Next().Space(1).Put(p.rows[i].look, p.rows[i].text)
	}
	for b.Room() > 1 {
		b.Next()
	}
	p.drawWay(b.Next(), now)
}

// drawWay says how the script goes on.
func (p *notes) drawWay(b *canvas.Canvas, now *scene) {
	b.Space(3)
	key := func(name, does string) {
		if hintsWidth([]hint{{name, does}})-2 <= b.Left {
			b.Put(canvas.Keycap, name).Put(canvas.Muted, " "+does).Space(3)
		}
	}
	switch {
	case p.busy():
		if now.Paused {
			b.Put(canvas.Broken, "‖ time is paused  ")
			key("space", "resumes it")
		}
		room := b.Left - hintsWidth([]hint{{"esc", "cancels"}})
		b.Cell(canvas.Warning, "… "+p.now.Running, room, 0).Space(3)
		if !p.over {
			key("esc", "cancels")
		}
	case p.away:
		b.Put(canvas.Muted, "free play:  ")
		key("L", "returns to this step")
	default:
		key("space", p.coming())
		if p.now.Step > 1 {
			key("backspace", "a step back")
		}
		if !p.over {
			key("esc", "play freely")
		}
	}
}

// coming is what the step will do, in its own commands.
func (p *notes) coming() string {
	if p.now.Over {
		return "lists the lessons"
	}
	var does []string
	for _, l := range p.now.Script.Steps[p.now.Step].Lines {
		switch verb, _, _ := strings.Cut(l.Command.Name, " "); verb {
		case "expect", "wait", "mark":
		default:
			does = append(does, l.String())
		}
	}
	if len(does) == 0 {
		return "goes on"
	}
	return "goes on: " + shorterBy(strings.Join(does, ", "), max(p.w-len("   space goes on: "), 20))
}

// shorterBy cuts a text that only hints at something.
func shorterBy(text string, most int) string {
	if r := []rune(text); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return text
}

// lessonText is what the lesson tells now; "" if none leads.
func (p *notes) lessonText() string {
	switch now := p.now; {
	case !p.leads():
		return ""
	case now.Over && len(now.Script.Tries) == 0:
		return "That was all."
	case now.Over:
		return "Now try: " + strings.Join(now.Script.Tries, " ")
	default:
		return now.Text
	}
}
