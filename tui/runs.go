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
	r := &m.runs
	b.space(1)
	if n := r.active(); n > 1 {
		b.put(warning, "… "+count(n)+" run").space(2)
	}
	if r.line == "" {
		b.put(r.look, r.text)
		return
	}
	b.put(strong, ":").space(1)
	switch line := shorter(r.line); {
	case r.text == "":
		b.put(plain, line).space(2).put(muted, "… runs")
	case strings.HasPrefix(r.text, line):
		b.put(r.look, r.text)
	default:
		b.put(plain, line).space(2).put(r.look, r.text)
	}
}
