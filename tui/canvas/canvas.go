// Package canvas is the drawing kit of the terminal program, and the only place that makes escape sequences. It knows
// nothing of clusters. A Style says what a piece of text means, Styles is a theme made ready, and a Canvas is a rectangle
// that is written row by row:
//
//	c := canvas.NewStyles(canvas.Dark, false, false).Canvas(20, 2)
//	c.Next().Col(canvas.Strong, "s1", 5).Put(canvas.Primary, "P primary")
//	rows := c.Lines() // two rows, each 20 cells wide
package canvas

import (
	"strings"
	"unicode/utf8"

	"cluster/splitbrain/tui/terminal/locale"
)

// Canvas is a rectangle that is being written, row by row. Everything that reaches the screen goes through one: rows
// come out exactly as wide, and the rectangle exactly as high, as was asked for, and text is made safe for the terminal.
type Canvas struct {
	*Styles
	W, H  int
	rows  []string
	row   []byte
	Left  int // cells of the row that are still free
	begun bool

	caretX, caretY int
	caret          bool // there is one
}

// Canvas begins a rectangle of w × h cells.
func (k *Styles) Canvas(w, h int) *Canvas {
	return &Canvas{Styles: k, W: max(w, 0), H: max(h, 0), rows: make([]string, 0, max(h, 0))}
}

// Next begins another row.
func (b *Canvas) Next() *Canvas {
	b.flush()
	b.begun, b.Left = true, b.W
	b.row = make([]byte, 0, b.W+96)
	return b
}

func (b *Canvas) flush() {
	if b.begun && len(b.rows) < b.H {
		b.row = appendSpaces(b.row, b.Left)
		b.rows = append(b.rows, string(b.row))
	}
	b.begun = false
}

// Full reports whether there is no room for another row.
func (b *Canvas) Full() bool { return b.Room() == 0 }

// Room is how many rows are still free.
func (b *Canvas) Room() int {
	used := len(b.rows)
	if b.begun {
		used++
	}
	return max(b.H-used, 0)
}

// Lines ends the rectangle. Rows that were not written are empty.
func (b *Canvas) Lines() []string {
	b.flush()
	for len(b.rows) < b.H {
		b.rows = append(b.rows, strings.Repeat(" ", b.W))
	}
	return b.rows
}

// PutCaret marks where the next character would be typed.
func (b *Canvas) PutCaret() *Canvas {
	b.caretX, b.caretY, b.caret = b.W-b.Left, len(b.rows), b.Left > 0 && len(b.rows) < b.H
	return b
}

// Caret is where PutCaret was called last, if that is seen.
func (b *Canvas) Caret() (x, y int, ok bool) { return b.caretX, b.caretY, b.caret }

// Put writes text. What doesn't fit is cut, and the cut is marked.
func (b *Canvas) Put(r Style, text string) *Canvas { return b.Cell(r, text, b.Left, 0) }

// Col writes text into a column of w cells, the last of which stays free.
func (b *Canvas) Col(r Style, text string, w int) *Canvas {
	w = min(w, b.Left)
	before := b.Left
	b.Cell(r, text, w-1, 0)
	return b.Space(w - (before - b.Left))
}

// Words writes text into at most most cells. What doesn't fit is cut after a whole word, and the cut is marked.
func (b *Canvas) Words(r Style, text string, most int) *Canvas {
	text, width := b.Clean(text)
	text, _ = b.CutWords(text, width, min(most, b.Left))
	return b.Cell(r, text, most, 0)
}

// Num writes text to the right end of a column of w cells.
func (b *Canvas) Num(r Style, text string, w int) *Canvas {
	w = min(w, b.Left)
	return b.Cell(r, text, w, w)
}

// Cell writes text into at most most cells, after spaces that fill it up to least cells.
func (b *Canvas) Cell(r Style, text string, most, least int) *Canvas {
	most = min(most, b.Left)
	if most <= 0 {
		return b
	}
	text, width := b.Clean(text)
	text, width = b.Cut(text, width, most)
	b.Space(least - width)
	b.write(r, text)
	b.Left -= width
	return b
}

// write appends what is safe and fits already.
func (b *Canvas) write(r Style, text string) {
	if b.begin[r] == "" || isBlank(text) {
		b.row = append(b.row, text...)
		return
	}
	b.row = append(b.row, b.begin[r]...)
	b.row = append(b.row, text...)
	b.row = append(b.row, endOfStyle...)
}

func isBlank(text string) bool {
	for i := range len(text) {
		if text[i] != ' ' {
			return false
		}
	}
	return true
}

// Space leaves n cells empty.
func (b *Canvas) Space(n int) *Canvas {
	n = min(max(n, 0), b.Left)
	b.row = appendSpaces(b.row, n)
	b.Left -= n
	return b
}

// At leaves cells empty up to column x.
func (b *Canvas) At(x int) *Canvas { return b.Space(x - (b.W - b.Left)) }

// Repeat draws n times one of our own characters.
func (b *Canvas) Repeat(r Style, what rune, n int) *Canvas {
	n = min(max(n, 0), b.Left)
	if b.ASCII && what >= utf8.RuneSelf {
		what = rune(locale.InASCII[what])
	}
	b.Left -= n
	b.write(r, strings.Repeat(string(what), n))
	return b
}

// Beside joins columns of equal height from left to right, a cell apart.
func Beside(columns [][]string) []string {
	if len(columns) == 1 {
		return columns[0]
	}
	out := make([]string, len(columns[0]))
	parts := make([]string, len(columns))
	for i := range out {
		for c := range columns {
			parts[c] = columns[c][i]
		}
		out[i] = strings.Join(parts, " ")
	}
	return out
}

func appendSpaces(b []byte, n int) []byte {
	for ; n > 0; n-- {
		b = append(b, ' ')
	}
	return b
}
