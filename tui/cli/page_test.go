package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"cluster/splitbrain/tui/record"
	"cluster/splitbrain/tui/script"
)

// TestPage: a lesson is kept as a page on both engines: each step with its screen and messages, the verdict, and the
// commands to play it again.
func TestPage(t *testing.T) {
	for _, live := range []bool{false, true} {
		page := pageOf(t, runOptions{Live: live}, "forward-gets")
		s, err := script.Find("forward-gets")
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(page, `<svg class="screen"`); n != len(s.Steps)-1 {
			t.Errorf("live %v: %d screens for %d steps", live, n, len(s.Steps)-1)
		}
		for _, want := range []string{
			"<h1>Without forwarding Gets</h1>", "<code>partition s1 c1 | s2 s3 vs c2</code>", "No prediction was made.",
			`<svg class="diagram"`, `<svg class="chart"`, "Not linearizable: c1 get a, begun", "✗ get a → 1", "≠ put a 2", "forward-gets",
			">rule forward-gets off</text>", ">partition s1 c1 | s2 s3 vs c2</text>",
		} {
			if !strings.Contains(page, want) {
				t.Errorf("live %v: the page does not say %s", live, want)
			}
		}
		if again := "splitbrain run --live forward-gets"; strings.Contains(page, again) != live {
			t.Errorf("live %v: wrong commands to play it again", live)
		}
	}
}

// pageOf runs a script in virtual time and returns its page.
func pageOf(t *testing.T, o runOptions, name string) string {
	t.Helper()
	o.Capture.Page = filepath.Join(t.TempDir(), "page.html")
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		if err := runAll(t.Context(), &out, o, []string{name}); err != nil && err != errBroken {
			t.Fatal(err)
		}
	})
	page, err := os.ReadFile(o.Capture.Page)
	if err != nil {
		t.Fatal(err)
	}
	return string(page)
}

// TestFilesAreDistinct: what would be written to one file twice, or over the script, is refused before anything runs.
func TestFilesAreDistinct(t *testing.T) {
	name := file(t, "put a 1")
	dir := filepath.Dir(name)
	t.Chdir(dir)
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(name, link); err != nil {
		t.Skip("there are no links:", err)
	}
	for want, c := range map[string]capture{
		"--cast " + link + ": the same file as " + name:                       {Cast: link},
		"--picture x.html: the same file as --page":                           {Page: "./x.html", Picture: "x.html"},
		"--cast " + filepath.Join(here, "x") + ": the same file as --picture": {Picture: "x", Cast: filepath.Join(here, "x")},
		"--cast " + filepath.Base(name) + ": the same file as " + name:        {Cast: filepath.Base(name)},
	} {
		var out bytes.Buffer
		c.Width, c.Height, c.Theme, c.newScreen = 80, 24, record.Dark, playgroundScreen
		if err := runAll(t.Context(), &out, runOptions{Capture: c}, []string{name}); err == nil || err.Error() != want || out.Len() > 0 {
			t.Errorf("%v, want %s; said %q", err, want, &out)
		}
	}
	if all, err := os.ReadDir("."); err != nil || len(all) != 1 {
		t.Error(all, err)
	}
}

// TestPageOfAWorld: what a search has found can be taken home, too, and a script can export what --page keeps.
func TestPageOfAWorld(t *testing.T) {
	t.Chdir(t.TempDir())
	const world, page = "find.sb", "in.html"
	if r := inRealTime(t, "run", "--allow-files", file(t, "cluster servers=2 clients=1", "wait view 2", "put a 1", "save world "+world, "export "+page)); r.code != 0 {
		t.Fatalf("%+v", r)
	}
	if got := pageOf(t, runOptions{}, world); !strings.Contains(got, "<h1>find.sb</h1>") || !strings.Contains(got, "splitbrain run find.sb") {
		t.Error("the page of a world does not say which")
	}
	for _, got := range []string{pageOf(t, runOptions{}, world), string(textOf(t, page))} {
		for _, want := range []string{`<svg class="screen"`, `<svg class="diagram"`, "Linearizable", "put a 1"} {
			if !strings.Contains(got, want) {
				t.Errorf("the page does not say %s", want)
			}
		}
	}
}

func TestPageRefuses(t *testing.T) {
	t.Chdir(t.TempDir())
	name := file(t, "put a 1")
	for want, args := range map[string][]string{
		"tells of one script":       {"--page", "p.html", name, name},
		"must end in .html":         {"--page", "p.pdf", name},
		"--page: open /nonexistent": {"--page", "/nonexistent/p.html", name},
	} {
		if r := inRealTime(t, append([]string{"run"}, args...)...); r.code != 2 || !strings.Contains(r.err, want) || r.out != "" {
			t.Errorf("%v: %+v", args, r)
		}
	}
}
