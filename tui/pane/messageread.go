package pane

import (
	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/canvas"
)

// drawInFull writes all that is known of what is chosen.
func (p *Messages) drawInFull(b *canvas.Canvas, now *Index) {
	m := p.current()
	switch k := p.currentMark(); {
	case k != nil:
		p.drawMark(b, k)
		return
	case m == nil:
		b.Next().Space(2).Put(canvas.Muted, "no message is chosen")
		return
	case m.refused():
		b.Next().Space(2).Put(canvas.Strong, m.from+" can't connect to "+m.to)
		b.Field(Clock(m.last().at), "refused: "+m.last().why)
		b.Field("so", "nothing was sent")
		return
	}
	b.Next().Space(2).Put(canvas.Strong, numberOf(m.id)+" "+m.role.String()).Space(2).Put(canvas.Plain, m.from+" → "+m.to).
		Space(2).Put(canvas.Plain, m.method)
	if m.size > 0 {
		b.Space(2).Put(canvas.Muted, engine.Plural(m.size, "byte"))
	}
	b.Field("says", m.summary)
	p.related(b, "answers", m.answers, "the request was sent before anybody watched")
	p.related(b, "answered by", m.reply, "")
	p.related(b, "copy of", m.copyOf, "the original is no longer remembered")
	if cause := p.causeOf(m); cause != nil && m.answers == 0 && m.copyOf == 0 {
		p.related(b, causeName(m), cause.id, "")
	}
	for i, s := range m.life {
		if b.Full() {
			return
		}
		p.drawStage(b.Next(), m, i, s)
	}
	if m.last().kind == netsim.MsgHeld && !b.Full() {
		b.Next().Space(2).Put(canvas.Broken, "‖ held for "+engine.Elapsed(now.At-m.last().at)).
			Put(canvas.Plain, ": d delivers it, D drops it, u copies it, R releases all")
	}
}

func causeName(m *message) string {
	if m.fromClient() {
		return "repeats"
	}
	return "carries"
}

// drawMark writes what happened between messages, and why.
func (p *Messages) drawMark(b *canvas.Canvas, k *mark) {
	b.Field(Clock(k.at), k.text)
	if k.view == nil {
		return
	}
	for i, c := range k.view.Causes {
		name := "because"
		if i > 0 {
			name = "and"
		}
		b.Field(name, c.String())
	}
}

func (p *Messages) related(b *canvas.Canvas, name string, id uint64, unknown string) {
	if id == 0 {
		return
	}
	text := numberOf(id)
	if m := p.byID[id]; m != nil {
		text += " " + m.from + " → " + m.to + "  " + m.what()
	} else if unknown != "" {
		text += ": " + unknown
	}
	b.Field(name, text)
}

// drawStage writes one thing that happened to the message, with the time since the one before.
func (p *Messages) drawStage(b *canvas.Canvas, m *message, i int, s lifeStage) {
	b.Space(2).Col(canvas.Muted, Clock(s.at), canvas.FieldCol)
	text := s.kind.String()
	if s.why != "" {
		text += ": " + s.why
	}
	look := canvas.Plain
	if i == len(m.life)-1 {
		_, look = m.fate()
	}
	b.Put(look, text)
	if i > 0 && s.at > m.life[i-1].at {
		b.Space(2).Put(canvas.Muted, "+"+engine.Elapsed(s.at-m.life[i-1].at))
	}
}
