package canvas

import "github.com/charmbracelet/x/ansi"

// Span is a piece of a row.
type Span struct {
	Style Style
	Text  string
}

// Span is text in this style.
func (s Style) Span(text string) Span { return Span{s, text} }

// Spans writes pieces one after another.
func (b *Canvas) Spans(all []Span) *Canvas {
	for _, s := range all {
		b.Put(s.Style, s.Text)
	}
	return b
}

// SpansWidth is how many cells pieces take.
func SpansWidth(all []Span) int {
	w := 0
	for _, s := range all {
		w += ansi.StringWidth(s.Text)
	}
	return w
}

// Joined puts a gap between pieces.
func Joined(parts []Span, gap string) []Span {
	var out []Span
	for i, s := range parts {
		if i > 0 {
			out = append(out, Span{Plain, gap})
		}
		out = append(out, s)
	}
	return out
}
