//go:build unix

package guard_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"cluster/splitbrain/tui/terminal/guard"

	"github.com/charmbracelet/x/term"
	"github.com/creack/pty"
)

// TestMain makes this test its own guarded program, where the environment says what that is to do.
func TestMain(m *testing.M) {
	play := os.Getenv("GUARD_TEST")
	if play == "" {
		os.Exit(m.Run())
	}
	f, err := os.OpenFile(os.Getenv("GUARD_LOG"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		panic(err)
	}
	if play == "deaf" {
		guard.SetPatience(50 * time.Millisecond)
	}
	os.Exit(guard.Run(slog.New(slog.NewTextHandler(f, nil)), func(ctx context.Context) error { return screen(ctx, play) }))
}

// screen takes the terminal over as a program does, and then ends in one way or another.
func screen(ctx context.Context, play string) error {
	before, err := term.MakeRaw(0)
	if err != nil {
		return err
	}
	fmt.Print("\x1b[?1049h\x1b[?25l\x1b[?1002hdrawing")
	switch play {
	case "panic":
		panic("the screen broke")
	case "goroutine":
		go panic("a goroutine broke")
	case "error":
		_ = term.Restore(0, before)
		return errors.New("no cluster")
	case "deaf":
		select {}
	}
	<-ctx.Done()
	_ = term.Restore(0, before)
	fmt.Print("\x1b[?1002l\x1b[?25h\x1b[?1049l")
	return nil
}

// guarded is the test's program in a terminal of its own.
type guarded struct {
	cmd    *exec.Cmd
	tty    *os.File    // the terminal's side
	before *term.State // of the terminal
	said   *bytes.Buffer
	log    string
}

func start(t *testing.T, play string) *guarded {
	t.Helper()
	g := &guarded{cmd: exec.Command(os.Args[0]), said: &bytes.Buffer{}, log: t.TempDir() + "/log"}
	g.cmd.Env = append(os.Environ(), "GUARD_TEST="+play, "GUARD_LOG="+g.log)
	control, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer tty.Close()
	t.Cleanup(func() { control.Close() })
	g.tty = control
	if g.before, err = term.GetState(tty.Fd()); err != nil {
		t.Fatal(err)
	}
	g.cmd.Stdin, g.cmd.Stdout, g.cmd.Stderr = tty, tty, tty
	g.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := g.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	hung := time.AfterFunc(20*time.Second, func() { _ = g.cmd.Process.Kill() })
	t.Cleanup(func() { hung.Stop() })
	g.readUntil(t, "drawing")
	return g
}

func (g *guarded) readUntil(t *testing.T, text string) {
	t.Helper()
	b := make([]byte, 4096)
	for !strings.Contains(g.said.String(), text) {
		n, err := g.tty.Read(b)
		g.said.Write(b[:n])
		if err != nil {
			t.Fatalf("waiting for %q: %v after %q", text, err, g.said)
		}
	}
}

// end waits for the program to end and checks that the terminal is as before.
func (g *guarded) end(t *testing.T, code int) string {
	t.Helper()
	_, _ = io.Copy(g.said, g.tty)
	_ = g.cmd.Wait()
	if got := g.cmd.ProcessState.ExitCode(); got != code {
		t.Errorf("exit code %d, want %d", got, code)
	}
	if mode, err := term.GetState(g.tty.Fd()); err != nil || *mode != *g.before {
		t.Errorf("the terminal is not as it was: %v", err)
	}
	said := g.said.String()
	for _, pair := range [][2]string{{"\x1b[?1049h", "\x1b[?1049l"}, {"\x1b[?25l", "\x1b[?25h"}, {"\x1b[?1002h", "\x1b[?1002l"}} {
		if strings.LastIndex(said, pair[0]) > strings.LastIndex(said, pair[1]) {
			t.Errorf("%q was never undone: %q", pair[0], said)
		}
	}
	return said[strings.LastIndex(said, "\x1b[?1049l")+1:]
}

func TestPanics(t *testing.T) {
	for play, words := range map[string]string{"panic": "the screen broke", "goroutine": "a goroutine broke"} {
		t.Run(play, func(t *testing.T) {
			g := start(t, play)
			after := g.end(t, 1)
			if !strings.Contains(after, "panic: "+words) || !strings.Contains(after, "goroutine ") {
				t.Errorf("after the screen is left, no trace is shown: %q", after)
			}
			if log, _ := os.ReadFile(g.log); !bytes.Contains(log, []byte(words)) {
				t.Errorf("the log does not have it: %q", log)
			}
		})
	}
}

func TestError(t *testing.T) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "GUARD_TEST=error", "GUARD_LOG="+t.TempDir()+"/log")
	tty, err := pty.Start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	defer tty.Close()
	said, _ := io.ReadAll(tty)
	_ = cmd.Wait()
	if cmd.ProcessState.ExitCode() != 1 || !bytes.Contains(said, []byte("splitbrain: no cluster")) {
		t.Errorf("exit code %d, said %q", cmd.ProcessState.ExitCode(), said)
	}
}

func TestSignals(t *testing.T) {
	for _, s := range []syscall.Signal{syscall.SIGTERM, syscall.SIGHUP, syscall.SIGINT} {
		t.Run(s.String(), func(t *testing.T) {
			g := start(t, "wait")
			if err := g.cmd.Process.Signal(s); err != nil {
				t.Fatal(err)
			}
			g.end(t, 128+int(s))
		})
	}
}

// TestOrphan: a child whose parent was killed ends in order by itself.
func TestOrphan(t *testing.T) {
	g := start(t, "wait")
	if err := g.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	g.end(t, -1)
}

// TestDeafChild: a child that does not end when it is told to is killed, and the terminal set right.
func TestDeafChild(t *testing.T) {
	g := start(t, "deaf")
	if err := g.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if after := g.end(t, 1); !strings.Contains(after, "signal: killed") {
		t.Errorf("it says %q", after)
	}
}
