package cast

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/charmbracelet/x/ansi"
)

// Tee is a terminal that can be recorded. It is all that Bubble Tea asks of its output, a terminal's size and modes
// included. What goes wrong with a recording never reaches who draws: Stop tells it. Safe for concurrent use.
type Tee struct {
	out *os.File
	now func() time.Time // but for tests, time.Now

	mu    sync.Mutex // guards what follows
	file  *File      // nil while nothing is recorded
	began time.Time
}

// NewTee passes everything on to out.
func NewTee(out *os.File) *Tee { return &Tee{out: out, now: time.Now} }

// Start records to path from now on; the file is there after Stop. The recording begins with an empty screen: let the
// whole screen be drawn next (tea.ClearScreen).
func (t *Tee) Start(path string, h Header) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.file != nil {
		return fmt.Errorf("record: %s is being recorded", t.file.path)
	}
	file, err := Create(path, h)
	if err != nil {
		return err
	}
	t.file, t.began = file, t.now()
	_ = file.Output(0, []byte(blank))
	return nil
}

// blank is an empty screen without a cursor.
const blank = ansi.HideCursor + ansi.ResetStyle + ansi.EraseEntireScreen + ansi.CursorHomePosition

// Stop ends the recording and returns its path.
func (t *Tee) Stop() (path string, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.file == nil {
		return "", errors.New("record: nothing is being recorded")
	}
	file := t.file
	t.file = nil
	return file.path, file.Close()
}

// Recording is the path of the recording under way; "" if there is none.
func (t *Tee) Recording() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.file == nil {
		return ""
	}
	return t.file.path
}

// Resize says that the terminal has another size now.
func (t *Tee) Resize(width, height int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.file != nil {
		_ = t.file.Resize(t.now().Sub(t.began), width, height)
	}
}

// Write writes to the terminal, and records what it has taken.
func (t *Tee) Write(p []byte) (int, error) {
	n, err := t.out.Write(p)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.file != nil && n > 0 {
		_ = t.file.Output(t.now().Sub(t.began), p[:n])
	}
	return n, err
}

// Read reads from the terminal.
func (t *Tee) Read(p []byte) (int, error) { return t.out.Read(p) }

// Close ends a recording under way, and leaves the terminal open: it belongs to whoever opened it.
func (t *Tee) Close() error {
	if t.Recording() == "" {
		return nil
	}
	_, err := t.Stop()
	return err
}

// Fd is the terminal's.
func (t *Tee) Fd() uintptr { return t.out.Fd() }
