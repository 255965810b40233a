package tui

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/sim"
	"cluster/splitbrain/tui/canvas"
	"cluster/splitbrain/tui/transcript"
)

// plainly is what plain mode tells of lines that come from a pipe.
func plainly(t *testing.T, open, input string) (said string, err error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		var out strings.Builder
		opts := Options{Config: engine.Defaults, Open: open, New: func(c engine.Config) (engine.Engine, error) { return sim.New(c) }}
		err = Plain(context.Background(), opts, strings.NewReader(input), false, &out)
		said = out.String()
	})
	return said, err
}

// TestPlainVerdict: what was demanded and is not so is the program's result.
func TestPlainVerdict(t *testing.T) {
	for _, c := range []struct {
		open, input string
		unsound     bool
	}{
		{"", "expect role s1 backup within 0s\n", true},
		{"", "expect role s1 backup within 0s\nreset\nget a\n", true},
		{"", "expect view 2 s1 s2 acked\nput a 1\nexpect get a = 1\ncheck\n", false},
		{"", "kill s9\n", true},
		{"", "pause\nwait 1m\n", true}, // it does not end
		{"forward-gets", "", false},    // it expects the violation
		{"first-view", "\n\n\n", false},
	} {
		said, err := plainly(t, c.open, c.input)
		if errors.Is(err, ErrUnsound) != c.unsound || !c.unsound && err != nil {
			t.Errorf("%s %q: %v\n%s", c.open, c.input, err, said)
		}
	}
	damage := "rule forward-gets off\nexpect view 2 s1 s2 acked\nput a 1 @c1\npartition s1 c1 | s2 s3 vs c2\nwait 1s\nput a 2 @c2\nget a @c1\nwait 500ms\n"
	if said, err := plainly(t, "", damage); !errors.Is(err, ErrUnsound) || strings.Count(said, " INVARIANT BROKEN: ") != 1 || strings.Count(said, " VIOLATION: ") != 1 {
		t.Errorf("a broken promise: %v\n%s", err, said)
	}
	if said, err := plainly(t, "", damage+"expect violation forward-gets\n"); err != nil {
		t.Errorf("a broken promise that was expected: %v\n%s", err, said)
	}
}

// TestPlainWritesNothing: lines of a pipe are somebody's script.
func TestPlainWritesNothing(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, line := range []string{"save x.sb", "save world x.sb", "export x.svg"} {
		said, err := plainly(t, "", "put a 1\n"+line+"\n")
		if bad := (*BadCommandError)(nil); !errors.As(err, &bad) || bad.Line != 2 || !strings.Contains(said, "--allow-files") {
			t.Errorf("%s: %v\n%s", line, err, said)
		}
	}
	if all, err := os.ReadDir("."); err != nil || len(all) > 0 {
		t.Error(all, err)
	}
	for line, says := range map[string]string{"save x.sb": "--allow-files", "reset": "can't steer", "open evil.sb": "can't steer"} {
		if err := os.WriteFile("evil.sb", []byte("put a 1\n"+line+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		said, err := plainly(t, "", "open evil.sb\n")
		if !errors.Is(err, ErrUnsound) || !strings.Contains(said, "failed: open: evil.sb:2: ") || !strings.Contains(said, says) || strings.Contains(said, "put a 1: ok") {
			t.Errorf("%s, opened by hand: %v\n%s", line, err, said)
		}
	}
}

// TestPlainOverwrites: who types the same line again means it.
func TestPlainOverwrites(t *testing.T) {
	t.Chdir(t.TempDir())
	for input, want := range map[string]string{
		"save old.sb\n": "precious", "save old.sb\nput a 1\nsave old.sb\n": "precious", "save old.sb\nsave old.sb\nput b 2\nsave old.sb\n": "put b 2",
	} {
		if err := os.WriteFile("old.sb", []byte("precious"), 0o600); err != nil {
			t.Fatal(err)
		}
		synctest.Test(t, func(t *testing.T) {
			opts := Options{Config: engine.Defaults, New: func(c engine.Config) (engine.Engine, error) { return sim.New(c) }}
			if err := Plain(t.Context(), opts, strings.NewReader(input), true, io.Discard); err != nil {
				t.Error(err)
			}
		})
		if has, err := os.ReadFile("old.sb"); err != nil || !strings.Contains(string(has), want) {
			t.Errorf("%q leaves %q, %v", input, has, err)
		}
	}
}

// TestPlainGoesOn: a line that is no command is told like one that can't be carried out, and those after it go on. In the
// end it is not forgotten.
func TestPlainGoesOn(t *testing.T) {
	said, err := plainly(t, "", "wait 500ms\nput a 1 &\nkil s1\nput b 2\n")
	if bad, ok := errors.AsType[*BadCommandError](err); !ok || bad.Line != 3 {
		t.Errorf("the error is %v", err)
	}
	if !strings.Contains(said, "put a 1: ok") || !strings.Contains(said, "put b 2: ok") || !strings.Contains(said, "did you mean kill?") {
		t.Errorf("said\n%s", said)
	}
}

// TestPlainReadsAll: what ends the lines before their end is the program's result, since a line behind it may have demanded more.
func TestPlainReadsAll(t *testing.T) {
	for says, in := range map[string]io.Reader{
		"is longer than 32 MiB": strings.NewReader("put a 1\n" + strings.Repeat("x", plainLine+1) + "\nexpect data s1 a = 2 within 0s\n"),
		"no terminal any more":  io.MultiReader(strings.NewReader("put a 1\n"), iotest.ErrReader(errors.New("no terminal any more"))),
	} {
		synctest.Test(t, func(t *testing.T) {
			var out strings.Builder
			opts := Options{Config: engine.Defaults, New: func(c engine.Config) (engine.Engine, error) { return sim.New(c) }}
			err := Plain(t.Context(), opts, in, true, &out)
			if bad, ok := errors.AsType[*BadCommandError](err); !ok || bad.Line != 2 || bad.Err.Error() != says || !strings.Contains(out.String(), "failed: line 2: "+says) {
				t.Errorf("%v, and not %s: %.500s", err, says, &out)
			}
		})
	}
}

// TestPlainHasNoScreen: what is to be recorded is not there, and it is told what draws it.
func TestPlainHasNoScreen(t *testing.T) {
	for _, line := range []string{"record x.cast", "record off"} {
		synctest.Test(t, func(t *testing.T) {
			var out strings.Builder
			opts := Options{Config: engine.Defaults, New: func(c engine.Config) (engine.Engine, error) { return sim.New(c) }}
			if err := Plain(t.Context(), opts, strings.NewReader(line+"\n"), true, &out); err != nil || !strings.Contains(out.String(), "run --cast FILE draws one") {
				t.Errorf("%s: %v\n%s", line, err, &out)
			}
		})
	}
}

// TestPlainInOrder: what happens is told in the order in which it happened.
func TestPlainInOrder(t *testing.T) {
	said, _ := plainly(t, "", "wait 1s\nkill s1\nwait 1s\nrestart s1\nput a 1\nwait 1s\npause\nrewind 20\nresume\nwait 100ms\n")
	stamp := regexp.MustCompile(`^(\d+):(\d\d\.\d\d\d) (.*)`)
	last := ""
	for _, line := range strings.Split(said, "\n") {
		m := stamp.FindStringSubmatch(line)
		switch {
		case m == nil:
		case strings.HasPrefix(m[3], "time rewound"):
			last = ""
		case m[2] < last:
			t.Errorf("%q comes after %s", line, last)
		default:
			last = m[2]
		}
	}
	if !strings.Contains(said, "time rewound") || !strings.Contains(said, "view 3") {
		t.Errorf("said\n%s", said)
	}
}

// TestPlainQuestion: what is typed after a question is its answer, unless it is a command.
func TestPlainQuestion(t *testing.T) {
	file := filepath.Join(t.TempDir(), "asks.sb")
	if err := os.WriteFile(file, []byte(asking), 0o600); err != nil {
		t.Fatal(err)
	}
	for answer, want := range map[string]string{
		"s2": "You are right: s2. It has", "S1": "You said s1. Right is: s2. It has", "": "Answer: s2. It has", "nobody at": "You said nobody at all. Right is",
		"3": "You said nobody at all. Right is", "answer 2": "You are right: s2.", "both": "both is no answer to this: 1 s1, 2 s2, 3 nobody at all",
	} {
		said, err := plainly(t, file, "\n"+answer+"\nlesson back\nget a\n")
		if none := answer == "both"; errors.Is(err, ErrUnsound) != none || !strings.Contains(said, want) || !strings.Contains(said, "Free play") {
			t.Errorf("%q: %v, and not %q in\n%s", answer, err, want, said)
		}
		if strings.Contains(said, "time speed") || !strings.Contains(said, "get a:") {
			t.Errorf("going back tells how it hurried, or a command was taken for an answer:\n%s", said)
		}
	}
	if _, err := plainly(t, file, "by silence\n"); err == nil {
		t.Error("a note is no question, but took an answer")
	}
	said, err := plainly(t, file, "\n1\n\nnobody\n\n")
	if err != nil || !strings.Contains(said, "1 of 2 questions answered correctly.") {
		t.Errorf("in the end %v\n%s", err, said)
	}
}

// typist is somebody who takes a while for each line.
type typist struct{ lines []string }

func (p *typist) Read(b []byte) (int, error) {
	if len(p.lines) == 0 {
		return 0, io.EOF
	}
	time.Sleep(3 * time.Second)
	n := copy(b, p.lines[0]+"\n")
	p.lines = p.lines[1:]
	return n, nil
}

// TestPlainWaitsForTheReader: however long somebody takes for each line, the lesson goes as it is told; and who does
// something by hand comes back to where he was.
func TestPlainWaitsForTheReader(t *testing.T) {
	for _, interactive := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			var out strings.Builder
			opts := Options{Config: engine.Defaults, Open: "primary-dies", New: func(c engine.Config) (engine.Engine, error) { return sim.New(c) }}
			lines := []string{"", "", "", "kill s2", "wait 1s", "lesson resume"}
			for range 20 {
				lines = append(lines, "")
			}
			err := Plain(t.Context(), opts, &typist{lines}, interactive, &out)
			said := out.String()
			if err != nil || strings.Contains(said, "NOT as expected") || !strings.Contains(said, "The end of The primary dies.") || strings.Count(said, "Free play") != 1 {
				t.Errorf("interactive %v: %v\n%s", interactive, err, said)
			}
		})
	}
}

// TestPlainWaitsForTheEarlier: what was seen late but happened early is told before what happened after it.
func TestPlainWaitsForTheEarlier(t *testing.T) {
	var out strings.Builder
	to := &lineMode{out: &out, ink: &canvas.Styles{}}
	add := func(at time.Duration, text string) { to.add(transcript.Event{At: at, Text: text}) }
	add(4*time.Millisecond, "c")
	add(2*time.Millisecond, "a")
	add(9*time.Millisecond, "d")
	to.flush(5 * time.Millisecond)
	add(6*time.Millisecond, "b")
	to.flush(forGood)
	if got, want := out.String(), "0:00.002 a\n0:00.004 c\n0:00.006 b\n0:00.009 d\n"; got != want {
		t.Errorf("told\n%s", got)
	}
}

// TestPlainHurriesQuietly: a lesson that goes back on a live cluster hurries, which is not worth telling.
func TestPlainHurriesQuietly(t *testing.T) {
	trace := netsim.NewTrace(0, "")
	trace.Record(netsim.TraceEvent{Kind: netsim.TimeSpeed, From: "time", Why: "×10"})
	for line, tells := range map[string]int{"lesson back": 0, "lesson next": 1, "speed 10": 1} {
		to := &lineMode{line: line}
		if to.takeTrace(trace); len(to.pending) != tells {
			t.Errorf("%s tells %v", line, to.pending)
		}
	}
}

// TestPlainTellsTheStory: that a world came with is told, once, before what happened in it.
func TestPlainTellsTheStory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out strings.Builder
		opts := Options{
			Config: engine.Defaults, Story: []string{" 57  s1 crashes", "and nobody serves"},
			New: func(c engine.Config) (engine.Engine, error) { return sim.New(c) },
		}
		if err := Plain(context.Background(), opts, strings.NewReader("wait 1s\n"), false, &out); err != nil {
			t.Fatal(err)
		}
		_, after, told := strings.Cut(out.String(), "\n 57  s1 crashes\nand nobody serves\n")
		if !told || strings.Contains(after, "s1 crashes") || !strings.Contains(after, " view 1: ") {
			t.Error(out.String())
		}
	})
}
