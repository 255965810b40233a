package tui

import (
	"cmp"
	"slices"

	"github.com/charmbracelet/bubbles/textinput"
	tea "github.com/charmbracelet/bubbletea"
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
	drawOver(b *block)
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
		if c.input.Value() == "" {
			return c.pick(m)
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

// startAfter chooses what comes after the one that is meant.
func (c *chooser) startAfter(meant func(choice) bool) {
	for i, one := range c.shown {
		if meant(*one) {
			c.at = min(i+1, len(c.shown)-1)
		}
	}
}

func (c *chooser) wheel(by int) { c.at = max(0, min(c.at+by, len(c.shown)-1)) }

// top is the first row that is seen of h, the chosen one in the middle where it can be.
func (c *chooser) top(h int) int { return max(0, min(c.at-h/2, len(c.shown)-h)) }

func (c *chooser) click(m *Model, row, h int) tea.Cmd {
	if at := c.top(h-1) + row - 1; row > 0 && at < len(c.shown) {
		c.at = at
		return c.pick(m)
	}
	return nil
}

func (c *chooser) draw(_ *Model, b *block) {
	b.space(1).put(strong, c.title).space(1)
	drawInput(b, &c.input, b.left)
}

func (c *chooser) drawOver(b *block) {
	head := count(len(c.shown)) + " of " + count(len(c.all))
	b.next().repeat(faint, '─', 1).put(selected, "["+c.title+"]")
	b.repeat(faint, '─', b.left-len(head)-4).put(plain, " "+head+" ").repeat(faint, '─', 2)
	if len(c.shown) == 0 {
		b.next().space(2).put(muted, "nothing has that in it: ctrl+u clears")
	}
	nameCol, keyCol := c.columns(b.w)
	for i := c.top(b.room()); i < len(c.shown) && !b.full(); i++ {
		one, look := c.shown[i], plain
		b.next().chosen(i == c.at)
		if i == c.at {
			look = selected
		}
		b.col(look, one.name, nameCol).col(keycap, one.key, keyCol).put(muted, one.text)
	}
}

// columns are the cells for names and for keys in a list of w cells.
func (c *chooser) columns(w int) (names, keys int) {
	most := w / 2
	for _, one := range c.shown {
		names = max(names, len([]rune(one.name)))
		if one.key != "" {
			keys, most = 9, w*2/5
		}
	}
	return min(names+2, most), keys
}
