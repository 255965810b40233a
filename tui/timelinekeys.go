package tui

import (
	"strconv"

	"cluster/splitbrain/tui/script"

	tea "github.com/charmbracelet/bubbletea"
)

// replays reports whether the past of the cluster can be returned to.
func replays(m *Model) bool { return m.timeline.past.Branches != nil }

func inTimeline(m *Model) bool { return replays(m) && m.paneShownMain(m.timeline) }

func timelineActions() []action {
	here := func(m *Model) (string, bool) { return "", inTimeline(m) }
	away := func(m *Model) bool { return !inTimeline(m) && !m.now.Paused }
	return []action{{
		keys: []string{"enter"}, shown: "enter", name: "go there", help: "timeline: let what is chosen happen, go to that mark or branch",
		works: (*Model).timelineEnter, do: (*Model).enterTimeline,
	}, {
		keys: []string{"K"}, shown: "K J", name: "choose", help: "timeline: choose the line above, or below", works: here,
		do: func(m *Model) tea.Cmd { return m.scroll(motion{rows: -1}) },
	}, {
		keys: []string{"J"}, works: here,
		do: func(m *Model) tea.Cmd { return m.scroll(motion{rows: +1}) },
	}, {
		keys: []string{"left", "right"}, shown: "← →", name: "column", help: "timeline: what can happen next, or what has happened",
		works: here,
		do:    func(m *Model) tea.Cmd { m.timeline.column = 1 - m.timeline.column; return nil },
	}, {
		keys: []string{"C"}, shown: "C", name: "compare", help: "timeline: how the ends of the chosen branch and of this one differ",
		works: func(m *Model) (string, bool) {
			l := m.timeline.chosen()
			return "", inTimeline(m) && l != nil && l.kind == aBranch && l.name != m.timeline.past.Branch
		},
		do: func(m *Model) tea.Cmd {
			return m.run("compare " + script.Quote(m.timeline.chosen().name) + " " + script.Quote(m.timeline.past.Branch))
		},
	}, {
		keys: []string{","}, shown: ",", name: "step back", help: "simulated: one step back in time",
		works: func(m *Model) (string, bool) { return "", replays(m) && m.timeline.past.Step > 0 },
		do:    func(m *Model) tea.Cmd { return m.rewind(m.timeline.past.Step - 1) }, late: away,
	}, {
		keys: []string{"<"}, shown: "< >", name: "marks", help: "simulated: to the mark before, or after",
		works: func(m *Model) (string, bool) { _, ok := m.timeline.markFrom(-1); return "", replays(m) && ok },
		do:    func(m *Model) tea.Cmd { step, _ := m.timeline.markFrom(-1); return m.rewind(step) }, late: away,
	}, {
		keys:  []string{">"},
		works: func(m *Model) (string, bool) { _, ok := m.timeline.markFrom(+1); return "", replays(m) && ok },
		do:    func(m *Model) tea.Cmd { step, _ := m.timeline.markFrom(+1); return m.rewind(step) },
	}}
}

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

func (m *Model) timelineEnter() (string, bool) {
	l := m.timeline.chosen()
	if !inTimeline(m) || l == nil {
		return "", false
	}
	return [...]string{aChoice: "let it happen", aMark: "go there", aBranch: "visit"}[l.kind], true
}

func (m *Model) enterTimeline() tea.Cmd {
	switch l := m.timeline.chosen(); l.kind {
	case aChoice:
		return m.run("choose " + script.Quote(l.name))
	case aBranch:
		return m.run("visit " + script.Quote(l.name))
	default:
		return m.rewind(l.step)
	}
}

// rewind goes to a step. The next key counts from there, whether it was seen yet or not.
func (m *Model) rewind(step int) tea.Cmd {
	m.timeline.past.Step = step
	return m.run("rewind " + strconv.Itoa(step))
}

// clickTimeline goes to the step that is clicked in the bar, or chooses a line.
func (m *Model) clickTimeline(x, y int) tea.Cmd {
	p := m.timeline
	if !replays(m) {
		return nil
	}
	if y == 0 {
		return m.rewind(p.stepAt(x))
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
	return nil
}
