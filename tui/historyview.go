package tui

import (
	"time"

	"cluster/splitbrain/netsim/history"
	"cluster/splitbrain/pbservice"

	"github.com/charmbracelet/x/ansi"
)

func (p *operations) draw(b *block, now *scene) {
	if p.readRows() < p.full {
		p.drawBars(b, now)
	}
	if p.reading && p.readable() {
		for b.room() > p.readRows() {
			b.next()
		}
		p.drawInFull(b, p.rows[p.at()].Bar)
	}
}

func (p *operations) judgement() (string, role) {
	v := &p.verdict
	of := plural(v.Total, "operation")
	switch {
	case v.Blame != nil:
		return "✗ not linearizable: " + v.Blame.Text, alarm
	case v.Result != history.Linearizable:
		return "… " + v.String() + ": " + count(v.Judged) + " of " + of + " judged", warning
	case v.Total == 0:
		return "nothing has been asked yet: nothing is to be judged", muted
	case v.Judged < v.Total:
		return "✓ linearizable: " + count(v.Judged) + " of " + of + " judged, the others still run or wait", good
	}
	return "✓ linearizable: " + of + ", all judged", good
}

// barView draws rows of bars.
type barView struct {
	laneView
	of      *operations
	running map[string]rune // the sign of each client's lane
}

func (p *operations) drawBars(b *block, now *scene) {
	_, look := p.judgement()
	for _, line := range p.sentence(b.w) {
		b.next().space(2).put(look, line)
	}
	v := &barView{of: p, laneView: laneView{block: b, now: now, margin: 2}, running: map[string]rune{}}
	if b.w >= leastLanesW {
		v.margin += laneAtCol
	}
	v.lanes = newLanes(p.lanes, b.w-v.margin)
	if p.headRows() > 1 {
		v.heading()
	}
	from, to := p.window()
	if from == to {
		b.next().space(2).put(muted, p.emptyWords(b))
	}
	for i := range from {
		v.pass(&p.rows[i])
	}
	before, at := time.Duration(-1), p.at()
	for i := from; i < to; i++ {
		v.bar(&p.rows[i], i == at, before)
		before = p.rows[i].at
	}
}

func (p *operations) emptyWords(b *block) string {
	if p.filter != "" {
		return "no operation matches “" + b.quoted(shorter(p.filter)) + "”: press / to change the filter"
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
func (v *barView) bar(r *barRow, chosen bool, before time.Duration) {
	v.begin(chosen, r.at, before)
	look, mark := v.look(r.Bar)
	for i, n := range v.names {
		sign := ' '
		if s, runs := v.running[n]; runs {
			sign = s
		}
		v.row[i*v.pitch] = glyph{sign, plain}
	}
	v.row[v.x[r.Client]] = glyph{[...]rune{called: '┬', ended: '┴', atOneTime: '■'}[r.part], look}
	v.pass(r)
	v.barWords(v.end().put(look, mark), r, look)
}

// look is how an operation looks, with a mark of what it has to do with a violation.
func (v *barView) look(bar *history.Bar) (look role, mark string) {
	switch {
	case v.of.isCulprit(bar):
		return alarm, "✗ "
	case bar.Blamed:
		return warning, "≠ "
	case bar.Open:
		return warning, ""
	}
	return plain, ""
}

// leastBarWords is how many cells an operation needs before its time has room.
const leastBarWords = 8

// barWords writes the operation, and at its end what came of it.
func (v *barView) barWords(b *block, r *barRow, look role) {
	if v.inShared(r.Client) {
		b.put(look, r.Client+" ")
	}
	fate, how := "", muted
	switch {
	case r.Running:
		fate, how = "… "+elapsed(v.now.At-r.Call), warning
	case r.part != called:
		fate = elapsed(endOf(r.Bar) - r.Call)
	}
	text := opText(brief(pbservice.Op{Kind: r.Kind, Key: r.Key, Value: r.Value}))
	if r.part != called {
		text += " " + outcome(b.ink, r.Bar)
	}
	if look == plain && r.part == called && !r.Running {
		look = muted // its end tells more
	}
	room := b.left - ansi.StringWidth(fate) - 2
	if room < leastBarWords { // better no time than half of one
		room, fate = b.left, ""
	}
	b.cell(look, text, room, 0).space(2).put(how, fate)
}

// outcome is what the client learnt.
func outcome(k *ink, bar *history.Bar) string {
	switch {
	case bar.Open:
		return "? outcome unknown"
	case bar.Refused:
		return "✗ refused"
	case bar.Kind == pbservice.Get && !bar.Found:
		return "→ no such key"
	case bar.Kind == pbservice.Get:
		return "→ " + k.quoted(shorter(bar.Got))
	}
	return "✓ ok"
}

// drawInFull writes all that is known of an operation.
func (p *operations) drawInFull(b *block, bar *history.Bar) {
	look := plain
	switch {
	case p.isCulprit(bar):
		look = alarm
	case bar.Blamed:
		look = warning
	}
	b.next().space(2).put(strong, bar.Client+" "+bar.Kind.String()).space(2).put(look, outcome(b.ink, bar))
	b.field("key", b.quoted(bar.Key))
	if bar.Kind != pbservice.Get {
		b.field("value", b.quoted(bar.Value)+"  ("+plural(len(bar.Value), "byte")+")")
	}
	if bar.Kind == pbservice.Get && bar.Found {
		b.field("returned", b.quoted(bar.Got)+"  ("+plural(len(bar.Got), "byte")+")")
	}
	when := clock(bar.Call) + " and still runs"
	if !bar.Running {
		when = clock(bar.Call) + " to " + clock(endOf(bar)) + ", " + elapsed(endOf(bar)-bar.Call)
	}
	b.field("from", when)
	if bar.Blamed {
		b.field("to blame", p.verdict.Blame.Text)
	}
	if bar.Open {
		b.field("unknown", "it may have happened at any time since, may still happen, or never (C2)")
	}
}
