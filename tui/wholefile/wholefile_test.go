package wholefile

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
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

// TestFullDisk: what does not fit costs nothing. A limit of the size of files stands for a disk that is full.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	old := filepath.Join(dir, "old")
	if err := Write(old, text("old")); err != nil {
		t.Fatal(err)
	}
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		t.Fatal(err)
	}
	small := before
	small.Cur = 10_000
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &small); err != nil {
		t.Fatal(err)
	}
	early := Write(old, text(strings.Repeat("x", 20_000))) // while it is written
	late := Write(old, text(strings.Repeat("x", 10_001)))  // maybe only when it is flushed
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{early, late} {
		if want := "write " + old + ": file too large"; err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
	holds(t, dir, map[string]string{"old": "old"})
}

func TestPermissions(t *testing.T) {
	dir := t.TempDir()
	old := syscall.Umask(0o027)
	defer syscall.Umask(old)
	if err := os.WriteFile(filepath.Join(dir, "secret"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]fs.FileMode{"new": 0o640, "secret": 0o600} {
		path := filepath.Join(dir, name)
		if err := Write(path, text("x")); err != nil {
			t.Error(err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode() != want {
			t.Errorf("%s: %v, %v; want %v", name, info.Mode(), err, want)
		}
	}
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
