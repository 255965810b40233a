package wholefile

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	}
}

// holds checks what is in a folder: files by their names.
func holds(t *testing.T, dir string, want map[string]string) {
	t.Helper()
	all, err := os.ReadDir(dir)
	if err != nil || len(all) != len(want) {
		t.Errorf("%v: %v", all, err)
	}
	for name, content := range want {
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(got) != content {
			t.Errorf("%s: %.40q, %v", name, got, err)
		}
	}
}

func TestWrite(t *testing.T) {
	dir := t.TempDir()
	old := filepath.Join(dir, "old")
	for _, content := range []string{"first", "second"} {
		if err := Write(old, text(content)); err != nil {
			t.Error(err)
		}
	}
	holds(t, dir, map[string]string{"old": "second"})
	broken := errors.New("broken")
	if err := Write(old, func(w io.Writer) error { return errors.Join(text("half")(w), broken) }); !errors.Is(err, broken) {
		t.Error(err)
	}
	holds(t, dir, map[string]string{"old": "second"})
}

// A link stays one, and what it points to is written.
func TestLink(t *testing.T) {
	dir, other := t.TempDir(), t.TempDir()
	target := filepath.Join(other, "target")
	if err := errors.Join(os.WriteFile(target, []byte("old"), 0o600), os.Symlink(target, filepath.Join(dir, "link"))); err != nil {
		t.Fatal(err)
	}
	if err := Write(filepath.Join(dir, "link"), text("new")); err != nil {
		t.Error(err)
	}
	holds(t, other, map[string]string{"target": "new"})
	if at, err := os.Readlink(filepath.Join(dir, "link")); at != target {
		t.Error(at, err)
	}
}

// TestCheck: whether a file can be written is known before there is anything to write, and asking changes nothing.
func TestCheck(t *testing.T) {
	dir := t.TempDir()
	old := filepath.Join(dir, "old")
	if err := os.WriteFile(old, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, says := range map[string]string{
		filepath.Join(dir, "new"): "", old: "", dir: "no file", "/dev/full": "no file",
		filepath.Join(dir, "no", "new"): "open " + filepath.Join(dir, "no", "new") + ": no such file or directory",
	} {
		if err := Check(path); (err == nil) != (says == "") || err != nil && !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", path, err)
		}
	}
	holds(t, dir, map[string]string{"old": "old"})
}
