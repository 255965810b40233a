package tui

import (
	"strings"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/viewservice"

	"github.com/charmbracelet/x/ansi"
)

// span is a piece of a row.
type span struct {
	look role
	text string
}

// wording is how much room the title's words take.
type wording uint8

const (
	inWords wording = iota
	fewerWords
	nameless
	inMarks
)

// drawTitle says which view it is, who serves in it, and what is broken. Where the words don't fit, marks stay.
func (m *Model) drawTitle(b *block) {
	b.next()
	right := m.brokenSpans()
	left := m.titleSpans(inWords)
	for w := inWords; w < inMarks && spansWidth(left)+2+spansWidth(right) > b.w; w++ {
		left = m.titleSpans(w + 1)
	}
	b.spans(left)
	b.space(b.left - spansWidth(right))
	b.spans(right)
}

func (m *Model) titleSpans(w wording) []span {
	s := &m.now.Views.Status
	name := []span{{strong, " splitbrain"}}
	p, k, gap := "P primary ", "B backup ", "  "
	if w >= nameless {
		gap, name = " ", nil
	}
	if w == inMarks {
		p, k = "P ", "B "
	}
	if s.View.Viewnum == 0 {
		return append(name, span{plain, gap + "no view yet"}, m.ackSpan(w, gap))
	}
	return append(name,
		span{strong, gap + "view " + count(int(s.View.Viewnum))},
		span{primary, gap + p + orNobody(s.View.Primary)},
		span{backup, gap + k + orNobody(s.View.Backup)},
		m.ackSpan(w, gap))
}

// ackSpan says whether the view is acknowledged, or that there is nobody to say so.
func (m *Model) ackSpan(w wording, gap string) span {
	views := &m.now.Views
	if views.State == netsim.Crashed || views.State == netsim.Frozen {
		text, look := stateWords(views.State)
		return span{look, gap + "vs " + text}
	}
	switch {
	case views.Status.View.Viewnum == 0:
		return span{}
	case views.Status.Acked && w == inWords:
		return span{good, gap + "✓ acknowledged"}
	case views.Status.Acked:
		return span{good, gap + "✓ acked"}
	case w == inWords:
		return span{warning, gap + "✗ not acknowledged"}
	}
	return span{warning, gap + "✗ not acked"}
}

// brokenSpans is the right end of the title: the engine, and all that is not as it should be.
func (m *Model) brokenSpans() []span {
	out := []span{{muted, "live"}}
	for _, s := range m.now.broken() {
		out = append(out, span{plain, "  "}, s)
	}
	return append(out, span{plain, " "})
}

// broken counts what is not as it should be. The two directions of a link count as one.
func (s *scene) broken() []span {
	cuts, delays, frozenNodes := 0, 0, 0
	for l, f := range s.links {
		there, both := s.links[link{l.to, l.from}]
		switch {
		case both && there.Kind == f.Kind && l.from > l.to:
		case f.Kind == netsim.FaultCut:
			cuts++
		default:
			delays++
		}
	}
	for _, f := range s.Faults {
		if f.Kind == netsim.FaultFrozen {
			frozenNodes++
		}
	}
	var out []span
	add := func(r role, n int, mark, text string) {
		if n > 0 {
			out = append(out, span{r, mark + count(n) + text})
		}
	}
	add(broken, cuts, "⊘ ", " cut")
	add(broken, delays, "↻ ", " slow")
	add(frozen, frozenNodes, "❄ ", " frozen")
	return out
}

// drawViews is the row of views, the newest last, and what brought that one about.
func (m *Model) drawViews(b *block) {
	b.next()
	s := &m.now.Views.Status
	if len(s.Changes) == 0 {
		b.space(1).put(muted, "views appear here, each with its cause")
		return
	}
	causes := s.Changes[len(s.Changes)-1].Causes
	room := b.w / 3
	if len(causes) > 0 {
		room = max(room, b.w-4-len("; …")-ansi.StringWidth(causes[0].String()))
	}
	var past []span
	for i := len(s.Changes) - 1; i >= 0; i-- {
		v := s.Changes[i].View
		one := viewSpans(v, i == len(s.Changes)-1)
		if i < len(s.Changes)-1 {
			one = append(one, span{muted, "  →  "})
		}
		if spansWidth(one)+spansWidth(past) > room-3 {
			past = append([]span{{muted, "… → "}}, past...)
			break
		}
		past = append(one, past...)
	}
	b.space(1).spans(past).space(3)
	for i, c := range causes {
		text := c.String()
		if i > 0 {
			text = "; " + text
		}
		if i > 0 && ansi.StringWidth(text) > b.left {
			b.put(plain, "; …")
			return
		}
		b.put(plain, text)
	}
}

func viewSpans(v viewservice.View, newest bool) []span {
	if !newest {
		return []span{{plain, v.String()}}
	}
	return []span{
		{strong, count(int(v.Viewnum)) + " "},
		{primary, orNobody(v.Primary)}, {plain, " "}, {backup, orNobody(v.Backup)},
	}
}

func (b *block) spans(all []span) *block {
	for _, s := range all {
		b.put(s.look, s.text)
	}
	return b
}

func spansWidth(all []span) int {
	w := 0
	for _, s := range all {
		w += ansi.StringWidth(s.text)
	}
	return w
}

// drawCompact squeezes the servers' states into a screen that is too small for a table.
func (m *Model) drawCompact(b *block) {
	now := m.now
	lines := b.h >= len(now.Servers)
	for i := range now.Servers {
		v := &now.Servers[i]
		text, look := m.compactServer(v, lines)
		if i == 0 || lines || ansi.StringWidth(text)+1 > b.left {
			if b.full() {
				return
			}
			b.next()
		}
		mark := " "
		if v.Name == m.selected {
			mark = "▸"
		}
		b.put(selected, mark).put(look, text)
	}
}

func (m *Model) compactServer(v *engine.ServerState, words bool) (string, role) {
	if v.State != netsim.Up {
		text, look := stateWords(v.State)
		if !words {
			text = string([]rune(text)[:1])
		}
		return v.Name + " " + text, look
	}
	text, look := roleWords(v.Status.Role)
	if !words {
		return v.Name + " " + string([]rune(text)[:1]), look
	}
	if len(v.CutOff) > 0 {
		return v.Name + " " + text + " ⊘ " + m.now.cutWords(v), broken
	}
	return v.Name + " " + text + " " + plural(v.Status.Keys, "key"), look
}

func joined(all []span) string {
	texts := make([]string, len(all))
	for i, s := range all {
		texts[i] = s.text
	}
	return strings.Join(texts, "  ")
}
