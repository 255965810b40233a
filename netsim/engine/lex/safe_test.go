package lex

import (
	"testing"
	"unicode"
)

func TestSafe(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "plain": "plain", "zwölf →": "zwölf →", "a\nb\tc": `a\nb\tc`, "\x1b[2J": `\x1b[2J`, "\xff\xfe": `\xff\xfe`,
		"a\u202eb": `a\u202eb`, "\u00a0": `\u00a0`, "�": "�", "it's": "it's", "\a\x00": `\a\x00`,
	} {
		if got := Safe(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}

func FuzzSafe(f *testing.F) {
	f.Add("a\x1b]0;title\a\xff")
	f.Fuzz(func(t *testing.T, text string) {
		for _, r := range Safe(text) {
			if !unicode.IsPrint(r) {
				t.Errorf("%q has %q in it", Safe(text), r)
			}
		}
	})
}
