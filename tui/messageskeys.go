package tui

import (
	"strconv"

	tea "github.com/charmbracelet/bubbletea"
)

func messageActions() []action {
	return []action{
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
			keys: []string{"w"}, shown: "w", name: "cause", help: "go to the message that caused the chosen one: of a reply the request, of a forward what the client asked",
			works: func(m *Model) (string, bool) {
				return "", m.paneShownMain(m.messages) && m.messages.hasCause()
			},
			do: func(m *Model) tea.Cmd { m.messages.toCause(); return nil },
		}, {
			keys: []string{"W"}, shown: "W", name: "back", help: "go back to the message whose cause that was",
			works: func(m *Model) (string, bool) {
				return "", m.paneShownMain(m.messages) && len(m.messages.trail) > 0
			},
			do: func(m *Model) tea.Cmd { m.messages.back(); return nil },
		}, {
			keys: []string{"p"}, shown: "p", name: "pings", help: "show pings one by one, or folded",
			works: onMessages, do: func(m *Model) tea.Cmd { m.messages.foldPings(); return nil },
		}, {
			keys: []string{"v"}, shown: "v", help: "messages as a diagram, or as a list",
			works: func(m *Model) (string, bool) {
				if m.messages.listing {
					return "diagram", m.paneShownMain(m.messages)
				}
				return "list", m.paneShownMain(m.messages)
			},
			do: func(m *Model) tea.Cmd { m.messages.changeForm(); return nil },
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

func (p *messages) foldPings() {
	p.unfold = !p.unfold
	p.arrange(p.nodes)
}

func (p *messages) changeForm() {
	p.listing = !p.listing
	p.arrange(p.nodes)
}

func (p *messages) readable() bool { return p.current() != nil || p.currentMark() != nil }

func (p *messages) reads() bool { return p.reading }

func (p *messages) hasCause() bool {
	m := p.current()
	return m != nil && !p.onFold() && p.causeOf(m) != nil
}
