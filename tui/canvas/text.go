package canvas

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"cluster/splitbrain/tui/terminal/locale"

	"github.com/charmbracelet/x/ansi"
)

// isPlain reports whether s is printable ASCII: nothing to escape, one cell per byte.
func isPlain(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// Clean returns text as it may be written to a terminal, and its width in cells. Control characters, invalid UTF-8
// and whatever terminals don't agree on (combining marks, joiners, directions) become escapes.
func (k *Styles) Clean(text string) (string, int) {
	if isPlain(text) {
		return text, len(text)
	}
	out, width, odd := k.escape(text, fits)
	if odd && ansi.StringWidth(out) != width {
		// Characters that are well-behaved alone merge with their neighbours.
		out, width, _ = k.escape(text, func(rune) (int, bool) { return 0, false })
	}
	return out, width
}

// escape writes the runes that keep accepts, with their widths, and escapes for the others. It says whether any of
// those written is neither ASCII nor our own.
func (k *Styles) escape(text string, keep func(rune) (int, bool)) (out string, width int, odd bool) {
	var b strings.Builder
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		stand, own := locale.InASCII[r]
		w, kept := keep(r)
		switch {
		case r >= ' ' && r <= '~':
			b.WriteByte(text[i])
			width++
		case own && k.ASCII:
			b.WriteByte(stand)
			width++
		case own:
			b.WriteString(text[i : i+size])
			width++
		case kept && !k.ASCII && (r != utf8.RuneError || size > 1):
			b.WriteString(text[i : i+size])
			width += w
			odd = true
		default:
			e := escapeOf(r, text[i:i+size])
			b.WriteString(e)
			width += len(e)
		}
		i += size
	}
	return b.String(), width, odd
}

// fits reports whether terminals agree how wide r is.
func fits(r rune) (width int, ok bool) {
	if !unicode.IsPrint(r) || unicode.In(r, unicode.M, unicode.Regional_Indicator) {
		return 0, false
	}
	s := string(r)
	width = ansi.StringWidth(s)
	return width, (width == 1 || width == 2) && width == ansi.StringWidthWc(s)
}

func escapeOf(r rune, raw string) string {
	switch r {
	case '\n':
		return `\n`
	case '\r':
		return `\r`
	case '\t':
		return `\t`
	}
	switch {
	case r == utf8.RuneError && len(raw) == 1, r < utf8.RuneSelf:
		return fmt.Sprintf(`\x%02x`, raw[0])
	case r > 0xffff:
		return fmt.Sprintf(`\U%08x`, r)
	}
	return fmt.Sprintf(`\u%04x`, r)
}

// Quoted is somebody's key or value in a form that can't be mistaken: backslashes doubled, quotes around what would
// look like nothing, and in ASCII every other character escaped.
func (k *Styles) Quoted(s string) string {
	if s == "" || s[0] == ' ' || s[0] == '"' || s[len(s)-1] == ' ' || s == "–" {
		return `"` + strings.ReplaceAll(k.unmistakable(s), `"`, `\"`) + `"`
	}
	return k.unmistakable(s)
}

func (k *Styles) unmistakable(s string) string {
	if isPlain(s) && strings.IndexByte(s, '\\') < 0 {
		return s
	}
	s = strings.ReplaceAll(s, `\`, `\\`)
	if !k.ASCII {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if r >= ' ' && r <= '~' {
			b.WriteByte(s[i])
		} else {
			b.WriteString(escapeOf(r, s[i:i+size]))
		}
		i += size
	}
	return b.String()
}

// Cut shortens clean text to width cells, its last one being the mark of what is missing.
func (k *Styles) Cut(text string, width, most int) (string, int) {
	if width <= most {
		return text, width
	}
	if most <= 0 {
		return "", 0
	}
	mark := k.cutMark()
	if isPlain(text) {
		return text[:most-1] + mark, most
	}
	kept := 0
	for i, r := range text {
		w := 1
		if r >= utf8.RuneSelf {
			w = ansi.StringWidth(text[i : i+utf8.RuneLen(r)])
		}
		if kept+w > most-1 {
			return text[:i] + mark, kept + 1
		}
		kept += w
	}
	return text, width
}

// CutWords is Cut after a whole word, unless there is little room or little of it would be used then.
func (k *Styles) CutWords(text string, width, most int) (string, int) {
	const narrow = 16 // cells, in which a part of a word tells more than none
	cut, w := k.Cut(text, width, most)
	if width <= most || most < narrow {
		return cut, w
	}
	kept, mark := cut[:len(cut)-len(k.cutMark())], k.cutMark()
	end := strings.LastIndexByte(text[:min(len(kept)+1, len(text))], ' ')
	if end < len(kept)*2/3 {
		return cut, w
	}
	kept = strings.TrimRight(text[:end], " ")
	return kept + mark, ansi.StringWidth(kept) + 1
}

// cutMark stands for what is missing, in one cell.
func (k *Styles) cutMark() string {
	if k.ASCII {
		return "$" // a stand-in of its own: … is also what runs
	}
	return "…"
}

// Wrap breaks text into at most lines lines of width cells, between words where it can, and not beside the = of "a = 2". The
// last one is cut short by whoever draws it.
func (k *Styles) Wrap(text string, width, lines int) []string {
	text, _ = k.Clean(text)
	return wrapClean(text, width, lines)
}

// Wrap does so without a theme, for a terminal that is not restricted to ASCII.
func Wrap(text string, width, lines int) []string { return new(Styles).Wrap(text, width, lines) }

// Hang breaks a line that may begin with blanks and a number into at most lines lines of width cells. What goes on stands a little
// further to the right than the text begins, unless there is no room for that.
func Hang(line string, width, lines int) []string {
	const further = 2
	begins := len(line) - len(strings.TrimLeft(line, " 0123456789"))
	indent := strings.Repeat(" ", begins+further)
	if len(indent) > width/3 {
		indent = ""
	}
	rows := Wrap(line, width, min(lines, 2))
	if len(rows) < 2 {
		return rows
	}
	for i, row := range Wrap(rows[1], width-len(indent), lines-1) {
		rows = append(rows[:i+1], indent+row)
	}
	return rows
}

func wrapClean(text string, width, lines int) []string {
	var out []string
	for len(out) < lines-1 && ansi.StringWidth(text) > width && width > 0 {
		head := ansi.Truncate(text, width, "")
		head = head[:breakOf(head, text[len(head):], width/2)]
		out = append(out, head)
		text = strings.TrimPrefix(text[len(head):], " ")
	}
	return append(out, text)
}

// breakOf is where a line ends that has room for head, before rest: its length if there is no good place beyond least.
func breakOf(head, rest string, least int) int {
	last := strings.LastIndexByte(head, ' ')
	if last <= least {
		return len(head)
	}
	const equals = " = "
	text := head + rest
	for i := last; i > least; i = strings.LastIndexByte(head[:i], ' ') {
		if !strings.HasPrefix(text[i:], equals) && !strings.HasSuffix(head[:i+1], equals) {
			return i
		}
	}
	return last
}

// Ellipsis stands between what is under way and how long it has been.
func (k *Styles) Ellipsis() string { return " " + k.UnderWay() }

// UnderWay stands before what is under way.
func (k *Styles) UnderWay() string {
	if k.ASCII { // one dot would be nobody, and the sign of what is cut short is another
		return "... "
	}
	return "… "
}
