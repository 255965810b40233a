package script

import (
	"bufio"
	"io"
	"os"
	"strings"
)

// worldMark is what the first line of a saved simulated world begins with.
const worldMark = "splitbrain world "

// IsWorld reports whether a file is no script but a simulated world that was saved: what a search has found, say.
func IsWorld(name string) bool {
	if _, ok := embedded(name); ok {
		return false
	}
	if info, err := os.Stat(name); err != nil || !info.Mode().IsRegular() {
		return false // what is read of a pipe is gone
	}
	f, err := os.Open(name)
	if err != nil {
		return false
	}
	defer f.Close()
	start := make([]byte, len(worldMark))
	_, err = io.ReadFull(f, start)
	return err == nil && string(start) == worldMark
}

// Story is what a saved world tells to those who read its file: its comments, as far as they are in its first MaxScript bytes. There is none if it can't be read.
func Story(name string) (lines []string) {
	f, err := os.Open(name)
	if err != nil {
		return nil
	}
	defer f.Close()
	s := bufio.NewScanner(io.LimitReader(f, MaxScript))
	s.Buffer(nil, MaxLine)
	for s.Scan() {
		line, comment := strings.CutPrefix(s.Text(), "#")
		switch {
		case comment:
			lines = append(lines, printable(strings.TrimPrefix(line, " ")))
		case !strings.HasPrefix(s.Text(), worldMark):
			return lines
		}
	}
	return lines
}
