package pane

import (
	"fmt"
	"strings"
)

// CopyText is the chosen message with all that became of it, or what happened between messages.
func (p *Messages) CopyText(*Index) (text, what string) {
	if k := p.currentMark(); k != nil {
		text = k.text
		if k.view != nil {
			text += ": " + causeWords(k.view.Causes)
		}
		return text, "what happened"
	}
	m := p.current()
	if m == nil || p.onFold() {
		return "", ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "#%d %v %s > %s %s: %s\n", m.id, m.role, m.from, m.to, m.method, m.summary)
	for _, s := range m.life {
		fmt.Fprintf(&b, "%s %v %s\n", Clock(s.at), s.kind, s.why)
	}
	return b.String(), "message " + numberOf(m.id)
}

// CopyText is the chosen key's value, as far as it is told: the primary's, or that of the first server that has it.
func (p *Maps) CopyText(now *Index) (text, what string) {
	at := p.at()
	if at < 0 {
		return "", ""
	}
	row := p.row(now.Primary, at)
	for i := 0; i < len(now.Servers) && row.Size < 0; i++ {
		row = p.row(now.Servers[i].Name, at)
	}
	return row.Value, "the value of " + Shorter(p.seen.Keys[at])
}

// CopyText is the chosen operation.
func (p *History) CopyText(*Index) (text, what string) {
	if !p.held || !p.Readable() {
		return "", ""
	}
	bar := p.rows[p.at()].Bar
	return fmt.Sprintf("%s  %s to %s", bar.Operation, Clock(bar.Call), Clock(endOf(bar))), "the operation"
}
