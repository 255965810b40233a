package record

import "cluster/splitbrain/tui/wholefile"

// File is a Writer whose file appears under its name, as a whole, once it is closed. Until then, and if the program is
// killed before, it stands beside that name and ends in .part.
type File struct {
	*Writer
	path string
	f    *wholefile.File
}

// Create begins a recording that will be path.
func Create(path string, h Header) (*File, error) { return begin(wholefile.Create, path, h) }

func begin(create wholefile.Creator, path string, h Header) (*File, error) {
	f, err := create(path)
	if err != nil {
		return nil, err
	}
	w, err := NewWriter(f, h)
	if err != nil {
		f.Discard()
		return nil, err
	}
	return &File{Writer: w, path: path, f: f}, nil
}

// Close ends the recording and puts it in its place. After an error nothing is left behind.
func (c *File) Close() error {
	if err := c.Writer.Close(); err != nil {
		c.f.Discard()
		return err
	}
	return c.f.Commit()
}

// Flush writes what was noted so far.
func (c *File) Flush() error { return c.f.Flush() }

// Discard ends the recording without a trace.
func (c *File) Discard() { c.f.Discard() }
