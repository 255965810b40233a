package script

import (
	"errors"
	"strings"
	"testing"
	"time"

	"cluster/splitbrain/netsim/engine/lex"
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
		inv, wrong := Parse(line)
		if a := inv.Args; a.File != "" || a.Within > time.Minute { // writes files, or takes long
			return
		}
		s := &Session{Engine: engine}
		r, err := s.Run(t.Context(), line)
		s.Close()
		_, unmet := errors.AsType[*ExpectError](err)
		switch {
		case (wrong != nil) && err == nil:
			t.Errorf("%q: runs, though %v", line, wrong)
		case err != nil && unsafe(err.Error()):
			t.Errorf("%q: the error %q can't be shown", line, err)
		case err != nil && !unmet && engine.log() != "":
			t.Errorf("%q: refused, and yet did %s", line, engine.log())
		case !r.Help && r.Card == "" && r.Pane == "" && unsafe(r.Text):
			t.Errorf("%q: the result %q can't be shown", line, r.Text)
		}
		for _, offer := range Complete(line, Names{Nodes: engine.Nodes(), Keys: []string{"a", line}, Messages: []uint64{17}}) {
			if !strings.HasPrefix(offer, line) {
				t.Errorf("%q is completed to %q", line, offer)
			}
		}
		if wrong != nil || inv.Empty() {
			return
		}
		again, err := Parse(inv.String())
		if err != nil || again.String() != inv.String() {
			t.Errorf("%q: %s is read back as %s %v", line, inv, again, err)
		}
	})
}

// FuzzParseScript feeds any text: nothing panics, an error is one line that can be shown and names the file, and what
// was understood is understood again.
func FuzzParseScript(f *testing.F) {
	for _, s := range append(Lessons(), RuleScripts()...) {
		text, _ := embedded(s.Name)
		f.Add(text)
	}
	for _, text := range []string{"", "\n\n", "put a 1\r\nkill s1\rget a", "cluster servers=9\nadd", "note a\nask b c\nwait 1h", "ask Q a b | '*c d' because e hides maps\nlook maps s1 a\npace 0.1\nput a 1\nthen f\nlook s1 > s2 row x", "put a \x00", "\xff",
		"cluster\ncluster", "load c1..c64", "expect view any within 1s", "title \"\x1b[2J\"\nput a 1"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseScript("x.sb", text)
		if err != nil {
			if s != nil || !strings.HasPrefix(err.Error(), "x.sb") || unsafe(err.Error()) {
				t.Errorf("%q: %v", text, err)
			}
			return
		}
		lines := 0
		for _, step := range s.Steps {
			lines += len(step.Lines)
		}
		if len(s.Lines) == 0 || lines != len(s.Lines) || unsafe(s.Heading()) || s.Shape.Validate() != nil {
			t.Errorf("%q: %+v", text, s)
		}
		again := ShapeOf(s.Shape)
		for _, l := range s.Lines {
			again += "\n" + l.String()
		}
		if twice, err := ParseScript("x.sb", again); err != nil || len(twice.Lines) != len(s.Lines) {
			t.Errorf("%q: %q is read back with %v", text, again, err)
		}
	})
}

// unsafe reports whether a text could do something to a terminal.
func unsafe(text string) bool { return lex.Safe(text) != text }
