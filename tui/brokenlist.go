package tui

import (
	"cluster/splitbrain/netsim"
	"cluster/splitbrain/tui/canvas"
)

// ruleList are the rules that are off, with what happens without them and the damage to expect, in rows of w cells.
func (s *scene) ruleList(w int) []entry {
	var rows []entry
	for _, r := range s.Disabled.Rules() {
		rows = append(rows, entry{look: canvas.Alarm, text: "✗ RULE OFF " + r.String() + " " + r.Refs().String()})
		for _, line := range canvas.Wrap(r.Effect()+": "+r.Damage(), max(w-2, 20), 8) {
			rows = append(rows, entry{look: canvas.Plain, text: "  " + line})
		}
	}
	return rows
}

// offSpans are the rules that are off, by name where one is and there is room.
func (s *scene) offSpans(c candour) []canvas.Span {
	rules := s.Disabled.Rules()
	switch n := len(rules); {
	case n == 0:
		return nil
	case c >= inBrief:
		return []canvas.Span{canvas.Alarm.Span("✗OFF")}
	case n > 1:
		return []canvas.Span{canvas.Alarm.Span("✗ " + count(n) + " RULES OFF")}
	case c == each:
		return []canvas.Span{canvas.Alarm.Span("✗ RULE OFF " + rules[0].String())}
	case c < unnamed:
		return []canvas.Span{canvas.Alarm.Span("✗ " + rules[0].String() + " off")}
	}
	return []canvas.Span{canvas.Alarm.Span("✗ RULE OFF")}
}

// timeList is what is unusual about time.
func (s *scene) timeList() []entry {
	var rows []entry
	if s.Paused {
		rows = append(rows, entry{look: canvas.Broken, text: "‖ pause: space resumes time"})
	}
	if v := s.speed(); v != 1 {
		rows = append(rows, entry{look: canvas.Broken, text: "× speed " + speedText(v)})
	}
	return rows
}

func lookOfFault(row netsim.FaultRow) canvas.Style {
	if row.OnNode {
		return canvas.Frozen
	}
	return canvas.Broken
}

// brokenList is everything that is broken, in the words of commands; nil if nothing is.
func (s *scene) brokenList() []entry {
	var rows []entry
	for _, n := range s.nodes {
		if s.State(n) == netsim.Crashed {
			rows = append(rows, entry{look: canvas.Dead, text: "✗ crashed " + n})
		}
	}
	for _, f := range s.Faults {
		if row := f.Kind.Row(); row.OnNode {
			rows = append(rows, entry{look: lookOfFault(row), text: row.Mark + " " + f.String()})
		}
	}
	rows = append(rows, s.cutList()...)
	return append(rows, s.otherFaults()...)
}

// fewAlike is how many faults that differ in one end alone have a row each.
const fewAlike = 3

// alike is what faults have in common that differ in one end alone.
type alike struct {
	netsim.Fault // without its ends
	from, to     string
}

func inFrom(f netsim.Fault) alike { return alike{bare(f), f.From, ""} }
func inTo(f netsim.Fault) alike   { return alike{bare(f), "", f.To} }

func bare(f netsim.Fault) netsim.Fault {
	f.From, f.To = "", ""
	return f
}

// otherFaults are all faults of links but cuts. Where many differ in one end alone they share a row.
func (s *scene) otherFaults() []entry {
	n := map[alike]int{}
	for _, f := range s.Faults {
		n[inFrom(f)]++
		n[inTo(f)]++
	}
	told := map[alike]bool{}
	var rows []entry
	for _, f := range s.Faults {
		if f.Kind == netsim.FaultCut || f.Kind.Row().OnNode {
			continue
		}
		group := inTo(f)
		if from := inFrom(f); n[from] > n[group] {
			group = from
		}
		text := f.String() + s.heldWords(f)
		if n[group] > fewAlike {
			if told[group] {
				continue
			}
			told[group] = true
			text = together(f, group, n[group])
		}
		rows = append(rows, entry{look: canvas.Broken, text: f.Kind.Row().Mark + " " + text})
	}
	return rows
}

// together is one row for n faults.
func together(f netsim.Fault, group alike, n int) string {
	if group.to != "" {
		f.From = "…"
		return f.String() + "   from " + plural(n, "node")
	}
	f.To = "…"
	return f.String() + "   to " + plural(n, "node")
}

func (s *scene) heldWords(f netsim.Fault) string {
	n := len(s.HeldOn(f.From, f.To))
	if f.Kind != netsim.FaultHold || n == 0 {
		return ""
	}
	return "   " + count(n) + " held"
}
