package viewservice

import (
	"testing"
	"time"
)

func TestEveryCauseHasRuleAndWords(t *testing.T) {
	for code := CodeNone + 1; code < codes; code++ {
		if err := checkCause(Cause{Code: code}); err != nil {
			t.Errorf("code %d: %v", code, err)
		}
		if lawless[code] != "" {
			if err := checkCause(Cause{Code: code, Off: "continuity"}); err != nil {
				t.Errorf("code %d: %v", code, err)
			}
		}
	}
	if got := (Cause{}).String(); got != "" {
		t.Errorf("no cause says %q", got)
	}
}

// TestLongSilence: who counts milliseconds of hours, or thousands of pings, learns nothing.
func TestLongSilence(t *testing.T) {
	const ping = 100 * time.Millisecond
	for silent, want := range map[time.Duration][2]string{
		512 * time.Millisecond:                {"512 ms", "5 pings"},
		99*time.Second + 999*time.Millisecond: {"1m39s", "999 pings"},
		59999 * time.Millisecond:              {"59999 ms", "599 pings"},
		125 * time.Second:                     {"2m05s", "2m05s"},
		7317410 * time.Millisecond:            {"2h01m", "2h01m"},
	} {
		c := Cause{Code: BackupSilent, Server: "s2", Silent: silent, Allowed: 5 * ping}
		if got := c.String(); got != "backup s2 silent for "+want[0]+", 500 ms allowed (V4)" {
			t.Error(got)
		}
		if got, _ := InShort([]Cause{c}, ping); got != "s2 silent "+want[1] {
			t.Error(got)
		}
	}
}
