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
	attempt.End([]string{"s1 serves an empty map"})
	if _, _, story := p.look(); len(story) != 1 {
		t.Fatalf("story %q", story)
	}
	p.Opened(nil)
	if _, _, story := p.look(); len(story) != 0 || p.IsNew() {
		t.Errorf("told of the fresh cluster: %q", story)
	}
}

// A search ends when another cluster is shown, and what it found meanwhile is neither told nor shown.
func TestSearchEndsWithItsCluster(t *testing.T) {
	p := Search{Progress: &Progress{}}
	p.Searcher = func(ctx context.Context, _ engine.Replayer, tell func(string)) (Found, error) {
		p.Progress.Opened(nil)
		<-ctx.Done()
		tell("something")
		return Found{Story: []string{"found"}, World: []byte("a world")}, nil
	}
	_, err := p.begin().Job(t.Context())
	if running, far, story := p.Progress.look(); running || far != "" || story != nil || !strings.Contains(fmt.Sprint(err), errGone.Error()) {
		t.Errorf("it says %v, and tells %t %q %q", err, running, far, story)
	}
}

// A search begins with its job, not before, and says that it was cancelled.
func TestSearchEnds(t *testing.T) {
	p := Search{Progress: &Progress{}, Searcher: func(ctx context.Context, _ engine.Replayer, _ func(string)) (Found, error) {
		return Found{}, ctx.Err()
	}}
	w := p.begin()
	if running, _, _ := p.Progress.look(); running {
		t.Error("it runs before its job")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := w.Job(ctx)
	if running, _, _ := p.Progress.look(); running || err == nil || err.Error() != "search: cancelled" {
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
