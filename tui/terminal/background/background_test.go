package background

import "testing"

func TestDark(t *testing.T) {
	for _, c := range []struct {
		env  string
		dark bool
	}{
		{"", true}, {"15;0", true}, {"7;8", true}, {"0;15", false}, {"0;7", false}, {"0;default;15", false},
		{"12;default", true}, {";", true}, {"15;", true}, {"0", true}, {"\x1b;\x1b", true},
	} {
		if got := Dark(c.env); got != c.dark {
			t.Errorf("Dark(%q) = %v, want %v", c.env, got, c.dark)
		}
	}
}
