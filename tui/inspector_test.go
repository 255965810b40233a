package tui

import (
	"strings"
	"testing"
	"time"

	"cluster/splitbrain/tui/pane"
	"cluster/splitbrain/viewservice"

	tea "github.com/charmbracelet/bubbletea"
)

// TestInspector: all that is known of a node is told, and scrolls to its end.
func TestInspector(t *testing.T) {
	for _, c := range []struct {
		keys  []string
		wants []string
	}{
		{[]string{"2", "I"}, []string{
			"[s2]", "state B of view 2, up, boot 1", "views 0:08.400 view 3, primary, entered before 0:09.000", "s1 silent", "map 3 keys, complete for view 2", "a = 1",
			"filter remembers the newest operation of 2 clients", "queue 0 operations to be applied", "0:08.002 to s1 1 message, the last: confirmed",
		}},
		{[]string{"down", "down", "down", "I"}, []string{"[vs]", "state up, boot 1", "hears s3 20 ms ago, in view 2, volunteer 1", "s1 0 ms ago, in view 2, came back empty (V7)", "views 0:08.400 view 3 s2 s3", "sends 0:08.000 to s1"}},
		{[]string{"down", "down", "down", "down", "I"}, []string{"[c1]", "state up\n", "now runs nothing", "results", "put b", "sends 0:08.002 to s1"}},
		{[]string{"1", "I"}, []string{"boots 0:08.506 boot", "begins, empty", "0:08.306 killed: what it had in memory is gone"}},
		{[]string{"I", "right"}, []string{"[s2]"}}, {[]string{"2", "I", "left"}, []string{"[s1]"}},
		{[]string{"3", "I"}, []string{"filter remembers no operation (S10)"}},
	} {
		m, _ := begin(t, quiet(3, 2), 80, 24, Options{})
		failedOver(m)
		snap := steady()
		takeOver(&snap)
		snap.Viewservice.Status.Servers = []viewservice.Member{{Name: "s3", Entered: 2, Silent: 20 * time.Millisecond, Place: 1}, {Name: "s1", Entered: 2, Restarted: true}}
		snap.Servers[1].Status.Clients, snap.Servers[1].Status.View, snap.Servers[1].Status.Role = 2, snap.Viewservice.Status.Changes[1].View, "backup"
		see(m, snap)
		press(m, c.keys...)
		seen := whole(m)
		for _, want := range c.wants {
			if !strings.Contains(seen, want) {
				t.Errorf("%v: nothing says %q:\n%s", c.keys, want, seen)
			}
		}
		press(m, "esc")
		if m.dialog != nil {
			t.Errorf("%v: esc does not close it", c.keys)
		}
	}
}

// whole is all that an inspector tells, page after page, its blanks as one.
func whole(m *Model) string {
	seen := map[string]bool{}
	var all []string
	for range 10 {
		for _, row := range strings.Split(unstyled(m.View()), "\n")[9:20] {
			if row = strings.Join(strings.Fields(row), " "); !seen[row] {
				seen[row] = true
				all = append(all, row)
			}
		}
		press(m, "pgdown")
	}
	return strings.Join(all, "\n")
}

// TestInspectorOpens: enter opens it where nothing else is chosen, a second click everywhere, and not while it would answer a
// question.
func TestInspectorOpens(t *testing.T) {
	for name, want := range map[string]bool{"stage": true, "events": true, "views": true, "charts": true, "maps": false, "messages": false} {
		m, _ := begin(t, steady(), 80, 24, Options{})
		m.bring(name)
		m.relayout()
		press(m, "enter")
		if _, is := m.dialog.(*inspector); is != want {
			t.Errorf("in %s enter inspects: %v", name, is)
		}
	}
	m, _ := begin(t, steady(), 80, 24, Options{})
	click(m, 4, m.layout.table.y+2, tea.MouseButtonLeft)
	if m.dialog != nil || m.selected != "s2" {
		t.Errorf("a click inspects at once, or selects %s", m.selected)
	}
	click(m, 4, m.layout.table.y+2, tea.MouseButtonLeft)
	if _, is := m.dialog.(*inspector); !is {
		t.Error("a second click does not inspect")
	}
	m.now.Covered = true
	m.stale = true
	if rowWith(m, "up, boot 1") != "" || rowWith(m, pane.CoveredWords) == "" {
		t.Errorf("it goes on telling what a question asks:\n%s", m.View())
	}
	press(m, "esc", "I")
	if m.dialog != nil {
		t.Error("it tells what a question asks")
	}
}

// TestInspectorGivesWay: a key that the inspector has no use for does what it does elsewhere, and one that selects another node
// shows that.
func TestInspectorGivesWay(t *testing.T) {
	m, fake := begin(t, steady(), 100, 30, Options{})
	press(m, "1", "I", "2")
	if _, is := m.dialog.(*inspector); !is || !strings.Contains(unstyled(m.View()), "[s2]") {
		t.Errorf("2 does not inspect s2:\n%s", m.View())
	}
	press(m, "P")
	if !strings.Contains(unstyled(m.View()), "partition ") {
		t.Errorf("P does not open the partition:\n%s", m.View())
	}
	press(m, "esc", "I", ":", "p", "u", "t", " ", "e", " ", "3", "enter")
	if m.dialog != nil || !strings.Contains(fake.done(), "put e 3") {
		t.Errorf("a line that is typed is not run: %q\n%s", fake.done(), m.View())
	}
}
