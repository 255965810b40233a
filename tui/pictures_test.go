package tui

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"cluster/splitbrain/tui/canvas"
	"cluster/splitbrain/tui/pane"

	tea "github.com/charmbracelet/bubbletea"
)

// show is a pane, or another part of the screen, with the states that it has to show well.
type show struct {
	name   string
	pane   string // that is drawn alone; "" for a part of the screen
	keys   []string
	states []state
	sizes  [][2]int
	begun  bool                                   // with the pane in front with which the program begins; else with the maps
	part   func(m *Model, rows []string) []string // of a frame; nil: all of it
}

// state is a moment, and what is pressed then.
type state struct {
	name  string
	world world
	keys  []string
}

func allShows() []show {
	onPane := func(name, pane string, states []state, keys ...string) show {
		return show{name: name, pane: pane, keys: keys, states: states, sizes: [][2]int{{20, 5}, {80, 14}, {120, 24}}}
	}
	screens := sizes[:3]
	return []show{
		{name: "frames", begun: true, states: frameStates(), sizes: sizes[1:3]},
		{name: "overview", states: screenStates(), sizes: screens, part: besidePanes},
		{name: "presenter", begun: true, keys: []string{"b"}, states: presenterStates(), sizes: screens, part: presentedPart},
		{name: "large", begun: true, keys: []string{"b"}, states: presenterStates()[:4], sizes: sizes[3:], part: presentedPart},
		{name: "overlays", states: overlayStates(), sizes: screens, part: dialogPart},
		stageShow(),
		onPane("maps", "maps", mapsStates()),
		onPane("messages", "messages", messagesStates()),
		onPane("list", "messages", listStates(), "v"),
		onPane("network", "network", networkStates()),
		onPane("events", "events", eventsStates()),
		onPane("views", "views", viewsStates()),
		onPane("history", "history", historyStates()),
		onPane("charts", "charts", chartsStates()),
		onPane("timeline", "timeline", timelineStates()),
		onPane("search", "search", searchStates()),
		onPane("notes", "notes", notesStates()),
		onPane("help", "help", helpStates()),
	}
}

// besidePanes are the rows above the tabs, and below the panes.
func besidePanes(m *Model, rows []string) []string {
	l := &m.layout
	if l.main.h == 0 {
		return rows
	}
	return slices.Concat(rows[:l.tabs.y], rows[l.why.y:])
}

// presentedPart are the rows above the pane in presenter mode, and a lesson.
func presentedPart(m *Model, rows []string) []string {
	l := &m.layout
	if l.main.h > 0 && m.inFront(m.notes) {
		return slices.Concat(rows[:l.present.h], rows[l.main.y:])
	}
	return rows[:l.present.h]
}

// dialogPart are the rows of a dialog with its list and its hints.
func dialogPart(m *Model, rows []string) []string {
	l := &m.layout
	if over, covered := m.overlaid(); over != nil {
		return rows[covered.y:]
	}
	return rows[min(l.why.y, l.prompt.y):]
}

// frameStates are whole screens.
func frameStates() []state {
	return []state{
		{"start", starting, nil}, {"steady", steadyWorld, nil}, {"failover in progress", failing, nil}, {"stuck", stuckWorld, nil},
		{"partition", parted, nil}, {"held", heldWorld, []string{"tab"}}, {"violation", violatedWorld, nil}, {"lesson", lessonAt(0), nil},
		{"simulated", simulatedWorld, nil}, {"9 servers, 64 clients", many, nil}, {"zoomed", steadyWorld, []string{"z"}},
		{"looking back", failsOver, []string{",", ","}}, {"looking back, presented", failsOver, []string{"b", ",", ","}},
		{"presented", steadyWorld, []string{"b"}}, {"lesson presented", lessonAt(0), []string{"b"}},
	}
}

func screenStates() []state {
	return []state{
		{"start", starting, nil}, {"empty", empty, nil}, {"steady", steadyWorld, nil}, {"failover in progress", failing, nil},
		{"failed over", failedOver, nil}, {"stuck", stuckWorld, nil}, {"transfer", transferring, nil}, {"partition", parted, nil},
		{"frozen", seen(pane.Observation{Snap: frozenBackup()}), nil}, {"paused", seen(pane.Observation{Snap: pausedFast()}), nil},
		{"viewservice crashed", viewsCrashed, nil}, {"rule off", ruleOffWorld, nil}, {"held", heldWorld, nil}, {"violation", violatedWorld, nil},
		{"lesson", lessonAt(0), nil}, {"simulated", simulatedWorld, nil}, {"9 servers, 64 clients", many, nil}, {"100,000 keys", manyKeys, nil},
		{"escapes", nastyWorld, nil}, {"can't be looked at", unseen, nil},
	}
}

func presenterStates() []state {
	return []state{
		{"start", starting, nil}, {"steady", steadyWorld, nil}, {"failover in progress", failing, nil}, {"failed over", failedOver, nil},
		{"stuck", stuckWorld, nil}, {"transfer", transferring, nil}, {"partition", parted, nil}, {"rule off", ruleOffWorld, nil},
		{"held", heldWorld, nil}, {"violation", violatedWorld, nil}, {"lesson", lessonAt(0), nil}, {"question", lessonAt(1), nil},
		{"the end", lessonAt(4), nil}, {"9 servers, 64 clients", many, nil}, {"escapes", nastyWorld, nil},
	}
}

// overlayStates are the dialogs, and what is told where they stand.
func overlayStates() []state {
	typed := func(keys ...string) []string { return append([]string{":"}, keys...) }
	return []state{
		{"inspector", failedOver, []string{"2", "I"}},
		{"palette", steadyWorld, []string{"ctrl+p"}}, {"palette narrowed", violatedWorld, []string{"ctrl+p", "k", "i", "down"}},
		{"palette without a match", steadyWorld, []string{"ctrl+p", "q", "q", "q"}}, {"lessons", steadyWorld, []string{"L"}},
		{"picker", steadyWorld, []string{"2", "c", "right"}}, {"picker with cuts", parted, []string{"1", "c", "right", "right"}},
		{"picker of many", many, []string{"c", "end"}},
		{"prompt", steadyWorld, typed()}, {"prompt with usage", steadyWorld, typed("put a")}, {"prompt completed", steadyWorld, typed("par", "tab")},
		{"partition offered", steadyWorld, []string{"P"}}, {"prompt with much", steadyWorld, typed("put a " + strings.Repeat("long words ", 40))},
		{"filter", steadyWorld, []string{"/", "l", "o"}}, {"mistake", steadyWorld, typed("kil", "enter")}, {"result", steadyWorld, []string{"3", "x"}},
		{"escapes", nastyWorld, typed("put é漢 \u202e")},
	}
}

func mapsStates() []state {
	return []state{
		{"start", starting, nil}, {"empty", empty, nil}, {"steady", steadyWorld, nil}, {"failover in progress", failing, nil},
		{"stuck", stuckWorld, nil}, {"transfer", transferring, nil}, {"partition", parted, nil}, {"held", heldWorld, nil},
		{"differing", seen(pane.Observation{Snap: differing()}), nil}, {"100,000 keys", manyKeys, nil}, {"escapes", nastyWorld, nil},
		{"filtered", filtering("lo"), nil}, {"nothing matches", filtering("none"), nil},
		{"differing, read", seen(pane.Observation{Snap: differing()}), []string{"J", "J", "enter"}},
		{"escapes, read", nastyWorld, []string{"J", "J", "J", "enter"}}, {"100,000 keys, one read", manyKeys, []string{"J", "J", "enter"}},
	}
}

func messagesStates() []state {
	return []state{
		{"empty", empty, nil}, {"steady", steadyWorld, nil}, {"steady, read", steadyWorld, []string{"K", "K", "enter"}},
		{"failover in progress", failing, nil}, {"failed over", failedOver, nil}, {"failed over, all pings", failedOver, []string{"p"}},
		{"stuck", stuckWorld, nil}, {"transfer", transferring, nil}, {"partition, read", parted, []string{"K", "K", "K", "enter"}},
		{"held", heldWorld, nil}, {"held, read", heldWorld, []string{"enter"}}, {"violation", violatedWorld, nil},
		{"9 servers, 64 clients", many, nil}, {"escapes", nastyWorld, nil}, {"escapes, read", nastyWorld, []string{"enter"}},
		{"filtered", failedOver, []string{"/", "l", "o", "s", "t", "enter"}}, {"nothing matches", failedOver, []string{"/", "n", "o", "n", "e", "enter"}},
	}
}

func listStates() []state {
	return []state{
		{"empty", empty, nil}, {"steady", steadyWorld, nil}, {"failover in progress", failing, nil}, {"failed over", failedOver, nil},
		{"failed over, all pings", failedOver, []string{"p"}}, {"stuck", stuckWorld, nil}, {"transfer", transferring, nil}, {"partition", parted, nil},
		{"held", heldWorld, nil}, {"held, read", heldWorld, []string{"enter"}}, {"lost, read", heldWorld, []string{"/", "c", "1", "enter", "J", "J", "J", "enter"}},
		{"9 servers, 64 clients", many, nil}, {"escapes", nastyWorld, nil},
	}
}

func networkStates() []state {
	return []state{
		{"start", starting, nil}, {"steady", steadyWorld, nil}, {"failover in progress", failing, nil}, {"stuck", stuckWorld, nil},
		{"partition", parted, nil}, {"frozen", seen(pane.Observation{Snap: frozenBackup()}), nil}, {"paused", seen(pane.Observation{Snap: pausedFast()}), nil},
		{"rule off", ruleOffWorld, nil}, {"held", heldWorld, nil}, {"violation", violatedWorld, nil}, {"9 servers, 64 clients", many, nil},
		{"scrolled", violatedWorld, []string{"end"}},
	}
}

func eventsStates() []state {
	return []state{
		{"start", starting, nil}, {"empty", empty, nil}, {"failover in progress", failing, nil}, {"failed over", failedOver, nil},
		{"stuck", stuckWorld, nil}, {"partition", parted, nil}, {"violation", violatedWorld, nil}, {"told", commanded, nil},
		{"escapes", nastyWorld, nil}, {"10,000 events", manyEvents, nil}, {"scrolled back", manyEvents, []string{"pgup", "pgup"}},
	}
}

func viewsStates() []state {
	return []state{
		{"start", starting, nil}, {"steady", steadyWorld, nil}, {"failed over", failedOver, nil}, {"stuck", stuckWorld, nil},
		{"transfer", transferring, nil}, {"transfer, ack-rule off", seen(pane.Observation{Snap: unruled()}), nil}, {"partition", parted, nil}, {"viewservice crashed", viewsCrashed, nil},
		{"many views", manyViews, nil}, {"scrolled back", manyViews, []string{"home"}},
	}
}

func historyStates() []state {
	return []state{
		{"empty", empty, nil}, {"steady", steadyWorld, nil}, {"failover in progress", failing, nil}, {"overlapping", overlappingWorld, nil},
		{"overlapping, read", overlappingWorld, []string{"K", "K", "enter"}}, {"undecided", undecided, nil}, {"beginning forgotten", unjudged, nil},
		{"violation", violatedWorld, nil}, {"violation, all, read", violatedWorld, []string{"w", "w", "v", "enter"}},
		{"64 clients", manyBars, nil}, {"escapes", nastyWorld, nil}, {"escapes, read", nastyWorld, []string{"enter"}},
		{"filtered", overlappingWorld, []string{"/", "c", "1", "enter"}}, {"nothing matches", overlappingWorld, []string{"/", "n", "o", "n", "e", "enter"}},
	}
}

func chartsStates() []state {
	return []state{
		{"start", starting, nil}, {"empty", empty, nil}, {"steady", charted(steady(), 0), nil}, {"failover in progress", charted(countdown(), 400), nil},
		{"stuck", charted(blockedView(), 0), nil}, {"9 servers", charted(nine(), 100), nil},
	}
}

func timelineStates() []state {
	return []state{
		{"start", simulatedStart, nil}, {"steady", simulatedWorld, nil}, {"branch chosen", simulatedWorld, []string{"right", "J"}},
		{"last choice", simulatedWorld, []string{"end"}}, {"many branches", simulatedLong, nil}, {"oldest mark", simulatedLong, []string{"right", "end"}},
		{"beginning forgotten", simulatedForgotten, nil},
	}
}

func searchStates() []state {
	return []state{
		{"start", simulatedWorld, nil}, {"under way", searching, nil}, {"found", searched, nil}, {"found, a step back", searchedAt(9, "found"), nil},
		{"found, and then more", searchedAt(12, "found"), nil}, {"found, on another branch", searchedAt(10, "main"), nil}, {"nothing found", searchedInVain, nil},
		{"long", searchedLong, nil},
	}
}

func notesStates() []state {
	return []state{
		{"no lesson", steadyWorld, nil}, {"text", lessonAt(0), nil}, {"question", lessonAt(1), nil}, {"answer", lessonAt(2), nil}, {"choices", questionAt(" "), nil}, {"answered wrong", questionAt(" ", "1"), nil},
		{"the end", lessonAt(4), nil}, {"free play", questionAt("esc"), nil}, {"failed", failedLesson, nil}, {"long", longLesson, nil},
		{"long, scrolled", longLesson, []string{"pgdown"}}, {"escapes", nastyLesson, nil},
	}
}

func helpStates() []state {
	search := func(word string) []string { return append(append([]string{"/"}, strings.Split(word, "")...), "enter") }
	return []state{
		{"start", starting, nil}, {"steady", steadyWorld, nil}, {"held", heldWorld, nil}, {"lesson", lessonAt(1), nil}, {"simulated", simulatedWorld, nil},
		{"scrolled", steadyWorld, []string{"pgdown"}}, {"the end", steadyWorld, []string{"end"}}, {"filtered", steadyWorld, search("heal")},
		{"nothing matches", steadyWorld, search("nonsense")},
	}
}

// enter is a model in a state, on a screen of the size, or on a usual one if a pane is drawn alone.
func (s *show) enter(t testing.TB, st state, size [2]int) *Model {
	t.Helper()
	if s.pane != "" {
		size = sizes[1]
	}
	start := begin
	if s.begun {
		start = beginAsIs
	}
	m, _ := start(t, starts, size[0], size[1], Options{})
	st.world(m)
	if s.pane == "help" {
		press(m, "?")
	} else if s.pane != "" {
		bringNamed(t, m, s.pane)
	}
	for _, keys := range [][]string{s.keys, st.keys} {
		for _, k := range keys {
			pressOrType(m, k)
		}
	}
	return m
}

// pressOrType takes what is no key's name for text.
func pressOrType(m *Model, key string) {
	if keyMsg(key).Type != tea.KeyRunes {
		press(m, key)
		return
	}
	for _, r := range key {
		press(m, string(r))
	}
}

// bringNamed puts a pane in front.
func bringNamed(t testing.TB, m *Model, name string) {
	t.Helper()
	for range m.panes {
		if m.panes[m.active].Name() == name {
			return
		}
		press(m, "tab")
	}
	t.Fatalf("there is no pane %s", name)
}

// title is what stands above a picture: the state, the size, and what the pane's heading says at the right.
func (s *show) title(st state, m *Model, size [2]int) string {
	text := fmt.Sprintf("═══ %s %d×%d", st.name, size[0], size[1])
	if s.pane != "" {
		m.front().Resize(size[0], size[1])
		text += "  " + s.status(m)
	}
	clean, _ := m.styles.Clean(text)
	return strings.TrimSpace(clean)
}

// status is what a pane's heading says at the right.
func (s *show) status(m *Model) string {
	if s.pane == "" {
		return ""
	}
	return m.front().Status()
}

// drawn is what a show shows of a model, and must fill its size.
func (s *show) drawn(t testing.TB, m *Model, size [2]int, opts Options) string {
	t.Helper()
	m.theme, m.opts.ASCII, m.opts.Plain = canvas.Theme(opts.Theme), opts.ASCII, opts.Plain
	m.styles, m.stale = canvas.NewStyles(m.theme, opts.ASCII, opts.Plain), true
	frame := ""
	if s.pane != "" {
		m.front().Resize(size[0], size[1])
		frame = strings.Join(m.drawPane(m.front(), size[0], size[1]), "\n")
	} else {
		frame = m.View()
	}
	if wrong := wrongFrame(frame, size[0], size[1], opts); wrong != "" {
		t.Errorf("%s, %v: %s", s.name, size, wrong)
	}
	if s.part != nil {
		frame = strings.Join(s.part(m, strings.Split(frame, "\n")), "\n")
	}
	return frame
}

// TestShowsFill: each show in each of its states fills any screen, whatever keys are pressed there.
func TestShowsFill(t *testing.T) {
	for _, s := range allShows() {
		for _, st := range s.states {
			m := s.enter(t, st, sizes[1])
			for _, keys := range [][]string{{}, {"z"}, {"home"}, {"J", "enter"}, {"pgdown", "w"}, {"v", "K"}, {"end", "p"}} {
				press(m, keys...)
				for _, size := range [][2]int{{0, 24}, {1, 1}, {25, 9}, {60, 12}, {80, 24}, {220, 70}} {
					m.Update(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
					if err := wrongFrame(m.View(), size[0], size[1], Options{}); err != "" {
						t.Fatalf("%s, %s, after %v, %v: %s\n%s", s.name, st.name, keys, size, err, m.View())
					}
				}
			}
		}
	}
}
