package pane

import (
	"slices"
	"strings"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/tui/canvas"
	"cluster/splitbrain/viewservice"
	"cluster/splitbrain/viewservice/rules"

	"github.com/charmbracelet/x/ansi"
)

// columns are the maps' table: a column for each server that has something or may soon, and one for the others, where there is
// little room. The keys have what is left.
type columns struct {
	key     int
	values  []int // of each of servers
	servers []*engine.ServerState
	others  string // who share the last column; "" if each has its own
	cell    string // what stands there
}

// columns are all of the same width, but where a value would be cut while there is room elsewhere.
func (p *Maps) columns(k *canvas.Styles, now *Index) columns {
	const leastKey, least, good, most, othersW = 6, 7, 9, 36, 8
	var c columns
	for i := range now.Servers {
		c.servers = append(c.servers, &now.Servers[i])
	}
	room := p.w - p.w/5
	if n := len(c.servers); n > 0 && room/n < good {
		c.servers = slices.DeleteFunc(c.servers, func(v *engine.ServerState) bool {
			return v.State == netsim.Up && v.Status.Role == pbservice.Idle && v.Status.Keys == 0 && !now.Marked(v.Name)
		})
		free := p.w - 1 - leastKey
		if idle := n - len(c.servers); idle > 0 {
			c.others, c.cell = engine.Count(idle)+" idle", "–"
			free -= othersW
		}
		if len(c.servers)*least > free {
			c.servers = c.servers[:min(len(c.servers), max((p.w-1-leastKey-othersW)/least, 1))]
			c.others, c.cell = "+"+engine.Count(n-len(c.servers)), "…"
		}
	}
	if c.others != "" {
		room = max(room-othersW, 0)
	}
	value := most
	if n := len(c.servers); n > 0 {
		value = min(max(room/n, least), most)
	}
	free := p.w - 1 - value*len(c.servers)
	if c.others != "" {
		free -= othersW
	}
	c.key = min(max(free, leastKey), max(p.w/4, 12))
	c.values = slices.Repeat([]int{value}, len(c.servers))
	p.lend(k, now, &c, free-c.key)
	return c
}

// lend gives room to columns in which a value is cut: first what is free, then what others don't need, cell by cell to the
// narrowest from the one with most to spare.
func (p *Maps) lend(k *canvas.Styles, now *Index, c *columns, free int) {
	widths, needs := append([]int{c.key}, c.values...), p.needs(k, now, c)
	for {
		to, from := -1, 0
		for i, w := range widths {
			if w < needs[i] && (to < 0 || w < widths[to]) {
				to = i
			}
			if w-needs[i] > widths[from]-needs[from] {
				from = i
			}
		}
		switch {
		case to < 0 || free <= 0 && widths[from] <= needs[from]:
			c.key, c.values = widths[0], widths[1:]
			return
		case free > 0:
			free--
		default:
			widths[from]--
		}
		widths[to]++
	}
}

// needs are the cells that each column needs so that nothing that is seen of it is cut: the first is the keys', which gets no more
// than it has.
func (p *Maps) needs(k *canvas.Styles, now *Index, c *columns) []int {
	key := ansi.StringWidth("key")
	from, to := p.shown()
	for _, one := range p.seen.Keys[from:to] {
		key = max(key, ansi.StringWidth(k.Quoted(Shorter(one))))
	}
	needs := []int{min(key+1, c.key)}
	for _, v := range c.servers {
		mark, _ := now.roleInShort(v)
		most := ansi.StringWidth(v.Name + " " + mark)
		for i := from; i < to; i++ {
			most = max(most, ansi.StringWidth(value(k, p.row(v.Name, i), v.State)))
		}
		needs = append(needs, most+3)
	}
	return needs
}

func (p *Maps) Draw(b *canvas.Canvas, now *Index) {
	if p.h > 0 || !p.reading {
		p.drawRows(b, now)
	}
	if at := p.at(); p.reading && at >= 0 {
		for b.Room() > readRowsOf(true, p.full) {
			b.Next()
		}
		p.drawInFull(b, now, at)
	}
}

func (p *Maps) drawRows(b *canvas.Canvas, now *Index) {
	c := p.columns(b.Styles, now)
	p.heading(b.Next(), c, now)
	from, to := p.shown()
	if from == to {
		p.empty(b, now)
		return
	}
	primary, backup, paired := now.pair()
	at, differs := p.at(), false
	for i := from; i < to && !b.Full(); i++ {
		mark := now.Pointer(p.seen.Keys[i])
		if i == at && mark == " " {
			mark = "▸"
		}
		b.Next().Put(canvas.Selected, mark).Col(canvas.Plain, b.Quoted(Shorter(p.seen.Keys[i])), c.key)
		differ := paired && rowsDiffer(p.row(primary, i), p.row(backup, i))
		differs = differs || differ
		for n, v := range c.servers {
			p.cell(b, v, i, c.values[n], differ && v.Name == backup)
		}
		if c.others != "" {
			b.Space(2).Put(canvas.Muted, c.cell)
		}
	}
	if !p.reading {
		p.legend(b, differs)
	}
}

// legend says in the last row, if that is free, what the marks mean. In free play + comes and goes, and is not told of.
func (p *Maps) legend(b *canvas.Canvas, differs bool) {
	var parts []string
	if differs {
		parts = append(parts, "≠ not as on the primary")
	}
	if p.led && len(p.fresh) > 0 {
		parts = append(parts, "+ changed in this step")
	}
	if len(parts) == 0 || b.Full() {
		return
	}
	for b.Room() > 1 {
		b.Next()
	}
	b.Next().Space(1).Put(canvas.Muted, strings.Join(parts, "   "))
}

func (p *Maps) heading(b *canvas.Canvas, c columns, now *Index) {
	b.Space(1).Col(canvas.Muted, "key", c.key)
	for i, v := range c.servers {
		text, r := v.Name, canvas.Muted
		switch {
		case v.State == netsim.Crashed:
			text, r = text+" ✗", canvas.Dead
		case v.State == netsim.Frozen:
			text, r = text+" ❄", canvas.Frozen
		case v.Status.Role != pbservice.Idle:
			mark, look := now.RoleMarkIn(v, c.values[i]-3-ansi.StringWidth(text+" "))
			text, r = text+" "+mark, look
		}
		b.Space(1).Put(canvas.Selected, now.Pointer(v.Name)).Col(r, text, c.values[i]-2)
	}
	if c.others != "" {
		b.Space(2).Put(canvas.Muted, c.others)
	}
}

// empty says why there is nothing to see.
func (p *Maps) empty(b *canvas.Canvas, now *Index) {
	text, look := "no keys yet: press : and type  put a 1", canvas.Muted
	switch {
	case p.had:
		text = "no keys any more: those who had them have lost them"
	case p.led: // a command of one's own would leave the lesson
		text = "no keys yet"
	}
	switch lost := now.lostWords(); {
	case p.filter != "":
		text = "no key contains “" + b.Quoted(Shorter(p.filter)) + "”: press / to change the filter"
	case lost != "":
		text, look = lost, canvas.Warning
	case now.Why.Level == engine.Lost:
		text, look = now.Why.String(), canvas.Warning
	case now.allDown():
		text = "no server runs: press r to restart the selected one"
	}
	for _, line := range b.Wrap(text, b.W-2, b.Room()) {
		b.Next().Space(1).Put(look, line)
	}
}

// lostWords say that nobody may serve, since those who could are lost; "" if somebody may.
func (s *Index) lostWords() string {
	blocked := s.Viewservice.Status.Blocked
	switch blocked.Code {
	case viewservice.UnackedDead, viewservice.UnackedRestart, viewservice.LoneLost, viewservice.LoneRestarted,
		viewservice.BothLost, viewservice.BothRestarted:
	default:
		return ""
	}
	if s.Disabled.Has(rules.Continuity) {
		return "no server has the data any more"
	}
	if blocked.ForEver() || s.Why.Level == engine.Lost {
		return "no server has the data any more, and nobody may serve: a put would wait for ever (" + string(blocked.Rule()) + ")"
	}
	return "no running server has the data, and nobody may serve: a put waits until it returns (" + string(blocked.Rule()) + ")"
}

func (p *Maps) row(server string, i int) pbservice.Row {
	if rows := p.seen.Rows[server]; i < len(rows) {
		return rows[i]
	}
	return pbservice.Row{Size: -1}
}

func rowsDiffer(a, b pbservice.Row) bool { return a.Size != b.Size || a.Size >= 0 && a.Sum != b.Sum }

// cell writes what one server has at key i, after a mark: ≠ where the backup differs from the primary, + where it
// has just changed.
func (p *Maps) cell(b *canvas.Canvas, v *engine.ServerState, i, w int, differ bool) {
	row := p.row(v.Name, i)
	_, changed := p.fresh[cell{v.Name, p.seen.Keys[i]}]
	mark, r := " ", canvas.Plain
	switch {
	case differ:
		mark, r = "≠", canvas.Differs
	case row.Size < 0:
		r = canvas.Muted
	case changed:
		mark, r = "+", canvas.Fresh
	}
	b.Cell(r, mark, 1, 1).Space(1)
	b.Col(r, value(b.Styles, row, v.State), w-2)
}

func value(k *canvas.Styles, row pbservice.Row, s netsim.State) string {
	switch {
	case s == netsim.Crashed || s == netsim.Stopped:
		return ""
	case row.Size < 0:
		return "–"
	case row.Size > len(row.Value):
		return k.Quoted(row.Value) + "…"
	}
	return k.Quoted(row.Value)
}
