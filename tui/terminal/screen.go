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
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/term"
)

const (
	take = ansi.SetModeAltScreenSaveCursor + ansi.HideCursor + ansi.ResetModeAutoWrap + ansi.SetModeBracketedPaste + ansi.SetModeFocusEvent +
		ansi.ResetStyle + ansi.EraseEntireScreen
	mouseOn  = ansi.SetModeMouseButtonEvent + ansi.SetModeMouseExtSgr
	mouseOff = ansi.ResetModeMouseButtonEvent + ansi.ResetModeMouseExtSgr
)

// Restore undoes all that a Screen has switched on: mouse, paste, focus, colours, hidden cursor, second screen. Terminals without
// a second screen are left empty, so that what comes next does not stand inside the last frame. It begins with the end
// of a sequence that was cut short, and of a frame.
const Restore = "\x18" + ansi.ResetModeSynchronizedOutput + mouseOff + ansi.ResetModeBracketedPaste + ansi.ResetModeFocusEvent + ansi.ResetStyle +
	ansi.SetModeAutoWrap + ansi.EraseEntireScreen + ansi.CursorHomePosition + ansi.ResetModeAltScreenSaveCursor + ansi.ShowCursor

// Screen is a terminal that a program may have for itself. Frames are drawn in the background: while the terminal is
// slow, frames that newer ones have overtaken are left out. One goroutine writes, and nobody waits for it: a terminal that
// has stopped reading can be left all the same. Safe for concurrent use, Take and Give excepted.
type Screen struct {
	tty  *os.File // what its keys are read from
	out  io.Writer
	size func() (width, height int, err error)
	told func(text string, whole bool) // of what is drawn
	rest time.Duration                 // between two frames

	lines []string // that the terminal shows; only for who writes
	shows Caret    // likewise

	mu     sync.Mutex  // guards what follows
	before *term.State // of the terminal; nil unless it is taken
	frame  string      // the newest
	caret  Caret       // in it
	whole  bool        // it is drawn whole, whatever the terminal shows
	modes  string      // to be written before it
	mouse  bool
	synced bool // the terminal shows a frame all at once if told where it ends
	height int  // of the terminal
	asking asking

	wanted chan struct{} // something waits for being written
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
	s.size = func() (int, int, error) { return Size(shows.Fd(), os.Getenv) }
	return s
}

// Size is the size of a terminal. One that does not know its own, as at the end of a serial line, has that of LINES and
// COLUMNS, or the usual one.
func Size(fd uintptr, getenv func(string) string) (width, height int, err error) {
	if width, height, err = term.GetSize(fd); err != nil {
		return 0, 0, err
	}
	instead := func(known int, name string, usual int) int {
		if n, err := strconv.ParseUint(getenv(name), 10, 16); known == 0 && err == nil && n > 0 {
			return int(n)
		} else if known == 0 {
			return usual
		}
		return known
	}
	return instead(width, "COLUMNS", 80), instead(height, "LINES", 24), nil
}

// Take takes the terminal, raw and on its second screen, until Give. The terminal's size is told now and whenever it
// changes, in a goroutine that nothing waits for: what is shown then is drawn whole. Whoever was stopped meanwhile, with
// the terminal in other hands, takes it anew when it is continued. Once Take returns, whoever restores the terminal after a
// crash finds it taken, unless it does not read.
func (s *Screen) Take(resized func(width, height int)) error {
	before, err := term.MakeRaw(s.tty.Fd())
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.before, s.done = before, make(chan struct{})
	s.mu.Unlock()
	s.begin()
	done, begun := s.done, make(chan struct{})
	s.drawer.Go(func() {
		s.drawNewest()
		close(begun)
		s.draw(done)
	})
	go s.watch(done, resized)
	select {
	case <-begun:
	case <-time.After(patience): // it does not read
	}
	return nil
}

// begin has the terminal made ready, and a frame drawn whole.
func (s *Screen) begin() {
	questions := s.asking.ask()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.modes, s.whole = take+s.mouseMode()+questions, true
	s.want()
}

// Give gives the terminal back as it was. Without a Take it does nothing.
func (s *Screen) Give() {
	s.mu.Lock()
	before := s.before
	s.before, s.modes = nil, ""
	s.mu.Unlock()
	if before == nil {
		return
	}
	close(s.done)
	if !Foreground(s.tty.Fd()) { // it is in other hands
		return
	}
	heard := s.asking.wait()
	Insist(s.tty.Fd(), func() { s.drawer.Wait(); _, _ = io.WriteString(s.out, Restore) })
	if !heard {
		discardInput(s.tty.Fd()) // or the shell would take the answers for something typed
	}
	_ = term.Restore(s.tty.Fd(), before)
}

// Insist writes the last that is to be said to a terminal, which may have stopped reading: after a while, what it has
// not read is dropped.
func Insist(tty uintptr, write func()) {
	const most = 20 // times
	written := make(chan struct{})
	go func() {
		defer close(written)
		write()
	}()
	for range most {
		select {
		case <-written:
			return
		case <-time.After(100 * time.Millisecond):
			discardOutput(tty)
		}
	}
}

// Caret is where something is typed in a frame, from 0 at its upper left corner. There the terminal's cursor stands, where
// input methods and magnifiers expect it; elsewhere it is not seen.
type Caret struct {
	X, Y  int
	Shown bool
}

// Show has a frame drawn: lines from the top, each as wide as the terminal.
func (s *Screen) Show(frame string, caret Caret) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if frame != s.frame || caret != s.caret || s.whole {
		s.frame, s.caret = frame, caret
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

// want says that there is something to write.
func (s *Screen) want() {
	select {
	case s.wanted <- struct{}{}:
	default:
	}
}

// Mouse says whether the mouse is the program's while the terminal is.
func (s *Screen) Mouse(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mouse = on
	if s.before != nil {
		s.modes += s.mouseMode()
		s.want()
	}
}

func (s *Screen) mouseMode() string {
	if s.mouse {
		return mouseOn
	}
	return mouseOff
}

// draw writes what there is, with rests, until done.
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

// drawNewest reports whether there was a frame to draw. It ignores errors: a terminal that is gone sends SIGHUP, and its
// keys end.
func (s *Screen) drawNewest() bool {
	s.mu.Lock()
	modes, lines := s.modes, strings.Split(s.frame, "\n")
	caret := s.caret
	s.modes = ""
	if s.frame == "" {
		s.mu.Unlock()
		_, _ = io.WriteString(s.out, modes)
		return false
	}
	if s.height > 0 {
		lines = lines[:min(len(lines), s.height)]
	}
	whole := s.whole || len(lines) != len(s.lines)
	s.whole = false
	begin, end := modes, ""
	if s.synced {
		begin, end = modes+ansi.SetModeSynchronizedOutput, ansi.ResetModeSynchronizedOutput
	}
	s.mu.Unlock()
	var b strings.Builder
	for i, line := range lines {
		if whole || line != s.lines[i] {
			b.WriteString("\x1b[" + strconv.Itoa(i+1) + "H")
			b.WriteString(line)
		}
	}
	s.lines = lines
	before, after := s.moveCaret(caret, whole || b.Len() > 0)
	if b.Len() == 0 {
		_, _ = io.WriteString(s.out, modes+after)
		return false
	}
	_, _ = io.WriteString(s.out, begin+before+b.String()+after+end)
	s.told(b.String(), whole)
	return true
}

// moveCaret is what is written before lines are, and after them, so that the cursor stands where it should, and is seen
// nowhere else. Without lines only what comes after is.
func (s *Screen) moveCaret(to Caret, draws bool) (before, after string) {
	was := s.shows
	s.shows = to
	if was.Shown {
		before = ansi.HideCursor
	}
	switch {
	case to.Shown && (draws || to != was):
		after = ansi.CursorPosition(to.X+1, to.Y+1) + ansi.ShowCursor
	case !to.Shown && was.Shown && !draws:
		after = ansi.HideCursor
	}
	return before, after
}

// watch tells the terminal's size until done, and takes the terminal anew after others had it.
func (s *Screen) watch(done <-chan struct{}, tell func(width, height int)) {
	resized, goesOn := make(chan os.Signal, 1), make(chan os.Signal, 1) // neither signal may cost the other
	stop := notify(resized, goesOn)
	defer stop()
	defer signal.Stop(resized)
	defer signal.Stop(goesOn)
	for {
		if w, h, err := s.size(); err == nil {
			s.mu.Lock()
			s.height = h
			s.mu.Unlock()
			s.stale()
			tell(w, h)
		}
		select {
		case <-resized:
		case <-goesOn:
			s.takeAnew()
		case <-done:
			return
		}
	}
}

// takeAnew takes the terminal after others had it, whatever they have made of it.
func (s *Screen) takeAnew() {
	s.mu.Lock()
	taken := s.before != nil
	if taken {
		_, _ = term.MakeRaw(s.tty.Fd()) // stops this process while it is in the background
	}
	s.mu.Unlock()
	if taken {
		s.begin()
	}
}
