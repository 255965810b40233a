package locale

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// UTF8 reports whether the locale's characters are those of UTF-8.
func UTF8(getenv func(string) string) bool {
	v := strings.ToLower(of(getenv))
	return strings.Contains(v, "utf-8") || strings.Contains(v, "utf8")
}

// of is the locale of characters.
func of(getenv func(string) string) string {
	return cmp.Or(getenv("LC_ALL"), getenv("LC_CTYPE"), getenv("LANG"))
}

// Wide reports whether the characters of which terminals don't agree may take two cells: they do in fonts of East Asia.
func Wide(getenv func(string) string) bool {
	language := strings.ToLower(of(getenv))
	return strings.HasPrefix(language, "ja") || strings.HasPrefix(language, "ko") || strings.HasPrefix(language, "zh")
}

// InASCII are the stand-ins of the characters that this program writes and draws with, one for one. It is never changed.
var InASCII = map[rune]byte{
	'─': '-', '·': '.', '…': ':', '–': '-', '→': '>', '←': '<', '↑': '^', '↓': 'v', '▸': '>', '▏': '_',
	'█': '#', '▎': '.', '▍': '-', '▌': '-', '▋': '=', '▊': '=', '▉': '=', '▁': '.', '▂': '_', '▃': '-', '▄': '=', '▅': '+', '▆': '*', '▇': '%', '░': '.', '✗': 'x', '❄': '*', '✓': 'v', '≠': '/', '×': 'x', '±': '~', '⊘': '!', '↻': '@', '⇄': '=',
	'│': '|', '├': '+', '┬': '+', '┴': '+', '■': '#', '●': '*', '┤': '+', '┼': '|', '►': '>', '◄': '<', '═': '=', '‖': '|', '└': '`', '»': '&', '’': '\'', '›': '-', '—': '-', '“': '"', '”': '"',
	'µ': 'u', '┌': '+', '┐': '+', '┘': '+', '╔': '=', '╗': '=', '╚': '=', '╝': '=', '║': '|', '▀': '#',
}

// ASCII returns text with nothing but ASCII in it: what has no stand-in is escaped.
func ASCII(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		stand, own := InASCII[r]
		switch {
		case r < utf8.RuneSelf:
			b.WriteRune(r)
		case own:
			b.WriteByte(stand)
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, text[i])
		case r > 0xffff:
			fmt.Fprintf(&b, `\U%08x`, r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
		i += size
	}
	return b.String()
}

// Writer writes to w in ASCII. No character may be cut in two between writes.
func Writer(w io.Writer) io.Writer { return writer{w} }

type writer struct{ io.Writer }

// Unwrap is the writer that it writes to.
func (w writer) Unwrap() io.Writer { return w.Writer }

func (w writer) Write(b []byte) (int, error) {
	if _, err := io.WriteString(w.Writer, ASCII(string(b))); err != nil {
		return 0, err
	}
	return len(b), nil
}
