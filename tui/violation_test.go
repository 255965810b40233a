package tui

import (
	"strings"
	"testing"

	"cluster/splitbrain/tui/canvas"
	"cluster/splitbrain/viewservice/rules"

	tea "github.com/charmbracelet/bubbletea"
)

const brokenWords = `c1 get a, begun at 1.32 s, returned "1"; c2’s put a "2" had returned already, at 1.31 s: it should have seen "2"`

// violates is a lesson at 80×24 in which a promise is broken, with a long why line.
func violates(t *testing.T) *Model {
	m, _ := playing(t, aLesson)
	press(m, " ")
	lookAt(m)
	press(m, " ")
	lookAt(m)
	m.violated, m.seenByClients, m.now.Why.Now, m.stale = brokenWords, true, strings.Repeat("s1 still takes itself for the primary · ", 4), true
	m.relayout()
	return m
}

// TestViolationIsWhole: a violation has its rows, beside a lesson's text, a long why line and a row of it.
func TestViolationIsWhole(t *testing.T) {
	m := violates(t)
	shown := strings.Join(strings.Fields(unstyled(m.View())), " ")
	if !strings.Contains(shown, "✗ VIOLATION: "+brokenWords) || !strings.Contains(shown, "now s1 still takes itself") || !strings.Contains(shown, "The answer is: s2") {
		t.Errorf("not whole:\n%s", m.View())
	}
}

// TestEarlierViolationIsWhole: also at a lesson's end, where its text would leave the pane more rows.
func TestEarlierViolationIsWhole(t *testing.T) {
	m := violates(t)
	for !m.notes.Now.Over {
		press(m, " ")
		lookAt(m)
	}
	m.violated, m.brokenWithout, m.stale = brokenWords, rules.Without(rules.ForwardGets), true
	m.now.Why.Now = strings.Repeat("s1 still takes itself for the primary · ", 3)
	m.relayout()
	shown := strings.Join(strings.Fields(unstyled(m.View())), " ")
	if !strings.Contains(shown, "earlier, with rules off: "+brokenWords+" now s1 still takes itself") || m.layout.strip.h == 0 {
		t.Errorf("not whole:\n%s", m.View())
	}
}

// TestViolationPutAway: by a key, or a click on it; its mark stays, another one is told again.
func TestViolationPutAway(t *testing.T) {
	for how, turn := range map[string]func(m *Model){
		"key":   func(m *Model) { press(m, "V") },
		"click": func(m *Model) { click(m, 10, rowOf(m, "✗ VIOLATION: "), tea.MouseButtonLeft) },
	} {
		m := violates(t)
		turn(m)
		if rowWith(m, "c1 get a, begun") != "" || rowWith(m, "✗ VIOL") == "" {
			t.Errorf("%s: it is not put away, or nothing is left of it:\n%s", how, m.View())
		}
		press(m, "V")
		if rowWith(m, "c1 get a, begun") == "" {
			t.Errorf("%s: it does not come back:\n%s", how, m.View())
		}
		press(m, "V")
		m.violated, m.seenByClients, m.stale = "two primaries at once", true, true
		if rowWith(m, "✗ VIOLATION: two primaries at once") == "" {
			t.Errorf("%s: another one is not told:\n%s", how, m.View())
		}
	}
}

// TestViolationIsToldOnce: what a command finds that has a row above is not told in full below.
func TestViolationIsToldOnce(t *testing.T) {
	m, _ := begin(t, steady(), 80, 24, Options{})
	m.violated = brokenWords
	m.commands.line, m.commands.text, m.commands.look, m.stale = "check", "check: not linearizable: "+brokenWords, canvas.Warning, true
	m.relayout()
	if n := strings.Count(unstyled(m.View()), "c1 get a, begun"); n != 1 || rowWith(m, "check: not linearizable: as told above") == "" {
		t.Errorf("told %d times:\n%s", n, m.View())
	}
	press(m, "V")
	if rowWith(m, "check: not linearizable: c1 get a, begun") == "" {
		t.Errorf("nobody tells it any more:\n%s", m.View())
	}
}

// TestPanesTellNoViolationTwice: while a row tells of it, the stage, the log and the history only say so, and in full without the row.
func TestPanesTellNoViolationTwice(t *testing.T) {
	bars, verdict := violation()
	for _, size := range [][2]int{{80, 24}, {120, 40}, {200, 60}} {
		for _, front := range []string{"stage", "events", "history"} {
			m, _ := begin(t, steady(), size[0], size[1], Options{})
			judged(m, steady(), bars, verdict)
			bringNamed(t, m, front)
			told := func() int {
				return strings.Count(strings.Join(strings.Fields(unstyled(m.View())), " "), "c2 get a, begun")
			}
			if n := told(); n != 1 {
				t.Errorf("%s, %v: told %d times:\n%s", front, size, n, m.View())
			}
			press(m, "V")
			if told() == 0 {
				t.Errorf("%s, %v: nobody tells it any more:\n%s", front, size, m.View())
			}
		}
	}
}

// TestViolationBeforeTheFirstLook: what was broken while a rule was off is past as soon as it is on again, whether anybody
// looked meanwhile or not: what came before in a lesson is repeated faster than looks are taken.
func TestViolationBeforeTheFirstLook(t *testing.T) {
	snap := steady()
	bars, verdict := violation()
	for _, c := range []struct {
		were rules.Disabled
		want string
	}{{rules.Without(rules.ForwardGets), "earlier, with rules off: "}, {0, "✗ VIOLATION: "}} {
		snap.WereOff = c.were
		m, _ := begin(t, steady(), 80, 24, Options{})
		judged(m, snap, bars, verdict)
		if line, _ := m.violationLine(); !strings.HasPrefix(line, c.want) {
			t.Errorf("off were %v: %q", c.were, line)
		}
	}
}
