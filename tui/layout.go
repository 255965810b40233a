package tui

import (
	"slices"

	"cluster/splitbrain/tui/pane"
)

// rect is a part of the screen, in cells.
type rect struct{ x, y, w, h int }

func (r rect) has(x, y int) bool { return x >= r.x && x < r.x+r.w && y >= r.y && y < r.y+r.h }

// layout says where everything is. Parts for which there is no room have no height. The parts without x stand one
// below another and fill the screen's width; main and sides share what is below the row of tabs.
type layout struct {
	compact bool // too small for a table: the view, the servers' states, the prompt

	title, views, table, clients, strip, tabs, why, prompt, hints rect
	present                                                       rect // above the pane, for a room
	main                                                          rect
	sides                                                         []rect // each with a heading of its own in its first row
}

// shape is what the screen is given to.
type shape uint8

const (
	everything shape = iota
	onePane          // zoomed
	presented
)

// Sizes from which on the screen is used differently.
const (
	compactBelowW, compactBelowH = 40, 10

	compactServerW = 5 // cells of a server that shares its row

	sideFromW   = 110 // there is a column of panes beside the main one
	secondFromW = 170 // and another
	sideEach    = 9   // rows that there must be for each pane in it
	sideLeast   = 4   // those that it has at least, with its heading
	sideMost    = 3
	belowMain   = 2 // which of them stands below the main one, if there are as many
	paneLeast   = 3 // rows of the main pane, if it is shown at all
	besideStrip = 4 // the same beside a lesson's text
	whyMost     = 2 // rows of the why line
	whyInNeed   = 4 // where it says that much
	whyParts    = 3 // what is so, why, and what comes next

	whyPartsFromH = 30 // rows of a screen on which each of these has its own
	clientMost    = 4  // rows of clients
)

// arrange computes all rectangles of a screen of w × h cells.
func arrange(w, h, servers, clients int, s shape) layout {
	return arrangeWith(w, h, servers, clients, s, 0)
}

// arrangeWith is arrange with a strip of a lesson's text above the panes, of as many rows as they can spare.
func arrangeWith(w, h, servers, clients int, s shape, strip int) layout {
	w, h = max(w, 0), max(h, 0)
	if s == presented {
		return arrangePresenter(w, h)
	}
	zoomed := s == onePane
	if w < compactBelowW || h < compactBelowH || h < servers+3 {
		return arrangeCompact(w, h)
	}
	rows := share(h, servers, clients, zoomed)
	if more := whyParts - rows.why; w >= sideFromW && h >= whyPartsFromH && rows.why > 0 && rows.pane > more+paneLeast {
		rows.why, rows.pane = rows.why+more, rows.pane-more
	}
	strip = max(min(strip, rows.pane-besideStrip), 0)
	l := layout{}
	y := 0
	for _, part := range []struct {
		r *rect
		h int
	}{
		{&l.title, rows.title}, {&l.views, rows.views}, {&l.table, rows.table}, {&l.clients, rows.clients},
		{&l.strip, strip}, {&l.tabs, rows.tabs}, {&l.main, rows.pane - strip}, {&l.why, rows.why}, {&l.prompt, rows.prompt}, {&l.hints, rows.hints},
	} {
		*part.r = rect{0, y, w, part.h}
		y += part.h
	}
	if !zoomed {
		l.addSides()
	}
	return l
}

// heights are rows for each part.
type heights struct{ title, views, table, clients, tabs, pane, why, prompt, hints int }

// share gives the rows of the screen to its parts, the most important first.
func share(h, servers, clients int, zoomed bool) heights {
	rows := heights{title: 1, prompt: 1, table: servers}
	if zoomed {
		rows.table = 0
	}
	left := h - rows.title - rows.prompt - rows.table
	give := func(part *int, n int) {
		if n <= left {
			*part += n
			left -= n
		}
	}
	give(&rows.why, 1)
	give(&rows.hints, 1)
	if !zoomed {
		give(&rows.table, 1) // the heading
		give(&rows.views, 1)
		give(&rows.table, 1) // the viewservice
		give(&rows.clients, 1)
	}
	if left > paneLeast {
		give(&rows.tabs, 1)
		give(&rows.pane, paneLeast)
	}
	give(&rows.why, whyMost-1)
	if !zoomed && clients > 1 {
		give(&rows.clients, 1)
	}
	if more := min(clients, clientMost) - rows.clients; !zoomed && h >= 40 && more > 0 {
		give(&rows.clients, more)
	}
	if rows.pane == 0 { // too low for a pane: nothing else would fill the rest
		rows.clients += left
		return rows
	}
	rows.pane += left
	return rows
}

// growWhy gives the why line, which shares them with the prompt, rows that the pane, of which least must stay, or a table
// without one, can spare.
func (l *layout) growWhy(rows, servers, least int) {
	from := &l.main
	if l.compact {
		from, least = &l.table, servers
		if l.table.h < servers {
			across := max(l.table.w/compactServerW, 1)
			least = (servers + across - 1) / across
		}
	}
	more := min(rows-l.why.h, from.h-least)
	if more > 0 && l.why.h > 0 && l.sides == nil {
		from.h -= more
		l.why.y -= more
		l.why.h += more
	}
}

// feedStrip gives a lesson's text rows that the why line does not need.
func (l *layout) feedStrip(wanted, why int) {
	more := min(wanted-l.strip.h, l.why.h-max(why, 1))
	if l.strip.h == 0 || more <= 0 || l.sides != nil {
		return
	}
	l.strip.h += more
	for _, below := range []*rect{&l.tabs, &l.main, &l.why} {
		below.y += more
	}
	l.why.h -= more
}

// addSides gives parts of a wide screen to more panes: columns at the right of the main pane, and its own lower half.
// The most important places come first.
func (l *layout) addSides() {
	whole := rect{0, l.tabs.y, l.main.w, l.tabs.h + l.main.h}
	n := min(whole.h/sideEach, sideMost)
	if whole.w < sideFromW || l.main.h < paneLeast || n == 0 {
		return
	}
	left, columns := whole, []rect{}
	for _, w := range sideWidths(whole.w) {
		left.w -= w + 1
		columns = append([]rect{{left.x + left.w + 1, whole.y, w, whole.h}}, columns...)
	}
	l.main.w, l.tabs.w = left.w, left.w
	l.sides = columns[0].stack(n)
	if n > 1 {
		below := left.h * 9 / 20
		l.main.h -= below
		l.sides = slices.Insert(l.sides, belowMain, rect{0, left.y + left.h - below, left.w, below})
	}
	for _, c := range columns[1:] {
		l.sides = append(l.sides, c.stack(n)...)
	}
}

// sideWidths are those of the columns beside the main one, the last column first.
func sideWidths(w int) []int {
	if w >= secondFromW {
		return []int{w * 3 / 10, w * 3 / 10}
	}
	return []int{w * 9 / 20}
}

// stack cuts a column into n parts.
func (r rect) stack(n int) []rect {
	var parts []rect
	y, left := r.y, r.h
	for i := range n {
		h := left / (n - i)
		parts = append(parts, rect{r.x, y, r.w, h})
		y, left = y+h, left-h
	}
	return parts
}

// fit shares the rows of each column anew, by what its panes want, headings included: front the main one, sides the others.
func (l *layout) fit(sides []int, front int) {
	columns := map[int][]int{} // at x: which sides stand there
	for i, r := range l.sides {
		columns[r.x] = append(columns[r.x], i)
	}
	for x, column := range columns {
		if x == l.main.x {
			l.fitBelow(&l.sides[column[0]], sides[column[0]], front)
			continue
		}
		h, wants := 0, []int{}
		for _, i := range column {
			h, wants = h+l.sides[i].h, append(wants, sides[i])
		}
		y := l.tabs.y
		for k, rows := range shareRows(h, wants) {
			r := &l.sides[column[k]]
			r.y, r.h = y, rows
			y += rows
		}
	}
}

// fitBelow gives the pane below the main one what the main one does not want, or what it wants itself, if that is less.
func (l *layout) fitBelow(below *rect, wanted, front int) {
	both := l.tabs.h + l.main.h + below.h
	rows := both - max(min(front, l.tabs.h+l.main.h), l.tabs.h+paneLeast)
	below.h = min(rows, max(wanted, sideLeast))
	below.y = l.tabs.y + both - below.h
	l.main.h = both - below.h - l.tabs.h
}

// shareRows shares h rows among panes that want so many: equally among those that want more than there is. What nobody wants
// is the last one's.
func shareRows(h int, wants []int) []int {
	order := make([]int, len(wants))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return wants[i] - wants[j] })
	rows, left := make([]int, len(wants)), h
	for k, i := range order {
		rows[i] = min(max(wants[i], sideLeast), left/(len(order)-k))
		left -= rows[i]
	}
	rows[len(rows)-1] += left
	return rows
}

func arrangePresenter(w, h int) layout {
	l := layout{present: rect{0, 0, w, h}}
	if h > 3 {
		l.present.h = h - 2
		l.prompt, l.hints = rect{0, h - 2, w, 1}, rect{0, h - 1, w, 1}
	}
	return l
}

// addPane gives what the first rows of the presenter leave to a pane below them.
func (l *layout) addPane(rows int) {
	if left := l.present.h - rows; left > 1 {
		l.present.h = rows
		l.tabs = rect{0, rows, l.present.w, 1}
		l.main = rect{0, rows + 1, l.present.w, left - 1}
	}
}

func arrangeCompact(w, h int) layout {
	l := layout{compact: true}
	l.title = rect{0, 0, w, min(h, 1)}
	if h >= 2 {
		l.prompt = rect{0, h - 1, w, 1}
	}
	rest := h - l.title.h - l.prompt.h
	if rest >= 3 {
		l.why = rect{0, h - 2, w, 1}
	}
	l.table = rect{0, l.title.h, w, rest - l.why.h}
	return l
}

// yieldToNotes gives the why line's row of a tiny screen to what a lesson tells.
func (l *layout) yieldToNotes(p *pane.Notes) {
	if l.compact && p.Leads() && l.table.h < p.Wanted()+compactEnough {
		l.table.h += l.why.h
		l.why = rect{}
	}
}

// compactEnough are rows of servers on a screen that is too small for panes, beside which the why line has its own.
const compactEnough = 4
