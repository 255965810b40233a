package terminal

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"cluster/splitbrain/tui/terminal/background"

	"github.com/charmbracelet/x/term"
	"github.com/creack/pty"
)

// paper is what was written since it was last read, with a bar before every write.
type paper struct {
	mu  sync.Mutex // guards buf
	buf bytes.Buffer
}

func (p *paper) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.buf.WriteByte('|')
	return p.buf.Write(b)
}

func (p *paper) read() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	defer p.buf.Reset()
	return p.buf.String()
}

func unheard(string, bool) {}

// TestDraw: a frame is drawn at once, the next one after a rest; of each what has changed, and nothing of those that
// others have overtaken.
func TestDraw(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out, told := &paper{}, []string{}
		tell := func(text string, whole bool) { told = append(told, fmt.Sprint(whole, len(text))) }
		s, done := New(nil, out, 10, tell), make(chan struct{})
		go s.draw(done)
		defer close(done)
		written := func(after time.Duration) string {
			time.Sleep(after)
			synctest.Wait()
			return out.read()
		}
		check := func(what, got, want string) {
			t.Helper()
			if got != want {
				t.Errorf("%s: drawn %q, want %q", what, got, want)
			}
		}
		check("nothing is there", written(time.Hour), "")
		s.Show("one\ntwo\nthree", Caret{})
		check("the first frame", written(0), "|\x1b[1Hone\x1b[2Htwo\x1b[3Hthree")
		s.Show("one\n2\nthree", Caret{})
		s.Show("one\nII\nthree", Caret{})
		check("too early", written(99*time.Millisecond), "")
		check("after the rest", written(time.Millisecond), "|\x1b[2HII")
		s.Show("one\nII\nthree", Caret{})
		check("the same", written(time.Hour), "")
		s.Show("one\nII", Caret{})
		check("fewer lines", written(0), "|\x1b[1Hone\x1b[2HII")
		s.Anew()
		check("anew", written(time.Second), "|\x1b[1Hone\x1b[2HII")
		s.Show("1\nII", Caret{})
		check("after that", written(time.Second), "|\x1b[1H1")
		s.stale()
		check("stale", written(time.Second), "")
		s.Show("1\nII", Caret{})
		check("shown again", written(time.Second), "|\x1b[1H1\x1b[2HII")
		if want := []string{"true 23", "false 6", "true 13", "true 13", "false 5", "true 11"}; !slices.Equal(told, want) {
			t.Errorf("told %v, want %v", told, want)
		}
		s.height = 1
		s.Show("I\n2", Caret{})
		check("a lower terminal", written(time.Second), "|\x1b[1HI")
	})
}

// TestCaret: the cursor stands where something is typed after each frame, is hidden while lines are drawn, and elsewhere.
func TestCaret(t *testing.T) {
	out := &paper{}
	s := New(nil, out, 10, unheard)
	check := func(what, frame string, caret Caret, want string) {
		t.Helper()
		s.Show(frame, caret)
		s.drawNewest()
		if got := out.read(); got != want {
			t.Errorf("%s: drawn %q, want %q", what, got, want)
		}
	}
	check("nothing is typed", "a\nb", Caret{}, "|\x1b[1Ha\x1b[2Hb")
	check("a prompt", "a\n:", Caret{X: 3, Y: 1, Shown: true}, "|\x1b[2H:\x1b[2;4H\x1b[?25h")
	check("it moves alone", "a\n:", Caret{X: 4, Y: 1, Shown: true}, "|\x1b[2;5H\x1b[?25h")
	check("another line changes", "A\n:", Caret{X: 4, Y: 1, Shown: true}, "|\x1b[?25l\x1b[1HA\x1b[2;5H\x1b[?25h")
	check("the prompt closes", "A\nb", Caret{}, "|\x1b[?25l\x1b[2Hb")
	check("a prompt opens on the same frame", "A\nb", Caret{Shown: true}, "|\x1b[H\x1b[?25h")
	check("and closes", "A\nb", Caret{}, "|\x1b[?25l")
	check("nothing changes", "A\nc", Caret{}, "|\x1b[2Hc")
}

// TestTakeAndGive: whatever was switched on is undone, also for the second time, and the mouse comes back.
func TestTakeAndGive(t *testing.T) {
	_, tty := terminal(t, 7, 30)
	out, drawn := &paper{}, make(chan bool, 10)
	s := New(tty, out, 1000, func(_ string, whole bool) { drawn <- whole })
	s.Mouse(true)
	s.Show("frame", Caret{})
	if got := out.read(); got != "" {
		t.Errorf("before it is taken it gets %q", got)
	}
	before, _ := term.GetState(tty.Fd())
	for range 2 {
		sizes := make(chan [2]int, 1)
		if err := s.Take(func(w, h int) { sizes <- [2]int{w, h} }); err != nil {
			t.Fatal(err)
		}
		if size := <-sizes; size != [2]int{30, 7} {
			t.Errorf("its size is %v", size)
		}
		if state, _ := term.GetState(tty.Fd()); *state == *before {
			t.Error("the terminal is not raw")
		}
		if !<-drawn {
			t.Error("the frame is not drawn whole")
		}
		s.Give()
		s.Give()
		if state, _ := term.GetState(tty.Fd()); *state != *before {
			t.Error("the terminal is still raw")
		}
		said := out.read()
		for _, mode := range []string{"1049", "2004", "1002", "1006"} {
			on, off := strings.LastIndex(said, "\x1b[?"+mode+"h"), strings.LastIndex(said, "\x1b[?"+mode+"l")
			if on < 0 || off < on {
				t.Errorf("mode %s is not undone: %q", mode, said)
			}
		}
		for _, mode := range []string{"25", "7"} { // which a terminal has, and a screen hasn't
			off, on := strings.LastIndex(said, "\x1b[?"+mode+"l"), strings.LastIndex(said, "\x1b[?"+mode+"h")
			if off < 0 || on < off {
				t.Errorf("mode %s does not come back: %q", mode, said)
			}
		}
	}
	s.Mouse(false)
	if got := out.read(); got != "" {
		t.Errorf("after it was given back it gets %q", got)
	}
}

// TestNoTerminal: what is no terminal can't be taken.
func TestNoTerminal(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	out := &paper{}
	s := New(r, out, 30, unheard)
	if err := s.Take(func(int, int) {}); err == nil || out.read() != "" {
		t.Errorf("taken: %v", err)
	}
	s.Give()
}

// TestSizeOfOutput: a screen is as large as the terminal that shows it, whatever its keys come from.
func TestSizeOfOutput(t *testing.T) {
	_, keys := terminal(t, 7, 30)
	control, out := terminal(t, 11, 40)
	go io.Copy(io.Discard, control) // ends with the test
	s := New(keys, out, 1000, unheard)
	sizes := make(chan [2]int, 1)
	if err := s.Take(func(w, h int) { sizes <- [2]int{w, h} }); err != nil {
		t.Fatal(err)
	}
	defer s.Give()
	if size := <-sizes; size != [2]int{40, 11} {
		t.Errorf("its size is %v", size)
	}
}

func terminal(t *testing.T, rows, cols uint16) (control, tty *os.File) {
	t.Helper()
	control, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { control.Close(); tty.Close() })
	if err := pty.Setsize(control, &pty.Winsize{Rows: rows, Cols: cols}); err != nil {
		t.Fatal(err)
	}
	return control, tty
}

// TestStuck: nobody waits for a terminal that does not read, and it can be given back.
func TestStuck(t *testing.T) {
	_, tty := terminal(t, 24, 80)
	before, _ := term.GetState(tty.Fd())
	s := New(tty, tty, 1000, unheard)
	sized := make(chan bool, 1)
	if err := s.Take(func(int, int) { sized <- true }); err != nil {
		t.Fatal(err)
	}
	<-sized
	s.Show(strings.Repeat("x", 1<<20), Caret{})
	s.Mouse(true)
	s.Anew()
	s.Give()
	if state, _ := term.GetState(tty.Fd()); *state != *before {
		t.Error("the terminal is still raw")
	}
}

// TestTakenAnew: after others had the terminal it is raw again, and all of the frame is drawn.
func TestTakenAnew(t *testing.T) {
	_, tty := terminal(t, 7, 30)
	before, _ := term.GetState(tty.Fd())
	out, drawn := &paper{}, make(chan bool, 10)
	s := New(tty, out, 1000, func(_ string, whole bool) { drawn <- whole })
	s.Show("frame", Caret{})
	sized := make(chan bool, 1)
	if err := s.Take(func(int, int) { sized <- true }); err != nil {
		t.Fatal(err)
	}
	<-sized
	defer s.Give()
	<-drawn
	if err := term.Restore(tty.Fd(), before); err != nil {
		t.Fatal(err)
	}
	out.read()
	s.takeAnew()
	if state, _ := term.GetState(tty.Fd()); *state == *before {
		t.Error("the terminal is not raw")
	}
	for !strings.Contains(out.read(), take) { // while the frame is drawn for its size
		if !<-drawn {
			t.Fatal("the frame is not drawn whole, on the second screen")
		}
	}
}

func TestSize(t *testing.T) {
	env := map[string]string{"LINES": "50", "COLUMNS": "x"}
	for _, c := range []struct {
		rows, cols, w, h int
	}{{24, 80, 80, 24}, {0, 0, 80, 50}, {0, 132, 132, 50}, {10, 0, 80, 10}} {
		_, tty := terminal(t, uint16(c.rows), uint16(c.cols))
		if w, h, err := Size(tty.Fd(), func(name string) string { return env[name] }); err != nil || w != c.w || h != c.h {
			t.Errorf("%d×%d counts as %d×%d: %v", c.cols, c.rows, w, h, err)
		}
	}
}

// TestHear: what a terminal is like is known once it has answered the last question, and only if it was asked.
func TestHear(t *testing.T) {
	s := New(nil, &paper{}, 30, unheard)
	if _, ready := s.Hear("\x1b[?62c"); ready {
		t.Error("an answer to nothing")
	}
	s.Ask()
	if asked := s.asking.ask(); asked != questions || s.asking.ask() != "" {
		t.Errorf("asked %q, and again", asked)
	}
	for _, answer := range []string{"\x1b]11;rgb:ffff/ffff/ffff", "\x1b[1;3R", "\x1b[?2026;2$y", "\x1bP>|x"} {
		if _, ready := s.Hear(answer); ready {
			t.Errorf("ready after %q", answer)
		}
	}
	if got, ready := s.Hear("\x1b[?62;4c"); !ready || got.Background != background.Light || got.Width != 2 || !s.synced {
		t.Errorf("ready %v, learned %+v", ready, got)
	}
	if _, ready := s.Hear("\x1b[?62;4c"); ready {
		t.Error("twice")
	}
}
