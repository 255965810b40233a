package cli

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cluster/splitbrain/tui/script"
	"cluster/splitbrain/tui/wholefile"
)

// evil are lines by which somebody else's script would write where FILE is put in.
var evil = []string{"save FILE.sb", "export FILE.svg", "export FILE.jsonl", "export FILE.html", "save world FILE.sb"}

// inFolder runs a script of a put and a line in an empty working folder, beside which there is a file that is somebody's.
func inFolder(t *testing.T, line string, flags ...string) (r ran, here, beside string) {
	t.Helper()
	outer := t.TempDir()
	here, beside = filepath.Join(outer, "here"), filepath.Join(outer, "beside")
	for _, dir := range []string{here, beside} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(beside, filepath.Join(here, "way")); err != nil {
		t.Fatal(err)
	}
	t.Chdir(here)
	var out bytes.Buffer
	root := newRoot()
	root.SetArgs(append(append([]string{"run"}, flags...), file(t, `put a "$(touch x)"`, line)))
	root.SetOut(&out)
	return runOf(&out, root.Execute()), here, beside
}

// names are what is in a folder.
func names(t *testing.T, dir string) string {
	t.Helper()
	all, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range all {
		names = append(names, e.Name())
	}
	return strings.Join(names, " ")
}

// TestScriptsWriteNothing: no command of a script writes a file unless that was allowed, and then only below the working
// folder, and no link leads out of it.
func TestScriptsWriteNothing(t *testing.T) {
	for _, line := range evil {
		for _, name := range []string{"x", "../beside/x", "BESIDE/x", "way/x"} {
			if name != "x" && strings.HasSuffix(line, "l") { // one kind of export stands for all
				continue
			}
			line := strings.ReplaceAll(line, "FILE", name)
			if name == "BESIDE/x" {
				line = strings.ReplaceAll(line, "BESIDE", t.TempDir())
			}
			r, here, beside := inFolder(t, line)
			if r.code != 2 || !strings.Contains(r.err, ":2: ") || !strings.Contains(r.err, "--allow-files") || r.out != "" {
				t.Errorf("%s: code %d, %q\n%s", line, r.code, r.err, r.out)
			}
			if got := names(t, here) + "; " + names(t, beside); got != "way; " {
				t.Errorf("%s wrote %s", line, got)
			}
			r, here, beside = inFolder(t, line, "--allow-files")
			if ok := name == "x"; ok != (r.code == 0) || !ok && r.code != 1 {
				t.Errorf("%s, allowed: code %d, %q\n%s", line, r.code, r.err, r.out)
			}
			if got := names(t, here) + "; " + names(t, beside); (got == "way; ") == (name == "x") || names(t, beside) != "" {
				t.Errorf("%s, allowed, wrote %s", line, got)
			}
		}
	}
}

// TestScriptsReplaceNothing: a file that was there before is replaced only when that is allowed, too.
func TestScriptsReplaceNothing(t *testing.T) {
	for flag, want := range map[string]string{"--allow-files": "precious", "--replace-files": "cluster servers=3"} {
		t.Chdir(t.TempDir())
		if err := os.WriteFile("old.sb", []byte("precious"), 0o600); err != nil {
			t.Fatal(err)
		}
		r := inRealTime(t, "run", flag, file(t, "save new.sb", "put a 1", "save new.sb", "save old.sb"))
		has, err := os.ReadFile("old.sb")
		if err != nil || !strings.Contains(string(has), want) {
			t.Errorf("%s: %q, %v", flag, has, err)
		}
		if kept := flag == "--allow-files"; kept != strings.Contains(r.out, "--replace-files") || kept != (r.code == 1) {
			t.Errorf("%s: code %d\n%s", flag, r.code, r.out)
		}
		if has, err := os.ReadFile("new.sb"); err != nil || !strings.Contains(string(has), "put a 1") {
			t.Errorf("%s: what the script itself has made: %q, %v", flag, has, err)
		}
	}
}

// TestOpenedScriptsWriteNothing: the playground refuses such a script before it shows anything, a recording included.
func TestOpenedScriptsWriteNothing(t *testing.T) {
	for _, line := range append(evil, "record FILE.cast", "record off") {
		p := freshPlayground()
		p.plain, p.screen.Open = true, file(t, "put a 1", strings.ReplaceAll(line, "FILE", "x"))
		if err := p.check(); err == nil || !strings.Contains(err.Error(), ":2: ") || !strings.Contains(err.Error(), "--allow-files") {
			t.Errorf("%s: %v", line, err)
		}
		p.trust.write = true
		if err := p.check(); err != nil {
			t.Errorf("%s, allowed: %v", line, err)
		}
	}
}

// TestLessonsWriteNothing: what the program brings along writes nothing either.
func TestLessonsWriteNothing(t *testing.T) {
	for _, s := range append(script.Lessons(), script.RuleScripts()...) {
		if err := s.CheckRunnable(script.Runner{}); err != nil {
			t.Error(err)
		}
	}
}

// TestWorldsWriteNothing: a saved world holds what was done to a cluster, and a command that writes is no part of that.
func TestWorldsWriteNothing(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, line := range evil {
		text := "splitbrain world 2\nconfig servers=3 clients=2 seed=0 ping-interval=100ms dead-pings=5 off=\nbranch main - 0\n" +
			"1 1000 " + strings.ReplaceAll(line, "FILE", "x") + "\nend 1 1000 0000000000000000\nat main 1\n"
		if err := wholefile.Write("evil.sb", func(w io.Writer) error { _, err := w.Write([]byte(text)); return err }); err != nil {
			t.Fatal(err)
		}
		if r := inRealTime(t, "run", "--allow-files", "evil.sb"); r.code != 2 || !strings.Contains(r.err, "evil.sb:4: ") {
			t.Errorf("%s: code %d, %s", line, r.code, r.err)
		}
	}
	if got := names(t, "."); got != "evil.sb" {
		t.Errorf("written: %s", got)
	}
}
