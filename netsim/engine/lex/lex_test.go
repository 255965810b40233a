package lex

import (
	"slices"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"
)

func TestSplit(t *testing.T) {
	for line, want := range map[string][]string{
		` put  a	1 `:                 {"put", "a", "1"},
		"put a 1\r\n":                {"put", "a", "1"},
		`put "x y" 'x y' x\ y`:       {"put", "x y", "x y", "x y"},
		`a"b"c'd'`:                   {"abcd"},
		`a#b # c`:                    {"a#b"},
		`"#" '#' \#`:                 {"#", "#", "#"},
		`"it's" it\'s`:               {"it's", "it's"},
		`"a\"b" "a\\b" "\$"`:         {`a"b`, `a\b`, "$"},
		`"\n\t\x00\xff\u00e9\033"`:   {"\n\t\x00\xffé\x1b"},
		`"\x22 \x5c"`:                {`" \`},
		`'\n' \n`:                    {`\n`, "n"},
		"\xff \xc3(":                 {"\xff", "\xc3("},
		"\U0010ff41 \U0010ffff":      {"\U0010ff41", "\U0010ffff"},
		"# \" unclosed in a comment": {},
		`"" ''`:                      {"", ""},
	} {
		words, err := Split(line)
		got := []string{}
		for i, w := range words {
			got = append(got, w.Text)
			if w.At != i+1 {
				t.Errorf("%q: word %d is said to be %d", line, i+1, w.At)
			}
		}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: got %q %v, want %q", line, got, err, want)
		}
	}
}

// Separators are words of their own where they are not quoted, and only there.
func TestSplitAt(t *testing.T) {
	for line, want := range map[string][]string{
		`not(view 3 or(acked))`: {"not", "(*", "view", "3", "or", "(*", "acked", ")*", ")*"},
		`a;b ; c d;`:            {"a", ";*", "b", ";*", "c", "d", ";*"},
		`k = "a\"(b" '(' \(`:    {"k", "=", `a"(b`, "(", "("},
		`"x\";y";"" # (`:        {`x";y`, ";*", ""},
	} {
		words, err := SplitAt(line, "(;)")
		got := []string{}
		for i, w := range words {
			text := w.Text
			if w.Is("(") || w.Is(")") || w.Is(";") {
				text += "*"
			}
			if got = append(got, text); w.At != i+1 {
				t.Errorf("%q: word %d is said to be %d", line, i+1, w.At)
			}
		}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: got %q %v, want %q", line, got, err, want)
		}
	}
}

func TestQuoteIsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(rapid.String(), rapid.StringMatching(`[a#@>| "'\\]*`), rapid.Map(rapid.SliceOf(rapid.Byte()),
			func(b []byte) string { return string(b) })).Draw(t, "s")
		quoted := Quote(s)
		if strings.ContainsFunc(quoted, func(r rune) bool { return r != ' ' && !unicode.IsGraphic(r) }) {
			t.Fatalf("Quote(%q) = %s moves the cursor", s, quoted)
		}
		words, err := Split("put " + quoted + " x")
		if err != nil || len(words) != 3 || words[1].Text != s {
			t.Fatalf("Quote(%q) = %s is read back as %v %v", s, quoted, words, err)
		}
		if _, option := words[1].Option(); option || len(words[1].Cut()) != 1 {
			t.Fatalf("Quote(%q) = %s is taken for marks", s, quoted)
		}
	})
}

func TestQuoteOnlyWhenNeeded(t *testing.T) {
	for s, want := range map[string]string{
		"a": "a", "key-1/ä.:,": "key-1/ä.:,", "": `""`, "a b": `"a b"`, "@c1": `"@c1"`, "x\n": `"x\n"`, "#": `"#"`,
		"\u202e": `"\u202e"`, "\xff": `"\xff"`, "\ufffd": `"�"`,
	} {
		if got := Quote(s); got != want {
			t.Errorf("Quote(%q) = %s, want %s", s, got, want)
		}
	}
}
