package pane

import (
	"slices"
	"strings"

	"cluster/splitbrain/netsim/engine"
)

// Motion is a wish to see another part of a pane.
type Motion struct {
	Rows  int  // downwards
	Seen  bool // of what is seen, whatever is chosen
	Pages int
	To    Edge
}

// Edge is one end of what a pane shows.
type Edge uint8

const (
	nowhere Edge = iota
	ToStart
	ToEnd
)

// list scrolls over rows of which the newest is last. It follows the end until it is scrolled back.
type list struct {
	h     int // rows that are seen
	n     int // rows that there are
	above int // rows of the end that are scrolled out of sight
}

func (l *list) Resize(_, h int) { l.h = h; l.clamp() }

// grow says that rows were added at the end. Who has scrolled back keeps what he reads in place.
func (l *list) grow(by int) {
	l.n += by
	if l.above > 0 {
		l.above += by
	}
	l.clamp()
}

func (l *list) clamp() { l.above = max(0, min(l.above, l.n-l.h)) }

func (l *list) Scroll(by Motion) {
	l.above -= by.Rows + by.Pages*max(1, l.h-1)
	switch by.To {
	case ToStart:
		l.above = l.n
	case ToEnd:
		l.above = 0
	}
	l.clamp()
}

// window are the rows that are seen, as a half-open range.
func (l *list) window() (from, to int) {
	to = max(0, l.n-l.above)
	return max(0, to-l.h), to
}

func (l *list) Status() string {
	from, to := l.window()
	if from == 0 && to >= l.n {
		return ""
	}
	return engine.Count(from+1) + "–" + engine.Count(to) + " of " + engine.Count(l.n)
}

// filtered is Status with the filter.
func (l *list) filtered(filter string) string {
	status := l.Status()
	if filter == "" {
		return status
	}
	return strings.TrimSpace("/" + filter + "  " + status)
}

// hasWords reports whether all words of a filter are in a text, whatever their case.
func hasWords(text, filter string) bool {
	text = strings.ToLower(text)
	for _, word := range strings.Fields(strings.ToLower(filter)) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

// emptyWords stand where no row is shown, of so many that there are.
func emptyWords(all int, none, filter string) string {
	if all > 0 {
		return "nothing here has “" + filter + "” in it: / changes the filter"
	}
	return none
}

// page scrolls over rows of which the first is on top.
type page struct{ h, n, top int }

func (p *page) Resize(_, h int) { p.h = h; p.clamp() }

func (p *page) clamp() { p.top = max(0, min(p.top, p.n-p.h)) }

func (p *page) Scroll(by Motion) {
	p.top += by.Rows + by.Pages*max(1, p.h-1)
	switch by.To {
	case ToStart:
		p.top = 0
	case ToEnd:
		p.top = p.n
	}
	p.clamp()
}

func (p *page) Status() string {
	if p.n <= p.h {
		return ""
	}
	return engine.Count(p.top+1) + "–" + engine.Count(min(p.top+p.h, p.n)) + " of " + engine.Count(p.n)
}

// show scrolls as little as shows a row.
func (l *list) show(at int) {
	from, to := l.window()
	switch {
	case at < from:
		l.above = l.n - at - l.h
	case at >= to:
		l.above = l.n - at - 1
	}
	l.clamp()
}

// chosenList is a list of which one row is chosen: the newest, until somebody chooses another. Rows are told by keys.
type chosenList struct {
	list
	keys []uint64
	key  uint64 // the chosen row's
	held bool   // somebody has chosen it
}

// at is the chosen row; -1 if there is none.
func (l *chosenList) at() int {
	if l.held {
		if i := slices.Index(l.keys, l.key); i >= 0 {
			return i
		}
	}
	return len(l.keys) - 1
}

// renew takes the keys of the rows as they are now, and keeps the chosen one where it was on the screen.
func (l *chosenList) renew(keys []uint64) {
	from, _ := l.window()
	offset := l.at() - from
	l.keys, l.n = keys, len(keys)
	if !l.held {
		l.above = 0
		return
	}
	l.above = l.n - (l.at() - offset) - l.h
	l.clamp()
	l.reveal()
}

func (l *chosenList) Scroll(by Motion) {
	at := l.at() + by.Rows + by.Pages*max(1, l.h-1)
	switch by.To {
	case ToStart:
		at = 0
	case ToEnd:
		at = l.n
	}
	l.choose(at)
}

// choose picks a row. Past the last one is the last one, whichever it will be.
func (l *chosenList) choose(at int) {
	if l.n == 0 {
		return
	}
	at = min(max(at, 0), l.n-1)
	l.held, l.key = at < l.n-1, l.keys[at]
	l.reveal()
}

// pin keeps the chosen row chosen, whatever comes.
func (l *chosenList) pin() {
	if at := l.at(); at >= 0 {
		l.held, l.key = true, l.keys[at]
	}
}

// reveal scrolls as little as shows the chosen row.
func (l *chosenList) reveal() { l.show(l.at()) }
