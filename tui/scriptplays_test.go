package tui

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"cluster/splitbrain/netsim/engine"

	tea "github.com/charmbracelet/bubbletea"
)

// scriptPlays is a model that plays a script whose put never ends, and that ends when ended is called.
func scriptPlays(t *testing.T) (m *Model, f *fake, ended func()) {
	t.Helper()
	m, _ = begin(t, steady(), 80, 24, Options{})
	f = &fake{snap: steady(), block: make(chan struct{})}
	f.Notes = f.note
	m.host.make = func(engine.Config) (engine.Engine, error) { return f, nil }
	file := filepath.Join(t.TempDir(), "demo.sb")
	if err := os.WriteFile(file, []byte("put a 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := m.commands.run(openLine(file))
	came := make(chan tea.Msg, 1)
	go func() { came <- cmd() }() // ends when the script does
	for f.done() == "" {
		runtime.Gosched()
	}
	lookAt(m)
	return m, f, func() { m.Update(<-came) }
}

// TestScriptPlays: what needs the cluster waits for the script that plays, and says so; what needs none does not wait.
func TestScriptPlays(t *testing.T) {
	m, f, ended := scriptPlays(t)
	is := func(want string) {
		t.Helper()
		if rowWith(m, want) == "" {
			t.Errorf("nothing says %q:\n%s", want, m.View())
		}
	}
	_, kill := m.Update(keyMsg("x"))
	is("… demo.sb plays  : kill s1  … waits for the script; esc ends it")
	write(m, ":show events")
	press(m, "enter")
	is("… demo.sb plays")
	if !m.inFront(m.events) {
		t.Error("the pane is not shown")
	}
	write(m, ":help kill")
	press(m, "enter")
	is("kill NODE: ")
	write(m, ":kil s1")
	press(m, "enter")
	is("did you mean kill")
	write(m, ":freeze s2")
	_, freeze := m.Update(keyMsg("enter"))
	is("… demo.sb plays, 2 lines wait  : freeze s2  … waits for the script; esc ends it")

	press(m, "esc") // the script alone
	ended()
	settle(m, kill)
	settle(m, freeze)
	if got := f.done(); got != "c1: put a 1; kill s1; freeze s2" {
		t.Errorf("the engine was asked for %q", got)
	}
}

// TestOpenWhileAScriptPlays: that a script can't be read is told at once, and lets nothing begin early.
func TestOpenWhileAScriptPlays(t *testing.T) {
	m, f, ended := scriptPlays(t)
	write(m, ":open nosuch.sb")
	_, open := m.Update(keyMsg("enter"))
	all, ok := open().(tea.BatchMsg)
	if !ok || len(all) != 2 {
		t.Fatalf("it came to %v", all)
	}
	settle(m, all[0])
	if rowWith(m, "open: no file or lesson nosuch.sb") == "" {
		t.Errorf("nothing says that there is no such file:\n%s", m.View())
	}
	_, kill := m.Update(keyMsg("x"))
	came := make(chan tea.Msg, 1)
	go func() { came <- kill() }() // ends when the script does
	close(f.block)
	ended()
	settle(m, all[1])
	m.Update(<-came)
	if got := f.done(); got != "c1: put a 1; kill s1" {
		t.Errorf("the engine was asked for %q", got)
	}
}

// TestQuitWhileAScriptPlays: the program ends at once, unless a file is still to be written.
func TestQuitWhileAScriptPlays(t *testing.T) {
	m, _, _ := scriptPlays(t)
	_, quit := m.Update(keyMsg("q"))
	if msg, ok := quit().(ran); !ok || !msg.result.Quit {
		t.Errorf("it came to %v", msg)
	}
	m, _, _ = scriptPlays(t)
	write(m, ":save "+filepath.Join(t.TempDir(), "mine.sb"))
	m.Update(keyMsg("enter"))
	m.Update(keyMsg("q"))
	if u := m.commands.running[m.commands.last]; u.line != "quit" || !u.waits() {
		t.Errorf("%q does not wait for the file", u.line)
	}
	if lines := m.commands.waiting(); lines != 2 {
		t.Errorf("%d lines wait", lines)
	}
}
