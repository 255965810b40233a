package script

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"unicode/utf8"

	"cluster/splitbrain/netsim/cluster"
	"cluster/splitbrain/netsim/engine"
)

// Each command is complete: whoever adds one and forgets half of it is told here.
func TestRegistry(t *testing.T) {
	line := regexp.MustCompile(`^[a-z@][^\n]*[^.\s]$`)
	seen := map[string]bool{}
	for _, c := range Commands() {
		t.Run(c.Name, func(t *testing.T) {
			if seen[c.Name] {
				t.Error("registered twice")
			}
			seen[c.Name] = true
			if !line.MatchString(c.Help) || !strings.HasPrefix(c.Usage, c.Name) {
				t.Errorf("help %q, usage %q", c.Help, c.Usage)
			}
			inv, err := Parse(c.Example)
			if err != nil || inv.Command.Name != c.Name || inv.String() != c.Example {
				t.Errorf("example %q: %v %v", c.Example, inv, err)
			}
			if _, err := Parse(c.Example + " and much | more"); err == nil && !slices.Contains([]string{"partition", "ask"}, c.Name) {
				t.Error("takes any number of words")
			}
			if len(c.params) > 0 && !c.params[0].optional {
				_, err := Parse(c.Name)
				told := err != nil && (strings.HasSuffix(err.Error(), "is missing (usage: "+c.Usage+")") ||
					strings.HasSuffix(err.Error(), "is missing (as in: "+c.Example+")"))
				if !told || utf8.RuneCountInString(err.Error()) > mostMistake {
					t.Errorf("alone: %v", err)
				}
			}
		})
	}
}

func TestHelpMentionsEveryCommand(t *testing.T) {
	s := &Session{Engine: newFake()}
	all, err := s.Run(t.Context(), "help")
	if err != nil || !all.Help {
		t.Fatal(all, err)
	}
	for _, c := range Commands() {
		if !c.replays && !strings.Contains("\n"+all.Text, "\n"+c.Usage+" ") || c.replays == strings.Contains(all.Text, c.Help) {
			t.Errorf("help on a cluster without a past: %s", c.Usage)
		}
		one, err := s.Run(t.Context(), "help "+c.Name)
		if want := c.Usage + ": " + c.Help + "; for example: " + c.Example; err != nil || one.Help || !strings.HasPrefix(one.Text, want) {
			t.Errorf("help %s: %+v %v", c.Name, one, err)
		}
	}
}

// Each example does what it says on a real cluster, or says in one line why it can't there.
func TestExamples(t *testing.T) {
	t.Chdir(t.TempDir())
	cannot := map[string]string{
		"deliver": "no message 17 is held", "drop": "no message 18 is held", "duplicate": "no message 17 is held",
		"load off": "no load runs", "thaw": "not frozen", "step": "not paused", "cluster": "first line",
		"rewind": "--sim", "branch": "--sim", "branches": "--sim", "visit": "--sim", "compare": "--sim", "choices": "--sim", "save world": "--sim",
		"choose": "--sim", "expect rpcs": "mark", "expect violation": "switch it off first",
	}
	for _, c := range Commands() {
		t.Run(c.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				live, err := cluster.New(engine.Defaults)
				if err != nil {
					t.Fatal(err)
				}
				defer live.Close()
				s := &Session{Engine: live, Host: hosting{func(string, ...any) error { return nil }}}
				defer s.Close()
				r, err := s.Run(t.Context(), c.Example)
				_, unmet := errors.AsType[*ExpectError](err)
				switch why, can := cannot[c.Name]; {
				case unmet:
				case can && (err == nil || !strings.Contains(err.Error(), why)):
					t.Errorf("%s: %+v %v", c.Example, r, err)
				case !can && (err != nil || r.Text == ""):
					t.Errorf("%s: %+v %v", c.Example, r, err)
				}
			})
		})
	}
}

// TestHelpOfPanes: help knows every pane, and tells of which it speaks, so that a screen can add the keys.
func TestHelpOfPanes(t *testing.T) {
	for _, p := range slices.Concat(Panes, asides) {
		r, err := (&Session{Engine: newFake()}).Run(t.Context(), "help "+p)
		if _, command := lookup(p); command {
			continue
		}
		if err != nil || r.Tells != p || !strings.HasPrefix(r.Text, p+": ") {
			t.Errorf("help %s: %+v %v", p, r, err)
		}
	}
}
