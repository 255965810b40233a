package wholefile

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// folder is one that has a file, old, a folder, sub, links out of it and to a hidden folder, and beside it a file of
// somebody else's.
func folder(t *testing.T, existing Existing) (d *Folder, dir, other string) {
	t.Helper()
	outer := t.TempDir()
	dir, other = filepath.Join(outer, "here"), filepath.Join(outer, "other")
	if err := errors.Join(os.MkdirAll(filepath.Join(dir, "sub"), 0o700), os.Mkdir(other, 0o700),
		os.Mkdir(filepath.Join(dir, ".git"), 0o700), os.Symlink(".git", filepath.Join(dir, "aside")),
		os.Mkdir(filepath.Join(dir, "far"), 0o700), os.Symlink("../.git", filepath.Join(dir, "far", "aside")),
		os.WriteFile(filepath.Join(dir, "old"), []byte("old"), 0o600), os.WriteFile(filepath.Join(other, "theirs"), []byte("theirs"), 0o600),
		os.Symlink(other, filepath.Join(dir, "way")), os.Symlink(filepath.Join(other, "theirs"), filepath.Join(dir, "link")),
		os.Symlink("old", filepath.Join(dir, "inner")), os.Symlink(filepath.Join(other, "new"), filepath.Join(dir, "dangling")),
		os.Link(filepath.Join(other, "theirs"), filepath.Join(dir, "hard"))); err != nil {
		t.Fatal(err)
	}
	d, err := OpenFolder(dir, existing)
	if err != nil {
		t.Fatal(err)
	}
	return d, dir, other
}

// TestFolder: whatever name somebody else chooses, nothing is touched but what is made new below the folder.
func TestFolder(t *testing.T) {
	d, dir, other := folder(t, Kept)
	for path, says := range map[string]string{
		"../other/theirs": "not below", "sub/../../other/theirs": "not below", filepath.Join(other, "theirs"): "not below",
		filepath.Join(dir, "new"): "not below", "": "not below", "..": "not below", "way/theirs": "way is a link", "way/new": "way is a link",
		"way/../new2/x": "no such file", "aside/new": "aside is a link", "far/aside/new": "aside is a link", "old/new": "old is a link, or no folder", "link": "is a link", "inner": "is a link", "dangling": "is a link", "hard": "is there already",
		"old": "is there already", "sub/../old": "is there already", "sub": "no file", ".": "no file", "none/new": "no such file",
		".profile": "hidden", "sub/.hidden": "hidden", ".git/config": "hidden",
	} {
		err := Creator(d.Create).Write(path, text("evil"))
		if err == nil || !strings.Contains(err.Error(), says) || !strings.HasPrefix(err.Error(), path+": ") {
			t.Errorf("%q: %v", path, err)
		}
	}
	for _, content := range []string{"first", "second"} { // what was made here may be made anew
		for _, path := range []string{"new", "sub/new", "./sub/../new"} {
			if err := Creator(d.Create).Write(path, text(content)); err != nil {
				t.Error(err)
			}
		}
	}
	holds(t, other, map[string]string{"theirs": "theirs"})
	holds(t, filepath.Join(dir, "sub"), map[string]string{"new": "second"})
	for name, want := range map[string]string{"new": "second", "old": "old", "inner": "old", "hard": "theirs"} {
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

// TestFolderReplaces: where files may be replaced, that is all that is more.
func TestFolderReplaces(t *testing.T) {
	d, dir, other := folder(t, Replaced)
	for _, path := range []string{"link", "dangling", "way/theirs", "../other/theirs"} {
		if err := Creator(d.Create).Write(path, text("evil")); err == nil {
			t.Errorf("%s was written", path)
		}
	}
	for _, path := range []string{"old", "hard"} { // a name of its own takes the place of a hard link
		if err := Creator(d.Create).Write(path, text("new")); err != nil {
			t.Error(err)
		}
		if info, err := os.Stat(filepath.Join(dir, path)); err != nil || info.Mode().Perm() != 0o600 || info.Size() != 3 {
			t.Errorf("%s: %v, %v", path, info, err)
		}
	}
	holds(t, other, map[string]string{"theirs": "theirs"})
}

// TestFolderGivesUp: what is not finished leaves nothing behind.
func TestFolderGivesUp(t *testing.T) {
	d, dir, _ := folder(t, Kept)
	f, err := d.Create("sub/new")
	if err != nil {
		t.Fatal(err)
	}
	f.Discard()
	holds(t, filepath.Join(dir, "sub"), nil)
	if err := Creator(d.Create).Write("sub/new", text("x")); err != nil { // it counts as new
		t.Error(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "sub", "late"), []byte("late"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Create("sub/late"); !errors.Is(err, ErrExists) {
		t.Error(err)
	}
}

// TestFolderKnowsItsOwnByName: a file of somebody else's may have the number that one had which was made here.
func TestFolderKnowsItsOwnByName(t *testing.T) {
	d, dir, _ := folder(t, Kept)
	if err := Creator(d.Create).Write("new", text("new")); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(dir, "new"), filepath.Join(dir, "theirs")); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Create("theirs"); !errors.Is(err, ErrExists) {
		t.Error(err)
	}
}
