package tui

import (
	"strings"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/canvas"
	"cluster/splitbrain/tui/pane"

	"github.com/charmbracelet/x/ansi"
)

// brevity is how much room the title's words take.
type brevity uint8

const (
	inWords brevity = iota
	fewerWords
	nameless
	inMarks
	inSigns
	inDigits
)

// detail is how much the right end of the title tells of what is not as it should be.
type detail uint8

const (
	each    detail = iota // faults by their kinds, rules that are off by their names
	inAll                 // faults as one number
	untimed               // no word of time that goes as usual, or stands while a lesson is read
	unnamed               // rules that are off have no names
	noFault               // the network is not told of
	inBrief
	inOne // a mark
)

// titleSteps are the ways to write the title, the first that fits being taken: what is broken or switched off is
// named as long as the view can still be read.
var titleSteps = []struct {
	words brevity
	tells detail
}{
	{inWords, each}, {fewerWords, each}, {nameless, each}, {nameless, inAll}, {inMarks, each}, {inMarks, inAll},
	{inMarks, untimed}, {inSigns, untimed}, {inSigns, unnamed}, {inSigns, noFault}, {inSigns, inBrief},
	{inDigits, inBrief}, {inDigits, inOne},
}

// drawTitle says which view it is, who serves in it, and what is broken. Where the words don't fit, marks stay.
func (o *overview) drawTitle(b *canvas.Canvas) { o.drawTitleRow(b.Next()) }

func (o *overview) drawTitleRow(b *canvas.Canvas) {
	left, right := o.fitTitle(b.W)
	b.Spans(left)
	b.Space(max(b.Left-canvas.SpansWidth(right), 1))
	b.Spans(right)
}

// fitTitle finds the words for both ends that fit into w cells.
func (o *overview) fitTitle(w int) (left, right []canvas.Span) {
	for _, step := range titleSteps {
		left, right = o.titleSpans(step.words), o.brokenSpans(step.tells)
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

func (o *overview) titleSpans(w brevity) []canvas.Span {
	s := o.now
	if s.Forgotten() {
		return o.forgottenSpans(w)
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
		return append(name, canvas.Plain.Span(gap+"no view yet"), o.ackSpan(w, gap))
	}
	return append(name,
		canvas.Strong.Span(gap+view+engine.Count(int(s.View.Viewnum))),
		o.memberSpan(gap+p, s.Primary, canvas.Primary),
		o.memberSpan(gap+k, s.Backup, canvas.Backup),
		o.ackSpan(w, gap))
}

// memberSpan is a member of the view, with the mark of one that does not run.
func (o *overview) memberSpan(before, name string, look canvas.Style) canvas.Span {
	if v := o.now.Server(name); v != nil && (v.State == netsim.Crashed || v.State == netsim.Frozen) {
		text, state := pane.StateWords(v.State)
		return state.Span(before + name + " " + string([]rune(text)[:1]))
	}
	return look.Span(before + pane.OrNobody(name))
}

// forgottenSpans tell of a viewservice that was restarted, and of the view in which servers go on.
func (o *overview) forgottenSpans(w brevity) []canvas.Span {
	s := o.now
	head, lost, last, p, k := []canvas.Span{canvas.Strong.Span(" splitbrain ")}, " vs has forgotten", " · last view ", " ", " "
	switch {
	case w >= inSigns:
		head, lost, last, p, k = nil, " vs forgot", " last ", " ", " "
	case w >= nameless:
		head = nil
	}
	return append(head, canvas.Dead.Span(lost), canvas.Strong.Span(last+engine.Count(int(s.View.Viewnum))),
		canvas.Primary.Span(p+pane.OrNobody(s.Primary)), canvas.Backup.Span(k+pane.OrNobody(s.Backup)))
}

// ackSpan says whether the view is acknowledged, or that there is nobody to say so.
func (o *overview) ackSpan(w brevity, gap string) canvas.Span {
	views := &o.now.Viewservice
	if views.State == netsim.Crashed || views.State == netsim.Frozen {
		text, look := pane.StateWords(views.State)
		if w == inDigits {
			text = string([]rune(text)[:1])
		}
		return look.Span(gap + "vs " + text)
	}
	switch {
	case o.now.View.Viewnum == 0:
		return canvas.Span{}
	case views.Status.Acked && !o.now.Covered && o.now.Why.Level == engine.Lost:
		if w >= inSigns {
			return canvas.Dead.Span(gap + "✗")
		}
		return canvas.Dead.Span(gap + "✗ stuck")
	case views.Status.Acked && o.now.Covered && w >= inSigns: // no sign that tells how the service fares
		return canvas.Span{}
	case views.Status.Acked && o.now.Covered && w == inWords:
		return canvas.Plain.Span(gap + "acknowledged")
	case views.Status.Acked && o.now.Covered:
		return canvas.Plain.Span(gap + "acked")
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
func (o *overview) brokenSpans(c detail) []canvas.Span {
	parts := o.alarmSpans(c)
	stands := o.ago != "" && o.subtitle == "" // a look at what was
	if !stands && (c < untimed || o.now.Rate() != 1) {
		parts = append(parts, o.timeSpan(c))
	}
	switch {
	case c == each:
		parts = append(parts, o.now.Broken()...)
	case c < noFault:
		parts = append(parts, o.now.BrokenInAll()...)
	}
	if c >= inBrief {
		if all := o.now.Broken(); c == inBrief && len(all) > 0 {
			mark, _, _ := strings.Cut(all[0].Text, " ")
			parts = append(parts, all[0].Style.Span(mark))
		}
		return canvas.Joined(parts, " ")
	}
	return append(canvas.Joined(parts, "  "), canvas.Plain.Span(" "))
}

// timeSpan says how time goes, in brief by its sign alone.
func (o *overview) timeSpan(c detail) canvas.Span {
	s := o.now.TimeSpan()
	switch {
	case !o.slow.on || c >= untimed:
	case c == each:
		s.Text += ", slow at faults"
	default:
		s.Text += " A"
	}
	if c >= untimed && o.now.Standing && !o.now.Paused { // as it does whenever a lesson is read: what is off or broken has the room
		s.Text = "‖"
	}
	if c >= inBrief {
		sign, number, _ := strings.Cut(s.Text, "×")
		switch {
		case o.now.Paused, o.now.Standing:
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
func (o *overview) brokenIn(room int) []canvas.Span {
	for c := each; c < inOne; c++ {
		if out := o.brokenSpans(c); canvas.SpansWidth(out) <= room {
			return out
		}
	}
	return o.brokenSpans(inOne)
}

// alarmSpans are what no lack of room may hide: a violation, rules that are off, and that it is recorded.
func (o *overview) alarmSpans(c detail) []canvas.Span {
	var out []canvas.Span
	if c == inOne {
		if o.ago != "" {
			out = append(out, canvas.Alarm.Span("◄"))
		}
		if o.alarmed() {
			out = append(out, canvas.Alarm.Span("✗"))
		}
		return out
	}
	if o.ago != "" {
		out = append(out, canvas.Alarm.Span("◄ "+o.ago))
	}
	out = append(append(out, o.violationSpans(c)...), offSpans(o.now, c)...)
	if o.recording != "" {
		out = append(out, canvas.Warning.Span("REC"))
	}
	return append(out, o.loadSpans(c < unnamed)...)
}

// alarmed reports whether a rule is off or a promise was found broken.
func (o *overview) alarmed() bool {
	text, past := o.violation()
	return text != "" && !past || o.now.Disabled != 0
}

func (o *overview) violationSpans(c detail) []canvas.Span {
	switch text, past := o.violation(); {
	case text == "" || past:
		return nil
	case c >= inBrief:
		return []canvas.Span{canvas.Alarm.Span("✗" + o.violationWord(c)[:4])}
	}
	return []canvas.Span{canvas.Alarm.Span("✗ " + o.violationWord(c))}
}

// drawCompact squeezes the servers' states into a screen that is too small for a table.
func (o *overview) drawCompact(b *canvas.Canvas, lesson *pane.Notes) {
	now := o.now
	lines := b.H >= len(now.Servers)+lesson.Wanted()
	for i := range now.Servers {
		v := &now.Servers[i]
		text, look := o.compactServer(v, lines, b.W/2)
		if i == 0 || lines || ansi.StringWidth(text)+1 > b.Left {
			if b.Full() {
				return
			}
			b.Next()
		}
		if rest := len(now.Servers) - i; !lines && b.Full() && rest*compactServerW > b.Left && b.Left < 2*compactServerW {
			b.Put(canvas.Muted, " +"+engine.Count(rest))
			return
		}
		mark := " "
		if v.Name == o.selected {
			mark = "▸"
		}
		b.Put(canvas.Selected, mark).Put(look, text)
	}
	drawCompactNotes(b, lesson.LessonText())
}

// drawCompactNotes puts what a lesson tells into the rows that the servers leave.
func drawCompactNotes(b *canvas.Canvas, text string) {
	if text == "" || b.Room() < 2 {
		return
	}
	for _, line := range b.Wrap(strings.ReplaceAll(text, "\n", " "), b.W-1, b.Room()) {
		b.Next().Space(1).Put(canvas.Strong, line)
	}
}

func (o *overview) compactServer(v *engine.ServerState, words bool, mostCut int) (string, canvas.Style) {
	if v.State != netsim.Up {
		text, look := pane.StateWords(v.State)
		if !words {
			text = string([]rune(text)[:1])
		}
		return v.Name + " " + text, look
	}
	text, look := o.roleOf(v)
	if !words {
		return v.Name + " " + string([]rune(text)[:1]), look
	}
	if cut := o.now.CutWords(v.Name, mostCut); cut != "" {
		return v.Name + " " + text + " ⊘ " + cut, canvas.Broken
	}
	return v.Name + " " + text + " " + engine.Plural(v.Status.Keys, "key"), look
}

// offSpans are the rules that are off, by name where one is and there is room.
func offSpans(s *pane.Index, c detail) []canvas.Span {
	rules := s.Disabled.Rules()
	switch n := len(rules); {
	case n == 0:
		return nil
	case c >= inBrief:
		return []canvas.Span{canvas.Alarm.Span("✗OFF")}
	case n > 1:
		return []canvas.Span{canvas.Alarm.Span("✗ " + engine.Count(n) + " RULES OFF")}
	case c == each:
		return []canvas.Span{canvas.Alarm.Span("✗ RULE OFF " + rules[0].String())}
	case c < unnamed:
		return []canvas.Span{canvas.Alarm.Span("✗ " + rules[0].String() + " off")}
	}
	return []canvas.Span{canvas.Alarm.Span("✗ RULE OFF")}
}
