//go:build unix

package program

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// endlessWorld is a file of 150 bytes for which a world must be gone through for minutes.
func endlessWorld(t *testing.T, steps int) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "endless.sb")
	text := fmt.Sprintf("splitbrain world 2\nconfig servers=3 clients=2 ping=100ms dead=5 seed=1 off=\nbranch main - 0\n"+
		"end %d 1 0000000000000000\nat main 0\n", steps)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestOpeningCanBeStopped: a program that goes through a saved world ends when it is told to, and says so in its exit code.
func TestOpeningCanBeStopped(t *testing.T) {
	world := endlessWorld(t, 100_000_000)
	for _, args := range [][]string{{"run", world}, {"search", "--from", world}, {"--plain", "--open", world}} {
		for s, want := range map[syscall.Signal]int{syscall.SIGINT: 130, syscall.SIGTERM: 143, syscall.SIGHUP: 129} {
			var said bytes.Buffer
			cmd := exec.Command(binary, args...)
			cmd.Stdout, cmd.Stderr = &said, &said
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			whileBusy(t, cmd, s)
			if code := cmd.ProcessState.ExitCode(); code != want || strings.Count(said.String(), "\n") != 1 {
				t.Errorf("%v, %v: exit code %d, said %q", args, s, code, &said)
			}
		}
	}
}

// whileBusy sends a signal once the program has worked for a while, and waits for its end.
func whileBusy(t *testing.T, cmd *exec.Cmd, s syscall.Signal) {
	t.Helper()
	for worked := 0; worked < 50; { // hundredths of a second: beginning takes no more than a few
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", cmd.Process.Pid))
		if err != nil {
			t.Skip("no /proc: ", err)
		}
		_, rest, _ := strings.Cut(string(stat), ") ")
		if worked, err = strconv.Atoi(strings.Fields(rest)[11]); err != nil {
			t.Fatal(err)
		}
	}
	if err := cmd.Process.Signal(s); err != nil {
		t.Error(err)
	}
	_ = cmd.Wait()
}

func TestTooManySteps(t *testing.T) {
	out, err := exec.Command(binary, "run", endlessWorld(t, 100_000_001)).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "endless.sb:4: step 100000001: a branch has at most 100000000") {
		t.Errorf("%v: %s", err, out)
	}
}

// TestPlaygroundOpensAndEnds: while a world is opened, esc gives it up, and ctrl+c and SIGTERM end the program.
func TestPlaygroundOpensAndEnds(t *testing.T) {
	world := endlessWorld(t, 100_000_000)
	for _, end := range []func(*term){
		func(x *term) { x.send("\x03") },
		func(x *term) { _ = x.cmd.Process.Signal(syscall.SIGTERM) },
		func(x *term) {
			x.send("\x1b")
			x.see(": cancelled")
			x.send("q")
		},
	} {
		x := open(t, nil)
		x.see("acknowledged")
		x.send(":open " + world + "\r")
		x.see("open " + world[:20])
		end(x)
		x.drain()
		x.gone(x.cmd.ProcessState.ExitCode())
	}
}

// TestOpenAtOnceEnds: the world that the playground begins with can be given up as well.
func TestOpenAtOnceEnds(t *testing.T) {
	x := open(t, nil, "--open", endlessWorld(t, 100_000_000))
	whileBusy(t, x.cmd, syscall.SIGTERM)
	if code := x.cmd.ProcessState.ExitCode(); code != 143 {
		t.Errorf("exit code %d", code)
	}
}
