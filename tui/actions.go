package tui

import (
	"slices"
	"strconv"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"

	tea "github.com/charmbracelet/bubbletea"
)

// action is one thing that a key does. The table of actions is the only place that knows keys: bindings, hints and
// help are made from it.
type action struct {
	keys  []string // as Bubble Tea names them
	shown string   // as hints and help write them
	name  string   // in hints; "" if only help has it
	help  string   // "" if another action's covers it

	// works says whether the action does anything now; nil: always. It may rename the action for its hint.
	works func(m *Model) (name string, ok bool)
	do    func(m *Model) tea.Cmd

	urgent func(m *Model) bool // whether its hint goes before others now; nil: never
	late   func(m *Model) bool // whether it goes after them; nil: never

	replays bool // it can work only where the past of the cluster can be returned to
}

// actions in the order of hints, those on what is chosen in a pane first, then those on the selected node. More verbs
// (palette, lessons) are one entry each.
func actions() []action {
	return slices.Concat(lessonActions(), readingActions(), messageActions(), historyActions(), ofReplays(timelineActions()), ofReplays(searchActions()), nodeActions(), healActions(), timeActions(), clusterActions(), screenActions(), motionActions())
}

func ofReplays(all []action) []action {
	for i := range all {
		all[i].replays = true
	}
	return all
}

func nodeActions() []action {
	return []action{{
		keys: []string{"esc", "ctrl+g"}, shown: "esc", name: "cancel", help: "close what is open, clear the filter, cancel what runs, leave a lesson, end the load: the first of these",
		works: func(m *Model) (string, bool) {
			if m.somethingOpen() {
				return "close", true
			}
			return m.escapes()
		},
		do: (*Model).escape, late: (*Model).somethingOpen,
	}, {
		keys: []string{"x"}, shown: "x", name: "kill", help: "kill the selected server or the viewservice",
		works: onProcess(netsim.Up, netsim.Frozen), do: verb("kill"),
	}, {
		keys: []string{"r"}, shown: "r", name: "restart", help: "restart it: a new, empty incarnation",
		works: onProcess(netsim.Up, netsim.Frozen, netsim.Crashed, netsim.Stopped), do: verb("restart"),
	}, {
		keys: []string{"f"}, shown: "f", name: "freeze", help: "freeze or thaw the selected node",
		works: canFreeze,
		do: func(m *Model) tea.Cmd {
			name, _ := canFreeze(m)
			return verb(name)(m)
		},
	}, {
		keys: []string{"c"}, shown: "c", name: "cut", help: "cut or heal one of its links: choose the other end",
		works: onNode, do: func(m *Model) tea.Cmd { return m.openPicker() },
	}}
}

func healActions() []action {
	return []action{{
		keys: []string{"H"}, shown: "H", name: "heal all", help: "make all links whole, thaw what is frozen",
		works:  func(m *Model) (string, bool) { return "heal all", len(m.now.Faults) > 0 },
		do:     func(m *Model) tea.Cmd { return m.run("heal") },
		urgent: func(m *Model) bool { return m.paneShownMain(m.network) || m.runs.active() > 0 },
	}}
}

func clusterActions() []action {
	return []action{lessonsAction(), {
		keys: []string{"i"}, shown: "i", name: "isolate", help: "cut it from all other nodes",
		works: onNode, do: verb("isolate"),
	}, {
		keys: []string{"P"}, shown: "P", name: "partition", help: "partition into groups: opens the prompt",
		works: onNode, do: func(m *Model) tea.Cmd { return m.openPrompt(m.partitionLine()) },
	}, {
		keys: []string{":"}, shown: ":", name: "command", help: "type a command; tab completes, ↑ brings back",
		do: func(m *Model) tea.Cmd { return m.openPrompt("") },
	}, {
		keys: []string{"ctrl+p"}, shown: "ctrl+p", name: "palette", help: "find anything that can be done, by a few letters of it",
		do: (*Model).openPalette,
	}, {
		keys: []string{"/"}, shown: "/", name: "filter", help: "show only keys, messages, operations or help with some text",
		works: func(m *Model) (string, bool) { return "filter", m.filtered() != nil },
		do:    (*Model).openFilter,
	}}
}

func screenActions() []action {
	return []action{{
		keys: []string{"tab", "]"}, shown: "tab", name: "panes", help: "next pane; [ goes back",
		do: func(m *Model) tea.Cmd { return m.turnPane(+1) },
	}, {
		keys: []string{"shift+tab", "["}, shown: "[", help: "previous pane",
		do: func(m *Model) tea.Cmd { return m.turnPane(-1) },
	}, {
		keys: []string{"z"}, shown: "z", name: "zoom", help: "give the pane the whole screen, and back",
		works: func(m *Model) (string, bool) { return "zoom", !m.layout.compact },
		do:    (*Model).zoom,
	}, {
		keys: []string{"b"}, shown: "b", name: "present", help: "presenter mode, for a room: the view as large as fits, who is what, why, one pane",
		works: func(m *Model) (string, bool) {
			if m.presenting {
				return "all panes", true
			}
			return "present", true
		},
		do: (*Model).present,
	}, {
		keys: []string{"y"}, shown: "y", name: "copy", help: "copy what is chosen in the pane, else the selected node's row",
		do: (*Model).yank,
	}, {
		keys: []string{"Y"}, shown: "Y", help: "copy the why line",
		do: (*Model).yankWhy,
	}, {
		keys: []string{"t"}, shown: "t", name: "theme", help: "dark, light, mono",
		do: (*Model).nextTheme,
	}, {
		keys: []string{"m"}, shown: "m", name: "mouse", help: "mouse off, so that text can be selected, and on again",
		do: (*Model).toggleMouse,
	}, {
		keys: []string{"?"}, shown: "?", name: "help", help: "this page",
		do: (*Model).openHelp,
	}, {
		keys: []string{"q"}, shown: "q", name: "quit", help: "close what is open, else quit",
		works: func(m *Model) (string, bool) {
			if m.somethingOpen() {
				return "close", true
			}
			return "quit", true
		},
		do: func(m *Model) tea.Cmd {
			if m.somethingOpen() {
				return m.escape()
			}
			return m.run("quit")
		},
	}, {
		keys: []string{"ctrl+c"}, shown: "ctrl+c", help: "quit at once",
		do: func(m *Model) tea.Cmd { return m.run("quit") },
	}, {
		keys: []string{"ctrl+z"}, shown: "ctrl+z", help: "suspend; fg comes back",
		do: func(*Model) tea.Cmd { return tea.Suspend },
	}}
}

func motionActions() []action {
	move := func(by motion) func(*Model) tea.Cmd {
		return func(m *Model) tea.Cmd { return m.scroll(by) }
	}
	return append(digits(), []action{{
		keys: []string{"up", "k"}, shown: "↑", help: "select the node above",
		do: func(m *Model) tea.Cmd { return m.moveUpOrDown(-1) },
	}, {
		keys: []string{"down", "j"}, shown: "↓", help: "select the node below",
		do: func(m *Model) tea.Cmd { return m.moveUpOrDown(+1) },
	}, {
		keys: []string{"pgup"}, shown: "PgUp", help: "scroll the pane a page up", do: move(motion{pages: -1}),
	}, {
		keys: []string{"pgdown"}, shown: "PgDn", help: "scroll the pane a page down", do: move(motion{pages: +1}),
	}, {
		keys: []string{"home"}, shown: "Home", help: "scroll to the beginning", do: move(motion{to: start}),
	}, {
		keys: []string{"end"}, shown: "End", help: "scroll to the end", do: move(motion{to: end}),
	}}...)
}

// digits select servers, each key its own; help shows them as one.
func digits() []action {
	all := make([]action, engine.MaxServers)
	for i := range all {
		all[i] = action{
			keys:  []string{strconv.Itoa(i + 1)},
			works: func(m *Model) (string, bool) { return "", i < len(m.now.Servers) },
			do:    func(m *Model) tea.Cmd { m.selected = m.now.Servers[i].Name; return nil },
		}
	}
	all[0].shown, all[0].help = "1-9", "select a server"
	return all
}

// verb runs a command on the selected node.
func verb(name string) func(*Model) tea.Cmd {
	return func(m *Model) tea.Cmd { return m.run(name + " " + m.selected) }
}

// onProcess works on servers and the viewservice in one of the states.
func onProcess(states ...netsim.State) func(*Model) (string, bool) {
	return func(m *Model) (string, bool) {
		process := m.selected == engine.ViewAddr || m.now.Server(m.selected) != nil
		return "", process && slices.Contains(states, m.now.State(m.selected))
	}
}

func onNode(m *Model) (string, bool) { return "", slices.Contains(m.now.nodes, m.selected) }

func canFreeze(m *Model) (string, bool) {
	switch m.now.State(m.selected) {
	case netsim.Up:
		return "freeze", true
	case netsim.Frozen:
		return "thaw", true
	}
	return "", false
}

// available returns the action's name for its hint, and whether it does anything now.
func (a *action) available(m *Model) (name string, ok bool) {
	if a.works == nil {
		return a.name, true
	}
	name, ok = a.works(m)
	if name == "" {
		name = a.name
	}
	return name, ok
}

// ifAvailable does it, unless something has changed since it was offered.
func (a *action) ifAvailable(m *Model) tea.Cmd {
	if name, ok := a.available(m); !ok {
		m.note(name + " does nothing now")
		return nil
	}
	return a.do(m)
}

// keymap finds the actions of each key, in their order. Of several with one key only one works at a time.
func keymap(all []action) map[string][]*action {
	byKey := map[string][]*action{}
	for i := range all {
		for _, k := range all[i].keys {
			byKey[k] = append(byKey[k], &all[i])
		}
	}
	return byKey
}

// actionOf is what a key does now; nil if nothing.
func (m *Model) actionOf(key string) *action {
	for _, a := range m.keys[key] {
		if _, ok := a.available(m); ok {
			return a
		}
	}
	return nil
}
