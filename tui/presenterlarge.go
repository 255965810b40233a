package tui

import (
	"strconv"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
)

// column is one of the three of large letters.
type column struct {
	head []span
	text string
	look role
	v    *engine.ServerState // nil if nobody has the place
}

// presentedLarge are the number of the view and the names of primary and backup in large letters.
func (m *Model) presentedLarge(scale, w, margin int) []func(*block) {
	columns := m.largeColumns()
	each := (w - margin) / len(columns)
	across := func(draw func(*block, *column)) func(*block) {
		return func(b *block) {
			for i := range columns {
				b.at(margin + i*each)
				draw(b, &columns[i])
			}
		}
	}
	ofServer := func(draw func(*block, *engine.ServerState)) func(*block) {
		return across(func(b *block, c *column) {
			if c.v != nil {
				draw(b, c.v)
			}
		})
	}
	empty := func(*block) {}
	rows := []func(*block){
		func(b *block) { b.space(margin).spans(m.brokenIn(b.left)) }, empty,
		across(func(b *block, c *column) { b.spans(c.head) }), empty,
	}
	for row := range letterH * scale {
		rows = append(rows, across(func(b *block, c *column) { c.drawLarge(b, row, scale, each) }))
	}
	return append(rows, empty,
		ofServer(func(b *block, v *engine.ServerState) { m.drawAgeBar(b, v, max(each-ageCol, barCells)) }),
		ofServer(func(b *block, v *engine.ServerState) { b.put(plain, m.holds(v)) }))
}

func (m *Model) largeColumns() []column {
	number := strconv.Itoa(int(m.now.View.Viewnum))
	columns := []column{{head: m.viewWord(), text: number, look: strong}}
	for _, p := range m.seats() {
		text, look := roleWords(p.role)
		c := column{head: []span{{look, text}}, text: orNobody(p.name), look: look, v: m.now.Server(p.name)}
		if c.v != nil {
			ails, ill := m.fares(c.v, p.role, 24)
			c.head = append(c.head, span{plain, "   "}, span{ill, ails})
			if c.v.State == netsim.Crashed {
				c.look = dead
			}
		}
		columns = append(columns, c)
	}
	return columns
}

// drawLarge writes one row of a column of w cells; what has no large letters is written once.
func (c *column) drawLarge(b *block, row, scale, w int) {
	switch big := bigWidth(c.text, scale); {
	case big > 0 && big < w:
		b.put(c.look, bigRow(c.text, row, scale))
	case row == letterH*scale/2:
		b.cell(c.look, c.text, w-1, 0)
	}
}
