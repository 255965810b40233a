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
	// Sized does not need all the rows that it could be given: on a screen of h rows so many.
	Sized interface{ Wants(h int) int }
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

	// Offers are the keys that do something now, as hints write them; nil: Shown.
	Offers func() string

	// Works says whether the action does anything now; nil: always. It may rename the action for its hint.
	Works func(at Place) (name string, ok bool)
	// Do says what is wished for. What it wishes to have carried out may be told in its place: until then nothing changes.
	Do func(at Place) Wish

	// Looks says that the action changes only what is looked at, so that it suits what was seen earlier as well.
	Looks bool

	// Tries says that the key is obeyed even where the action does nothing, so that the answer says why.
	Tries bool

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
	Node    string                                       // the node to select, and no more
	Select  string                                       // the node that keys are to act on
	Link    engine.Link                                  // what is to be done to it is asked; the zero link is none
	Lessons bool                                         // the list of lessons
	Note    string                                       // what there is to say, where nothing is to be done
	Do      func() tea.Cmd                               // what else is to be done at once
	Begins  func()                                       // what the pane takes for done once line or command is carried out; nil for nothing
}

// Acts reports whether the wish changes anything but the screen.
func (w *Wish) Acts() bool { return w.Job != nil || w.Command.Kind != 0 || w.Line != "" }

// Words are the command line that the wish comes to; "" if it is for none.
func (w *Wish) Words() string {
	if w.Command.Kind != 0 {
		return w.Command.String()
	}
	return w.Line
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
