package pane

import (
	"fmt"
	"strconv"
	"strings"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/canvas"
)

// The columns of messages, and how wide the pane must be for their numbers.
const (
	numberCol, atCol, linkCol = 7, 10, 9

	numberFrom = 72
)

func (p *Messages) Draw(b *canvas.Canvas, now *Index) {
	at, inHeld := p.place()
	switch {
	case p.listRows() == 0:
	case p.listing:
		p.drawList(b, now, at, inHeld)
	default:
		p.drawDiagram(b, now, at, inHeld)
	}
	if p.reading {
		for b.Room() > p.readRows() {
			b.Next()
		}
		p.drawInFull(b, now)
	}
}

func (p *Messages) drawList(b *canvas.Canvas, now *Index, at int, inHeld bool) {
	top := 0
	if rows := p.heldRows(); inHeld {
		top = max(0, at-rows+1)
	}
	for i, m := range p.held[top : top+p.heldRows()] {
		p.drawMessage(b.Next(), m, now, lead{inHeld && top+i == at, p.points(happening{message: m})})
	}
	from, to := p.view.window()
	if from == to && len(p.held) == 0 {
		p.drawEmpty(b.Next())
	}
	for i := from; i < to; i++ {
		l := &p.lines[i]
		before := p.leadOf(l, !inHeld && i == at)
		switch {
		case l.folded:
			before.put(b.Next()).Put(canvas.Muted, pingWords(l))
		case l.mark != nil:
			before.put(b.Next()).Put(l.mark.look, "— "+l.mark.text+" —")
		default:
			p.drawMessage(b.Next(), l.message, now, before)
			moreTries(b, l)
		}
	}
}

// moreTries says behind an answer how many others have no row.
func moreTries(b *canvas.Canvas, l *line) {
	if l.more > 0 {
		b.Space(2).Put(canvas.Muted, "+ "+engine.Count(l.more)+" to other tries")
	}
}

// leadOf is what stands before a line.
func (p *Messages) leadOf(l *line, chosen bool) lead {
	return lead{chosen, !l.folded && p.points(l.happening)}
}

func (p *Messages) drawEmpty(b *canvas.Canvas) {
	text := "no message yet"
	if p.filter != "" {
		text = "no message matches “" + b.Quoted(Shorter(p.filter)) + "”: press / to change the filter"
	}
	b.Space(2).Put(canvas.Muted, text)
}

// drawMessage writes a message in one row: its number, when it was sent, its link, what it says and what became of it.
func (p *Messages) drawMessage(b *canvas.Canvas, m *message, now *Index, before lead) {
	before.put(b)
	if b.W >= numberFrom {
		b.Col(canvas.Muted, numberOf(m.id), numberCol)
	}
	b.Col(canvas.Muted, Clock(m.life[0].at), atCol)
	b.Col(canvas.Plain, m.from+" → "+m.to, linkCol)
	fate, look := m.fate()
	held := m.last().kind == netsim.MsgHeld
	if held {
		fate += " for " + engine.Elapsed(now.At-m.last().at)
	}
	room := max(b.Left*3/5, b.Left-28)
	text := m.words()
	what := canvas.Plain
	if held {
		what = canvas.Strong
	}
	b.Col(what, text, room)
	b.Put(look, fate)
}

// numberOf is a message's number; "" of a call that could not be connected.
func numberOf(id uint64) string {
	if id == 0 {
		return ""
	}
	return "#" + strconv.FormatUint(id, 10)
}

// CopyText is the chosen message with all that became of it, or what happened between messages.
func (p *Messages) CopyText(*Index) (text, what string) {
	if k := p.currentMark(); k != nil {
		text = k.text
		if k.view != nil {
			text += ": " + causeWords(k.view.Causes)
		}
		return text, "what happened"
	}
	m := p.current()
	if m == nil || p.onFold() {
		return "", ""
	}
	if m.refused() {
		return m.from + " > " + m.to + " " + m.last().kind.String() + ": " + m.last().why, "what happened"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "#%d %v %s > %s %s: %s\n", m.id, m.role, m.from, m.to, m.method, m.summary)
	for _, s := range m.life {
		fmt.Fprintf(&b, "%s %v %s\n", Clock(s.at), s.kind, s.why)
	}
	return b.String(), "message " + numberOf(m.id)
}
