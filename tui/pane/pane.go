// Package pane has the panes of the terminal program, one in each file or family of files: maps, messages, network,
// events, views, history, charts, timeline, search, notes, help. The program around them hands each an Observation and a
// size, asks for its keys (Action), its filter and what can be copied, and has it drawn. A pane knows nothing of that
// program: what it wants done it returns as a Wish. Nothing here is safe for concurrent use but Progress.
package pane

import (
	"context"
	"slices"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/canvas"
	"cluster/splitbrain/tui/script"

	tea "github.com/charmbracelet/bubbletea"
)

// Pane is one thing to look at. Its state changes in Observe, Resize and Scroll; Draw only reads.
type Pane interface {
	Name() string   // on its tab
	Status() string // what its heading says at the right: how much is hidden, for example
	Observe(o Observation, now *Index)
	Resize(w, h int)
	Scroll(by Motion)
	Draw(b *canvas.Canvas, now *Index)
}

// What a pane may be besides.
type (
	// Actor has keys of its own.
	Actor interface{ Actions() []Action }
	// Filtered shows only what has some text in it.
	Filtered interface {
		FilterText() string
		SetFilter(text string)
	}
	// Reader is a pane in which something is chosen, and read in full.
	Reader interface {
		Pane
		Readable() bool // something is chosen that can be read
		Reads() bool    // it is shown in full
		Open()          // shows it, or closes it
	}
	// Copyable has something that can be copied: what it is in few words, and the text; "" if nothing is chosen.
	Copyable interface {
		CopyText(now *Index) (text, what string)
	}
	// Clickable does something where it is clicked, counted from its upper left corner.
	Clickable interface{ Click(x, y int) Wish }
)

// Action is one thing that a key does. Bindings, hints, help and the palette are made from actions and know no other
// keys.
type Action struct {
	Keys  []string // as Bubble Tea names them
	Shown string   // as hints and help write them
	Name  string   // in hints; "" if only help has it
	Help  string   // "" if another action's covers it

	// Works says whether the action does anything now; nil: always. It may rename the action for its hint.
	Works func(at Place) (name string, ok bool)
	Do    func(at Place) Wish

	Urgent func(at Place) bool // whether its hint goes before others now; nil: never
	Late   func(at Place) bool // whether it goes after them; nil: never
}

// Place is what is on the screen when an action is asked about.
type Place struct {
	Now   *Index
	Front string   // the pane that is in front, whether there is room for it or not
	Shown []string // the panes that are seen
}

func (at Place) shows(pane string) bool { return slices.Contains(at.Shown, pane) }

// Wish is what an action, or a click, wants done by the program around the panes. The zero wish wants nothing.
type Wish struct {
	Line    string                                       // a command line to carry out
	Command engine.Command                               // a command to apply to the cluster, if it has a kind
	Job     func(context.Context) (script.Result, error) // what to carry out in the background instead; line names it
	Front   string                                       // the pane to bring to the front
	Lessons bool                                         // the list of lessons
	Do      func() tea.Cmd                               // what else is to be done at once
}

// Command wishes for a command line.
func Command(line string) Wish { return Wish{Line: line} }

// Apply wishes for a command to the cluster.
func Apply(c engine.Command) Wish { return Wish{Command: c} }

// InPane does what concerns the pane alone.
func InPane(do func()) func(Place) Wish {
	return func(Place) Wish {
		do()
		return Wish{}
	}
}

// Available returns the action's name for its hint, and whether it does anything now.
func (a *Action) Available(at Place) (name string, ok bool) {
	if a.Works == nil {
		return a.Name, true
	}
	name, ok = a.Works(at)
	if name == "" {
		name = a.Name
	}
	return name, ok
}

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

// page scrolls over rows of which the first is on top.
type page struct{ h, n, top int }

func (p *page) resize(_, h int) { p.h = h; p.clamp() }

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

func (p *page) status() string {
	if p.n <= p.h {
		return ""
	}
	return engine.Count(p.top+1) + "–" + engine.Count(min(p.top+p.h, p.n)) + " of " + engine.Count(p.n)
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
