package export

import (
	"encoding/xml"
	"fmt"
	"slices"
	"strings"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine/lex"
)

// Measures of a picture, in its own units: pixels as long as nobody scales it.
const (
	svgRow    = 24
	svgTop    = 56
	svgMargin = 20
)

// measures are how much room what stands side by side has.
type measures struct {
	left  int // the column of times
	lane  int
	words int // the column of words
	chars int // that fit there
}

var (
	wide   = measures{left: 110, lane: 90, words: 520, chars: 68}
	narrow = measures{left: 92, lane: 62, words: 340, chars: 43}
)

// narrow makes the diagram fit a page.
func (d *diagram) narrow() { d.measures = narrow }

// svgStyle is svgRules for a file of its own.
const svgStyle = "<style>\n" + svgRules + "</style>\n"

// svgRules bring its own background, so that the picture reads on any other. Colours stand there twice, since not
// every viewer knows variables.
const svgRules = `.diagram text { font: 12px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; white-space: pre }
.diagram line, .diagram path { stroke-width: 1.5; fill: none }
.diagram .name, .diagram .mark, .diagram .pause { font-weight: bold; text-anchor: middle } .diagram .time { text-anchor: end }
.diagram .reply { stroke-dasharray: 5 3 } .diagram .held, .diagram .way { stroke-dasharray: 2 3 }
.diagram .view { stroke-width: 2 } .diagram .broken { stroke-width: 2 } .diagram .brokentext, .diagram .rulingtext { font-weight: bold } .diagram .viewtext { font-weight: bold }
.diagram .paper { fill: #ffffff } .diagram text { fill: #1f2328 } .diagram .faint, .diagram .time { fill: #656d76 } .diagram .lane { stroke: #afb8c1 } .diagram .way { stroke: #656d76 }
.diagram .request { stroke: #0550ae } .diagram .h-request { fill: #0550ae } .diagram .reply { stroke: #116329 } .diagram .h-reply { fill: #116329 }
.diagram .lost { stroke: #b31d28 } .diagram .mark { fill: #b31d28 } .diagram .held { stroke: #7d4e00 } .diagram .pause, .diagram .node { fill: #7d4e00 }
.diagram .view { stroke: #6639ba } .diagram .viewtext { fill: #6639ba } .diagram .ruling { stroke: #7d4e00 } .diagram .rulingtext { fill: #7d4e00 } .diagram .broken { stroke: #b31d28 } .diagram .brokentext { fill: #b31d28 }
@media screen and (prefers-color-scheme: dark) {
.diagram .paper { fill: #0d1117 } .diagram text { fill: #e6edf3 } .diagram .faint, .diagram .time { fill: #9198a1 } .diagram .lane { stroke: #484f58 } .diagram .way { stroke: #9198a1 }
.diagram .request { stroke: #79c0ff } .diagram .h-request { fill: #79c0ff } .diagram .reply { stroke: #7ee787 } .diagram .h-reply { fill: #7ee787 }
.diagram .lost { stroke: #ff7b72 } .diagram .mark { fill: #ff7b72 } .diagram .held { stroke: #e3b341 } .diagram .pause, .diagram .node { fill: #e3b341 }
.diagram .view { stroke: #d2a8ff } .diagram .viewtext { fill: #d2a8ff } .diagram .ruling { stroke: #e3b341 } .diagram .rulingtext { fill: #e3b341 } .diagram .broken { stroke: #ff7b72 } .diagram .brokentext { fill: #ff7b72 }
}
`

// svg is the drawing as a file of its own.
func (d *diagram) svg() string { return d.draw(svgStyle) }

// draw draws a row per stage, so that a message that takes its time falls as it goes.
func (d *diagram) draw(style string) string {
	var b strings.Builder
	width := d.left + d.measures.lane*max(len(d.lanes), 1) + d.words
	height := svgTop + svgRow*(len(d.rows)+1) + svgMargin
	fmt.Fprintf(&b, `<svg class="diagram" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img">`+"\n", width, height, width, height)
	b.WriteString("<title>Messages between the nodes of a cluster</title>\n" + style)
	fmt.Fprintf(&b, `<rect class="paper" width="%d" height="%d" rx="6"/>`+"\n", width, height)
	if note := d.note(); note != "" {
		fmt.Fprintf(&b, `<text class="faint" x="%d" y="18">%s</text>`+"\n", svgMargin, xmlText(note))
	}
	fmt.Fprintf(&b, `<text class="time" x="%d" y="40">seconds</text>`+"\n", d.left-d.measures.lane/4)
	for i, name := range d.lanes {
		x := d.laneX(i)
		fmt.Fprintf(&b, `<text class="name" x="%d" y="40">%s</text>`+"\n", x, xmlText(cut(lex.Safe(name), 11)))
		fmt.Fprintf(&b, `<line class="lane" x1="%d" y1="48" x2="%d" y2="%d"/>`+"\n", x, x, height-svgMargin)
	}
	starts := map[*message]int{}
	for i, r := range d.rows {
		if r.message != nil && r.start {
			starts[r.message] = i
		}
	}
	for i, r := range d.rows {
		d.svgRow(&b, i, r, starts)
	}
	b.WriteString("</svg>\n")
	return b.String()
}

func (m measures) laneX(lane int) int { return m.left + m.lane*lane + m.lane/4 }

func rowY(i int) int { return svgTop + svgRow*(i+1) - svgRow/2 }

// acrossClass is how a row looks that is about all lanes.
var acrossClass = [...]string{befell: "ruling", timeGoes: "ruling", newView: "view", ruling: "ruling", violation: "broken"}

func (d *diagram) svgRow(b *strings.Builder, i int, r row, starts map[*message]int) {
	y, end := rowY(i), d.laneX(len(d.lanes))
	words := "words"
	switch {
	case r.across():
		class := acrossClass[r.sort]
		words = class + "text"
		fmt.Fprintf(b, `<line class="%s" x1="%d" y1="%d" x2="%d" y2="%d"/>`+"\n", class, d.left, y, end-d.measures.lane/4, y)
	case r.message == nil:
		for _, lane := range r.nodes {
			fmt.Fprintf(b, `<circle class="node" cx="%d" cy="%d" r="4"/>`+"\n", d.laneX(lane), y)
		}
	case !r.start:
		from := y - svgRow/3
		if at, ok := starts[r.message]; ok {
			from = rowY(at)
		}
		r.svgArrow(b, d.measures, from, y)
	case r.message.fate == underWay:
		fmt.Fprintf(b, `<line class="way" x1="%d" y1="%d" x2="%d" y2="%d"/>`+"\n", d.laneX(r.from), y, (d.laneX(r.from)+d.laneX(r.to))/2, y+svgRow/3)
	}
	fmt.Fprintf(b, `<text class="time" x="%d" y="%d">%s</text>`+"\n", d.left-d.measures.lane/4, y+4, clock(r.at))
	if r.message == nil || !r.start || r.message.fate == underWay {
		fmt.Fprintf(b, `<text class="%s" x="%d" y="%d"><title>%s</title>%s</text>`+"\n", words, end, y+4, xmlText(r.text), xmlText(cut(r.text, d.chars)))
	} else {
		fmt.Fprintf(b, `<text class="faint" x="%d" y="%d">#%d leaves</text>`+"\n", end, y+4, r.message.id)
	}
}

// svgArrow draws a message from its sender at y1 to its receiver at y2, or half the way if it does not arrive.
func (r row) svgArrow(b *strings.Builder, at measures, y1, y2 int) {
	m, x1, x2 := r.message, at.laneX(r.from), at.laneX(r.to)
	class := "request"
	if m.role == netsim.Reply {
		class = "reply"
	}
	if m.fate == delivered {
		back := 7
		if x2 < x1 {
			back = -7
		}
		fmt.Fprintf(b, `<line class="%s" x1="%d" y1="%d" x2="%d" y2="%d"/>`, class, x1, y1, x2-back, y2)
		fmt.Fprintf(b, `<path class="h-%s" d="M%d %d l%d -4 v8 z"/>`+"\n", class, x2, y2, -back)
		return
	}
	mark, sign := "mark", "✗"
	class = "lost"
	if m.fate == held {
		class, mark, sign = "held", "pause", "‖"
	}
	x2 = (x1 + x2) / 2
	fmt.Fprintf(b, `<line class="%s" x1="%d" y1="%d" x2="%d" y2="%d"/>`, class, x1, y1, x2, y2)
	fmt.Fprintf(b, `<text class="%s" x="%d" y="%d">%s</text>`+"\n", mark, x2, y2+4, sign)
}

// xmlText escapes a cleaned text for elements and attributes.
func xmlText(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s))
	return b.String()
}

// signs explain the marks that the diagram has.
func (d *diagram) signs() []sign {
	var all []sign
	seen := func(s sign, has func(r row) bool) {
		if slices.ContainsFunc(d.rows, has) {
			all = append(all, s)
		}
	}
	of := func(f func(m *message) bool) func(r row) bool {
		return func(r row) bool { return r.message != nil && f(r.message) }
	}
	seen(sign{"──▶", "request"}, of(func(m *message) bool { return m.role == netsim.Request }))
	seen(sign{"┄┄▶", "reply"}, of(func(m *message) bool { return m.role == netsim.Reply }))
	seen(sign{"✗", "lost"}, of(func(m *message) bool { return m.fate == lost }))
	seen(sign{"‖", "held"}, of(func(m *message) bool { return m.fate == held }))
	seen(sign{"●", "what befell a node, or links"}, func(r row) bool { return r.message == nil && len(r.nodes) > 0 })
	seen(sign{"━━", "a new view"}, func(r row) bool { return r.across() && r.sort == newView })
	return append(all, sign{"", "Calls to vs are left out: pings, and questions for the view."})
}
