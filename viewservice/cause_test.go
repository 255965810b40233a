package viewservice

import "testing"

func TestEveryCauseHasRuleAndWords(t *testing.T) {
	for code := CodeNone + 1; code < codes; code++ {
		if err := checkCause(Cause{Code: code}); err != nil {
			t.Errorf("code %d: %v", code, err)
		}
	}
	if got := (Cause{}).String(); got != "" {
		t.Errorf("no cause says %q", got)
	}
}
