// Package background knows how bright a terminal's background is. At start it settles that for lipgloss, so that nobody
// else asks the terminal: Bubble Tea does in its package init, and waits five seconds where no answer comes.
//
// That works only because Go initialises packages in the order of their import paths, dependencies first: this path
// sorts before Bubble Tea's, and the package imports nothing that imports it. What lipgloss is told does not matter: the
// playground's screen asks by itself, without waiting, and draws with themes of its own.
package background

import (
	"strconv"
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"
)

func init() { lipgloss.SetHasDarkBackground(true) }

// Shade is how bright a background is.
type Shade uint8

// The shades.
const (
	Unknown Shade = iota
	Dark
	Light
)

// OfEnvironment is the shade by what a terminal has put into COLORFGBG: "15;0", with the number of the background's ANSI
// colour last.
func OfEnvironment(colorfgbg string) Shade {
	n, err := strconv.ParseUint(colorfgbg[strings.LastIndexByte(colorfgbg, ';')+1:], 10, 4)
	switch {
	case err != nil:
		return Unknown
	case n < 7 || n == 8:
		return Dark
	}
	return Light
}

// OfAnswer is the shade of a colour in X11's words, with which terminals answer: "rgb:1e1e/1e1e/2e2e".
func OfAnswer(color string) Shade {
	c := ansi.XParseColor(color)
	if c == nil {
		return Unknown
	}
	r, g, b, _ := c.RGBA()
	if 299*r+587*g+114*b < 1000*0x8000 { // as bright as an eye sees it
		return Dark
	}
	return Light
}

// Colourless reports whether a terminal shows no colours, by its name in TERM, or by CLICOLOR.
func Colourless(getenv func(string) string) bool {
	term := getenv("TERM")
	for _, family := range []string{"vt", "dumb", "lp", "tty", "hp"} {
		if strings.HasPrefix(term, family) {
			return true
		}
	}
	return getenv("CLICOLOR") == "0" || strings.HasSuffix(term, "-mono") || strings.HasSuffix(term, "-m")
}
