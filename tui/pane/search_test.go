package pane

import "testing"

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
