package pane

import (
	"fmt"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/history"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/tui/canvas"
	"cluster/splitbrain/tui/script"

	"github.com/charmbracelet/x/ansi"
)

func (p *History) Draw(b *canvas.Canvas, now *Index) {
	if p.readRows() < p.full {
		p.drawBars(b, now)
	}
	if p.reading && p.Readable() {
		for b.Room() > p.readRows() {
			b.Next()
		}
		p.drawInFull(b, p.rows[p.at()].Bar, now)
	}
}

func (p *History) judgement() (string, canvas.Style) {
	v := &p.verdict
	of := engine.Plural(v.Total, "operation")
	switch {
	case p.unjudged:
		return "this is what was: only what is so now is judged", canvas.Muted
	case v.Blame != nil && v.Blame.Text == p.Told:
		return "✗ not linearizable: " + toldBelow, canvas.Alarm
	case v.Blame != nil:
		return "✗ not linearizable: " + v.Blame.Text, canvas.Alarm
	case v.Unjudged:
		return "… " + v.String(), canvas.Warning
	case v.Result != history.Linearizable:
		return "… " + v.String() + ": " + engine.Count(v.Judged) + " of " + of + " judged", canvas.Warning
	case v.Total == 0:
		return "nothing has been asked yet: nothing is to be judged", canvas.Muted
	case v.Judged < v.Total:
		return "✓ linearizable: " + engine.Count(v.Judged) + " of " + of + " judged, " + unjudged(v.Total-v.Judged), canvas.Good
	}
	return "✓ linearizable: " + of + ", all judged", canvas.Good
}

// unjudged says why so many operations are not judged.
func unjudged(n int) string {
	if n == 1 {
		return "the other one still runs or waits"
	}
	return "the others still run or wait"
}

// barView draws rows of bars.
type barView struct {
	laneView
	of      *History
	running map[string]rune // the sign of each client's lane
}

func (p *History) drawBars(b *canvas.Canvas, now *Index) {
	_, look := p.judgement()
	for _, line := range p.sentence(b.W) {
		b.Next().Space(2).Put(look, line)
	}
	v := &barView{of: p, laneView: laneView{Canvas: b, now: now, margin: 2}, running: map[string]rune{}}
	if b.W >= leastLanesW {
		v.margin += laneAtCol
	}
	v.lanes = newLanes(p.lanes, b.W-v.margin)
	if p.headRows() > 1 {
		v.heading()
		p.legend(b)
	}
	from, to := p.window()
	if from == to {
		b.Next().Space(2).Put(canvas.Muted, p.emptyWords(b))
	}
	for i := range from {
		v.pass(&p.rows[i])
	}
	before, at := time.Duration(-1), p.at()
	for i := from; i < to; i++ {
		v.bar(&p.rows[i], lead{i == at, p.points(p.rows[i].ID)}, before)
		before = p.rows[i].at
	}
}

// legend says behind the names of the clients what marks an operation that is to blame, if there is room.
func (p *History) legend(b *canvas.Canvas) {
	const text = "✗ can't be explained   ≠ contradicts it"
	if blame := p.verdict.Blame; blame != nil && len(blame.Because) > 0 && ansi.StringWidth(text) <= b.Left {
		b.Put(canvas.Muted, text)
	}
}

func (p *History) emptyWords(b *canvas.Canvas) string {
	if p.filter != "" {
		return "no operation matches “" + b.Quoted(Shorter(p.filter)) + "”: press / to change the filter"
	}
	if p.verdict.Unjudged {
		return "what clients have asked for so far is forgotten"
	}
	return "no client has asked for anything yet: press : and type  put a 1"
}

// pass goes past a row: from it on a bar goes on, or has ended, or may go on for ever.
func (v *barView) pass(r *barRow) {
	switch {
	case r.part == called:
		v.running[r.Client] = '│'
	case r.Open:
		v.running[r.Client] = ':'
	default:
		delete(v.running, r.Client)
	}
}

// bar draws one row.
func (v *barView) bar(r *barRow, before lead, last time.Duration) {
	look, mark := v.look(r.Bar)
	if mark != "" || before.pointed { // what is spoken of has its time, even that of the row before
		last = -1
	}
	v.begin(before, r.at, last)
	for i, n := range v.names {
		sign := ' '
		if s, runs := v.running[n]; runs {
			sign = s
		}
		v.row[i*v.pitch] = canvas.Plain.Glyph(sign)
	}
	v.row[v.x[r.Client]] = look.Glyph([...]rune{called: '┬', ended: '┴', atOneTime: '■'}[r.part])
	v.pass(r)
	v.barWords(v.end().Put(look, mark), r, look)
}

// look is how an operation looks, with a mark of what it has to do with a violation.
func (v *barView) look(bar *history.Bar) (look canvas.Style, mark string) {
	switch {
	case v.of.isCulprit(bar):
		return canvas.Alarm, "✗ "
	case bar.Blamed:
		return canvas.Warning, "≠ "
	case bar.Open:
		return canvas.Warning, ""
	}
	return canvas.Plain, ""
}

// leastBarWords is how many cells an operation needs before its time has room.
const leastBarWords = 8

// barWords writes the operation, and at its end what came of it.
func (v *barView) barWords(b *canvas.Canvas, r *barRow, look canvas.Style) {
	if v.inShared(r.Client) {
		b.Put(look, r.Client+" ")
	}
	fate, how := "", canvas.Muted
	switch {
	case r.Running:
		fate, how = b.UnderWay()+engine.Elapsed(v.now.At-r.Call), canvas.Warning
	case r.part != called:
		fate = v.now.TookWords(endOf(r.Bar)-r.Call, endOf(r.Bar))
	}
	text := script.OpText(Brief(pbservice.Op{Kind: r.Kind, Key: r.Key, Value: r.Value}))
	if r.part != called {
		text += " " + outcome(b.Styles, r.Bar)
	}
	if look == canvas.Plain && r.part == called && !r.Running {
		look = canvas.Muted // its end tells more
	}
	room := b.Left - ansi.StringWidth(fate) - 2
	if room < leastBarWords { // better no time than half of one
		room, fate = b.Left, ""
	}
	b.Cell(look, text, room, 0).Space(2).Put(how, fate)
}

// outcome is what the client learnt.
func outcome(k *canvas.Styles, bar *history.Bar) string {
	switch {
	case bar.Open:
		return "? outcome unknown"
	case bar.Refused:
		return "✗ refused"
	case bar.Kind == pbservice.Get && !bar.Found:
		return "→ no such key"
	case bar.Kind == pbservice.Get:
		return "→ " + k.Quoted(Shorter(bar.Got))
	}
	return "✓ ok"
}

// drawInFull writes all that is known of an operation.
func (p *History) drawInFull(b *canvas.Canvas, bar *history.Bar, now *Index) {
	look := canvas.Plain
	switch {
	case p.isCulprit(bar):
		look = canvas.Alarm
	case bar.Blamed:
		look = canvas.Warning
	}
	b.Next().Space(2).Put(canvas.Strong, bar.Client+" "+bar.Kind.String()).Space(2).Put(look, outcome(b.Styles, bar))
	b.Field("key", b.Quoted(bar.Key))
	if bar.Kind != pbservice.Get {
		b.Field("value", b.Quoted(bar.Value)+"  ("+engine.Plural(len(bar.Value), "byte")+")")
	}
	if bar.Kind == pbservice.Get && bar.Found {
		b.Field("returned", b.Quoted(bar.Got)+"  ("+engine.Plural(len(bar.Got), "byte")+")")
	}
	when := Clock(bar.Call) + " and still runs"
	if !bar.Running {
		when = Clock(bar.Call) + " to " + Clock(endOf(bar)) + ", " + now.TookWords(endOf(bar)-bar.Call, endOf(bar))
	}
	b.Field("from", when)
	if bar.Blamed && p.verdict.Blame != nil {
		b.Field("to blame", p.verdict.Blame.Text)
	}
	if bar.Open {
		b.Field("unknown", "it may have happened at any time since, may still happen, or never (C2)")
	}
}

// CopyText is the chosen operation.
func (p *History) CopyText(*Index) (text, what string) {
	if !p.held || !p.Readable() {
		return "", ""
	}
	bar := p.rows[p.at()].Bar
	return fmt.Sprintf("%s  %s to %s", bar.Operation, Clock(bar.Call), Clock(endOf(bar))), "the operation"
}
