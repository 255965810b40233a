package tui

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/canvas"
	"cluster/splitbrain/tui/pane"
	"cluster/splitbrain/tui/script"
	"cluster/splitbrain/viewservice/rules"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
)

// card explains one rule, and leads to its lessons, its story and its switch.
type card struct {
	all   []rules.Card // those on the screen first
	here  rules.Refs   // those on the screen
	at    int
	doors []door
	door  int // the chosen one
}

// door is a way on from a card.
type door struct {
	label, text string
	do          func(*Model) tea.Cmd
}

// cardLessons is how many lessons a card offers.
const cardLessons = 2

func cardAction(m *Model) pane.Action {
	return pane.Action{
		Keys: []string{"e"}, Shown: "e", Name: "explain", Help: "explain the rules whose names, as in (V5), are on the screen, and all others",
		Do: does(func() tea.Cmd {
			if here := m.rulesShown(); len(here) > 0 {
				return m.openCard(here[0])
			}
			return m.openCard(rules.Cards()[0].Ref)
		}),
		Looks:  true,
		Urgent: func(pane.Place) bool { return m.tellsWhy() && m.now.Why.Level >= engine.Stuck },
	}
}

// openCard explains a rule.
func (m *Model) openCard(ref rules.Ref) tea.Cmd {
	here := m.rulesShown()
	c := &card{here: here}
	for _, name := range here {
		one, _ := rules.CardOf(string(name))
		c.all = append(c.all, one)
	}
	for _, one := range rules.Cards() {
		if !here.Has(one.Ref) {
			c.all = append(c.all, one)
		}
	}
	c.at = max(slices.IndexFunc(c.all, func(one rules.Card) bool { return one.Ref == ref }), 0)
	c.turn(0)
	m.dialog = c
	return nil
}

// turn goes on to another rule.
func (c *card) turn(by int) {
	n := len(c.all)
	c.at = (c.at + by + n) % n
	c.door, c.doors = 0, doorsOf(c.all[c.at].Ref)
}

// doorsOf are the ways on from a rule.
func doorsOf(ref rules.Ref) []door {
	var all []door
	for i, s := range script.LessonsOn(ref) {
		if i == cardLessons {
			break
		}
		all = append(all, door{"lesson", s.Heading(), openScript(s.Name)})
	}
	own, weakens := ref.Switches()
	for _, r := range own {
		line := fmt.Sprintf("rule %v off", r)
		all = append(all, door{"story", "without " + r.String() + ": " + r.Damage(), openScript(r.String())},
			door{"switch", line, func(m *Model) tea.Cmd { return m.openPrompt(line) }})
	}
	for _, r := range weakens {
		all = append(all, door{"weaker", "without " + r.String() + ", a switch of " + string(r.Refs()[0]), openScript(r.String())})
	}
	return all
}

func (c *card) hints() []hint {
	all := []hint{{"←→", "other rules"}, {"↑↓", "choose"}, {"enter", "open"}, {"esc", "close"}}
	if len(c.doors) == 0 {
		return slices.Delete(all, 1, 3)
	}
	return all
}

func (c *card) key(m *Model, k tea.KeyMsg) tea.Cmd {
	switch k.String() {
	case "right", "l", "tab":
		c.turn(+1)
	case "left", "h", "shift+tab":
		c.turn(-1)
	case "down", "j":
		c.choose(+1)
	case "up", "k":
		c.choose(-1)
	case "enter":
		return c.open(m)
	case "e", "q":
		m.dialog = nil
	}
	return nil
}

func (c *card) choose(by int) { c.door = max(0, min(c.door+by, len(c.doors)-1)) }

func (c *card) open(m *Model) tea.Cmd {
	if len(c.doors) == 0 {
		return nil
	}
	m.dialog = nil
	return c.doors[c.door].do(m)
}

func (c *card) wheel(by int) { c.turn(by) }

func (c *card) click(m *Model, row, h int) tea.Cmd {
	texts, from, shown := c.rows(m.styles, m.w, h)
	if i := from + row - 1 - len(texts); row > len(texts) && i < from+shown {
		c.door = i
		return c.open(m)
	}
	return nil
}

func (c *card) draw(_ *Model, b *canvas.Canvas) {
	one := &c.all[c.at]
	b.Space(1).Put(canvas.Strong, "rule "+string(one.Ref)).Space(2)
	b.Put(canvas.Muted, engine.Count(c.at+1)+" of "+engine.Count(len(c.all)))
}

// cardRow is a row of a card's text.
type cardRow struct {
	label, text string
	beside      int // cells for the label; 0: the row has none
}

// cardLabel is the column of labels on a card, in cells.
const cardLabel = 12

// rows breaks a card for w × h cells: its text, and below it those of its doors for which there is room.
func (c *card) rows(k *canvas.Styles, w, h int) (texts []cardRow, from, doors int) {
	const margin = 3
	one, left := &c.all[c.at], h-1
	add := func(label, text string, beside int) {
		for _, line := range k.Wrap(text, w-margin-beside, max(left, 1)) {
			texts = append(texts, cardRow{label, line, beside})
			label = ""
			left--
		}
	}
	add("", one.Says, 0)
	add("without it", one.Without, cardLabel)
	if left > len(c.doors) {
		texts = append(texts, cardRow{})
		left--
	}
	doors = max(min(left, len(c.doors)), 0)
	return texts, max(0, min(c.door-doors/2, len(c.doors)-doors)), doors
}

func (c *card) drawOver(b *canvas.Canvas) {
	one := &c.all[c.at]
	b.Next().Repeat(canvas.Faint, '─', 1).Put(canvas.Selected, "["+string(one.Ref)+" "+one.Title+"]")
	endHeading(b, c.place())
	texts, from, doors := c.rows(b.Styles, b.W, b.H)
	for _, row := range texts {
		if b.Full() {
			return
		}
		b.Next().Space(2).Col(canvas.Muted, row.label, row.beside).Put(canvas.Plain, row.text)
	}
	for i := from; i < from+doors; i++ {
		b.Next().Chosen(i == c.door)
		look := canvas.Plain
		if i == c.door {
			look = canvas.Selected
		}
		b.Col(canvas.Muted, c.doors[i].label, cardLabel).Put(look, c.doors[i].text)
	}
}

// place says which rules are on the screen besides.
func (c *card) place() string {
	var others rules.Refs
	for _, ref := range c.here {
		if ref != c.all[c.at].Ref {
			others = append(others, ref)
		}
	}
	if len(others) == 0 {
		return engine.Count(c.at+1) + " of " + engine.Count(len(c.all))
	}
	const most = 6
	more := ""
	if len(others) > most {
		others, more = others[:most], " …"
	}
	return "also on the screen: " + others.List(" ") + more
}

var (
	ruleName  = regexp.MustCompile(`\b[VSC][0-9]{1,2}\b`)
	ruleNames = regexp.MustCompile(`\(?\b[VSC][0-9]{1,2}( [VSC][0-9]{1,2})*\b\)?`)
)

// rulesShown are the rules whose names are on the screen, those that say why the first.
func (m *Model) rulesShown() rules.Refs {
	var all rules.Refs
	why, _ := m.whyWords()
	for _, name := range ruleName.FindAllString(why+"\n"+ansi.Strip(m.View()), -1) {
		if c, ok := rules.CardOf(name); ok && !all.Has(c.Ref) {
			all = append(all, c.Ref)
		}
	}
	return all
}

// ruleAt is the rule whose name is at a place of the screen, in brackets; "" if none is.
func (m *Model) ruleAt(x, y int) rules.Ref {
	rows := strings.Split(m.View(), "\n")
	if y < 0 || y >= len(rows) {
		return ""
	}
	row := ansi.Strip(rows[y])
	for _, group := range ruleNames.FindAllStringIndex(row, -1) {
		if text := row[group[0]:group[1]]; !strings.HasPrefix(text, "(") && !strings.HasSuffix(text, ")") {
			continue
		}
		for _, at := range ruleName.FindAllStringIndex(row[group[0]:group[1]], -1) {
			from := ansi.StringWidth(row[:group[0]+at[0]])
			name := row[group[0]+at[0] : group[0]+at[1]]
			if c, ok := rules.CardOf(name); ok && x >= from && x < from+len(name) {
				return c.Ref
			}
		}
	}
	return ""
}
