package pane

import (
	"strings"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/canvas"

	"github.com/charmbracelet/x/ansi"
)

// draw draws a scene in its places at a moment.
func (p *plan) draw(k *canvas.Styles, now time.Duration) *sheet {
	s := newSheet(k, p.w, p.h)
	if p.lampRows > 0 {
		p.drawLamp(s)
	}
	for i := range p.boxes {
		p.drawBox(s, &p.boxes[i])
	}
	for i := range p.wires {
		p.wires[i].drawLine(s)
	}
	p.drawParted(s)
	for i := range p.wires {
		p.wires[i].drawTraffic(s, now)
	}
	for i := range p.wires {
		p.wires[i].tell(s, now)
	}
	if p.more > 0 {
		y := p.gap + p.lane
		s.text(p.w-5, y, 5, canvas.Muted, "+"+engine.Count(p.more))
	}
	return s
}

func (p *plan) drawLamp(s *sheet) {
	x := 1 + s.text(1, 0, p.w-1, p.lamp.Look, "■ "+p.lamp.Word)
	s.text(x+2, 0, p.w-x-2, canvas.Plain, p.lamp.Text)
}

// drawParted draws the wall between the groups of a partition.
func (p *plan) drawParted(s *sheet) {
	if p.words < 0 {
		return
	}
	text := " ⊘ parted: " + strings.Join(p.parted, "  |  ") + " "
	n := min(ansi.StringWidth(text), p.w)
	s.fill(0, p.words, p.w, canvas.Broken, '·')
	s.text((p.w-n)/2, p.words, p.w, canvas.Broken, text)
}

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
	head := b.head
	if canvas.SpansWidth(head) > b.w-4 {
		head = b.short
	}
	s.set(b.x+2+s.spans(b.x+2, b.y, b.w-4, head), b.y, canvas.Plain.Glyph(' '))
	b.drawInside(s)
}

// drawInside fills the box with the lines for which there is room: how it fares, its age, its transfer, then the others.
func (b *placed) drawInside(s *sheet) {
	x, y, w, left := b.x+1, b.y+1, b.w-2, b.h-2
	lines := b.lines
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
	text := ansi.StringWidth(b.age.text)
	if text > w-1 {
		s.length(x, y, w, b.age.look, b.age.full)
		return
	}
	bar := max(w-text-2, 0)
	s.length(x, y, bar, b.age.look, b.age.full)
	s.text(x+w-1-text, y, text, b.age.look, b.age.text)
	if b.age.beats {
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
	head := b.head
	if canvas.SpansWidth(head)+n > left {
		head = b.short
	}
	n += s.spans(x+n, b.y, left-n-1, head)
	if len(b.lines) > 0 && left-n > 4 && (b.below || b.dead || b.frozen) {
		s.spans(x+n+1, b.y, left-n-2, b.lines[0])
	}
}

// drawLine draws the way of a wire: with a gap where it is cut, and the mark of what is done to it.
func (r *route) drawLine(s *sheet) {
	look := canvas.Faint
	mark, _ := r.sign()
	switch {
	case mark != "":
		look = canvas.Broken
	case r.weight >= weighsLoss:
		look = canvas.Plain
	}
	for i, at := range r.path {
		s.set(at.x, at.y, look.Glyph(r.bend(s, i)))
	}
	if mark == "" {
		return
	}
	mid := r.middle()
	there, back := r.cutWays()
	if there || back {
		for d := -2; d <= 2; d++ {
			if i := mid + d; i > 0 && i < len(r.path)-1 && (r.path[i].y == r.row && i > r.from && i < r.to || d == 0) {
				s.set(r.path[i].x, r.path[i].y, canvas.Plain.Glyph(' '))
			}
		}
	}
	at := r.path[mid]
	s.text(at.x, at.y, 1, canvas.Broken, mark)
}

// middle is where on its path a wire has its mark.
func (r *route) middle() int {
	if r.to-r.from >= 2 {
		return (r.from + r.to) / 2
	}
	return len(r.path) / 2
}

// bend is the sign of one cell of a path, by where it comes from and leads to.
func (r *route) bend(s *sheet, i int) rune {
	at := r.path[i]
	var left, right, up, down bool
	look := func(o point) {
		left, right = left || o.x < at.x, right || o.x > at.x
		up, down = up || o.y < at.y, down || o.y > at.y
	}
	if i > 0 {
		look(r.path[i-1])
	} else {
		up = true
	}
	switch {
	case i < len(r.path)-1:
		look(r.path[i+1])
	case i > 0 && r.path[i-1].y > at.y, i == r.to && !r.below():
		up = true
	default:
		down = true
	}
	if !s.blank(at.x, at.y) {
		return '┼'
	}
	switch {
	case left && right:
		return '─'
	case up && right:
		return '└'
	case up && left:
		return '┘'
	case down && right:
		return '┌'
	case down && left:
		return '┐'
	}
	return '│'
}

// below reports whether the wire leads to a client.
func (r *route) below() bool { return isClient(r.b) }

// drawTraffic draws the messages of a wire.
func (r *route) drawTraffic(s *sheet, now time.Duration) {
	waiting := map[string]int{}
	for _, f := range r.flights {
		if i, sign, look := r.place(f, now, waiting); sign != 0 {
			s.set(r.path[i].x, r.path[i].y, look.Glyph(sign))
		}
	}
}

// tell says in words what matters most on a wire. No words cover the message that they are about.
func (r *route) tell(s *sheet, now time.Duration) {
	words, look, about := r.says()
	mark, _ := r.sign()
	if about == nil {
		r.drawWords(s, words, look, nil, -1, mark != "")
		return
	}
	at, sign, style := r.place(about, now, map[string]int{})
	r.drawWords(s, words, look, about, at, mark != "" || about.course == lost)
	if sign != 0 {
		s.set(r.path[at].x, r.path[at].y, style.Glyph(sign))
	}
}

// place is where on the path a message is, and its sign; 0 if there is none.
func (r *route) place(f *flight, now time.Duration, waiting map[string]int) (i int, sign rune, look canvas.Style) {
	last := len(r.path) - 1
	way := func(done float64) int {
		if f.from == r.a {
			return int(done*float64(last) + 0.5)
		}
		return last - int(done*float64(last)+0.5)
	}
	switch f.course {
	case held: // they queue up before the middle
		back := 2 + waiting[f.from]
		waiting[f.from]++
		if f.from == r.a {
			return max(r.middle()-back, 0), '●', canvas.Broken
		}
		return min(r.middle()+back, last), '●', canvas.Broken
	case queued:
		return way(1), '●', canvas.Frozen
	case lost:
		return r.middle(), '✗', canvas.Dead
	case arrived:
		if f.ping {
			return 0, 0, 0
		}
		return way(1), arrow(r, f), canvas.Muted
	}
	look = canvas.Fresh
	if f.ping {
		look = canvas.Muted
	}
	return way(f.progress(now)), '●', look
}

// arrow points into the box at which a message has arrived.
func arrow(r *route, f *flight) rune {
	if f.to == r.b && r.below() {
		return '↓'
	}
	return '↑'
}

// drawWords writes words on the lane: behind the message that they are about, or beside the lane where that is too short.
func (r *route) drawWords(s *sheet, words string, look canvas.Style, about *flight, at int, marked bool) {
	if words == "" {
		return
	}
	words, _ = s.Clean(words)
	from, to := r.path[r.from].x, r.path[r.to].x
	left, right := min(from, to)+1, max(from, to)-1
	if marked && right-left > 8 { // in the sender's half, so that the mark is seen
		mid := r.path[r.middle()].x
		if about != nil && about.course != lost && (about.from == r.a) == (from < to) {
			right = mid - 4
		} else {
			left = mid + 4
		}
	}
	n := ansi.StringWidth(words)
	row := r.row
	room := right - left + 1
	moves := at > r.from && at < r.to && about.course == flying
	switch {
	case moves && room >= 2*n+4: // with the dot: before it on the first half of the lane, then behind it
		dot := r.path[at].x
		x := dot + 2
		if dot > (left+right)/2 {
			x = dot - n - 1
		}
		s.text(x-1, row, n+2, look, " "+words+" ")
	case !moves && room >= n+2:
		s.text(left+(room-n)/2-1, row, n+2, look, " "+words+" ")
	case r.besideWay(s, words, n, n, look), r.besideWay(s, words, n, min(n, leastWords/2), look):
	case room >= leastWords/2:
		s.text(left, row, room, look, words)
	}
}

// besideWay writes words of n cells beside a cell of the way where least of them are blank, and reports whether there is
// one.
func (r *route) besideWay(s *sheet, words string, n, least int, look canvas.Style) bool {
	for _, i := range r.besides() {
		at := r.path[i]
		if s.allBlank(at.x+1, at.y, least+1) {
			s.text(at.x+2, at.y, blankFrom(s, at.x+2, at.y, n), look, words)
			return true
		}
		if s.allBlank(at.x-n-2, at.y, n+2) {
			s.text(at.x-n-1, at.y, n, look, words)
			return true
		}
	}
	return false
}

// besides are the cells of the way beside which words may stand: the ends of the lane, then all others but the first and
// the last.
func (r *route) besides() []int {
	all := []int{r.from, r.to}
	for i := 1; i < len(r.path)-1; i++ {
		if i < r.from || i > r.to {
			all = append(all, i)
		}
	}
	return all
}

// blankFrom is how many cells, most at most, are blank from x on.
func blankFrom(s *sheet, x, y, most int) int {
	n := 0
	for n < most && s.blank(x+n, y) {
		n++
	}
	return n
}
