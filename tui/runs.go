package tui

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"cluster/splitbrain/netsim/script"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
)

// runs are the command lines under way and what the newest came to.
type runs struct {
	last   int
	begun  <-chan struct{}            // closed when the line before has begun, so that lines begin in their order
	cancel map[int]context.CancelFunc // of those that run

	line string // the newest, or the one that ended last
	text string // its result; "" while it runs
	look role
}

// ran says that a command line has ended.
type ran struct {
	id     int
	at     time.Duration // when it was given, in the cluster's time
	line   string
	result script.Result
	err    error
}

func newRuns() runs {
	begun := make(chan struct{})
	close(begun)
	return runs{
		begun:  begun,
		cancel: map[int]context.CancelFunc{},
		text:   "press : and type  put a 1   —  or x to kill the selected server", look: muted,
	}
}

func (r *runs) active() int { return len(r.cancel) }

func (r *runs) cancelAll() {
	for _, cancel := range r.cancel {
		cancel()
	}
}

// run carries a line out in the background, once the line before it has begun.
func (m *Model) run(line string) tea.Cmd {
	before, begun := m.runs.begun, make(chan struct{})
	m.runs.begun = begun
	return m.start(line, before, begun)
}

// runAll carries lines out one after another. Other lines don't wait for them: they may be the way out.
func (m *Model) runAll(lines []string) tea.Cmd {
	var cmds []tea.Cmd
	for _, line := range lines {
		if strings.TrimSpace(line) != "" {
			cmds = append(cmds, m.start(line, m.runs.begun, make(chan struct{})))
		}
	}
	return tea.Sequence(cmds...)
}

func (m *Model) start(line string, before <-chan struct{}, begun chan<- struct{}) tea.Cmd {
	ctx, cancel := context.WithCancel(m.ctx)
	r := &m.runs
	r.last++
	id := r.last
	r.cancel[id] = cancel
	r.line, r.text = strings.TrimSpace(line), ""
	session, at := m.session, m.watch.clusterTime(m)
	return func() tea.Msg {
		defer cancel()
		done := sync.OnceFunc(func() { close(begun) })
		defer done()
		select {
		case <-before:
		case <-ctx.Done():
		}
		if ctx.Err() != nil { // cancelled before its turn came
			return ran{id: id, at: at, line: line, err: errors.New("cancelled")}
		}
		if isOperation(line) { // may take for ever: what follows runs beside it
			done()
		}
		result, err := session.Run(ctx, line)
		return ran{id, at, line, result, err}
	}
}

func isOperation(line string) bool {
	inv, err := script.Parse(line)
	return err == nil && slices.Contains([]string{"get", "put", "append"}, inv.Command.Name)
}

func (m *Model) ended(msg ran) tea.Cmd {
	delete(m.runs.cancel, msg.id)
	if msg.result.Quit {
		return tea.Quit
	}
	line := strings.TrimSpace(msg.line)
	if msg.result.Help {
		m.runs.line, m.runs.text = "", ""
		return m.openHelp()
	}
	text, look := msg.result.Text, good
	if msg.err != nil {
		text, look = msg.err.Error(), warning
	}
	if line == "" || text == "" {
		m.runs.line, m.runs.text = "", ""
		return nil
	}
	m.runs.line, m.runs.text, m.runs.look = line, text, look
	m.events.tell(entry{at: msg.at, look: plain, text: "› " + told(shorter(line), text)})
	return m.watch.closely(m, time.Now())
}

// told joins a line and its result. Results of operations repeat the line.
func told(line, text string) string {
	if line == "" || strings.HasPrefix(text, line) {
		return text
	}
	return line + "   " + text
}

// drawResult writes the newest line and what it came to.
func (m *Model) drawResult(b *block) {
	head, text := m.result(b.w)
	b.spans(head)
	for i, line := range b.wrap(text, b.left, b.h) {
		if i > 0 {
			b.next().space(spansWidth(head))
		}
		b.put(m.runs.look, line)
	}
}

// result is what drawResult writes into rows of w cells: what stands before the text, and the text. The line is left
// out where both don't fit in a row: the text names what it is about.
func (m *Model) result(w int) (head []span, text string) {
	r := &m.runs
	head = []span{{plain, " "}}
	if n := r.active(); n > 1 {
		head = append(head, span{warning, "… " + count(n) + " run"}, span{plain, "  "})
	}
	if r.line == "" {
		return head, r.text
	}
	head = append(head, span{strong, ":"}, span{plain, " "})
	line, _ := m.ink.clean(shorter(r.line))
	if r.text == "" {
		const runs = "  … runs"
		line, _ = m.ink.cut(line, ansi.StringWidth(line), max(w-spansWidth(head)-ansi.StringWidth(runs), 1))
		return append(head, span{plain, line}, span{muted, runs}), ""
	}
	text, width := m.ink.clean(r.text)
	if strings.HasPrefix(text, line) || spansWidth(head)+ansi.StringWidth(line)+2+width > w {
		return head, text
	}
	return append(head, span{plain, line}, span{plain, "  "}), text
}

// resultIsLong reports whether the result needs more than a row of w cells.
func (m *Model) resultIsLong(w int) bool {
	head, text := m.result(w)
	_, width := m.ink.clean(text)
	return spansWidth(head)+width > w
}
