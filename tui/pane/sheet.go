package pane

import (
	"unicode"

	"cluster/splitbrain/tui/canvas"

	"github.com/charmbracelet/x/ansi"
)

// sheet is a rectangle of cells that may be drawn on in any order.
type sheet struct {
	*canvas.Styles
	w, h  int
	cells []canvas.Glyph // row by row; a sign of 0 is the second half of a wide one
}

func newSheet(k *canvas.Styles, w, h int) *sheet {
	s := &sheet{Styles: k, w: max(w, 0), h: max(h, 0)}
	s.cells = make([]canvas.Glyph, s.w*s.h)
	for i := range s.cells {
		s.cells[i].Sign = ' '
	}
	return s
}

// set draws one cell. What it halves is blank.
func (s *sheet) set(x, y int, g canvas.Glyph) {
	if x < 0 || x >= s.w || y < 0 || y >= s.h {
		return
	}
	at := y*s.w + x
	if s.cells[at].Sign == 0 && x > 0 {
		s.cells[at-1].Sign = ' '
	}
	if x+1 < s.w && s.cells[at+1].Sign == 0 {
		s.cells[at+1].Sign = ' '
	}
	s.cells[at] = g
}

func (s *sheet) blank(x, y int) bool {
	return x >= 0 && x < s.w && y >= 0 && y < s.h && s.cells[y*s.w+x].Sign == ' '
}

// allBlank reports whether n cells from x on are blank.
func (s *sheet) allBlank(x, y, n int) bool {
	for i := range n {
		if !s.blank(x+i, y) {
			return false
		}
	}
	return true
}

// inWord reports whether a cell shows a letter or a digit.
func (s *sheet) inWord(x, y int) bool {
	if x < 0 || x >= s.w || y < 0 || y >= s.h {
		return false
	}
	sign := s.cells[y*s.w+x].Sign
	return unicode.IsLetter(sign) || unicode.IsDigit(sign)
}

// text writes text from x on into at most most cells, and returns how many it took.
func (s *sheet) text(x, y, most int, look canvas.Style, text string) int {
	most = min(most, s.w-x)
	if x < 0 || most <= 0 || y < 0 || y >= s.h {
		return 0
	}
	text, width := s.Clean(text)
	text, width = s.Cut(text, width, most)
	at := x
	for _, r := range text {
		w := ansi.StringWidth(string(r))
		if w < 1 || at+w > x+most {
			continue
		}
		s.set(at, y, look.Glyph(r))
		if w == 2 {
			s.set(at+1, y, canvas.Glyph{Style: look})
		}
		at += w
	}
	return min(width, at-x)
}

// spans writes pieces one after another.
func (s *sheet) spans(x, y, most int, all []canvas.Span) int {
	used := 0
	for _, part := range all {
		used += s.text(x+used, y, most-used, part.Style, part.Text)
	}
	return used
}

func (s *sheet) fill(x, y, n int, look canvas.Style, sign rune) {
	for i := range n {
		s.set(x+i, y, look.Glyph(sign))
	}
}

// length draws a bar that lies, as Canvas.Length does: so much of n cells, 0 to 1.
func (s *sheet) length(x, y, n int, look canvas.Style, full float64) {
	const signs = "▏▎▍▌▋▊▉"
	eighths := min(max(int(full*float64(8*n)), 0), 8*n)
	s.fill(x, y, eighths/8, look, '█')
	s.fill(x+eighths/8, y, n-eighths/8, canvas.Faint, '·')
	if part := eighths % 8; part > 0 {
		s.set(x+eighths/8, y, look.Glyph([]rune(signs)[part-1]))
	}
}

// writeTo writes the sheet row by row.
func (s *sheet) writeTo(b *canvas.Canvas) {
	run := make([]rune, 0, s.w)
	for y := range s.h {
		if b.Full() {
			return
		}
		b.Next()
		row := s.cells[y*s.w : (y+1)*s.w]
		for i := 0; i < len(row); {
			look := row[i].Style
			run = run[:0]
			for i < len(row) && (row[i].Style == look || row[i].Sign == ' ') {
				if row[i].Sign != 0 {
					run = append(run, row[i].Sign)
				}
				i++
			}
			b.Put(look, string(run))
		}
	}
}
