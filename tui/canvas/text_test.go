package canvas

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
	"pgregory.net/rapid"
)

func TestClean(t *testing.T) {
	for _, c := range []struct{ raw, want, ascii string }{
		{"plain text", "plain text", "plain text"},
		{"\x1b[2J\a\x7f", `\x1b[2J\x07\x7f`, `\x1b[2J\x07\x7f`},
		{"a\nb\rc\td", `a\nb\rc\td`, `a\nb\rc\td`},
		{"\xff\xc3", `\xff\xc3`, `\xff\xc3`},
		{"é漢", "é漢", `\u00e9\u6f22`},
		{"e\u0301", `e\u0301`, `e\u0301`},                // a combining mark
		{"\u202eabc", `\u202eabc`, `\u202eabc`},          // turns the direction
		{"\u200d\ufe0f", `\u200d\ufe0f`, `\u200d\ufe0f`}, // joiner, variation
		{"\U0001F1E9", `\U0001f1e9`, `\U0001f1e9`},       // half a flag
		{"\u1112\u1161", `\u1112\u1161`, `\u1112\u1161`}, // letters that merge into one
		{"✗ → …", "✗ → …", "x > :"},                      // our own
	} {
		got, width := (&Styles{}).Clean(c.raw)
		if got != c.want || width != ansi.StringWidth(got) {
			t.Errorf("clean(%q) = %q, %d cells, want %q", c.raw, got, width, c.want)
		}
		if got, _ := (&Styles{ASCII: true}).Clean(c.raw); got != c.ascii {
			t.Errorf("in ASCII clean(%q) = %q, want %q", c.raw, got, c.ascii)
		}
	}
}

// TestCleanWidth: whatever the text, what is shown has the width that was told, by both ways in which terminals
// count, and shortening it never makes it wider.
func TestCleanWidth(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		k := &Styles{ASCII: rapid.Bool().Draw(rt, "ascii")}
		raw := rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) })).Draw(rt, "raw")
		text, width := k.Clean(k.Quoted(raw))
		if w, wc := ansi.StringWidth(text), ansi.StringWidthWc(text); w != width || wc != width || !utf8.ValidString(text) {
			rt.Fatalf("clean(%q) = %q: %d cells, but %d and %d", raw, text, width, w, wc)
		}
		most := rapid.IntRange(0, 20).Draw(rt, "most")
		short, width := k.Cut(text, width, most)
		if width > most || ansi.StringWidth(short) != width {
			rt.Fatalf("cut(%q, %d) = %q: %d cells", text, most, short, width)
		}
	})
}

// TestQuoted: different texts never look the same.
func TestQuoted(t *testing.T) {
	k := &Styles{}
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.StringOf(rapid.SampledFrom([]rune("\\nx1b\n\x1b \"–")))
		a, b := text.Draw(rt, "a"), text.Draw(rt, "b")
		sa, _ := k.Clean(k.Quoted(a))
		sb, _ := k.Clean(k.Quoted(b))
		if a != b && sa == sb {
			rt.Fatalf("%q and %q both look like %s", a, b, sa)
		}
	})
	for a, b := range map[string]string{" ": `" "`, "": `""`, "–": `"–"`, "\n": "\\n", "\x1b": `\x1b`, "\xff": `\xff`} {
		sa, _ := k.Clean(k.Quoted(a))
		if sb, _ := k.Clean(k.Quoted(b)); sa == sb {
			t.Errorf("%q and %q both look like %s", a, b, sa)
		}
	}
}

func TestWrap(t *testing.T) {
	for text, want := range map[string]string{
		"c1 puts a = 2, and waits": "c1 puts|a = 2,|and waits",
		"s1 has a = 22222":         "s1 has|a = 22222",
		"abcdefgh = ijkl":          "abcdefgh|= ijkl", // where there is no better place
		"abcdefghijklm":            "abcdefghij|klm",
	} {
		if got := strings.Join(Wrap(text, 10, 9), "|"); got != want {
			t.Errorf("Wrap(%q) = %q, want %q", text, got, want)
		}
	}
}

// TestCutWords: what is too long ends after a whole word, unless little would be left then.
func TestCutWords(t *testing.T) {
	for _, c := range []struct {
		text string
		most int
		want string
	}{
		{"space skips the question", 24, "space skips the question"},
		{"space skips the question", 23, "space skips the…"},
		{"space skips the question", 16, "space skips the…"},
		{"space skips the question", 15, "space skips th…"},
		{"s1 waits for s2 to confirm (S5)", 29, "s1 waits for s2 to confirm…"},
		{"put k aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 20, "put k aaaaaaaaaaaaa…"},
		{"äöü ßäö üßä öüß äöü ß", 18, "äöü ßäö üßä öüß…"},
		{"a b", 0, ""}, {"a b", 1, "…"},
	} {
		var k Styles
		got, w := k.CutWords(c.text, ansi.StringWidth(c.text), c.most)
		if got != c.want || w != ansi.StringWidth(got) {
			t.Errorf("%q in %d cells: %q, said to be %d wide, want %q", c.text, c.most, got, w, c.want)
		}
	}
}
