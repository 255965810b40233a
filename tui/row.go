package tui

import (
	"cluster/splitbrain/tui/terminal/locale"
	"strings"
	"unicode/utf8"
)

// block is a rectangle that is being written, row by row. Everything that reaches the screen goes through it: it
// makes rows exactly as wide and the block exactly as high as was asked for, and text safe for the terminal.
type block struct {
	*ink
	w, h  int
	rows  []string
	row   []byte
	left  int // cells of the row still free
	begun bool
}

func (k *ink) block(w, h int) *block {
	return &block{ink: k, w: max(w, 0), h: max(h, 0), rows: make([]string, 0, max(h, 0))}
}

// next begins another row.
func (b *block) next() *block {
	b.flush()
	b.begun, b.left = true, b.w
	b.row = make([]byte, 0, b.w+96)
	return b
}

func (b *block) flush() {
	if b.begun && len(b.rows) < b.h {
		b.row = appendSpaces(b.row, b.left)
		b.rows = append(b.rows, string(b.row))
	}
	b.begun = false
}

// full reports whether there is no room for another row.
func (b *block) full() bool { return b.room() == 0 }

// room is how many rows are still free.
func (b *block) room() int {
	used := len(b.rows)
	if b.begun {
		used++
	}
	return max(b.h-used, 0)
}

// lines ends the block. Rows that were not written are empty.
func (b *block) lines() []string {
	b.flush()
	for len(b.rows) < b.h {
		b.rows = append(b.rows, strings.Repeat(" ", b.w))
	}
	return b.rows
}

// put writes text. What doesn't fit is cut, and the cut is marked.
func (b *block) put(r role, text string) *block { return b.cell(r, text, b.left, 0) }

// col writes text into a column of w cells, the last of which stays free.
func (b *block) col(r role, text string, w int) *block {
	w = min(w, b.left)
	before := b.left
	b.cell(r, text, w-1, 0)
	return b.space(w - (before - b.left))
}

// num writes text to the right end of a column of w cells.
func (b *block) num(r role, text string, w int) *block {
	w = min(w, b.left)
	return b.cell(r, text, w, w)
}

// cell writes text into at most most cells, after spaces that fill it up to least cells.
func (b *block) cell(r role, text string, most, least int) *block {
	most = min(most, b.left)
	if most <= 0 {
		return b
	}
	text, width := b.clean(text)
	text, width = b.cut(text, width, most)
	b.space(least - width)
	b.write(r, text)
	b.left -= width
	return b
}

// write appends what is safe and fits already.
func (b *block) write(r role, text string) {
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

// space leaves n cells empty.
func (b *block) space(n int) *block {
	n = min(max(n, 0), b.left)
	b.row = appendSpaces(b.row, n)
	b.left -= n
	return b
}

// at leaves cells empty up to column x.
func (b *block) at(x int) *block { return b.space(x - (b.w - b.left)) }

// repeat draws n times one of our own characters.
func (b *block) repeat(r role, what rune, n int) *block {
	n = min(max(n, 0), b.left)
	if b.ascii && what >= utf8.RuneSelf {
		what = rune(locale.InASCII[what])
	}
	b.left -= n
	b.write(r, strings.Repeat(string(what), n))
	return b
}

// beside joins columns of equal height from left to right, a cell apart.
func beside(columns [][]string) []string {
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
