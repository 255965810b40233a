package tui

import (
	"cluster/splitbrain/netsim"
)

// drawInFull writes all that is known of what is chosen.
func (p *messages) drawInFull(b *block, now *scene) {
	m := p.current()
	switch k := p.currentMark(); {
	case k != nil:
		p.drawMark(b, k)
		return
	case m == nil:
		b.next().space(2).put(muted, "no message is chosen")
		return
	}
	b.next().space(2).put(strong, numberOf(m.id)+" "+m.role.String()).space(2).put(plain, m.from+" → "+m.to).
		space(2).put(plain, m.method)
	if m.size > 0 {
		b.space(2).put(muted, plural(m.size, "byte"))
	}
	b.field("says", m.summary)
	p.related(b, "answers", m.answers, "the request was sent before anybody watched")
	p.related(b, "answered by", m.reply, "")
	p.related(b, "copy of", m.copyOf, "the original is no longer remembered")
	if cause := p.causeOf(m); cause != nil && m.answers == 0 && m.copyOf == 0 {
		p.related(b, causeName(m), cause.id, "")
	}
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

func causeName(m *message) string {
	if m.fromClient() {
		return "repeats"
	}
	return "carries"
}

// drawMark writes what happened between messages, and why.
func (p *messages) drawMark(b *block, k *mark) {
	b.field(clock(k.at), k.text)
	if k.view == nil {
		return
	}
	for i, c := range k.view.Causes {
		name := "because"
		if i > 0 {
			name = "and"
		}
		b.field(name, c.String())
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
	b.field(name, text)
}

// drawStage writes one thing that happened to the message, with the time since the one before.
func (p *messages) drawStage(b *block, m *message, i int, s lifeStage) {
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
