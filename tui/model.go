// Package tui is the terminal program: it shows a cluster and turns keys into command lines.
//
// Model is the root of a Bubble Tea program and only routes. A look at the cluster (observe.go) brings a snapshot,
// which every pane takes in; keys become actions (actions.go), actions become command lines (runs.go); arrange
// (layout.go) computes all rectangles, and each part of the screen is drawn into one by a block (row.go). Nothing in
// Update or View waits.
package tui

import (
	"context"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/script"

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
}

// Model is the state of the program.
type Model struct {
	ctx     context.Context // of all that runs in the background
	engine  engine.Engine
	session *script.Session

	opts  Options
	theme theme
	ink   *ink
	mouse bool

	w, h   int
	layout layout
	zoomed bool

	now      *scene
	trouble  error // why the engine could not be looked at
	watch    watch
	runs     runs
	history  history
	keys     map[string]*action
	actions  []action
	dialog   dialog // nil while none is open
	selected string // the node that keys act on

	panes    []pane
	aside    []pane // those that may stand beside the main one, the first first
	active   int
	beforeH  int // the pane to return to from help
	maps     *maps
	messages *messages
	network  *network
	events   *events
	clients  *clients
	help     *help

	frame string // as it was drawn last
	stale bool   // it has to be drawn again
}

var _ tea.Model = (*Model)(nil)

// New makes a program that shows eng. What it starts in the background ends with ctx.
func New(ctx context.Context, eng engine.Engine, opts Options) (*Model, error) {
	th, err := parseTheme(opts.Theme, opts.Dark)
	if err != nil {
		return nil, err
	}
	m := &Model{
		ctx: ctx, engine: eng, session: &script.Session{Engine: eng},
		opts: opts, theme: th, ink: newInk(th, opts.ASCII, opts.Plain), mouse: !opts.NoMouse,
		w: opts.Width, h: opts.Height, now: newScene(engine.Snapshot{}, nil), runs: newRuns(), actions: actions(),
		selected: "s1", maps: newMaps(), messages: newMessages(), network: &network{}, events: &events{}, clients: newClients(), help: &help{}, stale: true,
		watch: watch{timer: tea.Tick},
	}
	m.keys = keymap(m.actions)
	m.help.actions = m.actions
	m.panes = []pane{m.maps, m.messages, m.network, m.events, m.clients, m.help}
	m.aside = []pane{m.maps, m.events, m.clients, m.network}
	m.relayout()
	return m, nil
}

// Init begins to look at the cluster.
func (m *Model) Init() tea.Cmd { return m.watch.look(m) }

// Update routes a message to the part that it is for.
func (m *Model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	var cmd tea.Cmd
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.w, m.h = msg.Width, msg.Height
	case observed:
		m.observe(msg)
		cmd = m.watch.done(m, msg)
	case due:
		return m, m.watch.due(m, msg)
	case ran:
		cmd = m.ended(msg)
	case tea.KeyMsg:
		cmd = m.typed(msg)
	case tea.MouseMsg:
		cmd = m.mouseEvent(tea.MouseEvent(msg))
	case tea.ResumeMsg:
		cmd = m.mouseMode()
	default:
		return m, nil
	}
	m.relayout()
	m.stale = true
	return m, cmd
}

func (m *Model) observe(o observed) {
	if m.trouble = o.err; o.err != nil {
		return
	}
	m.now = newScene(o.snap, o.nodes)
	for _, p := range m.panes {
		p.observe(o, m.now)
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
	a, ok := m.keys[name]
	if !ok {
		return nil
	}
	if _, works := a.available(m); !works {
		return nil
	}
	return a.do(m)
}

// relayout computes the rectangles anew and tells the panes their sizes.
func (m *Model) relayout() {
	zoomed := m.zoomed || m.paneShownMain(m.help)
	m.layout = arrange(m.w, m.h, max(len(m.now.Servers), 1), len(m.now.Clients), zoomed)
	m.panes[m.active].resize(m.layout.main.w, m.layout.main.h)
	for i, p := range m.sidePanes() {
		p.resize(m.layout.sides[i].w, m.layout.sides[i].h-1)
	}
	m.messages.attend(m.engine.Trace(), m.paneShown(m.messages), m.now)
}

// View returns the frame, which is drawn only when something has changed.
func (m *Model) View() string {
	if m.stale {
		m.frame, m.stale = m.draw(), false
	}
	return m.frame
}

func (m *Model) somethingOpen() bool {
	return m.dialog != nil || m.readsMessage() || m.zoomed || m.paneShownMain(m.help)
}

// escape closes what is open, the last first. With nothing open it cancels what runs.
func (m *Model) escape() tea.Cmd {
	switch {
	case m.dialog != nil:
		if f, ok := m.dialog.(*filterLine); ok {
			m.setFilter(f.of, f.was)
		}
		m.dialog = nil
	case m.paneShownMain(m.help):
		m.active = m.beforeH
	case m.readsMessage():
		return m.read()
	case m.zoomed:
		m.zoomed = false
	default:
		m.runs.cancelAll()
	}
	return m.watch.now(m)
}

func (m *Model) nextTheme() tea.Cmd {
	m.theme = m.theme.next()
	m.ink = newInk(m.theme, m.opts.ASCII, m.opts.Plain)
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
	return m.mouseMode()
}

func (m *Model) mouseMode() tea.Cmd {
	if m.mouse {
		return tea.EnableMouseCellMotion
	}
	return tea.DisableMouse
}

// note says something where results stand.
func (m *Model) note(text string) { m.runs.line, m.runs.text, m.runs.look = "", text, plain }

func (m *Model) names() script.Names {
	names := script.Names{Nodes: m.now.nodes, Keys: m.now.Map.Keys}
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
