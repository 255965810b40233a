package canvas

import "cluster/splitbrain/tui/terminal/locale"

// Glyph is one cell of a diagram.
type Glyph struct {
	Sign  rune
	Style Style
}

// Glyph is one of our own characters in this style.
func (s Style) Glyph(sign rune) Glyph { return Glyph{sign, s} }

// Glyphs writes cells of one style, all of them our own characters.
func (b *Canvas) Glyphs(cells []Glyph) {
	text := make([]rune, 0, len(cells))
	for _, c := range cells[:min(len(cells), b.Left)] {
		if b.ASCII && c.Sign > '~' {
			c.Sign = rune(locale.InASCII[c.Sign])
		}
		text = append(text, c.Sign)
	}
	b.Left -= len(text)
	b.write(cells[0].Style, string(text))
}

// Bar is the cell of a value's column, above so many others of the chart's rows.
func Bar(value, most float64, above, rows int) rune {
	const signs = "▁▂▃▄▅▆▇█"
	switch {
	case value < 0, value == 0 && above > 0:
		return ' '
	case most <= 0, value == 0:
		return '▁'
	}
	eighths := int(value/most*float64(8*rows)+0.5) - 8*above
	if above == 0 {
		eighths = max(eighths, 1)
	}
	if eighths <= 0 {
		return ' '
	}
	return []rune(signs)[min(eighths, 8)-1]
}

// Length writes a bar that lies: so many eighths of a cell in this style, the rest of the cells empty.
func (b *Canvas) Length(look Style, eighths, cells int) *Canvas {
	const signs = "▏▎▍▌▋▊▉"
	eighths = min(max(eighths, 0), 8*cells)
	b.Repeat(look, '█', eighths/8)
	if part := eighths % 8; part > 0 {
		b.Repeat(look, []rune(signs)[part-1], 1)
	}
	return b.Repeat(Faint, '·', cells-(eighths+7)/8)
}

// Chosen begins a row of a list, with a mark if it is the chosen one.
func (b *Canvas) Chosen(is bool) *Canvas {
	if is {
		return b.Put(Selected, "▸ ")
	}
	return b.Space(2)
}

// FieldCol is how many cells the names of fields take.
const FieldCol = 13

// Field writes a name and a text, which may take some rows.
func (b *Canvas) Field(name, text string) {
	const most = 4 // rows
	if text == "" || b.Full() {
		return
	}
	for i, part := range b.Wrap(text, b.W-FieldCol-3, min(most, b.Room())) {
		if i > 0 {
			name = ""
		}
		b.Next().Space(2).Col(Muted, name, FieldCol).Put(Plain, part)
	}
}
