package pane

import (
	"context"
	"errors"
	"strings"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/canvas"
	"cluster/splitbrain/tui/script"

	"github.com/charmbracelet/x/ansi"
)

// Notes shows the lesson or script that is played: what is told at this step, and how it goes on.
type Notes struct {
	page
	w    int
	Now  *script.PlayerState // nil while nothing is played
	Away bool                // somebody plays freely, the lesson waits
	Over bool                // something is open that esc closes first
	Rows []Entry
}

// NewNotes makes the pane, in which nothing is played.
func NewNotes() *Notes { return &Notes{} }

const (
	leastNoteRows = 2   // of a lesson's text, on a screen that is too small for panes
	mostNoteRows  = 200 // of one paragraph
)

func (p *Notes) Name() string { return "notes" }

func (p *Notes) Observe(o Observation, _ *Index) {
	if !Turned(p.Now, o.Showing) {
		return
	}
	if p.Now == nil || o.Showing == nil || p.Now.Script != o.Showing.Script {
		p.Away = false
	}
	p.Now, p.top = o.Showing, 0
	p.arrange()
	if p.Now != nil && p.Now.Steps == 0 {
		p.top = p.n
		p.clamp()
	}
}

// Turned reports whether something else is shown.
func Turned(was, is *script.PlayerState) bool {
	if was == nil || is == nil {
		return was != is
	}
	return was.Script != is.Script || was.Step != is.Step || was.Running != is.Running || was.Over != is.Over ||
		was.Text != is.Text || len(was.Ran) != len(is.Ran) || (was.Unmet == nil) != (is.Unmet == nil)
}

func (p *Notes) Resize(w, h int) {
	if p.w != w {
		p.w = w
		p.arrange()
	}
	p.page.Resize(w, max(h-1, 0))
}

// arrange breaks what is shown into rows.
func (p *Notes) arrange() {
	p.Rows = p.Rows[:0]
	if now := p.Now; now != nil {
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
	p.n = len(p.Rows)
	p.clamp()
}

// addRan tells what is not as the script has it, and the way back. Of a script without texts it tells all lines.
func (p *Notes) addRan(now *script.PlayerState) {
	failed := now.Unmet != nil
	for _, r := range now.Ran {
		switch {
		case r.Err != nil:
			p.add(canvas.Warning, "✗ ", r.Err.Error())
			failed = failed || !errors.Is(r.Err, context.Canceled)
		case now.Steps == 0: // there is nothing else to tell
			p.add(canvas.Muted, "› ", Told(r.Line, r.Text))
		}
	}
	if now.Unmet != nil {
		p.add(canvas.Warning, "✗ ", now.Unmet.Error())
	}
	switch {
	case failed && now.Step > 1:
		p.add(canvas.Muted, "  ", OffTrack+". Backspace goes back a step, the command lesson again begins anew.")
	case failed:
		p.add(canvas.Muted, "  ", OffTrack+". The command lesson again begins anew.")
	}
	if now.Resumed {
		p.add(canvas.Muted, "  ", TimeResumed)
	}
}

// What lessons say of what somebody did in between.
const (
	OffTrack    = "The cluster is not as this script left it"
	TimeResumed = "Time had been paused. It goes on."
)

// addEnd says of a script that suggests nothing that it is over. One without texts has not told what it is about.
func (p *Notes) addEnd(now *script.PlayerState) {
	if now.Steps == 0 {
		p.add(canvas.Plain, "  ", now.Script.About)
	}
	p.add(canvas.Plain, "  ", "That was all.")
}

func (p *Notes) addTries(s *script.Script) {
	if len(s.Tries) > 0 {
		p.add(canvas.Strong, "  ", "Now try:")
	}
	for _, text := range s.Tries {
		p.add(canvas.Plain, "  › ", text)
	}
}

// add puts a paragraph below the others.
func (p *Notes) add(look canvas.Style, mark, text string) {
	if text == "" {
		return
	}
	if n := len(p.Rows); n > 0 && !strings.ContainsAny(mark, "›✓") {
		p.Rows = append(p.Rows, Entry{})
	}
	for _, line := range strings.Split(text, "\n") {
		for _, part := range canvas.Wrap(line, max(p.w-len("    ")-len([]rune(mark)), 10), mostNoteRows) {
			p.Rows = append(p.Rows, Entry{Style: look, Text: mark + part})
			mark = strings.Repeat(" ", len([]rune(mark)))
		}
	}
}

// Wanted is how many rows the lesson's text should have where it shares them with the servers.
func (p *Notes) Wanted() int {
	if !p.Leads() {
		return 0
	}
	return leastNoteRows
}

// Script is what is played; nil if nothing is.
func (p *Notes) Script() *script.Script {
	if p.Now == nil {
		return nil
	}
	return p.Now.Script
}

// Leads reports whether a script is played and space goes on in it.
func (p *Notes) Leads() bool { return p.Now != nil && !p.Away }

// Busy reports whether a step is being carried out.
func (p *Notes) Busy() bool { return p.Now != nil && p.Now.Running != "" }

func (p *Notes) Status() string {
	if p.Now == nil {
		return ""
	}
	step := "step " + engine.Count(min(p.Now.Step, p.Now.Steps)) + " of " + engine.Count(p.Now.Steps)
	switch {
	case p.Now.Over:
		step = "the end"
	case p.Now.Steps == 0:
		step = "line " + engine.Count(len(p.Now.Ran)+1) + " of " + engine.Count(len(p.Now.Script.Steps[0].Lines))
	}
	text := step + "  " + p.Now.Script.Heading()
	if seen := p.page.Status(); seen != "" {
		text += "  " + seen
	}
	return text
}

func (p *Notes) Draw(b *canvas.Canvas, now *Index) {
	if p.Now == nil {
		b.Next().Space(1).Put(canvas.Keycap, "L").Put(canvas.Plain, " lists the lessons, ").Put(canvas.Keycap, ":").Put(canvas.Plain, " open FILE plays a script")
		return
	}
	for i := p.top; i < len(p.Rows) && b.Room() > 1; i++ {
		b.Next().Space(1).Put(p.Rows[i].Style, p.Rows[i].Text)
	}
	for b.Room() > 1 {
		b.Next()
	}
	p.drawWay(b.Next(), now)
}

// drawWay says how the script goes on.
func (p *Notes) drawWay(b *canvas.Canvas, now *Index) {
	b.Space(3)
	key := func(name, does string) {
		if ansi.StringWidth(name+" "+does) <= b.Left {
			b.Put(canvas.Keycap, name).Put(canvas.Muted, " "+does).Space(3)
		}
	}
	switch {
	case p.Busy():
		if now.Paused {
			b.Put(canvas.Broken, "‖ time is paused  ")
			key("space", "resumes it")
		}
		room := b.Left - len(" esc cancels ")
		b.Cell(canvas.Warning, "… "+p.Now.Running, room, 0).Space(3)
		if !p.Over {
			key("esc", "cancels")
		}
	case p.Away:
		b.Put(canvas.Muted, "free play:  ")
		key("L", "returns to this step")
	default:
		key("space", p.coming())
		if p.Now.Step > 1 {
			key("backspace", "a step back")
		}
		if !p.Over {
			key("esc", "play freely")
		}
	}
}

// coming is what the step will do, in its own commands.
func (p *Notes) coming() string {
	if p.Now.Over {
		return "lists the lessons"
	}
	var does []string
	for _, l := range p.Now.Script.Steps[p.Now.Step].Lines {
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

// LessonText is what the lesson tells now; "" if none leads.
func (p *Notes) LessonText() string {
	switch now := p.Now; {
	case !p.Leads():
		return ""
	case now.Over && len(now.Script.Tries) == 0:
		return "That was all."
	case now.Over:
		return "Now try: " + strings.Join(now.Script.Tries, " ")
	default:
		return now.Text
	}
}

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
