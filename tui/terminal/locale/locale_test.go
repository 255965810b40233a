package locale_test

import (
	"fmt"
	"os"
	"testing"

	"cluster/splitbrain/tui/terminal/locale"
)

func Example() {
	out := locale.Writer(os.Stdout)
	fmt.Fprintln(out, "c1’s put → s1, 40 µs…")
	fmt.Fprintln(out, "a = \"é€\U0001F600\" \xff")
	// Output:
	// c1's put > s1, 40 us:
	// a = "\u00e9\u20ac\U0001f600" \xff
}

func TestUTF8(t *testing.T) {
	for _, c := range []struct {
		all, ctype, lang string
		want             bool
	}{
		{"", "", "", false}, {"", "", "C.UTF-8", true}, {"C", "", "C.UTF-8", false}, {"", "de_DE.utf8", "C", true},
		{"POSIX", "en_US.UTF-8", "en_US.UTF-8", false},
	} {
		env := map[string]string{"LC_ALL": c.all, "LC_CTYPE": c.ctype, "LANG": c.lang}
		if got := locale.UTF8(func(name string) string { return env[name] }); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

func TestWide(t *testing.T) {
	for lang, want := range map[string]bool{"": false, "C.UTF-8": false, "ja_JP.UTF-8": true, "zh_CN.utf8": true, "ko_KR": true, "de_DE.UTF-8": false} {
		if got := locale.Wide(func(name string) string { return map[string]string{"LANG": lang}[name] }); got != want {
			t.Errorf("%s: %v", lang, got)
		}
	}
}
