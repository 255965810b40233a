package tui

import (
	"strings"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/pbservice"

	tea "github.com/charmbracelet/bubbletea"
)

// Presenter mode is for the back row of a room: the view, who is what, why, and the notes, in few lines with air
// between them.

func (m *Model) present() tea.Cmd {
	m.presenting = !m.presenting
	return nil
}

// drawPresenter fills the rows that the prompt and the hints leave.
func (m *Model) drawPresenter(b *block) {
	margin, airy := 3, true
	if b.w < compactBelowW || b.h < compactBelowH {
		margin, airy = 1, false
	}
	line := func(spans ...span) {
		if airy && b.room() > 0 {
			b.next()
		}
		if b.room() > 0 {
			b.next().space(margin).spans(spans)
		}
	}
	if airy {
		line(m.presentedHead(b.w - margin)...)
	} else {
		m.drawTitle(b)
	}
	for _, role := range []pbservice.Role{pbservice.Primary, pbservice.Backup, pbservice.Idle} {
		line(m.roleSpans(role)...)
	}
	text, look := m.whyWords()
	wrapped := func(text string, look role) {
		for _, part := range b.wrap(text, b.w-2*margin, max(b.room()/2, 1)) {
			line(span{look, part})
		}
	}
	if m.violated != "" {
		wrapped("✗ VIOLATION: "+m.violated, alarm)
	}
	wrapped(text, look)
	if notes := m.presentedNotes(); notes != "" && b.room() > 1 {
		line()
		wrapped(notes, strong)
	}
}

// presentedHead is the view, and what is not as it should be, in w cells.
func (m *Model) presentedHead(w int) []span {
	s := &m.now.Views.Status
	head := []span{{strong, "VIEW " + count(int(s.View.Viewnum))}, {plain, "     "}, m.ackSpan(inWords, "")}
	if s.View.Viewnum == 0 {
		head = []span{{strong, "NO VIEW YET"}}
	}
	head = append(head, span{plain, "     "})
	return append(head, m.brokenIn(w-spansWidth(head))...)
}

// roleSpans name all servers of one role, with what ails them.
func (m *Model) roleSpans(r pbservice.Role) []span {
	text, look := roleWords(r)
	out := []span{{look, text + strings.Repeat(" ", 12-len([]rune(text)))}}
	for i := range m.now.Servers {
		v := &m.now.Servers[i]
		down := v.State == netsim.Crashed || v.State == netsim.Off
		if !down && v.Status.Role != r || down && r != pbservice.Idle {
			continue
		}
		ails, ill := "", plain
		switch {
		case v.State != netsim.Up:
			ails, ill = stateWords(v.State)
		case m.now.outdated(v):
			ails, ill = "of a past view", warning
		case len(v.CutOff) > 0:
			ails, ill = "⊘ "+m.now.cutWords(v), broken
		}
		out = append(out, span{look, "   " + v.Name})
		if ails != "" {
			out = append(out, span{ill, " " + ails})
		}
	}
	if len(out) == 1 {
		out = append(out, span{muted, "   ·"})
	}
	return out
}

// presentedNotes is the text that a lesson shows now.
func (m *Model) presentedNotes() string {
	switch now := m.notes.now; {
	case !m.notes.leads():
		return ""
	case now.Over && len(now.Script.Tries) == 0:
		return "That was all."
	case now.Over:
		return "Now try: " + strings.Join(now.Script.Tries, " ")
	default:
		return now.Text
	}
}
