package search

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"cluster/splitbrain/netsim/sim"
)

// command runs the command.
func command(args ...string) (stdout, stderr string, err error) {
	var out, errs bytes.Buffer
	c := Command()
	c.SilenceUsage, c.SilenceErrors = true, true
	c.SetArgs(args)
	c.SetOut(&out)
	c.SetErr(&errs)
	err = c.Execute()
	return out.String(), errs.String(), err
}

func TestCommandFinds(t *testing.T) {
	file := filepath.Join(t.TempDir(), "find.sb")
	out, _, err := command("--without", "restart-detection", "--out", file)
	if !errors.Is(err, ErrFound) {
		t.Fatal(err)
	}
	for _, want := range []string{"s1 crashes and is back", "linearizable: ", "restart-detection (V7 S2) is off", "written to " + file, "found: "} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in:\n%s", want, out)
		}
	}
	text, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer text.Close()
	e, err := sim.Open(text)
	if err != nil {
		t.Fatal(err)
	}
	e.Close()
}

func TestCommandJSON(t *testing.T) {
	out, _, err := command("--json", "--crashes", "1", "--losses", "0", "--silences", "0", "--duplicates", "0", "--late", "0", "--ops", "0")
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, field := range []string{"states", "distinct", "seconds", "states_per_s", "depth", "exhausted", "violation", "script"} {
		if _, ok := got[field]; !ok {
			t.Errorf("no field %s in %s", field, out)
		}
	}
	if got["exhausted"] != true || got["violation"] != nil || got["script"] != nil {
		t.Errorf("%s", out)
	}
	out, _, err = command("--json", "--without", "continuity")
	if !errors.Is(err, ErrFound) || !strings.Contains(out, `"violation":"an empty server serves: lost writes; `) {
		t.Errorf("%v: %s", err, out)
	}
}

func TestCommandEndsInTime(t *testing.T) {
	for _, args := range [][]string{{"--time", "300ms"}, {"--time", "300ms", "--random"}} {
		out, _, err := command(args...)
		if err != nil || !strings.Contains(out, "ended by time") {
			t.Errorf("%v: %v: %s", args, err, out)
		}
	}
}

func TestCommandGoal(t *testing.T) {
	if out, _, err := command("--goal", "view 3"); err != nil || !strings.Contains(out, "reached: view 3") {
		t.Errorf("%v: %s", err, out)
	}
	if _, _, err := command("--goal", "view 9", "--depth", "2"); !errors.Is(err, ErrFound) {
		t.Errorf("not reached: %v", err)
	}
}

func TestCommandRefuses(t *testing.T) {
	tests := []struct {
		args []string
		want string
	}{
		{[]string{"--without", "ackrule"}, `--without "ackrule": no such rule: did you mean ack-rule?`},
		{[]string{"--without", "filter-duplicate"}, "did you mean filter-duplicates?"},
		{[]string{"--promise", "linearisable"}, "did you mean linearizable?"},
		{[]string{"--servers", "0"}, "--servers 0: must be 1 to 9"},
		{[]string{"--clients", "65"}, "--clients 65: must be 1 to 8"},
		{[]string{"--ops", "-1"}, "--ops -1: must be 0 to 99"},
		{[]string{"--memory", "much"}, `--memory "much": must be like 512MiB or 2GiB`},
		{[]string{"--memory", "1MiB"}, "--memory: must be at least 64 MiB"},
		{[]string{"--from", "now"}, "--from: neither start nor steady nor a saved world: open now: "},
		{[]string{"--goal", "bliss"}, errGoal.Error()},
		{[]string{"--goal", "primary s7"}, errGoal.Error()},
		{[]string{"--random", "--depth", "3"}, "--depth: a random search has none"},
		{[]string{"--time", "0s"}, "--time 0s: must be positive"},
		{[]string{"--depth", "-1"}, "--depth -1: must be 0 to 1000"},
		{[]string{"--from", "world.sb", "--clients", "2"}, "--clients: a saved world has its own"},
		{[]string{"extra"}, "extra"},
	}
	for _, test := range tests {
		_, _, err := command(test.args...)
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") || errors.Is(err, ErrFound) {
			t.Errorf("%v: %v, want %q", test.args, err, test.want)
		}
	}
}

// What can't be written is known before the search, and nothing is there if nothing was found.
func TestCommandWrites(t *testing.T) {
	dir := t.TempDir()
	for _, file := range []string{dir, filepath.Join(dir, "missing", "find.sb")} {
		out, errs, err := command("--time", "1h", "--out", file)
		if err == nil || !strings.HasPrefix(err.Error(), "--out: open ") || out+errs != "" {
			t.Errorf("%s: %v\n%s%s", file, err, out, errs)
		}
	}
	file := filepath.Join(dir, "nothing.sb")
	if _, _, err := command("--ops", "0", "--silences", "0", "--crashes", "0", "--out", file); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("a file without a find")
	}
}

// A pipe that nobody writes to does not keep a search from ending.
func TestSearchFromAPipe(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skip(err)
	}
	ctx, cancel := context.WithTimeoutCause(t.Context(), 50*time.Millisecond, errors.New("no more"))
	defer cancel()
	o := Defaults
	o.From = From(pipe)
	if _, err := Search(ctx, o, nil); err == nil || !strings.Contains(err.Error(), "pipe was not read to its end: no more") {
		t.Error(err)
	}
}
