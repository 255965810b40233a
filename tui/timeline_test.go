package tui

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"cluster/splitbrain/netsim/engine"

	tea "github.com/charmbracelet/bubbletea"
)

// simulation is a fake with a past.
type simulation struct {
	*fake
	past engine.Timeline
}

var _ engine.Replayer = (*simulation)(nil)

func (s *simulation) Timeline() engine.Timeline        { return s.past }
func (s *simulation) Rewind(step int) error            { return s.note("rewind %d", step) }
func (s *simulation) Visit(branch string) error        { return s.note("visit %s", branch) }
func (s *simulation) Rename(branch, name string) error { return s.note("rename %s %s", branch, name) }
func (s *simulation) Save(io.Writer) error             { return s.note("save") }
func (*simulation) Inherited() string                  { return "" }

func (s *simulation) Graft(name string, saved io.Reader) error {
	text, err := io.ReadAll(saved)
	return errors.Join(err, s.note("graft %s of %s", name, text))
}

func (s *simulation) Choose(name string) (string, error) {
	return name + " happened", s.note("choose %s", name)
}
func (s *simulation) Compare(a, b string) ([]string, error) {
	return []string{"view 3 here, view 2 there"}, s.note("compare %s %s", a, b)
}

func (s *simulation) Choices() []engine.Choice {
	return []engine.Choice{
		{Name: "tick s1", Text: "s1 pings the viewservice", Due: second},
		{Name: "deliver 17", Text: "forward 17 reaches s2", Due: 1010 * time.Millisecond},
		{Name: "lose 17", Text: "forward 17 is lost", Due: -1},
	}
}

func aPast() engine.Timeline {
	return engine.Timeline{
		Branch: "main", Step: 10, Length: 20,
		Branches: []engine.Branch{{Name: "main", Length: 20, End: 3 * second}, {Name: "b1", Parent: "main", From: 6, Length: 9, End: 2 * second}},
		Marks: []engine.Mark{
			{Step: 2, At: 10 * time.Millisecond, Text: "view 1 s1 ·"}, {Step: 6, At: 110 * time.Millisecond, Text: "view 2 s1 s2"},
			{Step: 12, At: 900 * time.Millisecond, Text: "kill s1"},
		},
	}
}

// beginSimulated shows the timeline of a simulated cluster, a branch chosen.
func beginSimulated(t testing.TB, w, h int) (*Model, *fake) {
	t.Helper()
	m, f := begin(t, steady(), w, h, Options{})
	simulatedWorld(m)
	bringNamed(t, m, "timeline")
	press(m, "right", "J", "K", "K", "J")
	return m, f
}

func TestTimelineEnter(t *testing.T) {
	for _, c := range []struct {
		keys []string
		want string
	}{
		{[]string{"left", "enter"}, "choose tick s1"}, {[]string{"left", "J", "J", "enter"}, "choose lose 17"},
		{[]string{"enter"}, "visit b1"}, {[]string{"J", "enter"}, "rewind 12"}, {[]string{"J", "J", "enter"}, "rewind 6"},
		{[]string{"home", "enter"}, "visit main"},
	} {
		m, f := beginSimulated(t, 80, 24)
		press(m, c.keys...)
		if got := f.done(); got != c.want {
			t.Errorf("%v: the engine was asked for %q, want %q", c.keys, got, c.want)
		}
	}
}

// TestTimelineClick: a click in the bar goes to that step, a click on a line chooses it.
func TestTimelineClick(t *testing.T) {
	m, f := beginSimulated(t, 80, 24)
	x, y := m.layout.main.x, m.layout.main.y
	for _, c := range []struct{ x, step int }{{1, 0}, {39, 9}, {78, 20}, {79, 20}} {
		_, cmd := m.Update(tea.MouseMsg{X: x + c.x, Y: y, Button: tea.MouseButtonLeft, Action: tea.MouseActionPress})
		settle(m, cmd)
		if got, want := f.done(), fmt.Sprintf("rewind %d", c.step); got != want {
			t.Errorf("a click at %d: the engine was asked for %q, want %q", c.x, got, want)
		}
		f.calls = nil
	}
	click(m, x+5, y+3, tea.MouseButtonLeft)
	if l := m.timeline.chosen(); l == nil || l.name != "deliver 17" {
		t.Errorf("a click on a choice chooses %+v", l)
	}
}

// finds searches from here: the story is shown, and what was found is a branch beside those that were.
func finds(t *testing.T, key string, m *Model, f *fake) {
	before := m.session
	press(m, key)
	seePast(m)
	if m.session != before || f.done() != "graft found of a world" {
		t.Errorf("the engine was asked for %q", f.done())
	}
	if rowWith(m, "[search]") == "" || rowWith(m, "an answered write is lost") == "" {
		t.Errorf("what was found is not shown:\n%s", m.View())
	}
}

func TestFreeName(t *testing.T) {
	past := engine.Timeline{Branches: []engine.Branch{{Name: "main"}}}
	for _, want := range []string{"found", "found2", "found3"} {
		if got := freeName("found", past); got != want {
			t.Errorf("%q among %+v, want %q", got, past.Branches, want)
		}
		past.Branches = append(past.Branches, engine.Branch{Name: want})
	}
}

// TestTimelineFullText: what its column cuts of the chosen line stands below, where nothing can be clicked.
func TestTimelineFullText(t *testing.T) {
	m, _ := beginSimulated(t, 80, 24)
	long := "c1 > s1 PutAppend arrives: put a with a value that is longer than half of the screen, by far"
	choices := []engine.Choice{{Name: "tick s1", Text: "s1 pings"}, {Name: "deliver 3", Text: long}}
	for i := range 40 { // more than there are rows
		choices = append(choices, engine.Choice{Name: fmt.Sprint("lose ", i), Text: "lost"})
	}
	canHappen(m, choices...)
	press(m, "left", "home", "J")
	if rowWith(m, long[:70]) == "" || rowWith(m, "  the screen, by far") == "" {
		t.Errorf("the whole text is not there:\n%s", m.View())
	}
	for row := range 2 {
		click(m, m.layout.main.x+5, m.layout.main.y+m.timeline.h-1-row, tea.MouseButtonLeft)
		if l := m.timeline.chosen(); l.name != "deliver 3" {
			t.Errorf("a click on the text chooses %+v", l)
		}
	}
	press(m, "K")
	if rowWith(m, long[:70]) != "" || m.timeline.below != 0 {
		t.Errorf("the text is still there, in %d rows:\n%s", m.timeline.below, m.View())
	}
}

// canHappen shows what can happen next in a simulated cluster.
func canHappen(m *Model, choices ...engine.Choice) {
	s := m.session.Engine.(*simulation)
	m.Update(pollResult{observation: observation{snap: s.snap, nodes: nodesOf(s.snap), asked: m.maps.window(), past: &s.past, choices: choices}})
}

// TestTimelineTextNeedsRoom: a text that its column cuts stands below, but not where that leaves the columns few rows.
func TestTimelineTextNeedsRoom(t *testing.T) {
	for _, c := range []struct {
		keys        []string
		pane, cells int
		below       bool
	}{
		{[]string{"left", "home"}, 9, 50, true}, {[]string{"left", "home"}, 8, 50, false},
		{[]string{"left", "home"}, 9, 27, true}, {[]string{"left", "home"}, 9, 26, false},
		{[]string{"end"}, 9, 18, true}, {[]string{"end"}, 9, 17, false},
	} {
		m, _ := beginSimulated(t, 80, 24)
		text := strings.Repeat("x", c.cells)
		m.session.Engine.(*simulation).past.Marks = []engine.Mark{{Step: 12, At: second, Text: text}}
		canHappen(m, engine.Choice{Name: "deliver 3", Text: text})
		press(m, c.keys...)
		rows := m.drawPane(m.timeline, 80, c.pane)
		last := unstyled(rows[len(rows)-1])
		if strings.Contains(last, text) != c.below || m.timeline.below > 0 != c.below {
			t.Errorf("%v: %d cells in %d rows, below %v:\n%s", c.keys, c.cells, c.pane, c.below, strings.Join(rows, "\n"))
		}
	}
}
