package record

import (
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"
)

// Frames records whole frames of a program that has no terminal. Not safe for concurrent use.
type Frames struct {
	w     *Writer
	shown string
	begun bool
}

// NewFrames records to w.
func NewFrames(w *Writer) *Frames { return &Frames{w: w} }

// Show notes the frame that is seen from a time since the beginning on: lines, with ANSI styles, of w's size. One
// that is seen already costs nothing.
func (f *Frames) Show(at time.Duration, frame string) error {
	if f.begun && frame == f.shown {
		return nil
	}
	f.shown, f.begun = frame, true
	var b strings.Builder
	b.WriteString(blank)
	for i, line := range strings.Split(frame, "\n") {
		// Going to each line, since terminals disagree about the end of a full one.
		b.WriteString(ansi.CursorPosition(1, i+1) + strings.TrimRight(line, "\r") + ansi.ResetStyle)
	}
	return f.w.Output(at, []byte(b.String()))
}
