package tui

import (
	"strconv"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/canvas"
	"cluster/splitbrain/tui/pane"
)

// column is one of the three of large letters.
type column struct {
	head []canvas.Span
	text string
	look canvas.Style
	v    *engine.ServerState // nil if nobody has the place
}

// presentedLarge are the number of the view and the names of primary and backup in large letters.
func (o *presenter) presentedLarge(scale, w, margin int) []func(*canvas.Canvas) {
	columns := o.largeColumns()
	each := (w - margin) / len(columns)
	across := func(draw func(*canvas.Canvas, *column)) func(*canvas.Canvas) {
		return func(b *canvas.Canvas) {
			for i := range columns {
				b.At(margin + i*each)
				draw(b, &columns[i])
			}
		}
	}
	ofServer := func(draw func(*canvas.Canvas, *engine.ServerState)) func(*canvas.Canvas) {
		return across(func(b *canvas.Canvas, c *column) {
			if c.v != nil {
				draw(b, c.v)
			}
		})
	}
	empty := func(*canvas.Canvas) {}
	rows := []func(*canvas.Canvas){
		func(b *canvas.Canvas) { o.drawLessonHeading(b.Space(margin).Spans(o.brokenIn(b.Left))) }, empty,
		across(func(b *canvas.Canvas, c *column) { b.Spans(c.head) }), empty,
	}
	for row := range o.styles.LargeHeight(scale) {
		rows = append(rows, across(func(b *canvas.Canvas, c *column) { c.drawLarge(b, row, scale, each) }))
	}
	return append(rows, empty,
		ofServer(func(b *canvas.Canvas, v *engine.ServerState) { o.drawAgeBar(b, v, max(each-ageCol, barCells)) }),
		ofServer(func(b *canvas.Canvas, v *engine.ServerState) { b.Put(canvas.Plain, o.holds(v)) }))
}

func (o *presenter) largeColumns() []column {
	number := strconv.Itoa(int(o.now.View.Viewnum))
	columns := []column{{head: o.viewWord(), text: number, look: canvas.Strong}}
	for _, p := range o.viewSlots() {
		text, look := pane.RoleWords(p.role)
		c := column{head: append(o.chosenMark(p.name), look.Span(text)), text: pane.OrNobody(p.name), look: look, v: o.now.Server(p.name)}
		if c.v != nil {
			health, style := o.health(c.v, p.role, 24)
			c.head = append(c.head, canvas.Plain.Span("   "), style.Span(health))
			if c.v.State == netsim.Crashed {
				c.look = canvas.Dead
			}
		}
		columns = append(columns, c)
	}
	return columns
}

// drawLarge writes one row of a column of w cells; what has no large letters is written once.
func (c *column) drawLarge(b *canvas.Canvas, row, scale, w int) {
	switch big := b.LargeWidth(c.text, scale); {
	case big > 0 && big < w:
		b.Put(c.look, b.LargeRow(c.text, row, scale))
	case row == canvas.LetterH*scale/2:
		b.Cell(c.look, c.text, w-1, 0)
	}
}
