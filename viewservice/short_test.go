package viewservice

import (
	"slices"
	"strings"
	"testing"
	"time"

	"cluster/splitbrain/viewservice/rules"
)

func TestInShort(t *testing.T) {
	const ping = 100 * time.Millisecond
	silent := Cause{Code: PrimarySilent, Server: "s1", Silent: 512 * time.Millisecond, Allowed: 5 * ping}
	for want, causes := range map[string][]Cause{
		"s1 pinged first (V1)":                                {{Code: FirstPing, Server: "s1"}},
		"s1 silent 5 pings: s2 promoted, s3 joins (V4 V5 V6)": {silent, {Code: Promoted, Server: "s2"}, {Code: Appointed, Server: "s3"}},
		"no backup: s2 joins (V4 V6)":                         {{Code: NoBackup, Server: "s2"}, {Code: Appointed, Server: "s2"}},
		"s1 came back empty: s2 promoted (V7 V5)":             {{Code: PrimaryRestarted, Server: "s1"}, {Code: Promoted, Server: "s2"}},
		"s1 gave s2 up (V10)":                                 {{Code: BackupGivenUp, Server: "s2", Other: "s1"}},
		" ":                                                   {{}},
	} {
		text, rules := InShort(causes, ping)
		if got := text + " " + rules.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if text, _ := InShort([]Cause{silent}, 0); text != "s1 silent 512 ms" {
		t.Error(text)
	}
}

// TestEveryCauseInShort: each cause has a short form that cites its rule and is shorter.
func TestEveryCauseInShort(t *testing.T) {
	for code := CodeNone + 1; code < codes; code++ {
		c := Cause{Code: code, Server: "s1", Other: "s2", View: 3, Silent: time.Second, Allowed: time.Second}
		text, cited := InShort([]Cause{c}, time.Second)
		if strings.ContainsAny(text, "{}") || text == "" || !slices.Equal(cited, []rules.Ref{c.Rule()}) || len(text) >= len(c.String()) {
			t.Errorf("code %d: %q %q for %q", code, text, cited, c)
		}
	}
}
