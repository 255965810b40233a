package script

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// mostMistake is how long the text of a mistake may be, in characters, so that it fits into a row of a small screen.
const mostMistake = 76

// mistake is a text that says what is wrong with a line, and what would be right in as many words as there is room for.
func (c Command) mistake(text string) error {
	for _, right := range []string{"usage: " + c.Usage, "as in: " + c.Example, "help " + c.Name} {
		if whole := text + " (" + right + ")"; utf8.RuneCountInString(whole) <= mostMistake {
			return errors.New(whole)
		}
	}
	return errors.New(text)
}

// among is a text that ends in a list, of which help has the rest where it is long.
func among(text string, all []string, verb string) error {
	if whole := text + strings.Join(all, ", "); utf8.RuneCountInString(whole) <= mostMistake {
		return errors.New(whole)
	}
	for n := len(all) - 1; ; n-- {
		some := fmt.Sprintf("%s%s and %d more: help %s", text, strings.Join(all[:n], ", "), len(all)-n, verb)
		if n <= 1 || utf8.RuneCountInString(some) <= mostMistake {
			return errors.New(some)
		}
	}
}
