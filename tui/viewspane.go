package tui

import (
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/tui/canvas"
	"cluster/splitbrain/tui/transcript"
	"cluster/splitbrain/viewservice"
)

// views tells of all views, the newest last, each with what brought it about; above, whether the present one may
// change, and who would come next.
type views struct {
	list
	w, head int
	log     transcript.ViewLog
	past    []transcript.Formed
	rows    []viewRow
	said    string // what may become of the present view
	look    canvas.Style
}

// viewRow is one row: a view with the first line of its first cause, or another line of its causes.
type viewRow struct {
	at    time.Duration
	view  viewservice.View
	first bool
	text  string
}

const (
	mostViews  = 1000
	memberCol  = 8
	causesFrom = 2 + 10 + 5 + 2*memberCol // where the causes begin
	causesLate = 6                        // where they begin if there is no room beside the view
	mostLines  = 4                        // of one cause
)

func (p *views) name() string { return "views" }

func (p *views) observe(o observation, now *scene) {
	if _, rewound := o.newest(); rewound {
		p.past, p.log, p.rows = nil, transcript.ViewLog{}, nil
	}
	p.said, p.look = mayChange(now)
	more := p.log.Fresh(&now.Snapshot)
	p.past = append(p.past, more...)
	p.past = p.past[max(len(p.past)-mostViews, 0):]
	if len(more) > 0 {
		p.rows = nil
	}
}

func (p *views) resize(w, h int) {
	p.head = 0
	if h > 7 {
		p.head = len(p.sayings(w)) + 2
	}
	if p.w != w || p.rows == nil {
		p.w = w
		p.rows = p.lay(w)
		p.grow(len(p.rows) - p.n)
	}
	p.list.resize(w, h-p.head)
}

// beside reports whether causes stand beside their view, not below it.
func (p *views) beside() bool { return p.w >= causesFrom+28 }

// lay breaks the causes into rows of w cells.
func (p *views) lay(w int) []viewRow {
	rows := []viewRow{}
	room := w - causesLate
	if p.beside() {
		room = w - causesFrom
	}
	for _, f := range p.past {
		row := viewRow{at: f.At, view: f.View, first: true}
		if !p.beside() {
			rows = append(rows, row)
			row.first = false
		}
		for _, c := range f.Causes {
			for _, text := range canvas.Wrap(c.String(), room, mostLines) {
				row.text = text
				rows = append(rows, row)
				row.first = false
			}
		}
	}
	return rows
}

func (p *views) draw(b *canvas.Canvas, now *scene) {
	if p.head > 0 {
		p.drawNow(b, now.volunteers())
		b.Next().Space(2).Col(canvas.Muted, "formed", 10).Col(canvas.Muted, "view", 5).Col(canvas.Muted, "primary", memberCol).Col(canvas.Muted, "backup", memberCol)
		if p.beside() {
			b.Put(canvas.Muted, "because")
		}
	}
	from, to := p.window()
	if from == to {
		b.Next().Space(2).Put(canvas.Muted, "no view has been formed yet")
	}
	for i := from; i < to; i++ {
		p.drawRow(b.Next(), &p.rows[i], i)
	}
}

func (p *views) drawRow(b *canvas.Canvas, r *viewRow, i int) {
	if !r.first {
		indent := causesLate
		if p.beside() {
			indent = causesFrom
		}
		b.Space(indent).Put(canvas.Plain, r.text)
		return
	}
	mark, look, back := "  ", canvas.Plain, canvas.Plain
	if n := len(p.past); r.view == p.past[n-1].View && r.at == p.past[n-1].At {
		mark, look, back = "▸ ", canvas.Primary, canvas.Backup
	}
	b.Put(canvas.Selected, mark).Col(canvas.Muted, clock(r.at), 10).Col(canvas.Strong, count(int(r.view.Viewnum)), 5)
	b.Col(look, orNobody(r.view.Primary), memberCol).Col(back, orNobody(r.view.Backup), memberCol)
	b.Put(canvas.Plain, r.text)
}

// sayings are the lines of what may become of the present view.
func (p *views) sayings(w int) []string {
	const most = 3
	return canvas.Wrap(p.said, w-2, most)
}

// drawNow writes what may become of the present view, and who would come next.
func (p *views) drawNow(b *canvas.Canvas, waiting []string) {
	for _, line := range p.sayings(b.W) {
		b.Next().Space(2).Put(p.look, line)
	}
	b.Next().Space(2).Put(canvas.Muted, "volunteers  ")
	switch {
	case len(waiting) == 0 && len(p.past) == 0:
		b.Put(canvas.Muted, "none yet")
	case len(waiting) == 0:
		b.Put(canvas.Muted, "none: whoever is lost can't be replaced")
	}
	for i, name := range waiting {
		b.Put(canvas.Muted, count(i+1)+" ").Put(canvas.Strong, name).Space(3)
	}
}

// mayChange says whether the present view may change, and if not, why.
func mayChange(now *scene) (string, canvas.Style) {
	s := &now.Viewservice.Status
	number := count(int(s.View.Viewnum))
	switch {
	case now.Viewservice.State == netsim.Crashed:
		return "the viewservice has crashed: no view will follow, by design", canvas.Dead
	case now.Viewservice.State == netsim.Frozen:
		return "the viewservice is frozen: no view follows until it thaws", canvas.Frozen
	case s.Blocked.Code != viewservice.CodeNone && s.Blocked.ForEver():
		return s.Blocked.String(), canvas.Dead
	case s.Blocked.Code != viewservice.CodeNone:
		return s.Blocked.String(), canvas.Warning
	case s.View.Viewnum == 0:
		return "there is no view yet", canvas.Muted
	case !s.Acked:
		return "view " + number + " waits for Ping(" + number + ") from " + s.View.Primary + ": only then may it change (V3)", canvas.Warning
	}
	return "✓ view " + number + " is acknowledged: it may change as soon as it must (V4)", canvas.Good
}

// volunteers are the servers that would be taken next, in their order.
func (s *scene) volunteers() []string {
	var names []string
	for place := 1; ; place++ {
		found := ""
		for _, m := range s.Viewservice.Status.Servers {
			if m.Place == place {
				found = m.Name
			}
		}
		if found == "" {
			return names
		}
		names = append(names, found)
	}
}
