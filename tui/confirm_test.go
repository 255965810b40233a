package tui

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cluster/splitbrain/tui/script"
)

// TestOverwriteAsksFirst: a file that this session has not written is overwritten only after a y.
func TestOverwriteAsksFirst(t *testing.T) {
	m, _ := begin(t, steady(), 80, 24, Options{})
	file := filepath.Join(t.TempDir(), "old.sb")
	if err := os.WriteFile(file, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	has := func() string {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	line := "save " + script.Quote(file)
	for _, keys := range [][]string{{"n"}, {"esc"}, {"enter"}, {" "}} {
		settle(m, m.commands.run(line))
		if rowWith(m, "y overwrite") == "" || has() != "precious" {
			t.Fatalf("nobody asks, and the file has %q:\n%s", has(), m.View())
		}
		press(m, keys...)
		if m.dialog != nil || has() != "precious" || rowWith(m, "is as it was") == "" {
			t.Errorf("%s: the file has %q:\n%s", keys, has(), m.View())
		}
	}
	settle(m, m.commands.runAll(readLines(line, "get a")))
	if m.dialog != nil || has() != "precious" || !strings.Contains(m.commands.text, "exists") || m.commands.batch.total != 0 {
		t.Errorf("among pasted lines: %q, the file has %q", m.commands.text, has())
	}
	settle(m, m.commands.run(line))
	press(m, "y")
	if !strings.Contains(has(), "cluster servers=3") {
		t.Errorf("after y the file has %q:\n%s", has(), m.View())
	}
	settle(m, m.commands.run(line))
	if m.dialog != nil {
		t.Errorf("the session's own file is asked about:\n%s", m.View())
	}
	settle(m, m.commands.run("save "+script.Quote(file+"2")))
	settle(m, m.commands.run("save "+script.Quote(file+"2")))
	if m.dialog != nil {
		t.Error("a file that the session has made is asked about")
	}
}

// TestWrites: all commands that overwrite a file are asked about.
func TestWrites(t *testing.T) {
	m, _ := begin(t, steady(), 80, 24, Options{})
	for _, line := range []string{"save a", "export a.svg", "record a"} {
		if m.commands.overwrites(read(line).inv) == "" {
			t.Errorf("%s overwrites without asking", line)
		}
	}
	for _, line := range []string{"save world a", "open a", "put save a", "record off", "", "save"} {
		if file := m.commands.overwrites(read(line).inv); file != "" {
			t.Errorf("%q is thought to overwrite %q", line, file)
		}
	}
	if simulatedWorld(m); m.commands.overwrites(read("save world a").inv) == "" {
		t.Error("where worlds are saved they overwrite without asking")
	}
}

func readLines(lines ...string) (all []task) {
	for _, line := range lines {
		all = append(all, read(line))
	}
	return all
}

// TestQuitAsksFirst: only if something would be lost that can't be had again.
func TestQuitAsksFirst(t *testing.T) {
	m, _ := begin(t, steady(), 80, 24, Options{})
	simulatedWorld(m)
	m.commands.saved = worldSize(m.timeline.Past().Branches)
	if lost := m.wouldBeLost(); lost != "" {
		t.Errorf("of a world as it was saved: %q", lost)
	}
	m.commands.saved--
	press(m, "q")
	if rowWith(m, "branches of this world are not saved (save world FILE): quit?") == "" || rowWith(m, "y quit") == "" {
		t.Fatalf("nobody asks:\n%s", m.View())
	}
	press(m, "q")
	if m.dialog != nil {
		t.Error("another key does not stay")
	}
	m.timeline.Past().Branches[1].First = 4
	press(m, "q")
	if rowWith(m, "branches can't be saved: a beginning is forgotten: quit?") == "" {
		t.Fatalf("nobody says that they can't be saved:\n%s", m.View())
	}
	press(m, "q")
	press(m, "q")
	leaves(t, "y", m, nil)
	m, _ = begin(t, steady(), 80, 24, Options{})
	m.recording = "demo.cast"
	press(m, "q")
	if rowWith(m, "demo.cast is being recorded: quit?") == "" {
		t.Errorf("nobody asks:\n%s", m.View())
	}
}
