package tui

import (
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
	inSigns
)

// candour is how much the right end of the title tells of what is not as it should be.
type candour uint8

const (
	each candour = iota
	inAll
	unnamed // rules that are off have no names
	noTime  // as usual
)

// drawTitle says which view it is, who serves in it, and what is broken. Where the words don't fit, marks stay.
func (m *Model) drawTitle(b *block) {
	b.next()
	left, right, ok := m.fitTitle(b.w)
	if !ok && (m.now.pace() != 1 || m.alarmed()) {
		b.space(1).spans(apart(append(m.alarmSpans(false), m.now.timeSpan())))
	}
	b.spans(left)
	b.space(max(b.left-spansWidth(right), 1))
	b.spans(right)
}

// fitTitle finds the words for both ends that fit into w cells. Both ends lose words in turn.
func (m *Model) fitTitle(w int) (left, right []span, ok bool) {
	const gap = 2
	for _, try := range []struct {
		from, to wording
		least    candour
	}{{inWords, nameless, unnamed}, {inMarks, inMarks, unnamed}, {inSigns, inSigns, noTime}} {
		for c := each; c <= try.least; c++ {
			right = m.brokenSpans(c)
			for words := try.from; words <= try.to; words++ {
				left = m.titleSpans(words)
				if spansWidth(left)+gap+spansWidth(right) <= w {
					return left, right, true
				}
			}
		}
	}
	return left, right, false
}

func (m *Model) titleSpans(w wording) []span {
	s := &m.now.Views.Status
	name := []span{{strong, " splitbrain"}}
	p, k, gap := "P primary ", "B backup ", "  "
	if w >= nameless {
		gap, name = " ", nil
	}
	if w >= inMarks {
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
	case views.Status.Acked && w == inSigns:
		return span{good, gap + "✓"}
	case views.Status.Acked:
		return span{good, gap + "✓ acked"}
	case w == inWords:
		return span{warning, gap + "✗ not acknowledged"}
	case w == inSigns:
		return span{warning, gap + "✗"}
	}
	return span{warning, gap + "✗ not acked"}
}

// brokenSpans is the right end of the title: how time goes, and all that is not as it should be.
func (m *Model) brokenSpans(c candour) []span {
	parts := m.alarmSpans(c < unnamed)
	if c < noTime || m.now.pace() != 1 {
		parts = append(parts, m.now.timeSpan())
	}
	if c == each {
		parts = append(parts, m.now.broken()...)
	} else {
		parts = append(parts, m.now.brokenInAll()...)
	}
	return append(apart(parts), span{plain, " "})
}

// apart puts a gap between spans.
func apart(parts []span) []span {
	var out []span
	for i, s := range parts {
		if i > 0 {
			out = append(out, span{plain, "  "})
		}
		out = append(out, s)
	}
	return out
}

// brokenIn is brokenSpans in room cells.
func (m *Model) brokenIn(room int) []span {
	for c := each; c < noTime; c++ {
		if out := m.brokenSpans(c); spansWidth(out) <= room {
			return out
		}
	}
	return m.brokenSpans(noTime)
}

// alarmSpans are what no lack of room may hide: a violation, rules that are off.
func (m *Model) alarmSpans(named bool) []span {
	out := append(m.violationSpans(), m.now.offSpans(named)...)
	if m.recording != "" {
		out = append(out, span{warning, "REC"})
	}
	return out
}

// alarmed reports whether a rule is off or a promise was found broken.
func (m *Model) alarmed() bool { return m.violated != "" || m.now.Off != 0 }

func (m *Model) violationSpans() []span {
	if m.violated == "" {
		return nil
	}
	return []span{{alarm, "✗ VIOLATION"}}
}

// faultMarks are what each kind of fault on a link is called.
var faultMarks = map[netsim.FaultKind]struct{ mark, counted, legend string }{
	netsim.FaultCut:       {"✗", "cut", "cut"},
	netsim.FaultDelay:     {"~", "delayed", "delay"},
	netsim.FaultLoss:      {"%", "lossy", "loss"},
	netsim.FaultReplyLoss: {"r", "lose replies", "replies lost"},
	netsim.FaultDuplicate: {"2", "doubled", "dup"},
	netsim.FaultReorder:   {"⇄", "reorder", "reorder"},
	netsim.FaultHold:      {"‖", "on hold", "n held"},
}

// countFaults counts links by what is done to them. The two directions of a link count as one.
func (s *scene) countFaults() map[netsim.FaultKind]int {
	n := map[netsim.FaultKind]int{}
	for _, f := range s.Faults {
		if f.From < f.To || f.To == "" || !s.suffers(link{f.To, f.From}, f.Kind) {
			n[f.Kind]++
		}
	}
	return n
}

// broken counts what is not as it should be.
func (s *scene) broken() []span {
	var out []span
	n := s.countFaults()
	for k := netsim.FaultCut; k < netsim.FaultFrozen; k++ {
		if n[k] > 0 && (k != netsim.FaultHold || len(s.Held) == 0) {
			out = append(out, span{broken, faultMarks[k].mark + " " + count(n[k]) + " " + faultMarks[k].counted})
		}
	}
	if held := len(s.Held); held > 0 {
		out = append(out, span{broken, "‖ " + count(held) + " held"})
	}
	if n[netsim.FaultFrozen] > 0 {
		out = append(out, span{frozen, "❄ " + count(n[netsim.FaultFrozen]) + " frozen"})
	}
	return out
}

// brokenInAll is broken in fewer words.
func (s *scene) brokenInAll() []span {
	if len(s.faulty) == 0 {
		return nil
	}
	return []span{{broken, "✗ " + plural(len(s.faulty), "fault")}}
}

// leastCause is how many cells of a cause tell something.
const leastCause = 20

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
		if i > 0 && b.left < leastCause && ansi.StringWidth(text) > b.left {
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
		if rest := len(now.Servers) - i; !lines && b.full() && rest*compactServerW > b.left && b.left < 2*compactServerW {
			b.put(muted, " +"+count(rest))
			return
		}
		mark := " "
		if v.Name == m.selected {
			mark = "▸"
		}
		b.put(selected, mark).put(look, text)
	}
	m.drawCompactNotes(b)
}

// drawCompactNotes puts what a lesson tells into the rows that the servers leave.
func (m *Model) drawCompactNotes(b *block) {
	text := m.presentedNotes()
	if text == "" || b.room() < 2 {
		return
	}
	for _, line := range b.wrap(text, b.w-1, b.room()) {
		b.next().space(1).put(strong, line)
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
	text, look := m.roleOf(v)
	if !words {
		return v.Name + " " + string([]rune(text)[:1]), look
	}
	if len(v.CutOff) > 0 {
		return v.Name + " " + text + " ⊘ " + m.now.cutWords(v), broken
	}
	return v.Name + " " + text + " " + plural(v.Status.Keys, "key"), look
}
