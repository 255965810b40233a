//go:build unix

package program

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	xterm "github.com/charmbracelet/x/term"
	"github.com/creack/pty"
	"github.com/hinshun/vt10x"
	"golang.org/x/sys/unix"
)

// jobControl in the environment makes this test a shell that can do nothing but to hand the terminal on and back: it runs
// its arguments as a job, says when that is stopped, and continues it in the foreground for each line that is typed.
const jobControl = "SPLITBRAIN_JOB_CONTROL"

func shell() {
	signal.Ignore(syscall.SIGTTOU)
	before, err := xterm.GetState(0)
	if err != nil {
		panic(err)
	}
	job := exec.Command(os.Args[1], os.Args[2:]...)
	job.Stdin, job.Stdout, job.Stderr = os.Stdin, os.Stdout, os.Stderr
	job.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Foreground: true}
	if err := job.Start(); err != nil {
		panic(err)
	}
	lines := bufio.NewScanner(os.Stdin)
	for {
		var status unix.WaitStatus
		if _, err := unix.Wait4(job.Process.Pid, &status, unix.WUNTRACED, nil); err == unix.EINTR {
			continue
		}
		foreground(unix.Getpgrp())
		_ = xterm.Restore(0, before)
		if !status.Stopped() {
			os.Exit(status.ExitStatus())
		}
		for !allStopped(job.Process.Pid) {
			<-time.After(time.Millisecond)
		}
		fmt.Print(mouseReset + "\x1b[?1049l\x1b[2J\x1b[Hjob stopped")
		lines.Scan()
		foreground(job.Process.Pid)
		_ = unix.Kill(-job.Process.Pid, unix.SIGCONT)
	}
}

// allStopped reports whether all processes of a group have stopped, not only the one whose parent is told. One that has not yet
// could still take the line that is typed next.
func allStopped(group int) bool {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, file := range stats {
		text, _ := os.ReadFile(file) // it may have ended
		_, fields, _ := strings.Cut(string(text), ") ")
		var state string
		var parent, in int
		if n, _ := fmt.Sscan(fields, &state, &parent, &in); n == 3 && in == group && state != "T" && state != "Z" {
			return false
		}
	}
	return true
}

const mouseReset = "\x1b[?1002l\x1b[?1006l\x1b[?2004l"

func foreground(group int) {
	if err := unix.IoctlSetPointerInt(0, unix.TIOCSPGRP, group); err != nil {
		panic(err)
	}
}

// openJob is open in a shell that does job control.
func openJob(t *testing.T, args ...string) *term {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return openProgram(t, []string{jobControl + "=1"}, self, append([]string{binary}, args...)...)
}

// job is the process group of what the shell runs.
func (x *term) job() int {
	x.t.Helper()
	group, err := unix.IoctlGetInt(int(x.tty.Fd()), unix.TIOCGPGRP)
	if err != nil || group == x.cmd.Process.Pid {
		x.t.Fatal("no job in the foreground: ", err)
	}
	return group
}

// TestJobControl: whether ctrl+z has stopped it, or somebody else has, the program has its terminal again when it goes
// on: raw, with the mouse, all of it drawn.
func TestJobControl(t *testing.T) {
	for name, stop := range map[string]func(x *term){
		"ctrl+z":  func(x *term) { x.send("\x1a") },
		"SIGTSTP": func(x *term) { _ = unix.Kill(-x.job(), unix.SIGTSTP) },
		"SIGSTOP": func(x *term) { _ = unix.Kill(-x.job(), unix.SIGSTOP) },
	} {
		t.Run(name, func(t *testing.T) {
			x := openJob(t)
			x.see("✓ acknowledged")
			for range 2 {
				stop(x)
				x.see("job stopped")
				x.said.Reset()
				x.send("fg\r")
				x.see("✓ acknowledged")
				x.until("mouse and paste", func(string) bool {
					return bytes.Contains(x.said.Bytes(), []byte("\x1b[?1002h")) && bytes.Contains(x.said.Bytes(), []byte("\x1b[?2004h"))
				})
				x.send(":put color blue")
				x.see("put color blue▏")
				x.send("\x1b")
				x.see("? help")
			}
			x.send("q")
			x.gone(0)
		})
	}
}

// TestNoJobControl: where nobody could continue it, ctrl+z does not stop the program, which says why.
func TestNoJobControl(t *testing.T) {
	x := open(t, nil)
	x.see("✓ acknowledged")
	x.send("\x1a")
	x.see("nobody does job control here")
	x.send(":put color blue\r")
	x.see("put color blue: ok")
	x.send("\x1a")
	if err := x.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	x.gone(128 + int(syscall.SIGTERM))
}

// TestStuckTerminal: a terminal that has stopped reading can be left, by key and by signal.
func TestStuckTerminal(t *testing.T) {
	for name, leave := range map[string]func(x *term){
		"ctrl+c":  func(x *term) { x.send("\x03") },
		"SIGTERM": func(x *term) { _ = x.cmd.Process.Signal(syscall.SIGTERM) },
		"SIGHUP":  func(x *term) { _ = x.cmd.Process.Signal(syscall.SIGHUP) },
	} {
		t.Run(name, func(t *testing.T) {
			x := open(t, nil, "--ping-interval", "20ms")
			x.see("✓ acknowledged")
			x.still.Lock()
			defer x.still.Unlock()
			if err := pty.Setsize(x.tty, &pty.Winsize{Rows: 200, Cols: 500}); err != nil { // a frame that no buffer holds
				t.Fatal(err)
			}
			for late := time.After(patience); ; {
				if n, err := unix.IoctlGetInt(int(x.tty.Fd()), waiting); err != nil || n > 4000 {
					break // it is writing that frame
				}
				select {
				case <-late:
					t.Fatal("nothing is written")
				case <-time.After(10 * time.Millisecond):
				}
			}
			leave(x)
			ended := make(chan error, 1)
			go func() { ended <- x.cmd.Wait() }()
			select {
			case <-ended:
			case <-time.After(patience):
				t.Error("it does not end")
			}
		})
	}
}

// answers are what terminals say of themselves: strings of every kind, and reports. Taken for keys, they would kill, cut,
// restart, isolate and type.
var answers = map[string]string{
	"background": "\x1b]11;rgb:1e1e/1e1e/2e2e\a", "background with ST": "\x1b]11;rgb:cccc/xxxx/rrrr\x1b\\", "palette": "\x1b]4;1;rgb:cdcd/0000/0000\a",
	"clipboard": "\x1b]52;c;eHJmY2l4cmZjaQ==\x1b\\", "a title": "\x1b]lÜber xrfci\x1b\\", "version": "\x1bP>|XTerm(390)\x1b\\", "termcap": "\x1bP1+r524742=38\x1b\\",
	"graphics": "\x1b_Gi=31;OK:xrfci\x1b\\", "privacy": "\x1b^xrfci\x1b\\", "a string": "\x1bXxrfci\r\x1b\\", "attributes": "\x1b[>41;390;0c", "a mode": "\x1b[?2004;1$y",
	"size": "\x1b[8;24;80t", "cursor": "\x1b[12;40R", "color scheme": "\x1b[?997;1n", "wheel": strings.Repeat("\x1b[<65;100;20M", 30),
}

// places are where keys mean something else: how to come there and what is seen then, a key with its effect, and what
// undoes it.
var places = map[string]struct{ keys, sees, key, effect, undo string }{
	"normal":  {"t", "theme dark", "t", "theme light", "tt"},
	"prompt":  {":", "enter run", "w", ": w▏", "\x7f"},
	"palette": {"\x10", "[palette]", "e", "e▏", "\x7f"},
	"picker":  {"c", "[vs]", "\x1b[C", "[s2]", "\x1b[D"},
	"lesson":  {":open first-view\r", "step 1 of 4", "", "", ""},
}

// TestAnswersAreNoKeys: whatever a terminal sends that is no key, and wherever the line pauses in it, nothing changes.
func TestAnswersAreNoKeys(t *testing.T) {
	for name, place := range places {
		t.Run(name, func(t *testing.T) {
			x := open(t, nil)
			x.see("✓ acknowledged")
			x.send(" ")
			x.see("‖ paused")
			x.send(place.keys)
			x.see(place.sees)
			if place.key == "" { // which has no place to type at, and a screen that stands as well
				place = places["normal"]
				x.send("t")
				x.see("theme dark")
			}
			ages := regexp.MustCompile(`[█·]{10} +\d+ ms`) // which a lesson lets go on for a moment
			still := func(screen string) string { return ages.ReplaceAllString(screen, "") }
			before := still(x.vt.String())
			for kind, sent := range answers {
				for _, at := range []int{0, 2, len(sent) / 2, len(sent) - 1} { // not after an Esc, which is a key by itself
					x.send(sent[:at])
					x.send(sent[at:])
				}
				x.send(place.key)
				x.see(place.effect)
				x.send(place.undo)
				x.until("the screen as it was before "+kind, func(screen string) bool { return still(screen) == before })
			}
			x.send("\x03")
			x.gone(0)
		})
	}
}

// TestLonelyEsc: Esc is a key although others begin with it.
func TestLonelyEsc(t *testing.T) {
	x := open(t, nil)
	x.see("✓ acknowledged")
	x.send(":")
	x.see("enter run")
	x.send("\x1b")
	x.see("? help")
	x.send(":put a 1\x1bOH# ") // Home, as some send it
	x.see(": # ▏put a 1")
	x.send("\x03")
	x.gone(0)
}

// TestTerminalIsAsked: what a terminal answers decides the colours, the characters, and where a frame ends. Until then
// plain text has the terminal's own colour.
func TestTerminalIsAsked(t *testing.T) {
	const primary = "P primary"
	for _, c := range []struct {
		name, environment, answers, before, after string
		ascii, synced                             bool
	}{
		{"dark", "COLORFGBG=", "\x1b]11;rgb:1e1e/1e1e/2e2e\x1b\\\x1b[1;2R\x1b[?2026;2$y\x1b[?62c", "1;94", "1;92", false, true},
		{"light", "COLORFGBG=", "\x1b]11;rgb:ffff/ffff/ffff\a\x1b[?6c", "1;94", "1;34", false, false},
		{"silent about it", "COLORFGBG=", "\x1b[1;3R\x1b[?2026;0$y\x1b[?6c", "1;94", "1;94", true, false},
		{"knows better than its environment", "COLORFGBG=15;0", "\x1b]11;rgb:ffff/ffff/ffff\x1b\\\x1b[?6c", "1;92", "1;34", false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := open(t, []string{c.environment})
			x.see("✓ acknowledged")
			drawn := func(color string) func(string) bool {
				return func(string) bool { return strings.Contains(x.said.String(), "\x1b["+color+"m"+primary) }
			}
			x.until("the first colours", drawn(c.before))
			x.said.Reset()
			x.send(c.answers)
			x.until("the colours", drawn(c.after))
			if ascii := !strings.Contains(x.vt.String(), "─"); ascii != c.ascii {
				t.Errorf("in ASCII: %v", ascii)
			}
			if synced := strings.Contains(x.said.String(), ansi.SetModeSynchronizedOutput); synced != c.synced {
				t.Errorf("synchronized: %v", synced)
			}
			x.send("\x03")
			x.drain()
		})
	}
}

// TestNoColours: where colours are not wanted, or not known, there are none.
func TestNoColours(t *testing.T) {
	for _, environment := range []string{"CLICOLOR=0", "TERM=vt100", "TERM=xterm-mono", "NO_COLOR=1"} {
		x := open(t, []string{environment})
		x.see("✓ acknowledged")
		if color := regexp.MustCompile(`\x1b\[(\d+;)*[39]\d`).FindString(x.said.String()); color != "" {
			t.Errorf("%s: colour %q", environment, color)
		}
		x.send("q")
		x.gone(0)
	}
}

// TestOneScreen: a terminal without a second screen is left empty, with the cursor at the top.
func TestOneScreen(t *testing.T) {
	x := open(t, nil)
	x.see("✓ acknowledged")
	x.send("q")
	x.gone(0)
	only := vt10x.New(vt10x.WithSize(80, 24))
	_, _ = only.Write(regexp.MustCompile(`\x1b\[\?1049[hl]`).ReplaceAll(x.said.Bytes(), nil))
	if text := strings.TrimSpace(only.String()); text != "" || only.Cursor().Y != 0 {
		t.Errorf("the cursor is in row %d of\n%s", only.Cursor().Y, text)
	}
}

// TestNoSize: a terminal that does not know its size has that of the environment, else the usual one.
func TestNoSize(t *testing.T) {
	for _, c := range []struct{ environment, hint string }{{"LINES=40 COLUMNS=120", "─ events ─"}, {"", "? help"}} {
		x := open(t, strings.Fields(c.environment))
		if err := pty.Setsize(x.tty, &pty.Winsize{}); err != nil {
			t.Fatal(err)
		}
		if c.environment != "" {
			x.vt.Resize(120, 40)
		}
		x.see(c.hint)
		x.send("q")
		x.gone(0)
	}
}

// TestTextIsNoKeys: lines that come in one go are asked about where each of their characters is a key.
func TestTextIsNoKeys(t *testing.T) {
	for name, paste := range map[string]string{"unannounced": "kill s1\rkill s2\r", "bracketed": "\x1b[200~kill s1\rkill s2\r\x1b[201~"} {
		t.Run(name, func(t *testing.T) {
			x := open(t, nil)
			x.see("✓ acknowledged")
			x.send(paste)
			x.see("pasted: 2 lines, kill s1 …: run them?")
			x.send("n")
			x.see("nothing was run")
			if strings.Contains(x.vt.String(), "crashed") {
				t.Errorf("it was obeyed:\n%s", x.vt)
			}
			x.send(paste)
			x.see("run them?")
			x.send("y")
			x.see("2 lines done")
			x.until("both to be crashed", func(screen string) bool { return strings.Count(screen, "crashed") >= 2 })
			x.send("\x1b[200~get color\x1b[201~")
			x.see(": get color▏")
			x.send("\x03")
			x.gone(0)
		})
	}
}

// TestLongPaste: what is too long is not cut but refused.
func TestLongPaste(t *testing.T) {
	x := open(t, nil)
	x.see("✓ acknowledged")
	x.send(":")
	x.see("enter run")
	x.send("\x1b[200~put a " + strings.Repeat("1", 70<<10) + "\x1b[201~\x1b")
	x.see("more than 64 KiB can't be pasted at once: nothing was pasted")
	x.send("q")
	x.gone(0)
}
