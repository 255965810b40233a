package tui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/tui/pane"
	"cluster/splitbrain/tui/script"
	"cluster/splitbrain/tui/terminal/input"

	tea "github.com/charmbracelet/bubbletea"
)

// goesOn shows a cluster each second for a while, in which something changes all the time.
func goesOn(m *Model, snap engine.Snapshot, seconds int) {
	for range seconds {
		snap.At += second
		snap.Clients = append([]engine.ClientState(nil), snap.Clients...)
		snap.Clients[0].Last = []engine.Done{{At: snap.At, Op: pbservice.Op{Kind: pbservice.Get, Key: "a"}}}
		see(m, snap)
	}
}

// at is a snapshot at another time: what the viewservice did stays when it was.
func at(snap engine.Snapshot, when time.Duration) engine.Snapshot {
	snap.Viewservice.Status.Up += when - snap.At
	snap.At = when
	return snap
}

// failingOver are looks at a failover of s1 within two seconds.
func failingOver() []engine.Snapshot {
	after := steady()
	takeOver(&after)
	crash(&after, 0)
	waits := after
	waits.Viewservice.Status.Acked = false
	return []engine.Snapshot{
		at(steady(), 8*second), at(countdown(), 8300*time.Millisecond), at(waits, 8450*time.Millisecond), at(after, 8550*time.Millisecond), at(after, 10*second),
	}
}

// failsOver shows a failover.
func failsOver(m *Model) {
	for _, snap := range failingOver() {
		see(m, snap)
	}
}

// TestLookBack: what was seen is shown as it was, is told to be past, and is left again in all ways that there are.
func TestLookBack(t *testing.T) {
	for _, size := range sizes[1:4] {
		for _, presents := range []bool{false, true} {
			m, f := beginAsIs(t, quiet(3, 2), size[0], size[1], Options{})
			failsOver(m)
			if presents {
				press(m, "b")
			}
			asked := f.done()
			ago := func(want string) {
				t.Helper()
				if rowWith(m, "◄ "+want+" ago") == "" || rowWith(m, "LOOKING BACK "+want) == "" {
					t.Errorf("nothing says %s ago:\n%s", want, m.View())
				}
			}
			press(m, ",", ",")
			ago("1.6 s")
			if h := rowWith(m, "esc now"); strings.Contains(h, "kill") || strings.Contains(h, "pause") || !strings.Contains(h, ": command") {
				t.Errorf("a hint offers what only leaves: %q", h)
			}
			if rowWith(m, "not ack") == "" {
				t.Errorf("it was not acknowledged then:\n%s", m.View())
			}
			if rowWith(m, "live ×1") != "" || rowWith(m, "slow") != "" {
				t.Errorf("time seems to go:\n%s", m.View())
			}
			press(m, ",")
			ago("1.7 s")
			if view := strings.ToLower(unstyled(m.View())); !strings.Contains(view, "view 2") {
				t.Errorf("view 3 was not formed yet:\n%s", view)
			}
			press(m, ".")
			ago("1.6 s")
			for range 9 {
				press(m, ",")
			}
			if rowWith(m, "nothing older is remembered") == "" {
				t.Errorf("it goes on behind the oldest:\n%s", m.View())
			}
			press(m, "esc")
			if unstyled(m.View()); rowWith(m, "LOOKING BACK") != "" || rowWith(m, backToNow) == "" || m.presenting != presents {
				t.Errorf("esc does not come back:\n%s", m.View())
			}
			if got := f.done(); got != asked {
				t.Errorf("the engine was asked for %q", got)
			}
		}
	}
}

// TestLookBackToMarks: < and > stop where a view was formed, or something happened to a node or a link, and nowhere else.
func TestLookBackToMarks(t *testing.T) {
	m, _ := begin(t, quiet(3, 2), 80, 24, Options{})
	failsOver(m)
	see(m, at(m.now.Snapshot, 11*second))
	for _, c := range []struct {
		key  string
		want time.Duration
		says string
	}{
		{"<", 8550 * time.Millisecond, "view 3 is acknowledged"},
		{"<", 8450 * time.Millisecond, "view 3, primary s2, backup s3, is formed"},
		{"<", 8300 * time.Millisecond, "✗ crashed s1"},
		{">", 8450 * time.Millisecond, "view 3, primary s2, backup s3, is formed"},
		{">", 8550 * time.Millisecond, "view 3 is acknowledged"},
	} {
		press(m, c.key)
		if m.back == nil || m.now.At != c.want || rowWith(m, c.says) == "" {
			t.Fatalf("%s leads to %v, not %v:\n%s", c.key, m.now.At, c.want, m.View())
		}
	}
	press(m, ">")
	if m.back != nil {
		t.Errorf("nothing has happened since, and > leads to %v", m.now.At)
	}
}

// TestLookBackGoesOn: meanwhile what is so now goes on, and is there afterwards.
func TestLookBackGoesOn(t *testing.T) {
	m, f := begin(t, steady(), 120, 40, Options{})
	goesOn(m, steady(), 2)
	press(m, ",")
	before := m.View()
	if rowWith(m, "1.0 s ago") == "" {
		t.Errorf("nothing says how long ago that was:\n%s", before)
	}
	newer := at(steady(), 20*second)
	store(&newer, "later", "x", "s1", "s2")
	f.snap = newer
	see(m, newer)
	if got := m.View(); got != before {
		t.Errorf("a newer look changes what was:\n%s", got)
	}
	m.Update(ran{task: read("put later x"), result: script.Result{Text: "ok"}, at: newer.At})
	see(m, newer)
	press(m, "esc")
	if rowWith(m, "later") == "" || rowWith(m, "put later x") == "" {
		t.Errorf("what happened meanwhile is lost:\n%s", m.View())
	}
}

// TestLookBackActs: a key that acts is back at now, and waits for being pressed once more.
func TestLookBackActs(t *testing.T) {
	m, f := begin(t, steady(), 80, 24, Options{})
	goesOn(m, steady(), 2)
	press(m, ",", "down", "z", "z", "tab", "K")
	if m.back == nil {
		t.Fatalf("what only looks leaves the past:\n%s", m.View())
	}
	press(m, "x")
	if rowWith(m, "now again: x once more does it: kill s2") == "" || f.done() != "" || m.back != nil {
		t.Errorf("x asked the engine for %q:\n%s", f.done(), m.View())
	}
	press(m, "x")
	if f.done() != "kill s2" {
		t.Errorf("x asked the engine for %q", f.done())
	}
	goesOn(m, steady(), 3)
	press(m, ",", ":")
	if m.back != nil || rowWith(m, ": ▏") == "" {
		t.Errorf("the prompt does not open at now:\n%s", m.View())
	}
}

// TestLookBackActsNow: what a key does once more is what it does now, not what it did then, and nothing has begun before.
func TestLookBackActsNow(t *testing.T) {
	for _, c := range []struct{ key, once, calls string }{
		{"f", "f once more does it: freeze s2", "freeze s2"}, {" ", "space once more does it: pause", "pause"},
		{"S", "S once more does it: search (key S)", "graft found of a world"}, {",", ", once more does it: rewind 9", "rewind 9"},
	} {
		m, f := begin(t, steady(), 80, 24, Options{})
		simulatedWorld(m)
		for i, snap := range []engine.Snapshot{frozenBackup(), steady()} {
			f.snap = at(snap, time.Duration(11+i)*second)
			seePast(m)
		}
		press(m, "2")
		m.beginLookBack()
		m.lookBackTo(1)
		press(m, c.key)
		if rowWith(m, "now again: "+c.once) == "" || m.back != nil || f.done() != "" {
			t.Errorf("%s asked the engine for %q:\n%s", c.key, f.done(), m.View())
		}
		press(m, c.key)
		if f.done() != c.calls {
			t.Errorf("%s once more asked the engine for %q, want %q:\n%s", c.key, f.done(), c.calls, m.View())
		}
	}
}

// TestLookBackEndsInPrompt: whatever opens the prompt, what it is about is on the screen.
func TestLookBackEndsInPrompt(t *testing.T) {
	for name, opens := range map[string]func(*Model){
		"a click":       func(m *Model) { click(m, 30, m.layout.prompt.y, tea.MouseButtonLeft) },
		"a paste":       func(m *Model) { m.Update(input.Paste{Text: "put a 1"}) },
		"several lines": func(m *Model) { m.Update(input.Paste{Text: "put a 1\nput b 2"}) },
	} {
		m, _ := begin(t, steady(), 80, 24, Options{})
		goesOn(m, steady(), 2)
		press(m, ",")
		opens(m)
		if m.dialog == nil || m.back != nil || rowWith(m, "◄") != "" {
			t.Errorf("%s opens the prompt on what was:\n%s", name, m.View())
		}
	}
}

// TestLookBackPanes: every pane is as it was.
func TestLookBackPanes(t *testing.T) {
	m, _ := begin(t, at(quiet(3, 2), second), 200, 60, Options{})
	events := failover().Events
	var all []netsim.TraceEvent
	frames := map[string]string{}
	times := []time.Duration{2 * second, 9500 * time.Millisecond, 20 * second}
	for i, until := range times {
		snap := moved(5)
		if i == 0 {
			snap = steady()
		}
		snap = at(snap, until)
		news := pane.Until(events, until)[len(all):]
		all = append(all, news...)
		bars := settled()
		m.Update(pollResult{Observation: pane.Observation{Snap: snap, Nodes: nodesOf(snap), Asked: m.maps.Window(), Events: news, Bars: bars[:min(i*3+1, len(bars))]}})
		for _, p := range m.panes {
			frames[fmt.Sprint(p.Name(), i)] = drawn(m, p)
		}
	}
	m.beginLookBack()
	m.back.events = events
	for i := range 2 {
		m.lookBackTo(i + 1)
		for _, p := range m.panes {
			if name := p.Name(); name != "history" && name != "charts" && name != "help" && name != "notes" {
				if got, want := drawn(m, p), frames[fmt.Sprint(name, i)]; got != want {
					t.Errorf("%s was at %v\n%s\nand is said to have been\n%s", name, times[i], want, got)
				}
			}
		}
	}
}

func drawn(m *Model, p pane.Pane) string {
	p.Resize(100, 30)
	return unstyled(strings.Join(m.drawPane(p, 100, 30), "\n"))
}

// TestLookBackCovers: an open question is not answered by what was.
func TestLookBackCovers(t *testing.T) {
	m, _ := begin(t, steady(), 80, 24, Options{})
	goesOn(m, steady(), 2)
	m.now.Covered = true
	press(m, ",")
	if !m.now.Covered {
		t.Error("what was covered is shown as it was")
	}
	press(m, "o")
	if rowWith(m, pane.CoveredWords) == "" || m.back != nil {
		t.Errorf("the view change is told:\n%s", m.View())
	}
}

// TestMemoryIsBounded: neither looks nor values pile up, and another past is another memory.
func TestMemoryIsBounded(t *testing.T) {
	var all memory
	came := time.Now()
	add := func(at time.Duration, changed bool, value string) {
		snap := steady()
		snap.At = at
		snap.Clients = []engine.ClientState{{Name: "c1", Last: []engine.Done{{Op: pbservice.Op{Value: value}, Reply: pbservice.Reply{Value: value}}}}}
		came = came.Add(50 * time.Millisecond)
		all.take(sight{overview: overview{now: pane.NewIndex(snap, nil)}, came: came, changed: changed})
	}
	for i := range 5000 {
		add(time.Duration(i)*time.Millisecond, true, strings.Repeat("x", heavyResults))
	}
	if n := len(all); n < mostSights || n > mostSights*9/8 {
		t.Errorf("%d looks are remembered", n)
	}
	if c := all[len(all)-1].now.Clients[0].Last[0]; len(c.Op.Value) > 1000 || len(c.Reply.Value) > 1000 {
		t.Errorf("values of %d and %d bytes are remembered", len(c.Op.Value), len(c.Reply.Value))
	}
	add(0, true, "")
	if len(all) != 1 {
		t.Errorf("after a rewind %d looks are remembered", len(all))
	}
	for i := range 500 {
		add(0, i == 0, "")
	}
	if len(all) > 2 {
		t.Errorf("while time stands %d looks are remembered", len(all))
	}
	for i := range 100 {
		add(time.Duration(i+1)*time.Millisecond, false, "")
	}
	if n := len(all); n > 30 || n < 15 {
		t.Errorf("of five calm seconds %d looks are remembered", n)
	}
}

// TestLookBackTimesOfViews: views stand where they were formed, in what was seen and in what is played, whatever became of the
// viewservice since.
func TestLookBackTimesOfViews(t *testing.T) {
	m, _ := begin(t, quiet(3, 2), 120, 40, Options{})
	failsOver(m)
	dead := m.now.Snapshot
	dead.At, dead.Viewservice.State = 14*second, netsim.Crashed
	see(m, dead)
	dead.At = 16 * second
	see(m, dead)
	m.beginLookBack()
	formed := func(shown string) {
		t.Helper()
		if vs := &m.now.Viewservice; vs.State == netsim.Up && vs.Status.Up != m.now.At {
			t.Errorf("%s: at %v the viewservice has been up for %v", shown, m.now.At, vs.Status.Up)
		}
		for _, f := range m.views.Past {
			text := pane.Clock(f.At)
			if row := rowOfText(drawn(m, m.messages), "view "+engine.Count(int(f.View.Viewnum))); !strings.Contains(row, text) {
				t.Errorf("%s: view %v was formed at %s, and stands in %q", shown, f.View, text, row)
			}
		}
	}
	for i := range len(m.back.sights) - 1 {
		m.lookBackTo(i)
		formed(fmt.Sprint("at look ", i))
		if i < len(m.back.sights)-2 {
			m.showBetween(m.back.sights[i].now.At+50*time.Millisecond, 0.1)
			formed(fmt.Sprint("after look ", i))
		}
	}
}

// rowOfText is the first row of a text that has something in it.
func rowOfText(text, want string) string {
	for _, row := range strings.Split(text, "\n") {
		if strings.Contains(row, want) {
			return row
		}
	}
	return ""
}

// TestLookBackKeepsChoices: how things are shown is the viewer's choice, whatever time is shown.
func TestLookBackKeepsChoices(t *testing.T) {
	for _, c := range []struct {
		pane string
		keys []string
		is   func(*Model) bool
	}{
		{"events", []string{"/", "x", "enter"}, func(m *Model) bool { return m.events.FilterText() == "x" }},
		{"messages", []string{"v"}, func(m *Model) bool { return strings.Contains(drawn(m, m.messages), "s1 → s2") }},
		{"messages", []string{"p"}, func(m *Model) bool { return strings.Contains(drawn(m, m.messages), "Ping(2)") }},
		{"network", []string{"right"}, func(m *Model) bool { return m.network.Link().To == "s3" }},
		{"maps", []string{"V"}, func(m *Model) bool { line, _ := m.violationLine(); return line == "" }},
		{"maps", []string{"b"}, func(m *Model) bool { return m.slow.on }},
		{"maps", []string{"down"}, func(m *Model) bool { return m.selected == "s2" }},
	} {
		m, _ := begin(t, steady(), 120, 40, Options{})
		m.violated = "a promise"
		watchTravel(m)
		goesOn(m, steady(), 3)
		press(m, ",")
		m.back.events = failover().Events
		press(m, ",")
		m.bring(c.pane)
		m.relayout()
		if c.is(m) {
			t.Errorf("%s in %s changes nothing", c.keys, c.pane)
		}
		press(m, c.keys...)
		for _, then := range []string{"", ",", ".", "esc"} {
			if then != "" {
				press(m, then)
			}
			goesOn(m, at(steady(), m.live().views.Past[0].At+30*second), 1)
			if !c.is(m) {
				t.Errorf("%s in %s is lost after %q:\n%s", c.keys, c.pane, then, m.View())
				break
			}
		}
		if m.back != nil {
			t.Errorf("%s: still in the past:\n%s", c.keys, m.View())
		}
	}
}

// TestLookBackWhileTimeStands: looks at a moment that stays are one, also where it began with a change, and . leads back to now.
func TestLookBackWhileTimeStands(t *testing.T) {
	m, _ := begin(t, steady(), 80, 24, Options{})
	goesOn(m, steady(), 3)
	now := m.now.Snapshot
	press(m, ",")
	seen := len(m.back.sights)
	for range 5 {
		see(m, now)
		press(m, ",", ".")
	}
	if n := len(m.back.sights); n != seen {
		t.Errorf("%d looks became %d while time stood", seen, n)
	}
	if see(m, now); m.back.at != seen-2 {
		t.Fatalf("shown is look %d of %d", m.back.at, seen)
	}
	if press(m, "."); m.back != nil {
		t.Errorf(". does not come back:\n%s", m.View())
	}
}

// TestOneForwardTooMany: the first . after the one that led back to now says so, and only the next one makes a step. Any other key
// between them shows that the viewer knows.
func TestOneForwardTooMany(t *testing.T) {
	paused := steady()
	paused.Paused = true
	for _, between := range []string{"", "]", "esc"} {
		m, f := begin(t, steady(), 80, 24, Options{})
		goesOn(m, paused, 3)
		press(m, ",", ".")
		if between != "" {
			press(m, between)
		}
		press(m, ".")
		told := rowWith(m, "now again: . once more does it: step") != ""
		if stepped := f.done() != ""; stepped == (between == "") || told == stepped {
			t.Errorf("after %q: stepped %v, told %v\n%s", between, stepped, told, m.View())
		}
		if press(m, "."); !strings.Contains(f.done(), "step") {
			t.Errorf("after %q: . does not step: %q", between, f.done())
		}
	}
}

// TestLookBackTellsOfRestarts: who began anew is told, and what the viewservice forgets by that is not told as if it had happened to
// a view.
func TestLookBackTellsOfRestarts(t *testing.T) {
	down := steady()
	down.Viewservice.State = netsim.Crashed
	crash(&down, 2)
	up := steady()
	up.Viewservice = engine.ViewserviceState{State: netsim.Up, Boots: 2}
	up.Servers[2].Boots++
	b := &lookBack{}
	for _, snap := range []engine.Snapshot{steady(), down, up} {
		b.sights = append(b.sights, sight{overview: overview{now: pane.NewIndex(snap, nodesOf(snap))}})
	}
	for i, want := range []string{"✗ crashed vs   ✗ crashed s3", "vs is restarted   s3 is restarted"} {
		if got := b.happened(i + 1); got != want {
			t.Errorf("look %d tells %q, want %q", i+1, got, want)
		}
	}
}
