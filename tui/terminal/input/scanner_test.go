package input

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// found is what a scanner makes of chunks, and then nothing more: keys as one text, and each of the others.
func found(chunks ...string) string {
	s, out := &scanner{}, []string{""}
	for _, c := range chunks {
		s.feed([]byte(c))
	}
	for s.patience() > 0 {
		s.giveUp()
	}
	for _, f := range s.found {
		if key, ok := f.([]byte); !ok {
			out = append(out, fmt.Sprintf("%T %q", f, f), "")
		} else {
			out[len(out)-1] += string(key)
		}
	}
	return strings.Join(out, "|")
}

// strings of all kinds: what begins them, and what ends them.
var stringKinds = []struct{ name, begin, end string }{
	{"OSC", "\x1b]", "\x1b\\"}, {"OSC with BEL", "\x1b]", "\a"}, {"DCS", "\x1bP", "\x1b\\"}, {"APC", "\x1b_", "\x1b\\"},
	{"PM", "\x1b^", "\x1b\\"}, {"SOS", "\x1bX", "\x1b\\"},
}

var cases = []struct{ name, sent, want string }{
	{"text", "xr :q", "xr :q"},
	{"characters", "é→\U0001F600\ufffd", "é→\U0001F600\ufffd"},
	{"half a character", "a\xe2\x86b\xe2", "ab"},
	{"an 8-bit sequence", "\x9bA", "A"}, // the one thing that can't be told from a letter
	{"control characters", "\r\t\x7f\x03\x00", "\r\t\x7f\x03\x00"},
	{"Esc", "\x1b", "\x1b"},
	{"Esc twice", "\x1b\x1b", "\x1b\x1b"},
	{"Esc twice and a key", "\x1b\x1bx", "\x1b\x1bx"},
	{"Esc and ctrl+c", "\x1b\x03", "\x1b\x03"},
	{"alt", "\x1bx\x1b(\x1b\x7f\x1bé\x1b ", "\x1bx\x1b(\x1b\x7f\x1bé\x1b "},
	{"arrows", "\x1b[A\x1bOB\x1b[1;5C", "\x1b[A\x1bOB\x1b[1;5C"},
	{"alt and an arrow", "\x1b\x1b[D", "\x1b\x1b[D"},
	{"alt and a key that is not known", "\x1b\x1b[99~x", "x"},
	{"Home and End", "\x1b[H\x1b[F\x1bOH\x1bOF\x1b[1~\x1b[4~", "\x1b[H\x1b[F\x1b[H\x1b[F\x1b[1~\x1b[4~"},
	{"the keypad", "\x1bOM\x1bOj\x1bO5Ax", "\rAx"},
	{"urxvt", "\x1b[7$\x1b[8^\x1b[3$\x1b[23$x", "\x1b[7$\x1b[8^x"},
	{"the Linux console", "\x1b[[A\x1b[[Zx", "\x1b[[Ax"},
	{"the mouse", "\x1b[<65;100;20M\x1b[<0;1;1m", "\x1b[<65;100;20M\x1b[<0;1;1m"},
	{"the old mouse", "\x1b[M !!x", "\x1b[M !!x"},
	{"half an old mouse", "\x1b[M \x1b[A", "\x1b[A"},
	{"focus", "\x1b[I\x1b[O", "\x1b[I\x1b[O"},
	{"half a sequence", "\x1b[1;", ""},
	{"half a sequence and a control character", "\x1b[1;\x03\x1bO\x03\x1b[[\x03", "\x03\x03\x03"},
	{"half a sequence and another", "\x1b[1;\x1b[Ax", "\x1b[Ax"},
	{"half a keypad", "\x1bO", ""},
	{"device attributes", "\x1b[?62;4c\x1b[>1;10;0c\x1b[=0cx", `|input.Answer "\x1b[?62;4c"||input.Answer "\x1b[>1;10;0c"||input.Answer "\x1b[=0c"|x`},
	{"a mode", "\x1b[?2026;2$y", `|input.Answer "\x1b[?2026;2$y"|`},
	{"the cursor", "\x1b[12;3R\x1bOR", `|input.Answer "\x1b[12;3R"|` + "\x1bOR"},
	{"the background", "\x1b]11;rgb:1e1e/1e1e/2e2e\ax", `|input.Answer "\x1b]11;rgb:1e1e/1e1e/2e2e"|x`},
	{"its version", "\x1bP>|XTerm(390)\x1b\\x", `|input.Answer "\x1bP>|XTerm(390)"|x`},
	{"a title with an 8-bit ST", "\x1b]lÜber\x1b\\x", `|input.Answer "\x1b]lÜber"|x`},
	{"BEL in a graphic", "\x1b_Gi=31;\aOK\x1b\\x", `|input.Answer "\x1b_Gi=31;\aOK"|x`},
	{"a long string", "\x1b]52;c;" + strings.Repeat("QUJD", 100) + "\ax", "x"},
	{"a string that is cancelled", "\x1b]11;rgb\x18x\x1b]11;rgb\x1ay", "xy"},
	{"a string without an end", "\x1b]11;rgb", ""},
	{"a string in which another sequence begins", "\x1b]11;rgb\x1b[Ax", "\x1b[Ax"},
	{"ctrl+c in a string", "\x1b]jjj\x03", "\x03"},
	{"a paste", ":\x1b[200~put a 1\rput b 2\r\x1b[201~x", `:|input.Paste {"put a 1\rput b 2\r" %!q(bool=false)}|x`},
	{"a paste with sequences", "\x1b[200~\x1b[A\x1b[20\xff\x1b[201~x", `|input.Paste {"\x1b[A\x1b[20" %!q(bool=false)}|x`},
	{"a paste without a beginning", "a\x1b[201~b", "ab"},
	{"a paste without an end", "\x1b[200~kill s1\x1b[20", `|input.LostPaste "the end of the paste did not come: nothing was pasted"|`},
	{"as much as can be pasted", "\x1b[200~" + strings.Repeat("é", MaxPaste/2) + "\x1b[201~x", fmt.Sprintf("|input.Paste {%q %%!q(bool=false)}|x", strings.Repeat("é", MaxPaste/2))},
	{"a byte more", "\x1b[200~" + strings.Repeat("a", MaxPaste+1) + "\x1b[201~x", `|input.LostPaste "more than 64 KiB can't be pasted at once: nothing was pasted"|x`},
}

// TestSequences: each case is read in one way, wherever it is cut in two, and byte by byte.
func TestSequences(t *testing.T) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := found(c.sent); got != c.want {
				t.Fatalf("%.80q: found %.200q, want %.200q", c.sent, got, c.want)
			}
			for at := 1; at < len(c.sent) && at < 60; at++ {
				if got := found(c.sent[:at], c.sent[at:]); got != c.want {
					t.Errorf("cut at %d: found %.200q, want %.200q", at, got, c.want)
				}
			}
			var bytewise []string
			for i := range len(c.sent) {
				bytewise = append(bytewise, c.sent[i:i+1])
			}
			if got := found(bytewise...); got != c.want {
				t.Errorf("byte by byte: found %.200q, want %.200q", got, c.want)
			}
		})
	}
}

// TestNoKeyFromAString: whatever is in a string of whatever kind, and wherever it is cut, none of it is a key.
func TestNoKeyFromAString(t *testing.T) {
	for _, kind := range stringKinds {
		for _, text := range []string{"", "11;rgb:1e1e/1e1e/2e2e", "1+r524742=38", "x\rr\n:q\r", "Üñ→\x9c\xff", strings.Repeat("xr", 5000)} {
			whole := "a" + kind.begin + text + kind.end + "b"
			for at := 1; at < min(len(whole), 100); at++ {
				keys := ""
				for i, part := range strings.Split(found(whole[:at], whole[at:]), "|") {
					if i%2 == 0 {
						keys += part
					}
				}
				if keys != "ab" {
					t.Errorf("%s with %.40q, cut at %d: the keys %.80q", kind.name, text, at, keys)
				}
			}
		}
	}
}

// TestBarePaste: several lines with words that come in one go are text, whatever comes along with it; anything else is
// keys.
func TestBarePaste(t *testing.T) {
	const lines = "put a 1\rput b 2\r"
	for _, c := range []struct {
		chunks []string
		want   string
	}{
		{[]string{lines}, fmt.Sprintf("|input.Paste {%q %%!q(bool=true)}|", lines)},
		{[]string{lines, "kill\xe2", "\x86\x92 s1", "\x1b[A"}, fmt.Sprintf("|input.Paste {%q %%!q(bool=true)}|\x1b[A", lines+"kill→ s1")},
		{[]string{strings.Repeat(lines, 5000)}, `|input.LostPaste "more than 64 KiB can't be pasted at once: nothing was pasted"|`},
		{[]string{":put color blue\r"}, ":put color blue\r"},
		{[]string{"L\r  \r"}, "L\r  \r"},
		{[]string{"tzt\x1b" + lines}, "tzt\x1b" + lines},
		{[]string{"jjjj\r\r[[[["}, "jjjj\r\r[[[["},
	} {
		if got := found(c.chunks...); got != c.want {
			t.Errorf("%.40q: found %.100q, want %.100q", c.chunks, got, c.want)
		}
	}
}

// FuzzSplit: however bytes are cut, the keys are the same, and no string becomes one.
func FuzzSplit(f *testing.F) {
	for _, c := range cases {
		f.Add([]byte(c.sent), uint16(1), uint16(3))
	}
	f.Fuzz(func(t *testing.T, sent []byte, a, b uint16) {
		if isText(sent) && hasLines(sent) {
			sent = append(sent, 0) // else it depends on reads what it is
		}
		i := min(int(a), len(sent))
		j := min(i+int(b), len(sent))
		if isText(sent[:i]) && hasLines(sent[:i]) || isText(sent[i:j]) && hasLines(sent[i:j]) || isText(sent[j:]) && hasLines(sent[j:]) {
			t.Skip("a paste that the terminal does not announce")
		}
		whole := found(string(sent))
		if got := found(string(sent[:i]), string(sent[i:j]), string(sent[j:])); got != whole {
			t.Errorf("%q cut at %d and %d: %q, whole %q", sent, i, j, got, whole)
		}
		harmless := bytes.Map(func(r rune) rune {
			if r == 0x03 || r == 0x07 || r == 0x18 || r == 0x1a || r == 0x1b {
				return -1
			}
			return r
		}, sent)
		for _, kind := range stringKinds {
			if got := found(kind.begin + string(harmless) + kind.end); strings.HasPrefix(got, "|input.Answer") && strings.HasSuffix(got, "|") || got == "" {
				continue
			}
			t.Errorf("a key from the %s with %q", kind.name, harmless)
		}
	})
}
