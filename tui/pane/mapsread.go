package pane

import (
	"slices"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/tui/canvas"
)

// drawInFull writes all that is known of a key: who has it, and the values as far as they are told.
func (p *Maps) drawInFull(b *canvas.Canvas, now *Index, at int) {
	key := p.seen.Keys[at]
	b.Field("key", b.Quoted(key)+"  ("+engine.Plural(len(key), "byte")+")")
	primary, backup, paired := now.pair()
	if paired {
		text, look := "✓ primary and backup have the same", canvas.Good
		if rowsDiffer(p.row(primary, at), p.row(backup, at)) {
			text, look = "≠ primary and backup differ", canvas.Differs
		}
		b.Next().Space(2).Space(canvas.FieldCol).Put(look, text)
	}
	for _, g := range p.holders(now, at) {
		p.drawHolders(b, now, g)
	}
}

// holders are servers that have the same value of a key, or none.
type holders struct {
	names []string
	row   pbservice.Row
	gone  bool // they don't run
}

func (p *Maps) holders(now *Index, at int) []holders {
	var all []holders
	for i := range now.Servers {
		v := &now.Servers[i]
		row, gone := p.row(v.Name, at), v.State == netsim.Crashed || v.State == netsim.Stopped
		same := slices.IndexFunc(all, func(h holders) bool { return h.gone == gone && !rowsDiffer(h.row, row) })
		if same < 0 {
			all = append(all, holders{row: row, gone: gone})
			same = len(all) - 1
		}
		all[same].names = append(all[same].names, v.Name)
	}
	return all
}

func (p *Maps) drawHolders(b *canvas.Canvas, now *Index, h holders) {
	if b.Full() {
		return
	}
	b.Next().Space(2)
	for _, n := range h.names {
		b.Put(canvas.Strong, n)
		if mark, look := now.RoleMark(now.Server(n)); mark != "·" && !h.gone {
			b.Space(1).Put(look, mark)
		}
		b.Space(2)
	}
	switch {
	case h.gone:
		b.Put(canvas.Dead, "✗ crashed: has nothing")
		return
	case h.row.Size < 0:
		b.Put(canvas.Muted, "no such key")
		return
	}
	b.Put(canvas.Muted, engine.Plural(h.row.Size, "byte"))
	text := b.Quoted(h.row.Value)
	if hidden := h.row.Size - len(h.row.Value); hidden > 0 {
		text += " … and " + engine.Plural(hidden, "byte") + " more"
	}
	const mostRows = 6
	for _, line := range b.Wrap(text, b.W-5, min(mostRows, b.Room())) {
		if !b.Full() {
			b.Next().Space(4).Put(canvas.Plain, line)
		}
	}
}

// CopyText is the chosen key's value, as far as it is told: the primary's, or that of the first server that has it.
func (p *Maps) CopyText(now *Index) (text, what string) {
	at := p.at()
	if at < 0 {
		return "", ""
	}
	row := p.row(now.Primary, at)
	for i := 0; i < len(now.Servers) && row.Size < 0; i++ {
		row = p.row(now.Servers[i].Name, at)
	}
	return row.Value, "the value of " + Shorter(p.seen.Keys[at])
}
