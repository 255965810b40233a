package env

import "path/filepath"

// StateDir is where files of this program stay from one start to the next: its folder for state by the XDG base directories.
// It is "" where the user has no home. getenv reads the environment.
func StateDir(getenv func(string) string) string {
	dir := getenv("XDG_STATE_HOME")
	if !filepath.IsAbs(dir) { // as the specification wants it
		home := getenv("HOME")
		if home == "" {
			return ""
		}
		dir = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(dir, "splitbrain")
}
