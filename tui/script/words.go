package script

import (
	"fmt"
	"unicode/utf8"

	"cluster/splitbrain/netsim/engine/lex"
)

// word is one word of a line.
type word = lex.Word

// Quote returns s as one word of a line, which is read back and is safe to show on a terminal.
func Quote(s string) string { return lex.Quote(s) }

// brief is Quote of a text of which no more than most bytes are shown.
func brief(s string, most int) string {
	shown, more := clip(s, most)
	return Quote(shown) + more
}

// clip cuts s down to most bytes, and says so in more.
func clip(s string, most int) (shown, more string) {
	if len(s) <= most {
		return s, ""
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most], fmt.Sprintf("… (%d bytes)", len(s))
}
