package tui

import (
	"strings"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/canvas"
	"cluster/splitbrain/tui/pane"
	"cluster/splitbrain/tui/script"

	"github.com/charmbracelet/x/ansi"
)

// offered are the lines that a line could become, as tab lists them and goes through them.
type offered struct {
	typed string // the line before tab
	lines []string
	at    int // the line that was put into the prompt; -1: none
}

// complete finishes the last word as far as that is certain, and lists what it could become. With a list open it goes
// on to the next one of it.
func (p *prompt) complete(m *Model, by int) {
	if o := p.offered; o != nil {
		if o.at < 0 && by < 0 {
			o.at = 0
		}
		o.at = (o.at + by + len(o.lines)) % len(o.lines)
		p.set(o.lines[o.at])
		return
	}
	typed := p.input.Value()
	lines := m.completions(typed)
	switch len(lines) {
	case 0:
		if typed != "" && !strings.HasSuffix(typed, " ") && len(m.completions(typed+" ")) > 0 {
			p.set(typed + " ") // the word is whole, and another can follow
		}
	case 1:
		p.set(finished(lines[0]))
	default:
		p.offered = &offered{typed: typed, lines: lines, at: -1}
		if common := commonStart(lines); len(m.completions(common)) == len(lines) {
			p.set(common)
		}
	}
}

// completions are the lines that a line could become.
func (m *Model) completions(typed string) []string {
	lines := script.Complete(typed, m.names())
	for _, p := range m.panes {
		if name := p.Name(); typed != "" && strings.HasPrefix(name, typed) && namesPane(name) {
			lines = append(lines, name)
		}
	}
	return lines
}

func (p *prompt) set(line string) {
	p.input.SetValue(line)
	p.input.CursorEnd()
}

// finished is a line to which the next word can be typed.
func finished(line string) string {
	if strings.HasSuffix(line, "=") {
		return line
	}
	return line + " "
}

// commonStart is what all lines begin with.
func commonStart(lines []string) string {
	start := []rune(lines[0])
	for _, line := range lines[1:] {
		n := 0
		for _, r := range line {
			if n == len(start) || start[n] != r {
				break
			}
			n++
		}
		start = start[:n]
	}
	return string(start)
}

// closeOffers makes the line what it was before tab, if a list is open.
func (p *prompt) closeOffers() bool {
	if p.offered == nil {
		return false
	}
	p.set(p.offered.typed)
	p.offered = nil
	return true
}

// lastWords are the words in which lines differ that one line could become.
func lastWords(line string, lines []string) []string {
	from := strings.LastIndexAny(line, " \t>|") + 1
	words := make([]string, len(lines))
	for i, l := range lines {
		words[i] = l[from:]
	}
	return words
}

// draw lists what tab has found, the chosen one in brackets, and says how many don't fit.
func (o *offered) draw(b *canvas.Canvas) {
	words := lastWords(o.typed, o.lines)
	for i := range words {
		words[i] = pane.Shorter(words[i])
	}
	b.Space(1)
	first := o.first(words, b.Left)
	if first > 0 {
		b.Put(canvas.Muted, "… ")
	}
	for i := first; i < len(words); i++ {
		more := ""
		if rest := len(words) - i - 1; rest > 0 {
			more = " … " + engine.Count(rest) + " more"
		}
		if i > first && ansi.StringWidth(words[i])+2+ansi.StringWidth(more) > b.Left {
			b.Put(canvas.Muted, " … "+engine.Count(len(words)-i)+" more")
			return
		}
		if i == o.at {
			b.Put(canvas.Selected, "["+words[i]+"]")
		} else {
			b.Put(canvas.Plain, " "+words[i]+" ")
		}
	}
}

// first is the first word that is drawn in room cells, so that the chosen one is seen.
func (o *offered) first(words []string, room int) int {
	first, width := 0, 0
	const ends = len("…  … 100 more")
	for i := 0; i <= o.at; i++ {
		width += ansi.StringWidth(words[i]) + 2
		for width+ends > room && first < i {
			width -= ansi.StringWidth(words[first]) + 2
			first++
		}
	}
	return first
}
