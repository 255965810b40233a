package logs

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth is how deep collections may be nested.
const maxDepth = 16

// What EDN can say, as far as histories need it: nil, string, []any for lists, vectors and sets, and these.
type (
	keyword string // without its colon
	literal string // a number, a symbol, a character, true or false, as it is written
	table   []pair // a map
	pair    struct{ key, value any }
)

// get is the value of a key; nil without one.
func (t table) get(key keyword) any {
	for _, p := range t {
		if p.key == key {
			return p.value
		}
	}
	return nil
}

// scanner reads EDN.
type scanner struct {
	text string // what is left
	line int    // from 1
}

func (s *scanner) fail(format string, args ...any) error {
	return &Error{Line: s.line, What: fmt.Sprintf(format, args...)}
}

// skip goes to the next value, and reports whether there is something.
func (s *scanner) skip() bool {
	for s.text != "" {
		switch c := s.text[0]; {
		case c == '\n':
			s.line++
			s.text = s.text[1:]
		case c == ' ' || c == '\t' || c == '\r' || c == ',':
			s.text = s.text[1:]
		case c == ';':
			end := strings.IndexByte(s.text, '\n')
			if end < 0 {
				end = len(s.text)
			}
			s.text = s.text[end:]
		default:
			return true
		}
	}
	return false
}

// value reads one value, and before it what is left out.
func (s *scanner) value(depth int) (any, error) {
	if depth > maxDepth {
		return nil, s.fail("more than %d values within one another", maxDepth)
	}
	for {
		if !s.skip() {
			return nil, s.fail("the file ends within a value")
		}
		if !strings.HasPrefix(s.text, leftOut) {
			break
		}
		if err := s.discard(depth); err != nil {
			return nil, err
		}
	}
	switch c := s.text[0]; c {
	case '{':
		return s.table(depth)
	case '[':
		return s.list(']', depth)
	case '(':
		return s.list(')', depth)
	case '"':
		return s.str()
	case '#':
		return s.dispatch(depth)
	case '}', ']', ')':
		return nil, s.fail("%q closes nothing", c)
	}
	return s.word()
}

// list reads up to what closes it.
func (s *scanner) list(end byte, depth int) ([]any, error) {
	begun := s.line
	s.text = s.text[1:]
	var all []any
	for {
		switch {
		case !s.skip():
			return nil, s.fail("what line %d opens is not closed", begun)
		case s.text[0] == end:
			s.text = s.text[1:]
			return all, nil
		case strings.HasPrefix(s.text, leftOut):
			if err := s.discard(depth); err != nil {
				return nil, err
			}
			continue
		}
		v, err := s.value(depth + 1)
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
}

func (s *scanner) table(depth int) (table, error) {
	all, err := s.list('}', depth)
	switch {
	case err != nil:
		return nil, err
	case len(all)%2 != 0:
		return nil, s.fail("a map has a key without a value")
	}
	var t table
	for i := 0; i < len(all); i += 2 {
		t = append(t, pair{all[i], all[i+1]})
	}
	return t, nil
}

// leftOut stands before a value that does not count.
const leftOut = "#_"

// discard leaves the next value out.
func (s *scanner) discard(depth int) error {
	s.text = s.text[len(leftOut):]
	_, err := s.value(depth + 1)
	return err
}

// dispatch reads a set, or a value with a tag, which is left out unless it is base64.
func (s *scanner) dispatch(depth int) (any, error) {
	if strings.HasPrefix(s.text, "#{") {
		s.text = s.text[1:]
		return s.list('}', depth)
	}
	s.text = s.text[1:]
	tag, err := s.word()
	if err != nil {
		return nil, err
	}
	v, err := s.value(depth + 1)
	if text, ok := v.(string); ok && err == nil && tag == literal("base64") {
		raw, bad := base64.StdEncoding.DecodeString(text)
		if bad != nil {
			return nil, s.fail("this is no base64: %v", bad)
		}
		return string(raw), nil
	}
	return v, err
}

// str reads a string in quotes.
func (s *scanner) str() (string, error) {
	begun := s.line
	var b strings.Builder
	for i := 1; i < len(s.text); i++ {
		switch c := s.text[i]; c {
		case '"':
			s.text = s.text[i+1:]
			return b.String(), nil
		case '\\':
			r, used, ok := escaped(s.text[i+1:])
			if !ok {
				return "", s.fail("this is no escape: %q", s.text[i:min(i+2, len(s.text))])
			}
			b.WriteRune(r)
			i += used
		case '\n':
			s.line++
			b.WriteByte(c)
		default:
			b.WriteByte(c)
		}
	}
	s.line = begun
	return "", s.fail("a string is not closed")
}

// escaped reads what stands behind a backslash, and says how many bytes it is.
func escaped(rest string) (r rune, used int, ok bool) {
	if rest == "" {
		return 0, 0, false
	}
	if i := strings.IndexByte(`tnrbf"\/`, rest[0]); i >= 0 {
		return rune("\t\n\r\b\f\"\\/"[i]), 1, true
	}
	r, ok = unit(rest)
	if !utf16.IsSurrogate(r) {
		return r, 5, ok
	}
	second := rest[5:]
	if !strings.HasPrefix(second, `\`) {
		return 0, 0, false
	}
	low, ok := unit(second[1:])
	r = utf16.DecodeRune(r, low)
	return r, 11, ok && r != utf8.RuneError
}

// unit reads what stands behind a backslash as a half of UTF-16: u and four digits.
func unit(rest string) (r rune, ok bool) {
	if len(rest) < 5 || rest[0] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(rest[1:5], 16, 16)
	return rune(n), err == nil
}

// word reads what ends at a blank or a bracket.
func (s *scanner) word() (any, error) {
	end := strings.IndexFunc(s.text, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(`,()[]{}";`, r) })
	switch {
	case end < 0:
		end = len(s.text)
	case end == 0:
		_, end = utf8.DecodeRuneInString(s.text)
	}
	text := s.text[:end]
	s.text = s.text[end:]
	switch {
	case text == "nil":
		return nil, nil
	case len(text) > 1 && text[0] == ':':
		return keyword(text[1:]), nil
	}
	return literal(text), nil
}

// quoted is a text in EDN: in quotes, or as base64 if it is no text.
func quoted(text string) string {
	if !utf8.ValidString(text) {
		return `#base64 "` + base64.StdEncoding.EncodeToString([]byte(text)) + `"`
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range text {
		switch i := strings.IndexRune("\t\n\r\b\f\"\\", r); {
		case i >= 0:
			b.WriteByte('\\')
			b.WriteByte(`tnrbf"\`[i])
		case r < ' ' || r == 0x7f:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
