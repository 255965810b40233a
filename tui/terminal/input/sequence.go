package input

import (
	"bytes"
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// textLength is how many bytes at the beginning of b are text that can be typed.
func textLength(b []byte) int {
	n := 0
	for n < len(b) && n < most {
		r, size := utf8.DecodeRune(b[n:])
		if unicode.IsControl(r) || r == utf8.RuneError && size == 1 {
			break
		}
		n += size
	}
	return n
}

// length is how long the first sequence of b is, 0 if it may go on after the end of b. Nothing that comes later changes
// it, so that it does not matter how bytes were read.
func length(b []byte) int {
	switch {
	case len(b) == 0, b[0] >= utf8.RuneSelf && !utf8.FullRune(b), b[0] == ansi.ESC && len(b) == 1:
		return 0
	case b[0] != ansi.ESC:
		return 1 // a control character, or nothing
	}
	switch second := b[1]; {
	case second == ansi.ESC:
		return lengthAfterEsc(b)
	case second == ansi.ETX: // Esc, and then somebody wants to leave
		return 1
	case beginsString(b):
		return 2
	case second == 'O':
		return lengthWith(b, 2, 1)
	case second == '[':
		return lengthCSI(b)
	case second >= utf8.RuneSelf:
		if !utf8.FullRune(b[1:]) {
			return 0
		}
		_, size := utf8.DecodeRune(b[1:])
		return 1 + size
	}
	return 2 // alt and a key
}

// lengthAfterEsc is length after two Esc: some terminals send them for alt and a key that is a sequence itself.
func lengthAfterEsc(b []byte) int {
	switch {
	case len(b) == 2:
		return 0
	case b[2] != '[' && b[2] != 'O':
		return 1
	}
	if n := length(b[1:]); n > 0 {
		return 1 + n
	}
	return 0
}

// lengthCSI is length for control sequences, with those that are older than the standard.
func lengthCSI(b []byte) int {
	switch {
	case len(b) == 2:
		return 0
	case b[2] == '[': // function keys of the Linux console
		return lengthWith(b, 3, 1)
	case b[2] == 'M': // the mouse of terminals that know no better
		return lengthWith(b, 3, 3)
	}
	if n := len(b) - len(bytes.TrimLeft(b[2:], "0123456789")); n > 2 && n < len(b) && b[n] == '$' { // urxvt: shift and a key
		return n + 1
	}
	_, _, n, state := ansi.DecodeSequence(b, ansi.NormalState, nil)
	if state != ansi.NormalState {
		return 0
	}
	return n
}

// lengthWith is head bytes and so many more, unless one of these is a control character, which is a key of its own.
func lengthWith(b []byte, head, more int) int {
	for i := head; i < head+more; i++ {
		if i == len(b) {
			return 0
		}
		if b[i] < ' ' {
			return i
		}
	}
	return head + more
}

func beginsString(b []byte) bool {
	return len(b) > 1 && b[0] == ansi.ESC && bytes.IndexByte([]byte("]P_^X"), b[1]) >= 0
}

// isAnswer reports whether a sequence is what terminals say only when they were asked.
func isAnswer(b []byte) bool {
	if len(b) < 4 || !ansi.HasCsiPrefix(b) {
		return false
	}
	last := b[len(b)-1]
	return bytes.IndexByte([]byte("?>="), b[2]) >= 0 || last == 'R' && bytes.IndexByte(b, ';') > 0
}

// odd are keys that Bubble Tea knows in another form only, or whose form it knows but for its rule.
var odd = map[string]string{
	"\x1bOH": "\x1b[H", "\x1bOF": "\x1b[F", "\x1bOM": "\r", // Home, End and Enter, as keypads send them
	"\x1b[7$": "\x1b[7$", "\x1b[8$": "\x1b[8$",
}

// asKey returns a sequence in the form in which Bubble Tea reads it as one key or report; nil if it is none, or if Bubble
// Tea does not know it and would take it apart.
func asKey(b []byte) []byte {
	if key := odd[string(b)]; key != "" {
		return []byte(key)
	}
	known := true
	switch {
	case b[0] != ansi.ESC:
		known = b[0] < utf8.RuneSelf
	case len(b) == 1:
	case b[1] == ansi.ESC: // alt and an arrow
		known = len(b) == 4 && b[2] == '[' && b[3] >= 'A' && b[3] <= 'D'
	case b[1] == 'O':
		known = len(b) == 3 && bytes.IndexByte([]byte("ABCDPQRS"), b[2]) >= 0
	case b[1] == '[':
		known = isWholeCSI(b) && string(b) != pasteEnds
	}
	if !known {
		return nil
	}
	return slices.Clone(b)
}

// isWholeCSI reports whether a control sequence has come to its end.
func isWholeCSI(b []byte) bool {
	switch last := b[len(b)-1]; {
	case len(b) < 3 || len(b) > most:
		return false
	case b[2] == 'M':
		return len(b) == 6
	case b[2] == '[':
		return len(b) == 4 && last >= 'A' && last <= 'E'
	default:
		return last >= '@' && last <= '~'
	}
}
