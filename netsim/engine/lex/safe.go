package lex

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Safe is a foreign text, whatever is in it, as one line that can be written to a terminal or a page: what would not be
// seen, or would move a cursor or change how the rest is read, is escaped as in Go's strings. The screen, which has to know
// how wide a text is, has its own (canvas.Styles.Clean).
func Safe(text string) string {
	if !strings.ContainsFunc(text, unsafe) {
		return text
	}
	var b strings.Builder
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, text[0])
		case unsafe(r) && r != utf8.RuneError:
			b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
		default:
			b.WriteRune(r)
		}
		text = text[size:]
	}
	return b.String()
}

func unsafe(r rune) bool { return r == utf8.RuneError || !unicode.IsPrint(r) }
