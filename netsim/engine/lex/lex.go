// Package lex cuts a line of the command language into words, as a shell would, and writes words so that they are read
// back. The commands of package engine and the registry of package script read their arguments from such words.
package lex

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Word is one word of a line.
type Word struct {
	Text   string // what was meant
	Raw    string // the same, but Marks stand in it only where they were written without quotes
	At     int    // its place in the line: the verb is word 1
	Quoted bool   // some of it: it is meant for itself, where it reads like a word of the language
}

// Marks mean something to commands, outside quotes.
const Marks = "@<>|&"

// In Word.Raw a byte b that was quoted, or is no text, is the rune shield + b of a private range, so that it is taken for
// no mark.
const shield = 0x10FF00

// Split cuts a line into words, without the comment. Outside quotes a backslash means the character after it, in double
// quotes the escapes of Go's strings hold, and in single quotes everything stands for itself. The error is one line.
func Split(line string) ([]Word, error) { return SplitAt(line, "") }

// SplitAt is Split, and each of the separators that stands outside quotes is a word of its own, for which Word.Is tells it from
// what was quoted.
func SplitAt(line, separators string) ([]Word, error) {
	line = strings.TrimRight(line, "\r\n")
	if strings.Contains(line, "\n") {
		return nil, errors.New(`one line at a time: in a value, write a newline as "\n" in double quotes`)
	}
	s := scanner{rest: line, separators: separators}
	for s.rest != "" {
		if err := s.next(); err != nil {
			return nil, err
		}
	}
	if s.quote != 0 {
		return nil, fmt.Errorf("the quote %c is not closed", s.quote)
	}
	s.end()
	return s.words, nil
}

// scanner is where SplitAt is in a line.
type scanner struct {
	separators string

	rest   string
	quote  rune // that is open; 0 for none
	inWord bool // a word has begun, though it may be empty so far
	quoted bool // some of it was
	raw    []byte
	words  []Word
}

// next takes one character, with the backslash before it.
func (s *scanner) next() error {
	r, n := utf8.DecodeRuneInString(s.rest)
	taken := s.rest[:n]
	switch {
	case r == '#' && s.quote == 0 && !s.inWord: // a comment
		taken = s.rest
	case r == '\\' && s.quote != '\'':
		meant, used, err := escape(s.rest, s.quote)
		if err != nil {
			return err
		}
		taken = s.rest[:used]
		s.add(appendShielded(s.raw, meant))
	case s.quote != 0 && r == s.quote:
		s.quote = 0
	case s.quote == 0 && (r == '"' || r == '\''):
		s.quote, s.quoted = r, true
		s.add(s.raw)
	case s.quote == 0 && strings.ContainsRune(" \t\r", r):
		s.end()
	case s.quote == 0 && strings.ContainsRune(s.separators, r):
		s.end()
		s.add([]byte(taken))
		s.end()
	case r == utf8.RuneError && n == 1, r >= shield, s.quote != 0 && strings.ContainsRune(Marks+s.separators, r):
		s.add(appendShielded(s.raw, taken))
	default:
		s.add(append(s.raw, taken...))
	}
	s.rest = s.rest[len(taken):]
	return nil
}

// add goes on with a word, of which raw is what there is so far.
func (s *scanner) add(raw []byte) { s.raw, s.inWord = raw, true }

// end ends the word, if one has begun.
func (s *scanner) end() {
	if s.inWord {
		raw := string(s.raw)
		s.words = append(s.words, Word{Text: unshield(raw), Raw: raw, At: len(s.words) + 1, Quoted: s.quoted})
	}
	s.raw, s.inWord, s.quoted = nil, false, false
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

// Cut splits a word at the marks > and |, which become words of their own.
func (w Word) Cut() []Word {
	var parts []Word
	for rest := w.Raw; rest != ""; {
		i := strings.IndexAny(rest, "<>|")
		switch {
		case i < 0:
			i = len(rest)
		case i == 0:
			i = 1
		}
		parts = append(parts, Word{Text: unshield(rest[:i]), Raw: rest[:i], At: w.At, Quoted: w.Quoted})
		rest = rest[i:]
	}
	if parts == nil {
		return []Word{w}
	}
	return parts
}

// CutAll is Cut of each of the words.
func CutAll(words []Word) []Word {
	var all []Word
	for _, w := range words {
		all = append(all, w.Cut()...)
	}
	return all
}

// Is reports whether the word is the mark and was not quoted.
func (w Word) Is(mark string) bool { return w.Raw == mark }

// Option returns what follows an unquoted @.
func (w Word) Option() (name string, ok bool) {
	name, ok = strings.CutPrefix(w.Raw, "@")
	return unshield(name), ok
}

// String returns the word as it can be written in a line: its marks as they are, what is between them quoted.
func (w Word) String() string {
	if w.Text == "" {
		return Quote("")
	}
	if w.Quoted && plain(w.Text) {
		return strconv.Quote(w.Text)
	}
	var b strings.Builder
	for rest := w.Raw; rest != ""; {
		i := strings.IndexAny(rest, Marks)
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
		return !strconv.IsPrint(r) || r == ' ' || r == 0xFFFD || strings.ContainsRune(`"'\#`+Marks, r)
	})
}
