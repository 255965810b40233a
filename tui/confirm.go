package tui

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/canvas"
	"cluster/splitbrain/tui/pane"
	"cluster/splitbrain/tui/script"

	tea "github.com/charmbracelet/bubbletea"
)

// confirm asks before something is done that can't be undone.
type confirm struct {
	asks, yes, no string
	do            func(*Model) tea.Cmd
	left          string // what is told if it is not done
}

// existsError is a line that was not carried out: it would overwrite a file.
type existsError struct{ file string }

func (e *existsError) Error() string {
	return strconv.Quote(pane.Shorter(e.file)) + " exists: give the line again, by itself, to overwrite it"
}

// overwrites is the file that a line would overwrite and nobody was asked about; "" if there is none.
func (r *commands) overwrites(inv script.Invocation) string {
	return overwrites(r.host, r.written, inv)
}

// overwrites is the file that a line writes which is not among those that the session has written; "" if there is none.
func overwrites(host *host, written map[string]bool, inv script.Invocation) string {
	file := inv.Writes()
	_, replays := host.now().Engine.(engine.Replayer)
	switch {
	case file == "" || written[filepath.Clean(file)]:
		return ""
	case inv.NeedsPast() && !replays: // it will be refused
		return ""
	}
	return file
}

// unlessExists refuses what would overwrite a file. It is called in the background.
func unlessExists(file string) error {
	if file == "" {
		return nil
	}
	if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() {
		return &existsError{file}
	}
	return nil
}

// overwriting asks whether a line may overwrite a file.
func overwriting(t task, file string) *confirm {
	return &confirm{
		asks: pane.Shorter(file) + " exists: overwrite it?", yes: "overwrite", no: "leave it as it is",
		do: func(m *Model) tea.Cmd {
			m.commands.written[filepath.Clean(file)] = true
			return m.commands.begin(t)
		},
		left: pane.Shorter(file) + " is as it was",
	}
}

// quit asks first if something would be lost that can't be had again.
func (m *Model) quit() tea.Cmd {
	if lost := m.wouldBeLost(); lost != "" {
		m.dialog = &confirm{asks: lost + ": quit?", yes: "quit", no: "stay", do: func(m *Model) tea.Cmd { return m.commands.run("quit") }}
		return nil
	}
	return m.commands.run("quit")
}

// wouldBeLost is what the end of the program would lose, in words; "" if nothing. What a cluster holds is lost by design.
func (m *Model) wouldBeLost() string {
	switch past := m.timeline.Past(); {
	case m.recording != "":
		return pane.Shorter(m.recording) + " is being recorded"
	case len(past.Branches) > 1 && m.commands.saved != worldSize(past.Branches):
		lost := engine.Count(len(past.Branches)) + " branches of this world are not saved (save world FILE)"
		if slices.ContainsFunc(past.Branches, func(b engine.Branch) bool { return b.First > 0 }) {
			lost = engine.Count(len(past.Branches)) + " branches can't be saved: a beginning is forgotten"
		}
		return lost
	}
	return ""
}

// worldSize is how many steps all branches of a world have.
func worldSize(branches []engine.Branch) int {
	n := 0
	for _, b := range branches {
		n += b.Length
	}
	return n
}

// beginAnew asks before the cluster that is shown goes.
func (m *Model) beginAnew() tea.Cmd {
	m.dialog = &confirm{
		asks: "begin anew, with a fresh cluster?", yes: "begin anew", no: "keep this one",
		do: func(m *Model) tea.Cmd { return m.commands.run("reset") },
	}
	return nil
}

func (c *confirm) hints() []hint { return []hint{{"y", c.yes}, {"esc", c.no}} }

func (c *confirm) key(m *Model, k tea.KeyMsg) tea.Cmd {
	m.dialog = nil
	if name := k.String(); name != "y" && name != "Y" {
		c.leave(m)
		return nil
	}
	return c.do(m)
}

func (c *confirm) leave(m *Model) { m.note(c.left) }

func (c *confirm) draw(_ *Model, b *canvas.Canvas) {
	b.Space(1).Put(canvas.Warning, c.asks).Space(2)
	b.Put(canvas.Keycap, "y").Put(canvas.Muted, ": "+c.yes+", any other key: "+c.no)
}
