package export

import (
	"fmt"
	"strings"

	"cluster/splitbrain/netsim"
)

// strokes are the characters of a text diagram.
type strokes struct {
	lane, request, reply, cross, right, left, lost, held, node, rule string
}

var (
	lines = strokes{"│", "─", "┄", "┼", "▶", "◀", "✗", "‖", "●", "═"}
	ascii = strokes{"|", "-", ".", "+", ">", "<", "x", "#", "*", "="}
)

const (
	timeColumn = 12
	laneColumn = 9 // characters from one lane to the next
)

// text draws a row per line: the time in seconds, the lanes, the words.
func (d *diagram) text(onlyASCII bool) string {
	s := lines
	if onlyASCII {
		s = ascii
	}
	var b strings.Builder
	if note := d.note(); note != "" {
		fmt.Fprintf(&b, "(%s)\n", note)
	}
	head := fmt.Sprintf("%*s  ", timeColumn, "seconds")
	for _, name := range d.lanes {
		head += fmt.Sprintf("%-*s", laneColumn, cut(clean(name), laneColumn-1))
	}
	b.WriteString(strings.TrimRight(head, " ") + "\n")
	for _, r := range d.rows {
		line := fmt.Sprintf("%*s  %s %s", timeColumn, clock(r.at), strings.Join(s.cells(r, len(d.lanes)), ""), r.words(onlyASCII))
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return b.String()
}

// words are what stands beside the lanes.
func (r row) words(onlyASCII bool) string {
	text := r.text
	switch {
	case r.message == nil:
	case r.start:
		text += " …"
	case !r.whole && r.message.known:
		text += fmt.Sprintf(" (sent at %s)", clock(r.message.sent))
	}
	if onlyASCII {
		text = strings.NewReplacer("✗ ", "", "‖ ", "", "…", "...", "’", "'", "→", "->", "·", "-", "–", "-").Replace(text)
	}
	return text
}

// cells draws the lanes of a row, one string per character.
func (s strokes) cells(r row, lanes int) []string {
	cells := make([]string, lanes*laneColumn)
	for i := range cells {
		switch {
		case r.to == across:
			cells[i] = s.rule
		case i%laneColumn == 0:
			cells[i] = s.lane
		default:
			cells[i] = " "
		}
	}
	switch {
	case r.to == across:
	case r.message == nil:
		cells[r.from*laneColumn] = s.node
		if r.to >= 0 {
			cells[r.to*laneColumn] = s.node
		}
	default:
		s.arrow(cells, r)
	}
	return cells
}

// arrow draws a message from its sender's lane, all the way if it arrives.
func (s strokes) arrow(cells []string, r row) {
	stroke, head, step := s.request, s.right, 1
	if r.message.role == netsim.Reply {
		stroke = s.reply
	}
	if r.to < r.from {
		head, step = s.left, -1
	}
	from, to := r.from*laneColumn, r.to*laneColumn
	if from == to {
		cells[from] = s.node
		return
	}
	last := to - step
	switch {
	case r.start:
		last, head = from+2*step, stroke
	case r.message.fate == lost:
		last, head = (from+to)/2, s.lost
	case r.message.fate == held:
		last, head = (from+to)/2, s.held
	}
	for i := from + step; i != last; i += step {
		if cells[i] = stroke; i%laneColumn == 0 {
			cells[i] = s.cross
		}
	}
	cells[last] = head
}
