package script

import (
	"cluster/splitbrain/netsim/engine/lex"
)

// word is one word of a line.
type word = lex.Word

// Quote returns s as one word of a line, which is read back and is safe to show on a terminal.
func Quote(s string) string { return lex.Quote(s) }

// brief is Quote of a text of which no more than most bytes are shown.
func brief(s string, most int) string {
	shown, more := lex.Clip(s, most)
	return Quote(shown) + more
}
