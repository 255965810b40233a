package tui

import (
	"context"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/pane"
	"cluster/splitbrain/tui/terminal/guard"

	"github.com/creack/pty"
)

// TestMain makes this test a program that breaks on its screen, where the environment says how.
func TestMain(m *testing.M) {
	where := os.Getenv("TUI_TEST_PANIC")
	if where == "" {
		os.Exit(m.Run())
	}
	os.Exit(guard.Run(slog.New(slog.DiscardHandler), func(ctx context.Context) error {
		model, err := New(ctx, &breaking{where: where}, Options{Theme: "dark", Width: 80, Height: 24})
		if err != nil {
			return err
		}
		if where == "update" {
			model.panes = append(model.panes, &brokenPane{})
		}
		return model.show(ctx)
	}))
}

// breaking is an engine that panics in a command of Bubble Tea, or in a goroutine of its own.
type breaking struct {
	fake
	where string
}

func (b *breaking) Observe(ctx context.Context, w engine.Window) (engine.Snapshot, error) {
	switch b.where {
	case "command":
		panic("broken in a command")
	case "goroutine":
		go panic("broken in a goroutine")
	}
	return b.fake.Observe(ctx, w)
}

type brokenPane struct{ pane.Help }

func (*brokenPane) Observe(pane.Observation, *pane.Index) { panic("broken in update") }

// TestPanicsRestore: wherever it panics, the terminal is as before and the trace can be read.
func TestPanicsRestore(t *testing.T) {
	for _, where := range []string{"update", "command", "goroutine"} {
		t.Run(where, func(t *testing.T) {
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), "TUI_TEST_PANIC="+where, "TERM=xterm")
			tty, err := pty.Start(cmd)
			if err != nil {
				t.Fatal(err)
			}
			defer tty.Close()
			hung := time.AfterFunc(20*time.Second, func() { _ = cmd.Process.Kill() })
			defer hung.Stop()
			said, _ := io.ReadAll(tty)
			_ = cmd.Wait()
			left := strings.LastIndex(string(said), "\x1b[?1049l")
			if !strings.Contains(string(said), "\x1b[?1049h") || left < 0 {
				t.Fatalf("the second screen was not taken or not left: %q", said)
			}
			after := string(said[left:])
			if !strings.Contains(after, "broken in") || !strings.Contains(after, "\x1b[?25h") || cmd.ProcessState.ExitCode() != 1 {
				t.Errorf("exit code %d, afterwards: %q", cmd.ProcessState.ExitCode(), after)
			}
		})
	}
}
