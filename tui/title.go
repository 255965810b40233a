package tui

import (
	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/canvas"
	"strings"

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
func (m *Model) drawTitle(b *canvas.Canvas) {
	b.Next()
	left, right := m.fitTitle(b.W)
	b.Spans(left)
	b.Space(max(b.Left-canvas.SpansWidth(right), 1))
	b.Spans(right)
}

// fitTitle finds the words for both ends that fit into w cells.
func (m *Model) fitTitle(w int) (left, right []canvas.Span) {
	for _, step := range titleSteps {
		left, right = m.titleSpans(step.words), m.brokenSpans(step.tells)
		gap := 2
		if step.tells >= inBrief {
			gap = 1
		}
		if canvas.SpansWidth(left)+gap+canvas.SpansWidth(right) <= w {
			break
		}
	}
	return left, right
}

func (m *Model) titleSpans(w wording) []canvas.Span {
	s := m.now
	if s.Forgotten() {
		return m.forgottenSpans(w)
	}
	name := []canvas.Span{canvas.Strong.Span(" splitbrain")}
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
		return append(name, canvas.Plain.Span(gap+"no view yet"), m.ackSpan(w, gap))
	}
	return append(name,
		canvas.Strong.Span(gap+view+count(int(s.View.Viewnum))),
		canvas.Primary.Span(gap+p+orNobody(s.primary)),
		canvas.Backup.Span(gap+k+orNobody(s.backup)),
		m.ackSpan(w, gap))
}

// forgottenSpans tell of a viewservice that was restarted, and of the view in which servers go on.
func (m *Model) forgottenSpans(w wording) []canvas.Span {
	s := m.now
	head, lost, last, p, k := []canvas.Span{canvas.Strong.Span(" splitbrain ")}, " vs has forgotten", " · last view ", " ", " "
	switch {
	case w >= inSigns:
		head, lost, last, p, k = nil, " vs forgot", " last ", " ", " "
	case w >= nameless:
		head = nil
	}
	return append(head, canvas.Dead.Span(lost), canvas.Strong.Span(last+count(int(s.View.Viewnum))),
		canvas.Primary.Span(p+orNobody(s.primary)), canvas.Backup.Span(k+orNobody(s.backup)))
}

// ackSpan says whether the view is acknowledged, or that there is nobody to say so.
func (m *Model) ackSpan(w wording, gap string) canvas.Span {
	views := &m.now.Viewservice
	if views.State == netsim.Crashed || views.State == netsim.Frozen {
		text, look := stateWords(views.State)
		if w == inDigits {
			text = string([]rune(text)[:1])
		}
		return look.Span(gap + "vs " + text)
	}
	switch {
	case m.now.View.Viewnum == 0:
		return canvas.Span{}
	case views.Status.Acked && w == inWords:
		return canvas.Good.Span(gap + "✓ acknowledged")
	case views.Status.Acked && w >= inSigns:
		return canvas.Good.Span(gap + "✓")
	case views.Status.Acked:
		return canvas.Good.Span(gap + "✓ acked")
	case w == inWords:
		return canvas.Warning.Span(gap + "✗ not acknowledged")
	case w >= inSigns:
		return canvas.Warning.Span(gap + "✗")
	}
	return canvas.Warning.Span(gap + "✗ not acked")
}

// brokenSpans is the right end of the title: how time goes, and all that is not as it should be.
func (m *Model) brokenSpans(c candour) []canvas.Span {
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
			mark, _, _ := strings.Cut(all[0].Text, " ")
			parts = append(parts, all[0].Style.Span(mark))
		}
		return canvas.Joined(parts, " ")
	}
	return append(canvas.Joined(parts, "  "), canvas.Plain.Span(" "))
}

// timeSpan says how time goes, in brief by its sign alone.
func (m *Model) timeSpan(c candour) canvas.Span {
	s := m.now.timeSpan()
	if c >= inBrief {
		sign, number, _ := strings.Cut(s.Text, "×")
		switch {
		case m.now.Paused:
			s.Text = string([]rune(sign)[:1])
		case c == inOne:
			s.Text = "×"
		default:
			s.Text = "×" + number
		}
	}
	return s
}

// brokenIn is brokenSpans in room cells.
func (m *Model) brokenIn(room int) []canvas.Span {
	for c := each; c < inOne; c++ {
		if out := m.brokenSpans(c); canvas.SpansWidth(out) <= room {
			return out
		}
	}
	return m.brokenSpans(inOne)
}

// alarmSpans are what no lack of room may hide: a violation, rules that are off, and that it is recorded.
func (m *Model) alarmSpans(c candour) []canvas.Span {
	if c == inOne {
		if m.alarmed() {
			return []canvas.Span{canvas.Alarm.Span("✗")}
		}
		return nil
	}
	out := append(m.violationSpans(c), m.now.offSpans(c)...)
	if m.recording != "" {
		out = append(out, canvas.Warning.Span("REC"))
	}
	return append(out, m.loadSpans(c < unnamed)...)
}

// alarmed reports whether a rule is off or a promise was found broken.
func (m *Model) alarmed() bool { return m.violated != "" || m.now.Disabled != 0 }

func (m *Model) violationSpans(c candour) []canvas.Span {
	switch {
	case m.violated == "":
		return nil
	case c >= inBrief:
		return []canvas.Span{canvas.Alarm.Span("✗VIOL")}
	}
	return []canvas.Span{canvas.Alarm.Span("✗ VIOLATION")}
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
func (s *scene) broken() []canvas.Span {
	out := s.cutSpans()
	n := s.countFaults()
	for _, k := range netsim.FaultKinds() {
		switch row := k.Row(); {
		case k == netsim.FaultCut:
		case k == netsim.FaultHold && len(s.Held) > 0:
			out = append(out, canvas.Broken.Span(row.Mark+" "+count(len(s.Held))+" held"))
		case n[k] > 0:
			out = append(out, lookOfFault(row).Span(row.Mark+" "+count(n[k])+" "+row.Counted))
		}
	}
	return out
}

// brokenInAll is broken in fewer words: in its own if that is one, else as a number.
func (s *scene) brokenInAll() []canvas.Span {
	if all := s.broken(); len(all) == 1 && len(s.faulty) == 1 {
		return all
	}
	if len(s.faulty) == 0 {
		return nil
	}
	return []canvas.Span{canvas.Broken.Span("✗ " + plural(len(s.faulty), "fault"))}
}

// drawCompact squeezes the servers' states into a screen that is too small for a table.
func (m *Model) drawCompact(b *canvas.Canvas) {
	now := m.now
	lines := b.H >= len(now.Servers)+m.notes.wanted()
	for i := range now.Servers {
		v := &now.Servers[i]
		text, look := m.compactServer(v, lines)
		if i == 0 || lines || ansi.StringWidth(text)+1 > b.Left {
			if b.Full() {
				return
			}
			b.Next()
		}
		if rest := len(now.Servers) - i; !lines && b.Full() && rest*compactServerW > b.Left && b.Left < 2*compactServerW {
			b.Put(canvas.Muted, " +"+count(rest))
			return
		}
		mark := " "
		if v.Name == m.selected {
			mark = "▸"
		}
		b.Put(canvas.Selected, mark).Put(look, text)
	}
	m.drawCompactNotes(b)
}

// drawCompactNotes puts what a lesson tells into the rows that the servers leave.
func (m *Model) drawCompactNotes(b *canvas.Canvas) {
	text := m.presentedNotes()
	if text == "" || b.Room() < 2 {
		return
	}
	for _, line := range b.Wrap(text, b.W-1, b.Room()) {
		b.Next().Space(1).Put(canvas.Strong, line)
	}
}

func (m *Model) compactServer(v *engine.ServerState, words bool) (string, canvas.Style) {
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
		return v.Name + " " + text + " ⊘ " + cut, canvas.Broken
	}
	return v.Name + " " + text + " " + plural(v.Status.Keys, "key"), look
}
