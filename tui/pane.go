package tui

import "cluster/splitbrain/tui/canvas"

// pane is one thing to look at. Its state changes in observe, resize and scroll; draw only reads.
type pane interface {
	name() string
	status() string // what its heading says at the right: how much is hidden, for example
	observe(o observed, now *scene)
	resize(w, h int)
	scroll(by motion)
	draw(b *canvas.Canvas, now *scene)
}

// motion is a wish to see another part of a pane.
type motion struct {
	rows  int  // downwards
	seen  bool // of what is seen, whatever is chosen
	pages int
	to    edge
}

type edge uint8

const (
	nowhere edge = iota
	start
	end
)

// list scrolls over rows of which the newest is last. It follows the end until it is scrolled back.
type list struct {
	h     int // rows that are seen
	n     int // rows that there are
	above int // rows of the end that are scrolled out of sight
}

func (l *list) resize(_, h int) { l.h = h; l.clamp() }

// grow says that rows were added at the end. Who has scrolled back keeps what he reads in place.
func (l *list) grow(by int) {
	l.n += by
	if l.above > 0 {
		l.above += by
	}
	l.clamp()
}

func (l *list) clamp() { l.above = max(0, min(l.above, l.n-l.h)) }

func (l *list) scroll(by motion) {
	l.above -= by.rows + by.pages*max(1, l.h-1)
	switch by.to {
	case start:
		l.above = l.n
	case end:
		l.above = 0
	}
	l.clamp()
}

// window are the rows that are seen, as a half-open range.
func (l *list) window() (from, to int) {
	to = max(0, l.n-l.above)
	return max(0, to-l.h), to
}

func (l *list) status() string {
	from, to := l.window()
	if from == 0 && to >= l.n {
		return ""
	}
	return count(from+1) + "–" + count(to) + " of " + count(l.n)
}

// page scrolls over rows of which the first is on top.
type page struct{ h, n, top int }

func (p *page) resize(_, h int) { p.h = h; p.clamp() }

func (p *page) clamp() { p.top = max(0, min(p.top, p.n-p.h)) }

func (p *page) scroll(by motion) {
	p.top += by.rows + by.pages*max(1, p.h-1)
	switch by.to {
	case start:
		p.top = 0
	case end:
		p.top = p.n
	}
	p.clamp()
}

func (p *page) status() string {
	if p.n <= p.h {
		return ""
	}
	return count(p.top+1) + "–" + count(min(p.top+p.h, p.n)) + " of " + count(p.n)
}
