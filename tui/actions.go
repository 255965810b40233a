package tui

import (
	"slices"
	"strconv"
	"unicode/utf8"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/pane"

	tea "github.com/charmbracelet/bubbletea"
)

// allActions are in the order of hints, those on what is chosen in a pane first, then those on the selected node. Of
// several with one key only one works at a time.
func allActions(m *Model) []pane.Action {
	all := append(m.notes.Actions(), readingActions(m)...)
	for _, p := range m.panes {
		if a, ok := p.(pane.Actor); ok && p != pane.Pane(m.notes) {
			all = append(all, a.Actions()...)
		}
	}
	if !m.replays() {
		all = append(all, noSearch(m))
	}
	return slices.Concat(all, nodeActions(m), []pane.Action{inspectAction(m), inspectByEnter(m)}, healActions(m), timeActions(m), clusterActions(m), screenActions(m), motionActions(m))
}

// noSearch says of the key that searches why it can't here.
func noSearch(m *Model) pane.Action {
	return pane.Action{
		Keys: []string{"S"}, Works: func(pane.Place) (string, bool) { return "", false }, Tries: true, Looks: true,
		Do: pane.InPane(func() { m.warn("a search needs a cluster that can go back: begin with --sim, S searches there") }),
	}
}

// does is what an action does that concerns the program around the panes.
func does(do func() tea.Cmd) func(pane.Place) pane.Wish {
	return func(pane.Place) pane.Wish { return pane.Wish{Do: do} }
}

func nodeActions(m *Model) []pane.Action {
	return []pane.Action{{
		Keys: []string{"esc", "ctrl+g"}, Shown: "esc", Name: "cancel", Help: "close what is open, clear the filter, cancel what runs, leave a lesson, end the load: the first of these",
		Works: func(pane.Place) (string, bool) {
			switch {
			case m.back != nil && m.dialog == nil:
				return "now", true
			case m.somethingOpen():
				return "close", true
			}
			return m.escapes()
		},
		Do: does(m.escape), Looks: true,
		Urgent: func(pane.Place) bool { return m.back != nil }, Late: func(pane.Place) bool { return m.somethingOpen() },
	}, {
		Keys: []string{"x"}, Shown: "x", Name: "kill", Help: "kill the selected server or the viewservice",
		Works: onProcess(m, netsim.Up, netsim.Frozen), Do: toSelected(m, engine.Kill), Tries: true,
	}, {
		Keys: []string{"r"}, Shown: "r", Name: "restart", Help: "restart the selected server or vs: it comes back empty, a new boot",
		Works: onProcess(m, netsim.Up, netsim.Frozen, netsim.Crashed, netsim.Stopped), Do: toSelected(m, engine.Restart), Tries: true,
	}, {
		Keys: []string{"f"}, Shown: "f", Name: "freeze", Help: "freeze or thaw the selected node",
		Works: func(pane.Place) (string, bool) { return canFreeze(m) },
		Do: func(at pane.Place) pane.Wish {
			if m.now.State(m.selected) == netsim.Frozen {
				return toSelected(m, engine.Thaw)(at)
			}
			return toSelected(m, engine.Freeze)(at)
		},
		Tries: true,
	}, {
		Keys: []string{"c"}, Shown: "c", Name: "cut", Help: "cut or heal a link of the selected node: pick the other end",
		Works: func(at pane.Place) (string, bool) {
			return "", slices.Contains(m.now.Nodes, m.selected) && !m.network.Leads(at)
		},
		Do: does(func() tea.Cmd { return m.openPicker() }),
	}}
}

func healActions(m *Model) []pane.Action {
	return []pane.Action{{
		Keys: []string{"H"}, Shown: "H", Name: "heal all", Help: "make all links whole, thaw what is frozen",
		Works:  func(pane.Place) (string, bool) { return "heal all", len(m.now.Faults) > 0 },
		Do:     func(pane.Place) pane.Wish { return pane.Apply(engine.Command{Kind: engine.HealAll}) },
		Urgent: func(at pane.Place) bool { return at.Front == m.network.Name() || m.commands.active() > 0 },
		Tries:  true,
	}}
}

func clusterActions(m *Model) []pane.Action {
	return []pane.Action{lessonsAction(m), {
		Keys: []string{"i"}, Shown: "i", Name: "isolate", Help: "cut the selected node from all others, or heal all its links",
		Works: func(pane.Place) (string, bool) {
			return m.isolation().String(), slices.Contains(m.now.Nodes, m.selected)
		},
		Do: func(pane.Place) pane.Wish { return pane.Apply(m.isolation()) },
	}, {
		Keys: []string{"P"}, Shown: "P", Name: "partition", Help: "partition into groups: opens the prompt",
		Works: onNode(m), Do: does(func() tea.Cmd { return m.openPrompt(m.partitionLine()) }),
	}, {
		Keys: []string{":"}, Shown: ":", Name: "command", Help: "type a command; tab completes, ↑ brings back",
		Do: does(func() tea.Cmd { return m.openPrompt("") }),
	}, {
		Keys: []string{"ctrl+p"}, Shown: "ctrl+p", Name: "palette", Help: "find anything that can be done, by a few letters of it",
		Do: does(m.openPalette),
	}, cardAction(m), violationAction(m), {
		Keys: []string{"/"}, Shown: "/", Name: "filter", Help: "show only keys, messages, events, views, operations or help with some words",
		Do: does(m.openFilter), Looks: true,
	}}
}

func screenActions(m *Model) []pane.Action {
	turn := func(by int) func(pane.Place) pane.Wish {
		return pane.InPane(func() { m.showPane((m.active + by + len(m.panes)) % len(m.panes)) })
	}
	return []pane.Action{{
		Keys: []string{"tab", "]"}, Shown: "tab", Name: "panes", Help: "next pane; [ goes back",
		Do: turn(+1), Looks: true,
	}, {
		Keys: []string{"shift+tab", "["}, Shown: "[", Help: "previous pane",
		Do: turn(-1), Looks: true,
	}, {
		Keys: []string{"z"}, Shown: "z", Name: "zoom", Help: "give the pane the whole screen, and back",
		Works: func(pane.Place) (string, bool) { return "zoom", !m.layout.compact && !m.inFront(m.help) },
		Do:    does(m.zoom), Looks: true,
	}, {
		Keys: []string{"b"}, Shown: "b", Name: "present", Help: "presenter mode, for a room: the view as large as fits, who is what, why, one pane",
		Works: func(pane.Place) (string, bool) {
			if m.presenting {
				return "all panes", true
			}
			return "present", true
		},
		Do: does(m.present), Looks: true,
	}, {
		Keys: []string{"y"}, Shown: "y", Name: "copy", Help: "copy what is chosen in the pane, else the selected node's row",
		Do: does(m.yank), Looks: true,
	}, {
		Keys: []string{"Y"}, Shown: "Y", Help: "copy the line that begins with now",
		Do: does(m.yankWhy), Looks: true,
	}, {
		Keys: []string{"t"}, Shown: "t", Name: "theme", Help: "dark, light, mono",
		Do: does(m.nextTheme), Looks: true,
	}, {
		Keys: []string{"m"}, Shown: "m", Name: "mouse", Help: "mouse off, so that text can be selected, and on, which in GNU screen holds back esc",
		Do: does(m.toggleMouse), Looks: true,
	}, {
		Keys: []string{"?"}, Shown: "?", Name: "help", Help: "this page",
		Do: does(m.openHelp), Looks: true,
	}, {
		Keys: []string{"q"}, Shown: "q", Name: "quit", Help: "close what is open, else quit",
		Works: func(pane.Place) (string, bool) {
			if m.somethingOpen() {
				return "close", true
			}
			return "quit", true
		},
		Do: does(func() tea.Cmd {
			if m.somethingOpen() {
				return m.escape()
			}
			return m.quit()
		}),
		Looks: true,
	}, {
		Keys: []string{"N"}, Shown: "N", Name: "begin anew", Help: "begin anew, with a fresh cluster; asks first",
		Do:     does(m.beginAnew),
		Urgent: func(pane.Place) bool { return m.tellsWhy() && m.now.Why.Level >= engine.Stuck },
	}, {
		Keys: []string{"ctrl+c"}, Shown: "ctrl+c", Help: "quit at once",
		Do: does(func() tea.Cmd { return tea.Quit }), Looks: true, // no command: it waits for none
	}, {
		Keys: []string{"ctrl+z"}, Shown: "ctrl+z", Help: "suspend; fg comes back",
		Do: does(func() tea.Cmd { return tea.Suspend }), Looks: true,
	}}
}

func motionActions(m *Model) []pane.Action {
	move := func(by pane.Motion) func(pane.Place) pane.Wish {
		return does(func() tea.Cmd { return m.scroll(by) })
	}
	selects := func(at pane.Place) (string, bool) { return "", !m.network.Leads(at) }
	scrolls := func(pane.Place) (string, bool) { return "", !m.inFront(m.stage) && !m.inFront(m.charts) }
	return append(digits(m), []pane.Action{{
		Keys: []string{"up", "k"}, Shown: "↑", Help: "select the node above", Works: selects,
		Do: does(func() tea.Cmd { return m.moveUpOrDown(-1) }), Looks: true,
	}, {
		Keys: []string{"down", "j"}, Shown: "↓", Help: "select the node below", Works: selects,
		Do: does(func() tea.Cmd { return m.moveUpOrDown(+1) }), Looks: true,
	}, {
		Keys: []string{"pgup"}, Shown: "PgUp", Help: "scroll the pane a page up", Works: scrolls, Do: move(pane.Motion{Pages: -1}), Looks: true,
	}, {
		Keys: []string{"pgdown"}, Shown: "PgDn", Help: "scroll the pane a page down", Works: scrolls, Do: move(pane.Motion{Pages: +1}), Looks: true,
	}, {
		Keys: []string{"home"}, Shown: "Home", Help: "scroll to the beginning", Works: scrolls, Do: move(pane.Motion{To: pane.ToStart}), Looks: true,
	}, {
		Keys: []string{"end"}, Shown: "End", Help: "scroll to the end", Works: scrolls, Do: move(pane.Motion{To: pane.ToEnd}), Looks: true,
	}}...)
}

// digits select servers, each key its own; help shows them as one. In a lesson they answer questions: who presses one too
// often, or too late, must not find another server selected.
func digits(m *Model) []pane.Action {
	all := make([]pane.Action, engine.MaxServers)
	for i := range all {
		all[i] = pane.Action{
			Keys: []string{strconv.Itoa(i + 1)},
			Works: func(pane.Place) (string, bool) {
				if m.digitsAnswer() {
					return "", !m.notes.Answers(i)
				}
				return "", i < len(m.now.Servers)
			},
			Do: pane.InPane(func() {
				if m.digitsAnswer() {
					m.note("no answer " + strconv.Itoa(i+1) + " here: in a lesson digits answer questions, ↑ ↓ select")
					return
				}
				m.selected = m.now.Servers[i].Name
				if m.inFront(m.help) { // which hides the table
					m.note(m.selected + " is selected")
				}
			}),
			Looks: true,
		}
	}
	all[0].Shown, all[0].Help = "1-9", "select a server; in a lesson ↑ ↓ do"
	return all
}

// digitsAnswer reports whether digits are for the questions of a lesson.
func (m *Model) digitsAnswer() bool { return m.notes.Leads() && m.notes.Tells() }

// toSelected applies a command to the selected node.
func toSelected(m *Model, kind engine.CommandKind) func(pane.Place) pane.Wish {
	return func(pane.Place) pane.Wish { return pane.Apply(engine.Command{Kind: kind, Node: m.selected}) }
}

// onProcess works on servers and the viewservice in one of the states.
func onProcess(m *Model, states ...netsim.State) func(pane.Place) (string, bool) {
	return func(pane.Place) (string, bool) {
		process := m.selected == engine.ViewAddr || m.now.Server(m.selected) != nil
		return "", process && slices.Contains(states, m.now.State(m.selected))
	}
}

// isolation cuts the selected node off, or heals its links if it is cut off.
func (m *Model) isolation() engine.Command {
	c := engine.Command{Kind: engine.Isolate, Node: m.selected}
	if m.now.Isolated(m.selected) {
		c.Kind = engine.HealNode
	}
	return c
}

func onNode(m *Model) func(pane.Place) (string, bool) {
	return func(pane.Place) (string, bool) { return "", slices.Contains(m.now.Nodes, m.selected) }
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
func keymap(all []pane.Action) map[string][]*pane.Action {
	byKey := map[string][]*pane.Action{}
	for i := range all {
		for _, k := range all[i].Keys {
			byKey[k] = append(byKey[k], &all[i])
		}
	}
	return byKey
}

// place is what is on the screen now.
func (m *Model) place() pane.Place {
	at := pane.Place{Now: m.now, Front: m.front().Name()}
	if m.layout.main.h > 0 {
		others := m.sidePanes()
		at.Shown = append(make([]string, 0, 1+len(others)), at.Front)
		for _, p := range others {
			at.Shown = append(at.Shown, p.Name())
		}
	}
	return at
}

// actionOf is what a key does at a place; nil if nothing.
func (m *Model) actionOf(key string, at pane.Place) *pane.Action {
	for _, a := range m.keys[key] {
		if _, ok := a.Available(at); ok {
			return a
		}
	}
	return nil
}

// triedBy is the action of a key that does nothing now, if trying it says why; else nil.
func (m *Model) triedBy(key string) *pane.Action {
	for _, a := range m.keys[key] {
		if a.Tries {
			return a
		}
	}
	return nil
}

// tellIdle says what a key would do elsewhere. Keys that move, close and go on are silent: they are pressed without a look.
func (m *Model) tellIdle(key string) {
	for _, a := range m.keys[key] {
		if a.Name != "" && a.Help != "" && len(key) == 1 && key != " " {
			m.idle = a.Shown + " has nothing to do now   (" + a.Help + ")"
			m.note(m.idle)
			return
		}
	}
	if utf8.RuneCountInString(key) == 1 && key != " " {
		m.idle = key + " has nothing to do here: ? lists the keys that have"
		m.note(m.idle)
	}
}

// forgetIdle takes back what was said of the key before: it is not about the next one.
func (m *Model) forgetIdle() {
	if m.idle != "" && m.commands.line == "" && m.commands.text == m.idle {
		m.note("")
	}
	m.idle = ""
}

// act does what an action is for, unless something has changed since it was offered.
func (m *Model) act(a *pane.Action) tea.Cmd {
	at := m.place()
	if name, ok := a.Available(at); !ok {
		m.note(name + " does nothing now")
		return nil
	}
	return m.grant(a.Do(at))
}

// grant does what a pane or an action wishes for.
func (m *Model) grant(w pane.Wish) tea.Cmd {
	if m.back != nil && (w.Acts() || w.Lessons || w.Link != engine.Link{}) {
		m.toNow(backToNow)
		if w.Acts() {
			return nil
		}
	}
	if w.Begins != nil {
		w.Begins()
	}
	if w.Front != "" {
		m.bring(w.Front)
	}
	if w.Node != "" {
		m.selected = w.Node
	}
	if w.Select != "" {
		return m.selectOrInspect(w.Select)
	}
	switch {
	case w.Note != "":
		m.note(w.Note)
		return nil
	case w.Do != nil:
		return w.Do()
	case w.Link != engine.Link{}:
		m.askOfLink(w.Link)
		return nil
	case w.Lessons:
		return m.listLessons()
	case w.Job != nil:
		return tea.Batch(m.poll.now(), m.commands.job(w.Line, w.Job))
	case w.Command.Kind != 0:
		return m.commands.apply(w.Command)
	case w.Line != "":
		return m.commands.run(w.Line)
	}
	return nil
}
