package record

import (
	"fmt"

	"github.com/charmbracelet/x/ansi"
)

// colour is one of a terminal's; the zero colour is the default one.
type colour struct {
	kind uint8 // 0: the default, 1: of the palette, 2: exact
	n    uint8 // of the palette
	rgb  [3]uint8
}

// look is how a cell looks.
type look struct {
	fg, bg                         colour
	bold, faint, italic, underline bool
	reverse, strike                bool
}

// cell is one character, or the right half of a wide one, which has no text.
type cell struct {
	text string
	wide bool
	look
}

// cells lays a frame out: lines of text with SGR sequences. What does not fit is cut off; other sequences, and control
// characters, are left out.
func cells(frame string, width, height int) [][]cell {
	rows := make([][]cell, height)
	for y := range rows {
		rows[y] = make([]cell, width)
	}
	p := ansi.NewParser()
	var state byte
	var now look
	x, y := 0, 0
	for len(frame) > 0 && y < height {
		seq, w, n, next := ansi.DecodeSequence(frame, state, p)
		state, frame = next, frame[n:]
		switch {
		case seq == "\n":
			x, y = 0, y+1
		case w > 0 && x+w <= width:
			rows[y][x] = cell{text: seq, wide: w > 1, look: now}
			for i := 1; i < w; i++ {
				rows[y][x+i] = cell{look: now}
			}
			x += w
		case w > 0:
			x = width
		case ansi.Cmd(p.Command()) == 'm' && ansi.HasCsiPrefix(seq):
			now = now.styled(p.Params())
		}
	}
	return rows
}

// styled is the look after an SGR sequence.
func (l look) styled(params ansi.Params) look {
	if len(params) == 0 {
		return look{}
	}
	for i := 0; i < len(params); i++ {
		n, _, _ := params.Param(i, 0)
		switch {
		case n == 38 || n == 48:
			c, used := extended(params, i+1)
			if i += used; n == 38 {
				l.fg = c
			} else {
				l.bg = c
			}
		case n >= 30 && n <= 37, n >= 90 && n <= 97:
			l.fg = basic(n)
		case n >= 40 && n <= 47, n >= 100 && n <= 107:
			l.bg = basic(n - 10)
		default:
			l.set(n)
		}
	}
	return l
}

// basic is the colour of the foreground code 30–37 or 90–97.
func basic(code int) colour {
	if code >= 90 {
		return colour{kind: 1, n: uint8(code - 90 + 8)}
	}
	return colour{kind: 1, n: uint8(code - 30)}
}

// extended reads 5;n or 2;r;g;b, and says how many parameters that were.
func extended(params ansi.Params, i int) (c colour, used int) {
	at := func(i int) uint8 {
		n, _, _ := params.Param(i, 0)
		return uint8(min(max(n, 0), 255))
	}
	switch at(i) {
	case 5:
		return colour{kind: 1, n: at(i + 1)}, 2
	case 2:
		return colour{kind: 2, rgb: [3]uint8{at(i + 1), at(i + 2), at(i + 3)}}, 4
	}
	return colour{}, 1
}

func (l *look) set(n int) {
	switch n {
	case 0:
		*l = look{}
	case 1:
		l.bold = true
	case 2:
		l.faint = true
	case 3:
		l.italic = true
	case 4:
		l.underline = true
	case 7:
		l.reverse = true
	case 9:
		l.strike = true
	case 22:
		l.bold, l.faint = false, false
	case 23:
		l.italic = false
	case 24:
		l.underline = false
	case 27:
		l.reverse = false
	case 29:
		l.strike = false
	case 39:
		l.fg = colour{}
	case 49:
		l.bg = colour{}
	}
}

// hex is the colour in a theme; def is the default one's.
func (c colour) hex(t *palette, def string) string {
	switch {
	case c.kind == 0:
		return def
	case c.kind == 2:
		return fmt.Sprintf("#%02x%02x%02x", c.rgb[0], c.rgb[1], c.rgb[2])
	case c.n < 16:
		return t.colours[c.n]
	case c.n < 232: // a cube of 6 × 6 × 6
		level := func(v uint8) int { return []int{0, 95, 135, 175, 215, 255}[v%6] }
		n := c.n - 16
		return fmt.Sprintf("#%02x%02x%02x", level(n/36), level(n/6), level(n))
	}
	grey := 8 + 10*int(c.n-232)
	return fmt.Sprintf("#%02x%02x%02x", grey, grey, grey)
}
