package tui

import (
	"strconv"

	tea "github.com/charmbracelet/bubbletea"
)

func messageActions() []action {
	return []action{
		{
			keys: []string{"enter"}, shown: "enter", name: "read", help: "show the chosen message in full, and close it",
			works: func(m *Model) (string, bool) {
				if m.messages.reading {
					return "close", m.paneShownMain(m.messages)
				}
				return "read", m.paneShownMain(m.messages) && m.messages.current() != nil
			},
			do: (*Model).read,
		},
		onHeld("d", "deliver", "deliver the chosen held message"),
		onHeld("D", "drop", "drop it: it is lost"),
		onHeld("u", "duplicate", "hold a copy of it too"),
		{
			keys: []string{"R"}, shown: "R", name: "release", help: "end all holds, let what is held go on",
			works: func(m *Model) (string, bool) {
				return "", m.paneShownMain(m.messages) && (len(m.now.Held) > 0 || m.now.anyHold())
			},
			do: func(m *Model) tea.Cmd { return m.run("release") },
		}, {
			keys: []string{"K"}, shown: "K J", name: "choose", help: "choose the message above, or below; zoomed or reading ↑↓ too",
			works: onMessages, do: func(m *Model) tea.Cmd { return m.scroll(motion{rows: -1}) },
		}, {
			keys: []string{"J"}, works: onMessages,
			do: func(m *Model) tea.Cmd { return m.scroll(motion{rows: +1}) },
		}, {
			keys: []string{"p"}, shown: "p", name: "pings", help: "show pings one by one, or folded",
			works: onMessages, do: (*Model).foldPings,
		},
	}
}

// onHeld runs a command on the chosen message while it is held.
func onHeld(key, verb, help string) action {
	return action{
		keys: []string{key}, shown: key, name: verb, help: help,
		works: func(m *Model) (string, bool) {
			return "", m.paneShownMain(m.messages) && m.messages.currentHeld() != nil
		},
		do: func(m *Model) tea.Cmd {
			return m.run(verb + " " + strconv.FormatUint(m.messages.currentHeld().id, 10))
		},
	}
}

func onMessages(m *Model) (string, bool) { return "", m.paneShownMain(m.messages) }

// read opens the chosen message. On pings that share a line it shows them one by one.
func (m *Model) read() tea.Cmd {
	p := m.messages
	at, inHeld := p.place()
	if !p.reading && !inHeld && p.lines[at].folded {
		return m.foldPings()
	}
	p.open()
	return nil
}

func (m *Model) foldPings() tea.Cmd {
	m.messages.unfold = !m.messages.unfold
	m.messages.arrange(m.now.nodes)
	return nil
}

// arrowsInPane reports whether ↑ and ↓ go through the pane: while a message is read, or the table is not seen.
func (m *Model) arrowsInPane() bool {
	return m.paneShownMain(m.messages) && (m.messages.reading || m.zoomed)
}

// readsMessage reports whether a message is shown in full.
func (m *Model) readsMessage() bool { return m.paneShownMain(m.messages) && m.messages.reading }
