package record

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"
)

// Header begins a recording. It says no time, so that equal runs give equal files.
type Header struct {
	Width, Height int // of the terminal, in cells; at least 1
	Title         string
}

// Writer writes an asciicast. The first error stays and is returned by all calls. Not safe for concurrent use.
type Writer struct {
	w    io.Writer
	last time.Duration
	rest []byte // the beginning of a character that the next output ends
	err  error
}

// NewWriter writes the header to w.
func NewWriter(w io.Writer, h Header) (*Writer, error) {
	head := struct {
		Version int               `json:"version"`
		Width   int               `json:"width"`
		Height  int               `json:"height"`
		Title   string            `json:"title,omitempty"`
		Env     map[string]string `json:"env"`
	}{2, max(h.Width, 1), max(h.Height, 1), valid(h.Title), map[string]string{"TERM": "xterm-256color"}}
	c := &Writer{w: w}
	return c, c.encode(head)
}

func valid(s string) string { return strings.ToValidUTF8(s, "\ufffd") }

func (c *Writer) encode(v any) error {
	if c.err != nil {
		return c.err
	}
	e := json.NewEncoder(c.w)
	e.SetEscapeHTML(false)
	c.err = e.Encode(v)
	return c.err
}

func (c *Writer) event(at time.Duration, kind, data string) error {
	c.last = max(c.last, at)
	return c.encode([]any{float64(c.last.Microseconds()) / 1e6, kind, data})
}

// Output notes what was written to the terminal at a time since the beginning. Times don't go back: an earlier one
// counts as the last. A character may come in pieces; what is no UTF-8 is replaced.
func (c *Writer) Output(at time.Duration, data []byte) error {
	all := append(c.rest, data...)
	whole := len(all) - begun(all)
	c.rest = append([]byte(nil), all[whole:]...)
	if whole == 0 {
		c.last = max(c.last, at)
		return c.err
	}
	return c.event(at, "o", valid(string(all[:whole])))
}

// begun is how many bytes at the end are the beginning of a character.
func begun(b []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(b); n++ {
		if tail := b[len(b)-n:]; utf8.RuneStart(tail[0]) {
			if utf8.FullRune(tail) {
				return 0
			}
			return n
		}
	}
	return 0
}

// Resize notes that the terminal has another size now.
func (c *Writer) Resize(at time.Duration, width, height int) error {
	return c.event(at, "r", fmt.Sprintf("%dx%d", width, height))
}

// Close ends the recording with what is left of a character. It does not close the writer below.
func (c *Writer) Close() error {
	if rest := c.rest; len(rest) > 0 {
		c.rest = nil
		return c.event(c.last, "o", valid(string(rest)))
	}
	return c.err
}
