package pane

import "cluster/splitbrain/netsim/engine"

func (p *Messages) Actions() []Action {
	front := func(at Place) (string, bool) { return "", at.Front == p.Name() }
	return []Action{
		p.onHeld("d", engine.Deliver, "deliver", "deliver the chosen held message"),
		p.onHeld("D", engine.Drop, "drop", "drop it: it is lost"),
		p.onHeld("u", engine.Duplicate, "duplicate", "hold a copy of it too"),
		{
			Keys: []string{"R"}, Shown: "R", Name: "release", Help: "end all holds, let what is held go on",
			Works: func(at Place) (string, bool) {
				return "", at.Front == p.Name() && (len(at.Now.Held) > 0 || at.Now.anyHold())
			},
			Do: func(Place) Wish { return Apply(engine.Command{Kind: engine.ReleaseAll}) },
		}, {
			Keys: []string{"w"}, Shown: "w", Name: "cause", Help: "go to the message that caused the chosen one: of a reply the request, of a forward what the client asked",
			Works: func(at Place) (string, bool) { return "", at.Front == p.Name() && p.hasCause() },
			Do:    InPane(p.toCause),
		}, {
			Keys: []string{"W"}, Shown: "W", Name: "back", Help: "go back to the message whose cause that was",
			Works: func(at Place) (string, bool) { return "", at.Front == p.Name() && len(p.trail) > 0 },
			Do:    InPane(p.back),
		}, {
			Keys: []string{"p"}, Shown: "p", Name: "pings", Help: "show pings one by one, or folded",
			Works: front, Do: InPane(p.foldPings),
		}, {
			Keys: []string{"v"}, Shown: "v", Help: "messages as a diagram, or as a list",
			Works: func(at Place) (string, bool) {
				if p.listing {
					return "diagram", at.Front == p.Name()
				}
				return "list", at.Front == p.Name()
			},
			Do: InPane(p.changeForm),
		},
	}
}

// onHeld runs a command on the chosen message while it is held.
func (p *Messages) onHeld(key string, kind engine.CommandKind, name, help string) Action {
	return Action{
		Keys: []string{key}, Shown: key, Name: name, Help: help,
		Works: func(at Place) (string, bool) { return "", at.Front == p.Name() && p.currentHeld() != nil },
		Do:    func(Place) Wish { return Apply(engine.Command{Kind: kind, Message: p.currentHeld().id}) },
	}
}

func (p *Messages) foldPings() {
	p.unfold = !p.unfold
	p.arrange(p.nodes)
}

func (p *Messages) changeForm() {
	p.listing = !p.listing
	p.arrange(p.nodes)
}

func (p *Messages) Readable() bool { return p.current() != nil || p.currentMark() != nil }

func (p *Messages) Reads() bool { return p.reading }

func (p *Messages) hasCause() bool {
	m := p.current()
	return m != nil && !p.onFold() && p.causeOf(m) != nil
}
