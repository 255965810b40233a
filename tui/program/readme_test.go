//go:build unix

package program

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestReadmeProcesses pastes the README's lines about processes into a fresh shell, where make build has left the program.
// They work, twice as well as once.
func TestReadmeProcesses(t *testing.T) {
	_, section, _ := strings.Cut(fileText(t, "README.md"), "## As processes\n")
	parts := strings.Split(section, "```\n")
	if len(parts) < 3 {
		t.Fatal("the README has no lines about processes")
	}
	dir := t.TempDir()
	if err := os.Symlink(binary, filepath.Join(dir, "splitbrain")); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		out, err := os.Create(filepath.Join(dir, "out")) // a file: the daemons keep it open when the shell has ended
		if err != nil {
			t.Fatal(err)
		}
		shell := exec.Command("sh")
		shell.Dir, shell.Stdin, shell.Stdout, shell.Stderr = dir, strings.NewReader(parts[1]), out, out
		shell.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		err = shell.Run()
		_ = syscall.Kill(-shell.Process.Pid, syscall.SIGKILL) // what the shell has left running
		out.Close()
		text := fileText(t, out.Name())
		for _, want := range []string{"\nhello", ": primary \"", ", backup ", `{"ops":`} {
			if err != nil || !strings.Contains(text, want) {
				t.Errorf("%v, not %q in\n%s", err, want, text)
			}
		}
	}
}
