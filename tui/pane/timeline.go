package pane

import (
	"strings"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/canvas"
	"cluster/splitbrain/viewservice"

	"github.com/charmbracelet/x/ansi"
)

// Timeline is the past of a simulated cluster, its branches, and what can happen next: a bar over two columns, in one
// of which a line is chosen.
type Timeline struct {
	w, h    int
	past    engine.Timeline
	choices []engine.Choice
	lines   [2][]timeLine
	at      [2]int // the chosen line of each column
	column  int    // the one that keys move in
	headCol [2]int // where texts begin in each column
	below   int    // rows below the columns
}

// timeLine is one row of a column. Its kind says what enter does.
type timeLine struct {
	kind timeKind
	name string // of the choice or branch
	step int    // of the mark
	head string // in front, aligned
	text string
}

type timeKind uint8

const (
	aHeading timeKind = iota
	aChoice
	aMark
	aBranch
)

// The columns.
const (
	ahead  = iota // what can happen next
	behind        // branches and marks
)

// Past is what is known of the past of the cluster; zero if it can't be returned to.
func (p *Timeline) Past() engine.Timeline { return p.past }

func (p *Timeline) Name() string { return "timeline" }

func (p *Timeline) Resize(w, h int) { p.w, p.h = w, h }

func (p *Timeline) Observe(o Observation, _ *Index) {
	if o.Past == nil {
		return
	}
	p.past, p.choices = *o.Past, o.Choices
	p.lines[ahead] = p.choiceLines()
	p.lines[behind] = append(p.branchLines(), p.markLines()...)
	p.headCol = [2]int{10, 12}
	for c := range p.lines {
		for i := range p.lines[c] {
			p.headCol[c] = max(p.headCol[c], len([]rune(p.lines[c][i].head))+1)
		}
		p.at[c] = max(min(p.at[c], len(p.lines[c])-1), 0)
		p.skipHeading(c, +1)
	}
}

// methodsBare leaves out what a narrow column has no room for, and tells a question for the view from a client's Get.
var methodsBare = strings.NewReplacer("request ViewServer.Get", "view?", "reply ViewServer.Get", "view reply",
	"request PBServer.", "", "request ViewServer.", "", "reply PBServer.", "reply ", "reply ViewServer.", "reply ")

// askedView is what a question for the view says of itself.
var askedView = ": " + viewservice.GetArgs{}.Summary()

func (p *Timeline) choiceLines() []timeLine {
	lines := []timeLine{{text: "what can happen next"}}
	for _, c := range p.choices {
		due := "by hand"
		if c.Due >= 0 {
			due = Clock(c.Due)
		}
		lines = append(lines, timeLine{kind: aChoice, name: c.Name, head: due, text: choiceText(c)})
	}
	return lines
}

// fates are what may become of a message besides that it arrives: as a choice says it behind the message, and in few words before it.
var fates = []struct{ behind, before string }{
	{" gets lost with its connection", "fails with its connection"}, {" gets lost", "lost"}, {" gets a copy", "copied"},
}

// choiceText begins with what tells a choice from others, in a narrow column too: of a message its number, and its fate if it does
// not arrive.
func choiceText(c engine.Choice) string {
	text, says, told := strings.Cut(strings.TrimSuffix(c.Text, askedView), ": ")
	text = methodsBare.Replace(text)
	if _, number, ok := strings.Cut(c.Name, " "); ok && strings.Contains(text, " > ") {
		first := number
		for _, f := range fates {
			if rest, ok := strings.CutSuffix(text, f.behind); ok {
				text, first = rest, number+" "+f.before+":"
				break
			}
		}
		text = first + " " + text
	}
	if told {
		text += ": " + says
	}
	return text
}

// branchLines are the branches as a tree, each under the one that it comes from.
func (p *Timeline) branchLines() []timeLine {
	lines := []timeLine{{text: "branches"}}
	var under func(parent string, depth int)
	under = func(parent string, depth int) {
		for _, b := range p.past.Branches {
			if b.Parent != parent || depth > len(p.past.Branches) {
				continue
			}
			text := strings.Repeat("  ", max(depth-1, 0))
			if depth > 0 {
				text += "└ "
			}
			text += b.Name
			if b.Name == p.past.Branch {
				text += "  ← here"
			}
			if depth > 0 {
				text += "  from step " + engine.Count(b.From)
			}
			lines = append(lines, timeLine{kind: aBranch, name: b.Name, head: Clock(b.End), text: text})
			under(b.Name, depth+1)
		}
	}
	under("", 0)
	return lines
}

// markLines are the marks of the present branch, the newest first, with the present step among them.
func (p *Timeline) markLines() []timeLine {
	heading := "moments, newest first"
	if p.past.First > 0 {
		heading = "moments; before step " + engine.Count(p.past.First) + " forgotten"
	}
	lines := []timeLine{{text: heading}}
	here := false
	for i := len(p.past.Marks) - 1; i >= 0; i-- {
		k := p.past.Marks[i]
		head := "step " + engine.Count(k.Step)
		if !here && k.Step <= p.past.Step {
			head, here = head+" ←", true
		}
		lines = append(lines, timeLine{kind: aMark, step: k.Step, head: head, text: Clock(k.At) + "  " + k.Text})
	}
	return lines
}

func (p *Timeline) Scroll(by Motion) {
	at := &p.at[p.column]
	n := len(p.lines[p.column])
	step := by.Rows + by.Pages*max(1, p.h-2)
	switch by.To {
	case ToStart:
		step = -n
	case ToEnd:
		step = n
	}
	if step == 0 || n == 0 {
		return
	}
	*at = max(0, min(*at+step, n-1))
	p.skipHeading(p.column, step)
}

// skipHeading moves on from a heading in the direction of by, or back where nothing else follows.
func (p *Timeline) skipHeading(column, by int) {
	lines, at := p.lines[column], &p.at[column]
	for _, dir := range []int{sign(by), -sign(by)} {
		for i := *at; i >= 0 && i < len(lines); i += dir {
			if lines[i].kind != aHeading {
				*at = i
				return
			}
		}
	}
}

func sign(n int) int {
	if n < 0 {
		return -1
	}
	return 1
}

// chosen is the chosen line; nil if there is none.
func (p *Timeline) chosen() *timeLine {
	lines := p.lines[p.column]
	if at := p.at[p.column]; at < len(lines) && lines[at].kind != aHeading {
		return &lines[at]
	}
	return nil
}

func (p *Timeline) Status() string {
	if p.past.Branch == "" {
		return ""
	}
	return p.past.Branch + "  step " + engine.Count(p.past.Step) + " of " + engine.Count(p.past.Length)
}

func (p *Timeline) Draw(b *canvas.Canvas, now *Index) {
	if p.past.Branches == nil {
		b.Next().Space(1).Put(canvas.Muted, "only a simulated cluster can go back: splitbrain --sim")
		return
	}
	p.drawBar(b.Next(), now)
	full := p.fullText(b)
	p.below = len(full)
	h := b.Room() - p.below
	left := p.leftCells(b.W)
	for i := range h {
		b.Next()
		if b.W < leastTwoColumns {
			p.drawLine(b, p.column, i, h, b.W)
			continue
		}
		p.drawLine(b, ahead, i, h, left)
		b.At(left + 1)
		p.drawLine(b, behind, i, h, b.W)
	}
	for _, row := range full {
		b.Next().Space(2).Put(canvas.Selected, row)
	}
}

// fullText is the chosen line's text in rows, if its column cuts it and there is room.
func (p *Timeline) fullText(b *canvas.Canvas) []string {
	const least, most = 6, 2 // rows left for the columns, rows of text
	l := p.chosen()
	w := b.W
	switch {
	case w < leastTwoColumns:
	case p.column == ahead:
		w = p.leftCells(w)
	default:
		w -= p.leftCells(w) + 1
	}
	if l == nil || 2+p.headCol[p.column]+ansi.StringWidth(l.text) <= w || b.Room() < least+most {
		return nil
	}
	return b.Wrap(l.text, b.W-3, most)
}

// leastTwoColumns is how wide the pane must be for both columns.
const leastTwoColumns = 60

func (p *Timeline) leftCells(w int) int { return w * 19 / 40 }

// Where the bar lies in its row.
const barAt, barEnd = 1, 1

// barCell is the cell of the bar for a step, of w cells.
func (p *Timeline) barCell(step, w int) int {
	steps := p.past.Length - p.past.First
	if steps <= 0 || w <= 0 {
		return 0
	}
	return min((step-p.past.First)*(w-1)/steps, w-1)
}

// stepAt is the step for a cell of the pane's first row.
func (p *Timeline) stepAt(x int) int {
	w := p.w - barAt - barEnd
	steps := p.past.Length - p.past.First
	return p.past.First + max(0, min((x-barAt)*steps/max(w-1, 1), steps))
}

// drawBar shows where the world is between the beginning that is kept and the end of its branch, and where the marks are.
func (p *Timeline) drawBar(b *canvas.Canvas, _ *Index) {
	w := b.W - barAt - barEnd
	here := p.barCell(p.past.Step, w)
	marked := map[int]bool{}
	for _, k := range p.past.Marks {
		marked[p.barCell(k.Step, w)] = true
	}
	b.Space(barAt)
	for x := range w {
		switch {
		case x == here:
			b.Repeat(canvas.Strong, '█', 1)
		case marked[x]:
			b.Repeat(canvas.Warning, '│', 1)
		case x < here:
			b.Repeat(canvas.Plain, '─', 1)
		default:
			b.Repeat(canvas.Faint, '·', 1)
		}
	}
}

// drawLine writes row i of h of a column that ends at column end of the block.
func (p *Timeline) drawLine(b *canvas.Canvas, column, i, h, end int) {
	lines, top := p.lines[column], p.top(column, h)
	switch below := len(lines) - top - h; {
	case h < 3: // no row to spare
	case i == 0 && top > 0:
		b.Space(1).Cell(canvas.Muted, "↑ "+engine.Count(top+1)+" more", end-(b.W-b.Left), 0)
		return
	case i == h-1 && below > 0:
		b.Space(1).Cell(canvas.Muted, "↓ "+engine.Count(below+1)+" more", end-(b.W-b.Left), 0)
		return
	}
	i += top
	if i >= len(lines) {
		return
	}
	l := &lines[i]
	room := end - (b.W - b.Left)
	if l.kind == aHeading {
		b.Space(1).Cell(canvas.Muted, l.text, room-1, 0)
		return
	}
	is := i == p.at[column] && column == p.column
	b.Chosen(is)
	look := canvas.Plain
	if is {
		look = canvas.Selected
	}
	b.Col(canvas.Muted, l.head, p.headCol[column]).Cell(look, l.text, end-(b.W-b.Left), 0)
}

// top is the first line of a column that is seen in h rows.
func (p *Timeline) top(column, h int) int {
	return max(0, min(p.at[column]-h/2, len(p.lines[column])-h))
}
