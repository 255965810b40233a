package script

import (
	"errors"
	"fmt"

	"cluster/splitbrain/tui/wholefile"
)

// ErrFiles says that a line would write a file, and nobody has allowed that to whoever wrote the line.
var ErrFiles = errors.New("files are written by what is typed; a script writes new ones below the working folder with --allow-files")

// Writes is the file that the line writes anew, whatever is in it; "" if there is none.
func (inv Invocation) Writes() string {
	switch inv.Command.Name {
	case "save", "save world", "export", "record":
		return inv.Args.File
	}
	return ""
}

// OfOthers is the line as one that perhaps somebody else has written: of a script, or of a pipe. It writes files only where the
// session allows that.
func (inv Invocation) OfOthers() Invocation {
	inv.others = true
	return inv
}

// creator begins the files that the line writes.
func (s *Session) creator(inv Invocation) wholefile.Creator {
	switch {
	case !inv.others:
		return wholefile.Create
	case s.Files == nil:
		return func(string) (*wholefile.File, error) { return nil, ErrFiles }
	}
	return func(path string) (*wholefile.File, error) {
		f, err := s.Files.Create(path)
		if errors.Is(err, wholefile.ErrExists) {
			err = fmt.Errorf("%w: --replace-files lets scripts replace such files", err)
		}
		return f, err
	}
}
