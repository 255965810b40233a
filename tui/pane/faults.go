package pane

import (
	"slices"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/canvas"
)

// ruleList are the rules that are off, with what happens without them and the damage to expect, in rows of w cells.
func (s *Index) ruleList(w int) []Entry {
	var rows []Entry
	for _, r := range s.Disabled.Rules() {
		rows = append(rows, Entry{Style: canvas.Alarm, Text: "✗ RULE OFF " + r.String() + " " + r.Refs().String()})
		for _, line := range canvas.Wrap(r.Effect()+": "+r.Damage(), max(w-2, 20), 8) {
			rows = append(rows, Entry{Style: canvas.Plain, Text: "  " + line})
		}
	}
	return rows
}

// timeList is what is unusual about time.
func (s *Index) timeList() []Entry {
	var rows []Entry
	if s.Paused {
		rows = append(rows, Entry{Style: canvas.Broken, Text: "‖ pause: space resumes time"})
	}
	if v := s.speed(); v != 1 {
		rows = append(rows, Entry{Style: canvas.Broken, Text: "× speed " + SpeedText(v)})
	}
	return rows
}

func lookOfFault(row netsim.FaultRow) canvas.Style {
	if row.OnNode {
		return canvas.Frozen
	}
	return canvas.Broken
}

// CrashWords say that a node has crashed.
func CrashWords(node string) string { return "✗ crashed " + node }

// brokenList is everything that is broken, in the words of commands; nil if nothing is.
func (s *Index) brokenList() []Entry {
	var rows []Entry
	for _, n := range s.Nodes {
		if s.State(n) == netsim.Crashed {
			rows = append(rows, Entry{Style: canvas.Dead, Text: CrashWords(n)})
		}
	}
	for _, f := range s.Faults {
		if row := f.Kind.Row(); row.OnNode {
			rows = append(rows, Entry{Style: lookOfFault(row), Text: row.Mark + " " + f.String()})
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
func (s *Index) otherFaults() []Entry {
	n := map[alike]int{}
	for _, f := range s.Faults {
		n[inFrom(f)]++
		n[inTo(f)]++
	}
	told := map[alike]bool{}
	var rows []Entry
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
		rows = append(rows, Entry{Style: canvas.Broken, Text: f.Kind.Row().Mark + " " + text})
	}
	return rows
}

// together is one row for n faults.
func together(f netsim.Fault, group alike, n int) string {
	if group.to != "" {
		f.From = "…"
		return f.String() + "   from " + engine.Plural(n, "node")
	}
	f.To = "…"
	return f.String() + "   to " + engine.Plural(n, "node")
}

func (s *Index) heldWords(f netsim.Fault) string {
	n := len(s.HeldOn(f.From, f.To))
	if f.Kind != netsim.FaultHold || n == 0 {
		return ""
	}
	return "   " + engine.Count(n) + " held"
}

// countFaults counts links by what is done to them. The two directions of a link count as one.
func (s *Index) countFaults() map[netsim.FaultKind]int {
	n := map[netsim.FaultKind]int{}
	for _, f := range s.Faults {
		if f.From < f.To || f.To == "" || !s.Suffers(f.To, f.From, f.Kind) {
			n[f.Kind]++
		}
	}
	return n
}

// Broken tells what is not as it should be, by kinds.
func (s *Index) Broken() []canvas.Span {
	out := s.cutSpans()
	n := s.countFaults()
	for _, k := range netsim.FaultKinds() {
		switch row := k.Row(); {
		case k == netsim.FaultCut:
		case k == netsim.FaultHold && len(s.Held) > 0:
			out = append(out, canvas.Broken.Span(row.Mark+" "+engine.Count(len(s.Held))+" held"))
		case n[k] == 1 && !row.OnNode && len(s.Faulty) == 1:
			i := slices.IndexFunc(s.Faults, func(f netsim.Fault) bool { return f.Kind == k })
			out = append(out, lookOfFault(row).Span(row.Mark+" "+s.Faults[i].From+" > "+s.Faults[i].To+" "+row.Counted))
		case n[k] > 0:
			out = append(out, lookOfFault(row).Span(row.Mark+" "+engine.Count(n[k])+" "+row.Counted))
		}
	}
	return out
}

// BrokenInAll is broken in fewer words: in its own if that is one, else as a number.
func (s *Index) BrokenInAll() []canvas.Span {
	if all := s.Broken(); len(all) == 1 && len(s.Faulty) == 1 {
		return all
	}
	if len(s.Faulty) == 0 {
		return nil
	}
	return []canvas.Span{canvas.Broken.Span("✗ " + engine.Plural(len(s.Faulty), "fault"))}
}
