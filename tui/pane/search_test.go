package pane

import (
	"context"
	"testing"

	"cluster/splitbrain/netsim/engine"
)

// What a search told of one cluster is not told of the next that is shown, unless the search still goes on.
func TestStoryEndsWithItsCluster(t *testing.T) {
	var p Progress
	p.Begin()
	p.Opened(nil)
	if running, _, _ := p.look(); !running {
		t.Error("a search under way was ended")
	}
	p.End([]string{"s1 serves an empty map"})
	if _, _, story := p.look(); len(story) != 1 {
		t.Fatalf("story %q", story)
	}
	p.Opened(nil)
	if _, _, story := p.look(); len(story) != 0 || p.IsNew() {
		t.Errorf("told of the fresh cluster: %q", story)
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
	p.Progress.Begin()
	if _, err := w.Job(ctx); err != errSearches {
		t.Errorf("while another runs it says %v", err)
	}
}
