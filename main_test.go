package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/hinshun/vt10x"
)

// binary is the program, built once.
var binary string

func TestMain(m *testing.M) { os.Exit(built(m)) }

func built(m *testing.M) int {
	dir, err := os.MkdirTemp("", "splitbrain")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "splitbrain")
	if out, err := exec.Command("go", "build", "-ldflags=-s -w", "-o", binary, ".").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "%v\n%s", err, out)
		return 1
	}
	return m.Run()
}

func TestSize(t *testing.T) {
	const most = 15 << 20
	if info, err := os.Stat(binary); err != nil || info.Size() > most {
		t.Errorf("the stripped binary has %d bytes, more than %d: %v", info.Size(), most, err)
	}
}

// TestUsage: what can't be used is told in one line, with exit code 2, before anything else happens.
func TestUsage(t *testing.T) {
	for args, want := range map[string]string{
		"--servers 0": "servers 0", "--servers 10": "servers 10", "--servers x": `"x"`, "--clients 0": "clients 0",
		"--dead-pings 0": "dead pings 0", "--ping-interval -5ms": "-5ms", "--ping-interval 5": `"5"`,
		"--theme pink": `"pink"`, "--seed -1": `"-1"`, "--nonsense": "--nonsense", "nonsense": `"nonsense"`,
		"--log /nonexistent/dir/log": "terminal", "": "not a terminal",
	} {
		var stdout, stderr bytes.Buffer
		cmd := exec.Command(binary, strings.Fields(args)...)
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		_ = cmd.Run()
		said := stderr.String()
		if code := cmd.ProcessState.ExitCode(); code != 2 || strings.Count(said, "\n") != 1 || !strings.Contains(said, want) || stdout.Len() > 0 {
			t.Errorf("splitbrain %s: exit code %d, stderr %q, stdout %q", args, code, said, &stdout)
		}
	}
}

func TestHelp(t *testing.T) {
	for args, want := range map[string]string{"--help": "--dead-pings", "version": "splitbrain ", "completion bash": "complete"} {
		out, err := exec.Command(binary, strings.Fields(args)...).Output()
		if err != nil || !bytes.Contains(out, []byte(want)) {
			t.Errorf("splitbrain %s: %v: %s", args, err, out)
		}
	}
}

// term is the program in a terminal that answers nothing.
type term struct {
	t     *testing.T
	cmd   *exec.Cmd
	tty   *os.File
	vt    vt10x.Terminal
	said  bytes.Buffer
	reads chan []byte // what the program writes; closed when it has ended
	idle  func()      // called again and again while nothing comes
}

func open(t *testing.T, env []string, args ...string) *term {
	t.Helper()
	cmd := exec.Command(binary, args...)
	cmd.Env = append(append(os.Environ(), "TERM=xterm", "LANG=C.UTF-8", "LC_ALL=", "NO_COLOR=", "COLORFGBG="), env...)
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 24, Cols: 80})
	if err != nil {
		t.Fatal(err)
	}
	x := &term{t: t, cmd: cmd, tty: tty, vt: vt10x.New(vt10x.WithSize(80, 24)), reads: make(chan []byte, 64), idle: func() {}}
	go x.read()
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // its child notices
		x.drain()
		tty.Close()
	})
	return x
}

// read ends when the last process that has the terminal ends.
func (x *term) read() {
	defer close(x.reads)
	for {
		b := make([]byte, 64<<10)
		n, err := x.tty.Read(b)
		if err != nil {
			return
		}
		x.reads <- b[:n]
	}
}

const patience = 20 * time.Second

// until reads until the screen satisfies ok.
func (x *term) until(what string, ok func(screen string) bool) {
	x.t.Helper()
	late := time.After(patience)
	for !ok(x.vt.String()) {
		select {
		case b, more := <-x.reads:
			if !more {
				x.t.Fatalf("it ended before %s; the screen:\n%s", what, x.vt)
			}
			x.said.Write(b)
			_, _ = x.vt.Write(b)
		case <-time.After(50 * time.Millisecond):
			x.idle()
		case <-late:
			x.t.Fatalf("waiting for %s; the screen:\n%s", what, x.vt)
		}
	}
}

func (x *term) see(text string) {
	x.t.Helper()
	x.until(text, func(screen string) bool { return strings.Contains(screen, text) })
}

func (x *term) send(keys string) {
	if _, err := x.tty.WriteString(keys); err != nil {
		x.t.Fatal(err)
	}
}

// drain reads until the program has ended.
func (x *term) drain() {
	x.t.Helper()
	late := time.After(patience)
	for {
		select {
		case b, more := <-x.reads:
			x.said.Write(b)
			if !more {
				_ = x.cmd.Wait()
				return
			}
		case <-late:
			x.t.Error("it does not end")
			_ = x.cmd.Process.Kill()
			late = nil
		}
	}
}

// gone checks that the program ends with code and leaves the terminal as it was.
func (x *term) gone(code int) {
	x.t.Helper()
	x.drain()
	if got := x.cmd.ProcessState.ExitCode(); got != code {
		x.t.Errorf("exit code %d, want %d", got, code)
	}
	said := x.said.String()
	for on, off := range map[string]string{
		"\x1b[?1049h": "\x1b[?1049l", "\x1b[?25l": "\x1b[?25h", "\x1b[?1002h": "\x1b[?1002l", "\x1b[?2004h": "\x1b[?2004l",
	} {
		if i := strings.LastIndex(said, on); i < 0 || i > strings.LastIndex(said, off) {
			x.t.Errorf("%q is never undone", on)
		}
	}
}

// TestSilentTerminal: a terminal that never answers gets its first frame, and was never asked.
func TestSilentTerminal(t *testing.T) {
	began := time.Now()
	x := open(t, nil)
	x.see("splitbrain")
	t.Logf("first frame after %v; the goal is 300 ms, better 100 ms", time.Since(began))
	if took := time.Since(began); took > 4*time.Second {
		t.Errorf("first frame after %v: somebody waits for an answer of the terminal", took)
	}
	for _, query := range []string{"\x1b]11;?", "\x1b]10;?", "\x1b[6n", "\x1b[c"} {
		if strings.Contains(x.said.String(), query) {
			t.Errorf("the terminal was asked %q", query)
		}
	}
}

// TestPlay is a minute of a demonstration: put, kill the primary, see the backup take over with the data.
func TestPlay(t *testing.T) {
	x := open(t, nil, "--ping-interval", "20ms")
	x.see("B backup s2  ✓ acknowledged")
	x.send(":put color blue\r")
	x.see("put color blue: ok")
	x.send("x")
	x.see("P primary s2  B backup s3  ✓ acknowledged")
	x.send(":get color\r")
	x.see(`get color: "blue"`)
	x.send("r")
	x.see("up #2")
	x.send("q")
	x.gone(0)
}

func TestSignals(t *testing.T) {
	for _, s := range []syscall.Signal{syscall.SIGTERM, syscall.SIGHUP} {
		x := open(t, nil)
		x.see("acknowledged")
		if err := x.cmd.Process.Signal(s); err != nil {
			t.Fatal(err)
		}
		x.gone(0)
	}
}

// TestSuspend: ctrl+z gives the terminal back, the signal that fg sends takes it again, with the mouse.
func TestSuspend(t *testing.T) {
	x := open(t, nil)
	x.see("acknowledged")
	x.said.Reset()
	x.send("\x1a")
	x.until("the screen to be left", func(string) bool { return strings.Contains(x.said.String(), "\x1b[?1049l") })
	x.said.Reset()
	x.idle = func() { _ = syscall.Kill(-x.cmd.Process.Pid, syscall.SIGCONT) } // it may not wait for it yet
	x.until("the mouse to be taken", func(string) bool { return strings.Contains(x.said.String(), "\x1b[?1002h") })
	x.see("splitbrain")
	x.send("q")
	x.gone(0)
}

func TestResizePasteAndColours(t *testing.T) {
	x := open(t, []string{"NO_COLOR=1"})
	x.see("acknowledged")
	if bytes.Contains(x.said.Bytes(), []byte("\x1b[1m")) || bytes.Contains(x.said.Bytes(), []byte("m splitbrain")) {
		t.Error("styles in spite of NO_COLOR")
	}
	if err := pty.Setsize(x.tty, &pty.Winsize{Rows: 10, Cols: 30}); err != nil {
		t.Fatal(err)
	}
	x.vt.Resize(30, 10)
	x.see("s1 P primary")
	if err := pty.Setsize(x.tty, &pty.Winsize{Rows: 40, Cols: 120}); err != nil {
		t.Fatal(err)
	}
	x.vt.Resize(120, 40)
	x.see("─ events ─")
	x.send(":\x1b[200~put a 1\rput b 2\rput c 3\r\x1b[201~")
	x.see("3 keys")
	x.send("\x1bq")
	x.see("3 keys")
}

func TestDumbTerminal(t *testing.T) {
	x := open(t, []string{"TERM=dumb"})
	x.drain()
	if code := x.cmd.ProcessState.ExitCode(); code != 2 || strings.Count(x.said.String(), "\n") != 1 {
		t.Errorf("exit code %d, said %q", code, &x.said)
	}
}

func TestLog(t *testing.T) {
	file := filepath.Join(t.TempDir(), "log")
	x := open(t, nil, "--log", file)
	x.see("acknowledged")
	x.send("q")
	x.gone(0)
	if _, err := os.Stat(file); err != nil {
		t.Error(err)
	}
}

// TestImportsPointOneWay holds main → tui → script → cluster → viewservice, pbservice, netsim, and that the protocol
// knows no simulation and no screen.
func TestImportsPointOneWay(t *testing.T) {
	const module = "cluster/splitbrain/"
	allowed := map[string][]string{
		"netsim/host":    {},
		"viewservice":    {"netsim/host"},
		"pbservice":      {"netsim/host", "viewservice"},
		"netsim":         {"netsim/host"},
		"netsim/history": {"netsim/host", "pbservice", "viewservice"},
		"netsim/engine":  {"netsim", "netsim/history", "netsim/host", "pbservice", "viewservice"},
		"netsim/daemon":  {"netsim/host", "pbservice", "viewservice"},
		"netsim/cluster": {"netsim", "netsim/engine", "netsim/history", "netsim/host", "pbservice", "viewservice"},
		"netsim/script":  {"netsim", "netsim/engine", "netsim/history", "netsim/host", "pbservice", "viewservice"},
	}
	for name, may := range allowed {
		out, err := exec.Command("go", "list", "-deps", "./"+name).Output()
		if err != nil {
			t.Fatal(err)
		}
		for _, dep := range strings.Fields(string(out)) {
			own, ours := strings.CutPrefix(dep, module)
			if ours && own != name && !slices.Contains(may, own) {
				t.Errorf("%s depends on %s", name, own)
			}
			if strings.HasPrefix(dep, "github.com/charmbracelet") {
				t.Errorf("%s depends on the screen: %s", name, dep)
			}
		}
	}
}
