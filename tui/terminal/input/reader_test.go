package input

import (
	"fmt"
	"io"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	tea "github.com/charmbracelet/bubbletea"
)

// seen collects what Bubble Tea makes of a Reader's keys, and what is told.
type seen struct{ all []string }

func (*seen) Init() tea.Cmd { return nil }
func (*seen) View() string  { return "" }
func (s *seen) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	s.all = append(s.all, fmt.Sprint(msg))
	return s, nil
}

// read is what Bubble Tea makes of chunks, each of which comes so much after the one before.
func read(t *testing.T, pause time.Duration, chunks ...string) []string {
	s := &seen{}
	synctest.Test(t, func(*testing.T) {
		terminal, line := io.Pipe()
		var p *tea.Program
		reader := New(terminal, func(msg any) {
			if _, gone := msg.(Gone); gone {
				msg = tea.Quit()
			}
			p.Send(msg)
		})
		p = tea.NewProgram(s, tea.WithInput(reader), tea.WithoutRenderer(), tea.WithoutSignalHandler(), tea.WithOutput(io.Discard))
		go func() {
			for _, c := range chunks {
				_, _ = io.WriteString(line, c)
				time.Sleep(pause)
			}
			line.Close()
		}()
		if _, err := p.Run(); err != nil {
			t.Error(err)
		}
	})
	return s.all
}

// TestKeys: what Bubble Tea gets are the keys that were pressed, on slow lines too.
func TestKeys(t *testing.T) {
	for _, c := range []struct {
		pause  time.Duration
		chunks []string
		want   []string
	}{
		{0, []string{"a\x1b[A\x1bOH\x1b[<65;100;20M\x1bb"}, []string{"a", "up", "home", "wheel down", "alt+b"}},
		{time.Second, []string{"\x1b", "a", "\x1b\x1b"}, []string{"esc", "a", "esc", "esc"}},
		{40 * time.Millisecond, []string{"\x1b", "[", "1", ";", "5", "A", "x"}, []string{"ctrl+up", "x"}},
		{900 * time.Millisecond, []string{"\x1b]", "11;rgb:xx", "/xx/xx", "\a", "x"}, []string{"\x1b]11;rgb:xx/xx/xx", "x"}},
		{2 * time.Second, []string{"\x1b[1;", "x", "\x1b]11;", "y"}, []string{"x", "y"}},
		{2 * time.Second, []string{"\x1b[200~kill", "x"}, []string{"the end of the paste did not come: nothing was pasted", "x"}},
		{0, []string{"put a 1\rput b 2\r"}, []string{"{put a 1\rput b 2\r true}"}},
	} {
		if got := read(t, c.pause, c.chunks...); !slices.Equal(got, c.want) {
			t.Errorf("%q, with pauses of %v: %q, want %q", c.chunks, c.pause, got, c.want)
		}
	}
}

// TestEverySplit: wherever a line pauses, and for as long as the keys of nobody, Bubble Tea gets the same.
func TestEverySplit(t *testing.T) {
	const sent = "a\x1b[1;5A\x1bOF\x1b[<0;100;20M\x1b]11;rgb:1e1e\x1b\\\x1bP>|x\x1b\\\x1b_Gr\x1b\\é\x1b[?62;4c\x1b[200~r\rx\x1b[201~b"
	want := read(t, 0, sent)
	for at := 1; at < len(sent); at++ {
		if got := read(t, 40*time.Millisecond, sent[:at], sent[at:]); !slices.Equal(got, want) {
			t.Errorf("a pause at %d, %q: %q, want %q", at, sent[:at], got, want)
		}
	}
}
