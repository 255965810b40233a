package tui

import "github.com/charmbracelet/x/ansi"

// span is a piece of a row.
type span struct {
	look role
	text string
}

func (b *block) spans(all []span) *block {
	for _, s := range all {
		b.put(s.look, s.text)
	}
	return b
}

func spansWidth(all []span) int {
	w := 0
	for _, s := range all {
		w += ansi.StringWidth(s.text)
	}
	return w
}

func joined(parts []span, gap string) []span {
	var out []span
	for i, s := range parts {
		if i > 0 {
			out = append(out, span{plain, gap})
		}
		out = append(out, s)
	}
	return out
}
