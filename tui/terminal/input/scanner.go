package input

import (
	"bytes"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// How long the rest of a sequence is waited for after its beginning. Esc is a key and the beginning of all others, so it
// can't wait long; nothing else is known to be a key until it is whole, and slow lines and networks pause for a while.
const (
	afterEsc = 50 * time.Millisecond
	inside   = time.Second
)

// MaxPaste is how much text can be pasted at once, in bytes.
const MaxPaste = 64 << 10

// most is the length in bytes of a string, or of another sequence, that is kept: answers and keys are short.
const most = 200

const (
	pasteBegins = "\x1b[200~"
	pasteEnds   = "\x1b[201~"
)

// What a scanner finds, besides keys, which are []byte in the form that Bubble Tea reads.
type (
	// Paste is text that was pasted.
	Paste struct {
		Text string
		Bare bool // the terminal has not said that it is a paste: it came in one go, and has lines
	}
	// LostPaste is a paste that is dropped, and why.
	LostPaste string
	// Answer is what a terminal says of itself: a whole control sequence, or a string without its end.
	Answer string
	// Gone is the end of all input.
	Gone struct{}
)

// scanner cuts what a terminal sends into whole sequences. Where it was cut before, in reads, makes no difference but for
// a Paste that is Bare.
type scanner struct {
	found []any
	rest  []byte // the beginning of a sequence
	in    state
	text  []byte // of the string or paste that it is in, up to a bound
}

type state uint8

const (
	between state = iota // sequences
	inString
	inPaste
	inBare
)

// patience is how long more is waited for before giveUp; 0 where nothing is awaited.
func (s *scanner) patience() time.Duration {
	switch {
	case s.in == inBare, len(s.rest) > 0 && s.in == between && len(bytes.Trim(s.rest, "\x1b")) == 0:
		return afterEsc
	case s.in != between, len(s.rest) > 0:
		return inside
	}
	return 0
}

// feed takes the next bytes.
func (s *scanner) feed(b []byte) {
	switch bare := isText(b); {
	case s.in == inBare && !bare:
		s.endPaste()
	case s.in == between && len(s.rest) == 0 && bare && hasLines(b):
		s.in = inBare
	}
	s.rest = append(s.rest, b...)
	for s.step() {
	}
}

// giveUp stops waiting for what is missing. Only an Esc was a key; the rest was the half of something.
func (s *scanner) giveUp() {
	switch {
	case s.in == inBare:
		s.endPaste()
	case s.in == inPaste:
		s.found = append(s.found, LostPaste("the end of the paste did not come: nothing was pasted"))
	case s.in == between && len(bytes.Trim(s.rest, "\x1b")) == 0:
		for range s.rest {
			s.found = append(s.found, []byte{ansi.ESC})
		}
	}
	s.in, s.rest, s.text = between, nil, nil
}

// step takes one piece off the rest, and reports whether there was a whole one.
func (s *scanner) step() bool {
	switch s.in {
	case inString:
		return s.stepString()
	case inPaste:
		return s.stepPaste()
	case inBare:
		s.keep(s.rest, MaxPaste)
		s.rest = nil
		return false
	}
	n := textLength(s.rest)
	if n > 0 {
		s.found = append(s.found, bytes.Clone(s.rest[:n]))
	} else if n = length(s.rest); n > 0 {
		s.take(s.rest[:n])
	}
	s.rest = s.rest[n:]
	return n > 0
}

// keep adds to the text that it is in, with a byte more than the bound where it is too long.
func (s *scanner) keep(b []byte, bound int) {
	s.text = append(s.text, b[:min(len(b), max(bound+1-len(s.text), 0))]...)
}

// take says what a whole sequence is.
func (s *scanner) take(b []byte) {
	switch seq := string(b); {
	case seq == pasteBegins:
		s.in = inPaste
	case beginsString(b):
		s.in = inString
		s.keep(b, most)
	case isAnswer(b):
		s.found = append(s.found, Answer(seq))
	default:
		if key := asKey(b); key != nil {
			s.found = append(s.found, key)
		}
	}
}

// stepString looks for the end of a string. Bytes above ASCII are text in it: of an 8-bit ST, which ansi's decoder takes
// for the end, every Ü has one. Ctrl+c ends it too, and is a key: no terminal answers that, and a person may be locked in.
func (s *scanner) stepString() bool {
	end := bytes.IndexAny(s.rest, "\x03\x07\x18\x1a\x1b")
	if end < 0 {
		s.keep(s.rest, most)
		s.rest = nil
		return false
	}
	s.keep(s.rest[:end], most)
	s.rest = s.rest[end:]
	after := 1
	switch b := s.rest[0]; {
	case b == ansi.BEL && !ansi.HasOscPrefix(s.text): // text
		s.keep(s.rest[:1], most)
		s.rest = s.rest[1:]
		return true
	case b == ansi.ESC && len(s.rest) == 1:
		return false
	case b == ansi.ESC && s.rest[1] == '\\':
		after = 2
	case b == ansi.ESC || b == ansi.ETX:
		after = 0
	}
	if ended := s.rest[0] == ansi.BEL || after == 2; ended && len(s.text) <= most {
		s.found = append(s.found, Answer(s.text))
	}
	s.in, s.text, s.rest = between, nil, s.rest[after:]
	return true
}

// stepPaste looks for the end of a paste.
func (s *scanner) stepPaste() bool {
	end := bytes.Index(s.rest, []byte(pasteEnds))
	if end < 0 {
		whole := len(s.rest) - begun(s.rest)
		s.keep(s.rest[:whole], MaxPaste)
		s.rest = s.rest[whole:]
		return false
	}
	s.keep(s.rest[:end], MaxPaste)
	s.rest = s.rest[end+len(pasteEnds):]
	s.endPaste()
	return true
}

// begun is how many bytes at the end of b may be the beginning of a paste's end.
func begun(b []byte) int {
	for n := min(len(b), len(pasteEnds)-1); n > 0; n-- {
		if bytes.HasSuffix(b, []byte(pasteEnds[:n])) {
			return n
		}
	}
	return 0
}

func (s *scanner) endPaste() {
	if len(s.text) > MaxPaste {
		s.found = append(s.found, LostPaste("more than 64 KiB can't be pasted at once: nothing was pasted"))
	} else {
		s.found = append(s.found, Paste{Text: string(bytes.ToValidUTF8(s.text, nil)), Bare: s.in == inBare})
	}
	s.in, s.text = between, nil
}

// isText reports whether b has nothing but characters, tabs and ends of lines.
func isText(b []byte) bool {
	for _, c := range b {
		if c == ansi.DEL || c < ' ' && c != '\t' && c != '\r' && c != '\n' {
			return false
		}
	}
	return true
}

// hasLines reports whether b looks like lines of text rather than keys: several of them, and words.
func hasLines(b []byte) bool {
	const word = 3 // letters, of which two differ
	lines := bytes.FieldsFunc(b, func(r rune) bool { return r == '\r' || r == '\n' })
	return len(lines) > 1 && slices.ContainsFunc(bytes.Fields(b), func(w []byte) bool {
		return utf8.RuneCount(w) >= word && bytes.Count(w, w[:1]) < len(w)
	})
}
