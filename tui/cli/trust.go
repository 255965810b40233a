package cli

import (
	"context"
	"io"
	"os"

	"cluster/splitbrain/netsim/sim"
	"cluster/splitbrain/tui/script"
	"cluster/splitbrain/tui/wholefile"

	"github.com/spf13/pflag"
)

// trust is what files from elsewhere may do to this machine.
type trust struct{ write, replace, unlimited bool }

func (t *trust) add(f *pflag.FlagSet) {
	f.BoolVar(&t.write, "allow-files", false, "let scripts write new files below the working folder")
	f.BoolVar(&t.replace, "replace-files", false, "like --allow-files, and let them replace files that are there")
	t.addLimits(f)
}

func (t *trust) addLimits(f *pflag.FlagSet) {
	f.BoolVar(&t.unlimited, "no-limits", false, "let what is opened take as much time and memory as it wants")
}

// worldLimits are those of a saved world: to go through it takes a minute of a slow machine.
var worldLimits = sim.Limits{Bytes: 64 << 20, Branches: 1000, Steps: 5_000_000, Heap: 1 << 30}

// worlds are the limits of saved worlds.
func (t *trust) worlds() sim.Limits {
	if t.unlimited {
		return sim.Limits{}
	}
	return worldLimits
}

// file reads a saved world's file.
func (t *trust) file(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if most := t.worlds().Bytes; most > 0 { // whoever reads what is more says so
		return io.ReadAll(io.LimitReader(f, int64(most)+1))
	}
	return io.ReadAll(f)
}

// bounds are those of scripts.
func (t *trust) bounds() script.Bounds {
	if t.unlimited {
		return script.Bounds{}
	}
	return script.DefaultBounds
}

// openWorld reads a simulated world from its file, unless ctx ends before.
func openWorld(ctx context.Context, file string, l sim.Limits, options ...sim.Option) (*sim.Engine, error) {
	w, err := sim.OpenFile(ctx, file, append(options, sim.Bounded(l))...)
	return w, script.Limited(err)
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
