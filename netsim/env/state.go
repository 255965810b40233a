package env

import "path/filepath"

// StateDir is where files of this program stay from one start to the next: its folder for state by the XDG base directories or,
// on Windows, where programs keep what is the machine's own. It is "" where the user has no home. getenv reads the environment.
func StateDir(getenv func(string) string) string {
	dir := getenv("XDG_STATE_HOME")
	switch home, local := getenv("HOME"), getenv("LOCALAPPDATA"); {
	case filepath.IsAbs(dir): // as the specification wants it
	case filepath.IsAbs(local):
		dir = local
	case home != "":
		dir = filepath.Join(home, ".local", "state")
	default:
		return ""
	}
	return filepath.Join(dir, "splitbrain")
}
