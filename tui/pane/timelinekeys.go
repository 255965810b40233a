package pane

import (
	"strconv"

	"cluster/splitbrain/tui/script"
)

func (p *Timeline) Actions() []Action {
	front := func(at Place) bool { return p.replays() && at.Front == p.Name() }
	here := func(at Place) (string, bool) { return "", front(at) }
	away := func(at Place) bool { return !front(at) && !at.Now.Paused }
	toMark := func(by int) Action {
		return Action{
			Works: func(Place) (string, bool) { _, ok := p.markFrom(by); return "", p.replays() && ok },
			Do:    func(Place) Wish { step, _ := p.markFrom(by); return p.rewind(step) },
		}
	}
	before, after := toMark(-1), toMark(+1)
	before.Keys, before.Shown, before.Name, before.Help = []string{"<"}, "< >", "moments", "simulated: to the moment before, or after, in which something was done or a view was formed"
	before.Late, after.Keys = away, []string{">"}
	return []Action{{
		Keys: []string{"enter"}, Shown: "enter", Name: "go there", Help: "timeline: let what is chosen happen, go to that moment or branch",
		Works: func(at Place) (string, bool) {
			l := p.chosen()
			if !front(at) || l == nil {
				return "", false
			}
			return [...]string{aChoice: "let it happen", aMark: "go there", aBranch: "visit"}[l.kind], true
		},
		Do: func(Place) Wish { return p.enter() },
	}, {
		Keys: []string{"K"}, Shown: "K J", Name: "choose", Help: "timeline: choose the line above, or below", Works: here,
		Do: InPane(func() { p.Scroll(Motion{Rows: -1}) }), Looks: true,
	}, {
		Keys: []string{"J"}, Works: here,
		Do: InPane(func() { p.Scroll(Motion{Rows: +1}) }), Looks: true,
	}, {
		Keys: []string{"left", "right"}, Shown: "← →", Name: "column", Help: "timeline: what can happen next, or what has happened",
		Works: here, Do: InPane(func() { p.column = 1 - p.column }), Looks: true,
	}, {
		Keys: []string{"C"}, Shown: "C", Name: "compare", Help: "timeline, on another branch: how its end and that of this one differ",
		Works: func(at Place) (string, bool) {
			return "", p.cantCompare(at) == ""
		},
		Do: func(at Place) Wish {
			if why := p.cantCompare(at); why != "" {
				return Wish{Note: why}
			}
			return Command("compare " + script.Quote(p.chosen().name) + " " + script.Quote(p.past.Branch))
		}, Tries: true,
	}, {
		Keys: []string{","}, Shown: ",", Name: "step back", Help: "simulated: one step back in time",
		Works: func(Place) (string, bool) { return "", p.replays() && p.past.Step > p.past.First },
		Do:    func(Place) Wish { return p.rewind(p.past.Step - 1) }, Late: away,
	}, before, after}
}

// cantCompare says what is to be done before the ends of two branches can be compared; "" if nothing is.
func (p *Timeline) cantCompare(at Place) string {
	l := p.chosen()
	switch {
	case !p.replays():
		return "C compares branches of a simulated world, in pane timeline"
	case len(p.past.Branches) < 2:
		return "C compares branches, and there is only one: go back with < and do something else"
	case at.Front != p.Name():
		return "C compares branches in pane timeline"
	case p.column != behind:
		return "C compares branches: → first, then K J to another branch than " + p.past.Branch
	case l == nil || l.kind != aBranch || l.name == p.past.Branch:
		return "C compares branches: K J to another branch than " + p.past.Branch + " first"
	}
	return ""
}

// replays reports whether the past of the cluster can be returned to, and was seen.
func (p *Timeline) replays() bool { return p.past.Branches != nil }

// markFrom is the step of the next mark in one direction, or that of the beginning or the end.
func (p *Timeline) markFrom(by int) (step int, ok bool) {
	here := p.past.Step
	if by < 0 {
		step = p.past.First
		for _, k := range p.past.Marks {
			if k.Step < here {
				step = max(step, k.Step)
			}
		}
		return step, here > p.past.First
	}
	step = p.past.Length
	for _, k := range p.past.Marks {
		if k.Step > here {
			step = min(step, k.Step)
		}
	}
	return step, here < p.past.Length
}

// enter does what the chosen line stands for.
func (p *Timeline) enter() Wish {
	switch l := p.chosen(); l.kind {
	case aChoice:
		return Command("choose " + script.Quote(l.name))
	case aBranch:
		return Command("visit " + script.Quote(l.name))
	default:
		return p.rewind(l.step)
	}
}

// rewind goes to a step. The next key counts from there, whether it was seen yet or not.
func (p *Timeline) rewind(step int) Wish {
	w := Command("rewind " + strconv.Itoa(step))
	w.Begins = func() { p.past.Step = step }
	return w
}

// Click goes to the step that is clicked in the bar, or chooses a line.
func (p *Timeline) Click(x, y int) Wish {
	if !p.replays() {
		return Wish{}
	}
	if y == 0 {
		return p.rewind(p.stepAt(x))
	}
	if p.w >= leastTwoColumns {
		p.column = ahead
		if x > p.leftCells(p.w) {
			p.column = behind
		}
	}
	h := p.h - 1 - p.below
	if at := p.top(p.column, h) + y - 1; y <= h && at < len(p.lines[p.column]) {
		p.at[p.column] = at
		p.skipHeading(p.column, +1)
	}
	return Wish{}
}
