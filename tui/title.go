package tui

import (
	"strings"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"

	"github.com/charmbracelet/x/ansi"
)

// wording is how much room the title's words take.
type wording uint8

const (
	inWords wording = iota
	fewerWords
	nameless
	inMarks
	inSigns
	inDigits
)

// candour is how much the right end of the title tells of what is not as it should be.
type candour uint8

const (
	each    candour = iota // faults by their kinds, rules that are off by their names
	inAll                  // faults as one number
	untimed                // no word of time that goes as usual
	unnamed                // rules that are off have no names
	noFault                // the network is not told of
	inBrief
	inOne // a mark
)

// titleSteps are the ways to write the title, the first that fits being taken: what is broken or switched off is
// named as long as the view can still be read.
var titleSteps = []struct {
	words wording
	tells candour
}{
	{inWords, each}, {fewerWords, each}, {nameless, each}, {nameless, inAll}, {inMarks, each}, {inMarks, inAll},
	{inMarks, untimed}, {inSigns, untimed}, {inSigns, unnamed}, {inSigns, noFault}, {inSigns, inBrief},
	{inDigits, inBrief}, {inDigits, inOne},
}

// drawTitle says which view it is, who serves in it, and what is broken. Where the words don't fit, marks stay.
func (m *Model) drawTitle(b *block) {
	b.next()
	left, right := m.fitTitle(b.w)
	b.spans(left)
	b.space(max(b.left-spansWidth(right), 1))
	b.spans(right)
}

// fitTitle finds the words for both ends that fit into w cells.
func (m *Model) fitTitle(w int) (left, right []span) {
	for _, step := range titleSteps {
		left, right = m.titleSpans(step.words), m.brokenSpans(step.tells)
		gap := 2
		if step.tells >= inBrief {
			gap = 1
		}
		if spansWidth(left)+gap+spansWidth(right) <= w {
			break
		}
	}
	return left, right
}

func (m *Model) titleSpans(w wording) []span {
	s := m.now
	if s.Forgotten() {
		return m.forgottenSpans(w)
	}
	name := []span{{strong, " splitbrain"}}
	p, k, gap, view := "P primary ", "B backup ", "  ", "view "
	if w >= nameless {
		gap, name = " ", nil
	}
	if w >= inMarks {
		p, k = "P ", "B "
	}
	if w == inDigits {
		p, k, view = "P ", "B ", "v"
	}
	if s.View.Viewnum == 0 {
		return append(name, span{plain, gap + "no view yet"}, m.ackSpan(w, gap))
	}
	return append(name,
		span{strong, gap + view + count(int(s.View.Viewnum))},
		span{primary, gap + p + orNobody(s.primary)},
		span{backup, gap + k + orNobody(s.backup)},
		m.ackSpan(w, gap))
}

// forgottenSpans tell of a viewservice that was restarted, and of the view in which servers go on.
func (m *Model) forgottenSpans(w wording) []span {
	s := m.now
	head, lost, last, p, k := []span{{strong, " splitbrain "}}, " vs has forgotten", " · last view ", " ", " "
	switch {
	case w >= inSigns:
		head, lost, last, p, k = nil, " vs forgot", " last ", " ", " "
	case w >= nameless:
		head = nil
	}
	return append(head, span{dead, lost}, span{strong, last + count(int(s.View.Viewnum))},
		span{primary, p + orNobody(s.primary)}, span{backup, k + orNobody(s.backup)})
}

// ackSpan says whether the view is acknowledged, or that there is nobody to say so.
func (m *Model) ackSpan(w wording, gap string) span {
	views := &m.now.Viewservice
	if views.State == netsim.Crashed || views.State == netsim.Frozen {
		text, look := stateWords(views.State)
		if w == inDigits {
			text = string([]rune(text)[:1])
		}
		return span{look, gap + "vs " + text}
	}
	switch {
	case m.now.View.Viewnum == 0:
		return span{}
	case views.Status.Acked && w == inWords:
		return span{good, gap + "✓ acknowledged"}
	case views.Status.Acked && w >= inSigns:
		return span{good, gap + "✓"}
	case views.Status.Acked:
		return span{good, gap + "✓ acked"}
	case w == inWords:
		return span{warning, gap + "✗ not acknowledged"}
	case w >= inSigns:
		return span{warning, gap + "✗"}
	}
	return span{warning, gap + "✗ not acked"}
}

// brokenSpans is the right end of the title: how time goes, and all that is not as it should be.
func (m *Model) brokenSpans(c candour) []span {
	parts := m.alarmSpans(c)
	if c < untimed || m.now.pace() != 1 {
		parts = append(parts, m.timeSpan(c))
	}
	switch {
	case c == each:
		parts = append(parts, m.now.broken()...)
	case c < noFault:
		parts = append(parts, m.now.brokenInAll()...)
	}
	if c >= inBrief {
		if all := m.now.broken(); c == inBrief && len(all) > 0 {
			mark, _, _ := strings.Cut(all[0].text, " ")
			parts = append(parts, span{all[0].look, mark})
		}
		return joined(parts, " ")
	}
	return append(joined(parts, "  "), span{plain, " "})
}

// timeSpan says how time goes, in brief by its sign alone.
func (m *Model) timeSpan(c candour) span {
	s := m.now.timeSpan()
	if c >= inBrief {
		sign, number, _ := strings.Cut(s.text, "×")
		switch {
		case m.now.Paused:
			s.text = string([]rune(sign)[:1])
		case c == inOne:
			s.text = "×"
		default:
			s.text = "×" + number
		}
	}
	return s
}

// brokenIn is brokenSpans in room cells.
func (m *Model) brokenIn(room int) []span {
	for c := each; c < inOne; c++ {
		if out := m.brokenSpans(c); spansWidth(out) <= room {
			return out
		}
	}
	return m.brokenSpans(inOne)
}

// alarmSpans are what no lack of room may hide: a violation, rules that are off, and that it is recorded.
func (m *Model) alarmSpans(c candour) []span {
	if c == inOne {
		if m.alarmed() {
			return []span{{alarm, "✗"}}
		}
		return nil
	}
	out := append(m.violationSpans(c), m.now.offSpans(c)...)
	if m.recording != "" {
		out = append(out, span{warning, "REC"})
	}
	return append(out, m.loadSpans(c < unnamed)...)
}

// alarmed reports whether a rule is off or a promise was found broken.
func (m *Model) alarmed() bool { return m.violated != "" || m.now.Disabled != 0 }

func (m *Model) violationSpans(c candour) []span {
	switch {
	case m.violated == "":
		return nil
	case c >= inBrief:
		return []span{{alarm, "✗VIOL"}}
	}
	return []span{{alarm, "✗ VIOLATION"}}
}

// faultMarks are what each kind of fault on a link is called.
var faultMarks = map[netsim.FaultKind]struct{ mark, counted, legend string }{
	netsim.FaultCut:       {"⊘", "cut", "cut"},
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
		if f.From < f.To || f.To == "" || !s.Suffers(f.To, f.From, f.Kind) {
			n[f.Kind]++
		}
	}
	return n
}

// broken tells what is not as it should be, by kinds.
func (s *scene) broken() []span {
	out := s.cutSpans()
	n := s.countFaults()
	for k := netsim.FaultCut + 1; k < netsim.FaultFrozen; k++ {
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

// brokenInAll is broken in fewer words: in its own if that is one, else as a number.
func (s *scene) brokenInAll() []span {
	if all := s.broken(); len(all) == 1 && len(s.faulty) == 1 {
		return all
	}
	if len(s.faulty) == 0 {
		return nil
	}
	return []span{{broken, "✗ " + plural(len(s.faulty), "fault")}}
}

// drawCompact squeezes the servers' states into a screen that is too small for a table.
func (m *Model) drawCompact(b *block) {
	now := m.now
	lines := b.h >= len(now.Servers)+m.notes.wanted()
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
	if cut := m.now.cutWords(v.Name, m.w/2); cut != "" {
		return v.Name + " " + text + " ⊘ " + cut, broken
	}
	return v.Name + " " + text + " " + plural(v.Status.Keys, "key"), look
}
