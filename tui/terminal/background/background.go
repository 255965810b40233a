// Package background settles for lipgloss, at start, whether the terminal's background is dark, so that nobody asks
// the terminal. Bubble Tea asks in its package init and waits five seconds where no answer comes.
//
// It works only because Go initialises packages in the order of their import paths, dependencies first: this path
// sorts before Bubble Tea's, and the package imports nothing but lipgloss. tui imports it for that alone; the playground's
// command asks Dark for the theme.
package background

import (
	"os"
	"strconv"
	"strings"

	"github.com/charmbracelet/lipgloss"
)

func init() { lipgloss.SetHasDarkBackground(Dark(os.Getenv("COLORFGBG"))) }

// Dark reports whether the background is dark, by what the terminal has put into COLORFGBG: "15;0", with the number
// of the background's ANSI colour last. Most backgrounds are, so an unset or odd value counts as dark.
func Dark(colorfgbg string) bool {
	n, err := strconv.Atoi(colorfgbg[strings.LastIndexByte(colorfgbg, ';')+1:])
	if err != nil {
		return true
	}
	return n < 7 || n == 8
}
