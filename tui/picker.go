package tui

import (
	"slices"
	"strings"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/canvas"

	tea "github.com/charmbracelet/bubbletea"
)

// picker asks for the other end of a link.
type picker struct {
	from    string
	choices []string
	at      int
	cut     func(from, to string) bool // whether that is cut now
}

func (m *Model) openPicker() tea.Cmd {
	choices := slices.DeleteFunc(slices.Clone(m.now.Nodes), func(n string) bool { return n == m.selected })
	if len(choices) > 0 {
		m.dialog = &picker{from: m.selected, choices: choices, cut: func(a, b string) bool { return m.now.Cut(a, b) }}
	}
	return nil
}

func (p *picker) hints() []hint {
	to := p.choices[p.at]
	does := func(way string) string {
		if p.command(way).Kind == engine.ClearFault {
			return "heal "
		}
		return "cut "
	}
	return []hint{
		{"←→", "choose"}, {"enter", does("") + p.from + "–" + to}, {">", does(">") + p.from + " > " + to},
		{"<", does("<") + p.from + " < " + to}, {"esc", "close"},
	}
}

func (p *picker) key(m *Model, k tea.KeyMsg) tea.Cmd {
	n := len(p.choices)
	switch key := k.String(); key {
	case "left", "up", "h", "k", "shift+tab":
		p.at = (p.at + n - 1) % n
	case "right", "down", "l", "j", "tab":
		p.at = (p.at + 1) % n
	case "home":
		p.at = 0
	case "end":
		p.at = n - 1
	case "enter", "c":
		return p.choose(m, "")
	case ">":
		return p.choose(m, ">")
	case "<":
		return p.choose(m, "<")
	case "q":
		m.dialog = nil
	default:
		p.jump(key)
	}
	return nil
}

// jump goes to a server by its number, to the viewservice by v.
func (p *picker) jump(key string) {
	if i := slices.IndexFunc(p.choices, func(n string) bool {
		return n == "s"+key || key == "v" && strings.HasPrefix(n, "v")
	}); i >= 0 {
		p.at = i
	}
}

// choose does what the hints say to the chosen link.
func (p *picker) choose(m *Model, way string) tea.Cmd {
	m.dialog = nil
	return m.commands.apply(p.command(way))
}

// command cuts the chosen link, one way or both, or heals it where that is cut already.
func (p *picker) command(way string) engine.Command {
	a, b := p.from, p.choices[p.at]
	if way == "<" {
		a, b = b, a
	}
	cut := engine.Command{Kind: engine.SetFault, Fault: netsim.Fault{Kind: netsim.FaultCut, From: a, To: b}, BothWays: way == ""}
	if p.cut(a, b) && (way != "" || p.cut(b, a)) {
		cut.Kind = engine.ClearFault
	}
	return cut
}

func (p *picker) draw(m *Model, b *canvas.Canvas) {
	b.Space(1).Put(canvas.Strong, "cut "+p.from+" from").Space(2)
	first := p.first(b.Left)
	if first > 0 {
		b.Put(canvas.Muted, "…")
	}
	for i := first; i < len(p.choices); i++ {
		c := p.choices[i]
		text, look := c, canvas.Plain
		if m.now.Cut(p.from, c) || m.now.Cut(c, p.from) {
			text, look = c+" ✗", canvas.Broken
		}
		if i == p.at {
			text, look = "["+text+"]", canvas.Selected
		} else {
			text = " " + text + " "
		}
		b.Put(look, text)
	}
}

// first is the first choice that is drawn, so that the chosen one is seen.
func (p *picker) first(room int) int {
	const each = 7 // the cells of a long one
	return max(0, p.at-max(room/each-1, 0))
}
