//go:build unix

package program

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/rpc"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/engine/enginetest"
	"cluster/splitbrain/netsim/engine/lex"
	"cluster/splitbrain/netsim/sim"
	"cluster/splitbrain/tui/script"

	"github.com/creack/pty"
	"github.com/hinshun/vt10x"
)

// binary is the program, built once.
var binary string

// barePings in the environment makes this test a program that does nothing but what BenchmarkCPU compares with.
const barePings = "SPLITBRAIN_BARE_PINGS"

func TestMain(m *testing.M) {
	if os.Getenv(barePings) != "" {
		pingBarely()
		return
	}
	if os.Getenv(jobControl) != "" {
		shell()
	}
	if err := os.Chdir("../.."); err != nil { // where make and the README's lines are at home
		panic(err)
	}
	os.Exit(built(m))
}

func built(m *testing.M) int {
	dir, err := os.MkdirTemp("", "splitbrain")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	os.Setenv("XDG_STATE_HOME", filepath.Join(dir, "state")) // not that of whoever runs the tests
	binary = filepath.Join(dir, "splitbrain")
	build := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", binary, ".") // as make build does
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
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
		"--log /nonexistent/dir/log": "terminal", "": "not a terminal", "--speed 0": "--speed 0", "--speed 2000": "2000", "--speed 11": "0.01 to 10 without --sim",
		"--without ack-rul": "did you mean ack-rule?", "--without x": "there are ack-rule, ", "--open first-vew": "did you mean",
		"--servers abc": `--servers "abc": must be a whole number`, "--servrs 5": "did you mean --servers?", "serch": "did you mean search?",
		"serch --random": "did you mean search?", "search x": `search takes no words, and "x" is one`, "help nosuch": `no command "nosuch"`,
		"completion foo": `no command "foo": there are bash, `, "run": "FILE|LESSON is missing", "run --live --sim first-view": "--sim, --live",
		"run --without ack-rule --with-rules first-view": "--without, --with-rules", "get a": "get: --views is missing",
		"get a --views foo:99999": `no port "99999"`, "search --goal vew": `"vew" is no goal: did you mean view?`,
		"run --picture /nonexist/x.svg first-view": "--picture: open /nonexist/x.svg: no such file", "run --cast /nonexist/x.cast first-view": "--cast: ",
		"run --picture /tmp/never.svg --keys nosuchkey first-view": "--keys: no such key: nosuchkey",
		"--open first-view --ping-interval 1s":                     "--ping-interval: what --open opens", "--ping-interval 1s": "--plain do without",
		"--past 12XB": `--past "12XB"`, "--past 12KB": "at least 1 MiB",
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
	for args, want := range map[string]string{"--help": "--dead-pings", "version": "splitbrain ", "--version": "splitbrain ", "completion bash": "complete"} {
		out, err := exec.Command(binary, strings.Fields(args)...).Output()
		if err != nil || !bytes.Contains(out, []byte(want)) {
			t.Errorf("splitbrain %s: %v: %s", args, err, out)
		}
	}
}

// TestCompletion: what the program knows by name can be completed.
func TestCompletion(t *testing.T) {
	for args, want := range map[string]string{
		"run first": "first-view\tThe first view\n", "run ack": "ack-rule\tWithout the ack rule\n", "run docs/demo/fail": "docs/demo/failover.sb\n:0\n",
		"--open pri": "primary-dies\t", "--without ack": "ack-after-transfer\t", "run --without forw": "forward-gets\t", "--theme d": "dark\n:4\n",
		"search --promise lin": "linearizable\n:4\n", "search --goal s": "stuck V3\n", "search --from st": "start\nsteady\n", "sea": "search\t", "help vie": "view\t",
	} {
		out, err := exec.Command(binary, append([]string{"__complete"}, strings.Fields(args)...)...).Output()
		if err != nil || !strings.Contains(string(out), want) {
			t.Errorf("%s: %v: %s", args, err, out)
		}
	}
}

// TestASCII: where the locale has no more than ASCII, sentences have no more.
func TestASCII(t *testing.T) {
	for _, args := range []string{"run ack-rule", "run --json ack-rule", "search --without continuity --time 1h"} {
		cmd := exec.Command(binary, strings.Fields(args)...)
		cmd.Env = append(os.Environ(), "LC_ALL=C")
		out, _ := cmd.CombinedOutput()
		odd := bytes.ContainsFunc(out, func(r rune) bool { return r >= 0x80 })
		if odd != strings.Contains(args, "--json") || len(out) == 0 {
			t.Errorf("%s: odd %v: %s", args, odd, out)
		}
	}
}

// TestInterrupted: what ctrl-c ends before it is done has not succeeded, and says so.
func TestInterrupted(t *testing.T) {
	dir := t.TempDir()
	slow := filepath.Join(dir, "slow.sb")
	if err := os.WriteFile(slow, []byte("expect view 1\nwait 1m\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		sees string // when it is interrupted
		says string
	}{
		{[]string{"run", "--live", slow}, "as expected: view 1", "failed: " + slow + ":2: interrupted at: wait 1m"},
		{[]string{"search", "--random", "--time", "1h"}, " events in ", "interrupted: "},
		{[]string{"search", "--time", "1h", "--servers", "5", "--ops", "9"}, "round ", "interrupted in round "},
	} {
		x := open(t, nil, c.args...)
		x.until(c.sees, func(string) bool { return strings.Contains(x.said.String(), c.sees) })
		if err := x.cmd.Process.Signal(os.Interrupt); err != nil { // not by a key: a terminal drops what is on its way when that is typed
			t.Fatal(err)
		}
		x.drain()
		said := x.said.String()
		if code := x.cmd.ProcessState.ExitCode(); code != 130 || !strings.Contains(said, c.says) || !strings.Contains(said, "splitbrain: interrupted") {
			t.Errorf("%v: exit code %d, said\n%s", c.args, code, said)
		}
	}
}

// TestSearchProgress: on a terminal a search has one row for its progress, which is gone before anything else is said, also after
// ctrl-c. A terminal that has no rows, or is to be plain, gets lines.
func TestSearchProgress(t *testing.T) {
	for env, row := range map[string]bool{"TERM=xterm": true, "LC_ALL=C": true, "TERM=dumb": false, "NO_COLOR=1": false} {
		x := open(t, []string{env}, "search", "--time", "1h", "--servers", "5", "--ops", "9")
		x.until("two rounds", func(string) bool { return strings.Count(x.said.String(), "round ") > 1 })
		if err := x.cmd.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		x.drain()
		said := x.said.String()
		progress, rest, _ := strings.Cut(said, "nothing was found")
		if !row {
			if strings.Contains(said, "\x1b") || !strings.Contains(progress, " MiB, from s") {
				t.Errorf("%s: %q", env, said)
			}
			continue
		}
		if !strings.HasPrefix(progress, "\rround ") || !strings.HasSuffix(progress, "\r\x1b[K") || strings.Contains(progress, "\n") || strings.Contains(rest, "\x1b") {
			t.Errorf("%s: %q", env, said)
		}
		for text := range strings.SplitSeq(progress, "\x1b[K") {
			if len(text) > 80 { // \r, and 79 columns
				t.Errorf("%d bytes: %q", len(text), text)
			}
		}
	}
}

// TestStalledRuns: a simulated run is the same each time, however often the machine makes the program stand.
// SPLITBRAIN_STALLS says how many runs of each script.
func TestStalledRuns(t *testing.T) {
	runs := 8
	if n, err := strconv.Atoi(os.Getenv("SPLITBRAIN_STALLS")); err == nil {
		runs = n
	}
	busy := filepath.Join(t.TempDir(), "busy.sb")
	if err := os.WriteFile(busy, []byte(`cluster clients=8
expect view 2 s1 s2 acked
load c1..c7 rate=700 get=50% keys=20
wait 1s
kill s1
put a 1 @c8 &
expect view 3 s2 s3 acked
restart s1
append a 2 @c8
wait 1s
load off
expect linearizable
`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, script := range []string{"join-under-load", busy} {
		want, err := exec.Command(binary, "run", script).Output()
		if err != nil || !bytes.Contains(want, []byte("load ended: ")) {
			t.Fatalf("%v\n%s", err, want)
		}
		t.Run(filepath.Base(script), func(t *testing.T) {
			t.Parallel()
			for i := range runs {
				if got := stalled(t, uint64(i), "run", script); got != string(want) {
					t.Errorf("run %d:\n%s\nwithout a stall:\n%s", i, got, want)
				}
			}
		})
	}
}

// stalled is what the program writes that stands for 150 ms now and then.
func stalled(t *testing.T, seed uint64, args ...string) string {
	var said bytes.Buffer
	cmd := exec.Command(binary, args...)
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	random := rand.New(rand.NewPCG(seed, 0))
	for signal := syscall.SIGSTOP; ; {
		wait := 150 * time.Millisecond
		if signal == syscall.SIGSTOP {
			wait = time.Duration(1+random.IntN(20)) * time.Millisecond
		}
		select {
		case err := <-ended:
			if err != nil {
				t.Error(err)
			}
			return said.String()
		case <-time.After(wait):
		}
		_ = cmd.Process.Signal(signal) // it may have ended
		signal = syscall.SIGSTOP + syscall.SIGCONT - signal
	}
}

// term is the program in a terminal that answers nothing.
type term struct {
	t     testing.TB
	cmd   *exec.Cmd
	tty   *os.File
	vt    vt10x.Terminal
	said  bytes.Buffer
	reads chan []byte // what the program writes; closed when it has ended
	idle  func()      // called again and again while nothing comes
	still sync.Mutex  // held while nobody reads
}

func open(t testing.TB, env []string, args ...string) *term {
	t.Helper()
	return openProgram(t, env, binary, args...)
}

func openProgram(t testing.TB, env []string, name string, args ...string) *term {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env = append(append(os.Environ(), "TERM=xterm", "STY=", "CLICOLOR=", "LANG=C.UTF-8", "LC_ALL=", "NO_COLOR=", "COLORFGBG="), env...)
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

// read ends when the last process that has the terminal ends. Linux may say that none has it before it has passed on all that was
// written; reading once more waits for that.
func (x *term) read() {
	defer close(x.reads)
	var half []byte // of a character that comes in two parts: vt10x would lose it
	for ended := false; ; {
		b := make([]byte, 64<<10)
		x.still.Lock()
		n, err := x.tty.Read(b)
		x.still.Unlock()
		if err != nil && ended {
			return
		}
		ended = err != nil
		all := append(half, b[:n]...)
		whole := wholeRunes(all)
		half = slices.Clone(all[whole:])
		x.reads <- all[:whole]
	}
}

// wholeRunes is how many bytes of b there are before a character of which the end has not come yet.
func wholeRunes(b []byte) int {
	for i := len(b) - 1; i >= max(0, len(b)-utf8.UTFMax); i-- {
		if utf8.RuneStart(b[i]) {
			if utf8.FullRune(b[i:]) {
				return len(b)
			}
			return i
		}
	}
	return len(b)
}

const patience = time.Minute // a machine may be busy with other things

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
		"\x1b[?1049h": "\x1b[?1049l", "\x1b[?25l": "\x1b[?25h", "\x1b[?1002h": "\x1b[?1002l", "\x1b[?2004h": "\x1b[?2004l", "\x1b[?7l": "\x1b[?7h",
	} {
		if i := strings.LastIndex(said, on); i < 0 || i > strings.LastIndex(said, off) {
			x.t.Errorf("%q is never undone", on)
		}
	}
}

// TestSilentTerminal: a terminal that never answers gets its first frame, and was asked once, when it was taken.
func TestSilentTerminal(t *testing.T) {
	began := time.Now()
	x := open(t, nil)
	x.see("splitbrain")
	t.Logf("first frame after %v; the goal is 300 ms, better 100 ms", time.Since(began))
	if took := time.Since(began); took > 4*time.Second {
		t.Errorf("first frame after %v: somebody waits for an answer of the terminal", took)
	}
	before, after, _ := strings.Cut(x.said.String(), "\x1b[?1049h")
	for _, query := range []string{"\x1b]11;?", "\x1b[6n", "\x1b[c"} {
		if strings.Contains(before, query) || strings.Count(after, query) != 1 {
			t.Errorf("the terminal was asked %q out of turn", query)
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
	x.see("up       boot 2")
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
		x.gone(128 + int(s))
	}
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

// TestNewcomer is the way of somebody who knows nothing: the program says which key leads to the lessons, and the first
// lesson is done with the space key alone.
func TestNewcomer(t *testing.T) {
	t.Parallel() // most of the time it watches
	x := open(t, nil)
	x.see("L: lessons, start here")
	x.send("L")
	x.see("enter choose")
	x.send("\r")
	steps := script.Lessons()[0].Steps
	for n := 1; n < len(steps); n++ {
		x.see(fmt.Sprintf("step %d of %d", n, len(steps)-1))
		x.send(" ")
		begins, _, _ := strings.Cut(steps[n].Then, " ")
		x.see("› " + begins)
		x.see("space goes on")
		x.send(" ")
	}
	x.see("the end")
	x.see("space lists the lessons")
	if strings.Contains(x.vt.String(), "✗") {
		t.Errorf("the first lesson does not come off:\n%s", x.vt)
	}
	x.send("  ") // once too often
	x.see("[lessons]")
	x.send("\x1b")
	x.see("[maps]")
	x.send("q")
	x.gone(0)
}

// TestLessonOnEveryEngine: a lesson is played to its end by the keys, at 80×24: its answers are counted, nothing fails, free
// play comes back, and the list remembers how it went.
func TestLessonOnEveryEngine(t *testing.T) {
	for name, args := range map[string][]string{"live": nil, "simulated": {"--sim"}} {
		t.Run(name, func(t *testing.T) {
			state := "XDG_STATE_HOME=" + t.TempDir()
			x := open(t, []string{state}, append(args, "--open", "backup-joins")...)
			for step, does := range [][2]string{
				{"2", "vs waits until s1 pings with 2."}, {"1", "✗ You said: it lets c1 wait"}, {" ", "s2 has c, too."},
				{"2", "that is the price of a backup"}, {" ", "Both have the same five keys."},
			} {
				x.see(fmt.Sprintf("step %d of 5", step+1))
				x.send(does[0])
				x.see(does[1])
				x.see("time stands")
				if step == 2 {
					x.send("\x1b")
					x.see("free play: time goes by itself")
					x.send("xL")
					x.see("step 3 of 5")
					x.see(does[1])
				}
				x.send(" ")
			}
			x.see("2 of 3 questions answered correctly.")
			if strings.Contains(x.said.String(), "not as this script left it") {
				t.Errorf("a step failed:\n%s", x.said.String())
			}
			x.send(" ")
			x.see("2 ✓ A backup joins")
			x.send("\x1b")
			x.see("[maps]")
			x.send("q")
			x.gone(0)
			x = open(t, []string{state})
			x.see("L: lessons, start here")
			x.send("L")
			x.see("2 ✓ A backup joins")
			x.send("\x1b")
			x.see("[stage]")
			x.send("q")
			x.gone(0)
		})
	}
}

// TestPasteOfAThousand: pasted lines run in their order, and esc cancels the rest.
func TestPasteOfAThousand(t *testing.T) {
	var lines strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&lines, "append log .\rput k%d %d\r", i%40, i)
	}
	x := open(t, nil, "--ping-interval", "20ms")
	x.see("✓ acknowledged")
	x.send(":\x1b[200~" + lines.String() + "\x1b[201~")
	x.see("2,000 lines done")
	x.see("41 keys")
	x.send(":kill s1\rr")
	x.see("s1 restarted")
	x.send(":\x1b[200~kill s1\rkill s2\rkill s3\rput a 1\rput a 2\rput a 3\r\x1b[201~")
	x.see("line 4 of 6")
	x.send("\x1b")
	x.see("line 4 of 6: put a 1: outcome unknown")
	x.send("q")
	x.gone(0)
}

// TestResizeStorm: whatever sizes come in a row, the last one is drawn.
func TestResizeStorm(t *testing.T) {
	x := open(t, nil)
	x.see("✓ acknowledged")
	for i := range 200 {
		if err := pty.Setsize(x.tty, &pty.Winsize{Rows: uint16(i * 7 % 70), Cols: uint16(i * 13 % 230)}); err != nil {
			t.Fatal(err)
		}
		if i%10 == 0 {
			x.send("t")
		}
	}
	if err := pty.Setsize(x.tty, &pty.Winsize{Rows: 24, Cols: 80}); err != nil {
		t.Fatal(err)
	}
	x.vt = vt10x.New(vt10x.WithSize(80, 24))
	x.send(":")
	x.see("enter run")
	x.send("\x1b")
	x.see("? help")
	x.send("q")
	x.gone(0)
}

// TestSlowTerminal: while nobody reads what it draws, the program takes keys all the same, and then draws the newest.
func TestSlowTerminal(t *testing.T) {
	x := open(t, nil, "--ping-interval", "20ms")
	x.see("✓ acknowledged")
	for range 100 { // of which each draws the whole screen
		x.send("tz")
	}
	x.send("x:put color blue\r")
	x.see("put color blue: ok")
	x.see("P primary s2")
	x.send("q")
	x.gone(0)
}

// TestHangup: a terminal that is gone ends the program.
func TestHangup(t *testing.T) {
	x := open(t, nil)
	x.see("✓ acknowledged")
	x.tty.Close()
	ended := make(chan error, 1)
	go func() { ended <- x.cmd.Wait() }()
	select {
	case <-ended:
	case <-time.After(patience):
		t.Error("it goes on without a terminal")
	}
}

// TestSimulated goes back in time, and takes another way from there.
func TestSimulated(t *testing.T) {
	x := open(t, nil, "--sim", "--ping-interval", "20ms")
	x.see("✓ acknowledged")
	x.see("sim ×1")
	x.send("x")
	x.see("P primary s2")
	x.send("[[[[")
	x.see("[timeline]")
	x.send("<<")
	x.see("P primary s1")
	x.see("‖ paused")
	x.send("r")
	x.see("└ b1")
	x.send("q")
	x.see("branches of this world are not saved")
	x.send("y")
	x.gone(0)
}

// TestRecord: what is seen can be recorded from the prompt.
func TestRecord(t *testing.T) {
	file := filepath.Join(t.TempDir(), "demo.cast")
	x := open(t, nil)
	x.see("✓ acknowledged")
	x.send(":record " + file + "\r")
	x.see("REC")
	x.send(":put color blue\r")
	x.see("put color blue: ok")
	x.send(":record off\r")
	x.see("recorded to")
	x.send("q")
	x.gone(0)
	if data, err := os.ReadFile(file); err != nil || !bytes.Contains(data, []byte(`"version":2`)) || !bytes.Contains(data, []byte("splitbrain")) {
		t.Errorf("the recording has %d bytes: %v", len(data), err)
	}
}

// TestOpenWorld opens a world that was saved, with its past.
func TestOpenWorld(t *testing.T) {
	world, err := sim.New(engine.Defaults, sim.ManualTime())
	if err != nil {
		t.Fatal(err)
	}
	defer world.Close()
	if err := errors.Join(world.Wait(t.Context(), time.Second), enginetest.Do(world, "kill s1"), world.Wait(t.Context(), time.Second)); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "found.sb")
	f, err := os.Create(file)
	if err == nil {
		err = errors.Join(world.Save(f), f.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	x := open(t, nil, "--open", file)
	x.see("P primary s2")
	x.see("‖ paused")
	x.send("<<")
	x.see("P primary s1")
	again := filepath.Join(t.TempDir(), "again.sb")
	x.send(":save world " + again + "\r")
	x.see("the world with its branches")
	x.send(":reset\r")
	x.see("a fresh cluster")
	x.send(":open " + again + "\r")
	x.see("opened the world")
	x.see("P primary s1")
	x.see("‖ paused")
	x.send("q")
	x.gone(0)
}

// TestOpenFind opens what a search has found: its story is shown beside the world.
func TestOpenFind(t *testing.T) {
	file := filepath.Join(t.TempDir(), "find.sb")
	search := exec.Command(binary, "search", "--servers", "2", "--without", "wait-for-backup", "--time", "1h", "--out", file)
	if out, err := search.CombinedOutput(); search.ProcessState.ExitCode() != 1 {
		t.Fatalf("%v: %s", err, out)
	}
	x := open(t, nil, "--open", file)
	x.see("[search]")
	x.see("✗ VIOLATION")
	x.send("\x1b[F") // the story is longer than the pane
	x.see("found by splitbrain search")
	x.send("q")
	x.gone(0)
}

// TestSearchFromHere finds what a missing rule breaks, and shows the world in which it is broken.
func TestSearchFromHere(t *testing.T) {
	x := open(t, nil, "--sim", "--servers", "2", "--without", "wait-for-backup")
	x.see("✓ acked")
	x.send(":put a 1\r")
	x.see("put a 1: ok")
	x.send("S")
	x.see("found, paused at its end on branch found")
	x.see("✗ VIOLATION")
	x.send("<")
	x.see("rewind")
	x.send("q")
	x.see("branches of this world are not saved")
	x.send("y")
	x.gone(0)
}

// TestSearchCancelled: a search that was cancelled has not come to its end, and says so.
func TestSearchCancelled(t *testing.T) {
	x := open(t, nil, "--sim")
	x.see("✓ acknowledged")
	x.send(":put a 1\r")
	x.see("put a 1: ok")
	x.send("S")
	x.see("states tried")
	x.send("\x1b")
	x.see("cancelled in round ")
	x.see("nothing was found before it was cancelled")
	x.send("q")
	x.gone(0)
}

// TestRuleOff: a rule that is off can't be overlooked.
func TestRuleOff(t *testing.T) {
	x := open(t, nil, "--without", "forward-gets")
	x.see("✗ RULE OFF forward-gets")
	x.send(":rule ack-rule off\r")
	x.see("✗ 2 RULES OFF")
	x.send("q")
	x.gone(0)
}

// TestPlain: without a screen, commands come from a pipe and sentences go into one.
func TestPlain(t *testing.T) {
	tell := func(input string, args ...string) (said string, code int) {
		cmd := exec.Command(binary, append([]string{"--plain"}, args...)...)
		cmd.Stdin = strings.NewReader(input)
		cmd.Env = append(os.Environ(), "TERM=dumb", "LANG=C.UTF-8", "LC_ALL=")
		out, _ := cmd.CombinedOutput()
		return string(out), cmd.ProcessState.ExitCode()
	}
	said, code := tell("expect view 2 s1 s2 acked\nput color blue\n# nothing\nkill s1\nget color\nwait view 3\nrestart s1\n")
	for _, want := range []string{"view 1: primary s1", "put color blue: ok", "s1 killed", `get color: "blue"`, "view 3: primary s2, backup s3: primary s1 silent", "s1 restarted"} {
		if code != 0 || !strings.Contains(said, want) || strings.Contains(said, "\x1b") {
			t.Errorf("exit code %d, no %q, or escapes, in\n%s", code, want, said)
		}
	}
	if said, code := tell("put a 1\nkil s1\nput a 2\n"); code != 2 || !strings.Contains(said, "line 2") || !strings.Contains(said, "put a 2: ok") {
		t.Errorf("a bad command: exit code %d, said\n%s", code, said)
	}
	if said, code := tell("quit\nput a 1\n", "--without", "ack-rule"); code != 0 || !strings.Contains(said, "bye") || strings.Contains(said, "put a") {
		t.Errorf("quit: exit code %d, said\n%s", code, said)
	}
	if said, code := tell("\n\n", "--open", "first-view"); code != 0 || !strings.Contains(said, "Note: ") {
		t.Errorf("a lesson: exit code %d, said\n%s", code, said)
	}
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
	if text := fileText(t, file); strings.Count(text, "\n") != 1 || !strings.Contains(text, "splitbrain 0.") {
		t.Errorf("it does not say once which program this is: %q", text)
	}
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip(err)
	}
	for _, args := range [][]string{nil, {"--plain"}} {
		x := open(t, nil, append(args, "--log", "/dev/full")...)
		x.drain()
		if code := x.cmd.ProcessState.ExitCode(); code != 2 || strings.Count(x.said.String(), "\n") != 1 || !strings.Contains(x.said.String(), "--log: write /dev/full: ") {
			t.Errorf("%v: exit code %d, said %q", args, code, &x.said)
		}
	}
}

func fileText(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestPicturesAreNotStale draws the README's pictures anew, as `make demo` does.
func TestPicturesAreNotStale(t *testing.T) {
	makefile, err := os.ReadFile("Makefile")
	if err != nil {
		t.Fatal(err)
	}
	drawn := 0
	for line := range strings.Lines(string(makefile)) {
		args, ok := strings.CutPrefix(strings.TrimSpace(line), "./splitbrain run --size ")
		size, args, _ := strings.Cut(args, " ")
		if !ok || !strings.Contains(args, "--picture ") {
			continue
		}
		split, err := lex.Split(args)
		if err != nil {
			t.Fatal(err)
		}
		var words []string
		for _, w := range split {
			words = append(words, w.Text)
		}
		at := slices.Index(words, "--picture") + 1
		want, fresh := words[at], filepath.Join(t.TempDir(), "fresh.svg")
		words[at] = fresh
		if out, err := exec.Command(binary, append([]string{"run", "--size", size}, words...)...).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", want, err, out)
			continue
		}
		a, errA := os.ReadFile(want)
		b, errB := os.ReadFile(fresh)
		if errA != nil || errB != nil || !bytes.Equal(a, b) {
			t.Errorf("%s is stale: make demo (%v %v)", want, errA, errB)
		}
		drawn++
	}
	if drawn < 3 {
		t.Errorf("%d pictures drawn", drawn)
	}
}

// BenchmarkCPU is what the playground takes of one core at 120×40: while nobody does anything, and under 10,000 events
// of messages a second, those of the cluster's own work included. Beside it stands what a program takes at the same time
// that does nothing but make as many calls by net/rpc as an idle cluster sends pings. Each is the difference of a long run
// and a short one.
func BenchmarkCPU(b *testing.B) {
	const short, long = 4 * time.Second, 19 * time.Second
	for _, c := range []struct{ name, keys string }{{"idle", ""}, {"events=10000", ":load rate=1250\r"}} { // 8 events each
		b.Run(c.name, func(b *testing.B) {
			inAll, bareInAll := cpuOf(b, c.keys, long)
			atFirst, bareAtFirst := cpuOf(b, c.keys, short)
			percent := func(took time.Duration) float64 { return 100 * took.Seconds() / (long - short).Seconds() }
			b.ReportMetric(percent(inAll-atFirst), "%-of-a-core")
			b.ReportMetric(percent(bareInAll-bareAtFirst), "%-for-bare-pings")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// cpuOf is the time of the machine that the program takes in a life of that length, at whose beginning keys are pressed,
// and that bare pings take meanwhile.
func cpuOf(b *testing.B, keys string, life time.Duration) (took, bare time.Duration) {
	began := time.Now()
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	pings := exec.Command(self)
	pings.Env = append(os.Environ(), barePings+"=1")
	until, err := pings.StdinPipe()
	if err == nil {
		err = pings.Start()
	}
	if err != nil {
		b.Fatal(err)
	}
	x := open(b, nil)
	if err := pty.Setsize(x.tty, &pty.Winsize{Rows: 40, Cols: 120}); err != nil {
		b.Fatal(err)
	}
	x.vt.Resize(120, 40)
	x.see("✓ acknowledged")
	x.send(keys)
	x.until("its time", func(string) bool { return time.Since(began) >= life })
	x.send("\x03")
	until.Close()
	x.drain()
	if err := pings.Wait(); err != nil {
		b.Fatal(err)
	}
	return cpuTime(x.cmd.ProcessState), cpuTime(pings.ProcessState)
}

func cpuTime(s *os.ProcessState) time.Duration { return s.UserTime() + s.SystemTime() }

// barely answers pings.
type barely struct{}

func (barely) Ping(n int, reply *int) error { *reply = n; return nil }

// pingBarely makes three calls every 100 ms, each on a connection of its own, until its standard input ends.
func pingBarely() {
	server := rpc.NewServer()
	if err := server.RegisterName("Bare", barely{}); err != nil {
		panic(err)
	}
	for range 3 {
		one, other := net.Pipe()
		go server.ServeConn(other)
		client := rpc.NewClient(one)
		go func() { // ends with the process
			for range time.Tick(100 * time.Millisecond) {
				var reply int
				if err := client.Call("Bare.Ping", 1, &reply); err != nil {
					panic(err)
				}
			}
		}()
	}
	_, _ = io.Copy(io.Discard, os.Stdin)
}
