package terminal

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

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
		s.Show("one\ntwo\nthree")
		check("the first frame", written(0), "|\x1b[1Hone\x1b[2Htwo\x1b[3Hthree")
		s.Show("one\n2\nthree")
		s.Show("one\nII\nthree")
		check("too early", written(99*time.Millisecond), "")
		check("after the rest", written(time.Millisecond), "|\x1b[2HII")
		s.Show("one\nII\nthree")
		check("the same", written(time.Hour), "")
		s.Show("one\nII")
		check("fewer lines", written(0), "|\x1b[1Hone\x1b[2HII")
		s.Anew()
		check("anew", written(time.Second), "|\x1b[1Hone\x1b[2HII")
		s.Show("1\nII")
		check("after that", written(time.Second), "|\x1b[1H1")
		s.stale()
		check("stale", written(time.Second), "")
		s.Show("1\nII")
		check("shown again", written(time.Second), "|\x1b[1H1\x1b[2HII")
		if want := []string{"true 23", "false 6", "true 13", "true 13", "false 5", "true 11"}; !slices.Equal(told, want) {
			t.Errorf("told %v, want %v", told, want)
		}
		s.height = 1
		s.Show("I\n2")
		check("a lower terminal", written(time.Second), "|\x1b[1HI")
	})
}

// TestTakeAndGive: whatever was switched on is undone, also for the second time, and the mouse comes back.
func TestTakeAndGive(t *testing.T) {
	_, tty := terminal(t, 7, 30)
	out := &paper{}
	s := New(tty, out, 1000, unheard)
	s.Mouse(true)
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
	_, out := terminal(t, 11, 40)
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
