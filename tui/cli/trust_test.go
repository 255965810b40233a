package cli

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/sim"
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
	root := Root()
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

// TestScriptsAreBounded: a script that takes too long ends, and the last line says what can be done.
func TestScriptsAreBounded(t *testing.T) {
	o := runOptions{Bounds: script.Bounds{Time: 3 * time.Second}}
	slow := file(t, "put a 1", "expect view 9 within 1h", "put b 2")
	r := virtually(t, o, slow, "first-view")
	r.has(t, "put a 1: ok", "failed", "the limit of a script's time is reached, 3s of the cluster's: --no-limits lifts it",
		"end  0 expectations held, 1 failed")
	if r.code != 2 || !strings.HasPrefix(r.err, slow+":2: expect view: the limit") || strings.Contains(r.out, "put b 2") || strings.Contains(r.out, "Your first view") {
		t.Errorf("code %d, %q\n%s", r.code, r.err, r.out)
	}
	sure := file(t, "put a 1", "wait 1h")
	if r := virtually(t, o, sure); r.code != 2 || r.out != "" || !strings.HasPrefix(r.err, sure+":2: wait: the limit") {
		t.Errorf("code %d, %q\n%s", r.code, r.err, r.out)
	}
}

// savedFile is a world of some steps that was saved.
func savedFile(t *testing.T) (name string, length int) {
	t.Helper()
	w, err := sim.New(engine.Defaults, sim.ManualTime())
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if err := w.Wait(t.Context(), time.Second); err != nil {
		t.Fatal(err)
	}
	name = filepath.Join(t.TempDir(), "saved.sb")
	if err := wholefile.Write(name, w.Save); err != nil {
		t.Fatal(err)
	}
	return name, w.Timeline().Length
}

// TestWorldsAreBounded: what takes too much is not opened, whoever opens it.
func TestWorldsAreBounded(t *testing.T) {
	name, length := savedFile(t)
	want := fmt.Sprintf("the limit of steps is reached, %d: --no-limits lifts it", length/2)
	if r := virtually(t, runOptions{Worlds: sim.Limits{Steps: length / 2}}, name); r.code != 2 || !strings.HasSuffix(r.err, want) {
		t.Errorf("code %d, %q", r.code, r.err)
	}
	before := worldLimits
	defer func() { worldLimits = before }()
	worldLimits = sim.Limits{Steps: length / 2}
	p := freshPlayground()
	p.plain, p.screen.Open = true, name
	if err := p.check(); err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Error(err)
	}
	if _, err := p.openWorld(t.Context(), name); err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Error(err)
	}
	o := searchUse{from: name}
	if err := o.openWorld(t.Context()); err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Error(err)
	}
	worldLimits = sim.Limits{Bytes: 100}
	if err := o.openWorld(t.Context()); err == nil || !strings.Contains(err.Error(), "limit of file size") {
		t.Error(err)
	}
	o.trust.unlimited = true
	if err := o.openWorld(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestOpenAt: a saved world begins at the step that is asked for.
func TestOpenAt(t *testing.T) {
	name, length := savedFile(t)
	for _, c := range []struct {
		args string
		at   int
		says string
	}{
		{"--open FILE", length, ""}, {"--open FILE --at 0", 0, ""}, {"--open FILE --at 7", 7, ""},
		{"--open FILE --at 100000", 0, fmt.Sprintf("--at: no step 100000: main has 0 to %d", length)},
		{"--open first-view --at 3", 0, "--at 3: first-view is no saved world"},
		{"--at 3", 0, "--at 3: must be"}, {"--open FILE --at -3", 0, "--at -3: must be"},
	} {
		p := freshPlayground()
		flags := p.command().Flags()
		p.plain = true
		err := flags.Parse(strings.Fields(strings.ReplaceAll(c.args, "FILE", name)))
		if err == nil {
			err = cmp.Or(p.checkShape(flags), p.check())
		}
		if p.world != nil {
			defer p.world.Close()
		}
		if c.says != "" {
			if err == nil || !strings.HasPrefix(err.Error(), c.says) {
				t.Errorf("%s: %v", c.args, err)
			}
			continue
		}
		if err != nil || p.world.Timeline().Step != c.at {
			t.Errorf("%s: %v, at step %d", c.args, err, p.world.Timeline().Step)
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
		if r := inRealTime(t, "run", "--allow-files", "evil.sb"); r.code != 2 || !strings.Contains(r.err, "evil.sb:4: ") || !strings.Contains(r.err, "is no event") {
			t.Errorf("%s: code %d, %s", line, r.code, r.err)
		}
	}
	if got := names(t, "."); got != "evil.sb" {
		t.Errorf("written: %s", got)
	}
}
