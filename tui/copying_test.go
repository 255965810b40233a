package tui

import (
	"strings"
	"testing"

	"cluster/splitbrain/netsim/history"
)

// TestCopyChosen: what is copied is what is chosen, whole and as it is.
func TestCopyChosen(t *testing.T) {
	m, _ := begin(t, differing(), 80, 24, Options{Plain: true})
	if text, _ := m.maps.CopyText(m.now); text != "" {
		t.Errorf("without a choice %q", text)
	}
	press(m, "J", "J")
	if text, what := m.maps.CopyText(m.now); text != "two words" || what != "the value of b" {
		t.Errorf("%s: %q", what, text)
	}
	press(m, "tab")
	hears(m, differing(), steadily())
	press(m, "home", "J", "J", "J")
	if text, _ := m.messages.CopyText(m.now); !strings.HasPrefix(text, "#3 request c1 > s1 PBServer.PutAppend: put \"a\" \"0\"") || !strings.Contains(text, "delivered") {
		t.Errorf("of the messages %q", text)
	}
	press(m, "home")
	if text, _ := m.messages.CopyText(m.now); !strings.Contains(text, "view 1 s1") || !strings.Contains(text, "V1") {
		t.Errorf("of a view %q", text)
	}
	judged(m, differing(), overlapping(), history.Verdict{})
	bringNamed(t, m, "history")
	press(m, "home")
	if text, _ := m.operations.CopyText(m.now); !strings.HasPrefix(text, `c1 put a "1"  0:01.000 to 0:01.003`) {
		t.Errorf("of the history %q", text)
	}
}
