package export

import (
	"fmt"
	"slices"
	"strings"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine/lex"
)

// mermaid writes a sequenceDiagram. A message that takes its time stands where it ends.
func (d *diagram) mermaid() string {
	var b strings.Builder
	b.WriteString("sequenceDiagram\n")
	for i, name := range d.lanes {
		fmt.Fprintf(&b, "    participant n%d as %s\n", i, mermaidText(lex.Safe(name)))
	}
	over := func(text string) {
		if last := len(d.lanes) - 1; last >= 0 {
			fmt.Fprintf(&b, "    Note over n0,n%d: %s\n", last, mermaidText(text))
		}
	}
	if note := d.note(); note != "" {
		over(note)
	}
	for _, r := range d.rows {
		switch {
		case r.across():
			over(clock(r.at) + " s: " + r.text)
		case r.message == nil:
			fmt.Fprintf(&b, "    Note over %s: %s\n", r.span("n%d"), mermaidText(clock(r.at)+" s: "+r.text))
		case !r.start || r.message.fate == underWay:
			fmt.Fprintf(&b, "    n%d%sn%d: %s\n", r.from, r.message.mermaidArrow(), r.to, mermaidText(r.text+r.message.wait(r)))
		}
	}
	return b.String()
}

// span names the lane that a row is about, or the first and the last of them.
func (r *row) span(name string) string {
	first, last := slices.Min(r.nodes), slices.Max(r.nodes)
	text := fmt.Sprintf(name, first)
	if last > first {
		text += "," + fmt.Sprintf(name, last)
	}
	return text
}

func (m *message) mermaidArrow() string {
	line := "-"
	if m.role == netsim.Reply {
		line = "--"
	}
	switch m.fate {
	case lost:
		return line + "x"
	case delivered:
		return line + ">>"
	}
	return line + ")" // it has left, and nobody waits at the arrow's head yet
}

// wait tells when a message was sent that ends later, after other things.
func (m *message) wait(r row) string {
	switch {
	case m.fate == underWay:
		return " (under way)"
	case r.whole || !m.known:
		return ""
	}
	return fmt.Sprintf(" (sent at %s s)", clock(m.sent))
}

// mermaidText escapes what means something to mermaid or to HTML.
var mermaidText = strings.NewReplacer(
	"#", "#35;", ";", "#59;", "<", "#lt;", ">", "#gt;", "&", "#amp;", `"`, "#quot;", "%", "#37;", "`", "#96;", "\\", "#92;",
	"{", "#123;", "}", "#125;", "$", "#36;",
).Replace
