package tui

import (
	"cmp"
	"slices"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/canvas"

	"github.com/charmbracelet/bubbles/textinput"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
)

// choice is one thing in a chooser's list.
type choice struct {
	name string
	find string // what is searched first; "" is the name
	text string
	key  string // that does the same without the list
	do   func(m *Model) tea.Cmd
}

// overlay is a dialog with a list, which takes the place of the panes.
type overlay interface {
	dialog
	drawOver(b *canvas.Canvas)
	wheel(by int)
	click(m *Model, row, h int) tea.Cmd
}

// chooser is a list to pick from, narrowed by what is typed.
type chooser struct {
	title string
	input textinput.Model
	all   []choice
	shown []*choice // those that match, the best first
	at    int
}

func newChooser(title string, all []choice) *chooser {
	c := &chooser{title: title, input: newInput(""), all: all}
	c.narrow()
	return c
}

func (c *chooser) narrow() {
	typed := c.input.Value()
	scores := map[*choice]int{}
	c.shown, c.at = c.shown[:0], 0
	for i := range c.all {
		one := &c.all[i]
		score := max(2*fuzzy(typed, cmp.Or(one.find, one.name)), contains(typed, one.name+" "+one.text))
		if score > 0 {
			scores[one] = score
			c.shown = append(c.shown, one)
		}
	}
	slices.SortStableFunc(c.shown, func(a, b *choice) int { return cmp.Compare(scores[b], scores[a]) })
}

func (c *chooser) hints() []hint {
	return []hint{{"enter", "choose"}, {"↑↓", "move"}, {"esc", "close"}}
}

func (c *chooser) key(m *Model, k tea.KeyMsg) tea.Cmd {
	const page = 10
	switch k.Type {
	case tea.KeyEnter:
		return c.pick(m)
	case tea.KeySpace:
		if c.input.Value() == "" { // who goes on in a lesson may press it once too often
			return nil
		}
		c.input, _ = c.input.Update(k)
		c.narrow()
	case tea.KeyUp, tea.KeyCtrlP, tea.KeyShiftTab:
		c.wheel(-1)
	case tea.KeyDown, tea.KeyCtrlN, tea.KeyTab:
		c.wheel(+1)
	case tea.KeyPgUp:
		c.wheel(-page)
	case tea.KeyPgDown:
		c.wheel(+page)
	default:
		was := c.input.Value()
		if c.input, _ = c.input.Update(k); c.input.Value() != was {
			c.narrow()
		}
	}
	return nil
}

func (c *chooser) pick(m *Model) tea.Cmd {
	if c.at >= len(c.shown) {
		return nil
	}
	m.dialog = nil
	return c.shown[c.at].do(m)
}

func (c *chooser) wheel(by int) { c.at = max(0, min(c.at+by, len(c.shown)-1)) }

// top is the first row that is seen of h, the chosen one in the middle where it can be.
func (c *chooser) top(h int) int { return max(0, min(c.at-h/2, len(c.shown)-h)) }

func (c *chooser) click(m *Model, row, h int) tea.Cmd {
	h -= 1 + c.foot(m.w, h)
	if at := c.top(h) + row - 1; row > 0 && row <= h && at < len(c.shown) {
		c.at = at
		return c.pick(m)
	}
	return nil
}

func (c *chooser) draw(_ *Model, b *canvas.Canvas) {
	b.Space(1).Put(canvas.Strong, c.title).Space(1)
	drawInput(b, &c.input, b.Left)
}

func (c *chooser) drawOver(b *canvas.Canvas) {
	head := engine.Count(len(c.shown)) + " of " + engine.Count(len(c.all))
	foot := c.foot(b.W, b.H)
	h := b.H - 1 - foot
	if n := len(c.shown); h < n {
		head = engine.Count(c.top(h)+1) + "–" + engine.Count(c.top(h)+h) + " of " + engine.Count(n)
	}
	b.Next().Repeat(canvas.Faint, '─', 1).Put(canvas.Selected, "["+c.title+"]")
	b.Repeat(canvas.Faint, '─', b.Left-ansi.StringWidth(head)-4).Put(canvas.Plain, " "+head+" ").Repeat(canvas.Faint, '─', 2)
	if len(c.shown) == 0 {
		b.Next().Space(2).Put(canvas.Muted, "nothing has that in it: ctrl+u clears")
	}
	nameCol, keyCol := c.columns(b.W)
	for i := c.top(h); i < len(c.shown) && b.Room() > foot; i++ {
		one, look := c.shown[i], canvas.Plain
		b.Next().Chosen(i == c.at)
		if i == c.at {
			look = canvas.Selected
		}
		b.Col(look, one.name, nameCol).Col(canvas.Keycap, one.key, keyCol).Put(canvas.Muted, one.text)
	}
	if foot > 0 && c.at < len(c.shown) {
		for b.Room() > foot {
			b.Next()
		}
		for _, line := range b.Wrap(c.shown[c.at].text, b.W-2, foot) {
			b.Next().Space(2).Put(canvas.Plain, line)
		}
	}
}

// foot are the rows below a list in w × h cells in which the chosen text stands whole: none where all texts fit, or
// where there is little room.
func (c *chooser) foot(w, h int) int {
	const least = 8
	names, keys := c.columns(w)
	longest := 0
	for _, one := range c.shown {
		longest = max(longest, ansi.StringWidth(one.text))
	}
	if h < least || w < compactBelowW || longest <= w-2-names-keys {
		return 0
	}
	return 1 + min(longest/(w-8), 1)
}

// columns are the cells for names and for keys in a list of w cells.
func (c *chooser) columns(w int) (names, keys int) {
	if w < compactBelowW {
		return w, 0
	}
	most := w / 2
	for _, one := range c.shown {
		names = max(names, len([]rune(one.name)))
		if one.key != "" {
			keys, most = 9, w*2/5
		}
	}
	return min(names+2, most), keys
}
