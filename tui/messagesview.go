package tui

import (
	"strconv"

	"cluster/splitbrain/netsim"
)

// The columns of messages, and how wide the pane must be for their numbers.
const (
	numberCol, atCol, linkCol = 7, 10, 9

	numberFrom = 72
)

func (p *messages) draw(b *block, now *scene) {
	at, inHeld := p.place()
	switch {
	case p.listRows() == 0:
	case p.listing:
		p.drawList(b, now, at, inHeld)
	default:
		p.drawDiagram(b, now, at, inHeld)
	}
	if p.reading {
		for b.room() > p.readRows() {
			b.next()
		}
		p.drawInFull(b, now)
	}
}

func (p *messages) drawList(b *block, now *scene, at int, inHeld bool) {
	top := 0
	if rows := p.heldRows(); inHeld {
		top = max(0, at-rows+1)
	}
	for i, m := range p.held[top : top+p.heldRows()] {
		p.drawMessage(b.next(), m, now, inHeld && top+i == at)
	}
	from, to := p.view.window()
	if from == to && len(p.held) == 0 {
		p.drawEmpty(b.next())
	}
	for i := from; i < to; i++ {
		chosen := !inHeld && i == at
		switch l := &p.lines[i]; {
		case l.folded:
			b.next().chosen(chosen).put(muted, pingWords(l))
		case l.mark != nil:
			b.next().chosen(chosen).put(l.mark.look, "— "+l.mark.text+" —")
		default:
			p.drawMessage(b.next(), l.message, now, chosen)
		}
	}
}

func (p *messages) drawEmpty(b *block) {
	text := "no message yet"
	if p.filter != "" {
		text = "no message matches “" + b.quoted(shorter(p.filter)) + "”: press / to change the filter"
	}
	b.space(2).put(muted, text)
}

// drawMessage writes a message in one row: its number, when it was sent, its link, what it says and what became of it.
func (p *messages) drawMessage(b *block, m *message, now *scene, chosen bool) {
	b.chosen(chosen)
	if b.w >= numberFrom {
		b.col(muted, numberOf(m.id), numberCol)
	}
	b.col(muted, clock(m.life[0].at), atCol)
	b.col(plain, m.from+" → "+m.to, linkCol)
	fate, look := m.fate()
	held := m.last().kind == netsim.MsgHeld
	if held {
		fate += " for " + elapsed(now.At-m.last().at)
	}
	room := max(b.left*3/5, b.left-28)
	text := m.words()
	what := plain
	if held {
		what = strong
	}
	b.col(what, text, room)
	b.put(look, fate)
}

func numberOf(id uint64) string { return "#" + strconv.FormatUint(id, 10) }
