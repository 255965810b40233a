package tui

import (
	"encoding/base64"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/tui/pane"
	"cluster/splitbrain/tui/script"

	tea "github.com/charmbracelet/bubbletea"
)

// effect presses key and checks what came of it.
type effect func(t *testing.T, key string, m *Model, f *fake)

// effects are what keys must do, seen from outside. A key without an entry fails the test.
var effects = map[string]effect{
	"x": calls("kill s1"), "r": calls("restart s1"), "f": calls("freeze s1"), "i": calls("isolate s1"), "H": calls("heal"),
	"e": shows("[S5 One order]"), "V": func(t *testing.T, key string, m *Model, f *fake) {
		m.violated, m.seenByClients = "a promise", true
		shows("✗ VIOLATION")(t, key, m, f)
		if rowWith(m, "a promise") != "" {
			t.Errorf("it is not put away:\n%s", m.View())
		}
	}, "c": shows("cut s1 from"), "P": shows(": partition s1 | vs s2"), ":": shows(": ▏"), "/": shows("/ ▏"),
	"tab": shows("[messages]"), "shift+tab": shows("[stage]"), "?": shows("they act on the selected node"),
	"A": shows("slow motion comes by itself"), "t": shows("theme dark"), "m": shows("the mouse is the terminal’s"),
	"esc": func(t *testing.T, key string, m *Model, f *fake) { press(m, "z"); shows("▸ s1")(t, key, m, f) },
	"z":   func(t *testing.T, key string, m *Model, f *fake) { press(m, "z"); shows("▸ s1")(t, key, m, f) },
	"N":   shows("begin anew, with a fresh cluster?"),
	"q":   leaves, "ctrl+c": leavesAtOnce, "ctrl+z": suspends,
	"1": selects("s1"), "2": selects("s2"), "3": selects("s3"), "4": selects("s1"), "5": selects("s1"), "6": selects("s1"),
	"7": selects("s1"), "8": selects("s1"), "9": selects("s1"), "up": selects("s1"), "down": selects("s2"),
	" ": calls("pause"), "+": calls("speed 2"), "-": calls("speed 0.5"), ".": both(paused(calls("step")), lookingBack(shows(backToNow))),
	"d": holding(calls("deliver 17")), "D": holding(calls("drop 17")), "u": holding(calls("duplicate 17")),
	"R": holding(calls("release")), "enter": holding(shows("PBServer.Forward")),
	"w": holding(chooses(16)), "v": holding(shows("s1 → s2")),
	"W": holding(func(t *testing.T, key string, m *Model, f *fake) { press(m, "w"); chooses(17)(t, key, m, f) }),
	"J": holding(chooses(18)), "K": holding(chooses(17)), "p": holding(shows("Ping(2)")),
	"ctrl+p": shows("[palette]"), "b": shows("VIEW 2"), "y": copies("s1   P primary   up        boot 1"), "Y": copies("view 2: s1 answers"),
	"S": both(simulated(finds), shows("a search needs a cluster that can go back")), "L": shows("[lessons]"), "backspace": inLesson(func(t *testing.T, key string, m *Model, f *fake) {
		press(m, key)
		lookAt(m)
		shows("? s1 is cut from vs now")(t, "f", m, f)
	}),
	"left": simulated(shows("▸ 0:01.000")), "C": simulated(calls("compare b1 main")), "I": shows("inspect s1"), "h": onNetwork(calls("hold s1 s2")), "l": onNetwork(calls("loss s1 s2 30%")), "right": onNetwork(shows("s1 > s3: whole")),
	"o":    remembering(shows("too long ago")),
	",":    both(simulated(calls("rewind 9")), remembering(shows("LOOKING BACK 1.0 s ago"))),
	"<":    both(simulated(calls("rewind 6")), remembering(shows("LOOKING BACK 2.0 s ago"))),
	">":    both(simulated(calls("rewind 12")), lookingBack(shows(backToNow))),
	"pgup": scrolls(-1), "pgdown": scrolls(+1), "home": scrolls(-1), "end": scrolls(+1),
}

// allOf are all actions that there are: those where the past can be returned to.
func allOf(t testing.TB) []pane.Action {
	m, _ := begin(t, steady(), 80, 24, Options{})
	simulatedWorld(m)
	return m.actions
}

func TestEveryKeyWorks(t *testing.T) {
	for _, a := range allOf(t) {
		check, ok := effects[a.Keys[0]]
		if !ok {
			t.Errorf("%s: no test knows what it does", a.Keys[0])
			continue
		}
		for _, key := range a.Keys {
			t.Run(key, func(t *testing.T) {
				snap := steady()
				snap.Faults = []netsim.Fault{{Kind: netsim.FaultCut, From: "s2", To: "s3"}}
				m, f := begin(t, snap, 80, 24, Options{})
				check(t, key, m, f)
			})
		}
	}
}

// TestHelpAndHintsAreTheTable: what is written of keys is made from the table. Help has what works now, its filter
// finds the rest.
func TestHelpAndHintsAreTheTable(t *testing.T) {
	m, _ := begin(t, steady(), 300, 100, Options{})
	hints := rowWith(m, ": command")
	works := map[*pane.Action]bool{}
	for i := range m.actions {
		_, works[&m.actions[i]] = m.actions[i].Available(m.place())
	}
	press(m, "?")
	for i := range m.actions {
		a := &m.actions[i]
		if a.Help == "" {
			continue
		}
		m.help.SetFilter("")
		m.stale = true
		if works[a] != helpHas(m, a) {
			t.Errorf("%s works: %v, but help says otherwise", a.Shown, works[a])
		}
		m.help.SetFilter(a.Help)
		m.stale = true
		if !helpHas(m, a) {
			t.Errorf("searching help for %q does not find %s", a.Help, a.Shown)
		}
		if works[a] && a.Works == nil && a.Name != "" && !strings.Contains(hints, a.Shown+" "+a.Name) {
			t.Errorf("no hint says %s %s: %q", a.Shown, a.Name, hints)
		}
	}
}

// TestHelpTellsWhatWorksHere: what needs a past is told where there is one, and nowhere else.
func TestHelpTellsWhatWorksHere(t *testing.T) {
	live, _ := begin(t, steady(), 80, 24, Options{})
	simulated, _ := beginSimulated(t, 80, 24)
	for _, m := range []*Model{live, simulated} {
		press(m, "?")
		m.help.SetFilter("step back in time")
		m.stale = true
		if has := rowWith(m, "simulated: one step back in time") != ""; has != (m == simulated) {
			t.Errorf("help tells of stepping back: %v\n%s", has, m.View())
		}
		m.help.SetFilter("rewind STEP")
		m.stale = true
		if row := rowWith(m, "goes back to a step of the simulated world"); row == "" || strings.Contains(row+rowWith(m, "(only with --sim)"), "only with") == (m == simulated) {
			t.Errorf("help denies a command, or says wrongly where it is:\n%s", m.View())
		}
		press(m, "esc", "ctrl+p")
		write(m, "rewind")
		if has := rowWith(m, "rewind STEP") != ""; has != (m == simulated) {
			t.Errorf("the palette has rewind: %v\n%s", has, m.View())
		}
	}
}

// TestHelpExplainsStandIns: where characters have stand-ins in ASCII, help says what those mean, and nowhere else.
func TestHelpExplainsStandIns(t *testing.T) {
	for _, ascii := range []bool{false, true} {
		m, _ := begin(t, steady(), 80, 24, Options{ASCII: ascii})
		press(m, "?")
		m.help.SetFilter("ascii")
		m.stale = true
		for _, want := range []string{"in ASCII    v done, acknowledged ", "$ cut here "} {
			if has := rowWith(m, want) != ""; has != ascii {
				t.Errorf("ASCII %v: %q is there: %v\n%s", ascii, want, has, m.View())
			}
		}
	}
}

// helpHas reports whether help has a row for the action.
func helpHas(m *Model, a *pane.Action) bool {
	return slices.ContainsFunc(strings.Split(m.View(), "\n"), func(row string) bool {
		row = unstyled(row)
		return strings.HasPrefix(strings.TrimSpace(row), a.Shown) && strings.Contains(row, a.Help)
	})
}

// oneMeaning says which key would do two things now; "" if none.
func oneMeaning(m *Model) string {
	for key, all := range m.keys {
		n := 0
		for _, a := range all {
			if _, ok := a.Available(m.place()); ok {
				n++
			}
		}
		if n > 1 {
			return key
		}
	}
	return ""
}

// TestHintsFit: what a key can't do now no hint offers.
func TestHintsFit(t *testing.T) {
	m, _ := begin(t, countdown(), 120, 40, Options{})
	hints := func() string { return rowWith(m, ": command") }
	if h := hints(); strings.Contains(h, "x kill") || strings.Contains(h, "heal all") || !strings.Contains(h, "r restart") {
		t.Errorf("of a crashed server, all links whole: %q", h)
	}
	empty, _ := beginAsIs(t, quiet(3, 2), 120, 40, Options{})
	for name, keys := range map[string][]string{"stage": {"pgup", "end", "K"}, "charts": {"pgdown"}, "maps": {"K", "J"}, "history": {"J"}} {
		empty.bring(name)
		empty.relayout()
		for _, key := range keys {
			if a := empty.actionOf(key, empty.place()); a != nil {
				t.Errorf("%s is said to do something in %s, where there is nothing", key, name)
			}
		}
	}
	see(m, frozenBackup())
	press(m, "2")
	if h := hints(); !strings.Contains(h, "f thaw") || !strings.Contains(h, "H heal all") {
		t.Errorf("of a frozen server: %q", h)
	}
	press(m, "down", "down", "down") // the first client
	if h := hints(); strings.Contains(h, "kill") || strings.Contains(h, "restart") || !strings.Contains(h, "f freeze") {
		t.Errorf("of a client: %q", h)
	}
}

func calls(want string) effect {
	return func(t *testing.T, key string, m *Model, f *fake) {
		press(m, key)
		if got := f.done(); got != want {
			t.Errorf("the engine was asked for %q, want %q", got, want)
		}
	}
}

func shows(want string) effect {
	return func(t *testing.T, key string, m *Model, _ *fake) {
		press(m, key)
		if rowWith(m, want) == "" {
			t.Errorf("nothing shows %q:\n%s", want, m.View())
		}
	}
}

func selects(want string) effect {
	return func(t *testing.T, key string, m *Model, _ *fake) {
		press(m, key)
		if m.selected != want {
			t.Errorf("%s is selected, want %s", m.selected, want)
		}
	}
}

// scrolls checks that the maps move downwards or upwards.
func scrolls(by int) effect {
	return func(t *testing.T, key string, m *Model, _ *fake) {
		s := newShelf(3000)
		looked(m, s)
		press(m, "pgdown", "pgdown")
		looked(m, s)
		was := m.maps.Window().From
		press(m, key)
		looked(m, s)
		if now := m.maps.Window().From; by > 0 && now <= was || by < 0 && now >= was {
			t.Errorf("from %q to %q", was, now)
		}
	}
}

// copies checks what is sent to the terminal's clipboard, and that this is told.
func copies(want string) effect {
	return func(t *testing.T, key string, m *Model, _ *fake) {
		var out strings.Builder
		m.opts.Out, m.opts.Getenv = &out, func(name string) string { return map[string]string{"TERM": "xterm"}[name] }
		press(m, key)
		sent, ok := strings.CutPrefix(out.String(), "\x1b]52;c;")
		text, err := base64.StdEncoding.DecodeString(strings.TrimSuffix(sent, "\a"))
		if !ok || err != nil || !strings.HasPrefix(string(text), want) {
			t.Errorf("to the terminal went %q, %q: %v", out.String(), text, err)
		}
		if rowWith(m, "OSC 52") == "" {
			t.Errorf("nothing tells of it:\n%s", m.View())
		}
	}
}

// simulated has a cluster with a past first.
func simulated(then effect) effect {
	return func(t *testing.T, key string, _ *Model, _ *fake) {
		m, f := beginSimulated(t, 80, 24)
		then(t, key, m, f)
	}
}

// both checks a key that has two meanings.
func both(one, other effect) effect {
	return func(t *testing.T, key string, m *Model, f *fake) {
		one(t, key, m, f)
		m, f = begin(t, steady(), 80, 24, Options{})
		other(t, key, m, f)
	}
}

// remembering lets the cluster go on for two seconds first.
func remembering(then effect) effect {
	return func(t *testing.T, key string, m *Model, f *fake) {
		goesOn(m, steady(), 2)
		then(t, key, m, f)
	}
}

// onNetwork shows the network first.
func onNetwork(then effect) effect {
	return func(t *testing.T, key string, m *Model, f *fake) {
		m.bring("network")
		m.relayout()
		then(t, key, m, f)
	}
}

// lookingBack looks a second back first.
func lookingBack(then effect) effect {
	return remembering(func(t *testing.T, key string, m *Model, f *fake) {
		press(m, ",")
		then(t, key, m, f)
	})
}

// paused lets time stand first.
func paused(then effect) effect {
	return func(t *testing.T, key string, m *Model, f *fake) {
		snap := steady()
		snap.Paused = true
		see(m, snap)
		then(t, key, m, f)
	}
}

// holding opens the messages first, some of which are held.
func holding(then effect) effect {
	return func(t *testing.T, key string, m *Model, f *fake) {
		press(m, "tab")
		watchTravel(m)
		then(t, key, m, f)
	}
}

func chooses(id uint64) effect {
	return func(t *testing.T, key string, m *Model, _ *fake) {
		press(m, key)
		if got, _ := m.messages.CopyText(m.now); !strings.HasPrefix(got, fmt.Sprintf("#%d ", id)) {
			t.Errorf("chosen is %s, want #%d", got, id)
		}
	}
}

func leaves(t *testing.T, key string, m *Model, _ *fake) {
	_, cmd := m.Update(keyMsg(key))
	_, cmd = m.Update(cmd())
	if _, ok := cmd().(tea.QuitMsg); !ok {
		t.Error("does not quit")
	}
}

func leavesAtOnce(t *testing.T, key string, m *Model, _ *fake) {
	_, cmd := m.Update(keyMsg(key))
	if _, ok := cmd().(tea.QuitMsg); !ok {
		t.Error("does not quit at once, without a command that others may keep waiting")
	}
}

func suspends(t *testing.T, key string, m *Model, _ *fake) {
	_, cmd := m.Update(keyMsg(key))
	if _, ok := cmd().(tea.SuspendMsg); !ok {
		t.Error("does not suspend")
	}
}

// TestReadmeKeys: the table of keys in the README has every key that help has, and no other.
func TestReadmeKeys(t *testing.T) {
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "## Keys")
	table, _, _ = strings.Cut(table, "\n## ")
	told := map[string]bool{}
	for _, row := range strings.Split(table, "\n") {
		if cells := strings.Split(row, "|"); len(cells) > 2 {
			for i, part := range strings.Split(cells[1], "`") {
				told[part] = told[part] || i%2 == 1
			}
		}
	}
	for _, a := range allOf(t) {
		if a.Help != "" && !told[a.Shown] {
			t.Errorf("the README does not have %s", a.Shown)
		}
	}
	for _, a := range allOf(t) {
		delete(told, a.Shown)
	}
	for key, is := range told {
		if is {
			t.Errorf("the README has %s, which no action has", key)
		}
	}
}

// TestHintsOfTheSimulated: what goes back in time doesn't push away what acts on the selected node, unless time stands.
func TestHintsOfTheSimulated(t *testing.T) {
	m, _ := begin(t, steady(), 80, 24, Options{})
	simulatedWorld(m)
	seeOfPast(m, countdown())
	if h := rowWith(m, ": command"); !strings.Contains(h, "r restart") {
		t.Errorf("of a crashed server: %q", h)
	}
	seeOfPast(m, pausedFast())
	if h := rowWith(m, ": command"); !strings.Contains(h, ", step back") {
		t.Errorf("while time stands: %q", h)
	}
}

// TestHelpFits: at 80 cells help tells everything whole.
func TestHelpFits(t *testing.T) {
	m, _ := begin(t, steady(), 80, 24, Options{})
	press(m, "?")
	m.help.Resize(80, 1000)
	rows := m.drawPane(m.help, 80, 1000)
	for _, row := range rows {
		if strings.HasSuffix(strings.TrimRight(unstyled(row), " "), "…") {
			t.Errorf("cut: %s", row)
		}
	}
	for _, c := range script.CommandsFor(m.session.Engine) {
		for _, want := range []string{c.Name, c.Example} {
			if !slices.ContainsFunc(rows, func(r string) bool {
				text := strings.TrimSpace(unstyled(r))
				return strings.HasPrefix(text, want) || strings.HasSuffix(text, want)
			}) {
				t.Errorf("%s: no row has %q whole", c.Name, want)
			}
		}
	}
}

// TestIdleKeysSayWhy: a key that can't act says why, in the words of the command where it stands for one, and does nothing.
func TestIdleKeysSayWhy(t *testing.T) {
	for _, c := range []struct{ selected, key, want string }{
		{"c1", "x", "c1 is a client: only servers and vs can be killed"}, {"c1", "r", "c1 is a client"},
		{"s1", ".", ": step"}, {"s1", "d", "d has nothing to do now"},
		{"s1", "left", "L: lessons, start here"},
	} {
		m, _ := begin(t, steady(), 80, 24, Options{})
		m.selected = c.selected
		press(m, c.key)
		if rowWith(m, c.want) == "" {
			t.Errorf("%s on %s does not say %q:\n%s", c.key, c.selected, c.want, m.View())
		}
	}
}

// TestIdleIsTakenBack: what is said of a key that does nothing does not stand there as if it were about the next one.
func TestIdleIsTakenBack(t *testing.T) {
	for _, next := range []string{"backspace", "j", "left"} {
		m, _ := begin(t, steady(), 80, 24, Options{})
		press(m, "7")
		if rowWith(m, "7 has nothing to do here") == "" {
			t.Fatalf("nothing is said of it:\n%s", m.View())
		}
		press(m, next)
		if rowWith(m, "7 has nothing to do here") != "" {
			t.Errorf("after %s it is still said:\n%s", next, m.View())
		}
	}
}

// TestIsolateHealsAgain: the key that cuts a node off heals it.
func TestIsolateHealsAgain(t *testing.T) {
	snap := steady()
	for _, n := range nodesOf(snap) {
		if n != "s1" {
			snap.Faults = append(snap.Faults, netsim.Fault{Kind: netsim.FaultCut, From: n, To: "s1"}, netsim.Fault{Kind: netsim.FaultCut, From: "s1", To: n})
		}
	}
	m, f := begin(t, snap, 80, 24, Options{})
	calls("heal s1")(t, "i", m, f)
	see(m, steady())
	calls("heal s1; isolate s1")(t, "i", m, f)
}

// TestNoKeyFallsThrough: in every pane every key acts, or says why not. Keys that move and close are silent where there is
// nothing to move or to close: they are pressed without a look.
func TestNoKeyFallsThrough(t *testing.T) {
	silent := []string{"esc", "enter", " ", "up", "down", "left", "right", "pgup", "pgdown", "home", "end", "backspace", "j", "k", "J", "K", "tab", "shift+tab"}
	var keys []string
	for r := '!'; r <= '~'; r++ {
		keys = append(keys, string(r))
	}
	live, _ := begin(t, steady(), 80, 24, Options{})
	simulated, _ := beginSimulated(t, 80, 24)
	for _, p := range simulated.panes {
		start := func() (*Model, *fake) { return begin(t, steady(), 80, 24, Options{}) }
		if !live.bring(p.Name()) {
			start = func() (*Model, *fake) { return beginSimulated(t, 80, 24) }
		}
		for _, key := range append(keys, silent...) {
			m, f := start()
			m.bring(p.Name())
			m.note("")
			m.relayout()
			m.stale = true
			before, asked := m.View(), f.done()
			_, cmd := m.Update(keyMsg(key))
			acts := m.View() != before || f.done() != asked || cmd != nil
			if !acts && !slices.Contains(silent, key) && key != "1" { // the first server is selected already
				t.Errorf("%s: %q does nothing, and says nothing", p.Name(), key)
			}
		}
	}
}

// TestSearchNeedsOperations: where no client has done anything there is nothing to find, which is said at once.
func TestSearchNeedsOperations(t *testing.T) {
	m, _ := beginSimulated(t, 80, 24)
	seeOfPast(m, quiet(3, 2))
	press(m, "S")
	if rowWith(m, "no client has done anything") == "" {
		t.Errorf("it searches:\n%s", m.View())
	}
}
