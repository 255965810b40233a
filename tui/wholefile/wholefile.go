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
	part   string // its name until then
	in     place  // where these names are looked up
	f      *os.File
	done   func() // called when it is in its place; nil for nothing
}

// place is what files are made in: an *os.Root, or all there is.
type place interface {
	OpenFile(name string, flag int, perm fs.FileMode) (*os.File, error)
	Rename(from, to string) error
	Remove(name string) error
}

type anywhere struct{}

func (anywhere) OpenFile(name string, flag int, perm fs.FileMode) (*os.File, error) {
	return os.OpenFile(name, flag, perm)
}
func (anywhere) Rename(from, to string) error { return os.Rename(from, to) }
func (anywhere) Remove(name string) error     { return os.Remove(name) }

// Check says why nothing can be written to path. It changes nothing.
func Check(path string) error {
	f, err := Create(path)
	if err == nil {
		f.Discard()
	}
	return err
}

// Creator begins a file that will be path: Create, or that of a Folder.
type Creator func(path string) (*File, error)

// Write writes path as a whole, as the function Write does.
func (create Creator) Write(path string, write func(io.Writer) error) error {
	f, err := create(path)
	if err != nil {
		return err
	}
	if err := write(f); err != nil {
		f.Discard()
		return err
	}
	return f.Commit()
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
	return begin(anywhere{}, path, target, mode)
}

// begin makes the file that will be target. Its permissions are mode unless that is 0.
func begin(in place, path, target string, mode fs.FileMode) (*File, error) {
	f, part, err := beside(in, target)
	if err != nil {
		return nil, named(err, path)
	}
	w := &File{Writer: bufio.NewWriter(disk{f, path}), path: path, target: target, part: part, in: in, f: f}
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

// beside makes a file in the folder of path, and returns its name. os.CreateTemp would give it to its owner alone, whatever
// the umask says.
func beside(in place, path string) (f *os.File, name string, err error) {
	for {
		name = filepath.Join(filepath.Dir(path), filepath.Base(path)+"."+strconv.FormatUint(rand.Uint64(), 36)+".part")
		f, err = in.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if !errors.Is(err, fs.ErrExist) {
			return f, name, err
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
		err = f.in.Rename(f.part, f.target)
	}
	switch {
	case err != nil:
		f.in.Remove(f.part)
	case f.done != nil:
		f.done()
	}
	return err
}

// Discard gives the file up: nothing of it is left.
func (f *File) Discard() {
	f.f.Close()
	f.in.Remove(f.part)
}

// Write writes path as a whole. The error is write's, or says what went wrong with the file.
func Write(path string, write func(io.Writer) error) error { return Creator(Create).Write(path, write) }
