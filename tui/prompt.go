package tui

import (
	"fmt"
	"slices"
	"strings"

	"cluster/splitbrain/tui/canvas"
	"cluster/splitbrain/tui/script"

	"github.com/charmbracelet/bubbles/textinput"
	tea "github.com/charmbracelet/bubbletea"
)

// dialog takes the keys while it is open and is drawn where results stand otherwise.
type dialog interface {
	key(m *Model, k tea.KeyMsg) tea.Cmd
	draw(m *Model, b *canvas.Canvas)
	hints() []hint
}

// typedLines are the lines that were run, oldest first.
type typedLines struct{ lines []string }

const mostHistory = 1000

func (h *typedLines) add(line string) {
	if line = strings.TrimSpace(line); line == "" || len(h.lines) > 0 && h.lines[len(h.lines)-1] == line {
		return
	}
	h.lines = append(h.lines, line)
	if len(h.lines) > mostHistory {
		h.lines = slices.Delete(h.lines, 0, len(h.lines)-mostHistory)
	}
}

// prompt is where a command line is typed.
type prompt struct {
	input textinput.Model
	back  int    // how far back in history the line is from, 0: it is new
	draft string // the new line, while history is shown

	offered *offered // what tab has found; nil while no list is open
}

func newInput(text string) textinput.Model {
	in := textinput.New()
	in.Prompt = ""
	in.CharLimit = 64 << 10
	_ = in.Focus() // the cursor does not blink
	in.SetValue(text)
	in.CursorEnd()
	return in
}

// openPrompt opens the prompt on what is so now, for that is what its lines are about.
func (m *Model) openPrompt(text string) tea.Cmd {
	m.toNow("")
	m.dialog = &prompt{input: newInput(text)}
	return nil
}

func (p *prompt) hints() []hint {
	if p.offered != nil {
		return []hint{{"enter", "run"}, {"tab", "next"}, {"shift+tab", "the one before"}, {"esc", "as before"}}
	}
	return []hint{{"enter", "run"}, {"tab", "complete"}, {"↑↓", "history"}, {"esc", "close"}}
}

func (p *prompt) key(m *Model, k tea.KeyMsg) tea.Cmd {
	switch {
	case k.Paste:
		return p.paste(m, string(k.Runes))
	case k.Type == tea.KeyEnter:
		line := p.input.Value()
		m.dialog = nil
		m.typedLines.add(line)
		if namesPane(line) {
			line = "show " + line
		}
		return m.commands.run(line)
	case k.Type == tea.KeyUp, k.Type == tea.KeyCtrlP:
		p.recall(m, +1)
	case k.Type == tea.KeyDown, k.Type == tea.KeyCtrlN:
		p.recall(m, -1)
	case k.Type == tea.KeyTab:
		p.complete(m, +1)
		return nil
	case k.Type == tea.KeyShiftTab:
		p.complete(m, -1)
		return nil
	default:
		p.input, _ = p.input.Update(k)
	}
	p.offered = nil
	return nil
}

// paste runs all lines but the last, one after another, or none of them if one is no command. The last one stays to
// be finished.
func (p *prompt) paste(m *Model, text string) tea.Cmd {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	value := []rune(p.input.Value())
	at := p.input.Position()
	lines := strings.Split(string(value[:at])+text, "\n")
	last := len(lines) - 1
	p.input.SetValue(lines[last] + string(value[at:]))
	p.input.SetCursor(len([]rune(lines[last])))
	if last > 0 && p.input.Value() == "" {
		m.dialog = nil
	}
	tasks, err := readAll(lines[:last])
	if err != nil {
		m.dialog = nil
		m.warn(err.Error())
		return nil
	}
	for _, line := range lines[:last] {
		m.typedLines.add(line)
	}
	return m.commands.runAll(tasks)
}

// readAll reads several lines, or says which of them is no command.
func readAll(lines []string) (tasks []task, err error) {
	for i, line := range lines {
		t := read(line)
		if t.bad != nil {
			return nil, fmt.Errorf("pasted line %d: %w; nothing was run", i+1, t.bad)
		}
		tasks = append(tasks, t)
	}
	return tasks, nil
}

// recall shows an older line, or a newer one.
func (p *prompt) recall(m *Model, by int) {
	lines := m.typedLines.lines
	if p.back == 0 {
		p.draft = p.input.Value()
	}
	p.back = min(max(p.back+by, 0), len(lines))
	text := p.draft
	if p.back > 0 {
		text = lines[len(lines)-p.back]
	}
	p.input.SetValue(text)
	p.input.CursorEnd()
}

func (p *prompt) draw(m *Model, b *canvas.Canvas) {
	inList := p.offered
	if inList != nil && b.Room() > 0 {
		inList.draw(b)
		b.Next()
		inList = nil
	}
	help := p.help(m)
	if b := m.commands.batch; b.total > 1 {
		help = b.progress()
	}
	room := max(b.Left-3-len(help)-4, b.Left/2)
	if inList != nil {
		room = b.Left / 2
	}
	b.Space(1).Put(canvas.Keycap, ":").Space(1)
	drawInput(b, &p.input, min(room, b.Left))
	switch {
	case inList != nil:
		inList.draw(b.Space(1))
	case help != "" && b.Left > 8:
		b.Space(3).Put(canvas.Muted, help)
	}
}

// help is what can follow: how the command is used, or the verbs that begin so.
func (p *prompt) help(m *Model) string {
	value := p.input.Value()
	if usage := script.Usage(value); usage != "" && strings.Contains(strings.TrimLeft(value, " "), " ") {
		return usage
	}
	if p.offered != nil {
		return ""
	}
	offers := lastWords(value, script.Complete(value, m.names()))
	if usage := script.Usage(value); len(offers) == 0 && usage != "" {
		return usage
	}
	const most = 10
	if len(offers) > most {
		offers = append(offers[:most:most], "…")
	}
	return strings.Join(offers, " ")
}

// drawInput writes the line with its cursor into most cells, scrolled so that the cursor is seen. The cursor is a
// character of its own: reversed cells are lost without colours. The terminal's own stands there too, for input methods and
// magnifiers.
func drawInput(b *canvas.Canvas, in *textinput.Model, most int) {
	value := []rune(in.Value())
	at := min(in.Position(), len(value))
	before, width := b.Clean(string(value[:at]))
	room := max(most-1, 0)
	for width > room && before != "" {
		r := []rune(before)
		before = string(r[1+len(r)/8:])
		_, width = b.Clean(before)
	}
	b.Cell(canvas.Plain, before, room, 0)
	b.PutCaret().Put(canvas.Strong, "▏")
	b.Cell(canvas.Plain, string(value[at:]), room-width, 0)
}
