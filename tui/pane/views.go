package pane

import (
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/canvas"
	"cluster/splitbrain/tui/transcript"
	"cluster/splitbrain/viewservice"
	"cluster/splitbrain/viewservice/rules"
)

// Views tells of all views, the newest last, each with what brought it about; above, whether the present one may
// change, and who would come next.
type Views struct {
	list
	w, head int
	log     transcript.ViewLog
	Past    []transcript.Formed
	rows    []viewRow // of those that match the filter
	filter  string
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

func (p *Views) Name() string { return "views" }

func (p *Views) FilterText() string { return p.filter }

// SetFilter shows only views that have all words of text in them, or in their causes.
func (p *Views) SetFilter(text string) {
	p.filter = text
	p.rows = p.lay(p.w)
	p.list = list{h: p.h, n: len(p.rows)}
}

func (p *Views) Status() string { return p.filtered(p.filter) }

func (p *Views) matches(f transcript.Formed) bool {
	text := "view " + f.View.String()
	for _, c := range f.Causes {
		text += " " + c.String()
	}
	return hasWords(text, p.filter)
}

// Until are the views that had been formed at a time.
func (p *Views) Until(at time.Duration) []transcript.Formed {
	n := len(p.Past)
	for n > 0 && p.Past[n-1].At > at {
		n--
	}
	return p.Past[:n:n]
}

func (p *Views) Observe(o Observation, now *Index) {
	if _, rewound := o.Newest(); rewound {
		p.Past, p.log, p.rows = nil, transcript.ViewLog{}, nil
	}
	p.said, p.look = mayChange(now)
	more := p.log.Fresh(&now.Snapshot)
	p.Past = append(p.Past, more...)
	p.Past = p.Past[max(len(p.Past)-mostViews, 0):]
	if len(more) > 0 {
		p.rows = nil
	}
}

func (p *Views) Resize(w, h int) {
	p.head = 0
	if h > 7 {
		p.head = len(p.sayings(w)) + 2
	}
	if p.w != w || p.rows == nil {
		p.w = w
		p.rows = p.lay(w)
		p.grow(len(p.rows) - p.n)
	}
	p.list.Resize(w, h-p.head)
}

// beside reports whether causes stand beside their view, not below it.
func (p *Views) beside() bool { return p.w >= causesFrom+28 }

// lay breaks the causes into rows of w cells.
func (p *Views) lay(w int) []viewRow {
	rows := []viewRow{}
	room := w - causesLate
	if p.beside() {
		room = w - causesFrom
	}
	for _, f := range p.Past {
		if !p.matches(f) {
			continue
		}
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

func (p *Views) Draw(b *canvas.Canvas, now *Index) {
	if p.head > 0 {
		p.drawNow(b, now.volunteers())
		b.Next().Space(2).Col(canvas.Muted, "formed", 10).Col(canvas.Muted, "view", 5).Col(canvas.Muted, "primary", memberCol).Col(canvas.Muted, "backup", memberCol)
		if p.beside() {
			b.Put(canvas.Muted, "because")
		}
	}
	from, to := p.window()
	if from == to {
		b.Next().Space(2).Put(canvas.Muted, emptyWords(len(p.Past), "no view has been formed yet", p.filter))
	}
	for i := from; i < to; i++ {
		p.drawRow(b.Next(), &p.rows[i], now)
	}
}

func (p *Views) drawRow(b *canvas.Canvas, r *viewRow, now *Index) {
	if !r.first {
		indent := causesLate
		if p.beside() {
			indent = causesFrom
		}
		b.Space(indent).Put(canvas.Plain, r.text)
		return
	}
	mark, look, back := "  ", canvas.Plain, canvas.Plain
	if n := len(p.Past); r.view == p.Past[n-1].View && r.at == p.Past[n-1].At {
		mark, look, back = "▸ ", now.MemberLook(r.view.Primary, canvas.Primary), now.MemberLook(r.view.Backup, canvas.Backup)
	}
	b.Put(canvas.Selected, mark).Col(canvas.Muted, Clock(r.at), 10).Col(canvas.Strong, engine.Count(int(r.view.Viewnum)), 5)
	b.Col(look, OrNobody(r.view.Primary), memberCol).Col(back, OrNobody(r.view.Backup), memberCol)
	b.Put(canvas.Plain, r.text)
}

// sayings are the lines of what may become of the present view.
func (p *Views) sayings(w int) []string {
	const most = 3
	return canvas.Wrap(p.said, w-2, most)
}

// drawNow writes what may become of the present view, and who would come next.
func (p *Views) drawNow(b *canvas.Canvas, waiting []string) {
	for _, line := range p.sayings(b.W) {
		b.Next().Space(2).Put(p.look, line)
	}
	b.Next().Space(2).Put(canvas.Muted, "volunteers  ")
	switch {
	case len(waiting) == 0 && len(p.Past) == 0:
		b.Put(canvas.Muted, "none yet")
	case len(waiting) == 0:
		b.Put(canvas.Muted, "none: whoever is lost can't be replaced")
	}
	for i, name := range waiting {
		b.Put(canvas.Muted, engine.Count(i+1)+" ").Put(canvas.Strong, name).Space(3)
	}
}

// mayChange says whether the present view may change, and if not, why.
func mayChange(now *Index) (string, canvas.Style) {
	s := &now.Viewservice.Status
	number := engine.Count(int(s.View.Viewnum))
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
	case !s.Acked && now.Disabled.Has(rules.AckRule):
		return "view " + number + " is not acknowledged: since ack-rule is off it may change all the same", canvas.Warning
	case !s.Acked:
		return "view " + number + " waits for Ping(" + number + ") from " + s.View.Primary + ": only then may it change (V3)", canvas.Warning
	}
	return "✓ view " + number + " is acknowledged: it may change as soon as it must (V4)", canvas.Good
}

// volunteers are the servers that would be taken next, in their order.
func (s *Index) volunteers() []string {
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
