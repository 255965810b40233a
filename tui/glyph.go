package tui

import "cluster/splitbrain/tui/terminal/locale"

// glyph is one cell of a diagram.
type glyph struct {
	sign rune
	look role
}

// signs writes cells of one look, all our own characters.
func (b *block) signs(cells []glyph) {
	text := make([]rune, 0, len(cells))
	for _, c := range cells[:min(len(cells), b.left)] {
		if b.ascii && c.sign > '~' {
			c.sign = rune(locale.InASCII[c.sign])
		}
		text = append(text, c.sign)
	}
	b.left -= len(text)
	b.write(cells[0].look, string(text))
}

// bar is the cell of a value's column, above so many others of the chart's rows.
func bar(value, most float64, above, rows int) rune {
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

func (b *block) chosen(is bool) *block {
	if is {
		return b.put(selected, "▸ ")
	}
	return b.space(2)
}

const fieldCol = 13

// field writes a name and a text, which may take some rows.
func (b *block) field(name, text string) {
	const most = 4 // rows
	if text == "" || b.full() {
		return
	}
	for i, part := range b.wrap(text, b.w-fieldCol-3, min(most, b.room())) {
		if i > 0 {
			name = ""
		}
		b.next().space(2).col(muted, name, fieldCol).put(plain, part)
	}
}
