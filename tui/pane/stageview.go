package pane

import (
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
	if text := "+" + engine.Plural(p.hidden, "link"); p.hidden > 0 && p.lane > 0 && s.allBlank(p.w-len(text), p.gap+p.lane-1, len(text)) {
		s.text(p.w-len(text), p.gap+p.lane-1, len(text), canvas.Muted, text)
	}
	if p.more > 0 {
		y := p.gap + p.lane
		s.text(p.w-5, y, 5, canvas.Muted, "+"+engine.Count(p.more))
	}
	return s
}

func (p *plan) drawLamp(s *sheet) {
	x := 1 + s.text(1, 0, p.w-1, p.lamp.Look, "■ "+p.lamp.Word)
	s.text(x+2, 0, p.w-x-2, canvas.Plain, p.lamp.Fitting(p.w-x-2))
}

// drawParted draws the wall between the groups of a partition.
func (p *plan) drawParted(s *sheet) {
	if p.words < 0 {
		return
	}
	text := " ⊘ " + p.parted + " "
	n := min(ansi.StringWidth(text), p.w)
	s.fill(0, p.words, p.w, canvas.Broken, '·')
	s.text((p.w-n)/2, p.words, p.w, canvas.Broken, text)
}

// drawLine draws the way of a wire: with a gap where it is cut, and the mark of what is done to it.
func (r *route) drawLine(s *sheet) {
	look := canvas.Faint
	mark, _ := r.sign()
	switch {
	case mark != "":
		look = canvas.Broken
	case r.pointed != nil:
		look = canvas.Selected
	case r.weight >= weighsLoss:
		look = canvas.Plain
	}
	for i, at := range r.path {
		s.set(at.x, at.y, look.Glyph(r.bend(s, i)))
	}
	mid := r.middle()
	if r.pointed != nil {
		defer s.text(r.path[mid].x-1, r.path[mid].y, 1, canvas.Selected, "»")
	}
	if mark == "" {
		return
	}
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
		r.drawWords(s, words, look, nil, -1, mark != "" || r.pointed != nil)
		return
	}
	at, sign, style := r.place(about, now, map[string]int{})
	r.drawWords(s, words, look, about, at, mark != "" || r.pointed != nil || about.course == lost)
	if sign != 0 && !(about.course == flying && s.inWord(r.path[at].x, r.path[at].y)) {
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
	case moves: // on the longer side of the dot
		if dot := r.path[at].x; dot-left > right-dot {
			room = dot - 1 - left
		} else {
			left, room = dot+2, right-dot-1
		}
		fallthrough
	default:
		if room >= leastWords/2 {
			s.text(left, row, room, look, words)
		}
	}
}

// besideWay writes words of n cells beside a cell of the way where least of them are blank, and reports whether there is
// one.
func (r *route) besideWay(s *sheet, words string, n, least int, look canvas.Style) bool {
	for _, i := range r.besides() {
		at := r.path[i]
		if s.allBlank(at.x+1, at.y, least+1) {
			s.text(at.x+2, at.y, roomFrom(s, at.x+2, at.y, n), look, words)
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

// roomFrom is how many cells, most at most, words may take from x on, so that they stand apart from what is behind them.
func roomFrom(s *sheet, x, y, most int) int {
	n := 0
	for n <= most && s.blank(x+n, y) {
		n++
	}
	if x+n < s.w {
		n--
	}
	return min(n, most)
}
