package export

import (
	"encoding/xml"
	"fmt"
	"strings"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine/lex"
)

// Measures of a picture, in its own units: pixels as long as nobody scales it.
const (
	svgRow    = 24
	svgTop    = 56
	svgLeft   = 110
	svgLane   = 90
	svgWords  = 520 // the column of words
	svgChars  = 70  // that fit there
	svgMargin = 20
)

// svgStyle brings its own background, so that the picture reads on any other. Colours stand there twice, since not
// every viewer knows variables.
const svgStyle = `<style>
text { font: 12px ui-monospace, Menlo, Consolas, monospace; white-space: pre }
line, path { stroke-width: 1.5; fill: none }
.name, .mark, .pause { font-weight: bold; text-anchor: middle } .time { text-anchor: end }
.reply { stroke-dasharray: 5 3 } .held, .way { stroke-dasharray: 2 3 }
.view { stroke-width: 2 } .viewtext { font-weight: bold }
.paper { fill: #ffffff } text { fill: #1f2328 } .faint, .time { fill: #656d76 } .lane { stroke: #afb8c1 } .way { stroke: #656d76 }
.request { stroke: #0550ae } .h-request { fill: #0550ae } .reply { stroke: #116329 } .h-reply { fill: #116329 }
.lost { stroke: #b31d28 } .mark { fill: #b31d28 } .held { stroke: #7d4e00 } .pause, .node { fill: #7d4e00 }
.view { stroke: #6639ba } .viewtext { fill: #6639ba }
@media (prefers-color-scheme: dark) {
.paper { fill: #0d1117 } text { fill: #e6edf3 } .faint, .time { fill: #9198a1 } .lane { stroke: #484f58 } .way { stroke: #9198a1 }
.request { stroke: #79c0ff } .h-request { fill: #79c0ff } .reply { stroke: #7ee787 } .h-reply { fill: #7ee787 }
.lost { stroke: #ff7b72 } .mark { fill: #ff7b72 } .held { stroke: #e3b341 } .pause, .node { fill: #e3b341 }
.view { stroke: #d2a8ff } .viewtext { fill: #d2a8ff }
}
</style>
`

// svg draws a row per stage, so that a message that takes its time falls as it goes.
func (d *diagram) svg() string {
	var b strings.Builder
	width := svgLeft + svgLane*max(len(d.lanes), 1) + svgWords
	height := svgTop + svgRow*(len(d.rows)+1) + svgMargin
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img">`+"\n", width, height, width, height)
	b.WriteString("<title>Messages between the nodes of a cluster</title>\n" + svgStyle)
	fmt.Fprintf(&b, `<rect class="paper" width="%d" height="%d" rx="6"/>`+"\n", width, height)
	if note := d.note(); note != "" {
		fmt.Fprintf(&b, `<text class="faint" x="%d" y="18">%s</text>`+"\n", svgMargin, xmlText(note))
	}
	fmt.Fprintf(&b, `<text class="time" x="%d" y="40">seconds</text>`+"\n", svgLeft-svgLane/4)
	for i, name := range d.lanes {
		x := laneX(i)
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

func laneX(lane int) int { return svgLeft + svgLane*lane + svgLane/4 }
func rowY(i int) int     { return svgTop + svgRow*(i+1) - svgRow/2 }

func (d *diagram) svgRow(b *strings.Builder, i int, r row, starts map[*message]int) {
	y, end := rowY(i), laneX(len(d.lanes))
	words := "words"
	switch {
	case r.to == across:
		words = "viewtext"
		fmt.Fprintf(b, `<line class="view" x1="%d" y1="%d" x2="%d" y2="%d"/>`+"\n", svgLeft, y, end-svgLane/4, y)
	case r.message == nil:
		fmt.Fprintf(b, `<circle class="node" cx="%d" cy="%d" r="4"/>`+"\n", laneX(r.from), y)
		if r.to >= 0 {
			fmt.Fprintf(b, `<circle class="node" cx="%d" cy="%d" r="4"/>`+"\n", laneX(r.to), y)
		}
	case !r.start:
		from := y - svgRow/3
		if at, ok := starts[r.message]; ok {
			from = rowY(at)
		}
		r.svgArrow(b, from, y)
	case r.message.fate == underWay:
		fmt.Fprintf(b, `<line class="way" x1="%d" y1="%d" x2="%d" y2="%d"/>`+"\n", laneX(r.from), y, (laneX(r.from)+laneX(r.to))/2, y+svgRow/3)
	}
	fmt.Fprintf(b, `<text class="time" x="%d" y="%d">%s</text>`+"\n", svgLeft-svgLane/4, y+4, clock(r.at))
	if r.message == nil || !r.start || r.message.fate == underWay {
		fmt.Fprintf(b, `<text class="%s" x="%d" y="%d"><title>%s</title>%s</text>`+"\n", words, end, y+4, xmlText(r.text), xmlText(cut(r.text, svgChars)))
	} else {
		fmt.Fprintf(b, `<text class="faint" x="%d" y="%d">#%d leaves</text>`+"\n", end, y+4, r.message.id)
	}
}

// svgArrow draws a message from its sender at y1 to its receiver at y2, or half the way if it does not arrive.
func (r row) svgArrow(b *strings.Builder, y1, y2 int) {
	m, x1, x2 := r.message, laneX(r.from), laneX(r.to)
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
