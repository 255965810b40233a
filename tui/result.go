package tui

import (
	"path/filepath"
	"strings"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/canvas"
	"cluster/splitbrain/tui/pane"

	"github.com/charmbracelet/x/ansi"
)

// drawResult writes the newest line and what it came to.
func (m *Model) drawResult(b *canvas.Canvas) {
	head, text := m.result(b.W)
	b.Spans(head)
	for i, line := range b.Wrap(text, b.Left, b.H) {
		if i > 0 {
			b.Next().Space(canvas.SpansWidth(head))
		}
		b.Put(m.commands.look, line)
	}
	if m.layout.compact && m.notes.Leads() && !m.notes.Busy() && m.commands.line == "" && text == "" { // there are no hints
		b.Put(canvas.Keycap, "space").Put(canvas.Muted, " goes on")
	}
	const gap = 3
	if load := m.loadWords(b.Left - gap); load != "" && !m.loadIsResult() {
		b.Num(canvas.Warning, load+" ", b.Left)
	}
}

// result is what drawResult writes into rows of w cells: what stands before the text, and the text. The line is left
// out where both don't fit in a row: the text names what it is about.
func (m *Model) result(w int) (head []canvas.Span, text string) {
	r := &m.commands
	head = append([]canvas.Span{canvas.Plain.Span(" ")}, m.lookBackSpans()...)
	if runs := r.runs(); runs != "" {
		head = append(head, canvas.Warning.Span(m.styles.UnderWay()+runs), canvas.Plain.Span("  "))
	}
	if m.loadIsResult() {
		return head, m.loadWords(w - canvas.SpansWidth(head))
	}
	told := m.toldAbove(r.text)
	if r.line == "" {
		return head, told
	}
	head = append(head, canvas.Strong.Span(":"), canvas.Plain.Span(" "))
	line, _ := m.styles.Clean(pane.Shorter(r.line))
	if r.text == "" {
		runs := "  " + m.styles.UnderWay() + m.howFar()
		if room := w - canvas.SpansWidth(head) - ansi.StringWidth(line); ansi.StringWidth(runs) > room {
			runs, _ = m.styles.CutWords(runs, ansi.StringWidth(runs), max(room, len("  … runs")))
		}
		line, _ = m.styles.Cut(line, ansi.StringWidth(line), max(w-canvas.SpansWidth(head)-ansi.StringWidth(runs), 1))
		return append(head, canvas.Plain.Span(line), canvas.Muted.Span(runs)), ""
	}
	text, width := m.styles.Clean(told)
	if pane.Repeats(text, line) || canvas.SpansWidth(head)+ansi.StringWidth(line)+2+width > w {
		return head, text
	}
	return append(head, canvas.Plain.Span(line), canvas.Plain.Span("  ")), text
}

// runs tells of more than the newest line; "" if there is no more.
func (r *commands) runs() string {
	script, waiting := r.script(), r.waiting()
	switch n := r.active(); {
	case r.batch.total > 1:
		return r.batch.progress()
	case n <= 1:
		return ""
	case script.cancel == nil:
		return engine.Count(n) + " lines run"
	case waiting > 1:
		return script.plays() + ", " + engine.Count(waiting) + " lines wait"
	}
	return script.plays()
}

// plays names the script that a line plays.
func (u *underway) plays() string { return filepath.Base(pane.Shorter(u.inv.Args.File)) + " plays" }

// nextWaits reports whether the newest line waits for the end of a script.
func (r *commands) nextWaits() bool {
	u, ok := r.running[r.last]
	return ok && u.waits() && r.script().cancel != nil
}

// howFar is what is told of the line that runs: of a search how far it is, unless its pane is there to tell that.
func (m *Model) howFar() string {
	if far := m.search.Far(); m.commands.line == pane.SearchLine && far != "" && (m.layout.main.h == 0 || !m.inFront(m.search)) {
		return far
	}
	if m.commands.nextWaits() {
		return "waits for the script; esc ends it"
	}
	return "runs"
}

// silent reports whether the rows of the result are empty.
func (m *Model) silent() bool {
	r := &m.commands
	return m.dialog == nil && m.load == nil && !m.layout.compact && r.line == "" && r.text == "" && r.batch.total <= 1 && r.active() <= 1
}

// mostResult is how many rows a result may have.
const mostResult = 3

// resultRows is how many rows of w cells the result needs.
func (m *Model) resultRows(w int) int {
	if p, ok := m.dialog.(*prompt); ok && p.offered != nil {
		return 2
	}
	if m.dialog != nil {
		return 1
	}
	head, text := m.result(w)
	return len(m.styles.Wrap(text, w-canvas.SpansWidth(head), mostResult))
}

// loadIsResult reports whether how far the load has come stands where results do: there is no newer one.
func (m *Model) loadIsResult() bool {
	verb, _, _ := strings.Cut(m.commands.line, " ")
	return m.load != nil && m.commands.active() == 0 && (verb == "load" && m.commands.look == canvas.Good || m.commands.line == "" && m.commands.text == "")
}
