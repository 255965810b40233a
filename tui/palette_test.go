package tui

import (
	"strings"
	"testing"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/viewservice/rules"

	tea "github.com/charmbracelet/bubbletea"
)

func TestFuzzy(t *testing.T) {
	for _, c := range []struct{ typed, better, worse string }{
		{"kill", "kill NODE", "unreliable NODE"}, {"par", "partition", "compare"}, {"iso", "isolate", "is also"},
		{"fz", "freeze", ""}, {"heal all", "heal all", "heal"}, {"", "anything", ""}, {"KILL", "kill", ""},
	} {
		if b, w := fuzzy(c.typed, c.better), fuzzy(c.typed, c.worse); b <= 0 || c.worse != "" && b <= w {
			t.Errorf("%q: %q scores %d, %q %d", c.typed, c.better, b, c.worse, w)
		}
	}
	if got := fuzzy("xyz", "kill a server"); got != 0 {
		t.Errorf("letters that are not there score %d", got)
	}
}

// TestPalette: what needs nothing more runs, what needs arguments goes to the prompt, which says how it is used.
func TestPalette(t *testing.T) {
	for _, c := range []struct{ typed, shows, calls string }{
		{"isolate", "▸ s1", "isolate s1"},                      // the key's action, on the selected node
		{"heal [", "all links are whole", "heal"},              // a command that needs no argument
		{"put", ": put ▏", ""}, {"delay", "NODE [>] NODE", ""}, // commands that do
		{"help", "they act on the selected node", ""},
		{"kill s3", "kill s3", "kill s3"}, {"thaw", ": thaw ▏", ""}, {"cut s2 c1", "cut s2 c1", "cut s2 c1"}, {"network", "[network]", ""},
		{"V5", "[V5 Continuity]", ""},
	} {
		m, f := begin(t, steady(), 80, 24, Options{})
		press(m, "ctrl+p")
		for _, r := range c.typed {
			press(m, string(r))
		}
		press(m, "enter")
		if rowWith(m, c.shows) == "" || f.done() != c.calls {
			t.Errorf("%s: the engine was asked for %q, nothing shows %q:\n%s", c.typed, f.done(), c.shows, m.View())
		}
	}
	m, _ := begin(t, steady(), 80, 24, Options{})
	press(m, "ctrl+p")
	if write(m, "split brain"); rowWith(m, "▸ lesson two-servers") == "" { // as the list of lessons says of it
		t.Errorf("a lesson is not found by what it is about:\n%s", m.View())
	}
	press(m, "esc", "ctrl+p", "q", "q", "q", "q")
	if rowWith(m, "nothing has that in it") == "" {
		t.Errorf("nothing tells that nothing is found:\n%s", m.View())
	}
	press(m, "enter", "esc")
	if m.dialog != nil {
		t.Error("esc does not close it")
	}
}

// TestPaletteMouse: the wheel moves the choice, a click picks it.
func TestPaletteMouse(t *testing.T) {
	m, f := begin(t, steady(), 80, 24, Options{})
	press(m, "ctrl+p", "t", "h", "e", "m", "e")
	click(m, 10, m.layout.main.y+2, tea.MouseButtonWheelDown)
	click(m, 10, m.layout.main.y+2, tea.MouseButtonWheelUp)
	click(m, 10, rowOf(m, "▸ theme"), tea.MouseButtonLeft)
	if rowWith(m, "theme dark") == "" || f.done() != "" {
		t.Errorf("a click does not pick:\n%s", m.View())
	}
	press(m, "ctrl+p", "pgdown", "pgdown")
	click(m, 10, m.layout.why.y-1, tea.MouseButtonLeft) // below the list
	if m.dialog == nil {
		t.Fatalf("a click below the list picks:\n%s", m.View())
	}
	click(m, 10, rowOf(m, " explain "), tea.MouseButtonLeft)
	if rowWith(m, "[S5 One order]") == "" {
		t.Errorf("a click in a list that goes on above does not pick:\n%s", m.View())
	}
}

// TestWelcome: a newcomer is told where to begin, until the first key that does something.
func TestWelcome(t *testing.T) {
	m, _ := begin(t, steady(), 80, 24, Options{})
	press(m, "down", "2")
	if rowWith(m, "L: lessons, start here") == "" {
		t.Errorf("selecting hides where to begin:\n%s", m.View())
	}
	press(m, "z")
	if rowWith(m, "L: lessons, start here") != "" {
		t.Error("it does not go away")
	}
}

// TestPasteIsWhole: of pasted lines none runs if one is no command, and the rest stays undone after one that fails.
func TestPasteIsWhole(t *testing.T) {
	m, f := begin(t, steady(), 80, 24, Options{})
	press(m, ":")
	_, cmd := m.Update(paste("kill s1\nkil s2\nkill s3\n"))
	settle(m, cmd)
	if rowWith(m, "pasted line 2") == "" || f.done() != "" {
		t.Errorf("the engine was asked for %q:\n%s", f.done(), m.View())
	}
	press(m, ":")
	_, cmd = m.Update(paste("kill s1\nkill s9\nkill s3\n"))
	settle(m, cmd)
	if rowWith(m, "line 2 of 3: ") == "" || f.done() != "kill s1" {
		t.Errorf("the engine was asked for %q:\n%s", f.done(), m.View())
	}
}

func TestClipboard(t *testing.T) {
	for _, c := range []struct {
		env  map[string]string
		want bool
	}{
		{map[string]string{"TERM": "xterm-256color"}, true}, {map[string]string{"TERM": "screen-256color", "TMUX": "x"}, true},
		{map[string]string{"TERM": "screen"}, false}, {map[string]string{"TERM": "xterm", "STY": "1.x"}, false},
		{map[string]string{"TERM": "linux"}, false}, {map[string]string{"TERM": "dumb"}, false}, {nil, false},
		{map[string]string{"TERM": "alacritty"}, true},
	} {
		if got := reachesClipboard(func(name string) string { return c.env[name] }); got != c.want {
			t.Errorf("%v: %v", c.env, got)
		}
	}
	if seq := clipboardSequence("a", true); !strings.Contains(seq, "\x1bPtmux;\x1b\x1b]52;c;YQ==") || !strings.HasPrefix(seq, "\x1b]52;c;YQ==") {
		t.Errorf("in tmux goes out %q", seq)
	}
	t.Setenv("TMPDIR", t.TempDir())
	m, _ := begin(t, steady(), 80, 24, Options{})
	m.opts.Getenv = func(string) string { return "" }
	press(m, "y")
	if rowWith(m, "this terminal has no clipboard") == "" {
		t.Errorf("nothing tells where it went:\n%s", m.View())
	}
}

// rulesOff has two rules off and a violation.
func rulesOff() engine.Snapshot {
	s := partitioned()
	s.Disabled = rules.Without(rules.ForwardGets, rules.AckRule)
	return s
}

// TestPaletteIsLate: what was offered and can't be done any more is not done.
func TestPaletteIsLate(t *testing.T) {
	m, f := begin(t, steady(), 80, 24, Options{})
	bringNamed(t, m, "messages")
	watchTravel(m)
	press(m, "ctrl+p")
	press(m, strings.Split("release", "")...)
	see(m, steady())
	press(m, "enter")
	if f.done() != "" || m.commands.text != "release does nothing now" {
		t.Errorf("done: %q, told: %q", f.done(), m.commands.text)
	}
	press(m, "ctrl+p")
	press(m, strings.Split("read what", "")...)
	m.Update(tea.WindowSizeMsg{})
	press(m, "enter")
}
