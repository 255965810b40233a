package record

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// File is a Writer whose file appears under its name, as a whole, once it is closed. Until then, and if the program is
// killed before, it stands beside that name and ends in .part.
type File struct {
	*Writer
	path string
	f    *os.File
	b    *bufio.Writer
}

// Create begins a recording that will be path.
func Create(path string, h Header) (*File, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: this is no file that could be written anew", path)
	}
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.part")
	if err != nil {
		if bad, ok := errors.AsType[*fs.PathError](err); ok {
			bad.Path = path // who asked for it knows no other
		}
		return nil, err
	}
	c := &File{path: path, f: f, b: bufio.NewWriter(f)}
	if c.Writer, err = NewWriter(c.b, h); err != nil {
		c.Discard()
		return nil, err
	}
	return c, nil
}

// Close ends the recording and puts it in its place. After an error nothing is left behind.
func (c *File) Close() error {
	err := errors.Join(c.Writer.Close(), c.b.Flush(), c.f.Chmod(0o644), c.f.Close())
	if err == nil {
		err = os.Rename(c.f.Name(), c.path)
	}
	if err != nil {
		os.Remove(c.f.Name())
		return fmt.Errorf("%s: %w", c.path, err)
	}
	return nil
}

// Flush writes what was noted so far.
func (c *File) Flush() error { return c.b.Flush() }

// Discard ends the recording without a trace.
func (c *File) Discard() {
	c.f.Close()
	os.Remove(c.f.Name())
}
