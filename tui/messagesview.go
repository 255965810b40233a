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
	if p.listRows() > 0 {
		p.drawList(b, now, at, inHeld)
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
			p.drawPings(b.next(), l, chosen)
		case l.id == 0:
			b.next().space(2).put(muted, "— "+l.summary+" —")
		default:
			p.drawMessage(b.next(), l.message, now, chosen)
		}
	}
}

func (p *messages) drawEmpty(b *block) {
	text := "no message yet: they are recorded while this pane is seen"
	if p.filter != "" {
		text = "no message matches “" + b.quoted(shorter(p.filter)) + "”: press / to change the filter"
	}
	b.space(2).put(muted, text)
}

func (b *block) chosen(is bool) *block {
	if is {
		return b.put(selected, "▸ ")
	}
	return b.space(2)
}

func (p *messages) drawPings(b *block, l *line, chosen bool) {
	text := "… " + plural(l.pings, "ping")
	if l.pings == 0 {
		text = "… a reply to a ping"
	}
	if l.lost > 0 {
		text += ", " + count(l.lost) + " lost"
	}
	b.chosen(chosen).put(muted, text)
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
	text := m.what()
	if m.role == netsim.Reply {
		text = "└ " + text
	}
	if m.copyOf != 0 {
		text = "2× " + text
	}
	what := plain
	if held {
		what = strong
	}
	b.col(what, text, room)
	b.put(look, fate)
}

func numberOf(id uint64) string { return "#" + strconv.FormatUint(id, 10) }

// drawInFull writes all that is known of the chosen message.
func (p *messages) drawInFull(b *block, now *scene) {
	m := p.current()
	if m == nil {
		b.next().space(2).put(muted, "no message is chosen")
		return
	}
	b.next().space(2).put(strong, numberOf(m.id)+" "+m.role.String()).space(2).put(plain, m.from+" → "+m.to).
		space(2).put(plain, m.method)
	if m.size > 0 {
		b.space(2).put(muted, plural(m.size, "byte"))
	}
	p.field(b, "says", m.summary)
	p.related(b, "answers", m.answers, "the request was sent before anybody watched")
	p.related(b, "answered by", m.reply, "")
	p.related(b, "copy of", m.copyOf, "the original is no longer remembered")
	for i, s := range m.life {
		if b.full() {
			return
		}
		p.drawStage(b.next(), m, i, s)
	}
	if m.last().kind == netsim.MsgHeld && !b.full() {
		b.next().space(2).put(broken, "‖ held for "+elapsed(now.At-m.last().at)).
			put(plain, ": d delivers it, D drops it, u copies it, R releases all")
	}
}

const fieldCol = 13

func (p *messages) field(b *block, name, text string) {
	if text == "" || b.full() {
		return
	}
	for i, part := range b.wrap(text, b.w-fieldCol-3, min(3, b.room())) {
		if i > 0 {
			name = ""
		}
		b.next().space(2).col(muted, name, fieldCol).put(plain, part)
	}
}

func (p *messages) related(b *block, name string, id uint64, unknown string) {
	if id == 0 {
		return
	}
	text := numberOf(id)
	if m := p.byID[id]; m != nil {
		text += " " + m.from + " → " + m.to + "  " + m.what()
	} else if unknown != "" {
		text += ": " + unknown
	}
	p.field(b, name, text)
}

// drawStage writes one thing that happened to the message, with the time since the one before.
func (p *messages) drawStage(b *block, m *message, i int, s stage) {
	b.space(2).col(muted, clock(s.at), fieldCol)
	text := s.kind.String()
	if s.why != "" {
		text += ": " + s.why
	}
	look := plain
	if i == len(m.life)-1 {
		_, look = m.fate()
	}
	b.put(look, text)
	if i > 0 {
		b.space(2).put(muted, "+"+elapsed(s.at-m.life[i-1].at))
	}
}
