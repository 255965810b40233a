package viewservice

import (
	"os"
	"strings"
	"testing"
)

func TestRulesAreToldByName(t *testing.T) {
	var off Off
	for _, r := range AllRules() {
		if got, ok := RuleNamed(r.String()); !ok || got != r {
			t.Errorf("%v is found as %v", r, got)
		}
		if r.Cites() == "" || r.WhileOff() == "" || r.Damage() == "" {
			t.Errorf("%v has no words", r)
		}
		if off.Has(r) {
			t.Errorf("%v is off before it was switched", r)
		}
		off = off.Set(r, true)
	}
	off = off.Set(Continuity, false)
	if off.Has(Continuity) || len(off.Rules()) != len(AllRules())-1 || Without(off.Rules()...) != off {
		t.Errorf("off: %v", off)
	}
	if got := Without(ForwardGets, AckRule).String(); got != "ack-rule, forward-gets" {
		t.Errorf("got %q", got)
	}
	if _, ok := RuleNamed("nonsense"); ok {
		t.Error("a rule of that name is found")
	}
}

// The page that people read must know each switch.
func TestRulesAreInThePage(t *testing.T) {
	page, err := os.ReadFile("../docs/protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range AllRules() {
		if !strings.Contains(string(page), "| `"+r.String()+"` ("+r.Cites()+") |") {
			t.Errorf("docs/protocol.md has no row for %v (%s)", r, r.Cites())
		}
	}
}
