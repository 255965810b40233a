package tui

import (
	"context"
	"slices"

	"cluster/splitbrain/tui/canvas"
	"cluster/splitbrain/tui/script"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
)

// pane is one thing to look at. Its state changes in observe, resize and scroll; draw only reads.
type pane interface {
	name() string   // on its tab
	status() string // what its heading says at the right: how much is hidden, for example
	observe(o observation, now *scene)
	resize(w, h int)
	scroll(by motion)
	draw(b *canvas.Canvas, now *scene)
}

// What a pane may be besides.
type (
	// actor has keys of its own.
	actor interface{ actions() []action }
	// filtered shows only what has some text in it.
	filtered interface {
		filterText() string
		setFilter(text string)
	}
	// reader is a pane in which something is chosen, and read in full.
	reader interface {
		pane
		readable() bool // something is chosen that can be read
		reads() bool    // it is shown in full
		open()          // shows it, or closes it
	}
	// copyable has something that can be copied: what it is in few words, and the text; "" if nothing is chosen.
	copyable interface {
		copyText(now *scene) (text, what string)
	}
	// clickable does something where it is clicked, counted from its upper left corner.
	clickable interface{ click(x, y int) wish }
)

// action is one thing that a key does. Bindings, hints, help and the palette are made from actions and know no other
// keys.
type action struct {
	keys  []string // as Bubble Tea names them
	shown string   // as hints and help write them
	name  string   // in hints; "" if only help has it
	help  string   // "" if another action's covers it

	// works says whether the action does anything now; nil: always. It may rename the action for its hint.
	works func(at place) (name string, ok bool)
	do    func(at place) wish

	urgent func(at place) bool // whether its hint goes before others now; nil: never
	late   func(at place) bool // whether it goes after them; nil: never
}

// place is what is on the screen when an action is asked about.
type place struct {
	now   *scene
	front string   // the pane that is in front, whether there is room for it or not
	shown []string // the panes that are seen
}

func (at place) shows(pane string) bool { return slices.Contains(at.shown, pane) }

// wish is what an action, or a click, wants done by the program around the panes. The zero wish wants nothing.
type wish struct {
	line    string                                       // a command line to carry out
	job     func(context.Context) (script.Result, error) // what to carry out in the background instead; line names it
	front   string                                       // the pane to bring to the front
	lessons bool                                         // the list of lessons
	do      func() tea.Cmd                               // what else is to be done at once
}

// command wishes for a command line.
func command(line string) wish { return wish{line: line} }

// inPane does what concerns the pane alone.
func inPane(do func()) func(place) wish {
	return func(place) wish {
		do()
		return wish{}
	}
}

// available returns the action's name for its hint, and whether it does anything now.
func (a *action) available(at place) (name string, ok bool) {
	if a.works == nil {
		return a.name, true
	}
	name, ok = a.works(at)
	if name == "" {
		name = a.name
	}
	return name, ok
}

// hint says what a key does.
type hint struct{ key, name string }

// hintsWidth is how many cells hints take.
func hintsWidth(all []hint) int {
	w := 0
	for _, h := range all {
		w += ansi.StringWidth(h.key) + ansi.StringWidth(h.name) + 3
	}
	return w
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

// readRowsOf are the rows of a pane of h in which something is read: all, where there is no room for the others beside.
func readRowsOf(reading bool, h int) int {
	const least, good, others = 7, 9, 3
	switch {
	case !reading:
		return 0
	case h >= least+others:
		return max(least, min(good, h-2*others), h/3)
	}
	return h
}
