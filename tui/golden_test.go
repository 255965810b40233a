package tui

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"cluster/splitbrain/netsim/engine"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite testdata")

var sizes = [][2]int{{20, 5}, {80, 24}, {120, 40}, {200, 60}}

func TestFrames(t *testing.T) {
	for name, snap := range telling() {
		for _, size := range sizes {
			golden(t, fmt.Sprintf("%s-%dx%d", name, size[0], size[1]), frameOf(t, snap, size, Options{}))
		}
	}
}

func TestThemes(t *testing.T) {
	for _, name := range []string{"countdown", "partition", "frozen"} {
		for _, opts := range []Options{{Theme: "dark"}, {Theme: "light"}, {Theme: "mono", Plain: true}, {Theme: "dark", ASCII: true}} {
			kind := opts.Theme
			if opts.Plain {
				kind = "nocolor"
			}
			if opts.ASCII {
				kind = "ascii"
			}
			golden(t, name+"-80x24-"+kind, frameOf(t, telling()[name], sizes[1], opts))
		}
	}
}

// TestPanes draws each pane at 80×24, and the dialogs.
func TestPanes(t *testing.T) {
	for _, c := range []struct {
		name string
		keys []string
	}{
		{"network", []string{"tab", "tab"}}, {"events", []string{"tab", "tab", "tab"}},
		{"help", []string{"?"}}, {"zoomed", []string{"z"}}, {"prompt", []string{":", "p", "u", "t", " ", "a"}},
		{"picker", []string{"2", "c", "right"}}, {"filter", []string{"/", "l", "o"}}, {"split", []string{"P"}},
		{"killed", []string{"3", "x"}}, {"mistake", []string{":", "k", "i", "l", "enter"}},
	} {
		m, _ := begin(t, partitioned(), 80, 24, Options{})
		press(m, c.keys...)
		golden(t, "pane-"+c.name, m.View())
	}
}

func frameOf(t *testing.T, snap engine.Snapshot, size [2]int, opts Options) string {
	m, _ := begin(t, snap, size[0], size[1], opts)
	return m.View()
}

var sgr = regexp.MustCompile(`\x1b\[([0-9;]*)m`)

// golden compares a frame with the one in testdata. Styles are written there as ‹1;92›, ends as ‹0›.
func golden(t *testing.T, name, frame string) {
	t.Helper()
	rows := strings.Split(sgr.ReplaceAllString(frame, "‹$1›"), "\n")
	for i := range rows {
		rows[i] = strings.TrimRight(rows[i], " ")
	}
	got := strings.Join(rows, "\n") + "\n"
	file := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s (rewrite with -update):\n%s", name, diff)
	}
}

func frameSize(size [2]int) string { return fmt.Sprintf("-%dx%d", size[0], size[1]) }
