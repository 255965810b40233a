package env

import (
	"path/filepath"
	"testing"
)

func TestStateDir(t *testing.T) {
	dir := t.TempDir() // whole on any system
	for _, c := range []struct {
		vars map[string]string
		want string
	}{
		{nil, ""}, {map[string]string{"HOME": dir}, filepath.Join(dir, ".local", "state", "splitbrain")},
		{map[string]string{"HOME": dir, "XDG_STATE_HOME": filepath.Join(dir, "x")}, filepath.Join(dir, "x", "splitbrain")},
		{map[string]string{"HOME": dir, "XDG_STATE_HOME": "x"}, filepath.Join(dir, ".local", "state", "splitbrain")},
		{map[string]string{"LOCALAPPDATA": dir}, filepath.Join(dir, "splitbrain")},
		{map[string]string{"LOCALAPPDATA": dir, "XDG_STATE_HOME": filepath.Join(dir, "x")}, filepath.Join(dir, "x", "splitbrain")},
	} {
		if got := StateDir(func(name string) string { return c.vars[name] }); got != c.want {
			t.Errorf("%v: %q, want %q", c.vars, got, c.want)
		}
	}
}
