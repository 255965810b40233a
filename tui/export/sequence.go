package export

import (
	"fmt"
	"slices"
	"strings"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine/lex"
)

// dialect is a language in which a sequence diagram is written. Lanes are called n0, n1, …
type dialect struct {
	begin, end  string
	participant string // with the lane's number and its name
	across      string // a note over all lanes, with the last lane's number and the text
	over        string // a note over some lanes, with them and the text
	message     string // with the lane that it comes from, the arrow, the lane that it goes to, and the text
	// arrows are the heads of messages that arrive, get lost, or are under way, whose line is - or, of replies, --.
	arrives, lost, underWay string
	escape                  func(string) string
}

// sequence writes the diagram in a dialect. A message that takes its time stands where it ends.
func (d *diagram) sequence(in *dialect) string {
	var b strings.Builder
	b.WriteString(in.begin)
	for i, name := range d.lanes {
		fmt.Fprintf(&b, in.participant, i, in.escape(lex.Safe(name)))
	}
	across := func(text string) {
		if last := len(d.lanes) - 1; last >= 0 {
			fmt.Fprintf(&b, in.across, last, in.escape(text))
		}
	}
	if note := d.note(); note != "" {
		across(note)
	}
	for _, r := range d.rows {
		switch {
		case r.across():
			across(clock(r.at) + " s: " + r.text)
		case r.message == nil:
			fmt.Fprintf(&b, in.over, r.span("n%d"), in.escape(clock(r.at)+" s: "+r.text))
		case !r.start || r.message.fate == underWay:
			fmt.Fprintf(&b, in.message, r.from, in.arrow(r.message), r.to, in.escape(r.text+r.message.wait(r)))
		}
	}
	b.WriteString(in.end)
	return b.String()
}

func (in *dialect) arrow(m *message) string {
	line := "-"
	if m.role == netsim.Reply {
		line = "--"
	}
	switch m.fate {
	case lost:
		return line + in.lost
	case delivered:
		return line + in.arrives
	}
	return line + in.underWay // it has left, and nobody waits at the arrow's head yet
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

// mermaid is that of mermaid's sequenceDiagram, which knows HTML.
var mermaid = dialect{
	begin: "sequenceDiagram\n", participant: "    participant n%d as %s\n",
	across: "    Note over n0,n%d: %s\n", over: "    Note over %s: %s\n", message: "    n%d%sn%d: %s\n",
	arrives: ">>", lost: "x", underWay: ")",
	escape: strings.NewReplacer(
		"#", "#35;", ";", "#59;", "<", "#lt;", ">", "#gt;", "&", "#amp;", `"`, "#quot;", "%", "#37;", "`", "#96;", "\\", "#92;",
		"{", "#123;", "}", "#125;", "$", "#36;",
	).Replace,
}

// plantuml is that of PlantUML.
var plantuml = dialect{
	begin: "@startuml\n", end: "@enduml\n", participant: "participant \"%[2]s\" as n%[1]d\n",
	across: "hnote across: %[2]s\n", over: "hnote over %s: %s\n", message: "n%d %s n%d: %s\n",
	arrives: ">", lost: ">x", underWay: ">o", escape: plantText(),
}

// plantText escapes what means something to PlantUML.
func plantText() func(string) string {
	var all []string
	for _, mark := range []string{`\`, "<", ">", "~", "%", "$", "&", "@", `"`, "--", "//", "**", "__", "[[", "]]", "{{", "}}", "^^"} {
		code := ""
		for _, r := range mark {
			code += fmt.Sprintf("<U+%04X>", r)
		}
		all = append(all, mark, code)
	}
	return strings.NewReplacer(all...).Replace
}
