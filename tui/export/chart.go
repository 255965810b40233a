package export

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"cluster/splitbrain/netsim/engine/lex"
	"cluster/splitbrain/netsim/history"
	"cluster/splitbrain/pbservice"
)

// Measures of the drawing of a history, in pixels as long as nobody scales it.
const (
	chartWidth = 700
	chartLeft  = 44 // the names of clients
	chartLane  = 28
	chartBar   = 20
	chartLabel = 15 // a row of labels of marks
	chartAxis  = 20
	chartGap   = 14  // at least, between two moments
	chartChar  = 6.7 // a character is as wide
	chartText  = 30  // characters of an operation, at most
	chartMark  = 36  // and of a mark's label
	mostBars   = 60  // that are drawn beside each other, and half as many of those to blame before them
)

// chart draws operations as bars, a lane for each client. It is not to scale: a bar is as long as its words need, and what
// came later stands further right. What is too long for a row goes on in the next one.
type chart struct {
	lanes []string
	bars  []chartedBar
	marks []chartedMark
	times []chartedTime // in their order
	width float64
}

type chartedBar struct {
	history.Bar
	text     string
	culprit  bool
	from, to float64
	open     bool // it goes on where its drawing ends
	lane     int
}

type chartedMark struct {
	happening
	x float64
}

// chartedTime is a moment and where it is drawn.
type chartedTime struct {
	at    time.Duration
	rank  int // among those of one time
	x     float64
	bar   *chartedBar
	mark  *chartedMark
	start bool // of bar
}

// newChart lays out the operations, of which there must be one, and what befell the cluster meanwhile.
func newChart(bars []history.Bar, marks []happening, blame *history.Blame) *chart {
	c := &chart{}
	for _, b := range bars {
		if !slices.Contains(c.lanes, b.Client) {
			c.lanes = append(c.lanes, b.Client)
		}
	}
	slices.SortFunc(c.lanes, byNumber)
	for _, b := range bars {
		c.bars = append(c.bars, chartedBar{Bar: b, lane: slices.Index(c.lanes, b.Client), culprit: blame != nil && blame.IsCulprit(&b)})
	}
	for i := range c.bars {
		b := &c.bars[i]
		b.text = barText(b)
		called, returned := ranks(b)
		c.times = append(c.times, chartedTime{at: b.Call, rank: called, bar: b, start: true})
		if b.open = b.Running || b.Open; !b.open {
			c.times = append(c.times, chartedTime{at: b.Return, rank: returned, bar: b})
		}
	}
	for _, m := range marks {
		c.marks = append(c.marks, chartedMark{happening: m})
	}
	for i := range c.marks {
		c.times = append(c.times, chartedTime{at: c.marks[i].at, mark: &c.marks[i]})
	}
	slices.SortStableFunc(c.times, func(a, b chartedTime) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.rank, b.rank))
	})
	c.place()
	return c
}

// ranks order events of one time: as they are numbered, or so that a client's operations follow one another.
func ranks(b *chartedBar) (called, returned int) {
	switch {
	case b.Called > 0:
		return b.Called, b.Returned
	case b.Call == b.Return:
		return 2, 3
	}
	return 2, 1
}

// byNumber orders names like c2 and c10 by their numbers.
func byNumber(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) }

// barText is an operation in few characters, with a mark of what it has to do with a violation.
func barText(b *chartedBar) string {
	text := b.Kind.String() + " " + cut(lex.Safe(b.Key), chartText/3)
	if b.Kind != pbservice.Get {
		text += " " + short(b.Value)
	}
	switch {
	case b.culprit:
		text = "✗ " + text
	case b.Blamed:
		text = "≠ " + text
	}
	switch {
	case b.Running:
		return text + " …"
	case b.Open:
		return text + " ?"
	case b.Refused:
		return text + " refused"
	case b.Kind == pbservice.Get && !b.Found:
		return text + " → no value"
	case b.Kind == pbservice.Get:
		return text + " → " + short(b.Got)
	}
	return text
}

// short is a value of which little is shown. Its end stays, because what was appended last tells most.
func short(value string) string {
	if value == "" {
		return `""`
	}
	runes := []rune(lex.Safe(value))
	if most := chartText / 3; len(runes) > most {
		return "…" + string(runes[len(runes)-most+1:])
	}
	return string(runes)
}

func textWidth(s string) float64 { return float64(len([]rune(s))) * chartChar }

// place gives each moment its place: the first one where all before it have room.
func (c *chart) place() {
	x := 0.0
	busy := make([]*chartedBar, len(c.lanes)) // those that are open
	end := func(b *chartedBar, x float64) {
		if b != nil {
			b.to = x
		}
	}
	for i := range c.times {
		t := &c.times[i]
		need := x + chartGap
		if i == 0 {
			need = 0
		}
		switch b := t.bar; {
		case b != nil && t.start:
			if was := busy[b.lane]; was != nil {
				need = max(need, was.from+textWidth(was.text)+chartGap)
				end(was, need-2)
			}
			if busy[b.lane] = nil; b.open {
				busy[b.lane] = b
			}
			b.from = need
		case b != nil:
			need = max(need, b.from+textWidth(b.text)+10)
			b.to = need
		default:
			t.mark.x = need
		}
		t.x, x = need, max(x, need)
	}
	for _, b := range busy {
		if b != nil {
			x = max(x, b.from+textWidth(b.text)+chartGap)
		}
	}
	for _, b := range busy {
		end(b, x+chartGap)
	}
	c.width = x + chartGap
	c.stretch()
}

// mostStretch is how much further apart moments stand that leave most of a row empty.
const mostStretch = 2.5

// stretch lets what fits into one row have all of it.
func (c *chart) stretch() {
	by := min((chartWidth-chartLeft-chartGap)/c.width, mostStretch)
	if by <= 1 {
		return
	}
	c.width *= by
	for i := range c.times {
		c.times[i].x *= by
	}
	for i := range c.marks {
		c.marks[i].x *= by
	}
	for i := range c.bars {
		c.bars[i].from, c.bars[i].to = c.bars[i].from*by, c.bars[i].to*by
	}
}

// strip is a part of the chart, from one place to another.
type strip struct{ from, to float64 }

// strips cuts the chart into rows of what a page is wide, between two moments.
func (c *chart) strips() []strip {
	const room = chartWidth - chartLeft - chartGap
	var all []strip
	from := 0.0
	for i := 1; i < len(c.times); i++ {
		if c.times[i].x-from <= room {
			continue
		}
		last := i - 1 // what begins behind it is better whole in the next row
		for last > 0 && c.times[last].start && c.times[last].x > from+room/2 {
			last--
		}
		if until := c.times[last].x + chartGap/2; until > from {
			all = append(all, strip{from, until})
			from = until
		}
	}
	return append(all, strip{from, max(c.width, from+1)})
}

// svg draws each strip.
func (c *chart) svg() []string {
	var all []string
	strips := c.strips()
	for i, s := range strips {
		all = append(all, c.drawStrip(s, i == len(strips)-1))
	}
	return all
}

// drawStrip draws what stands between two places.
func (c *chart) drawStrip(s strip, last bool) string {
	labels, rows := c.labels(s)
	top := rows*chartLabel + 6
	lanes := c.lanesOf(s)
	bottom := top + len(lanes)*chartLane
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="chart" viewBox="0 0 %d %d" role="img">`+"\n<title>What the clients saw, from %s s on</title>\n",
		chartWidth, bottom+chartAxis, clock(c.timeAt(s.from)))
	for row, lane := range lanes {
		y := top + row*chartLane + chartLane/2
		fmt.Fprintf(&b, `<text class="who" x="0" y="%d">%s</text><line class="lane" x1="%d" y1="%d" x2="%d" y2="%d"/>`+"\n",
			y+4, xmlText(cut(lex.Safe(c.lanes[lane]), 6)), chartLeft, y, chartWidth, y)
	}
	for _, l := range labels {
		l.draw(&b, bottom)
	}
	for i := range c.bars {
		c.bars[i].draw(&b, s, top+slices.Index(lanes, c.bars[i].lane)*chartLane)
	}
	c.axis(&b, s, bottom, last)
	b.WriteString("</svg>\n")
	return b.String()
}

// lanesOf are those in which a strip has something.
func (c *chart) lanesOf(s strip) []int {
	var all []int
	for lane := range c.lanes {
		if slices.ContainsFunc(c.bars, func(b chartedBar) bool { return b.lane == lane && b.from < s.to && b.to > s.from }) {
			all = append(all, lane)
		}
	}
	return all
}

// label is the text of a mark in its row.
type label struct {
	x    float64
	row  int
	left bool // it stands to the left of its line
	text string
	mark *chartedMark
}

// labels puts the marks' texts into rows in which they don't touch.
func (c *chart) labels(s strip) (all []label, rows int) {
	var ends []float64 // of the rows
	for i := range c.marks {
		m := &c.marks[i]
		if m.x < s.from || m.x >= s.to {
			continue
		}
		l := label{x: s.place(m.x), text: cut(m.text, chartMark), mark: m}
		from, to := l.x+4, l.x+4+textWidth(l.text)
		if to > chartWidth {
			l.left, from, to = true, l.x-4-textWidth(l.text), l.x-4
		}
		for l.row = 0; l.row < len(ends) && ends[l.row] > from; l.row++ {
		}
		if l.row == len(ends) {
			ends = append(ends, 0)
		}
		ends[l.row] = to + 8
		all = append(all, l)
	}
	return all, len(ends)
}

var sortClass = [...]string{befell: "fault", timeGoes: "fault", newView: "view", ruling: "ruling", violation: "broken"}

func (l *label) draw(b *strings.Builder, bottom int) {
	y, x, anchor := l.row*chartLabel+12, l.x+4, "start"
	if l.left {
		x, anchor = l.x-4, "end"
	}
	fmt.Fprintf(b, `<g class="m-%s"><line x1="%.1f" y1="%d" x2="%.1f" y2="%d"/><text x="%.1f" y="%d" text-anchor="%s"><title>%s</title>%s</text></g>`+"\n",
		sortClass[l.mark.sort], l.x, y-10, l.x, bottom, x, y, anchor, xmlText(clock(l.mark.at)+" s: "+l.mark.text), xmlText(l.text))
}

func (s strip) place(x float64) float64 { return chartLeft + x - s.from }

// draw draws what a strip shows of a bar, in a lane that begins at top: without an end where that stands elsewhere, or is not known.
func (d *chartedBar) draw(b *strings.Builder, s strip, top int) {
	from, to := max(d.from, s.from), min(d.to, s.to)
	if to <= from {
		return
	}
	y := float64(top + (chartLane-chartBar)/2)
	x1, x2 := s.place(from), min(s.place(to), chartWidth)
	begins, ends := from == d.from, to == d.to && !d.open
	class := "write"
	if d.Kind == pbservice.Get {
		class = "get"
	}
	switch {
	case d.culprit:
		class += " culprit"
	case d.Blamed:
		class += " blamed"
	case d.open:
		class += " open"
	}
	fmt.Fprintf(b, `<g class="%s"><title>%s</title><rect x="%.1f" y="%.1f" width="%.1f" height="%d"/>`, class, xmlText(d.inFull()), x1, y, x2-x1, chartBar)
	fmt.Fprintf(b, `<path d="M%.1f %.1fh%.1f"/><path d="M%.1f %.1fh%.1f"/>`, x1, y, x2-x1, x1, y+chartBar, x2-x1)
	if begins {
		fmt.Fprintf(b, `<path d="M%.1f %.1fv%d"/>`, x1, y, chartBar)
	}
	if ends {
		fmt.Fprintf(b, `<path d="M%.1f %.1fv%d"/>`, x2, y, chartBar)
	}
	if room := int((x2 - x1 - 6) / chartChar); room > 2 {
		fmt.Fprintf(b, `<text x="%.1f" y="%.1f">%s</text>`, x1+5, y+14, xmlText(cut(d.text, room)))
	}
	b.WriteString("</g>\n")
}

// inFull tells the operation with its times.
func (d *chartedBar) inFull() string {
	text := lex.Safe(d.Operation.String()) + ", called at " + clock(d.Call) + " s"
	if !d.open {
		return text + ", answered at " + clock(d.Return) + " s"
	}
	return text + ", not answered"
}

// axis tells the times of moments, where they have room.
func (c *chart) axis(b *strings.Builder, s strip, bottom int, last bool) {
	fmt.Fprintf(b, `<line class="axis" x1="%d" y1="%d" x2="%d" y2="%d"/>`, chartLeft, bottom, chartWidth, bottom)
	free, told := 0.0, ""
	for _, t := range c.times {
		if t.x < s.from || t.x >= s.to {
			continue
		}
		x := s.place(t.x)
		text := fmt.Sprintf("%.3f", t.at.Seconds())
		fmt.Fprintf(b, `<path class="axis" d="M%.1f %dv3"/>`, x, bottom)
		if text == told || x-textWidth(text)/2 < free || x+textWidth(text)/2 > chartWidth-14 {
			continue
		}
		fmt.Fprintf(b, `<text class="tick" x="%.1f" y="%d">%s</text>`, x, bottom+14, text)
		free, told = x+textWidth(text)/2+6, text
	}
	if !last {
		fmt.Fprintf(b, `<text class="tick" x="%d" y="%d">…</text>`, chartWidth-6, bottom+14)
	}
	b.WriteString("\n")
}

// timeAt is the time of the first moment from a place on.
func (c *chart) timeAt(x float64) time.Duration {
	for _, t := range c.times {
		if t.x >= x {
			return t.at
		}
	}
	return 0
}

// signs explain the marks that the chart has.
func (c *chart) signs() []sign {
	all := []sign{{"", "Each bar is an operation, from its call to its answer; not to scale: a bar is as long as its words."}}
	seen := func(s sign, has func(b chartedBar) bool) {
		if slices.ContainsFunc(c.bars, has) {
			all = append(all, s)
		}
	}
	seen(sign{"✗", "can't be explained"}, func(b chartedBar) bool { return b.culprit })
	seen(sign{"≠", "contradicts that"}, func(b chartedBar) bool { return b.Blamed && !b.culprit })
	seen(sign{"?", "not answered: it may have happened, or not"}, func(b chartedBar) bool { return b.Open })
	seen(sign{"…", "still runs"}, func(b chartedBar) bool { return b.Running })
	if len(c.marks) > 0 {
		all = append(all, sign{"┊", "what befell the cluster meanwhile"})
	}
	return all
}
