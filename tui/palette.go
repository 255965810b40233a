package tui

import (
	"cmp"
	"slices"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/script"
	"cluster/splitbrain/viewservice/rules"

	tea "github.com/charmbracelet/bubbletea"
)

// openPalette lists everything that can be done now: what can be done to the selected node, what keys do, all commands,
// panes, what can be done to the other nodes and their links, lessons, and rules to look up.
func (m *Model) openPalette() tea.Cmd {
	at := m.place()
	all := m.verbs(m.selected)
	for i := range m.actions {
		a := &m.actions[i]
		name, ok := a.Available(at)
		if !ok || a.Name == "" || a.Help == "" || slices.ContainsFunc(all, func(c choice) bool { return c.key == a.Shown && c.key != ":" }) {
			continue
		}
		all = append(all, choice{name: name, text: a.Help, key: a.Shown, do: func(m *Model) tea.Cmd { return m.act(a) }})
	}
	for _, c := range script.CommandsFor(m.session.Engine) {
		all = append(all, choice{name: c.Usage, find: c.Name, text: c.Help, key: ":", do: runOrAsk(c.Name)})
	}
	for _, p := range m.panes {
		all = append(all, choice{name: p.Name(), text: "show that pane", key: ":", do: func(m *Model) tea.Cmd { return m.commands.run("show " + p.Name()) }})
	}
	for _, node := range m.now.Nodes {
		if node != m.selected {
			all = append(all, m.verbs(node)...)
		}
	}
	for _, s := range slices.Concat(script.Lessons(), script.RuleScripts()) {
		all = append(all, choice{name: "lesson " + s.Name, text: s.Heading() + " · " + s.About, do: openScript(s.Name)})
	}
	for _, c := range rules.Cards() {
		name := string(c.Ref) + " " + c.Title
		all = append(all, choice{name: name, text: c.Says, do: func(m *Model) tea.Cmd { return m.openCard(c.Ref) }})
	}
	m.dialog = newChooser("palette", all)
	return nil
}

// verbs are what can be done to a node as it is, and to its links, as lines of the command language.
func (m *Model) verbs(node string) []choice {
	var all []choice
	add := func(c engine.Command) {
		key := ":"
		if node == m.selected {
			key = cmp.Or(keyOf[c.Kind], key)
		}
		all = append(all, choice{name: c.String(), text: c.Help(), key: key, do: func(m *Model) tea.Cmd { return m.commands.apply(c) }})
	}
	state := m.now.State(node)
	if !engine.IsClient(node) {
		if state == netsim.Up || state == netsim.Frozen {
			add(engine.Command{Kind: engine.Kill, Node: node})
		}
		add(engine.Command{Kind: engine.Restart, Node: node})
	}
	switch state {
	case netsim.Up:
		add(engine.Command{Kind: engine.Freeze, Node: node})
	case netsim.Frozen:
		add(engine.Command{Kind: engine.Thaw, Node: node})
	}
	if !m.now.Isolated(node) {
		add(engine.Command{Kind: engine.Isolate, Node: node})
	}
	if slices.ContainsFunc(m.now.Faults, func(f netsim.Fault) bool { return f.From == node || f.To == node }) {
		add(engine.Command{Kind: engine.HealNode, Node: node})
	}
	for _, other := range m.now.Nodes {
		if other == node {
			continue
		}
		cut := engine.Command{Kind: engine.SetFault, BothWays: true, Fault: netsim.Fault{Kind: netsim.FaultCut, From: node, To: other}}
		if m.now.Cut(node, other) && m.now.Cut(other, node) {
			cut.Kind = engine.ClearFault
		}
		add(cut)
	}
	return all
}

// keyOf are the keys that do something to the selected node.
var keyOf = map[engine.CommandKind]string{engine.Kill: "x", engine.Restart: "r", engine.Freeze: "f", engine.Thaw: "f", engine.Isolate: "i"}

// runOrAsk runs a command that needs no argument, and opens the prompt for the arguments of another.
func runOrAsk(name string) func(*Model) tea.Cmd {
	return func(m *Model) tea.Cmd {
		if t := read(name); t.bad == nil {
			return m.commands.begin(t)
		}
		return m.openPrompt(name + " ")
	}
}
