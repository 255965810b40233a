package tui

import (
	"strconv"
	"strings"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/canvas"
	"cluster/splitbrain/tui/pane"
	"cluster/splitbrain/viewservice"

	"github.com/charmbracelet/x/ansi"
)

// The columns of the servers' table, in cells, and how wide the screen must be for those that may go.
const (
	nameCol, roleCol, viewCol, keysCol, waitCol = 7, 12, 6, 9, 9

	leastState, mostState = 14, 18 // the state has what the others leave

	barCells, ageCol = 10, 20
	ageFrom          = 58 // the bar
	keysFrom         = 67
	waitFrom         = 76
	noteFrom         = 90
	leastNote        = 36
)

// narrowers are the columns that give their room to what servers say, where that would be cut.
type narrowers struct{ bar, keys, wait, gap int }

// narrow are their widths on a screen of w cells.
func narrow(w int) narrowers {
	if w >= noteFrom && w < noteFrom+2*barCells {
		return narrowers{bar: 6, keys: 6, wait: 8, gap: 2}
	}
	return narrowers{bar: barCells, keys: keysCol, wait: waitCol, gap: 3}
}

// stateCol is how wide the state's column is on a screen of w cells.
func stateCol(w int) int {
	used := nameCol + roleCol + viewCol
	switch {
	case w >= noteFrom:
		used += ageCol + keysCol + waitCol + leastNote
	case w >= waitFrom:
		used += ageCol + keysCol + waitCol
	case w >= keysFrom:
		used += ageCol + keysCol
	case w >= ageFrom:
		used += ageCol
	}
	return min(max(w-used, leastState), mostState)
}

func (o *overview) drawServers(b *canvas.Canvas) {
	h := b.H
	if h > len(o.now.Servers) {
		o.serverHeading(b.Next())
	}
	for i := range o.now.Servers {
		if b.Full() {
			return
		}
		o.drawServer(b.Next(), &o.now.Servers[i])
	}
	if !b.Full() && o.now.Nodes != nil {
		o.drawViewsRow(b.Next())
	}
}

func (o *overview) serverHeading(b *canvas.Canvas) {
	cols := narrow(b.W)
	b.At(nameCol)
	b.Col(canvas.Muted, "role", roleCol).Col(canvas.Muted, "state", stateCol(b.W)).Col(canvas.Muted, "view", viewCol)
	if b.W >= ageFrom {
		b.Col(canvas.Muted, "ping age", ageCol-barCells+cols.bar)
	}
	if b.W >= keysFrom {
		b.Num(canvas.Muted, "keys", cols.keys)
	}
	if b.W >= waitFrom {
		b.Num(canvas.Muted, "waiting", cols.wait)
	}
}

// mark shows which row keys act on.
func (o *overview) mark(b *canvas.Canvas, name string) canvas.Style {
	look, mark := canvas.Plain, " "
	if name == o.selected {
		look, mark = canvas.Selected, "▸"
	}
	if o.now.Marked(name) {
		look = canvas.Selected
	}
	b.Put(canvas.Selected, mark+o.now.Pointer(name))
	return look
}

func (o *overview) drawServer(b *canvas.Canvas, v *engine.ServerState) {
	cols := narrow(b.W)
	look := o.mark(b, v.Name)
	b.Col(look, v.Name, nameCol-2)
	o.drawRole(b, v)
	o.drawProcess(b, v.Name, v.State, v.Boots)
	b.Col(canvas.Plain, viewWords(v), viewCol)
	if b.W >= ageFrom {
		o.drawAgeBar(b, v, cols.bar)
	}
	up := v.State != netsim.Crashed && v.State != netsim.Stopped
	if b.W >= keysFrom {
		text := "–"
		if up {
			text = engine.Count(v.Status.Keys)
		}
		b.Num(canvas.Plain, text, cols.keys)
	}
	if b.W >= waitFrom {
		o.drawWaiting(b, v, cols)
	}
}

// drawWaiting says how many wait for a server, and what it says where there is room. A column without a count is left to what
// would be cut otherwise.
func (o *overview) drawWaiting(b *canvas.Canvas, v *engine.ServerState, cols narrowers) {
	says := o.now.Says(v)
	if b.W < noteFrom || o.now.Covered {
		says = engine.Saying{}
	}
	switch t := o.now.Filling(v.Name); {
	case t.Keys > 0 && b.W < noteFrom:
		b.Num(canvas.Warning, percent(t.Done, t.Keys)+" full", cols.wait)
	case v.Status.Waiting > 0:
		b.Num(canvas.Warning, engine.Count(v.Status.Waiting), cols.wait)
	case ansi.StringWidth(says.Text) <= b.Left-cols.wait-cols.gap:
		b.Space(cols.wait)
	}
	if says.Text != "" {
		b.Space(cols.gap).Words(tones[says.Tone], says.Text, b.Left)
	}
}

func (o *overview) drawRole(b *canvas.Canvas, v *engine.ServerState) {
	if v.State == netsim.Crashed || v.State == netsim.Stopped {
		_, place, look := o.now.PlaceOf(v.Name)
		if place == "" {
			place, look = "–", canvas.Muted
		}
		b.Col(look, place, roleCol)
		return
	}
	text, look := o.roleOf(v)
	b.Col(look, text, roleCol)
}

// roleOf is a server's role in words, with the view where that is past.
func (o *overview) roleOf(v *engine.ServerState) (string, canvas.Style) {
	if o.now.Outdated(v) {
		return o.now.RoleMarkIn(v, roleCol-1)
	}
	return pane.RoleWords(v.Status.Role)
}

// drawProcess says how the process fares, or else which links it misses, and which boot it is where there is room.
func (o *overview) drawProcess(b *canvas.Canvas, name string, state netsim.State, boot int) {
	number, w := " boot "+strconv.Itoa(boot), stateCol(b.W)
	text, look := o.processWords(name, state, w-1)
	b.Cell(look, text, w-1, 0)
	room, least := w-1-ansi.StringWidth(text), len(number)
	if look == canvas.Broken { // a number must not be taken for a part of the link
		least++
	}
	if room >= least {
		b.Num(canvas.Muted, number, max(len(number), room-1)) // apart from the view's number
	}
	b.At(nameCol + roleCol + w)
}

// processWords say in most cells how a node fares: its process, or else the links that it misses.
func (o *overview) processWords(name string, state netsim.State, most int) (string, canvas.Style) {
	if cut := o.now.CutWords(name, most-2); state == netsim.Up && cut != "" {
		return "⊘ " + cut, canvas.Broken
	}
	return pane.StateWords(state)
}

// viewWords is the view entered, and the one that is known where that is newer.
func viewWords(v *engine.ServerState) string {
	if v.State == netsim.Crashed || v.State == netsim.Stopped {
		return "–"
	}
	entered := strconv.Itoa(int(v.Status.Entered))
	if v.Status.View.Viewnum > v.Status.Entered {
		return entered + "→" + strconv.Itoa(int(v.Status.View.Viewnum))
	}
	return entered
}

// drawAgeBar draws the bar with so many cells, its words in the rest of ageCol.
func (o *overview) drawAgeBar(b *canvas.Canvas, v *engine.ServerState, cells int) {
	const col = ageCol - barCells
	age := o.now.AgeBar(v)
	if age == nil {
		text := "never heard"
		if o.now.Viewservice.State == netsim.Crashed {
			text = "nobody listens"
		}
		b.Col(canvas.Muted, text, cells+col)
		return
	}
	b.Length(age.Look, int(age.Full*float64(8*cells)), cells)
	pulse := " "
	if age.Beats {
		pulse = "●"
	}
	b.Num(age.Look, age.Text, col-2).Put(canvas.Muted, pulse).Space(1)
}

func percent(done, of int) string {
	if of <= 0 {
		return "0%"
	}
	return strconv.Itoa(min(100*done/of, 100)) + "%"
}

// tones are how it looks what a server says.
var tones = map[engine.Tone]canvas.Style{
	engine.Quiet: canvas.Muted, engine.Notice: canvas.Warning, engine.Still: canvas.Frozen, engine.Alarm: canvas.Alarm,
}

// drawViewsRow is the viewservice's row in the table.
func (o *overview) drawViewsRow(b *canvas.Canvas) {
	vs := &o.now.Viewservice
	look := o.mark(b, engine.ViewAddr)
	b.Col(look, engine.ViewAddr, nameCol-2).Col(canvas.Plain, "views", roleCol)
	o.drawProcess(b, engine.ViewAddr, vs.State, vs.Boots)
	switch {
	case vs.State == netsim.Crashed: // it knows of no view and no volunteer
		b.Col(canvas.Plain, "–", viewCol)
	case o.now.Forgotten():
		b.Col(canvas.Plain, "–", viewCol).Put(canvas.Muted, "has forgotten all views (V9)")
	default:
		b.Col(canvas.Plain, strconv.Itoa(int(vs.Status.View.Viewnum)), viewCol)
		b.Put(canvas.Muted, volunteers(vs.Status.Servers))
	}
}

// volunteers are the servers that wait for a place, in their order.
func volunteers(all []viewservice.Member) string {
	names := make([]string, len(all)+1)
	for _, v := range all {
		if v.Place > 0 && v.Place < len(names) {
			names[v.Place] = v.Name
		}
	}
	text := strings.Join(strings.Fields(strings.Join(names, " ")), " ")
	if text == "" {
		return ""
	}
	return "volunteers: " + text
}
