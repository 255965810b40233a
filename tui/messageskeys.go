package tui

import "strconv"

func (p *messages) actions() []action {
	front := func(at place) (string, bool) { return "", at.front == p.name() }
	return []action{
		p.onHeld("d", "deliver", "deliver the chosen held message"),
		p.onHeld("D", "drop", "drop it: it is lost"),
		p.onHeld("u", "duplicate", "hold a copy of it too"),
		{
			keys: []string{"R"}, shown: "R", name: "release", help: "end all holds, let what is held go on",
			works: func(at place) (string, bool) {
				return "", at.front == p.name() && (len(at.now.Held) > 0 || at.now.anyHold())
			},
			do: func(place) wish { return command("release") },
		}, {
			keys: []string{"w"}, shown: "w", name: "cause", help: "go to the message that caused the chosen one: of a reply the request, of a forward what the client asked",
			works: func(at place) (string, bool) { return "", at.front == p.name() && p.hasCause() },
			do:    inPane(p.toCause),
		}, {
			keys: []string{"W"}, shown: "W", name: "back", help: "go back to the message whose cause that was",
			works: func(at place) (string, bool) { return "", at.front == p.name() && len(p.trail) > 0 },
			do:    inPane(p.back),
		}, {
			keys: []string{"p"}, shown: "p", name: "pings", help: "show pings one by one, or folded",
			works: front, do: inPane(p.foldPings),
		}, {
			keys: []string{"v"}, shown: "v", help: "messages as a diagram, or as a list",
			works: func(at place) (string, bool) {
				if p.listing {
					return "diagram", at.front == p.name()
				}
				return "list", at.front == p.name()
			},
			do: inPane(p.changeForm),
		},
	}
}

// onHeld runs a command on the chosen message while it is held.
func (p *messages) onHeld(key, verb, help string) action {
	return action{
		keys: []string{key}, shown: key, name: verb, help: help,
		works: func(at place) (string, bool) { return "", at.front == p.name() && p.currentHeld() != nil },
		do:    func(place) wish { return command(verb + " " + strconv.FormatUint(p.currentHeld().id, 10)) },
	}
}

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
