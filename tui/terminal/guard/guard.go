// Package guard gives the terminal back whatever happens to the program that draws on it. The playground's command calls
// Run.
//
// A program that has switched the terminal to raw mode and to its second screen can restore both when it ends in
// order. It can't when a goroutine panics or the runtime gives up: nothing of it runs any more. So the screen runs in
// a child process, and its parent, which only waits, sets the terminal right and tells what the child said last.
//
// Bubble Tea recovers from panics of its own goroutines: of Update, View and commands. A whole cluster runs beside them
// here, in dozens of goroutines of servers, clients and the network, and neither their panics, nor a fatal error of the
// runtime, nor SIGKILL would be caught. That is worth a second process, whose price was measured on two busy cores: the
// first frame comes 80 ms later, and 7 MB of memory are the parent's own.
package guard

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"cluster/splitbrain/tui/terminal"

	"github.com/charmbracelet/x/term"
)

// marker in the environment tells the child what it is.
const marker = "SPLITBRAIN_GUARDED"

// crashed is the exit code of a Go program that panics.
const crashed = 2

// Run runs screen in a child process, a second one of this very program, and returns the exit code: as shells count, 128 and the
// signal's number after one that told it to end. The context that
// screen gets ends when the program is told to end: by SIGTERM, SIGHUP or SIGINT, or because its parent is no more.
// The child must come to the same call of Run.
//
// What the child writes to its standard error is shown when it has ended. The trace of a crash is logged too.
func Run(log *slog.Logger, screen func(context.Context) error) int {
	if Child() {
		return child(screen)
	}
	code, err := parent(log)
	if err != nil {
		fmt.Fprintln(os.Stderr, "splitbrain:", err)
		return 1
	}
	return code
}

// Child reports whether this is the process in which Run runs the screen. The other one needs nothing that is shown.
func Child() bool { return os.Getenv(marker) != "" }

func child(screen func(context.Context) error) int {
	ctx, end := context.WithCancelCause(context.Background())
	defer end(nil)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGINT)
	go func() { // ends with the process
		s, _ := (<-signals).(syscall.Signal)
		end(told(s))
	}()
	go func() { // likewise
		_, _ = io.Copy(io.Discard, lifeline())
		end(nil)
	}()
	if err := screen(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "splitbrain:", err)
		return 1
	}
	if s, ok := errors.AsType[told](context.Cause(ctx)); ok {
		return 128 + int(s)
	}
	return 0
}

// told is the end of a screen that was told to end by a signal.
type told syscall.Signal

func (t told) Error() string { return syscall.Signal(t).String() }

func parent(log *slog.Logger) (code int, err error) {
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	r, w, err := os.Pipe()
	if err != nil {
		return 0, err
	}
	defer w.Close()
	said := &head{}
	cmd := exec.Command(self, os.Args[1:]...)
	cmd.Env = append(os.Environ(), marker+"=1")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, said
	giveLifeline(cmd, r)
	before, _ := term.GetState(os.Stdin.Fd())
	// Before the child is there: who sees it draw may send a signal at once, and it must not end this process alone.
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT)
	defer signal.Stop(signals)
	err = cmd.Start()
	r.Close()
	if err != nil {
		return 0, err
	}
	ended := make(chan struct{})
	go forward(signals, cmd.Process, ended)
	err = cmd.Wait()
	close(ended)

	code = cmd.ProcessState.ExitCode()
	last := said.String()
	if code == crashed || code < 0 {
		restore(before)
		log.Error("the screen crashed", "end", cmd.ProcessState.String(), "trace", last)
		code, last = 1, fmt.Sprintf("splitbrain: %v\n%s", cmd.ProcessState, last)
	}
	terminal.Insist(os.Stdout.Fd(), func() { _, _ = io.WriteString(os.Stderr, last) })
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		return 0, err
	}
	return code, nil
}

// restore sets the terminal right that a child has left as it was drawing, if it had come so far.
func restore(before *term.State) {
	tty := os.Stdin.Fd()
	now, err := term.GetState(tty)
	if before == nil || err != nil || *now == *before || !terminal.Foreground(tty) {
		return
	}
	terminal.Insist(os.Stdout.Fd(), func() { _, _ = io.WriteString(os.Stdout, terminal.Restore) })
	_ = term.Restore(tty, before)
}

// patience is how long a child may take to end after a signal: longer than it tries to leave a terminal that is stuck.
var patience = 5 * time.Second

// forward sends the signals that end a program on to the child, until that has ended. The terminal's own signals reach
// the child anyhow. One that can't end is killed.
func forward(signals <-chan os.Signal, child *os.Process, ended <-chan struct{}) {
	var late <-chan time.Time
	for {
		select {
		case s := <-signals:
			_ = child.Signal(s)
			if late == nil {
				late = time.After(patience)
			}
		case <-late:
			_ = child.Kill()
		case <-ended:
			return
		}
	}
}

// head keeps the beginning of what was written, up to a bound: of a crash the first trace is the one that matters.
type head struct {
	mu  sync.Mutex // guards buf
	buf bytes.Buffer
}

func (h *head) Write(p []byte) (int, error) {
	const most = 1 << 20
	h.mu.Lock()
	defer h.mu.Unlock()
	h.buf.Write(p[:min(len(p), most-h.buf.Len())])
	return len(p), nil
}

func (h *head) String() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.buf.String()
}
