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

// headBeside is the heading as far as the way on leaves room.
func (p *Notes) headBeside(b *canvas.Canvas, head, way string) (string, int) {
	head, width := b.Clean(head)
	room := b.W - ansi.StringWidth(way) - stripEdges
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
		return "… " + p.running()
	case p.Now.Free && p.Now.Played && p.Now.Shown().Question:
		return "L returns to " + p.place() + " and its answer"
	case p.Now.Free && p.Now.Over && len(p.Now.Script.Tries) > 0:
		return "pane notes: what to try · L returns"
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
		b.Cell(canvas.Warning, b.UnderWay()+p.running(), room, 0).Space(3)
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

// mostRunning is how many cells the line that runs may have in a heading.
const mostRunning = 20

// running says what is under way: the line that runs, or its verb if it is long. What a lesson waits for to see is no command that
// anybody would give, and would tell how it ends. Of a script without texts there are only lines to tell.
func (p *Notes) running() string {
	line := p.Now.Running
	words := strings.Fields(line)
	switch {
	case p.Now.Steps == 0 || len(words) == 0:
		return line
	case len(words) > 2 && words[0] == "expect" && words[1] == "view" && words[2] != "any":
		return "waits for view " + words[2]
	case words[0] == "expect", words[0] == "wait":
		return "goes on"
	case ansi.StringWidth(line) > mostRunning:
		return words[0]
	}
	return line
}

// coming is what space does.
func (p *Notes) coming() string {
	if p.Now.Over {
		return "lists the lessons"
	}
	return "goes on"
}
