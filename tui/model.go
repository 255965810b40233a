package tui

import (
	"context"
	"io"
	"os"
	"slices"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/history/invariant"
	"cluster/splitbrain/tui/canvas"
	"cluster/splitbrain/tui/pane"
	"cluster/splitbrain/tui/record"
	"cluster/splitbrain/tui/script"
	"cluster/splitbrain/tui/terminal"
	"cluster/splitbrain/tui/terminal/background"
	"cluster/splitbrain/tui/terminal/input"
	"cluster/splitbrain/tui/wholefile"

	tea "github.com/charmbracelet/bubbletea"
)

// Options are how the program is to look.
type Options struct {
	Theme      string           // auto, light, dark or mono
	Background background.Shade // as far as is known; for the theme auto
	ASCII      bool             // draw with ASCII only
	Wide       bool             // the terminal's other characters are of two cells, as far as is known
	Plain      bool             // write no colour and no weight, as NO_COLOR wants
	NoMouse    bool
	Width      int // the screen's size, until the terminal tells it
	Height     int

	Out    io.Writer           // the terminal; nil: os.Stdout
	Getenv func(string) string // of the terminal; nil: os.Getenv

	// New makes a cluster: the one to begin with, of Config, and those of resets and lessons. It is called in the
	// background.
	New    func(engine.Config) (engine.Engine, error)
	Config engine.Config
	// Notice is told at the beginning, as a warning; "" for none.
	Notice string
	// Story is what the world that is shown first tells of itself, in lines.
	Story []string
	// OpenWorld makes a cluster of a saved world, likewise.
	OpenWorld func(ctx context.Context, file string) (engine.Engine, error)
	// Broken says which promises are broken where a saved world with that story is, that nothing else shows; nil for nobody who
	// knows.
	Broken func(ctx context.Context, world engine.Engine, story []string) []invariant.Violation

	Files  *wholefile.Folder // where scripts may write files; nil for nowhere
	Bounds script.Bounds     // of what lines of scripts may take

	Open     string // the script or lesson to open at once; "" for none
	Progress string // the file that keeps which lessons were played; "" for none

	Search   pane.Searcher    // of simulated clusters; nil if there is none
	Recorder *record.Recorder // of what is drawn, if something is
}

// Model is the state of the program, in parts that know nothing of it.
type Model struct {
	opts     Options
	host     *host
	session  *script.Session // whose cluster is shown
	poll     poller
	commands commands

	overview
	paneSet
	screen

	memory memory    // what was seen last
	back   *lookBack // nil: the screen shows what is so now
	landed bool      // the last key led a look back forward to now
	idle   string    // what was said of the last key, if it had nothing to do

	actions    []pane.Action
	keys       map[string][]*pane.Action
	dialog     dialog // nil while none is open
	typedLines typedLines
}

var _ tea.Model = (*Model)(nil)

// New makes a program that shows eng. What it starts in the background ends with ctx.
func New(ctx context.Context, eng engine.Engine, opts Options) (*Model, error) {
	if err := canvas.CheckTheme(opts.Theme); err != nil {
		return nil, err
	}
	if opts.Out == nil {
		opts.Out = os.Stdout
	}
	if opts.Getenv == nil {
		opts.Getenv = os.Getenv
	}
	m := &Model{
		opts: opts, host: newHost(ctx, eng, opts),
		overview: overview{now: pane.NewIndex(engine.Snapshot{}, nil), selected: "s1"},
		screen:   screen{mouse: !opts.NoMouse, w: opts.Width, h: opts.Height, stale: true},
	}
	m.setTheme(canvas.Theme(opts.Theme).On(opts.Background))
	m.session = m.host.now()
	m.poll = poller{ctx: ctx, touched: time.Now(), host: m.host, timer: tea.Tick, wants: func() request {
		panes := m.live()
		return request{shown: m.session, asked: panes.maps.Window(), operation: panes.operations.Since()}
	}}
	m.commands = newCommands(ctx, m.host, func() time.Duration { return m.poll.clusterTime(m.now) })
	m.host.search.Opened(opts.Story)
	if len(opts.Story) > 0 {
		m.commands.text = ""
	}
	if opts.Notice != "" {
		m.warn(opts.Notice)
	}
	m.openPanes()
	m.relayout()
	m.tellStory()
	return m, nil
}

// openPanes makes the panes anew, and what keys do there.
func (m *Model) openPanes() {
	m.paneSet.open(m.session.Engine, m.host, m.opts.Search)
	m.actions = allActions(m)
	m.keys = keymap(m.actions)
}

// Init begins to look at the cluster.
func (m *Model) Init() tea.Cmd {
	if m.opts.Open == "" {
		return m.poll.look()
	}
	return tea.Batch(m.poll.look(), m.commands.run(openLine(m.opts.Open)))
}

// Update routes a message to the part that it is for.
func (m *Model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if m.back == nil || !m.back.past || ofScreen(msg) {
		return m.update(msg)
	}
	return m.updateNow(msg)
}

func (m *Model) update(msg tea.Msg) (tea.Model, tea.Cmd) {
	var cmd tea.Cmd
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.w, m.h = msg.Width, msg.Height
		if m.opts.Recorder != nil {
			m.opts.Recorder.Resize(m.w, m.h)
		}
	case pollResult:
		m.observe(msg)
		cmd = tea.Batch(m.slowDown(), m.poll.done(msg, m.now, m.commands.active() > 0), m.records(msg.recording))
		m.remember(&msg)
	case due:
		return m, m.poll.due(msg)
	case ran:
		cmd = m.ended(msg)
	case pastSeen:
		cmd = m.playSeen(msg)
	case replayTick:
		cmd = m.replayed(msg)
	case tea.FocusMsg:
		return m, m.poll.seen()
	case tea.BlurMsg:
		m.poll.away = true
		return m, nil
	case tea.KeyMsg:
		cmd = tea.Batch(m.poll.seen(), m.typed(msg))
	case tea.MouseMsg:
		cmd = tea.Batch(m.poll.seen(), m.mouseEvent(tea.MouseEvent(msg)))
	case copied:
		m.tellCopy(msg)
	case input.Paste:
		cmd = m.pasted(msg)
	case input.LostPaste:
		m.warn(string(msg))
	case notSuspended:
		m.warn("nobody does job control here, so that ctrl+z can’t suspend: it would never come back")
	case terminal.Learned:
		m.learn(msg)
	default:
		return m, nil
	}
	m.relayout()
	m.stale = true
	return m, cmd
}

func (m *Model) observe(o pollResult) {
	if o.session != nil && o.session != m.session {
		m.adopt(o.session)
	}
	if o.err != nil {
		if o.session == m.host.now() { // else it is closed by now, and the next look sees the other one
			m.trouble = o.err
		}
		m.tellAll(o.told)
		return
	}
	if _, rewound := o.Newest(); rewound || o.Snap.At < m.now.At { // to before it was found, or to another branch
		m.violated, m.seenByClients = "", false
	}
	m.trouble = nil
	before := m.now
	m.now = pane.NewIndex(o.Snap, o.Nodes)
	m.now.Beat(before)
	m.now.Simulated, m.load = o.Past != nil, o.load
	m.now.Follow(o.Showing)
	if found := m.judge(o.Verdict, o.broken); found.Text != "" {
		m.events.Tell(pane.Entry{At: o.Snap.At, Style: canvas.Alarm, Text: found.Marked()})
	}
	m.tellAll(o.told)
	was := m.notes.Now
	for _, p := range m.panes {
		p.Observe(o.Observation, m.now)
	}
	m.chronicle.Observe(o.Observation, m.now)
	if m.commands.saved == 0 {
		m.commands.saved = worldSize(m.timeline.Past().Branches)
	}
	m.lookWhere(was, m.notes.Now)
}

// tellAll tells what came of lines for whose end nobody has waited. It is called while a look is under way.
func (m *Model) tellAll(told []ran) {
	for _, one := range told {
		_ = m.tell(one)
	}
}

// records draws the whole screen when a recording begins: it knows nothing of what was drawn before.
func (m *Model) records(file string) tea.Cmd {
	began := file != "" && file != m.recording
	m.recording = file
	if began {
		return func() tea.Msg { return drawAnew{} }
	}
	return nil
}

// adopt shows another cluster from now on.
func (m *Model) adopt(session *script.Session) {
	shown := m.front().Name()
	m.session, m.commands.saved, m.memory, m.back, m.poll.lastNo = session, 0, nil, nil, 0
	m.overview = overview{now: m.now, selected: "s1", load: m.load, recording: m.recording, slow: slowMotion{on: m.slow.on}}
	m.openPanes()
	m.bring(shown)
	m.tellStory()
}

// tellStory shows the story of a world that was just opened, if it has one.
func (m *Model) tellStory() {
	if len(m.host.search.News()) > 0 && slices.Contains(m.panes, pane.Pane(m.search)) {
		m.search.Observe(pane.Observation{}, m.now)
		m.bring(m.search.Name())
	}
}

// View returns the frame, which is drawn only when something has changed.
func (m *Model) View() string {
	if m.stale {
		m.frame, m.stale = m.draw(), false
	}
	return m.frame
}

// note says something where results stand.
func (m *Model) note(text string) {
	m.commands.line, m.commands.text, m.commands.look = "", text, canvas.Plain
}

// warn notes what was not done.
func (m *Model) warn(text string) {
	m.note(text)
	m.commands.look = canvas.Warning
}

func (m *Model) names() script.Names {
	_, replays := m.session.Engine.(engine.Replayer)
	names := script.Names{Nodes: m.now.Nodes, Keys: m.now.Map.Keys, Replays: replays}
	for _, held := range m.now.Held {
		names.Messages = append(names.Messages, held.Msg)
	}
	return names
}

// partitionLine is a partition to begin with: the selected node alone on one side.
func (o *overview) partitionLine() string {
	line, rest := "partition "+o.selected, " |"
	for _, n := range o.now.Nodes {
		if n != o.selected {
			rest += " " + n
		}
	}
	return line + rest
}

// present turns presenter mode on or off. It shows the stage, unless a lesson leads, which says what to look at.
func (m *Model) present() tea.Cmd {
	m.presenting = !m.presenting
	m.slow.on = m.presenting
	switch {
	case m.presenting && !m.notes.Leads():
		m.beforePresenting = m.front().Name()
		m.bring(m.stage.Name())
	case !m.presenting && m.inFront(m.stage):
		m.bring(m.beforePresenting)
	}
	return nil
}

func (m *Model) presenter() *presenter {
	return &presenter{overview: &m.overview, styles: m.styles, lesson: m.notes, lessonInFront: m.inFront(m.notes), stageInFront: m.inFront(m.stage)}
}

func (m *Model) openHelp() tea.Cmd {
	if m.inFront(m.help) {
		return m.escape()
	}
	m.showPane(slices.Index(m.panes, pane.Pane(m.help)))
	return nil
}

// showPane brings a pane to the front, and tells help what can be done there.
func (m *Model) showPane(i int) {
	if m.panes[i] == pane.Pane(m.help) && !m.inFront(m.help) {
		m.help.ASCII = m.styles.ASCII
		m.help.Explain(m.actions, m.place())
	}
	m.toFront(i)
}

// moveUpOrDown selects another node, or goes through the pane where that has the arrows.
func (m *Model) moveUpOrDown(by int) tea.Cmd {
	if m.reads() || m.zoomed && m.reader() != nil {
		return m.scroll(pane.Motion{Rows: by})
	}
	m.moveSelection(by)
	return nil
}

func (m *Model) scroll(by pane.Motion) tea.Cmd { return m.scrollPane(m.front(), by) }

func (m *Model) scrollPane(p pane.Pane, by pane.Motion) tea.Cmd {
	p.Scroll(by)
	if p == pane.Pane(m.maps) {
		return m.poll.now()
	}
	return nil
}

// paneShown reports whether a pane is seen anywhere.
func (m *Model) paneShown(p pane.Pane) bool {
	return m.layout.main.h > 0 && (m.inFront(p) || slices.Contains(m.sidePanes(), p))
}
