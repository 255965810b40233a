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
