package tui

import (
	"fmt"
	"io"
	"os"
	"strings"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/canvas"
	"cluster/splitbrain/tui/pane"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
)

// copied says what became of a copy.
type copied struct {
	text string
	err  error
}

// toCopy is what y copies: what is chosen in the pane, else the row of the selected node.
func (m *Model) toCopy() (text, what string) {
	if p, ok := m.front().(pane.Copyable); ok && m.layout.main.h > 0 {
		if text, what = p.CopyText(m.now); text != "" {
			return text, what
		}
	}
	return m.rowText(), "the row of " + m.selected
}

// rowText is the selected node's row as it stands in the table.
func (o *overview) rowText() string {
	const w = 200
	b := (&canvas.Styles{}).Canvas(w, 1)
	b.Next()
	if v := o.now.Server(o.selected); v != nil {
		o.drawServer(b, v)
	} else if c := o.now.Client(o.selected); c != nil {
		o.drawClient(b, c, w)
	} else {
		o.drawViewsRow(b)
	}
	return strings.TrimSpace(strings.TrimPrefix(b.Lines()[0], "▸ "))
}

func (m *Model) yank() tea.Cmd { return m.copy(m.toCopy()) }

func (m *Model) yankWhy() tea.Cmd {
	text, _ := m.whyWords()
	return m.copy(text, "the line now")
}

func (m *Model) copy(text, what string) tea.Cmd {
	out, getenv := m.opts.Out, m.opts.Getenv
	return func() tea.Msg {
		if reachesClipboard(getenv) {
			_, err := io.WriteString(out, clipboardSequence(text, getenv("TMUX") != ""))
			return copied{what + " is on its way to the clipboard (OSC 52): " + engine.Plural(len(text), "byte"), err}
		}
		name, err := toFile(text)
		return copied{"this terminal has no clipboard: " + what + " is in " + name, err}
	}
}

// reachesClipboard guesses whether the terminal knows OSC 52: most do. The consoles don't, and GNU screen swallows it.
func reachesClipboard(getenv func(string) string) bool {
	if getenv("TMUX") != "" {
		return true
	}
	term := getenv("TERM")
	for _, without := range []string{"screen", "linux", "dumb", "vt", "cons", "ansi"} {
		if term == "" || strings.HasPrefix(term, without) || getenv("STY") != "" {
			return false
		}
	}
	return true
}

// clipboardSequence asks the terminal to take text. tmux takes it itself, or hands it through, as it is configured.
func clipboardSequence(text string, inTmux bool) string {
	seq := ansi.SetSystemClipboard(text)
	if inTmux {
		return seq + ansi.TmuxPassthrough(seq)
	}
	return seq
}

func toFile(text string) (name string, err error) {
	f, err := os.CreateTemp("", "splitbrain-copy-*.txt")
	if err != nil {
		return "", err
	}
	if _, err = io.WriteString(f, text+"\n"); err != nil {
		f.Close()
		return "", fmt.Errorf("copy: %w", err)
	}
	return f.Name(), f.Close()
}

// tellCopy shows what became of a copy.
func (m *Model) tellCopy(c copied) {
	m.note(c.text)
	if c.err != nil {
		m.warn("nothing copied: " + c.err.Error())
	}
}
