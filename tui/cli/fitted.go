package cli

import (
	"io"
	"os"
	"strings"

	"cluster/splitbrain/tui/canvas"
	"cluster/splitbrain/tui/terminal"
)

// fitted tells on out, in lines that are no wider than the terminal if out is one.
func fitted(out io.Writer, tell func(io.Writer) error) error {
	f := terminalOf(out)
	if f == nil {
		return tell(out)
	}
	var text strings.Builder
	if err := tell(&text); err != nil {
		return err
	}
	w, _, _ := terminal.Size(f.Fd(), os.Getenv)
	_, err := io.WriteString(out, wrapped(text.String(), w))
	return err
}

// wrapped breaks lines that are wider than w between words. What goes on stands a little further to the right than its line.
func wrapped(text string, w int) string {
	const further, most = 2, 100 // cells, rows of a line
	var b strings.Builder
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		begins := len(line) - len(strings.TrimLeft(line, " 0123456789"))
		indent := strings.Repeat(" ", min(begins+further, w/2))
		rows := canvas.Wrap(line, w, 2)
		b.WriteString(rows[0] + "\n")
		if len(rows) > 1 {
			for _, row := range canvas.Wrap(rows[1], w-len(indent), most) {
				b.WriteString(indent + row + "\n")
			}
		}
	}
	return b.String()
}
