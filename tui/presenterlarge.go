package tui

import (
	"strconv"
	"strings"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
)

// Large letters are three cells wide and five high, each drawn as a block.
const (
	letterW, letterH = 3, 5
	blockW           = 2 // cells of the screen for one of a letter, so that it looks square
)

// letters are all that names of servers and numbers of views need, row by row.
var letters = map[rune]string{
	'0': "###|# #|# #|# #|###", '1': " # |## | # | # |###", '2': "###|  #|###|#  |###", '3': "###|  #|###|  #|###", '4': "# #|# #|###|  #|  #",
	'5': "###|#  |###|  #|###", '6': "###|#  |###|# #|###", '7': "###|  #|  #|  #|  #", '8': "###|# #|###|# #|###", '9': "###|# #|###|  #|###",
	's': "   | ##|## | ##|## ", '·': "   |   | # |   |   ",
}

// bigWidth is how many cells a text takes in large letters; 0 if it can't be written so.
func bigWidth(text string, scale int) int {
	n := 0
	for _, r := range text {
		if letters[r] == "" {
			return 0
		}
		n++
	}
	return max(n*(letterW+1)-1, 0) * blockW * scale
}

// bigRow is one row of a text in large letters, of letterH × scale.
func bigRow(text string, row, scale int) string {
	var b strings.Builder
	for i, r := range []rune(text) {
		if i > 0 {
			b.WriteString(strings.Repeat(" ", blockW*scale))
		}
		at := row / scale * (letterW + 1)
		for _, cell := range letters[r][at : at+letterW] {
			if cell == '#' {
				b.WriteString(strings.Repeat("█", blockW*scale))
			} else {
				b.WriteString(strings.Repeat(" ", blockW*scale))
			}
		}
	}
	return b.String()
}

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
