package cli

import "testing"

// TestWrapped: long lines of a story go on below their text.
func TestWrapped(t *testing.T) {
	text := " 59  vs counts s1 as dead, though it runs\n       vs forms view 3 s2 s3: primary s1 counts as dead (V4)\nfound\n"
	want := " 59  vs counts s1 as dead, though it\n       runs\n" +
		"       vs forms view 3 s2 s3: primary\n         s1 counts as dead (V4)\nfound\n"
	if got := wrapped(text, 40); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}
