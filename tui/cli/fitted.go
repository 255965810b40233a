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

// wrapped breaks lines that are wider than w.
func wrapped(text string, w int) string {
	const most = 100 // rows of a line
	var b strings.Builder
	for line := range strings.Lines(text) {
		for _, row := range canvas.Hang(strings.TrimSuffix(line, "\n"), w, most) {
			b.WriteString(row + "\n")
		}
	}
	return b.String()
}
