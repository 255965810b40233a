package headless

import (
	"fmt"
	"strings"

	"cluster/splitbrain/tui/record"

	"github.com/spf13/pflag"
)

// filmFlags are how a recording is asked for on the command line.
type filmFlags struct {
	film  Film
	size  string
	theme string
	keys  string
}

func (l *filmFlags) add(f *pflag.FlagSet) {
	f.StringVar(&l.film.Cast, "cast", "", "record the screen as the playground would show it, to `FILE`, as an asciicast")
	f.StringVar(&l.film.Picture, "picture", "", "draw the screen at the end to `FILE`, as an SVG")
	f.StringVar(&l.size, "size", "100x30", "of the screen that is recorded, in cells")
	f.StringVar(&l.theme, "theme", "dark", "of the screen that is recorded: dark or light")
	f.StringVar(&l.keys, "keys", "", "typed on that screen before it begins, with blanks between them")
}

// read understands the flags that are words.
func (l *filmFlags) read() (Film, error) {
	if _, err := fmt.Sscanf(l.size+"\n", "%dx%d\n", &l.film.Width, &l.film.Height); err != nil {
		return Film{}, fmt.Errorf("--size %q is not a size like 100x30", l.size)
	}
	switch l.theme {
	case "dark":
		l.film.Theme = record.Dark
	case "light":
		l.film.Theme = record.Light
	default:
		return Film{}, fmt.Errorf("--theme %q: must be dark or light", l.theme)
	}
	l.film.Keys = strings.Fields(l.keys)
	return l.film, l.film.Validate()
}
