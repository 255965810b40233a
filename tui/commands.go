package tui

import (
	"context"
	"errors"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/canvas"
	"cluster/splitbrain/tui/pane"
	"cluster/splitbrain/tui/script"

	tea "github.com/charmbracelet/bubbletea"
)

// commands are the command lines under way and what the newest came to.
type commands struct {
	ctx   context.Context
	host  *host
	clock func() time.Duration // about how long the cluster has lived

	last    int
	begun   <-chan struct{}  // closed when the line before has begun, so that lines begin in their order
	running map[int]underway // those that run, and those that wait for their turn

	batch   batch
	written map[string]bool // files that this session has written, or may overwrite
	saved   int             // steps of the world as it was opened, or saved last, in all its branches; 0: not known yet

	line string // the newest, or the one that ended last
	text string // its result; "" while it runs
	look canvas.Style
}

// batch are lines that run one after another.
type batch struct {
	id    int    // of the line that runs
	rest  []task // not begun yet
	at    int    // of the line that runs, from 1
	total int    // 0: there is no batch
}

func (b *batch) progress() string {
	return "line " + engine.Count(b.at) + " of " + engine.Count(b.total)
}

// task is a line to be carried out, which was read once.
type task struct {
	line string
	inv  script.Invocation
	bad  error // what is wrong with the line
}

func read(line string) task {
	inv, err := script.Parse(line)
	return task{line, inv, err}
}

// run carries the task out in a session.
func (t *task) run(ctx context.Context, s *script.Session) (script.Result, error) {
	if t.bad != nil {
		return script.Result{}, t.bad
	}
	return s.Do(ctx, t.inv)
}

// ran says that a task has ended.
type ran struct {
	task
	id     int
	at     time.Duration // when it was given, in the cluster's time
	result script.Result
	err    error
	on     *script.Session // whose cluster it was given to; nil if that doesn't matter
}

func newCommands(ctx context.Context, host *host, clock func() time.Duration) commands {
	return commands{
		ctx: ctx, host: host, clock: clock, begun: closed(),
		running: map[int]underway{}, written: map[string]bool{},
		text: welcome, look: canvas.Strong,
	}
}

func closed() <-chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}

// welcome is what a newcomer is told until the first key that does something.
const welcome = "L: lessons, start here   —   or x to kill the selected server"

func (r *commands) active() int { return len(r.running) }

// cancelSome cancels all that runs; but a script alone, while lines wait for its end.
func (r *commands) cancelSome() {
	if script := r.script(); script.cancel != nil && r.waiting() > 0 {
		script.cancel()
		return
	}
	r.batch.rest = nil
	for _, u := range r.running {
		u.cancel()
	}
}

// underway is a line that runs, once before is closed.
type underway struct {
	task
	cancel context.CancelFunc
	before <-chan struct{}
}

// waits reports whether the line before has not begun yet.
func (u *underway) waits() bool {
	select {
	case <-u.before:
		return false
	default:
		return true
	}
}

// waiting counts the lines that wait for their turn.
func (r *commands) waiting() (n int) {
	for _, u := range r.running {
		if u.waits() {
			n++
		}
	}
	return n
}

// script is the line by which a script plays, for whose end others wait; the zero underway if none does.
func (r *commands) script() underway {
	if p := r.host.shown(); p == nil || p.State().Running == "" {
		return underway{}
	}
	for _, u := range r.running {
		if u.inv.Command.Name == "open" && !u.waits() {
			return u
		}
	}
	return underway{}
}

// ahead reports whether a line does not wait for the script that plays: it needs no cluster. The end of the program waits for files
// that are being written.
func (r *commands) ahead(t task) bool {
	writes := func(u underway) bool { return u.inv.Empty() || u.inv.Writes() != "" }
	switch {
	case r.script().cancel == nil:
		return false
	case t.inv.Command.Name == "quit":
		return !slices.ContainsFunc(slices.Collect(maps.Values(r.running)), writes)
	}
	return t.bad != nil || t.inv.AboutItself()
}

// run carries a line out in the background, once the line before it has begun.
func (r *commands) run(line string) tea.Cmd { return r.begin(read(line)) }

// apply is run of the line of a command to the cluster.
func (r *commands) apply(c engine.Command) tea.Cmd {
	return r.begin(task{line: c.String(), inv: script.Of(c)})
}

func (r *commands) begin(t task) tea.Cmd {
	if r.ahead(t) {
		return r.start(t, closed(), make(chan struct{}))
	}
	before, begun := r.begun, make(chan struct{})
	r.begun = begun
	return r.start(t, before, begun)
}

// runAll carries tasks out one after another, up to one that fails. Others don't wait for them: they may be the way out.
func (r *commands) runAll(tasks []task) tea.Cmd {
	b := &r.batch
	for _, t := range tasks {
		if !t.inv.Empty() {
			b.rest = append(b.rest, t)
			b.total++
		}
	}
	if b.id != 0 {
		return nil
	}
	return r.next()
}

// next begins the next line of the batch, if there is one.
func (r *commands) next() tea.Cmd {
	b := &r.batch
	if len(b.rest) == 0 {
		*b = batch{}
		return nil
	}
	t := b.rest[0]
	b.rest = b.rest[1:]
	b.at++
	cmd := r.start(t, r.begun, make(chan struct{}))
	b.id = r.last
	return cmd
}

// inBatch goes on after a line of the batch has ended, and adds what is to be told of the whole.
func (r *commands) inBatch(failed bool) tea.Cmd {
	b := &r.batch
	rest, total := len(b.rest), b.total
	if failed {
		b.rest = nil
	}
	switch {
	case total > 1 && failed:
		r.text = b.progress() + ": " + r.text
	case total > 1 && rest == 0:
		r.line, r.text = "", engine.Plural(total, "line")+" done. "+pane.Told(r.line, r.text)
	}
	return r.next()
}

func (r *commands) start(t task, before <-chan struct{}, begun chan<- struct{}) tea.Cmd {
	host, file := r.host, r.overwrites(t.inv)
	plays := r.script().cancel != nil
	run := r.carry(t, before, begun, func(ctx context.Context) (script.Result, error) {
		if err := unlessExists(file); err != nil {
			return script.Result{}, err
		}
		return host.run(ctx, t)
	})
	if !plays {
		return run
	}
	return r.readFirst(t, run, begun)
}

// readFirst runs a line, the newest, unless what it opens can't be read: that is told at once, and not after the script for which
// it waits.
func (r *commands) readFirst(t task, run tea.Cmd, begun chan<- struct{}) tea.Cmd {
	ctx, id, at, before := r.ctx, r.last, r.clock(), r.running[r.last].before
	return func() tea.Msg {
		err := t.inv.Unreadable(ctx)
		if err == nil {
			return run()
		}
		return tea.BatchMsg{func() tea.Msg { return ran{task: t, id: id, at: at, err: err} }, func() tea.Msg {
			defer close(begun) // what follows has waited for the script, too
			select {
			case <-before:
			case <-ctx.Done():
			}
			return nil
		}}
	}
}

// carry does what a task is once before is closed, and closes begun when what follows may begin.
func (r *commands) carry(t task, before <-chan struct{}, begun chan<- struct{}, do func(context.Context) (script.Result, error)) tea.Cmd {
	ctx, cancel := context.WithCancel(r.ctx)
	r.last++
	id := r.last
	r.running[id] = underway{t, cancel, before}
	r.line, r.text = strings.TrimSpace(t.line), ""
	if movesLesson(t.inv) { // which shows for itself what it does
		r.line = ""
	}
	at, host := r.clock(), r.host
	return func() tea.Msg {
		defer cancel()
		done := sync.OnceFunc(func() { close(begun) })
		defer done()
		select {
		case <-before:
		case <-ctx.Done():
		}
		if ctx.Err() != nil { // cancelled before its turn came
			return ran{task: t, id: id, at: at, err: errors.New(strings.TrimSpace(t.line) + ": cancelled before its turn came")}
		}
		on := host.now()
		if t.inv.TakesLong() { // perhaps for ever: what follows runs beside it
			done()
		}
		result, err := do(ctx)
		return ran{t, id, at, result, err, on}
	}
}

// job carries out in the background what line names.
func (r *commands) job(line string, do func(context.Context) (script.Result, error)) tea.Cmd {
	return r.carry(task{line: line}, r.begun, make(chan struct{}), do)
}

// ended takes in what a line has come to.
func (m *Model) ended(msg ran) tea.Cmd {
	delete(m.commands.running, msg.id)
	if msg.inv.TakesLong() { // what came of it stands in the log before its end
		msg.at = max(msg.at, m.commands.clock())
	}
	if msg.result.Quit {
		return tea.Quit
	}
	if file := m.commands.overwrites(msg.inv); file != "" && msg.err == nil {
		m.commands.written[filepath.Clean(file)] = true
	}
	if msg.inv.Command.Name == "save world" && msg.err == nil {
		m.commands.saved = worldSize(m.timeline.Past().Branches)
	}
	if exists, ok := errors.AsType[*existsError](msg.err); ok && m.dialog == nil && msg.id != m.commands.batch.id {
		m.note("")
		m.dialog = overwriting(msg.task, exists.file)
		return nil
	}
	var cmds []tea.Cmd
	if gone := msg.on != nil && msg.on != m.host.now(); !gone || msg.err == nil {
		cmds = append(cmds, m.tell(msg))
	}
	if msg.id == m.commands.batch.id {
		cmds = append(cmds, m.commands.inBatch(msg.err != nil))
	}
	return tea.Batch(append(cmds, m.poll.closely())...)
}

// tell shows the result of a line, and logs it.
func (m *Model) tell(msg ran) tea.Cmd {
	r, line := &m.commands, strings.TrimSpace(msg.line)
	if errors.Is(msg.err, engine.ErrRewound) && r.line != line && r.line+r.text != "" { // what took the world elsewhere stays
		m.events.Tell(pane.Entry{At: msg.at, Style: canvas.Plain, Text: "› " + pane.Told(pane.Shorter(line), msg.err.Error())})
		return nil
	}
	r.line, r.text, r.look = line, msg.result.Text+m.keysIn(msg.result.Tells), canvas.Good
	if msg.err != nil {
		r.text, r.look = msg.err.Error(), canvas.Warning
	}
	switch {
	case msg.result.Help:
		r.line, r.text = "", ""
		return m.openHelp()
	case msg.result.Pane != "":
		r.line, r.text = "", ""
		if !m.bring(msg.result.Pane) {
			m.warn("there is no pane " + msg.result.Pane + " here: it needs a simulated cluster (--sim)")
		}
		return nil
	case msg.result.Card != "" && m.dialog == nil:
		r.line, r.text = "", ""
		return m.openCard(msg.result.Card)
	case msg.result.List != script.NoList && m.dialog == nil && msg.id != m.commands.batch.id:
		r.line, r.text = "", ""
		return m.openList(msg.result.List)
	case line == "" || r.text == "", movesLesson(msg.inv) && m.notesTell(msg.err):
		r.line, r.text = "", ""
		return nil
	}
	told := pane.Entry{At: msg.at, Style: canvas.Plain, Text: "› " + pane.Told(pane.Shorter(line), r.text)}
	if msg.err == nil {
		told.Did = msg.inv.Args.Command
	}
	m.events.Tell(told)
	return nil
}

// movesLesson reports whether the notes show what a line comes to.
func movesLesson(inv script.Invocation) bool {
	return inv.Command.Name == "lesson" || inv.Command.Name == "answer"
}

// notesTell reports whether the notes say what a step of a lesson has come to.
func (m *Model) notesTell(err error) bool {
	_, unmet := errors.AsType[*script.ExpectError](err)
	return err == nil || unmet && (m.inFront(m.notes) || m.layout.strip.h > 0)
}
