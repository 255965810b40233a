package pane

import (
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/canvas"

	"github.com/charmbracelet/x/ansi"
)

// frame is how the border of a box is drawn.
type frame struct {
	look                                                                 canvas.Style
	across, down, leftUpper, rightUpper, leftLower, rightLower, leftHead rune
}

func frameOf(a *actor) frame {
	f := frame{canvas.Muted, '─', '│', '┌', '┐', '└', '┘', '─'}
	switch {
	case a.selected:
		f = frame{canvas.Selected, '═', '║', '╔', '╗', '╚', '╝', '▸'}
	case a.pointed:
		f.look, f.leftHead = canvas.Selected, '»'
	case a.frozen:
		f.look = canvas.Frozen
	case a.dead:
		f = frame{canvas.Muted, '·', '·', '·', '·', '·', '·', '·'}
	}
	if a.selected && a.pointed {
		f.leftHead = '»'
	}
	return f
}

// drawBox draws an actor, with what there is room for.
func (p *plan) drawBox(s *sheet, b *placed) {
	if b.h < 3 || !p.bordered {
		p.drawPlain(s, b)
		return
	}
	f := frameOf(b.actor)
	for _, y := range []int{b.y, b.y + b.h - 1} {
		s.fill(b.x, y, b.w, f.look, f.across)
	}
	for y := b.y + 1; y < b.y+b.h-1; y++ {
		s.set(b.x, y, f.look.Glyph(f.down))
		s.set(b.x+b.w-1, y, f.look.Glyph(f.down))
	}
	s.set(b.x, b.y, f.look.Glyph(f.leftUpper))
	s.set(b.x+b.w-1, b.y, f.look.Glyph(f.rightUpper))
	s.set(b.x, b.y+b.h-1, f.look.Glyph(f.leftLower))
	s.set(b.x+b.w-1, b.y+b.h-1, f.look.Glyph(f.rightLower))
	s.set(b.x+1, b.y, f.look.Glyph(f.leftHead))
	s.set(b.x+2+s.spans(b.x+2, b.y, b.w-4, b.headIn(b.w-4)), b.y, canvas.Plain.Glyph(' '))
	b.drawInside(s)
}

// headIn is as much of an actor's name and role as fits into w cells.
func (a *actor) headIn(w int) []canvas.Span {
	for _, head := range [][]canvas.Span{a.head, a.short} {
		if canvas.SpansWidth(head) <= w {
			return head
		}
	}
	return a.short[:1]
}

// linesIn are an actor's lines in w cells.
func (a *actor) linesIn(w int) [][]canvas.Span {
	if a.cuts == nil {
		return a.lines
	}
	return append([][]canvas.Span{{a.cuts(w)}}, a.lines[1:]...)
}

// drawInside fills the box with the lines for which there is room: how it fares, its age, its transfer, then the others.
func (b *placed) drawInside(s *sheet) {
	x, y, w, left := b.x+1, b.y+1, b.w-2, b.h-2
	lines := b.linesIn(w)
	row := func(draw func(y int)) {
		if left > 0 {
			draw(y)
			y++
			left--
		}
	}
	line := func() {
		if len(lines) > 0 {
			first := lines[0]
			lines = lines[1:]
			row(func(y int) { s.spans(x, y, w, first) })
		}
	}
	if b.fill >= 0 {
		row(func(y int) { b.drawFill(s, x, y, w) })
	}
	if b.age != nil && left == 1 && len(lines) > 0 && (b.dead || b.frozen) {
		line() // that it does not run matters more than how long
		return
	}
	if b.age != nil {
		row(func(y int) { b.drawAge(s, x, y, w) })
	}
	for left > 0 && len(lines) > 0 {
		line()
	}
	sentence := s.Wrap(b.says.Text, w, left+1)
	if len(sentence) > left {
		return // a part of it would tell nothing
	}
	for _, part := range sentence {
		row(func(y int) { s.text(x, y, w, b.says.Style, part) })
	}
}

// drawAge draws how long a server was not heard, as a bar that fills towards dead, and its pulse.
func (b *placed) drawAge(s *sheet, x, y, w int) {
	text := ansi.StringWidth(b.age.Text)
	if text > w-1 {
		s.length(x, y, w, b.age.Look, b.age.Full)
		return
	}
	bar := max(w-text-2, 0)
	s.length(x, y, bar, b.age.Look, b.age.Full)
	s.text(x+w-1-text, y, text, b.age.Look, b.age.Text)
	if b.age.Beats {
		s.set(x+w-1, y, canvas.Muted.Glyph('●'))
	}
}

// drawFill draws how much of a transfer has come.
func (b *placed) drawFill(s *sheet, x, y, w int) {
	full := int(float64(w) * b.fill)
	text := engine.Count(int(100*b.fill)) + "% copied"
	s.fill(x, y, full, canvas.Backup, '█')
	s.fill(x+full, y, w-full, canvas.Faint, '░')
	if n := len(text); n < w-2 {
		s.text(x+(w-n)/2, y, n, canvas.Backup, text)
	}
}

// drawPlain draws an actor in one row.
func (p *plan) drawPlain(s *sheet, b *placed) {
	x, left := b.x, b.w
	mark, look := " ", canvas.Plain
	if b.selected {
		mark, look = "▸", canvas.Selected
	} else if b.pointed {
		mark, look = "»", canvas.Selected
	}
	n := s.text(x, b.y, 1, look, mark)
	n += s.spans(x+n, b.y, left-n, b.headIn(left-n))
	if len(b.lines) > 0 && left-n > 4 && (b.below || b.dead || b.frozen) {
		s.spans(x+n+1, b.y, left-n-2, b.linesIn(left - n - 2)[0])
	}
}
