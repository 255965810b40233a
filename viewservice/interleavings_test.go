package viewservice

import (
	"testing"
	"time"
)

func TestH1_FirstRepliesLost(t *testing.T) {
	for _, boot := range []uint64{0, 1} {
		p := newPlay(standard)
		p.boots["s1"] = boot
		p.alive(3*interval, "s1", "s2") // nobody hears the replies, so everybody repeats Ping(0)
		p.wants(t, "1 s1 ·")
		p.wantsBlocked(t, Cause{Code: UnackedJoin, Server: "s1", View: 1, Other: "s2", Allowed: limit})
		p.ping("s1", 1)
		p.wants(t, "2 s1 s2")
	}
}

func TestH2_PrimaryBackWithinAnInterval(t *testing.T) {
	for _, boot := range []uint64{0, 1} {
		p := newPlay(standard)
		p.boots["s1"] = boot
		p.pair("s3")
		p.alive(interval, "s1", "s2", "s3")
		p.wait(interval / 2)
		if boot > 0 {
			p.boots["s1"]++
		}
		p.ping("s1", 0)
		p.wants(t, "3 s2 s3")
	}
}

func TestH3_SolePrimaryBack(t *testing.T) {
	t.Run("view 1", func(t *testing.T) {
		p := newPlay(standard)
		p.ping("s1", 0)
		p.ping("s1", 1)
		p.restart("s1")
		p.ping("s1", 1)
		p.alive(10*limit, "s1", "s2")
		p.wants(t, "1 s1 ·")
		p.wantsBlocked(t, Cause{Code: LoneRestarted, Server: "s1", Allowed: limit})
	})
	t.Run("later", func(t *testing.T) {
		p := newPlay(standard)
		p.pair()
		p.alive(limit, "s1")
		p.ping("s1", 3)
		p.wants(t, "3 s1 ·")
		p.restart("s1")
		p.alive(10*limit, "s1", "s2")
		p.wants(t, "3 s1 ·")
		p.wantsBlocked(t, Cause{Code: LoneRestarted, Server: "s1", Allowed: limit})
		if !p.blocked().ForEver() {
			t.Error("the cause does not say that it is for ever")
		}
	})
}

func TestH15_BothVanishOneReturns(t *testing.T) {
	vanished := func() *play {
		p := newPlay(standard)
		p.pair("s3")
		p.alive(2*limit, "s3")
		p.wants(t, "2 s1 s2")
		return p
	}
	t.Run("the primary", func(t *testing.T) {
		p := vanished()
		p.ping("s1", 2)
		p.wants(t, "3 s1 s3")
	})
	t.Run("the backup", func(t *testing.T) {
		p := vanished()
		p.ping("s2", 2)
		p.wants(t, "3 s2 s3")
	})
	t.Run("the backup, after the primary came back empty", func(t *testing.T) {
		p := vanished()
		p.restart("s1")
		p.wants(t, "2 s1 s2")
		p.ping("s2", 2)
		p.wants(t, "3 s2 s3")
	})
}

// bothSilent is an acknowledged view 2 of s1 and s2 that both have fallen silent, first so much earlier than the other.
func bothSilent(first string, apart time.Duration) *play {
	p := newPlay(standard)
	p.pair()
	p.alive(2*interval, "s1", "s2")
	second := map[string]string{"s1": "s2", "s2": "s1"}[first]
	p.wait(apart)
	p.ping(second, 2)
	return p
}

// H15, H26: two that vanish together are never heard last at the same instant. Whichever returns serves, whatever the other
// has done meanwhile.
func TestH15_WhicheverReturnsServes(t *testing.T) {
	for apart := time.Duration(0); apart < (DefaultDeadPings-maxMissed)*interval; apart += interval / 4 {
		for _, first := range []string{"s1", "s2"} {
			for _, returns := range []string{"s1", "s2"} {
				for away := interval / 2; away < 3*limit; away += interval / 2 {
					p := bothSilent(first, apart)
					p.wait(away)
					p.alive(2*limit, returns)
					p.ping(returns, p.core.view.Viewnum)
					p.wait(0)
					if p.core.view.Primary != returns || !p.core.acked {
						t.Errorf("%s fell silent %v before the other; after %v %s returned: view %v, acknowledged %v, blocked: %v",
							first, apart, away, returns, p.core.view, p.core.acked, p.blocked())
					}
				}
			}
		}
	}
}

// While nobody knows who is gone, the screen is told whose ping is awaited.
func TestV5_NextPrimaryMustHaveBeenHeard(t *testing.T) {
	p := bothSilent("s1", interval)
	p.wait(limit - interval)
	p.wants(t, "2 s1 s2")
	p.wantsBlocked(t, Cause{Code: NextUnheard, Server: "s2", Silent: limit - interval, Allowed: maxMissed * interval})
	p.ping("s2", 2)
	p.wants(t, "3 s2 ·")

	p = bothSilent("s2", interval) // the one that stays must have been heard, too
	p.wait(limit - interval)
	p.wants(t, "2 s1 s2")
	p.wantsBlocked(t, Cause{Code: NextUnheard, Server: "s1", Silent: limit - interval, Allowed: maxMissed * interval})
	p.ping("s1", 2)
	p.wants(t, "3 s1 ·")
}

func TestH16_VolunteerDiesUnnoticed(t *testing.T) {
	p := newPlay(standard)
	p.pair("s3", "s4")
	p.alive(interval, "s1", "s2", "s4") // s3 is dead from here on, and nobody was ever told
	p.alive(limit, "s2", "s4")
	p.wants(t, "3 s2 s4")
}

func TestH19_OldPings(t *testing.T) {
	t.Run("an old Ping(0) is no restart", func(t *testing.T) {
		p := newPlay(standard)
		p.pair("s3")
		p.send(PingArgs{Me: "s1", Boot: 1})
		p.send(PingArgs{Me: "s2", Boot: 1})
		p.wants(t, "2 s1 s2")
	})
	t.Run("an old acknowledgement is none", func(t *testing.T) {
		p := transferring()
		if p.ping("s1", 1).Acked {
			t.Error("Ping(1) acknowledged view 2")
		}
	})
	t.Run("an old ping is no sign of life", func(t *testing.T) {
		p := newPlay(standard)
		p.pair()
		for range DefaultDeadPings {
			p.alive(interval, "s2")
			p.send(PingArgs{Me: "s1", Boot: 1})
			p.send(PingArgs{Me: "s1", Viewnum: 1, Boot: 1})
		}
		p.wants(t, "3 s2 ·")
	})
}

func TestH20_FreshServerFirstAfterAmnesia(t *testing.T) {
	for _, restarted := range []bool{true, false} {
		cfg := standard
		cfg.Restarted = restarted
		p := newPlay(cfg)
		if !restarted { // nobody told it: the first of the old view does
			p.ping("s1", 4)
		}
		p.ping("s9", 0)
		p.alive(limit, "s9", "s1", "s2")
		p.wants(t, "0 · ·")
		if !p.blocked().ForEver() {
			t.Errorf("restarted %v: blocked by %v", restarted, p.blocked())
		}
	}
}

func TestH23_BackupDiesUnacknowledged(t *testing.T) {
	t.Run("dead", func(t *testing.T) {
		p := transferring()
		p.alive(limit, "s1", "s3")
		p.wants(t, "2 s1 s2") // V3: only the primary can say that nothing was promised to the backup
		p.giveUp("s1", 2)
		p.wants(t, "3 s1 s3")
		p.wantsPlaces(t)
	})
	t.Run("alive, but out of the primary's reach", func(t *testing.T) {
		p := transferring()
		p.alive(limit, "s1", "s2", "s3")
		p.giveUp("s1", 2)
		p.wants(t, "3 s1 s3")
		p.ping("s1", 3)
		p.alive(limit, "s1", "s3", "s2")
		p.wants(t, "3 s1 s3")
	})
}
