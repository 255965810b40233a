package tui

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/tui/canvas"
	"cluster/splitbrain/tui/pane"
	"cluster/splitbrain/tui/script"

	"github.com/charmbracelet/x/ansi"
)

// How many cells of a client's row its cuts may take, and while it waits for something, which names the link.
const (
	mostCut        = 14
	mostCutWaiting = 9
)

// drawClients gives each client a row: what it runs, for how long and what it waits for, else its newest result. Where
// rows are few, those that a lesson points at, or that wait longer than a healthy cluster needs, keep theirs and the others
// share the rest. Those for whom there is no room are counted.
func (o *overview) drawClients(b *canvas.Canvas) {
	all := o.now.Clients
	if len(all) > b.H && b.H == 1 {
		o.drawBusiest(b.Next())
		return
	}
	var late, others []engine.ClientState
	for i := range all {
		if len(all) > b.H && (o.now.Late(&all[i]) || o.now.Marked(all[i].Name)) {
			late = append(late, all[i])
		} else {
			others = append(others, all[i])
		}
	}
	needs := func(c *engine.ClientState) time.Duration {
		if o.now.Marked(c.Name) {
			return math.MaxInt64
		}
		return c.Since
	}
	slices.SortStableFunc(late, func(x, y engine.ClientState) int { return cmp.Compare(needs(&y), needs(&x)) })
	most := b.H
	if len(others) > 0 || len(late) > b.H {
		most--
	}
	if len(late) > most {
		others = append(late[most:], others...)
		late = late[:most]
	}
	for i := range late {
		o.drawClient(b.Next(), &late[i], b.W)
	}
	o.drawSharing(b, others)
}

// leastClient is how many cells a client needs in a row that it shares.
const leastClient = 26

// drawSharing writes clients into the rows that are left, side by side where there are too few.
func (o *overview) drawSharing(b *canvas.Canvas, all []engine.ClientState) {
	rows := b.Room()
	if rows == 0 || len(all) == 0 {
		return
	}
	across := max(1, min(b.W/leastClient, (len(all)+rows-1)/rows))
	shown := min(len(all), rows*across)
	hidden := len(all) - shown
	if hidden > 0 {
		shown--
	}
	for i := range shown {
		if i%across == 0 {
			b.Next()
		}
		end := b.W * (i%across + 1) / across
		o.drawClient(b, &all[i], end)
		b.At(end)
	}
	if hidden > 0 {
		if shown%across == 0 {
			b.Next()
		}
		b.Put(canvas.Muted, o.hiddenClients(all[shown:]))
	}
}

// drawBusiest has room for one client: the one that waits longest.
func (o *overview) drawBusiest(b *canvas.Canvas) {
	all := o.now.Clients
	_, worst := longest(all)
	others := "+" + engine.Count(len(all)-1)
	o.drawClient(b, &all[max(worst, 0)], b.W-len(others)-2)
	b.At(b.W-len(others)-1).Put(canvas.Muted, others)
}

// longest is how many clients wait, and which of them longest; -1 if none does.
func longest(all []engine.ClientState) (waiting, worst int) {
	worst = -1
	for i := range all {
		if all[i].Running {
			waiting++
			if worst < 0 || all[i].Since > all[worst].Since {
				worst = i
			}
		}
	}
	return waiting, worst
}

func (o *overview) hiddenClients(rest []engine.ClientState) string {
	waiting, worst := longest(rest)
	text := "  and " + engine.Count(len(rest)) + " more"
	if worst >= 0 {
		text += ", " + engine.Count(waiting) + " at work: " + rest[worst].Name + " " + engine.Elapsed(rest[worst].Since)
	}
	return text
}

// drawClient writes one client up to column end.
func (o *overview) drawClient(b *canvas.Canvas, c *engine.ClientState, end int) {
	rest := b.Left - (b.W - end)
	whole := b.Left
	b.Left = rest
	look := o.mark(b, c.Name)
	b.Col(look, c.Name, nameCol-2)
	o.drawDoing(b, c)
	b.Left += whole - rest
}

// drawDoing writes what ails a client, and what it does or has done last.
func (o *overview) drawDoing(b *canvas.Canvas, c *engine.ClientState) {
	if c.State == netsim.Frozen {
		b.Put(canvas.Frozen, "❄ frozen").Space(2)
	}
	most := mostCut
	if c.Running {
		most = mostCutWaiting
	}
	if cut := o.now.CutWords(c.Name, most); cut != "" {
		b.Put(canvas.Broken, "⊘ "+cut).Space(2)
	}
	switch {
	case c.Running:
		b.Cell(canvas.Plain, script.OpText(pane.Brief(c.Op)), max(b.Left/3, 12), 0).Put(canvas.Plain, b.Ellipsis())
		b.Put(canvas.Warning, engine.Elapsed(c.Since)).Space(2)
		if !o.now.Covered {
			b.Put(canvas.Plain, waitsIn(b.Left, c))
		}
	case len(c.Last) > 0:
		d := c.Last[0]
		answer, look := answer(b.Styles, d)
		b.Cell(canvas.Plain, script.OpText(pane.Brief(d.Op)), max(b.Left/3, 12), 0).Space(1)
		b.Put(look, answer).Space(2).Put(canvas.Muted, o.now.TookWords(d.Took, d.At))
	case b.Left < leastClient:
		b.Put(canvas.Muted, "idle")
	default:
		b.Put(canvas.Muted, "has done nothing yet")
	}
}

// waitsIn is what a client waits for, in w cells: whole if it fits without the rules, or else without the client's own name, which
// stands before it. The name of a link keeps it.
func waitsIn(w int, c *engine.ClientState) string {
	fits := func(text string) bool { return ansi.StringWidth(text) <= w }
	text, plain := c.Waits.Text, c.Waits.Plain
	rest, own := strings.CutPrefix(plain, c.Name+" ")
	switch {
	case fits(text), plain == "":
		return text
	case !fits(plain) && own && !strings.HasPrefix(rest, ">") && fits(rest):
		return rest
	}
	return plain
}

// answer is the outcome of an operation in words.
func answer(k *canvas.Styles, d engine.Done) (string, canvas.Style) {
	switch {
	case d.Outcome.Kind == engine.Absent:
		return "→ no such key", canvas.Plain
	case d.Outcome.Kind != engine.OK:
		return "✗ " + d.Outcome.Failure(), canvas.Warning
	case d.Op.Kind == pbservice.Get:
		return "→ " + k.Quoted(pane.Shorter(d.Reply.Value)), canvas.Good
	}
	return "✓ ok", canvas.Good
}
