package tui

import (
	"cluster/splitbrain/tui/script"
	"cluster/splitbrain/viewservice/rules"

	tea "github.com/charmbracelet/bubbletea"
)

// openPalette lists everything that can be done now: what keys do, all commands, and all rules to look up.
func (m *Model) openPalette() tea.Cmd {
	at := m.place()
	var all []choice
	for i := range m.actions {
		a := &m.actions[i]
		name, ok := a.Available(at)
		if !ok || a.Name == "" || a.Help == "" {
			continue
		}
		all = append(all, choice{name: name, text: a.Help, key: a.Shown, do: func(m *Model) tea.Cmd { return m.act(a) }})
	}
	for _, c := range script.CommandsFor(m.session.Engine) {
		all = append(all, choice{name: c.Usage, find: c.Name, text: c.Help, key: ":", do: runOrAsk(c.Name)})
	}
	for _, c := range rules.Cards() {
		name := string(c.Ref) + " " + c.Title
		all = append(all, choice{name: name, text: c.Says, do: func(m *Model) tea.Cmd { return m.openCard(c.Ref) }})
	}
	m.dialog = newChooser("palette", all)
	return nil
}

// runOrAsk runs a command that needs no argument, and opens the prompt for the arguments of another.
func runOrAsk(name string) func(*Model) tea.Cmd {
	return func(m *Model) tea.Cmd {
		if t := read(name); t.bad == nil {
			return m.commands.begin(t)
		}
		return m.openPrompt(name + " ")
	}
}
