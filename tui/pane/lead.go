package pane

import (
	"strings"

	"cluster/splitbrain/tui/canvas"
)

// lead is what stands before a row.
type lead struct {
	chosen  bool
	pointed bool // a lesson points at the row
}

// put writes it, in two cells.
func (l lead) put(b *canvas.Canvas) *canvas.Canvas {
	switch {
	case l.chosen && l.pointed:
		return b.Put(canvas.Selected, "▸»")
	case l.pointed:
		return b.Put(canvas.Selected, "» ")
	}
	return b.Chosen(l.chosen)
}

// filtersOf are the words of the rows that a lesson points at.
func (s *Index) filtersOf() [][]string {
	var all [][]string
	for _, row := range s.Look.Rows {
		all = append(all, strings.Fields(strings.ToLower(row)))
	}
	return all
}
