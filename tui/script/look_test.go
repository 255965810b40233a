package script

import (
	"testing"

	"cluster/splitbrain/netsim/engine"
)

// TestLook: what a lesson can point at.
func TestLook(t *testing.T) {
	there, back := engine.Link{From: "s1", To: "s2"}, engine.Link{From: "s2", To: "s1"}
	for line, want := range map[string]Look{
		"look maps s1 s2 a":                    {Pane: "maps", Marks: []string{"s1", "s2", "a"}},
		"look maps s1 s2":                      {Pane: "maps", Marks: []string{"s1", "s2"}},
		"look s1 s2":                           {Marks: []string{"s1", "s2"}, Links: []engine.Link{there, back}},
		"look network s1 s2":                   {Pane: "network", Marks: []string{"s1", "s2"}, Links: []engine.Link{there, back}},
		"look stage s1 s2 c1":                  {Pane: "stage", Marks: []string{"s1", "s2", "c1"}},
		"look s1>s2":                           {Links: []engine.Link{there}},
		"look stage s1 > s2 vs s2 > s1 a":      {Pane: "stage", Marks: []string{"vs", "a"}, Links: []engine.Link{there, back}},
		`look history row "c2 get a" row put`:  {Pane: "history", Rows: []string{"c2 get a", "put"}},
		`look messages mark c1 row "held s1"`:  {Pane: "messages", Marks: []string{"mark", "c1"}, Rows: []string{"held s1"}},
		`look maps "row" row 'row'`:            {Pane: "maps", Marks: []string{"row"}, Rows: []string{"row"}},
		"look messages s1 only 'forward lost'": {Pane: "messages", Marks: []string{"s1"}, Only: "forward lost"},
		`look maps "only" a`:                   {Pane: "maps", Marks: []string{"only", "a"}},
		`look maps ">" "s1 > s2"`:              {Pane: "maps", Marks: []string{">", "s1 > s2"}},
	} {
		inv, err := Parse(line)
		if err != nil || !inv.Args.Look.Equal(want) {
			t.Errorf("%s points at %+v, want %+v (%v)", line, inv.Args.Look, want, err)
		}
		if again, err := Parse(inv.String()); err != nil || !again.Args.Look.Equal(want) {
			t.Errorf("%s is written as %s: %v", line, inv, err)
		}
	}
}
