package export

import (
	"fmt"
	"strings"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine/lex"
)

// plantuml writes a sequence diagram of PlantUML. A message that takes its time stands where it ends.
func (d *diagram) plantuml() string {
	var b strings.Builder
	b.WriteString("@startuml\n")
	for i, name := range d.lanes {
		fmt.Fprintf(&b, "participant \"%s\" as n%d\n", plantText(lex.Safe(name)), i)
	}
	if note := d.note(); note != "" {
		fmt.Fprintf(&b, "hnote across: %s\n", plantText(note))
	}
	for _, r := range d.rows {
		switch {
		case r.across():
			fmt.Fprintf(&b, "hnote across: %s\n", plantText(clock(r.at)+" s: "+r.text))
		case r.message == nil:
			fmt.Fprintf(&b, "hnote over %s: %s\n", r.span("n%d"), plantText(clock(r.at)+" s: "+r.text))
		case !r.start || r.message.fate == underWay:
			fmt.Fprintf(&b, "n%d %s n%d: %s\n", r.from, r.message.plantArrow(), r.to, plantText(r.text+r.message.wait(r)))
		}
	}
	b.WriteString("@enduml\n")
	return b.String()
}

func (m *message) plantArrow() string {
	line := "-"
	if m.role == netsim.Reply {
		line = "--"
	}
	switch m.fate {
	case lost:
		return line + ">x"
	case delivered:
		return line + ">"
	}
	return line + ">o" // it has left, and nobody waits at the arrow's head yet
}

// plantText escapes what means something to PlantUML.
var plantText = func() func(string) string {
	var all []string
	for _, mark := range []string{`\`, "<", ">", "~", "%", "$", "&", "@", `"`, "--", "//", "**", "__", "[[", "]]", "{{", "}}", "^^"} {
		code := ""
		for _, r := range mark {
			code += fmt.Sprintf("<U+%04X>", r)
		}
		all = append(all, mark, code)
	}
	return strings.NewReplacer(all...).Replace
}()
