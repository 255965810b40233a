package canvas

import (
	"fmt"
	"io"
	"strings"

	"cluster/splitbrain/tui/terminal/background"

	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"
)

// Style is what a piece of text means. Colour only ever repeats what a word or a mark says already.
type Style uint8

// The styles, and how many there are.
const (
	Plain    Style = iota
	Muted          // labels, headings, what matters less
	Faint          // rules and the empty part of bars: nothing that must be read
	Strong         // titles, names
	Selected       // the row that keys act on
	Primary
	Backup
	Alarm   // a rule is off, a promise is broken
	Dead    // crashed, lost for ever
	Frozen  // stands still, keeps its memory
	Broken  // links that are cut or slow
	Warning // clients wait; not acknowledged; something is about to be declared dead
	Good    // acknowledged, confirmed, done
	Fresh   // has just changed
	Differs // primary and backup don't hold the same
	Keycap  // a key in hints and help
	Count
)

// Theme names a set of colours.
type Theme string

// The themes. Auto is for a background of which nothing is known.
const (
	Auto  Theme = "auto"
	Dark  Theme = "dark"
	Light Theme = "light"
	Mono  Theme = "mono"
)

// Themes are the order in which a key goes through them.
var Themes = []Theme{Dark, Light, Mono}

// Next is the theme that a key turns to from t.
func (t Theme) Next() Theme {
	for i, other := range Themes {
		if other == t {
			return Themes[(i+1)%len(Themes)]
		}
	}
	return Dark
}

// appearance is the colour, by ANSI number, and the weight of one style.
type appearance struct {
	color string // "" is the terminal's own
	bold  bool
}

// Only the 16 ANSI colours, and of these none that is unreadable on a usual background of its kind: no blue on dark,
// no yellow, green, cyan or grey on light. Where the background is unknown, what is not an accent has the terminal's own
// colour.
var appearances = map[Theme][Count]appearance{
	Auto: {
		Faint: {color: "8"}, Strong: {bold: true}, Selected: {bold: true},
		Primary: {"12", true}, Backup: {"5", true}, Alarm: {"9", true}, Dead: {"9", true}, Frozen: {"5", true}, Broken: {"9", true},
		Warning: {color: "9"}, Good: {color: "12"}, Fresh: {"12", true}, Differs: {"9", true}, Keycap: {bold: true},
	},
	Dark: {
		Muted: {color: "7"}, Faint: {color: "8"}, Strong: {bold: true}, Selected: {bold: true},
		Primary: {"10", true}, Backup: {"14", true}, Alarm: {"9", true}, Dead: {"9", true}, Frozen: {"13", true}, Broken: {"11", true},
		Warning: {color: "11"}, Good: {color: "10"}, Fresh: {"11", true}, Differs: {"9", true}, Keycap: {bold: true},
	},
	Light: {
		Faint: {color: "8"}, Strong: {bold: true}, Selected: {bold: true},
		Primary: {"4", true}, Backup: {"5", true}, Alarm: {"1", true}, Dead: {"1", true}, Frozen: {"5", true}, Broken: {"1", true},
		Warning: {color: "1"}, Good: {color: "4"}, Fresh: {"4", true}, Differs: {"1", true}, Keycap: {bold: true},
	},
	Mono: {
		Strong: {bold: true}, Selected: {bold: true}, Primary: {bold: true}, Alarm: {bold: true}, Dead: {bold: true}, Frozen: {bold: true},
		Broken: {bold: true}, Warning: {bold: true}, Fresh: {bold: true}, Differs: {bold: true}, Keycap: {bold: true},
	},
}

// Styles is a theme made ready for writing: the sequence that begins each style, "" where text stays as it is. The zero
// value writes no sequences.
type Styles struct {
	begin [Count]string
	ASCII bool // draw with the characters of ASCII only
}

const endOfStyle = "\x1b[0m"

// NewStyles prepares a theme. With plainText no sequence is written at all, as NO_COLOR wants it.
func NewStyles(t Theme, ascii, plainText bool) *Styles {
	renderer := lipgloss.NewRenderer(io.Discard)
	renderer.SetColorProfile(termenv.ANSI)
	if plainText {
		renderer.SetColorProfile(termenv.Ascii)
	}
	k := &Styles{ASCII: ascii}
	for r, l := range appearances[t] {
		style := renderer.NewStyle().Bold(l.bold)
		if l.color != "" {
			style = style.Foreground(lipgloss.Color(l.color))
		}
		k.begin[r], _, _ = strings.Cut(style.Render("x"), "x")
	}
	return k
}

// CheckTheme says what is wrong with the name of a theme.
func CheckTheme(name string) error {
	if _, ok := appearances[Theme(name)]; !ok && name != "" {
		return fmt.Errorf("theme %q: must be auto, light, dark or mono", name)
	}
	return nil
}

// On is the theme for a background; but for Auto, and its name "", it is the theme itself.
func (t Theme) On(shade background.Shade) Theme {
	switch {
	case t != Auto && t != "":
		return t
	case shade == background.Dark:
		return Dark
	case shade == background.Light:
		return Light
	}
	return Auto
}

// Loud writes plain text strongly, for a room.
func (k *Styles) Loud() *Styles {
	out := *k
	out.begin[Plain] = out.begin[Strong]
	return &out
}
