// Package wholefile writes files that are there as a whole, or as they were before: whatever goes wrong meanwhile (a full disk,
// a signal, a writer that gives up) never costs the old file.
//
//	err := wholefile.Write("demo.sb", func(w io.Writer) error { … })
package wholefile

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
)

// File is one that is being written, under another name in the same folder that ends in .part: a program that is killed leaves
// it there. Errors name it by the path that was asked for.
type File struct {
	*bufio.Writer
	path   string // that was asked for
	target string // whose place it takes: path, or what that links to
	f      *os.File
}

// Check says why nothing can be written to path. It changes nothing.
func Check(path string) error {
	f, err := Create(path)
	if err == nil {
		f.Discard()
	}
	return err
}

// Create begins a file that will be path after Commit. The permissions are those of the file before or, for a new one, what the
// umask leaves of 0666. A link is followed. What is there and is no regular file can't be replaced.
func Create(path string) (*File, error) {
	target, mode := path, fs.FileMode(0)
	info, err := os.Stat(path)
	switch {
	case err == nil && !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s: this is no file that could be written anew", path)
	case err == nil:
		mode = info.Mode().Perm()
		if target, err = filepath.EvalSymlinks(path); err != nil {
			return nil, err
		}
		if err := writable(path); err != nil {
			return nil, err
		}
	}
	f, err := beside(target)
	if err != nil {
		return nil, named(err, path)
	}
	w := &File{Writer: bufio.NewWriter(disk{f, path}), path: path, target: target, f: f}
	if mode != 0 {
		if err := f.Chmod(mode); err != nil {
			w.Discard()
			return nil, named(err, path)
		}
	}
	return w, nil
}

// disk writes to a file whose name nobody asked for.
type disk struct {
	f    *os.File
	path string
}

func (d disk) Write(b []byte) (int, error) {
	n, err := d.f.Write(b)
	return n, named(err, d.path)
}

// named is an error of the file system about path.
func named(err error, path string) error {
	if bad, ok := errors.AsType[*fs.PathError](err); ok {
		return &fs.PathError{Op: bad.Op, Path: path, Err: bad.Err}
	}
	return err
}

// writable says why a file must not be changed: whoever may write to its folder could replace it all the same.
func writable(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return f.Close()
}

// beside makes a file in the folder of path. os.CreateTemp would give it to its owner alone, whatever the umask says.
func beside(path string) (*os.File, error) {
	for {
		name := filepath.Base(path) + "." + strconv.FormatUint(rand.Uint64(), 36) + ".part"
		f, err := os.OpenFile(filepath.Join(filepath.Dir(path), name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if !errors.Is(err, fs.ErrExist) {
			return f, err
		}
	}
}

// Commit puts the file in its place once it is on the disk. After an error nothing of it is left, and what was there before is.
func (f *File) Commit() error {
	err := f.Flush()
	if err == nil {
		err = named(f.f.Sync(), f.path)
	}
	if closed := f.f.Close(); err == nil {
		err = named(closed, f.path)
	}
	if err == nil {
		err = os.Rename(f.f.Name(), f.target)
	}
	if err != nil {
		os.Remove(f.f.Name())
	}
	return err
}

// Discard gives the file up: nothing of it is left.
func (f *File) Discard() {
	f.f.Close()
	os.Remove(f.f.Name())
}

// Write writes path as a whole. The error is write's, or says what went wrong with the file.
func Write(path string, write func(io.Writer) error) error {
	f, err := Create(path)
	if err != nil {
		return err
	}
	if err := write(f); err != nil {
		f.Discard()
		return err
	}
	return f.Commit()
}
