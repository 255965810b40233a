package script

import (
	"regexp"
	"strings"
	"testing"
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
			f := newFake()
			r, err := (&Session{Engine: f}).Run(t.Context(), c.Example)
			if err != nil || r.Text == "" {
				t.Errorf("example %q: %+v %v", c.Example, r, err)
			}
			if f.log() == "" && c.Name != "help" && c.Name != "quit" {
				t.Errorf("example %q does nothing", c.Example)
			}
			if _, err := Parse(c.Example + " and much | more"); err == nil && c.Name != "partition" {
				t.Error("takes any number of words")
			}
			if len(c.params) > 0 && !c.params[0].optional {
				if _, err := Parse(c.Name); err == nil || !strings.HasSuffix(err.Error(), "is missing (usage: "+c.Usage+")") {
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
		if !strings.Contains("\n"+all.Text, "\n"+c.Usage+" ") || !strings.Contains(all.Text, c.Help) {
			t.Errorf("help does not tell of %s", c.Usage)
		}
		one, err := s.Run(t.Context(), "help "+c.Name)
		if want := c.Usage + ": " + c.Help + "; for example: " + c.Example; err != nil || one.Help || one.Text != want {
			t.Errorf("help %s: %+v %v", c.Name, one, err)
		}
	}
}
