package tui

import (
	"strconv"

	"cluster/splitbrain/tui/script"
)

func (p *timeline) actions() []action {
	front := func(at place) bool { return p.replays() && at.front == p.name() }
	here := func(at place) (string, bool) { return "", front(at) }
	away := func(at place) bool { return !front(at) && !at.now.Paused }
	toMark := func(by int) action {
		return action{
			works: func(place) (string, bool) { _, ok := p.markFrom(by); return "", p.replays() && ok },
			do:    func(place) wish { step, _ := p.markFrom(by); return p.rewind(step) },
		}
	}
	before, after := toMark(-1), toMark(+1)
	before.keys, before.shown, before.name, before.help = []string{"<"}, "< >", "marks", "simulated: to the mark before, or after"
	before.late, after.keys = away, []string{">"}
	return []action{{
		keys: []string{"enter"}, shown: "enter", name: "go there", help: "timeline: let what is chosen happen, go to that mark or branch",
		works: func(at place) (string, bool) {
			l := p.chosen()
			if !front(at) || l == nil {
				return "", false
			}
			return [...]string{aChoice: "let it happen", aMark: "go there", aBranch: "visit"}[l.kind], true
		},
		do: func(place) wish { return p.enter() },
	}, {
		keys: []string{"K"}, shown: "K J", name: "choose", help: "timeline: choose the line above, or below", works: here,
		do: inPane(func() { p.scroll(motion{rows: -1}) }),
	}, {
		keys: []string{"J"}, works: here,
		do: inPane(func() { p.scroll(motion{rows: +1}) }),
	}, {
		keys: []string{"left", "right"}, shown: "← →", name: "column", help: "timeline: what can happen next, or what has happened",
		works: here, do: inPane(func() { p.column = 1 - p.column }),
	}, {
		keys: []string{"C"}, shown: "C", name: "compare", help: "timeline: how the ends of the chosen branch and of this one differ",
		works: func(at place) (string, bool) {
			l := p.chosen()
			return "", front(at) && l != nil && l.kind == aBranch && l.name != p.past.Branch
		},
		do: func(place) wish {
			return command("compare " + script.Quote(p.chosen().name) + " " + script.Quote(p.past.Branch))
		},
	}, {
		keys: []string{","}, shown: ",", name: "step back", help: "simulated: one step back in time",
		works: func(place) (string, bool) { return "", p.replays() && p.past.Step > 0 },
		do:    func(place) wish { return p.rewind(p.past.Step - 1) }, late: away,
	}, before, after}
}

// replays reports whether the past of the cluster can be returned to, and was seen.
func (p *timeline) replays() bool { return p.past.Branches != nil }

// markFrom is the step of the next mark in one direction, or that of the beginning or the end.
func (p *timeline) markFrom(by int) (step int, ok bool) {
	here := p.past.Step
	if by < 0 {
		for _, k := range p.past.Marks {
			if k.Step < here {
				step = max(step, k.Step)
			}
		}
		return step, here > 0
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
func (p *timeline) enter() wish {
	switch l := p.chosen(); l.kind {
	case aChoice:
		return command("choose " + script.Quote(l.name))
	case aBranch:
		return command("visit " + script.Quote(l.name))
	default:
		return p.rewind(l.step)
	}
}

// rewind goes to a step. The next key counts from there, whether it was seen yet or not.
func (p *timeline) rewind(step int) wish {
	p.past.Step = step
	return command("rewind " + strconv.Itoa(step))
}

// click goes to the step that is clicked in the bar, or chooses a line.
func (p *timeline) click(x, y int) wish {
	if !p.replays() {
		return wish{}
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
	return wish{}
}
