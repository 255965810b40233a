package pane

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"cluster/splitbrain/netsim/engine"
)

// What a search told of one cluster is not told of the next that is shown.
func TestStoryEndsWithItsCluster(t *testing.T) {
	var p Progress
	_, attempt := p.Begin(t.Context())
	attempt.InVain([]string{"s1 serves an empty map"}, "main")
	if _, _, story := p.look(""); len(story.lines) != 1 {
		t.Fatalf("story %q", story)
	}
	p.Opened(nil)
	if _, _, story := p.look(""); len(story.lines) != 0 || p.News() != nil {
		t.Errorf("told of the fresh cluster: %q", story)
	}
}

// A search ends when another cluster is shown, and what it found meanwhile is neither told nor shown.
func TestSearchEndsWithItsCluster(t *testing.T) {
	p := Search{Progress: &Progress{}, World: grafted{}}
	p.Searcher = func(ctx context.Context, _ engine.Replayer, tell func(string)) (Found, error) {
		p.Progress.Opened(nil)
		<-ctx.Done()
		tell("something")
		return Found{Story: []string{"found"}, World: []byte("a world")}, nil
	}
	_, err := p.begin().Job(t.Context())
	if running, far, story := p.Progress.look(""); running || far != "" || story.lines != nil || !strings.Contains(fmt.Sprint(err), errGone.Error()) {
		t.Errorf("it says %v, and tells %t %q %q", err, running, far, story)
	}
}

// A search begins with its job, not before, and says that it was cancelled.
func TestSearchEnds(t *testing.T) {
	p := Search{Progress: &Progress{}, World: grafted{}, Searcher: func(ctx context.Context, _ engine.Replayer, _ func(string)) (Found, error) {
		return Found{}, ctx.Err()
	}}
	w := p.begin()
	if running, _, _ := p.Progress.look(""); running {
		t.Error("it runs before its job")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := w.Job(ctx)
	if running, _, _ := p.Progress.look(""); running || err == nil || err.Error() != "search: cancelled" {
		t.Errorf("it runs on: %v, and says %v", running, err)
	}
	p.Progress.Begin(t.Context())
	if _, err := w.Job(ctx); err != errSearches {
		t.Errorf("while another runs it says %v", err)
	}
}

// grafted takes branches, and notes what was done before.
type grafted struct {
	engine.Replayer
	did *[]string
}

func (g grafted) Timeline() engine.Timeline {
	return engine.Timeline{Branch: "b 1", Branches: []engine.Branch{{Name: "found"}}}
}

func (g grafted) ImportBranch(_ context.Context, name string, _ io.Reader) error {
	*g.did = append(*g.did, name)
	return nil
}

// A lesson waits from where something was found, and the way back is told.
func TestFindEndsALesson(t *testing.T) {
	var did []string
	p := Search{Progress: &Progress{}, World: grafted{did: &did}}
	p.Searcher = func(context.Context, engine.Replayer, func(string)) (Found, error) {
		return Found{World: []byte("a world")}, nil
	}
	p.Plays = func(context.Context) error {
		did = append(did, "play freely")
		return nil
	}
	got, err := p.begin().Job(t.Context())
	if want := []string{"play freely", "found2"}; err != nil || !slices.Equal(did, want) {
		t.Errorf("it did %q (%v), want %q", did, err, want)
	}
	if want := `found, paused at its end on branch found2: , goes back, visit "b 1" returns`; got.Text != want {
		t.Errorf("it tells %q, want %q", got.Text, want)
	}
}

// Each branch that was found keeps its story, whatever searches find, or don't, later.
func TestStoriesAreKept(t *testing.T) {
	var did []string
	p := Search{Progress: &Progress{}, World: grafted{did: &did}, Plays: func(context.Context) error { return nil }}
	searches := func(f Found, err error) string {
		p.Searcher = func(context.Context, engine.Replayer, func(string)) (Found, error) { return f, err }
		got, _ := p.begin().Job(t.Context())
		return got.Text
	}
	shows := func(branch string, want ...string) {
		t.Helper()
		if _, _, told := p.Progress.look(branch); !slices.Equal(told.lines, want) {
			t.Errorf("on branch %s it shows %q, want %q", branch, told.lines, want)
		}
	}
	if got := searches(Found{Story: []string{"broken"}, Already: true}, nil); !strings.Contains(got, "broken here already: , goes back") {
		t.Errorf("it says %q", got)
	}
	shows("b 1", "broken")
	searches(Found{Story: []string{"  9  c1 begins"}, World: []byte("a world")}, nil)
	shows("found2", "  9  c1 begins")
	p.World = onBranch{p.World.(grafted), "found2"}
	if got := searches(Found{Story: []string{"broken"}, Already: true}, nil); !strings.Contains(got, "already, as the story tells") {
		t.Errorf("it says %q", got)
	}
	shows("found2", "  9  c1 begins")
	searches(Found{Story: []string{"nothing"}}, nil)
	shows("found2", "nothing", "", "  9  c1 begins")
	searches(Found{}, context.Canceled)
	shows("found2", "nothing", "", "  9  c1 begins")
	searches(Found{Story: []string{"  7  s1 crashes"}, World: []byte("a world")}, nil)
	shows("found", "  7  s1 crashes")
	shows("found2", "  9  c1 begins")
	shows("main", "  7  s1 crashes")
}

// onBranch is a world on a branch beside found2.
type onBranch struct {
	grafted
	branch string
}

func (o onBranch) Timeline() engine.Timeline {
	return engine.Timeline{Branch: o.branch, Branches: []engine.Branch{{Name: "found2"}}}
}

// The pane shows the lines of the step at which the world is, wherever the story is longer than the pane.
func TestStoryFollowsTheSteps(t *testing.T) {
	var lines []string
	for i := range 30 {
		lines = append(lines, fmt.Sprintf("%3d  an interval passes on s1", i+50), "       s1 pings vs: Ping(2)")
	}
	lines = append(lines, "broken: one-primary: s1 can still complete operations", "so a write is missing")
	p := Search{Progress: &Progress{}}
	p.Progress.Opened(lines)
	p.Resize(80, 6)
	for _, c := range []struct {
		step     int
		from, to string // the first line that is seen, and the last
		status   string
	}{
		{79, lines[56], lines[61], "step 79 of 79  57–62 of 62"}, {70, lines[38], lines[43], "step 70 of 79  39–44 of 62"},
		{50, lines[0], lines[5], "step 50 of 79  1–6 of 62"}, {49, lines[0], lines[5], "1–6 of 62"},
	} {
		past := engine.Timeline{Branch: "main", Step: c.step, Length: 99, Branches: []engine.Branch{{Name: "main"}}}
		p.Observe(Observation{Past: &past}, nil)
		from, to := p.window()
		if p.rows[from].text != c.from || p.rows[to-1].text != c.to || p.Status() != c.status {
			t.Errorf("at step %d %q to %q are seen, and %q, want %q to %q, and %q", c.step, p.rows[from].text, p.rows[to-1].text, p.Status(), c.from, c.to, c.status)
		}
		p.Scroll(Motion{To: ToEnd})
		p.Resize(80, 6)
		if p.Observe(Observation{Past: &past}, nil); p.above != 0 {
			t.Errorf("at step %d it does not stay where it was scrolled to", c.step)
		}
		p.Scroll(Motion{To: ToStart})
	}
}

// seenNow is a world that is seen as it is.
type seenNow struct {
	grafted
	snap engine.Snapshot
}

func (s seenNow) Observe(context.Context, engine.Window) (engine.Snapshot, error) { return s.snap, nil }

// What a client has done since the screen was drawn counts: the key may be pressed sooner than it is drawn again.
func TestSearchKnowsWhatWasJustDone(t *testing.T) {
	for _, used := range []bool{false, true} {
		p := Search{Progress: &Progress{}, World: seenNow{snap: engine.Snapshot{Clients: []engine.ClientState{{Name: "c1", Running: used}}}}}
		searched := false
		p.Searcher = func(context.Context, engine.Replayer, func(string)) (Found, error) {
			searched = true
			return Found{Story: []string{"nothing was found"}}, nil
		}
		w := Wish{}
		for _, a := range p.Actions() {
			if a.Keys[0] == "S" {
				w = a.Do(Place{Now: NewIndex(engine.Snapshot{}, nil)})
			}
		}
		if _, err := w.Job(t.Context()); searched != used || (err == errUnused) == used {
			t.Errorf("used %v: it searched %v, and says %v", used, searched, err)
		}
	}
}
