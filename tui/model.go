// Package tui is the terminal program: it shows a cluster and turns keys into command lines.
//
// Model is the root of a Bubble Tea program and only routes. A look at the cluster (observe.go) brings a snapshot,
// which every pane takes in; keys become actions (actions.go), actions become command lines (runs.go); arrange
// (layout.go) computes all rectangles, and each part of the screen is drawn into one by a block (row.go). Nothing in
// Update or View waits.
package tui

import (
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/history"
	"cluster/splitbrain/netsim/history/invariant"
	"cluster/splitbrain/tui/canvas"
	"cluster/splitbrain/tui/record"
	"cluster/splitbrain/tui/script"
	"context"
	"io"
	"os"
	"slices"

	tea "github.com/charmbracelet/bubbletea"
)

// Options are how the program is to look.
type Options struct {
	Theme   string // auto, light, dark or mono
	ASCII   bool   // draw with ASCII only
	Plain   bool   // write no colour and no weight, as NO_COLOR wants
	NoMouse bool
	Dark    bool // the background, as far as is known; for the theme auto
	Width   int  // the screen's size, until the terminal tells it
	Height  int

	Out    io.Writer           // the terminal; nil: os.Stdout
	Getenv func(string) string // of the terminal; nil: os.Getenv

	// New makes a cluster: the one to begin with, of Config, and those of resets and lessons. It is called in the
	// background.
	New    func(engine.Config) (engine.Engine, error)
	Config engine.Config
	// Story is what the world that is shown first tells of itself, in lines.
	Story []string
	// OpenWorld makes a cluster of a saved world, likewise.
	OpenWorld func(file string) (engine.Engine, error)

	Open string // the script or lesson to open at once; "" for none

	Search   Searcher         // of simulated clusters; nil if there is none
	Recorder *record.Recorder // of what is drawn, if something is
}

// Model is the state of the program.
type Model struct {
	ctx     context.Context // of all that runs in the background
	stage   *stage
	session *script.Session // whose cluster is shown

	opts  Options
	theme canvas.Theme
	ink   *canvas.Styles
	mouse bool

	w, h   int
	layout layout
	zoomed bool

	presenting bool

	now        *scene
	trouble    error             // why the engine could not be looked at
	load       *script.LoadState // that runs; nil while none does
	recording  string            // the file that is recorded to; "" while none is
	violated   string            // the promise that was found broken, in words; "" while all hold
	harmed     bool              // clients saw it
	watch      watch
	runs       runs
	typedLines typedLines
	keys       map[string][]*action
	actions    []action
	dialog     dialog // nil while none is open
	selected   string // the node that keys act on

	panes      []pane
	aside      []pane // those that may stand beside the main one, the first first
	active     int
	beforeH    int // the pane to return to from help
	maps       *maps
	messages   *messages
	network    *network
	events     *events
	views      *views
	operations *operations
	charts     *charts
	help       *help
	timeline   *timeline
	notes      *notes
	search     *search

	frame string // as it was drawn last
	stale bool   // it has to be drawn again
}

var _ tea.Model = (*Model)(nil)

// New makes a program that shows eng. What it starts in the background ends with ctx.
func New(ctx context.Context, eng engine.Engine, opts Options) (*Model, error) {
	th, err := canvas.ParseTheme(opts.Theme, opts.Dark)
	if err != nil {
		return nil, err
	}
	if opts.Out == nil {
		opts.Out = os.Stdout
	}
	if opts.Getenv == nil {
		opts.Getenv = os.Getenv
	}
	m := &Model{
		ctx: ctx, stage: newStage(eng, opts), notes: &notes{}, search: &search{},
		opts: opts, theme: th, ink: canvas.NewStyles(th, opts.ASCII, opts.Plain), mouse: !opts.NoMouse,
		w: opts.Width, h: opts.Height, now: newScene(engine.Snapshot{}, nil), runs: newRuns(), actions: actions(),
		selected: "s1", stale: true, watch: watch{timer: tea.Tick},
	}
	m.session, m.search.hunt = m.stage.now(), m.stage.hunt
	m.search.hunt.opens(opts.Story)
	if len(opts.Story) > 0 {
		m.runs.text = ""
	}
	m.keys = keymap(m.actions)
	m.openPanes()
	m.relayout()
	m.tellStory()
	return m, nil
}

// openPanes makes all panes, empty as at the beginning.
func (m *Model) openPanes() {
	m.maps, m.messages, m.network, m.events = newMaps(), newMessages(), &network{}, &events{}
	m.views, m.operations, m.charts = &views{}, &operations{}, newCharts()
	_, replays := m.session.Engine.(engine.Replayer)
	m.help = &help{actions: m.actions, commands: script.CommandsFor(m.session.Engine), replays: replays}
	m.timeline = &timeline{}
	m.panes = []pane{m.maps, m.messages, m.network, m.events, m.views, m.operations, m.charts, m.help}
	if replays {
		m.panes = slices.Insert(m.panes, len(m.panes)-1, pane(m.timeline))
		if m.opts.Search != nil {
			m.panes = slices.Insert(m.panes, len(m.panes)-1, pane(m.search))
		}
	}
	m.panes = slices.Insert(m.panes, len(m.panes)-1, pane(m.notes))
	m.aside = []pane{m.maps, m.events, m.charts, m.messages, m.network, m.operations, m.views}
	m.active, m.beforeH = 0, 0
}

// Init begins to look at the cluster.
func (m *Model) Init() tea.Cmd {
	if m.opts.Open == "" {
		return m.watch.look(m)
	}
	return tea.Batch(m.watch.look(m), m.run(openLine(m.opts.Open)))
}

// Update routes a message to the part that it is for.
func (m *Model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	var cmd tea.Cmd
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.w, m.h = msg.Width, msg.Height
		if m.opts.Recorder != nil {
			m.opts.Recorder.Resize(m.w, m.h)
		}
	case observed:
		m.observe(msg)
		cmd = tea.Batch(m.watch.done(m, msg), m.records(msg.recording))
	case due:
		return m, m.watch.due(m, msg)
	case ran:
		cmd = m.ended(msg)
	case tea.KeyMsg:
		cmd = m.typed(msg)
	case tea.MouseMsg:
		cmd = m.mouseEvent(tea.MouseEvent(msg))
	case copied:
		m.tellCopy(msg)
	default:
		return m, nil
	}
	m.relayout()
	m.stale = true
	return m, cmd
}

func (m *Model) observe(o observed) {
	if o.session != nil && o.session != m.session {
		m.adopt(o.session)
	}
	if o.err != nil {
		if o.session == m.stage.now() { // else it is closed by now, and the next look sees the other one
			m.trouble = o.err
		}
		return
	}
	if _, rewound := o.newest(); rewound || o.snap.At < m.now.At { // to before it was found, or to another branch
		m.violated, m.harmed = "", false
	}
	m.trouble = nil
	m.now = newScene(o.snap, o.nodes)
	m.now.simulated, m.load = o.past != nil, o.load
	m.judge(o)
	for _, told := range o.told {
		_ = m.tell(told) // a look is under way
	}
	played := m.notes.script()
	for _, p := range m.panes {
		p.observe(o, m.now)
	}
	if now := m.notes.script(); now != nil && now != played {
		m.bring(m.notes)
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

// judge notes the first promise that was found broken by what servers say of themselves, and then, in its place, the
// one that clients saw broken.
func (m *Model) judge(o observed) {
	if m.violated != "" && (m.harmed || o.verdict.Result != history.Violated) {
		return
	}
	if text := brokenPromise(o.verdict, o.broken); text != "" {
		m.violated, m.harmed = text, o.verdict.Result == history.Violated
		m.events.tell(entry{at: o.snap.At, look: canvas.Alarm, text: "✗ VIOLATION: " + text})
	}
}

// brokenPromise says in words what promise was broken; "" if none was.
func brokenPromise(v history.Verdict, broken []invariant.Broken) string {
	switch {
	case v.Result == history.Violated && v.Blame != nil && v.Blame.Text != "":
		return v.Blame.Text
	case v.Result == history.Violated:
		return v.String()
	case len(broken) > 0:
		return broken[0].Text
	}
	return ""
}

// adopt shows another cluster from now on.
func (m *Model) adopt(session *script.Session) {
	shown := m.panes[m.active].name()
	m.session = session
	m.violated, m.harmed, m.trouble, m.selected = "", false, nil, "s1"
	m.openPanes()
	m.active = max(slices.IndexFunc(m.panes, func(p pane) bool { return p.name() == shown }), 0)
	m.tellStory()
}

// tellStory shows the story of a world that was just opened, if it has one.
func (m *Model) tellStory() {
	if m.search.hunt.isNew() && slices.Contains(m.panes, pane(m.search)) {
		m.search.observe(observed{}, m.now)
		m.bring(m.search)
	}
}

// typed takes apart what a fast typist, or a program, has typed at once.
func (m *Model) typed(k tea.KeyMsg) tea.Cmd {
	if k.Type != tea.KeyRunes || k.Paste || k.Alt || len(k.Runes) < 2 {
		return m.key(k)
	}
	var cmds []tea.Cmd
	for _, r := range k.Runes {
		one := tea.Key{Type: tea.KeyRunes, Runes: []rune{r}}
		if r == ' ' {
			one.Type = tea.KeySpace
		}
		cmds = append(cmds, m.key(tea.KeyMsg(one)))
	}
	return tea.Batch(cmds...)
}

// key gives a key to what is open, or looks it up.
func (m *Model) key(k tea.KeyMsg) tea.Cmd {
	name := k.String()
	if m.dialog != nil {
		if name == "esc" || name == "ctrl+g" {
			return m.escape()
		}
		if name != "ctrl+c" && name != "ctrl+z" {
			return m.dialog.key(m, k)
		}
	}
	a := m.actionOf(name)
	if a == nil {
		return nil
	}
	if a.name != "" && m.runs.text == welcome {
		m.runs.text = ""
	}
	return a.do(m)
}

// relayout computes the rectangles anew and tells the panes their sizes.
func (m *Model) relayout() {
	m.layout = arrange(m.w, m.h, max(len(m.now.Servers), 1), len(m.now.Clients), m.shape())
	m.notes.over = m.somethingOpen()
	m.layout.yieldToNotes(m.notes)
	m.layout.growWhy(m.whyRows(m.w)+m.resultRows(m.w)-1, max(len(m.now.Servers), 1))
	if m.layout.present.h > 0 {
		m.notes.resize(m.w, m.h) // how many rows a lesson needs
		m.layout.addPane(m.presentedRows(m.layout.present.w, m.layout.present.h))
	}
	m.panes[m.active].resize(m.layout.main.w, m.layout.main.h)
	for i, p := range m.sidePanes() {
		p.resize(m.layout.sides[i].w, m.layout.sides[i].h-1)
	}
}

func (m *Model) shape() shape {
	switch {
	case m.paneShownMain(m.help), m.zoomed && !m.presenting:
		return onePane
	case m.presenting:
		return presenter
	}
	return everything
}

// View returns the frame, which is drawn only when something has changed.
func (m *Model) View() string {
	if m.stale {
		m.frame, m.stale = m.draw(), false
	}
	return m.frame
}

func (m *Model) somethingOpen() bool {
	return m.dialog != nil || m.reads() || m.zoomed || m.presenting || m.paneShownMain(m.help)
}

// escapes is what escape does now, unless something is open.
func (m *Model) escapes() (name string, ok bool) {
	switch {
	case m.keptFilter() != nil:
		return "clear filter", true
	case m.runs.active() > 0:
		return "cancel", true
	case m.notes.leads():
		return "play freely", true
	}
	return "end load", m.load != nil
}

// escape closes what is open, the last first. With nothing open it clears a filter, or cancels what runs.
func (m *Model) escape() tea.Cmd {
	switch {
	case m.dialog != nil:
		if f, ok := m.dialog.(*filterLine); ok {
			m.dialog = nil
			return m.setFilter(f.of, f.was)
		}
		if p, ok := m.dialog.(*prompt); ok && p.closeOffers() {
			break
		}
		if c, ok := m.dialog.(*confirm); ok {
			c.leave(m)
		}
		m.dialog = nil
	case m.paneShownMain(m.help):
		m.active = m.beforeH
	case m.presenting:
		m.presenting = false
	case m.reads():
		return m.read()
	case m.zoomed:
		m.zoomed = false
	case m.keptFilter() != nil:
		return m.setFilter(m.keptFilter(), "")
	case m.runs.active() > 0:
		m.runs.cancelAll()
	case m.notes.leads():
		m.playFreely()
	case m.load != nil:
		return m.run("load off")
	}
	return m.watch.now(m)
}

func (m *Model) nextTheme() tea.Cmd {
	m.theme = m.theme.Next()
	m.ink = canvas.NewStyles(m.theme, m.opts.ASCII, m.opts.Plain)
	m.note("theme " + string(m.theme))
	return nil
}

func (m *Model) toggleMouse() tea.Cmd {
	m.mouse = !m.mouse
	if m.mouse {
		m.note("the mouse selects and scrolls")
	} else {
		m.note("the mouse is the terminal’s: text can be selected; m gives it back")
	}
	on := takeMouse(m.mouse)
	return func() tea.Msg { return on }
}

// note says something where results stand.
func (m *Model) note(text string) { m.runs.line, m.runs.text, m.runs.look = "", text, canvas.Plain }

func (m *Model) names() script.Names {
	_, replays := m.session.Engine.(engine.Replayer)
	names := script.Names{Nodes: m.now.nodes, Keys: m.now.Map.Keys, Replays: replays}
	for _, held := range m.now.Held {
		names.Messages = append(names.Messages, held.Msg)
	}
	return names
}

// partitionLine is a partition to begin with: the selected node alone on one side.
func (m *Model) partitionLine() string {
	line, rest := "partition "+m.selected, " |"
	for _, n := range m.now.nodes {
		if n != m.selected {
			rest += " " + n
		}
	}
	return line + rest
}
