package tui

import (
	"slices"
	"strconv"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"

	tea "github.com/charmbracelet/bubbletea"
)

// allActions are in the order of hints, those on what is chosen in a pane first, then those on the selected node. Of
// several with one key only one works at a time.
func allActions(m *Model) []action {
	all := append(m.notes.actions(), readingActions(m)...)
	for _, p := range m.panes {
		if a, ok := p.(actor); ok && p != pane(m.notes) {
			all = append(all, a.actions()...)
		}
	}
	return slices.Concat(all, nodeActions(m), healActions(m), timeActions(m), clusterActions(m), screenActions(m), motionActions(m))
}

// does is what an action does that concerns the program around the panes.
func does(do func() tea.Cmd) func(place) wish { return func(place) wish { return wish{do: do} } }

func nodeActions(m *Model) []action {
	return []action{{
		keys: []string{"esc", "ctrl+g"}, shown: "esc", name: "cancel", help: "close what is open, clear the filter, cancel what runs, leave a lesson, end the load: the first of these",
		works: func(place) (string, bool) {
			if m.somethingOpen() {
				return "close", true
			}
			return m.escapes()
		},
		do: does(m.escape), late: func(place) bool { return m.somethingOpen() },
	}, {
		keys: []string{"x"}, shown: "x", name: "kill", help: "kill the selected server or the viewservice",
		works: onProcess(m, netsim.Up, netsim.Frozen), do: verb(m, "kill"),
	}, {
		keys: []string{"r"}, shown: "r", name: "restart", help: "restart it: a new, empty incarnation",
		works: onProcess(m, netsim.Up, netsim.Frozen, netsim.Crashed, netsim.Stopped), do: verb(m, "restart"),
	}, {
		keys: []string{"f"}, shown: "f", name: "freeze", help: "freeze or thaw the selected node",
		works: func(place) (string, bool) { return canFreeze(m) },
		do: func(place) wish {
			name, _ := canFreeze(m)
			return command(name + " " + m.selected)
		},
	}, {
		keys: []string{"c"}, shown: "c", name: "cut", help: "cut or heal one of its links: choose the other end",
		works: onNode(m), do: does(func() tea.Cmd { return m.openPicker() }),
	}}
}

func healActions(m *Model) []action {
	return []action{{
		keys: []string{"H"}, shown: "H", name: "heal all", help: "make all links whole, thaw what is frozen",
		works:  func(place) (string, bool) { return "heal all", len(m.now.Faults) > 0 },
		do:     func(place) wish { return command("heal") },
		urgent: func(at place) bool { return at.front == m.network.name() || m.runs.active() > 0 },
	}}
}

func clusterActions(m *Model) []action {
	return []action{lessonsAction(m), {
		keys: []string{"i"}, shown: "i", name: "isolate", help: "cut it from all other nodes",
		works: onNode(m), do: verb(m, "isolate"),
	}, {
		keys: []string{"P"}, shown: "P", name: "partition", help: "partition into groups: opens the prompt",
		works: onNode(m), do: does(func() tea.Cmd { return m.openPrompt(m.partitionLine()) }),
	}, {
		keys: []string{":"}, shown: ":", name: "command", help: "type a command; tab completes, ↑ brings back",
		do: does(func() tea.Cmd { return m.openPrompt("") }),
	}, {
		keys: []string{"ctrl+p"}, shown: "ctrl+p", name: "palette", help: "find anything that can be done, by a few letters of it",
		do: does(m.openPalette),
	}, {
		keys: []string{"/"}, shown: "/", name: "filter", help: "show only keys, messages, operations or help with some text",
		works: func(place) (string, bool) { return "filter", m.filtered() != nil },
		do:    does(m.openFilter),
	}}
}

func screenActions(m *Model) []action {
	turn := func(by int) func(place) wish {
		return inPane(func() { m.showPane((m.active + by + len(m.panes)) % len(m.panes)) })
	}
	return []action{{
		keys: []string{"tab", "]"}, shown: "tab", name: "panes", help: "next pane; [ goes back",
		do: turn(+1),
	}, {
		keys: []string{"shift+tab", "["}, shown: "[", help: "previous pane",
		do: turn(-1),
	}, {
		keys: []string{"z"}, shown: "z", name: "zoom", help: "give the pane the whole screen, and back",
		works: func(place) (string, bool) { return "zoom", !m.layout.compact },
		do:    does(m.zoom),
	}, {
		keys: []string{"b"}, shown: "b", name: "present", help: "presenter mode, for a room: the view as large as fits, who is what, why, one pane",
		works: func(place) (string, bool) {
			if m.presenting {
				return "all panes", true
			}
			return "present", true
		},
		do: does(m.present),
	}, {
		keys: []string{"y"}, shown: "y", name: "copy", help: "copy what is chosen in the pane, else the selected node's row",
		do: does(m.yank),
	}, {
		keys: []string{"Y"}, shown: "Y", help: "copy the why line",
		do: does(m.yankWhy),
	}, {
		keys: []string{"t"}, shown: "t", name: "theme", help: "dark, light, mono",
		do: does(m.nextTheme),
	}, {
		keys: []string{"m"}, shown: "m", name: "mouse", help: "mouse off, so that text can be selected, and on again",
		do: does(m.toggleMouse),
	}, {
		keys: []string{"?"}, shown: "?", name: "help", help: "this page",
		do: does(m.openHelp),
	}, {
		keys: []string{"q"}, shown: "q", name: "quit", help: "close what is open, else quit",
		works: func(place) (string, bool) {
			if m.somethingOpen() {
				return "close", true
			}
			return "quit", true
		},
		do: does(func() tea.Cmd {
			if m.somethingOpen() {
				return m.escape()
			}
			return m.runs.run("quit")
		}),
	}, {
		keys: []string{"ctrl+c"}, shown: "ctrl+c", help: "quit at once",
		do: func(place) wish { return command("quit") },
	}, {
		keys: []string{"ctrl+z"}, shown: "ctrl+z", help: "suspend; fg comes back",
		do: does(func() tea.Cmd { return tea.Suspend }),
	}}
}

func motionActions(m *Model) []action {
	move := func(by motion) func(place) wish {
		return does(func() tea.Cmd { return m.scroll(by) })
	}
	return append(digits(m), []action{{
		keys: []string{"up", "k"}, shown: "↑", help: "select the node above",
		do: does(func() tea.Cmd { return m.moveUpOrDown(-1) }),
	}, {
		keys: []string{"down", "j"}, shown: "↓", help: "select the node below",
		do: does(func() tea.Cmd { return m.moveUpOrDown(+1) }),
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
func digits(m *Model) []action {
	all := make([]action, engine.MaxServers)
	for i := range all {
		all[i] = action{
			keys:  []string{strconv.Itoa(i + 1)},
			works: func(place) (string, bool) { return "", i < len(m.now.Servers) },
			do:    inPane(func() { m.selected = m.now.Servers[i].Name }),
		}
	}
	all[0].shown, all[0].help = "1-9", "select a server"
	return all
}

// verb runs a command on the selected node.
func verb(m *Model, name string) func(place) wish {
	return func(place) wish { return command(name + " " + m.selected) }
}

// onProcess works on servers and the viewservice in one of the states.
func onProcess(m *Model, states ...netsim.State) func(place) (string, bool) {
	return func(place) (string, bool) {
		process := m.selected == engine.ViewAddr || m.now.Server(m.selected) != nil
		return "", process && slices.Contains(states, m.now.State(m.selected))
	}
}

func onNode(m *Model) func(place) (string, bool) {
	return func(place) (string, bool) { return "", slices.Contains(m.now.nodes, m.selected) }
}

func canFreeze(m *Model) (string, bool) {
	switch m.now.State(m.selected) {
	case netsim.Up:
		return "freeze", true
	case netsim.Frozen:
		return "thaw", true
	}
	return "", false
}

// keymap finds the actions of each key, in their order.
func keymap(all []action) map[string][]*action {
	byKey := map[string][]*action{}
	for i := range all {
		for _, k := range all[i].keys {
			byKey[k] = append(byKey[k], &all[i])
		}
	}
	return byKey
}

// place is what is on the screen now.
func (m *Model) place() place {
	at := place{now: m.now, front: m.front().name()}
	if m.layout.main.h > 0 {
		at.shown = append(at.shown, at.front)
		for _, p := range m.sidePanes() {
			at.shown = append(at.shown, p.name())
		}
	}
	return at
}

// actionOf is what a key does at a place; nil if nothing.
func (m *Model) actionOf(key string, at place) *action {
	for _, a := range m.keys[key] {
		if _, ok := a.available(at); ok {
			return a
		}
	}
	return nil
}

// act does what an action is for, unless something has changed since it was offered.
func (m *Model) act(a *action) tea.Cmd {
	at := m.place()
	if name, ok := a.available(at); !ok {
		m.note(name + " does nothing now")
		return nil
	}
	return m.grant(a.do(at))
}

// grant does what a pane or an action wishes for.
func (m *Model) grant(w wish) tea.Cmd {
	if w.front != "" {
		m.bring(w.front)
	}
	switch {
	case w.do != nil:
		return w.do()
	case w.lessons:
		return m.listLessons()
	case w.job != nil:
		return tea.Batch(m.poll.now(), m.runs.job(w.line, w.job))
	case w.line != "":
		return m.runs.run(w.line)
	}
	return nil
}
