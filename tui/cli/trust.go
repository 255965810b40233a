package cli

import (
	"cluster/splitbrain/tui/wholefile"

	"github.com/spf13/pflag"
)

// trust is what files from elsewhere may do to this machine.
type trust struct{ write, replace bool }

func (t *trust) add(f *pflag.FlagSet) {
	f.BoolVar(&t.write, "allow-files", false, "let scripts write new files below the working folder")
	f.BoolVar(&t.replace, "replace-files", false, "like --allow-files, and let them replace files that are there")
}

// files is where scripts may write; nil for nowhere.
func (t *trust) files() (*wholefile.Folder, error) {
	switch {
	case t.replace:
		return wholefile.OpenFolder(".", wholefile.Replaced)
	case t.write:
		return wholefile.OpenFolder(".", wholefile.Kept)
	}
	return nil, nil
}
