package pane

import (
	"slices"
	"strings"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/canvas"
)

// lanes are the columns of a diagram, one for each node. Those for which there is no room share the last one.
type lanes struct {
	names  []string
	shared int            // nodes in the last lane, if it is shared; else 0
	x      map[string]int // of each node's line, from the diagram's left
	pitch  int
}

const (
	leastPitch, mostPitch = 4, 9
	leastWords            = 16 // cells for words beside the lanes
	goodWords             = 36 // where that is no more than half
)

// mostLanes is how many lanes fit into w cells, words beside them included.
func mostLanes(w int) int { return max((w-leastWords)/leastPitch, 1) }

// newLanes fits nodes into w cells.
func newLanes(nodes []string, w int) lanes {
	l := lanes{x: make(map[string]int, len(nodes))}
	most := mostLanes(w)
	l.names = nodes
	if len(nodes) > most {
		l.names = slices.Clone(nodes[:most])
		l.shared = len(nodes) - most + 1
		l.names[most-1] = "+" + engine.Count(l.shared)
	}
	if len(l.names) > 0 {
		l.pitch = min(max((w-min(goodWords, max((w+3)/2, leastWords)))/len(l.names), leastPitch), mostPitch)
	}
	for i, n := range nodes {
		l.x[n] = min(i, len(l.names)-1) * l.pitch
	}
	return l
}

// width is that of all lanes, with the gap before the words.
func (l *lanes) width() int { return len(l.names) * l.pitch }

// inShared reports whether a node has no lane of its own.
func (l *lanes) inShared(node string) bool {
	return l.shared > 0 && l.x[node] == (len(l.names)-1)*l.pitch
}

func isClient(node string) bool { return strings.HasPrefix(node, "c") }

// participants are the nodes of a diagram that is w cells wide: all but the clients that take no part, and where these
// don't fit but the servers that take none.
func (p *Messages) participants(w int) []string {
	idle := func(n string) bool { return !p.busy[n] }
	all := slices.DeleteFunc(slices.Clone(p.nodes), func(n string) bool { return isClient(n) && idle(n) })
	if len(all) > mostLanes(w) {
		all = slices.DeleteFunc(all, idle)
	}
	return all
}

// statesBefore are the states of the nodes just before a line.
func (p *Messages) statesBefore(at int) map[string]netsim.State {
	states := make(map[string]netsim.State, len(p.were))
	for n, s := range p.were {
		states[n] = s
	}
	if at < 0 || at >= len(p.lines) {
		return states
	}
	for _, h := range p.all {
		if h.no >= p.lines[at].no {
			break
		}
		h.changeState(states)
	}
	return states
}

func (h *happening) changeState(states map[string]netsim.State) {
	if h.mark != nil && h.mark.state != netsim.Stopped {
		states[h.mark.node] = h.mark.state
	}
}

// way is how much of a message's way a row shows, and how it ends there.
type way uint8

const (
	whole   way = iota
	departs     // it is on its way still, or arrives in a row of its own
	arrives
	vanishes // lost at once
	waits    // held
	fails    // lost late
)

func (h *happening) way() way {
	switch {
	case h.arrival && h.lost():
		return fails
	case h.arrival:
		return arrives
	case h.last().kind == netsim.MsgHeld:
		return waits
	case h.arrived != 0 && !h.joined:
		return departs
	case h.lost():
		return vanishes
	case h.last().kind == netsim.MsgDelivered:
		return whole
	}
	return departs
}

// halves are how the first and the second half of each way are drawn.
var halves = [...]struct{ first, second rune }{
	whole: {'─', '─'}, departs: {'─', '·'}, arrives: {'·', '─'}, vanishes: {'─', ' '}, waits: {'─', '·'}, fails: {'·', ' '},
}

// stroke is one row of lanes that is being drawn.
type stroke []canvas.Glyph

// lifelines begins a row: a line for each node that lives.
func (l *lanes) lifelines(s stroke, states map[string]netsim.State) stroke {
	s = s[:0]
	for range l.width() {
		s = append(s, canvas.Faint.Glyph(' '))
	}
	for i, n := range l.names {
		switch states[n] {
		case netsim.Crashed:
		case netsim.Frozen:
			s[i*l.pitch] = canvas.Frozen.Glyph(':')
		default:
			s[i*l.pitch] = canvas.Faint.Glyph('│')
		}
	}
	return s
}

// arrow draws a message from one cell to another.
func (s stroke) arrow(from, to int, w way, look canvas.Style, copied bool) {
	step, tail, head := 1, '├', '►'
	if to < from {
		step, tail, head = -1, '┤', '◄'
	}
	mid := from + (to-from)/2
	if s[mid].Sign != ' ' { // no sign stands in the lane of a node that the message passes
		mid += step
	}
	first, second := halves[w].first, halves[w].second
	if copied {
		first = ' '
	}
	for x := from + step; x != to; x += step {
		sign := first
		if (x-mid)*step >= 0 {
			sign = second
		}
		s.line(x, sign, look)
	}
	if w != arrives && w != fails && !copied {
		s[from] = look.Glyph(tail)
	}
	if w == whole || w == arrives {
		s[to-step] = look.Glyph(head)
	}
	s.sign(mid, step, w, look, copied)
}

// line draws one cell of a line. It crosses the lanes that it passes.
func (s stroke) line(x int, sign rune, look canvas.Style) {
	switch crossing := s[x].Sign == '│'; {
	case sign == ' ', crossing && sign == '·':
	case crossing:
		s[x] = look.Glyph('┼')
	default:
		s[x] = look.Glyph(sign)
	}
}

// sign marks the middle of a way.
func (s stroke) sign(mid, step int, w way, look canvas.Style, copied bool) {
	if copied && w != arrives && w != fails {
		s[mid] = look.Glyph('2')
		mid += step
	}
	switch w {
	case vanishes, fails:
		s[mid] = canvas.Dead.Glyph('✗')
	case waits:
		s[mid] = canvas.Broken.Glyph('‖')
	}
}
