package script

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// playedTo is a lesson at its end, with so many right predictions.
func playedTo(t *testing.T, lesson string, right int) PlayerState {
	t.Helper()
	s, err := Find(lesson)
	if err != nil {
		t.Fatal(err)
	}
	state := PlayerState{Script: s, Steps: len(s.Steps) - 1, Over: true}
	for i := range right {
		state.Predictions = append(state.Predictions, Prediction{Step: i + 1, Said: "x", Right: "x"})
	}
	return state
}

// TestProgress: the best result of each lesson is kept over restarts, and by several programs at a time.
func TestProgress(t *testing.T) {
	dir := t.TempDir()
	file := ProgressFile(func(name string) string { return map[string]string{"XDG_STATE_HOME": dir}[name] })
	first, second := OpenProgress(file), OpenProgress(file)
	first.Note(playedTo(t, "first-view", 1))
	second.Note(playedTo(t, "backup-joins", 3))
	first.Note(playedTo(t, "primary-dies", 2))
	first.Note(playedTo(t, "primary-dies", 1))
	again := OpenProgress(file)
	for lesson, right := range map[string]int{"first-view": 1, "backup-joins": 3, "primary-dies": 2} {
		if d, ok := again.Of(lesson); !ok || d.Right != right || d.Of < right {
			t.Errorf("%s: %+v, %v", lesson, d, ok)
		}
	}
	if _, ok := again.Of("idle-third"); ok || again.Unkept() != "" {
		t.Errorf("what was never played is done; %s", again.Unkept())
	}
}

// TestProgressIsNoError: where nothing can be kept, one line says so, and all else goes on.
func TestProgressIsNoError(t *testing.T) {
	dir := t.TempDir()
	taken := filepath.Join(dir, "taken")
	if err := os.WriteFile(taken, []byte("{{{"), 0o600); err != nil {
		t.Fatal(err)
	}
	for file, kept := range map[string]bool{"": true, taken: true, filepath.Join(taken, "x", "lessons.json"): false, "/proc/nothing/x": false} {
		p := OpenProgress(file)
		p.Note(playedTo(t, "first-view", 1))
		if d, ok := p.Of("first-view"); !ok || d.Right != 1 || kept != (p.Unkept() == "") || strings.Contains(p.Unkept(), "\n") {
			t.Errorf("%s: %+v %v %q", file, d, ok, p.Unkept())
		}
	}
	for env, want := range map[string]string{"": "/home/x/.local/state/splitbrain/lessons.json", "relative": "/home/x/.local/state/splitbrain/lessons.json", "/s": "/s/splitbrain/lessons.json"} {
		if got := ProgressFile(func(name string) string { return map[string]string{"XDG_STATE_HOME": env, "HOME": "/home/x"}[name] }); got != want {
			t.Errorf("%q: %s", env, got)
		}
	}
	if got := ProgressFile(func(string) string { return "" }); got != "" {
		t.Errorf("without a home: %s", got)
	}
}
