package tui

import (
	"slices"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/pbservice"
)

// drawInFull writes all that is known of a key: who has it, and the values as far as they are told.
func (p *maps) drawInFull(b *block, now *scene, at int) {
	key := p.seen.Keys[at]
	b.field("key", b.quoted(key)+"  ("+plural(len(key), "byte")+")")
	primary, backup, paired := now.pair()
	if paired {
		text, look := "✓ primary and backup have the same", good
		if rowsDiffer(p.row(primary, at), p.row(backup, at)) {
			text, look = "≠ primary and backup differ", differs
		}
		b.next().space(2).space(fieldCol).put(look, text)
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

func (p *maps) holders(now *scene, at int) []holders {
	var all []holders
	for i := range now.Servers {
		v := &now.Servers[i]
		row, gone := p.row(v.Name, at), v.State == netsim.Crashed || v.State == netsim.Off
		same := slices.IndexFunc(all, func(h holders) bool { return h.gone == gone && !rowsDiffer(h.row, row) })
		if same < 0 {
			all = append(all, holders{row: row, gone: gone})
			same = len(all) - 1
		}
		all[same].names = append(all[same].names, v.Name)
	}
	return all
}

func (p *maps) drawHolders(b *block, now *scene, h holders) {
	if b.full() {
		return
	}
	b.next().space(2)
	for _, n := range h.names {
		b.put(strong, n)
		if mark, look := now.roleMark(now.Server(n)); mark != "·" && !h.gone {
			b.space(1).put(look, mark)
		}
		b.space(2)
	}
	switch {
	case h.gone:
		b.put(dead, "✗ crashed: has nothing")
		return
	case h.row.Size < 0:
		b.put(muted, "no such key")
		return
	}
	b.put(muted, plural(h.row.Size, "byte"))
	text := b.quoted(h.row.Value)
	if hidden := h.row.Size - len(h.row.Value); hidden > 0 {
		text += " … and " + plural(hidden, "byte") + " more"
	}
	const mostRows = 6
	for _, line := range b.wrap(text, b.w-5, min(mostRows, b.room())) {
		if !b.full() {
			b.next().space(4).put(plain, line)
		}
	}
}
