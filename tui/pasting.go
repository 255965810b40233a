package tui

import (
	"strings"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/canvas"
	"cluster/splitbrain/tui/terminal/input"

	tea "github.com/charmbracelet/bubbletea"
)

// pasted gives pasted text to what is open. Where every key does something, several lines are asked about, and one is
// laid into the prompt. What begins as a command does when it is typed was meant as keys, if it may have been typed.
func (m *Model) pasted(p input.Paste) tea.Cmd {
	lines := pastedLines(p.Text)
	switch {
	case m.dialog != nil:
		if _, ok := m.dialog.(*prompt); p.Bare && !ok {
			return m.typeAll(p.Text)
		}
		return m.dialog.key(m, tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(p.Text), Paste: true})
	case p.Bare && strings.HasPrefix(p.Text, ":"):
		return m.typeAll(p.Text)
	case len(lines) == 1:
		return m.openPrompt(lines[0])
	case len(lines) > 1:
		m.toNow("")
		m.dialog = &askPaste{lines}
	}
	return nil
}

// pastedLines are the lines of a text that have something in them.
func pastedLines(text string) []string {
	var lines []string
	for _, line := range strings.FieldsFunc(text, func(r rune) bool { return r == '\r' || r == '\n' }) {
		if strings.TrimSpace(line) != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// typeAll takes a text for what was typed.
func (m *Model) typeAll(text string) tea.Cmd {
	var cmds []tea.Cmd
	for _, r := range strings.ReplaceAll(text, "\r\n", "\r") {
		key := tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{r}}
		switch r {
		case ' ':
			key.Type = tea.KeySpace
		case '\r', '\n':
			key = tea.KeyMsg{Type: tea.KeyEnter}
		case '\t':
			key = tea.KeyMsg{Type: tea.KeyTab}
		}
		cmds = append(cmds, m.key(key))
	}
	return tea.Batch(cmds...)
}

// askPaste asks whether lines that were pasted where no text is expected are commands.
type askPaste struct{ lines []string }

func (*askPaste) hints() []hint { return []hint{{"y", "run them"}, {"esc", "forget them"}} }

func (a *askPaste) key(m *Model, k tea.KeyMsg) tea.Cmd {
	if name := k.String(); name != "y" && name != "Y" {
		m.dialog = nil
		m.note("nothing was run")
		return nil
	}
	p := &prompt{input: newInput("")}
	m.dialog = p
	return p.paste(m, strings.Join(a.lines, "\n")+"\n")
}

func (a *askPaste) draw(_ *Model, b *canvas.Canvas) {
	b.Space(1).Put(canvas.Warning, "pasted: "+engine.Plural(len(a.lines), "line")+", "+a.lines[0]+" …: run them?").Space(2)
	b.Put(canvas.Keycap, "y").Put(canvas.Muted, " runs them, any other key forgets them")
}
