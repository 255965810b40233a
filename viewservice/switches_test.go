package viewservice

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"cluster/splitbrain/viewservice/rules"
)

func TestRulesAreToldByName(t *testing.T) {
	var off rules.Disabled
	for _, r := range rules.All() {
		if got, ok := rules.Named(r.String()); !ok || got != r {
			t.Errorf("%v is found as %v", r, got)
		}
		if len(r.Refs()) == 0 || r.Effect() == "" || r.Damage() == "" {
			t.Errorf("%v has no words", r)
		}
		if off.Has(r) {
			t.Errorf("%v is off before it was switched", r)
		}
		off = off.Set(r, true)
	}
	off = off.Set(rules.Continuity, false)
	if off.Has(rules.Continuity) || len(off.Rules()) != len(rules.All())-1 || rules.Without(off.Rules()...) != off {
		t.Errorf("off: %v", off)
	}
	if got := rules.Without(rules.ForwardGets, rules.AckRule).String(); got != "ack-rule, forward-gets" {
		t.Errorf("got %q", got)
	}
	if _, ok := rules.Named("nonsense"); ok {
		t.Error("a rule of that name is found")
	}
}

// The page that people read has a row for each switch, in their order and in their words, and every rule that they name.
func TestRulesAreInThePage(t *testing.T) {
	page, err := os.ReadFile("../docs/protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	var rows strings.Builder
	for _, r := range rules.All() {
		fmt.Fprintf(&rows, "| `%v` %v | %s | %s |\n", r, r.Refs(), r.Effect(), r.Damage())
		for _, ref := range r.Refs() {
			if !regexp.MustCompile(`\*\*([^*]* )?` + string(ref) + `\b[^*]*\*\*`).Match(page) {
				t.Errorf("docs/protocol.md has no %s, which %v names", ref, r)
			}
		}
	}
	if !strings.Contains(string(page), "|---|---|---|\n"+rows.String()) {
		t.Errorf("the table of switches at the end of docs/protocol.md should have these rows:\n%s", &rows)
	}
}

func TestV3_AckRuleOff(t *testing.T) {
	p := transferring()
	p.core.SetDisabled(rules.Without(rules.AckRule))
	p.alive(limit, "s2", "s3")
	p.wants(t, "3 s2 s3")
	p.alive(limit, "s3")
	p.wants(t, "4 s3 ·") // unacknowledged after unacknowledged
	p.wantsCauses(t, Cause{Code: PrimarySilent, Server: "s2", Silent: limit, Allowed: limit}, Cause{Code: PromotedUnacked, Server: "s3"})
	p.core.SetDisabled(0)
	p.alive(10*limit, "s4")
	p.ping("s3", 0)
	p.wants(t, "4 s3 ·")
}

// TestV5_AckRuleOffAndAcked: the backup of a view that was acknowledged is complete with and without the rule.
func TestV5_AckRuleOffAndAcked(t *testing.T) {
	p := newPlay(Config{PingInterval: interval, DeadPings: DefaultDeadPings, Disabled: rules.Without(rules.AckRule)})
	p.pair()
	p.restart("s1")
	p.wantsCauses(t, Cause{Code: PrimaryRestarted, Server: "s1", Allowed: limit},
		Cause{Code: Promoted, Server: "s2"}, Cause{Code: Appointed, Server: "s1"})
}

// TestV5_WhatIsKnownOfABackup: with a rule off less is known of the backup that becomes primary, and no more is said. Without
// ack-after-transfer the acknowledgement says nothing of it, but its own ping does (S4).
func TestV5_WhatIsKnownOfABackup(t *testing.T) {
	for _, test := range []struct {
		off     rules.Disabled
		entered Number // by s2, the backup of view 2
		want    Cause
	}{
		{0, 1, Cause{Code: Promoted}},
		{rules.Without(rules.AckAfterTransfer), 1, Cause{Code: PromotedUnfilled, Other: "ack-after-transfer"}},
		{rules.Without(rules.AckAfterTransfer), 2, Cause{Code: Promoted}},
		{rules.Without(rules.TransferState), 2, Cause{Code: PromotedUnfilled, Other: "transfer-state"}},
		{rules.Without(rules.RestartDetection), 2, Cause{Code: PromotedUnseen}},
		{rules.Without(rules.RestartDetection, rules.TransferState), 2, Cause{Code: PromotedUnseen}},
		{rules.Without(rules.ForwardGets), 2, Cause{Code: Promoted}},
	} {
		p := transferring()
		p.core.SetDisabled(test.off)
		p.ping("s1", 2)
		p.ping("s2", test.entered)
		p.alive(limit, "s2", "s3")
		p.wants(t, "3 s2 s3")
		test.want.Server = "s2"
		p.wantsCauses(t, Cause{Code: PrimarySilent, Server: "s1", Silent: limit, Allowed: limit}, test.want, Cause{Code: Appointed, Server: "s3"})
	}
}

// Without the ack rule there is still nothing to leave before the first view.
func TestV1_AckRuleOff(t *testing.T) {
	p := newPlay(Config{PingInterval: interval, DeadPings: DefaultDeadPings, Disabled: rules.Without(rules.AckRule)})
	p.wait(limit)
	p.wants(t, "0 · ·")
	p.ping("s1", 0)
	p.wants(t, "1 s1 ·")
}

func TestV5_ContinuityOff(t *testing.T) {
	t.Run("the first live volunteer is primary", func(t *testing.T) {
		p := newPlay(Config{PingInterval: interval, DeadPings: DefaultDeadPings, Disabled: rules.Without(rules.Continuity)})
		p.pair("s4", "s3")
		p.alive(limit, "s3", "s4")
		p.wants(t, "3 s4 s3")
		p.wantsCauses(t, Cause{Code: PrimarySilent, Server: "s1", Silent: limit, Allowed: limit},
			Cause{Code: Usurped, Server: "s4"}, Cause{Code: Appointed, Server: "s3"})
	})
	t.Run("the backup comes first", func(t *testing.T) {
		p := newPlay(Config{PingInterval: interval, DeadPings: DefaultDeadPings, Disabled: rules.Without(rules.Continuity)})
		p.pair("s3")
		p.alive(limit, "s2", "s3")
		p.wants(t, "3 s2 s3")
	})
	t.Run("nobody is there", func(t *testing.T) {
		p := newPlay(Config{PingInterval: interval, DeadPings: DefaultDeadPings, Disabled: rules.Without(rules.Continuity)})
		p.pair()
		p.wait(limit)
		p.wants(t, "2 s1 s2")
	})
	t.Run("under a new primary a restarted backup may be backup again", func(t *testing.T) {
		p := transferring()
		p.restart("s2")
		p.alive(limit, "s2", "s3")
		p.wants(t, "2 s1 s2")
		p.core.SetDisabled(rules.Without(rules.AckRule, rules.Continuity))
		p.core.Tick(p.now)
		p.wants(t, "3 s3 s2")
	})
}

// Nothing is stuck for ever while a rule is off by which a server may serve without the data: so each obstacle says.
func TestNothingIsForEverWhileAServerMayServeWithoutTheData(t *testing.T) {
	on, continuity, restarts := rules.Disabled(0), rules.Without(rules.Continuity), rules.Without(rules.RestartDetection)
	for _, test := range []struct {
		name string
		do   func(p *play)
		off  rules.Disabled
		want string
	}{
		{"unacknowledged, dead", func(p *play) { p.pair("s3"); p.alive(limit, "s2", "s3"); p.wait(limit) }, on,
			"stuck until it returns, for ever if it crashed, by design (V3)"},
		{"unacknowledged, dead", func(p *play) { p.pair("s3"); p.alive(limit, "s2", "s3"); p.wait(limit) }, continuity,
			"stuck until it returns, be it without the data, since continuity is off (V3)"},
		{"unacknowledged, restarted", func(p *play) { p.pair("s3"); p.alive(limit, "s2", "s3"); p.restart("s2") }, on,
			"The ack rule forbids moving on: stuck for ever, by design (V3)"},
		{"unacknowledged, restarted", func(p *play) { p.pair("s3"); p.alive(limit, "s2", "s3"); p.restart("s2") }, continuity,
			"The ack rule forbids moving on, but s2 may serve without the data, since continuity is off (V3)"},
		{"view 1, unacknowledged", func(p *play) { p.ping("s1", 0); p.wait(limit) }, continuity,
			"The ack rule forbids moving on: stuck until it returns (V3)"},
		{"alone and silent", func(p *play) { p.ping("s1", 0); p.ping("s1", 1); p.wait(limit) }, continuity,
			"stuck until any server pings, be it without the data, since continuity is off (V5)"},
		{"alone and silent", func(p *play) { p.ping("s1", 0); p.ping("s1", 1); p.wait(limit) }, restarts,
			"stuck until it pings, be it without the data, since restart-detection is off (V5)"},
		{"alone and restarted", func(p *play) { p.ping("s1", 0); p.ping("s1", 1); p.restart("s1") }, continuity,
			"it is lost, and a server may serve without it, since continuity is off (V5)"},
		{"both silent", func(p *play) { p.pair(); p.wait(limit) }, restarts,
			"stuck until one of them pings, be it without the data, since restart-detection is off (V5)"},
	} {
		p := newPlay(standard)
		test.do(p)
		p.core.SetDisabled(test.off)
		blocked := p.core.Status(p.now).Blocked
		if got := blocked.String(); !strings.HasSuffix(got, test.want) || blocked.ForEver() != strings.HasSuffix(test.want, "stuck for ever, by design (V3)") {
			t.Errorf("%s, without %v: %q, for ever %v", test.name, test.off, got, blocked.ForEver())
		}
	}
}

func TestV7_RestartDetectionOff(t *testing.T) {
	off := Config{PingInterval: interval, DeadPings: DefaultDeadPings, Disabled: rules.Without(rules.RestartDetection)}
	t.Run("of a new boot", func(t *testing.T) {
		p := newPlay(off)
		p.pair("s3")
		p.restart("s1")
		p.restart("s2")
		p.wants(t, "2 s1 s2")
		p.restart("s3")
		p.wantsPlaces(t, "s3")
		if s := p.core.Status(p.now).Servers[0]; s.Boot != 2 || s.Entered != 0 {
			t.Errorf("the new boot is not taken for the old one: %+v", s)
		}
	})
	t.Run("of a server that sends no boot id", func(t *testing.T) {
		p := newPlay(off)
		p.bootless("s1", "s2")
		p.pair()
		p.ping("s1", 0)
		p.wants(t, "2 s1 s2")
	})
}

// V3 must not be blamed while it is off: here it is V5 that forbids.
func TestWhatIsOffIsNotBlamed(t *testing.T) {
	c := New(Config{PingInterval: time.Second, DeadPings: 2})
	ping := func(now time.Duration, name string, number Number) {
		if _, err := c.Ping(now, PingArgs{Me: name, Viewnum: number, Boot: 1}); err != nil {
			t.Fatal(err)
		}
	}
	ping(0, "s1", 0)
	ping(0, "s1", 1)
	ping(0, "s2", 0) // view 2 s1 s2, not acknowledged
	if got := c.Status(3 * time.Second).Blocked.Rule(); got != "V3" {
		t.Errorf("blocked by %q", got)
	}
	c.SetDisabled(rules.Without(rules.AckRule))
	if got := c.Status(3 * time.Second).Blocked.Rule(); got != "V5" {
		t.Errorf("blocked by %q while the ack rule is off", got)
	}
}
