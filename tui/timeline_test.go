package tui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/sim"
	"cluster/splitbrain/tui/pane"

	tea "github.com/charmbracelet/bubbletea"
)

// simulation is a fake with a past.
type simulation struct {
	*fake
	past engine.Timeline
	was  func(time.Duration) engine.Snapshot // what it was at a time, ...
	ends error                               // ... unless that is known no more
}

var _ engine.Replayer = (*simulation)(nil)

func (s *simulation) Timeline() engine.Timeline { return s.past }
func (s *simulation) Rewind(step int) error     { return s.note("rewind %d", step) }
func (s *simulation) Visit(branch string) error { return s.note("visit %s", branch) }
func (s *simulation) ObservePast(_ engine.Window, times []time.Duration) (seen []engine.Snapshot, err error) {
	for _, when := range times {
		seen = append(seen, at(s.was(when), when))
	}
	return seen, s.ends
}
func (s *simulation) Rename(branch, name string) error { return s.note("rename %s %s", branch, name) }
func (s *simulation) Save(io.Writer) error             { return s.note("save") }
func (*simulation) Provenance() string                 { return "" }

func (s *simulation) ImportBranch(_ context.Context, name string, saved io.Reader) error {
	text, err := io.ReadAll(saved)
	s.past.Branches = append(slices.Clip(s.past.Branches), engine.Branch{Name: name, Parent: s.past.Branch, From: s.past.First, Length: s.past.Length, End: s.snap.At})
	s.past.Branch = name
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

// finds searches from here: the story is shown, and what was found is a branch beside those that were.
func finds(t *testing.T, key string, m *Model, f *fake) {
	before := m.session
	press(m, key)
	seePast(m)
	if m.session != before || f.done() != "graft found of a world" {
		t.Errorf("the engine was asked for %q", f.done())
	}
	if rowWith(m, "found, paused at its end on branch found: , goes back, visit main returns") == "" {
		t.Errorf("nothing says where the find is, and how to return:\n%s", m.View())
	}
	if rowWith(m, "[search]") == "" || rowWith(m, "an answered write is lost") == "" {
		t.Errorf("what was found is not shown:\n%s", m.View())
	}
}

// TestCompareSaysWhatIsFirst: where no other branch is chosen, C says how one is.
func TestCompareSaysWhatIsFirst(t *testing.T) {
	m, f := beginSimulated(t, 80, 24)
	press(m, "left", "C")
	if got := m.commands.text; got != "C compares branches: → first, then K J to another branch than main" {
		t.Errorf("in the column of choices it says %q", got)
	}
	press(m, "right", "home", "C")
	if got := m.commands.text; got != "C compares branches: K J to another branch than main first" {
		t.Errorf("on its own branch it says %q", got)
	}
	press(m, "tab", "C")
	if got := m.commands.text; got != "C compares branches in pane timeline" || f.done() != "" {
		t.Errorf("elsewhere it says %q, and %q was asked for", got, f.done())
	}
	m, _ = begin(t, steady(), 80, 24, Options{})
	simulatedStart(m)
	press(m, "C")
	if got := m.commands.text; !strings.HasPrefix(got, "C compares branches, and there is only one: ") {
		t.Errorf("with one branch it says %q", got)
	}
}

// TestNewBranchIsTold: what is done after going back begins a branch, which its result says; what follows on that does not.
func TestNewBranchIsTold(t *testing.T) {
	world, err := sim.New(engine.Defaults, sim.ManualTime())
	if err != nil {
		t.Fatal(err)
	}
	h := newHost(t.Context(), world, Options{})
	defer h.end()
	for _, c := range []struct{ line, want string }{
		{"wait 300ms", ""}, {"kill s3", ""}, {"rewind 3", ""},
		{"kill s2", "s2 killed: its memory is gone. This begins branch b1 at step 3 of main: visit main returns"},
		{"restart s2", ""}, {"rewind 2", ""}, {"kill s2", "This begins branch b2 at step 2 of b1: visit b1 returns"}, {"visit main", ""},
	} {
		got, err := h.run(t.Context(), read(c.line))
		if err != nil || !strings.HasSuffix(got.Text, c.want) || strings.Contains(got.Text, "begins branch") != (c.want != "") {
			t.Errorf("%s: %q (%v), want %q", c.line, got.Text, err, c.want)
		}
	}
}

// TestLeftBehind: that the world went elsewhere while an operation waited does not take the place of what took it there.
func TestLeftBehind(t *testing.T) {
	m, _ := beginSimulated(t, 80, 24)
	press(m, "S")
	o := pane.Observation{Snap: m.now.Snapshot, Nodes: m.now.Nodes, Asked: m.maps.Window()}
	left := ran{task: read("put b 5 &"), err: fmt.Errorf("put b 5: left: %w", engine.ErrRewound)}
	m.Update(pollResult{Observation: o, hostState: hostState{session: m.host.now(), told: []ran{left}}})
	if rowWith(m, "found, paused at its end on branch found") == "" || rowWith(m, "put b 5") != "" {
		t.Errorf("the find is told no more:\n%s", m.View())
	}
	bringNamed(t, m, "events")
	if rowWith(m, "put b 5: left") == "" {
		t.Errorf("the log has nothing of it:\n%s", m.View())
	}
}

// TestStoryIsGoneThrough: the keys that choose a line elsewhere go to the step of the story before, or after, and what the story
// does not tell of is said.
func TestStoryIsGoneThrough(t *testing.T) {
	m, f := beginSimulated(t, 80, 24)
	press(m, "S")
	seePast(m)
	press(m, "K", "K", "J", "J", "J")
	if got := f.done(); got != "graft found of a world; rewind 9; rewind 8; rewind 9; rewind 10" {
		t.Errorf("the engine was asked for %q", got)
	}
	if got := m.commands.text; got != "this is the last line: K goes back" {
		t.Errorf("at the end J says %q", got)
	}
	if hints := m.hintsIn(80); hints[0].key != "K J" {
		t.Errorf("the hints begin with %v", hints)
	}
	press(m, "K", "K", "K")
	if got := f.done() + "; " + m.commands.text; !strings.HasSuffix(got, "; rewind 10; rewind 9; rewind 8; this is the first line: J goes on") {
		t.Errorf("up to the beginning %q", got)
	}
}

// TestHowFarASearchIs: where the pane that tells it is not shown, the line of the search tells how far it is.
func TestHowFarASearchIs(t *testing.T) {
	m, _ := begin(t, steady(), 80, 24, Options{})
	searching(m)
	m.commands.line, m.commands.text = pane.SearchLine, ""
	m.bring("search")
	seePast(m)
	if rowWith(m, ": search (key S)  … runs") == "" {
		t.Errorf("its pane tells it already:\n%s", m.View())
	}
	m.bring("events")
	seePast(m)
	if rowWith(m, ": search (key S)  … 12,345 distinct states tried, 9 steps deep, 4s of 30s") == "" {
		t.Errorf("nothing tells how far it is:\n%s", m.View())
	}
	m.Update(tea.WindowSizeMsg{Width: 38, Height: 9})
	if rowWith(m, ": search (key S)  … 12,345 distinct") == "" {
		t.Errorf("nothing tells how far it is:\n%s", m.View())
	}
	m.commands.line = "put a 1"
	seePast(m)
	if rowWith(m, ": put a 1  … runs") == "" {
		t.Errorf("another line tells how far the search is:\n%s", m.View())
	}
}
