package record

import (
	"fmt"
	"image/color"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/cellbuf"
)

// cell is one character and how it looks, or the right half of a wide one, which has no text.
type cell struct {
	text string
	wide bool
	cellbuf.Style
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
	var now cellbuf.Style
	x, y := 0, 0
	for len(frame) > 0 && y < height {
		seq, w, n, next := ansi.DecodeSequence(frame, state, p)
		state, frame = next, frame[n:]
		switch {
		case seq == "\n":
			x, y = 0, y+1
		case w > 0 && x+w <= width:
			rows[y][x] = cell{text: seq, wide: w > 1, Style: now}
			for i := 1; i < w; i++ {
				rows[y][x+i] = cell{Style: now}
			}
			x += w
		case w > 0:
			x = width
		case ansi.Cmd(p.Command()) == 'm' && ansi.HasCsiPrefix(seq):
			cellbuf.ReadStyle(p.Params(), &now)
		}
	}
	return rows
}

// hex is a terminal's colour in a theme; def is that of the default one, nil.
func (t *palette) hex(c color.Color, def string) string {
	if c == nil {
		return def
	}
	var n uint8
	switch c := c.(type) {
	case ansi.BasicColor:
		n = uint8(c)
	case ansi.IndexedColor:
		n = uint8(c)
	default:
		n = 16
	}
	if n < 16 { // those that a theme chooses
		return t.colours[n]
	}
	r, g, b, _ := c.RGBA()
	return fmt.Sprintf("#%02x%02x%02x", r>>8, g>>8, b>>8)
}
