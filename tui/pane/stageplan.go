package pane

import (
	"cmp"
	"slices"

	"cluster/splitbrain/netsim/engine"
)

// plan says where everything of a scene is, in a pane of w × h cells: the viewservice and the servers in boxes above, the
// clients below, and in the rows between a lane for each link that has something to show.
type plan struct {
	*scene
	w, h      int
	lampRows  int
	bordered  bool
	gap, lane int // the first row of the lanes, and how many there are
	boxes     []placed
	wires     []route
	hidden    int // links for which there is no lane
	words     int // the row of what a partition parts; -1 if there is none
}

// placed is an actor in its place.
type placed struct {
	*actor
	x, y, w, h int
	below      bool // a client
}

func (p *placed) has(x, y int) bool { return x >= p.x && x < p.x+p.w && y >= p.y && y < p.y+p.h }

// route is a wire in its place: from the foot of a box along a lane to another box.
type route struct {
	*wire
	path     []point // from a to b
	row      int     // the lane
	from, to int     // indices in path of the ends of the part along the lane
}

type point struct{ x, y int }

// How large the boxes are, in cells.
const (
	leastBox      = 11
	mostBox       = 27
	leastClient   = 18
	narrowBox     = 8 // with a border
	leastBordered = 8 // rows of a stage with boxes that have borders
	mostLane      = 8
	leastLane     = 3
	usualLines    = 5
)

// planFor puts a scene into w × h cells, with its lamp or without.
func planFor(s *scene, w, h int, lamp bool) *plan {
	p := &plan{scene: s, w: w, h: h, words: -1}
	if h > 3 && lamp {
		p.lampRows = 1
	}
	rest := h - p.lampRows
	if len(s.top)*(leastBox+1)-1 > w {
		p.scene = s.crowded()
	}
	p.bordered = rest >= leastBordered && len(p.top)*(narrowBox+1)-1 <= w
	top, clients := p.heights(rest)
	p.gap = p.lampRows + top
	p.lane = max(rest-top-clients, 0)
	p.lane = min(p.lane, max(mostLane, rest/3))
	p.placeTop(p.lampRows, top)
	if clients > 0 {
		p.placeClients(p.gap+p.lane, clients)
	}
	if p.parted != "" && p.lane > 1 {
		p.words = p.gap + p.lane/2
	}
	p.route()
	return p
}

// Wants is what boxes, and lanes for some links, take: the more nodes, the more.
func (p *Stage) Wants(h int) int {
	if p.now == nil {
		return h
	}
	lanes := min(max(len(p.now.Servers)+len(p.now.Clients), leastLane+2), mostLane)
	return 1 + usualLines + 2 + lanes + 3
}

// heights are the rows of the servers' boxes and the clients', of so many.
func (p *plan) heights(rest int) (top, clients int) {
	if !p.bordered {
		return min(rest, 1), min(max(rest-1-leastLane+1, 0), 1)
	}
	wanted, wantedBelow := usualLines, 0 // so that boxes keep their heights while lines come and go
	for _, a := range p.top {
		n := len(a.lines)
		if a.age != nil {
			n++
		}
		if a.fill >= 0 {
			n++
		}
		wanted = max(wanted, n)
	}
	for _, a := range p.clients {
		wantedBelow = max(wantedBelow, len(a.lines))
	}
	top, clients = 4, 1
	left := rest - top - clients - leastLane
	grow := func(part *int, by, upTo int) {
		if *part+by <= upTo && left >= by {
			*part += by
			left -= by
		}
	}
	grow(&top, 1, wanted+2)
	grow(&clients, 2, 3)
	spare := 0
	grow(&spare, 1, 1)
	for range wanted {
		grow(&top, 1, wanted+2)
	}
	grow(&clients, 1, wantedBelow+2)
	return top, clients
}

// placeTop puts the viewservice and the servers beside each other.
func (p *plan) placeTop(y, h int) {
	for i, x := range spread(len(p.top), p.w, max(mostBox, p.w/6)) {
		p.boxes = append(p.boxes, placed{actor: p.top[i], x: x.x, y: y, w: x.y, h: h})
	}
}

// placeClients puts as many clients beside each other as there is room for, those of which there is most to see.
func (p *plan) placeClients(y, h int) {
	n := min(len(p.clients), max((p.w+1)/(leastClient+1), 1))
	shown := slices.Clone(p.clients)
	slices.SortStableFunc(shown, func(a, b *actor) int { return cmp.Compare(b.telling, a.telling) })
	shown = shown[:n]
	slices.SortFunc(shown, func(a, b *actor) int { return slices.Index(p.clients, a) - slices.Index(p.clients, b) })
	p.more = len(p.clients) - n
	w := p.w
	if p.more > 0 {
		w -= 6
	}
	for i, x := range spread(n, w, max(mostBox+8, p.w/6)) {
		p.boxes = append(p.boxes, placed{actor: shown[i], x: x.x, y: y, w: x.y, h: h, below: true})
	}
}

// spread puts n boxes of the same width across w cells: their places as x, their widths as y.
func spread(n, w, most int) []point {
	if n == 0 || w <= 0 {
		return nil
	}
	each := min(max((w-(n-1))/n, 1), most)
	if n > 1 && each > leastBox+3 { // links are seen better between boxes that stand apart
		each = min(each, max((w-3*(n-1))/n, leastBox+3))
	}
	free := max(w-n*each, 0)
	var out []point
	for i := range n {
		x := i * each
		if n > 1 {
			x += free * i / (n - 1)
		} else {
			x += free / 2
		}
		if x >= w {
			break
		}
		out = append(out, point{x, min(each, w-x)})
	}
	return out
}

// boxOf is the box of a node; nil if that has none.
func (p *plan) boxOf(node string) *placed {
	for i := range p.boxes {
		if slices.Contains(p.boxes[i].nodes, node) {
			return &p.boxes[i]
		}
	}
	return nil
}

// route gives each wire a lane, and finds the way along it. Wires keep their places while others come and go, as far as
// there are lanes for all that matters.
func (p *plan) route() {
	var wires []*wire
	for _, w := range p.scene.wires {
		if a, b := p.boxOf(w.a), p.boxOf(w.b); a != nil && b != nil && a != b && (!a.below || !b.below) {
			wires = append(wires, w)
		}
	}
	wires = wires[:min(len(wires), 2*p.lane)]
	inOrder := slices.Clone(wires)
	slices.SortFunc(inOrder, func(x, y *wire) int { return cmp.Or(p.order(x.a)-p.order(y.a), p.order(x.b)-p.order(y.b)) })
	if !p.assign(inOrder) {
		p.assign(wires)
	}
	p.hidden = len(p.scene.wires) - len(p.wires)
}

// order is which box a node is in. The viewservice comes last: pings come and go all the time.
func (p *plan) order(node string) int {
	if node == engine.ViewAddr {
		return len(p.boxes)
	}
	return slices.IndexFunc(p.boxes, func(b placed) bool { return slices.Contains(b.nodes, node) })
}

// assign gives lanes to wires, the first first, and reports whether all have one that matter.
func (p *plan) assign(wires []*wire) bool {
	xs := p.ends(wires)
	p.wires = nil
	taken := make([][]point, p.lane)
	if p.words >= 0 {
		taken[p.words-p.gap] = []point{{0, p.w}}
	}
	all := true
	for i, w := range wires {
		x1, x2 := xs[i].x, xs[i].y
		below := p.boxOf(w.b).below
		if row, ok := freeRow(taken, min(x1, x2)-1, max(x1, x2)+1, below); ok {
			p.wires = append(p.wires, p.along(w, x1, x2, row, below))
		} else {
			all = all && w.weight < weighsLoss
		}
	}
	return all
}

// ends are where the wires leave their boxes: x for a, y for b.
func (p *plan) ends(wires []*wire) []point {
	xs := make([]point, len(wires))
	for i, w := range wires {
		xs[i] = point{p.end(w.a, w.b, wires), p.end(w.b, w.a, wires)}
		// what is one below another is joined straight
		if b := p.boxOf(w.b); b.below && xs[i].x > b.x && xs[i].x < b.x+b.w-1 && abs(xs[i].x-xs[i].y) < 4 {
			xs[i].y = xs[i].x
		}
	}
	return xs
}

// end is where the wire to another node leaves the box of a node. In a box that is wide enough there is a place for each
// other box, in a narrow one for each of the wires, in the order of where they lead.
func (p *plan) end(node, other string, wires []*wire) int {
	box, to := p.boxOf(node), p.boxOf(other)
	before, n := 0, 0
	for i := range p.boxes {
		o := &p.boxes[i]
		if o == box || len(p.boxes) > box.w-2 && !joined(box, o, wires) {
			continue
		}
		n++
		if d := o.x + o.w/2 - to.x - to.w/2; d < 0 || d == 0 && o.below && !to.below {
			before++
		}
	}
	return box.x + min((before+1)*box.w/(n+1), max(box.w-1, 0))
}

// joined reports whether a wire joins two boxes.
func joined(a, b *placed, wires []*wire) bool {
	return slices.ContainsFunc(wires, func(w *wire) bool {
		return slices.Contains(a.nodes, w.a) && slices.Contains(b.nodes, w.b) || slices.Contains(a.nodes, w.b) && slices.Contains(b.nodes, w.a)
	})
}

func abs(n int) int { return max(n, -n) }

// freeRow takes the cells from x1 to x2 of a lane, the nearest to the boxes that it joins.
func freeRow(taken [][]point, x1, x2 int, below bool) (row int, ok bool) {
	rows := make([]int, len(taken))
	for i := range rows {
		rows[i] = i
	}
	if below {
		slices.Reverse(rows)
		rows = append(rows[1:], rows[0]) // the last one has its corners at the very boxes
	} else if len(rows) > 1 {
		rows = append(rows[1:len(rows):len(rows)], rows[0])
	}
	for _, r := range rows {
		if !slices.ContainsFunc(taken[r], func(t point) bool { return x1 <= t.y && t.x <= x2 }) {
			taken[r] = append(taken[r], point{x1, x2})
			return r, true
		}
	}
	return 0, false
}

// along is the way from column x1 down to a lane, along it, and to column x2: up again, or down to a client.
func (p *plan) along(w *wire, x1, x2, row int, below bool) route {
	r := route{wire: w, row: p.gap + row}
	for y := range row {
		r.path = append(r.path, point{x1, p.gap + y})
	}
	r.from = len(r.path)
	step := 1
	if x2 < x1 {
		step = -1
	}
	for x := x1; x != x2; x += step {
		r.path = append(r.path, point{x, r.row})
	}
	r.path = append(r.path, point{x2, r.row})
	r.to = len(r.path) - 1
	if below {
		for y := row + 1; y < p.lane; y++ {
			r.path = append(r.path, point{x2, p.gap + y})
		}
	} else {
		for y := row - 1; y >= 0; y-- {
			r.path = append(r.path, point{x2, p.gap + y})
		}
	}
	return r
}

// near reports whether a wire passes at most a cell beside a place.
func (r *route) near(x, y int) bool {
	return slices.ContainsFunc(r.path, func(at point) bool { return abs(at.x-x) <= 1 && at.y == y })
}
