package script

import "testing"

// The normal form of a line means what the line meant.
func TestInvocationString(t *testing.T) {
	for line, want := range map[string]string{
		`put a  'x y'   @c2 # c`: `put a "x y" @c2`,
		`put "@c2" a@b`:          `put "@c2" a@b`,
		`cut s1>s2`:              `cut s1 > s2`,
		`partition s1|s2 c1`:     `partition s1 | s2 c1`,
		`put a "\x1b"`:           `put a "\x1b"`,
		`delay s1 s2 200ms+-5ms`: `delay s1 s2 200ms±5ms`,
		`get a @"#"`:             `get a @"#"`,
		`append "a>b" x>y`:       `append "a>b" x>y`,
	} {
		inv, err := Parse(line)
		if err != nil || inv.String() != want {
			t.Errorf("%s: got %s %v, want %s", line, inv, err, want)
		}
		again, err := Parse(inv.String())
		if err != nil || again.String() != want {
			t.Errorf("%s again: got %s %v", want, again, err)
		}
	}
}
