package tui

import (
	"fmt"
	"io"
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"
)

// role is what a piece of text means. Colour only ever repeats what a word or a mark says already.
type role uint8

const (
	plain    role = iota
	muted         // labels, headings, what matters less
	faint         // rules and the empty part of bars: nothing that must be read
	strong        // titles, names
	selected      // the row that keys act on
	primary
	backup
	alarm   // a rule is off, a promise is broken
	dead    // crashed, lost for ever
	frozen  // stands still, keeps its memory
	broken  // links that are cut or slow
	warning // clients wait; not acknowledged; something is about to be declared dead
	good    // acknowledged, confirmed, done
	fresh   // has just changed
	differs // primary and backup don't hold the same
	keycap  // a key in hints and help
	roles
)

// theme names a set of colours.
type theme string

const (
	dark  theme = "dark"
	light theme = "light"
	mono  theme = "mono"
)

// themes in the order in which a key goes through them.
var themes = []theme{dark, light, mono}

func (t theme) next() theme {
	for i, other := range themes {
		if other == t {
			return themes[(i+1)%len(themes)]
		}
	}
	return dark
}

// look is the colour, by ANSI number, and the weight of one role.
type look struct {
	color string // "" is the terminal's own
	bold  bool
}

// Only the 16 ANSI colours, and of these none that is unreadable on a usual background of its kind: no blue on dark,
// no yellow, green, cyan or grey on light.
var looks = map[theme][roles]look{
	dark: {
		muted: {color: "7"}, faint: {color: "8"}, strong: {bold: true}, selected: {bold: true},
		primary: {"10", true}, backup: {"14", true}, alarm: {"9", true}, dead: {"9", true}, frozen: {"13", true}, broken: {"11", true},
		warning: {color: "11"}, good: {color: "10"}, fresh: {"11", true}, differs: {"9", true}, keycap: {bold: true},
	},
	light: {
		faint: {color: "8"}, strong: {bold: true}, selected: {bold: true},
		primary: {"4", true}, backup: {"5", true}, alarm: {"1", true}, dead: {"1", true}, frozen: {"5", true}, broken: {"1", true},
		warning: {color: "1"}, good: {color: "4"}, fresh: {"4", true}, differs: {"1", true}, keycap: {bold: true},
	},
	mono: {
		strong: {bold: true}, selected: {bold: true}, primary: {bold: true}, alarm: {bold: true}, dead: {bold: true}, frozen: {bold: true},
		broken: {bold: true}, warning: {bold: true}, fresh: {bold: true}, differs: {bold: true}, keycap: {bold: true},
	},
}

// ink is a theme made ready for writing: the sequence that begins each role, "" where text stays as it is.
type ink struct {
	begin [roles]string
	ascii bool // draw with the characters of ASCII only
}

const endOfStyle = "\x1b[0m"

// newInk prepares a theme. With plainText no sequence is written at all, as NO_COLOR wants it.
func newInk(t theme, ascii, plainText bool) *ink {
	renderer := lipgloss.NewRenderer(io.Discard)
	renderer.SetColorProfile(termenv.ANSI)
	if plainText {
		renderer.SetColorProfile(termenv.Ascii)
	}
	k := &ink{ascii: ascii}
	for r, l := range looks[t] {
		style := renderer.NewStyle().Bold(l.bold)
		if l.color != "" {
			style = style.Foreground(lipgloss.Color(l.color))
		}
		k.begin[r], _, _ = strings.Cut(style.Render("x"), "x")
	}
	return k
}

// parseTheme reads the flag's value; auto leaves the choice to what is known of the background.
func parseTheme(s string, darkBackground bool) (theme, error) {
	if s == "auto" || s == "" {
		if darkBackground {
			return dark, nil
		}
		return light, nil
	}
	if _, ok := looks[theme(s)]; !ok {
		return "", fmt.Errorf("theme %q: must be auto, light, dark or mono", s)
	}
	return theme(s), nil
}

// CheckTheme says what is wrong with the name of a theme.
func CheckTheme(name string) error {
	_, err := parseTheme(name, true)
	return err
}

// loud is how a lesson is written for a room.
func (k *ink) loud() *ink {
	out := *k
	out.begin[plain] = out.begin[strong]
	return &out
}
