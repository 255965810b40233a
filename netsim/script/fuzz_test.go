package script

import (
	"strings"
	"testing"
)

// FuzzRun feeds any bytes: nothing panics, errors can be shown, and a line that is refused did nothing.
func FuzzRun(f *testing.F) {
	for _, c := range Commands() {
		f.Add(c.Example)
		f.Add(c.Example + " extra")
		f.Add(c.Name)
	}
	for _, line := range []string{"cut s1>s2", "kil s1", `put "\x1b[2J" '\n' @c2`, "put a \xff\x00", "\"", "\\", "#", "partition s1||s2",
		"delay s1 s2 1s±1s±1s", "put \U0010ff22 \u202e", "get \u0085", "@c1", "help help help"} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		engine := newFake()
		r, err := (&Session{Engine: engine}).Run(t.Context(), line)
		switch {
		case err != nil && strings.ContainsFunc(err.Error(), unprintable):
			t.Errorf("%q: the error %q can't be shown", line, err)
		case err != nil && engine.log() != "":
			t.Errorf("%q: refused, and yet did %s", line, engine.log())
		case !r.Help && strings.ContainsFunc(r.Text, unprintable):
			t.Errorf("%q: the result %q can't be shown", line, r.Text)
		}
		for _, offer := range Complete(line, Names{Nodes: engine.Nodes(), Keys: []string{"a", line}, Messages: []uint64{17}}) {
			if !strings.HasPrefix(offer, line) {
				t.Errorf("%q is completed to %q", line, offer)
			}
		}
		inv, err := Parse(line)
		if err != nil || inv.Empty() {
			return
		}
		again, err := Parse(inv.String())
		if err != nil || again.String() != inv.String() {
			t.Errorf("%q: %s is read back as %s %v", line, inv, again, err)
		}
	})
}
