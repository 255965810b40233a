package export

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cluster/splitbrain/tui/wholefile"
)

// browser is a browser without a screen; the test is skipped, in plain words, where there is none.
func browser(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("NO BROWSER HERE (chromium, chromium-browser or google-chrome): nobody has seen whether pages can be opened. Debian: apt-get install chromium")
	return ""
}

// TestPageInABrowser: a browser reads the page as it was meant, finds nothing to run or to fetch, and can print it.
func TestPageInABrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes a browser two seconds")
	}
	program, dir := browser(t), t.TempDir()
	file := filepath.Join(dir, "page.html")
	if err := File(wholefile.Create, file, source()); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	open := func(args ...string) string {
		cmd := exec.CommandContext(ctx, program, append([]string{
			"--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--user-data-dir=" + filepath.Join(dir, "profile"),
			"--host-resolver-rules=MAP * ~NOTFOUND",
		}, append(args, "file://"+file)...)...)
		cmd.WaitDelay = time.Second
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%v: %v", cmd, err)
		}
		return string(out)
	}
	dom := open("--dump-dom")
	for text, want := range map[string]int{
		"<script": 0, "<img": 0, "<b>title": 0, "<section": 7, `<svg class="screen"`: 1, `<svg class="chart"`: 1, `<svg class="diagram"`: 3,
		"</html>": 1, "<details>": 3, "parsererror": 0,
	} {
		if got := strings.Count(dom, text); got != want {
			t.Errorf("the browser sees %s %d times, not %d", text, got, want)
		}
	}
	printed := filepath.Join(dir, "page.pdf")
	open("--print-to-pdf=" + printed)
	if pdf, err := os.ReadFile(printed); err != nil || !strings.HasPrefix(string(pdf), "%PDF") || len(pdf) < 10_000 {
		t.Errorf("printed to %d bytes: %v", len(pdf), err)
	}
	reader, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Log("NO pdftotext HERE: nobody has read what was printed. Debian: apt-get install poppler-utils")
		return
	}
	text, err := exec.CommandContext(ctx, reader, printed, "-").Output()
	if n := strings.Count(string(text), "The messages"); err != nil || n != 3 || !strings.Contains(string(text), "forward: view 2: op 1") {
		t.Errorf("messages are printed under %d headings, not 3 (%v):\n%s", n, err, text)
	}
}
