package search

import (
	"strings"
	"testing"
)

// What a budget is in words is read as that budget.
func TestBudgetsInWords(t *testing.T) {
	for text, want := range map[string]Budget{
		"ops 1, silences 2":         {Ops: 1, Silences: 2},
		"vs-crashes 1":              {VsCrashes: 1},
		"no operation and no fault": {},
		"ops 4, crashes 2, losses 1, duplicates 1, silences 3, late 1, vs-crashes 1": Defaults.Budget,
	} {
		if got, err := ParseBudget(text); err != nil || got != want || got.Words() != text {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
	}
	if got, err := ParseBudget(" late  9,ops 0 , crashes 99"); err != nil || got != (Budget{Late: 9, Crashes: 99}) {
		t.Error(got, err)
	}
	for text, want := range map[string]string{
		"": "a budget is missing: it is like ops 1, silences 1", "ops 1,": "a budget is missing",
		"op 1": `"op" is no budget: did you mean ops?`, "bliss 1": `"bliss" is no budget: there are ops, crashes, `,
		"1 ops": `"1" is no budget`, "ops": "ops lacks its number: ops 1", "ops 1, ops 2": "ops is there twice",
		"ops 1 silences 1": `ops "1 silences 1": must be 0 to 99`, "ops 100": `ops "100": must be 0 to 99`, "ops -1": `ops "-1": must be`, "ops x": `ops "x": must be`,
	} {
		if _, err := ParseBudget(text); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}
