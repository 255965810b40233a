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
	Over bool                // something is open that esc closes first
	Left bool                // free play was asked for, and is not seen yet
	Rows []Entry

	choices []choiceAt // where the choices of a question stand
	after   int        // the first row of what is told after a step; 0: nothing is yet
}

// choiceAt is a place among the rows that chooses an answer.
type choiceAt struct{ row, from, to, number int }

// NewNotes makes the pane, in which nothing is played.
func NewNotes() *Notes { return &Notes{} }

const (
	leastNoteRows = 2   // of a lesson's text, on a screen that is too small for panes
	mostNoteRows  = 200 // of one paragraph
)

func (p *Notes) Name() string { return "notes" }

func (p *Notes) Observe(o Observation, _ *Index) {
	p.Left = p.Left && o.Showing != nil && !o.Showing.Free && p.Now != nil && p.Now.Script == o.Showing.Script
	if !Turned(p.Now, o.Showing) {
		p.Now = o.Showing
		return
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
	return was.Script != is.Script || was.Step != is.Step || was.Played != is.Played || was.Open != is.Open ||
		was.Running != is.Running || was.Free != is.Free || len(was.Ran) != len(is.Ran)
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
	p.Rows, p.choices, p.after = p.Rows[:0], p.choices[:0], 0
	if now := p.Now; now != nil {
		p.addStep(now)
		p.addRan(now)
		if now.Over {
			p.addEnd(now)
		}
	}
	p.n = len(p.Rows)
	p.clamp()
}

// addStep tells what stands before a step, and what is told after it once that has been seen.
func (p *Notes) addStep(now *script.PlayerState) {
	step := now.Shown()
	switch {
	case step == nil:
		return
	case step.Question:
		p.add(canvas.Strong, "? ", step.Text)
	default:
		p.add(canvas.Plain, "  ", step.Text)
	}
	if now.Open {
		p.addChoices(now.Choices())
	}
	if now.Played {
		p.after = len(p.Rows)
		p.add(answered(now))
		p.add(canvas.Strong, "› ", step.Then)
	}
}

// answered says what the reader has said, what is right, and why; nothing of a step that asks nothing.
func answered(now *script.PlayerState) (look canvas.Style, mark, text string) {
	if !now.Shown().Question {
		return canvas.Plain, "", ""
	}
	right := now.Asks().Explained()
	switch said, ok := now.Predicted(); {
	case ok && said.OK():
		return canvas.Good, "✓ ", "You are right: " + right
	case ok:
		return canvas.Warning, "✗ ", "You said: " + said.Said + ". Right is: " + right
	}
	return canvas.Good, "› ", "The answer is: " + right
}

// addChoices offers the answers to a question: in one row, or each in a row of its own.
func (p *Notes) addChoices(all []string) {
	const gap = "    "
	var texts []string
	for i, choice := range all {
		texts = append(texts, engine.Count(i+1)+" "+choice)
	}
	row := strings.Join(texts, gap)
	if whole := ansi.StringWidth(row) <= p.w-len("   "); !whole {
		for i, text := range texts {
			p.choices = append(p.choices, choiceAt{len(p.Rows), 0, p.w, i + 1})
			p.add(canvas.Strong, "› ", text)
		}
		return
	}
	from := 2
	for i, text := range texts {
		to := from + ansi.StringWidth(text+gap)
		p.choices = append(p.choices, choiceAt{len(p.Rows), from, to, i + 1})
		from = to
	}
	if len(all) > 0 {
		p.add(canvas.Strong, "› ", row)
	}
}

// addRan tells what is not as the script has it, and the way back. Of a script without texts it tells all lines.
func (p *Notes) addRan(now *script.PlayerState) {
	failed := false
	for _, r := range now.Ran {
		switch {
		case r.Err != nil:
			p.add(canvas.Warning, "✗ ", r.Err.Error())
			failed = failed || !errors.Is(r.Err, context.Canceled)
		case now.Steps == 0: // there is nothing else to tell
			p.add(canvas.Muted, "› ", Told(r.Line, r.Text))
		}
	}
	switch {
	case failed && now.Step > 1:
		p.add(canvas.Muted, "  ", OffTrack+". Backspace goes back a step, the command lesson again begins anew.")
	case failed:
		p.add(canvas.Muted, "  ", OffTrack+". The command lesson again begins anew.")
	}
}

// OffTrack is what lessons say of a step that failed.
const OffTrack = "The cluster is not as this script left it"

// addEnd says how the reader fared, and what can be tried. Of a script that suggests nothing it says that it is over, and
// of one without texts what it was about.
func (p *Notes) addEnd(now *script.PlayerState) {
	p.add(canvas.Good, "  ", now.Score().String())
	tries := now.Script.Tries
	if len(tries) > 0 {
		p.add(canvas.Strong, "  ", "Now try:")
	}
	for _, text := range tries {
		p.add(canvas.Plain, "  › ", text)
	}
	if len(tries) > 0 {
		p.add(canvas.Muted, "  ", TakeHome)
		p.add(canvas.Muted, "  ", now.Unkept)
		return
	}
	if now.Steps == 0 {
		p.add(canvas.Plain, "  ", now.Script.About)
	}
	p.add(canvas.Plain, "  ", "That was all.")
	p.add(canvas.Muted, "› ", now.Unkept)
}

// TakeHome is what the end of a lesson offers.
const TakeHome = "To take home: export page.html keeps this lesson, and what you predicted."

// add puts a paragraph below the others.
func (p *Notes) add(look canvas.Style, mark, text string) {
	if text == "" {
		return
	}
	if n := len(p.Rows); n > 0 && !strings.ContainsAny(mark, "›✓✗") {
		p.Rows = append(p.Rows, Entry{})
	}
	for _, line := range strings.Split(text, "\n") {
		for _, part := range canvas.Wrap(line, max(p.w-2-len([]rune(mark)), 10), mostNoteRows) {
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
func (p *Notes) Leads() bool { return p.Now != nil && !p.Now.Free }

// Tells reports whether a script with texts has come to the first of them.
func (p *Notes) Tells() bool { return p.Now != nil && p.Now.Steps > 0 && p.Now.Step > 0 }

// Busy reports whether a step is being carried out.
func (p *Notes) Busy() bool { return p.Now != nil && p.Now.Running != "" }

func (p *Notes) Status() string {
	if p.Now == nil {
		return ""
	}
	text := p.place() + "  " + p.Now.Script.Heading()
	if seen := p.page.Status(); seen != "" {
		text += "  " + seen
	}
	return text
}

// place is the step that is shown, of all.
func (p *Notes) place() string {
	switch now := p.Now; {
	case now.Over:
		return "the end"
	case now.Steps == 0:
		return "line " + engine.Count(len(now.Ran)+1) + " of " + engine.Count(len(now.Script.Steps[0].Lines))
	default:
		return "step " + engine.Count(min(now.Step, now.Steps)) + " of " + engine.Count(now.Steps)
	}
}

func (p *Notes) Draw(b *canvas.Canvas, now *Index) {
	if p.Now == nil {
		b.Next().Space(1).Put(canvas.Keycap, "L").Put(canvas.Plain, " lists the lessons, ").Put(canvas.Keycap, ":").Put(canvas.Plain, " open FILE plays a script")
		return
	}
	drawRows(b, p.Rows[p.top:min(p.top+max(b.H-1, 0), len(p.Rows))])
	for b.Room() > 1 {
		b.Next()
	}
	p.drawWay(b.Next(), now)
}

func drawRows(b *canvas.Canvas, rows []Entry) {
	for _, r := range rows {
		b.Next().Space(1).Put(r.Style, r.Text)
	}
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
	case now.Played:
		_, mark, answer := answered(now)
		return strings.Trim(mark+answer+"\n"+now.Shown().Then, "\n")
	default:
		text := now.Text()
		for i, choice := range now.Choices() {
			text += "\n" + engine.Count(i+1) + " " + choice
		}
		return text
	}
}
