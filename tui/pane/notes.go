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
	Rows []Entry

	choices []choiceAt // where the choices of a question stand
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
	p.Rows, p.choices = p.Rows[:0], p.choices[:0]
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
	if now.Played && step.Question {
		p.addAnswer(now)
	}
	if now.Played {
		p.add(canvas.Strong, "› ", step.Then)
	}
}

// addAnswer says what the reader has said, what is right, and why.
func (p *Notes) addAnswer(now *script.PlayerState) {
	right := now.Asks().Explained()
	switch said, ok := now.Predicted(); {
	case ok && said.OK():
		p.add(canvas.Good, "✓ ", "You are right: "+right)
	case ok:
		p.add(canvas.Warning, "✗ ", "You said: "+said.Said+". Right is: "+right)
	default:
		p.add(canvas.Good, "✓ ", right)
	}
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
	if right, of := now.Score(); of > 0 {
		p.add(canvas.Good, "  ", sentence(script.ScoreWords(right, of)))
	}
	tries := now.Script.Tries
	if len(tries) > 0 {
		p.add(canvas.Strong, "  ", "Now try:")
	}
	for _, text := range tries {
		p.add(canvas.Plain, "  › ", text)
	}
	if len(tries) > 0 {
		p.add(canvas.Muted, "  ", now.Unkept)
		return
	}
	if now.Steps == 0 {
		p.add(canvas.Plain, "  ", now.Script.About)
	}
	p.add(canvas.Plain, "  ", "That was all.")
	p.add(canvas.Muted, "› ", now.Unkept)
}

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
	p.drawText(b, p.top, b.H-1)
	for b.Room() > 1 {
		b.Next()
	}
	p.drawWay(b.Next(), now)
}

func (p *Notes) drawText(b *canvas.Canvas, from, rows int) {
	for i := from; i < min(len(p.Rows), from+rows); i++ {
		b.Next().Space(1).Put(p.Rows[i].Style, p.Rows[i].Text)
	}
}

// StripRows is how many rows the strip above a pane wants that w cells wide has all of the text: none where nothing is told.
func (p *Notes) StripRows(w int) int {
	switch {
	case !p.Tells():
		return 0
	case p.Now.Free:
		return 1
	}
	p.Resize(w, p.h+1)
	return 1 + len(p.Rows)
}

// DrawStrip draws a heading with the way on, and below it the text.
func (p *Notes) DrawStrip(b *canvas.Canvas, now *Index) {
	head := " " + p.place() + "  " + p.Now.Script.Heading() + " "
	if p.Now.Free {
		head = " free play: time goes by itself "
	}
	hidden, from := max(len(p.Rows)-(b.H-1), 0), 0
	if p.Now.Played { // what stands before was read
		from = hidden
	}
	head, width := b.Clean(head)
	b.Next().Repeat(canvas.Faint, '─', 1).Put(canvas.Strong, head)
	way := p.way(now)
	if hidden > 0 && !p.Now.Free {
		way = Plural(hidden, "more row") + " in the pane notes"
	}
	text, wayWidth := b.Cut(way, ansi.StringWidth(way), max(b.W-width-8, 0))
	b.Repeat(canvas.Faint, '─', max(b.Left-wayWidth-4, 1)).Put(canvas.Plain, " "+text+" ").Repeat(canvas.Faint, '─', b.Left)
	if !p.Now.Free {
		p.drawText(b, from, b.H-1)
	}
}

// way says in a few words how the script goes on.
func (p *Notes) way(now *Index) string {
	switch {
	case p.Busy() && now.Paused:
		return "‖ time is paused: space resumes it"
	case p.Busy():
		return "… " + p.Now.Running
	case p.Now.Free:
		return "L returns to " + p.place() + " as it was"
	case len(p.Now.Choices()) > 0:
		return "space skips the question"
	}
	return "space " + p.coming()
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
	case p.Now.Free:
		b.Put(canvas.Muted, "free play: time goes by itself  ")
		key("L", "returns to this step as it was")
	default:
		if len(p.Now.Choices()) > 0 {
			key("1-"+engine.Count(len(p.Now.Choices())), "answers")
			key("space", "skips")
		} else {
			key("space", p.coming())
		}
		if p.Now.Step > 1 || p.Now.Played {
			key("backspace", "a step back")
		}
		if !p.Over {
			key("esc", "play freely")
		}
	}
}

// coming is what the step will do, in its own commands.
func (p *Notes) coming() string {
	switch {
	case p.Now.Over:
		return "lists the lessons"
	case p.Now.Played:
		return "goes on"
	}
	step := p.Now.Shown()
	if step == nil { // it begins
		return "goes on"
	}
	var does []string
	for _, l := range step.Lines {
		switch verb, _, _ := strings.Cut(l.Command.Name, " "); verb {
		case "expect", "wait", "mark", "note", "ask", "then", "look", "pace":
		default:
			does = append(does, l.String())
		}
	}
	if len(does) == 0 || p.Now.Open {
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
	case now.Played:
		return now.Shown().After()
	default:
		text := now.Text()
		for i, choice := range now.Choices() {
			text += "  " + engine.Count(i+1) + " " + choice
		}
		return text
	}
}

// sentence begins with a capital and ends with a full stop.
func sentence(words string) string { return strings.ToUpper(words[:1]) + words[1:] + "." }

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
			Works: func(Place) (string, bool) { return "", p.Leads() && !p.Busy() && i < len(p.Now.Choices()) },
			Do:    func(Place) Wish { return Command("answer " + engine.Count(i+1)) },
		}
	}
	all[0].Shown, all[0].Name, all[0].Help = "1-4", "answer", "in a lesson: answer the question that is open"
	all[0].Urgent = func(Place) bool { return true }
	return all
}

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

// Waits reports whether a lesson waits while somebody plays freely.
func (p *Notes) Waits() bool { return p.Now != nil && p.Now.Free }

// Resume returns to the lesson that waits, or wishes for the list of all.
func (p *Notes) Resume() Wish {
	if !p.Waits() {
		return Wish{Lessons: true}
	}
	return Wish{Line: "lesson resume"}
}
