package tui

import (
	"strings"
	"testing"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/viewservice"
	"cluster/splitbrain/viewservice/rules"

	"github.com/charmbracelet/x/ansi"
)

// TestTitleHidesNothing: what is broken or switched off is told in the narrowest title that still fits, and who serves.
func TestTitleHidesNothing(t *testing.T) {
	plainly, much := partitioned(), partitioned()
	much.Disabled = rules.Without(rules.AckRule)
	much.Speed = 0.5
	for _, c := range []struct {
		snap engine.Snapshot
		from int
		want []string
	}{
		{plainly, 32, []string{"view 3", "s2", "s3", "✓", "2 faults"}},
		{much, 59, []string{"view 3", "s2", "s3", "✓", "ack-rule", "slow ×0.5", "2 faults"}},
	} {
		for w := c.from; w <= 200; w++ {
			m, _ := begin(t, c.snap, w, 24, Options{})
			title, _, _ := strings.Cut(unstyled(m.View()), "\n")
			if strings.Contains(title, "1 delayed") { // each fault in its words
				title += "2 faults"
			}
			for _, want := range c.want {
				if !strings.Contains(title, want) {
					t.Errorf("%d cells: no %q in %q", w, want, title)
				}
			}
		}
	}
}

// TestCompactRoles: a server that was replaced isn't called primary without its view.
func TestCompactRoles(t *testing.T) {
	m, _ := begin(t, partitioned(), 30, 8, Options{})
	if row := rowWith(m, "s1 P"); !strings.Contains(row, "P of view 2") {
		t.Errorf("%q", row)
	}
}

// TestLongWhy: a why line takes rows from the pane before it is cut.
func TestLongWhy(t *testing.T) {
	snap := steady()
	snap.Why.Now = strings.TrimSpace(strings.Repeat("because ", 30)) + " of this"
	m, _ := begin(t, snap, 80, 24, Options{})
	if rowWith(m, "of this") == "" {
		t.Errorf("cut: %s", m.View())
	}
	for i, row := range strings.Split(m.View(), "\n") {
		if w := ansi.StringWidth(row); w != 80 || i >= 24 {
			t.Errorf("row %d has %d cells", i, w)
		}
	}
}

// TestTinyTitle: on the smallest screens the view comes first, and what is broken or off is a mark behind it.
func TestTinyTitle(t *testing.T) {
	snap := partitioned()
	snap.Disabled, snap.Speed = rules.Without(rules.AckRule, rules.ForwardGets), 0.5
	for w := 19; w < 40; w++ {
		m, _ := begin(t, snap, w, 8, Options{})
		m.violated, m.stale = "a promise", true
		title, _, _ := strings.Cut(unstyled(m.View()), "\n")
		view, alarms, _ := strings.Cut(title, "✓")
		if !strings.Contains(view, "3 P s2 B s3") || !strings.Contains(alarms, "✗") || !strings.Contains(alarms, "×") {
			t.Errorf("%d cells: %q", w, title)
		}
		m.ago, m.stale = "1.6 s ago", true
		if title, _, _ := strings.Cut(unstyled(m.View()), "\n"); !strings.Contains(title, "◄") || !strings.Contains(title, "✗") {
			t.Errorf("%d cells, looking back: %q", w, title)
		}
	}
}

// TestTitleNamesRule: with a violation, a recording and faults the title still has the name of the rule that is off.
func TestTitleNamesRule(t *testing.T) {
	snap := partitioned()
	snap.Disabled = rules.Without(rules.AckRule)
	m, _ := begin(t, snap, 80, 24, Options{})
	m.violated, m.seenByClients, m.recording, m.stale = "a promise", true, "demo.cast", true
	title, _, _ := strings.Cut(unstyled(m.View()), "\n")
	for _, want := range []string{"✗ VIOLATION", "✗ ack-rule off", "REC", "view 3 P s2 B s3 ✓", "2 faults"} {
		if !strings.Contains(title, want) {
			t.Errorf("no %q in %q", want, title)
		}
	}
}

// TestTitleOfALessonNamesRule: time that stands while a lesson is read makes room for the name.
func TestTitleOfALessonNamesRule(t *testing.T) {
	snap := partitioned()
	snap.Faults = snap.Faults[:len(snap.Faults)-1] // the partition alone
	snap.Disabled, snap.Standing = rules.Without(rules.ForwardGets), true
	m, _ := begin(t, snap, 80, 24, Options{})
	m.violated, m.seenByClients, m.stale = "a promise", true, true
	title, _, _ := strings.Cut(unstyled(m.View()), "\n")
	for _, want := range []string{"✗ VIOLATION", "✗ forward-gets off", "‖", "⊘ partitioned", "view 3 P s2 B s3 ✓"} {
		if !strings.Contains(title, want) {
			t.Errorf("no %q in %q", want, title)
		}
	}
}

// TestViewsRow: past views and the whole cause of the newest, with all its rules, at 80 cells; on less the rules stay.
func TestViewsRow(t *testing.T) {
	const want = " 1 s1 · → 2 s1 s2 → 3 s2 s3  s1 silent 5 pings: s2 promoted, s3 joins (V4 V5 V6)"
	m, _ := begin(t, partitioned(), 80, 24, Options{})
	if row := rowWith(m, "→"); row != want {
		t.Errorf("%q, want %q", row, want)
	}
	for w := 45; w < 80; w++ {
		m, _ := begin(t, partitioned(), w, 24, Options{})
		row := strings.Split(unstyled(m.View()), "\n")[1]
		if !strings.Contains(row, "3 s2 s3 ") || !strings.Contains(row, "(V4 V5 V6)") {
			t.Errorf("%d cells: %q", w, row)
		}
	}
}

// forgets is what is seen after the viewservice was restarted, while s1 is cut off in a past view.
func forgets() engine.Snapshot {
	snap := partitioned()
	snap.Viewservice.Boots++
	snap.Viewservice.Status = viewservice.Status{Blocked: viewservice.Cause{Code: viewservice.Amnesia}}
	return snap
}

// TestForgottenViews: a viewservice that was restarted has forgotten the views, the screen has not (V9).
func TestForgottenViews(t *testing.T) {
	for _, w := range []int{45, 80, 120, 200} {
		m, _ := begin(t, partitioned(), w, 24, Options{})
		see(m, forgets())
		rows := strings.Split(unstyled(m.View()), "\n")
		for i, want := range []string{"last", "3 s2 s3"} {
			if !strings.Contains(rows[i], want) || !strings.Contains(rows[0], "forgot") {
				t.Errorf("%d cells: no %q in %q", w, want, rows[i])
			}
		}
		if row := rowWith(m, "s1   P"); !strings.Contains(row, "P of view 2") {
			t.Errorf("%d cells: %q", w, row)
		}
		if row := rowWith(m, "s2   P"); !strings.Contains(row, "P primary") {
			t.Errorf("%d cells: %q", w, row)
		}
	}
	m, _ := begin(t, partitioned(), 120, 24, Options{})
	see(m, forgets())
	if rowWith(m, "vs has forgotten · last view 3 s2 s3") == "" || rowWith(m, "2 s1 s2 → 3 s2 s3   vs has forgotten all views (V9)") == "" {
		t.Errorf("%s", m.View())
	}
}

// TestTitleIsTrue: a member of the view that does not run is marked, what is lost is not acknowledged, and a badge names the
// only link that is broken.
func TestTitleIsTrue(t *testing.T) {
	lost, lossy := steady(), steady()
	crash(&lost, 0)
	crash(&lost, 1)
	lost.Why = engine.Why{Now: "s1 and s2 crashed", Level: engine.Lost}
	lossy.Faults = []netsim.Fault{{Kind: netsim.FaultLoss, From: "c1", To: "s1", Probability: 0.3}}
	for _, w := range []int{80, 120, 200} {
		for name, c := range map[string]struct {
			snap      engine.Snapshot
			want, not string
		}{
			"crashed": {countdown(), "s1 ✗  B backup s2", ""}, "frozen": {frozenBackup(), "s2 ❄", ""},
			"lost": {lost, "✗ stuck", "✓"}, "lossy": {lossy, "% c1 > s1 lossy", "% 1 lossy"},
		} {
			m, _ := begin(t, c.snap, w, 40, Options{})
			title, _, _ := strings.Cut(unstyled(m.View()), "\n")
			if !strings.Contains(title, c.want) || c.not != "" && strings.Contains(title, c.not) {
				t.Errorf("%s at %d: %q, want %q and not %q", name, w, title, c.want, c.not)
			}
		}
	}
}

// TestTitleOfAQuestion: while a question is open that it would answer, no sign of the title says how the service fares, whether
// well or for ever ill.
func TestTitleOfAQuestion(t *testing.T) {
	for _, level := range []engine.Level{engine.Calm, engine.Lost} {
		m, _ := begin(t, steady(), 120, 40, Options{})
		lessonAt(1)(m)
		m.now.Why.Level = level
		title, _, _ := strings.Cut(unstyled(m.View()), "\n")
		if !strings.Contains(title, "  acknowledged") || strings.ContainsAny(title, "✓✗") {
			t.Errorf("level %d: %q", level, title)
		}
	}
}
