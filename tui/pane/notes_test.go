package pane

import (
	"slices"
	"testing"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/script"
)

// TestRunning: while a step is played its heading says in few words what goes on, and not how that ends.
func TestRunning(t *testing.T) {
	for line, want := range map[string]string{
		"expect view 3 s2 s3 acked":             "waits for view 3",
		"expect view any s1 s2 acked within 5s": "goes on",
		"expect data s2 a = 2":                  "goes on",
		"wait 400ms":                            "goes on",
		"kill s1":                               "kill s1",
		"partition s1 c1 | s2 s3 vs c2":         "partition",
	} {
		p := NewNotes()
		p.Now = &script.PlayerState{Steps: 3, Step: 1, Running: line}
		if got := p.running(); got != want {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
		p.Now = &script.PlayerState{Running: line}
		if got := p.running(); got != line {
			t.Errorf("of a script without texts, %s is %q", line, got)
		}
	}
}

// TestWhereTheTriesAre: who tries what a lesson's end suggests no longer sees it, and is told where it stands.
func TestWhereTheTriesAre(t *testing.T) {
	p := NewNotes()
	p.Now = &script.PlayerState{Script: &script.Script{Tries: []string{"kill s1."}}, Steps: 1, Step: 2, Over: true, Free: true}
	if got, want := p.way(NewIndex(engine.Snapshot{}, nil)), "pane notes: what to try · L returns"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	p.Resize(80, 10)
	if p.arrange(); !slices.ContainsFunc(p.Rows, func(r Entry) bool { return r.Text == "  › kill s1." }) {
		t.Errorf("the pane has not what to try: %v", p.Rows)
	}
}
