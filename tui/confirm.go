package tui

import (
	"os"
	"path/filepath"
	"strconv"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/canvas"
	"cluster/splitbrain/tui/pane"
	"cluster/splitbrain/tui/script"

	tea "github.com/charmbracelet/bubbletea"
)

// confirm asks before a file is overwritten that is none of this session's.
type confirm struct {
	task
	file string
}

// existsError is a line that was not carried out: it would overwrite a file.
type existsError struct{ file string }

func (e *existsError) Error() string {
	return strconv.Quote(pane.Shorter(e.file)) + " exists: give the line again, by itself, to overwrite it"
}

// overwrites is the file that a line would overwrite and nobody was asked about; "" if there is none.
func (r *commands) overwrites(inv script.Invocation) string {
	file := inv.Writes()
	_, replays := r.host.now().Engine.(engine.Replayer)
	switch {
	case file == "" || r.written[filepath.Clean(file)]:
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

func (c *confirm) hints() []hint {
	return []hint{{"y", "overwrite"}, {"esc", "leave it as it is"}}
}

func (c *confirm) key(m *Model, k tea.KeyMsg) tea.Cmd {
	m.dialog = nil
	if name := k.String(); name != "y" && name != "Y" {
		c.leave(m)
		return nil
	}
	m.commands.written[filepath.Clean(c.file)] = true
	return m.commands.begin(c.task)
}

func (c *confirm) leave(m *Model) { m.note(pane.Shorter(c.file) + " is as it was") }

func (c *confirm) draw(_ *Model, b *canvas.Canvas) {
	b.Space(1).Put(canvas.Warning, pane.Shorter(c.file)+" exists: overwrite it?").Space(2)
	b.Put(canvas.Keycap, "y").Put(canvas.Muted, " overwrites it, any other key leaves it")
}
