package wholefile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// Folder is where files may be written whose names somebody else has chosen: below it, and nowhere else, and through no link.
// None of them is hidden, since what reads hidden files often obeys them, and none takes the place of one that was there
// before, unless the Folder was told so. Safe for concurrent use.
type Folder struct {
	root    *os.Root
	replace bool

	mu   sync.Mutex             // guards what follows
	made map[string]fs.FileInfo // by their paths, as filepath.Clean leaves them
}

// Existing says what becomes of files that were there before.
type Existing bool

// What may become of them.
const (
	Kept     Existing = false
	Replaced Existing = true
)

// OpenFolder opens a folder that there is. It stays open as long as the program runs.
func OpenFolder(dir string, existing Existing) (*Folder, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	return &Folder{root: root, replace: bool(existing), made: map[string]fs.FileInfo{}}, nil
}

// ErrExists says that a file was there before, and is no work of this Folder.
var ErrExists = errors.New("it is there already, and was not made here")

// Create begins a file below the folder, as Create does.
func (d *Folder) Create(path string) (*File, error) {
	clean, err := d.below(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	mode, err := d.before(clean)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	f, err := begin(d.root, path, clean, mode)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, cause(err))
	}
	f.done = func() { d.note(clean) }
	return f, nil
}

// below is path in the form in which it is looked up, or says why that must not be done.
func (d *Folder) below(path string) (clean string, err error) {
	clean = filepath.Clean(path)
	names := strings.Split(clean, string(filepath.Separator))
	hidden := func(name string) bool { return strings.HasPrefix(name, ".") && name != "." }
	switch {
	case !filepath.IsLocal(path):
		return "", errors.New("is not below the working folder")
	case slices.ContainsFunc(names, hidden):
		return "", errors.New("is hidden")
	}
	for i := range names[1:] { // what a link leads to may be hidden
		info, err := d.root.Lstat(filepath.Join(names[:i+1]...))
		switch {
		case err != nil:
			return "", cause(err)
		case !info.IsDir():
			return "", fmt.Errorf("%s is a link, or no folder", names[i])
		}
	}
	return clean, nil
}

// before says why nothing may be written to path, which is below. It returns the permissions of what is replaced, 0 if
// nothing is.
func (d *Folder) before(path string) (mode fs.FileMode, err error) {
	info, err := d.root.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return 0, nil
	case err != nil:
		return 0, cause(err)
	case !info.Mode().IsRegular():
		return 0, errors.New("is a link, or no file that could be written anew")
	case !d.replace && !d.ours(path, info):
		return 0, ErrExists
	}
	return info.Mode().Perm(), nil
}

// cause is an error without the path that it is about.
func cause(err error) error {
	if bad, ok := errors.AsType[*fs.PathError](err); ok {
		return bad.Err
	}
	return err
}

// note remembers a file that was made.
func (d *Folder) note(path string) {
	info, err := d.root.Lstat(path)
	if err != nil {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.made[path] = info
}

// ours reports whether a file at a path was made there. Elsewhere a file of somebody else's may have got the number of one that was
// replaced.
func (d *Folder) ours(path string, info fs.FileInfo) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	made := d.made[path]
	return made != nil && os.SameFile(made, info)
}
