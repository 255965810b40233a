package script

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/google/shlex"
)

// word is one word of a line.
type word struct {
	text string // what was meant
	raw  string // the same, but marks stand in it only where they were written without quotes
	at   int    // its place in the line: the verb is word 1
}

// marks mean something to commands, outside quotes.
const marks = "@>|&"

// Bytes that the splitting of words must not see as they are, or would destroy, pass through it as runes from a
// private range: byte b as shield + b.
const shield = 0x10FF00

// split cuts a line into words, without the comment.
func split(line string) ([]word, error) {
	line = strings.TrimRight(line, "\r\n")
	if strings.Contains(line, "\n") {
		return nil, errors.New(`one line at a time: in a value, write a newline as "\n" in double quotes`)
	}
	shielded, err := shieldLine(line)
	if err != nil {
		return nil, err
	}
	raws, err := shlex.Split(shielded)
	if err != nil {
		return nil, err
	}
	words := make([]word, len(raws))
	for i, raw := range raws {
		words[i] = word{text: unshield(raw), raw: raw, at: i + 1}
	}
	return words, nil
}

// shieldLine shields what is quoted or escaped, and bytes that are no text, and cuts the comment off.
func shieldLine(line string) (string, error) {
	var b []byte
	quote, inWord := rune(0), false
	for rest := line; rest != ""; {
		r, n := utf8.DecodeRuneInString(rest)
		switch {
		case r == '#' && quote == 0 && !inWord:
			return string(b), nil
		case r == '\\' && quote != '\'':
			meant, used, err := escape(rest, quote)
			if err != nil {
				return "", err
			}
			b, n = appendShielded(b, meant), used
		case r == quote:
			quote = 0
			b = append(b, rest[:n]...)
		case quote == 0 && (r == '"' || r == '\''):
			quote = r
			b = append(b, rest[:n]...)
		case r == utf8.RuneError && n == 1, r >= shield, quote != 0 && strings.ContainsRune(marks, r):
			b = appendShielded(b, rest[:n])
		default:
			b = append(b, rest[:n]...)
		}
		inWord = quote != 0 || !strings.ContainsRune(" \t\r", r)
		rest = rest[n:]
	}
	if quote != 0 {
		return "", fmt.Errorf("the quote %c is not closed", quote)
	}
	return string(b), nil
}

// escape reads the backslash that rest begins with and what belongs to it.
func escape(rest string, quote rune) (meant string, used int, err error) {
	if len(rest) == 1 {
		return "", 0, errors.New(`nothing follows the backslash at the end`)
	}
	if quote == '"' {
		r, multibyte, tail, err := strconv.UnquoteChar(rest, '"')
		used := len(rest) - len(tail)
		switch {
		case err == nil && multibyte:
			return string(r), used, nil
		case err == nil:
			return string([]byte{byte(r)}), used, nil
		case strings.ContainsRune("xuU01234567", rune(rest[1])):
			return "", 0, fmt.Errorf(`\%c in double quotes is not complete: write it as in \x1b, \033 or \u00e9`, rest[1])
		case 'a' <= rest[1] && rest[1] <= 'z' || 'A' <= rest[1] && rest[1] <= 'Z':
			return "", 0, fmt.Errorf(`\%c in double quotes means nothing: write \\%[1]c, or as in \n, \t, \x1b`, rest[1])
		}
	}
	_, n := utf8.DecodeRuneInString(rest[1:])
	return rest[1 : 1+n], 1 + n, nil
}

func appendShielded(b []byte, s string) []byte {
	for i := range len(s) {
		b = utf8.AppendRune(b, shield+rune(s[i]))
	}
	return b
}

func unshield(raw string) string {
	if !strings.ContainsFunc(raw, func(r rune) bool { return r >= shield }) {
		return raw
	}
	var b []byte
	for _, r := range raw {
		if r >= shield {
			b = append(b, byte(r-shield))
			continue
		}
		b = utf8.AppendRune(b, r)
	}
	return string(b)
}

// cut splits a word at the marks > and |, which become words of their own.
func (w word) cut() []word {
	var parts []word
	for rest := w.raw; rest != ""; {
		i := strings.IndexAny(rest, ">|")
		switch {
		case i < 0:
			i = len(rest)
		case i == 0:
			i = 1
		}
		parts = append(parts, word{text: unshield(rest[:i]), raw: rest[:i], at: w.at})
		rest = rest[i:]
	}
	if parts == nil {
		return []word{w}
	}
	return parts
}

// is reports whether the word is the mark and was not quoted.
func (w word) is(mark string) bool { return w.raw == mark }

// option returns what follows an unquoted @.
func (w word) option() (name string, ok bool) {
	name, ok = strings.CutPrefix(w.raw, "@")
	return unshield(name), ok
}

// String returns the word as it can be written in a line: its marks as they are, what is between them quoted.
func (w word) String() string {
	if w.text == "" {
		return Quote("")
	}
	var b strings.Builder
	for rest := w.raw; rest != ""; {
		i := strings.IndexAny(rest, marks)
		switch {
		case i == 0:
			b.WriteByte(rest[0])
			i = 1
		case i < 0:
			i = len(rest)
			fallthrough
		default:
			b.WriteString(Quote(unshield(rest[:i])))
		}
		rest = rest[i:]
	}
	return b.String()
}

// Quote returns s as one word of a line: as it is if nothing in it needs quotes, else in double quotes, with the
// escapes of Go's strings for all that can't be printed. It is safe to show on a terminal.
func Quote(s string) string {
	if s != "" && plain(s) {
		return s
	}
	return strconv.Quote(s)
}

// plain reports whether s can stand without quotes wherever it stands.
func plain(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return !strconv.IsPrint(r) || r == ' ' || r == 0xFFFD || strings.ContainsRune(`"'\#`+marks, r)
	})
}

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
