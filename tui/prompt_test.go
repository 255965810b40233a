package tui

import (
	"strings"
	"testing"

	"cluster/splitbrain/netsim"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
)

// write types a text into what is open, letter by letter.
func write(m *Model, text string) {
	for _, r := range text {
		press(m, string(r))
	}
}

func TestPromptRuns(t *testing.T) {
	m, f := begin(t, steady(), 80, 24, Options{})
	write(m, `:put a "x y"`)
	press(m, "enter")
	if got := f.done(); got != "c1: put a x y" {
		t.Errorf("the engine was asked for %q", got)
	}
	if row := rowWith(m, `put a "x y": ok`); row == "" {
		t.Errorf("no result line:\n%s", m.View())
	}
}

func TestPromptHistory(t *testing.T) {
	m, _ := begin(t, steady(), 80, 24, Options{})
	for _, line := range []string{":get a", ":get b", ":get b"} {
		write(m, line)
		press(m, "enter")
	}
	write(m, ":new")
	for _, c := range []struct{ key, want string }{
		{"up", "get b"}, {"up", "get a"}, {"up", "get a"}, {"down", "get b"}, {"down", "new"}, {"down", "new"},
	} {
		press(m, c.key)
		if got := m.dialog.(*prompt).input.Value(); got != c.want {
			t.Errorf("after %s the line is %q, want %q", c.key, got, c.want)
		}
	}
}

func TestPromptCompletes(t *testing.T) {
	m, _ := begin(t, steady(), 80, 24, Options{})
	line := func() string { return m.dialog.(*prompt).input.Value() }
	write(m, ":ki")
	press(m, "tab")
	if line() != "kill " {
		t.Errorf("ki completes to %q", line())
	}
	for _, want := range []string{"kill ", "kill vs", "kill s1", "kill s2", "kill s3", "kill vs"} {
		press(m, "tab")
		if line() != want {
			t.Errorf("tab offers %q, want %q", line(), want)
		}
		if name := strings.TrimPrefix(want, "kill "); rowWith(m, "["+name+"]") == "" && name != "" || rowWith(m, "s1 ") == "" {
			t.Errorf("%q is not marked in a list:\n%s", name, m.View())
		}
	}
	press(m, "shift+tab")
	if line() != "kill s3" {
		t.Errorf("shift+tab goes back to %q", line())
	}
	press(m, "esc")
	if line() != "kill " || rowWith(m, " vs  s1  s2  s3") != "" {
		t.Errorf("esc leaves %q:\n%s", line(), m.View())
	}
	press(m, "tab", "shift+tab")
	if line() != "kill s3" {
		t.Errorf("shift+tab begins with %q", line())
	}
	write(m, "zzz")
	press(m, "tab")
	if line() != "kill s3zzz" {
		t.Errorf("what nothing completes became %q", line())
	}
}

// TestPromptCompletesAsFarAsCertain: tab adds what all candidates have in common, and never more.
func TestPromptCompletesAsFarAsCertain(t *testing.T) {
	m, _ := begin(t, steady(), 80, 24, Options{})
	for typed, want := range map[string]string{
		"ki": "kill ", "kill s": "kill s", "par": "partition ", "re": "re", "kill s1": "kill s1", "put a 1": "put a 1 ",
		"load c1 r": "load c1 rate=", "expect re": "expect re", "rule": "rule", "load": "load ", "expect sta": "expect state ",
		"expect vi": "expect vi", "frob": "frob", "": "",
	} {
		m.openPrompt(typed)
		press(m, "tab")
		if got := m.dialog.(*prompt).input.Value(); got != want {
			t.Errorf("%q becomes %q, want %q", typed, got, want)
		}
	}
	m.openPrompt("")
	press(m, "tab")
	if row := rowWith(m, " put  get  append "); !strings.Contains(row, " more") {
		t.Errorf("the list does not say how much is missing:\n%s", m.View())
	}
	press(m, "shift+tab")
	if rowWith(m, "[quit]") == "" {
		t.Errorf("the last candidate is not seen:\n%s", m.View())
	}
}

// TestPaste: whole lines run in their order, the unfinished last one stays.
func TestPaste(t *testing.T) {
	m, f := begin(t, steady(), 80, 24, Options{})
	write(m, ":put ")
	_, cmd := m.Update(paste("a 1\r\n\r\n# nothing\rput b 2\nkill s"))
	settle(m, cmd)
	if got := f.done(); got != "c1: put a 1; c1: put b 2" {
		t.Errorf("the engine was asked for %q", got)
	}
	if got := m.dialog.(*prompt).input.Value(); got != "kill s" {
		t.Errorf("left to finish is %q", got)
	}
	press(m, "esc")
	if _, cmd := m.Update(paste("kill s1\nkill s2\n")); cmd != nil {
		t.Error("a paste with no prompt open runs")
	}
}

// TestLongResult: what doesn't fit beside its line stands alone, and takes a second row from a why line that has one left.
func TestLongResult(t *testing.T) {
	snap := steady()
	snap.Why.Now = "all is well"
	m, _ := begin(t, snap, 80, 24, Options{})
	for _, c := range []struct {
		line string
		want []string
	}{
		{"foo", []string{` : foo  no command "foo": help lists all`}},
		{"putt a 1", []string{` : no command "putt": did you mean put? (usage: put KEY VALUE [@CLIENT])`}},
		{"put a 1 c2", []string{` : put: word 4 "c2" is too many: quote texts, write clients as @c1 (help put)`}},
		{"expect", []string{` : expect what? view, role, state, keys, data, get and 10 more: help expect`}},
		{"expect view", []string{` : expect view: NUMBER is missing (as in: expect view 2 s1 s2 acked within 2s)`}},
		{"cut s1 s1", []string{` : cut: word 3 "s1" is both ends of the link (usage: cut NODE [>] NODE)`}},
		{"help put", []string{
			` : put KEY VALUE [@CLIENT]: sets a key to a value; @c2 lets client c2 do it, &`,
			`   does not wait for its end; for example: put a 1`}},
	} {
		settle(m, m.commands.run(c.line))
		rows := strings.Split(m.View(), "\n")
		for i, want := range c.want {
			if got := strings.TrimRight(unstyled(rows[23-len(c.want)+i]), " "); got != want {
				t.Errorf("%q says\n%s\nand not\n%s", c.line, got, want)
			}
		}
		if len(rows) != 24 || rowWith(m, "now all is well") == "" {
			t.Errorf("%q breaks the frame:\n%s", c.line, m.View())
		}
	}
	snap.Why.Now = strings.Repeat("all is well, ", 8) + "really"
	see(m, snap)
	if rowWith(m, "sets a key to a value") == "" || rowWith(m, "really") == "" {
		t.Errorf("the result takes a row that the why line needs:\n%s", m.View())
	}
}

// TestViewsCrashed: a viewservice that has crashed knows of no view and of no volunteer.
func TestViewsCrashed(t *testing.T) {
	snap := steady()
	snap.Viewservice.State = netsim.Crashed
	m, _ := begin(t, snap, 80, 24, Options{})
	if row := strings.Fields(rowWith(m, " vs  ")); len(row) != 7 || row[6] != "–" {
		t.Errorf("the viewservice's row is %q", row)
	}
}

// TestTypedAtOnce: what arrives in one read is still typed key by key.
func TestTypedAtOnce(t *testing.T) {
	m, f := begin(t, steady(), 80, 24, Options{})
	_, cmd := m.Update(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("2x:get a")})
	settle(m, cmd)
	if got := f.done(); got != "kill s2" {
		t.Errorf("the engine was asked for %q", got)
	}
	if row := rowWith(m, ": get a▏"); row == "" {
		t.Errorf("the prompt does not have the rest:\n%s", m.View())
	}
}

func TestPicker(t *testing.T) {
	for _, c := range []struct {
		keys string
		want string
	}{
		{"c enter", "cut s1 vs"},
		{"2 c right right enter", "cut s2 s3"},
		{"c 3 >", "cut s1 > s3"},
		{"c 2 <", "cut s2 > s1"},
		{"c right v enter", "cut s1 vs"},
		{"c left enter", "cut s1 c2"},
		{"c esc c q", ""},
	} {
		m, f := begin(t, steady(), 80, 24, Options{})
		press(m, strings.Fields(c.keys)...)
		if got := f.done(); got != c.want {
			t.Errorf("%s: the engine was asked for %q, want %q", c.keys, got, c.want)
		}
	}
	m, f := begin(t, partitioned(), 80, 24, Options{})
	press(m, "c", "enter")
	if got := f.done(); got != "heal s1 vs" {
		t.Errorf("what is cut: the engine was asked for %q", got)
	}
}

// TestEscCancels: an operation that never ends can be given up.
func TestEscCancels(t *testing.T) {
	m, f := begin(t, steady(), 80, 24, Options{})
	f.block = make(chan struct{})
	write(m, ":put a 1")
	_, cmd := m.Update(keyMsg("enter"))
	came := make(chan tea.Msg, 1)
	go func() { came <- cmd() }()
	if rowWith(m, "… runs") == "" || rowWith(m, "esc cancel") == "" {
		t.Errorf("nothing tells that it runs:\n%s", m.View())
	}
	write(m, ":put b 2")
	_, next := m.Update(keyMsg("enter"))
	press(m, "esc")
	m.Update(next())
	if rowWith(m, "put b 2: cancelled before its turn came") == "" {
		t.Errorf("nothing tells that it never began:\n%s", m.View())
	}
	m.Update(<-came)
	if rowWith(m, "cancelled") == "" || m.commands.active() != 0 {
		t.Errorf("nothing tells that it was cancelled:\n%s", m.View())
	}
}

// TestOrder: verbs are carried out in the order of their keys, however their goroutines are scheduled.
func TestOrder(t *testing.T) {
	m, f := begin(t, steady(), 80, 24, Options{})
	_, first := m.Update(keyMsg("x"))
	_, second := m.Update(keyMsg("r"))
	done := make(chan tea.Msg)
	go func() { done <- second() }()
	go func() { done <- first() }()
	<-done
	<-done
	if got := f.done(); got != "kill s1; restart s1" {
		t.Errorf("the engine was asked for %q", got)
	}
}

// TestPanesByName: a pane's name in the prompt shows the pane; tab finishes it.
func TestPanesByName(t *testing.T) {
	m, _ := begin(t, steady(), 80, 24, Options{})
	for _, c := range []struct{ typed, shown string }{
		{"events", "[events]"}, {"show network", "[network]"}, {" charts ", "[charts]"}, {"netw\t", "[network]"},
		{"timeline", "no pane timeline here"}, {"show nothing", `show: word 2 "nothing" is no pane`},
	} {
		press(m, ":")
		for _, r := range c.typed {
			if r == '\t' {
				press(m, "tab")
				continue
			}
			press(m, string(r))
		}
		press(m, "enter")
		if rowWith(m, c.shown) == "" {
			t.Errorf("%q does not show %s:\n%s", c.typed, c.shown, m.View())
		}
	}
}

// TestCaret: while something is typed, the terminal's cursor stands at it, and nowhere else.
func TestCaret(t *testing.T) {
	for _, size := range sizes {
		for _, keys := range [][]string{
			{":", "p", "u"}, {"/", "l", "o"}, {"ctrl+p", "k"}, {":", "put a 漢", "left"}, {":", "par", "tab"}, {"L"},
			{"x"}, {"c"}, {":", "p", "esc"}, {"b"}, {"b", ":", "p"}, {"z", ":"},
		} {
			m, _ := begin(t, steady(), size[0], size[1], Options{})
			for _, key := range keys {
				pressOrType(m, key)
			}
			rows := strings.Split(unstyled(m.View()), "\n")
			at, row := -1, -1
			for y, r := range rows {
				before, after, ok := strings.Cut(r, "▏")
				bar := strings.HasSuffix(before, "█") || strings.HasPrefix(after, "·")
				if ok && !bar && m.dialog != nil {
					at, row = ansi.StringWidth(before), y
				}
			}
			if is := m.caret; is.Shown != (row >= 0) || is.Shown && (is.X != at || is.Y != row) {
				t.Errorf("%v at %v: the cursor stands at %+v, the text at %d, %d:\n%s", keys, size, is, at, row, m.View())
			}
		}
	}
}

// TestListsByName: lists that the prompt is asked for can be read to their end, and something chosen of them.
func TestListsByName(t *testing.T) {
	for _, c := range []struct{ typed, first, last string }{
		{"lessons", "Why two servers?", "what transfer-state is for"}, {"rules", "ack-rule", "transfer-state"},
	} {
		m, _ := begin(t, steady(), 80, 24, Options{})
		press(m, ":")
		for _, r := range c.typed {
			press(m, string(r))
		}
		press(m, "enter")
		if rowWith(m, c.first) == "" {
			t.Fatalf("%s opens no list:\n%s", c.typed, m.View())
		}
		for range 40 {
			press(m, "down")
		}
		if rowWith(m, c.last) == "" {
			t.Errorf("%s is not read to its end:\n%s", c.typed, m.View())
		}
	}
}
