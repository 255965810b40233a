package export

import (
	"fmt"
	"slices"
	"strings"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine/lex"
)

const (
	timeColumn = 12
	laneColumn = 9 // characters from one lane to the next
)

// text draws a row per line: the time in seconds, the lanes, the words.
func (d *diagram) text() string {
	var b strings.Builder
	if note := d.note(); note != "" {
		fmt.Fprintf(&b, "(%s)\n", note)
	}
	head := fmt.Sprintf("%*s  ", timeColumn, "seconds")
	for _, name := range d.lanes {
		head += fmt.Sprintf("%-*s", laneColumn, cut(lex.Safe(name), laneColumn-1))
	}
	b.WriteString(strings.TrimRight(head, " ") + "\n")
	for _, r := range d.rows {
		line := fmt.Sprintf("%*s  %s %s", timeColumn, clock(r.at), strings.Join(r.cells(len(d.lanes)), ""), r.words())
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return b.String()
}

// words are what stands beside the lanes.
func (r row) words() string {
	switch {
	case r.message == nil:
	case r.start:
		return r.text + " …"
	case !r.whole && r.message.known:
		return r.text + fmt.Sprintf(" (sent at %s)", clock(r.message.sent))
	}
	return r.text
}

// cells draws the lanes of a row, one string per character.
func (r row) cells(lanes int) []string {
	if r.across() {
		return slices.Repeat([]string{"═"}, lanes*laneColumn)
	}
	cells := slices.Repeat([]string{" "}, lanes*laneColumn)
	for lane := range lanes {
		cells[lane*laneColumn] = "│"
	}
	if r.message != nil {
		r.arrow(cells)
		return cells
	}
	for _, lane := range r.nodes {
		cells[lane*laneColumn] = "●"
	}
	return cells
}

// arrow draws a message from its sender's lane, all the way if it arrives.
func (r row) arrow(cells []string) {
	stroke, head, step := "─", "▶", 1
	if r.message.role == netsim.Reply {
		stroke = "┄"
	}
	if r.to < r.from {
		head, step = "◀", -1
	}
	from, to := r.from*laneColumn, r.to*laneColumn
	if from == to {
		cells[from] = "●"
		return
	}
	last := to - step
	switch {
	case r.start:
		last, head = from+2*step, stroke
	case r.message.fate == lost:
		last, head = (from+to)/2, "✗"
	case r.message.fate == held:
		last, head = (from+to)/2, "‖"
	}
	for i := from + step; i != last; i += step {
		if cells[i] = stroke; i%laneColumn == 0 {
			cells[i] = "┼"
		}
	}
	cells[last] = head
}
