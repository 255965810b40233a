package tui

import (
	"cmp"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/tui/canvas"
	"cluster/splitbrain/tui/pane"
)

// presenter draws for the back row of a room: the view and who serves in it, as large as there is room, what is broken,
// what clients do, why, and below one pane with all that is left.
type presenter struct {
	*overview
	styles        *canvas.Styles
	lesson        *pane.Notes
	lessonInFront bool // the notes are the pane below
	stageInFront  bool // the stage is
	asksSmall     bool // a question that is open has usual letters, since there is no room for large ones
}

// presentation is one way to use the screen.
type presentation struct {
	scale   int  // of the large letters; 0: there are none
	lamp    bool // how the service fares is large too, and who is what in letters of half cells where others are too large
	airy    bool // there is a row between the parts
	clients int  // rows of them
	pane    int  // rows that the pane gets at least, its tabs included; 0: there is none
}

const (
	hugeFromW, hugeFromH   = 170, 50 // two blocks for each of a letter
	largeFromW, largeFromH = 100, 32
	presentLeast           = 6 // rows of a pane worth looking at
)

// presentations are the ways for a part of w × h cells, the best first.
func (o *presenter) presentations(w, h int) []presentation {
	if w < compactBelowW || h+2 < compactBelowH {
		return nil
	}
	scale := 0
	switch {
	case w >= hugeFromW && h >= hugeFromH:
		scale = 2
	case w >= largeFromW && h >= largeFromH:
		scale = 1
	}
	pane := presentLeast
	if o.lessonInFront && o.lesson.Leads() { // the lesson is read there
		pane = max(pane, min(len(o.lesson.Rows)+3, h*3/5))
	}
	return []presentation{
		{scale, true, true, 4, max(pane, h/3)}, {scale, true, true, 2, max(pane, h/4)}, {min(scale, 1), true, true, 2, pane},
		{0, true, true, 2, pane}, {0, true, false, 2, pane}, {0, true, false, 1, pane}, {0, true, false, 1, presentLeast - 1},
		{scale, false, true, 2, pane}, {0, false, true, 2, pane}, {0, false, true, 1, pane}, {0, false, false, 2, pane},
		{0, false, false, 1, pane}, {0, false, false, 0, pane}, {0, false, false, 0, presentLeast - 2},
	}
}

// presented are the rows above the pane in a part of w × h cells; the pane has the others, if that is any use.
func (o *presenter) presented(w, h int) []func(*canvas.Canvas) {
	if o.stageInFront {
		if rows := o.staged(w, h); rows != nil {
			return rows
		}
	}
	for _, o.asksSmall = range []bool{false, true} {
		for _, p := range o.presentations(w, h) {
			if rows := o.presentedBy(p, w, h); rows != nil && len(rows)+p.pane <= h {
				return rows
			}
		}
	}
	return o.presentedBy(presentation{clients: 1}, w, h)
}

// presentedRows is how many rows the part above the pane takes of h.
func (o *presenter) presentedRows(w, h int) int {
	n := min(len(o.presented(w, h)), h)
	if h-n < presentLeast-2 || w < compactBelowW || h+2 < compactBelowH {
		return h
	}
	return n
}

// drawPresenter fills the rows above the pane.
func (o *presenter) drawPresenter(b *canvas.Canvas, h int) {
	for _, row := range o.presented(b.W, h) {
		if b.Full() {
			return
		}
		row(b.Next())
	}
}

// presentedPartsFromH are rows of a screen on which what is so, why, and what comes next begin a row each.
const presentedPartsFromH = 20

// presentedBy puts the parts below each other.
func (o *presenter) presentedBy(p presentation, w, h int) []func(*canvas.Canvas) {
	margin := 1
	if p.airy {
		margin = 3
	}
	say := func(look canvas.Style, text string, most int) []func(*canvas.Canvas) {
		return o.saying(look, text, w-2*margin, most, margin)
	}
	parts := o.presentedView(p, w, margin)
	if parts == nil {
		return nil
	}
	if p.pane == 0 && w < compactBelowW {
		parts[0][0] = o.drawTitleRow
	}
	parts = append(parts, say(canvas.Broken, o.brokenInWords(), 2))
	parts = append(parts, o.presentedClients(p.clients, margin))
	why, look := o.whyWords()
	if w := o.now.Why; o.tellsWhy() && h >= presentedPartsFromH {
		refs := w.Rules
		w.Rules = nil
		why = strings.TrimSpace(strings.ReplaceAll(w.String(), " · ", "\n") + " " + refs.String())
	}
	violation, alarm := o.violationLine()
	parts = append(parts, say(alarm, violation, 3))
	parts = append(parts, say(look, why, max(h/4, 2)))
	if p.pane == 0 || !o.lessonInFront {
		parts = append(parts, o.lessonRows(w, h, margin))
	}
	var rows []func(*canvas.Canvas)
	for _, part := range parts {
		if len(part) > 0 && p.airy {
			rows = append(rows, func(*canvas.Canvas) {})
		}
		rows = append(rows, part...)
	}
	if p.airy {
		rows = append(rows, func(*canvas.Canvas) {})
	}
	return rows
}

// saying is a text in rows of w cells.
func (o *presenter) saying(look canvas.Style, text string, w, most, margin int) []func(*canvas.Canvas) {
	if text == "" {
		return nil
	}
	var rows []func(*canvas.Canvas)
	for _, paragraph := range strings.Split(text, "\n") {
		for _, line := range o.styles.Wrap(paragraph, w, max(most-len(rows), 1)) {
			rows = append(rows, func(b *canvas.Canvas) { b.Space(margin).Put(look, line) })
		}
	}
	return rows[:min(len(rows), most)]
}

// presentedView are how the service fares, the view, and all who serve; nil if that does not fit.
func (o *presenter) presentedView(p presentation, w, margin int) [][]func(*canvas.Canvas) {
	if p.scale > 0 {
		parts := [][]func(*canvas.Canvas){o.presentedLarge(p.scale, w, margin), o.presentedOthers(margin)}
		if p.lamp {
			parts = append([][]func(*canvas.Canvas){o.lampWord(margin)}, parts...)
		}
		return parts
	}
	parts := [][]func(*canvas.Canvas){{o.viewRow(p, margin)}}
	if p.lamp {
		lamp := o.lampLarge(canvas.Halved, w, margin)
		if lamp == nil {
			return nil
		}
		parts = append(parts, lamp)
	}
	return append(parts, o.presentedServers(margin))
}

// viewRow is which view it is, and how the service fares unless that is large.
func (o *presenter) viewRow(p presentation, margin int) func(*canvas.Canvas) {
	return func(b *canvas.Canvas) {
		b.Space(margin)
		head := append(o.viewWord(), canvas.Plain.Span("     "))
		if state := pane.LampOf(o.now, o.broken()); !p.lamp {
			head = append(head, state.Look.Span("■ "+state.Word), canvas.Plain.Span("   "))
		}
		heading := ansi.StringWidth(o.lesson.Heading()) + 4
		b.Spans(append(head, o.brokenIn(b.Left-canvas.SpansWidth(head)-heading)...))
		o.drawLessonHeading(b)
	}
}

// presentedServers are all who serve, a row for each.
func (o *presenter) presentedServers(margin int) []func(*canvas.Canvas) {
	var rows []func(*canvas.Canvas)
	for _, viewSlot := range o.viewSlots() {
		rows = append(rows, func(b *canvas.Canvas) { o.drawSlot(o.marked(b, viewSlot.name, margin), viewSlot) })
	}
	return append(rows, o.presentedOthers(margin)...)
}

// marked begins a row behind a margin, in which the node that keys act on has its mark.
func (o *presenter) marked(b *canvas.Canvas, name string, margin int) *canvas.Canvas {
	if name != o.selected || margin < 1 {
		return b.Space(margin)
	}
	return b.Space(margin-1).Put(canvas.Selected, "▸")
}

// chosenMark stands before the name of the node that keys act on.
func (o *presenter) chosenMark(name string) []canvas.Span {
	if name != o.selected {
		return nil
	}
	return []canvas.Span{canvas.Selected.Span("▸")}
}

// viewWord is which view it is, and whether it is acknowledged.
func (o *presenter) viewWord() []canvas.Span {
	number := "VIEW " + engine.Count(int(o.now.View.Viewnum))
	switch {
	case o.now.View.Viewnum == 0:
		return []canvas.Span{canvas.Strong.Span("NO VIEW YET")}
	case o.now.Forgotten():
		return []canvas.Span{canvas.Dead.Span("vs has forgotten"), canvas.Strong.Span(" · last " + number)}
	}
	return []canvas.Span{canvas.Strong.Span(number), o.ackSpan(inWords, "     ")}
}

// viewSlot is one of the two in the view, whoever has it and however that one fares.
type viewSlot struct {
	role pbservice.Role
	name string
}

func (o *presenter) viewSlots() []viewSlot {
	return []viewSlot{{pbservice.Primary, o.now.Primary}, {pbservice.Backup, o.now.Backup}}
}

// drawSlot writes who has a place, and how that server fares.
func (o *presenter) drawSlot(b *canvas.Canvas, p viewSlot) {
	const stateW = 18
	text, look := pane.RoleWords(p.role)
	b.Col(look, text, roleCol)
	v := o.now.Server(p.name)
	if v == nil {
		b.Put(canvas.Muted, "·")
		return
	}
	b.Col(look, v.Name, nameCol)
	health, style := o.health(v, p.role, stateW-1)
	b.Col(style, health, stateW)
	o.drawAgeBar(b, v, max(min(b.Left-2*ageCol, 4*barCells), barCells))
	b.Space(2).Put(canvas.Plain, o.holds(v))
}

// health says how a server in a place of the view fares, in most cells.
func (o *presenter) health(v *engine.ServerState, r pbservice.Role, most int) (string, canvas.Style) {
	text, look := o.processWords(v.Name, v.State, most)
	switch known := v.Status.View.Viewnum; {
	case v.State != netsim.Up || look != canvas.Plain || v.Status.Role == r:
	case known == 0 && v.Boots > 1:
		return "came back empty", canvas.Warning
	case known < o.now.View.Viewnum:
		return "knows view " + engine.Count(int(known)), canvas.Warning
	}
	return text, look
}

// holds says what a server has, and how many wait for it.
func (o *presenter) holds(v *engine.ServerState) string {
	s := &v.Status
	switch {
	case v.State == netsim.Crashed || v.State == netsim.Stopped:
		return ""
	case s.Transfer.Keys > 0:
		return "copied " + percent(s.Transfer.Done, s.Transfer.Keys)
	case s.Waiting > 0:
		return engine.Plural(s.Keys, "key") + ", " + engine.Count(s.Waiting) + " waiting"
	}
	return engine.Plural(s.Keys, "key")
}

// presentedOthers are the servers that run outside the view: each that takes itself for more in a row of its own, the
// idle ones together.
func (o *presenter) presentedOthers(margin int) []func(*canvas.Canvas) {
	var rows []func(*canvas.Canvas)
	var idle []canvas.Span
	for i := range o.now.Servers {
		v := &o.now.Servers[i]
		if v.Name == o.now.Primary || v.Name == o.now.Backup || v.State == netsim.Crashed || v.State == netsim.Stopped {
			continue
		}
		health, style := o.processWords(v.Name, v.State, mostCut)
		if v.Status.Role != pbservice.Idle {
			text, look := o.roleOf(v)
			rows = append(rows, func(b *canvas.Canvas) {
				o.marked(b, v.Name, margin).Col(look, text, roleCol).Col(look, v.Name, nameCol).Put(style, health)
			})
			continue
		}
		idle = append(append(idle, o.chosenMark(v.Name)...), canvas.Plain.Span(v.Name))
		if health != "up" {
			idle = append(idle, style.Span(" "+health))
		}
		idle = append(idle, canvas.Plain.Span("   "))
	}
	if len(idle) > 0 {
		text, look := pane.RoleWords(pbservice.Idle)
		rows = append(rows, func(b *canvas.Canvas) { b.Space(margin).Col(look, text, roleCol).Spans(idle) })
	}
	return rows
}

// brokenInWords is everything that is broken or switched off, as far as it fits.
func (o *presenter) brokenInWords() string {
	var all []string
	for _, r := range o.now.Disabled.Rules() {
		all = append(all, "✗ RULE OFF "+r.String()+" "+r.Refs().String())
	}
	for _, e := range o.now.Faulty {
		all = append(all, e.Text)
	}
	const most = 5
	if more := len(all) - most; more > 0 {
		all = append(all[:most], "and "+engine.Count(more)+" more")
	}
	return strings.Join(all, "   ")
}

// presentedClients are the clients that wait longest, else those whose results are newest.
func (o *presenter) presentedClients(most, margin int) []func(*canvas.Canvas) {
	var busy []*engine.ClientState
	for i := range o.now.Clients {
		if c := &o.now.Clients[i]; c.Running || len(c.Last) > 0 {
			busy = append(busy, c)
		}
	}
	slices.SortStableFunc(busy, func(x, y *engine.ClientState) int {
		if late := o.now.Late(x); late != o.now.Late(y) || late {
			return cmp.Compare(o.waited(y), o.waited(x))
		}
		return cmp.Compare(lastOf(y), lastOf(x))
	})
	var rows []func(*canvas.Canvas)
	for _, c := range busy[:min(most, len(busy))] {
		rows = append(rows, func(b *canvas.Canvas) {
			o.marked(b, c.Name, margin).Col(canvas.Plain, c.Name, nameCol)
			o.drawDoing(b, c)
		})
	}
	return rows
}

// waited is how long a client has waited too long.
func (o *presenter) waited(c *engine.ClientState) int64 {
	if !o.now.Late(c) {
		return -1
	}
	return int64(c.Since)
}

// lastOf is when a client had its newest result.
func lastOf(c *engine.ClientState) int64 {
	if len(c.Last) == 0 {
		return -1
	}
	return int64(c.Last[0].At)
}
