package pane

import (
	"strings"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/canvas"

	"github.com/charmbracelet/x/ansi"
)

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
	head := " " + p.Heading() + " "
	if p.Now.Free {
		head = " free play: time goes by itself "
	}
	rows, hidden := p.fitting(b.H - 1)
	way := p.way(now)
	if hidden > 0 && !p.Now.Free {
		way = p.wayAndMore(way, hidden, b.W-ansi.StringWidth(head)-stripEdges)
	}
	head, width := p.headBeside(b, head, way)
	text, wayWidth := b.CutWords(way, ansi.StringWidth(way), max(b.W-width-stripEdges, 0))
	b.Next().Repeat(canvas.Faint, '─', 1).Put(canvas.Strong, head)
	b.Repeat(canvas.Faint, '─', max(b.Left-wayWidth-4, 1)).Put(canvas.Plain, " "+text+" ").Repeat(canvas.Faint, '─', b.Left)
	if !p.Now.Free {
		drawRows(b, rows)
	}
}

// stripEdges are the cells of the strip's heading beside its two texts: lines before, between and behind them, and blanks.
const stripEdges = 1 + 1 + 2 + 1

// wayAndMore says how the script goes on and how many rows of the text are hidden in so many cells; where there is no room for both,
// where they are.
func (p *Notes) wayAndMore(way string, hidden, room int) string {
	more := engine.Plural(hidden, "more row") + " in the pane notes"
	if both := way + " · " + more; ansi.StringWidth(both) <= room {
		return both
	}
	return more
}

// headBeside is the heading as far as the way on leaves room. What a step will do is only a hint: the beginning of it will do.
func (p *Notes) headBeside(b *canvas.Canvas, head, way string) (string, int) {
	const hint = 28
	head, width := b.Clean(head)
	room := b.W - ansi.StringWidth(way) - stripEdges
	if strings.HasPrefix(way, "space goes on: ") {
		room = max(room, b.W-hint-stripEdges)
	}
	least := ansi.StringWidth(p.place()) + 4
	if width <= room || least >= width {
		return head, width
	}
	head, width = b.Cut(head, width, max(room-1, least))
	return head + " ", width + 1
}

// Heading is which step of which lesson is shown; "" if none leads.
func (p *Notes) Heading() string {
	if !p.Leads() {
		return ""
	}
	return p.place() + "  " + p.Now.Script.Heading()
}

// fitting are the rows of the text for which there is room in h, and how many are left out. After a step its text, which was
// read, makes room first: of a question its end stays, which the answer answers.
func (p *Notes) fitting(h int) (rows []Entry, hidden int) {
	rows, hidden = p.Rows, max(len(p.Rows)-h, 0)
	switch {
	case hidden == 0:
	case p.after == 0:
		rows = rows[:h]
	case p.Now.Shown().Question:
		rows = append(p.questionIn(h-(len(rows)-p.after)), rows[p.after:]...)
		rows = rows[:min(len(rows), h)]
	default:
		rows = rows[hidden:]
	}
	return rows, hidden
}

// questionIn is the question of the step that is shown, in at most so many rows, or else its last sentence. It begins where a
// sentence or a part of one does, as early as there is room: what the question is about stands before it.
func (p *Notes) questionIn(rows int) []Entry {
	text := strings.TrimSpace(p.Now.Text())
	last := strings.LastIndexAny(strings.TrimRight(text, ".?!"), ".?!") + 1
	all := p.Rows
	defer func() { p.Rows = all }()
	mark := "? "
	for from := 0; ; mark = "? … " {
		p.Rows = nil
		p.add(canvas.Strong, mark, strings.TrimSpace(text[from:]))
		next := strings.IndexAny(text[from:], ".?!:;,") + 1
		if len(p.Rows) <= rows || from >= last || next == 0 {
			return p.Rows
		}
		from += next
	}
}

// way says in a few words how the script goes on.
func (p *Notes) way(now *Index) string {
	switch {
	case p.Busy() && now.Paused:
		return "‖ time is paused: space resumes it"
	case p.Busy():
		return "… " + p.Now.Running
	case p.Now.Free && p.Now.Played && p.Now.Shown().Question:
		return "L returns to " + p.place() + " and its answer"
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
		b.Cell(canvas.Warning, b.UnderWay()+p.Now.Running, room, 0).Space(3)
		if !p.Over {
			key("esc", "cancels")
		}
	case p.Now.Free:
		b.Put(canvas.Muted, "free play: time goes by itself  ")
		key("L", "returns to this step as it was")
	default:
		if len(p.Now.Choices()) > 0 {
			key(p.choiceKeys(), "answers")
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
