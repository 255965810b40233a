package script

import (
	"errors"
	"os"
	"strings"
	"testing"

	"cluster/splitbrain/tui/wholefile"
)

// TestEveryFileIsTold: whatever command takes the name of a file writes it, and says so, or only opens it.
func TestEveryFileIsTold(t *testing.T) {
	for _, c := range Commands() {
		if !strings.Contains(c.Usage, "FILE") || c.Name == "open" {
			continue
		}
		inv, err := Parse(c.Example)
		if err != nil || inv.Writes() == "" {
			t.Errorf("%s: nobody would ask whether it may write, %v", c.Example, err)
		}
	}
}

// TestOthersWriteNothing: a line of others is refused where it is carried out, whoever has forgotten to ask before.
func TestOthersWriteNothing(t *testing.T) {
	t.Chdir(t.TempDir())
	s, others := bounded(t, Bounds{})
	lines := []string{"save x.sb", "save world w.sb", "export x.svg", "export x.html", "export x.jsonl"}
	for _, line := range lines {
		if err := others(line); !errors.Is(err, ErrFiles) {
			t.Errorf("%s: %v", line, err)
		}
	}
	if all, err := os.ReadDir("."); err != nil || len(all) > 0 {
		t.Errorf("%v were written, %v", all, err)
	}
	for _, line := range lines {
		if _, err := s.Run(t.Context(), line); err != nil {
			t.Errorf("whoever types %s may: %v", line, err)
		}
	}
	var err error
	if s.Files, err = wholefile.OpenFolder(".", wholefile.Kept); err != nil {
		t.Fatal(err)
	}
	for _, line := range lines {
		if err := others(line); !errors.Is(err, wholefile.ErrExists) || !strings.Contains(err.Error(), "--replace-files") {
			t.Errorf("%s takes the place of a file: %v", line, err)
		}
	}
}
