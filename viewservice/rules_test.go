package viewservice

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestV1_FirstView(t *testing.T) {
	p := newPlay(standard)
	p.wants(t, "0 · ·")
	p.wantsBlocked(t, Cause{Code: NoServer})
	reply := p.ping("s2", 0)
	if reply.View != (View{1, "s2", ""}) || reply.Acked {
		t.Errorf("reply to the first ping: %+v", reply)
	}
	p.wantsCauses(t, Cause{Code: FirstPing, Server: "s2"})
	p.ping("s1", 0)
	p.wants(t, "1 s2 ·")
}

func TestV2_Acknowledgement(t *testing.T) {
	p := newPlay(standard)
	p.pair("s3")
	p.alive(limit, "s2", "s3")
	p.wants(t, "3 s2 s3")
	for _, a := range []PingArgs{
		{Me: "s2", Viewnum: 2, Boot: 1}, // the primary, still in the view before
		{Me: "s3", Viewnum: 3, Boot: 1}, // the backup
		{Me: "s4", Viewnum: 3, Boot: 1}, // anybody
	} {
		if p.send(a).Acked {
			t.Fatalf("%s of %s acknowledged view 3", a.Summary(), a.Me)
		}
	}
	if !p.ping("s2", 3).Acked {
		t.Error("the primary's Ping(3) did not acknowledge view 3")
	}
}

func TestV3_AckRule(t *testing.T) {
	t.Run("nobody to move on with", func(t *testing.T) {
		p := newPlay(standard)
		p.ping("s1", 0)
		p.ping("s2", 0)
		p.wantsBlocked(t, Cause{Code: UnackedJoin, Server: "s1", View: 1, Other: "s2", Allowed: limit})
		p.alive(10*limit, "s1", "s2")
		p.wants(t, "1 s1 ·")
		p.ping("s1", 1)
		p.wants(t, "2 s1 s2")
	})
	t.Run("the backup dies", func(t *testing.T) {
		p := transferring()
		p.alive(10*limit, "s1", "s3")
		p.wants(t, "2 s1 s2")
		p.wantsBlocked(t, Cause{Code: UnackedLoss, Server: "s1", View: 2, Other: "s2", Allowed: limit})
		p.ping("s1", 2)
		p.wants(t, "3 s1 s3")
	})
	t.Run("the primary dies", func(t *testing.T) {
		p := transferring()
		p.alive(10*limit, "s2", "s3")
		p.wants(t, "2 s1 s2")
		p.wantsBlocked(t, Cause{Code: UnackedDead, Server: "s1", View: 2, Silent: 10 * limit, Allowed: limit})
	})
	t.Run("the primary restarts", func(t *testing.T) {
		p := transferring()
		p.restart("s1")
		p.ping("s1", 2)
		p.giveUp("s1", 2)
		p.alive(10*limit, "s1", "s2", "s3")
		p.wants(t, "2 s1 s2")
		p.wantsBlocked(t, Cause{Code: UnackedRestart, Server: "s1", View: 2, Allowed: limit})
	})
}

// transferring is view 2 of s1 and s2 before its acknowledgement, with s3 waiting.
func transferring() *play {
	p := newPlay(standard)
	p.ping("s1", 0)
	p.ping("s1", 1)
	p.ping("s2", 0)
	p.ping("s3", 0)
	return p
}

func TestV4_Reasons(t *testing.T) {
	silent := limit - interval/2 // less than what is allowed
	t.Run("none", func(t *testing.T) {
		p := newPlay(standard)
		p.pair("s3")
		p.alive(10*limit, "s1", "s2", "s3")
		p.wait(silent)
		p.wants(t, "2 s1 s2")
		p.wantsBlocked(t, Cause{})
	})
	t.Run("primary dead", func(t *testing.T) {
		p := newPlay(standard)
		p.pair()
		p.alive(limit, "s2")
		p.wants(t, "3 s2 ·")
		p.wantsCauses(t, Cause{Code: PrimarySilent, Server: "s1", Silent: limit, Allowed: limit}, Cause{Code: Promoted, Server: "s2"})
	})
	t.Run("primary restarted", func(t *testing.T) {
		p := newPlay(standard)
		p.pair()
		p.restart("s1")
		p.wants(t, "3 s2 s1")
		p.wantsCauses(t, Cause{Code: PrimaryRestarted, Server: "s1", Allowed: limit},
			Cause{Code: Promoted, Server: "s2"}, Cause{Code: Appointed, Server: "s1"})
	})
	t.Run("backup dead", func(t *testing.T) {
		p := newPlay(standard)
		p.pair()
		p.alive(limit, "s1")
		p.wants(t, "3 s1 ·")
		p.wantsCauses(t, Cause{Code: BackupSilent, Server: "s2", Silent: limit, Allowed: limit})
	})
	t.Run("backup restarted", func(t *testing.T) {
		p := newPlay(standard)
		p.pair()
		p.restart("s2")
		p.wants(t, "3 s1 ·")
		p.wantsCauses(t, Cause{Code: BackupRestarted, Server: "s2", Allowed: limit})
	})
	t.Run("no backup and a volunteer", func(t *testing.T) {
		p := newPlay(standard)
		p.ping("s1", 0)
		p.ping("s1", 1)
		p.wants(t, "1 s1 ·")
		p.ping("s2", 0)
		p.wants(t, "2 s1 s2")
		p.wantsCauses(t, Cause{Code: NoBackup, Server: "s2"}, Cause{Code: Appointed, Server: "s2"})
	})
}

func TestV5_Continuity(t *testing.T) {
	t.Run("a lone primary has no successor", func(t *testing.T) {
		p := newPlay(standard)
		p.ping("s1", 0)
		p.ping("s1", 1)
		p.wait(limit)
		p.ping("s2", 0)
		p.alive(10*limit, "s2")
		p.wants(t, "1 s1 ·")
		p.wantsBlocked(t, Cause{Code: LoneLost, Server: "s1", Silent: 11 * limit, Allowed: limit})
		p.ping("s1", 1) // it was only cut off
		p.wants(t, "2 s1 s2")
	})
	t.Run("no dead backup is promoted", func(t *testing.T) {
		p := newPlay(standard)
		p.pair("s3")
		p.alive(10*limit, "s3")
		p.wants(t, "2 s1 s2")
		p.wantsBlocked(t, Cause{Code: BothLost, Server: "s1", Other: "s2", Silent: 10 * limit, Allowed: limit})
	})
	t.Run("no restarted backup is promoted", func(t *testing.T) {
		p := newPlay(standard)
		p.pair()
		p.wait(limit)
		p.restart("s2")
		p.wants(t, "2 s1 s2")
		p.wantsBlocked(t, Cause{Code: BothLost, Server: "s1", Other: "s2", Silent: limit, Allowed: limit})
		p.restart("s1")
		p.alive(limit, "s1", "s2")
		p.wants(t, "2 s1 s2")
		p.wantsBlocked(t, Cause{Code: BothRestarted, Server: "s1", Other: "s2", Allowed: limit})
	})
}

func TestV6_OneStep(t *testing.T) {
	t.Run("promotion and appointment", func(t *testing.T) {
		p := newPlay(standard)
		p.pair("s3")
		p.alive(limit, "s2", "s3")
		p.wants(t, "3 s2 s3")
		p.wantsCauses(t, Cause{Code: PrimarySilent, Server: "s1", Silent: limit, Allowed: limit},
			Cause{Code: Promoted, Server: "s2"}, Cause{Code: Appointed, Server: "s3"})
	})
	t.Run("volunteers in the order of coming", func(t *testing.T) {
		p := newPlay(standard)
		p.pair("s5", "s3", "s4")
		p.ping("s3", 0) // a later ping moves nobody
		p.wantsPlaces(t, "s5", "s3", "s4")
		p.alive(limit, "s1", "s5", "s3", "s4")
		p.wants(t, "3 s1 s5")
		p.wantsPlaces(t, "s3", "s4")
	})
	t.Run("a restarted volunteer comes anew", func(t *testing.T) {
		p := newPlay(standard)
		p.pair("s3", "s4")
		p.restart("s3")
		p.wantsPlaces(t, "s4", "s3")
	})
	t.Run("never the same pair twice", func(t *testing.T) {
		p := newPlay(standard)
		p.pair()
		p.restart("s2") // the only volunteer, and the backup that was just lost
		p.wants(t, "3 s1 ·")
		p.ping("s1", 3)
		p.wants(t, "4 s1 s2")
	})
}

func TestV7_Restart(t *testing.T) {
	t.Run("no ping missed", func(t *testing.T) {
		p := newPlay(standard)
		p.pair()
		p.alive(interval, "s1", "s2")
		p.restart("s1")
		p.wants(t, "3 s2 s1")
	})
	t.Run("a boot that is first heard in the view", func(t *testing.T) {
		p := newPlay(standard)
		p.pair()
		p.boots["s1"]++
		p.ping("s1", 2) // it has learned the view before its Ping(0) came through
		p.wants(t, "3 s2 s1")
	})
	t.Run("unacknowledged view", func(t *testing.T) {
		p := transferring()
		p.restart("s2")
		p.alive(limit, "s1", "s2", "s3")
		p.wants(t, "2 s1 s2") // V3; the mark lasts
		p.ping("s1", 2)
		p.wants(t, "3 s1 s3")
	})
	t.Run("marks last until the view changes", func(t *testing.T) {
		p := newPlay(standard)
		p.pair()
		p.restart("s2")
		p.ping("s1", 3)
		p.wants(t, "4 s1 s2")
		p.ping("s1", 4)
		p.alive(limit, "s1", "s2")
		p.wants(t, "4 s1 s2")
		p.alive(limit, "s2")
		p.wants(t, "5 s2 ·") // in view 4 it is complete
	})
	t.Run("the primary of unacknowledged view 1", func(t *testing.T) {
		p := newPlay(standard)
		p.ping("s1", 0)
		if p.restart("s1"); !p.ping("s1", 1).Acked {
			t.Error("its next boot could not acknowledge view 1")
		}
		p.wantsBlocked(t, Cause{})
	})
	t.Run("older boots", func(t *testing.T) {
		p := newPlay(standard)
		p.ping("s1", 0)
		p.restart("s1")
		if p.send(PingArgs{Me: "s1", Viewnum: 1, Boot: 1}).Acked {
			t.Error("an older boot acknowledged view 1")
		}
		p.ping("s1", 1)
		p.ping("s2", 0)
		p.ping("s1", 2)
		for range 2 * DefaultDeadPings {
			p.alive(interval, "s2")
			p.send(PingArgs{Me: "s1", Viewnum: 2, Boot: 1})
		}
		p.wants(t, "3 s2 ·") // they are no sign of life either
	})
	t.Run("the restarted is a volunteer like any other", func(t *testing.T) {
		p := newPlay(standard)
		p.pair("s3")
		p.restart("s1")
		p.wants(t, "3 s2 s3")
		p.wantsPlaces(t, "s1")
	})
}

func TestV7_RestartOfBootlessServers(t *testing.T) {
	lab := func() *play {
		p := newPlay(standard)
		p.bootless("s1", "s2", "s3")
		return p
	}
	t.Run("Ping(0) of the primary", func(t *testing.T) {
		p := lab()
		p.pair()
		p.ping("s1", 0)
		p.wants(t, "3 s2 s1")
	})
	t.Run("Ping(0) of the backup", func(t *testing.T) {
		p := lab()
		p.pair("s3")
		p.ping("s2", 0)
		p.wants(t, "3 s1 s3")
	})
	t.Run("Ping(0) of a volunteer keeps the place", func(t *testing.T) {
		p := lab()
		p.bootless("s4")
		p.pair("s3", "s4")
		p.ping("s2", 0)
		p.ping("s1", 3)
		p.wants(t, "3 s1 s3")
		p.ping("s4", 0)
		p.wantsPlaces(t, "s4", "s2")
	})
	t.Run("Ping(0) in an unacknowledged view", func(t *testing.T) {
		p := lab()
		p.ping("s1", 0)
		p.ping("s1", 0)
		p.ping("s1", 1)
		p.ping("s2", 0)
		p.ping("s2", 0) // the backup has not entered view 2 yet
		p.ping("s1", 2)
		p.ping("s2", 2)
		p.wants(t, "2 s1 s2")
	})
	t.Run("each Ping(0) of one restart keeps the place", func(t *testing.T) {
		p := lab()
		p.pair()
		p.wait(limit)
		p.ping("s1", 0)
		p.ping("s3", 0)
		p.ping("s1", 0)
		p.ping("s2", 2) // it was only cut off
		p.wants(t, "3 s2 s1")
		p.wantsPlaces(t, "s3")
	})
}

func TestV8_Forgetting(t *testing.T) {
	p := newPlay(standard)
	p.pair("s3", "s4")
	p.alive(limit, "s1", "s2", "s4")
	p.wantsPlaces(t, "s4")
	p.ping("s3", 0)
	p.wantsPlaces(t, "s4", "s3") // it came again

	p.alive(limit-interval, "s1", "s2", "s3")
	p.now += interval
	p.ping("s4", 0) // too late, though no Tick has said so yet
	p.wantsPlaces(t, "s3", "s4")
}

func TestV9_Amnesia(t *testing.T) {
	t.Run("restarted", func(t *testing.T) {
		cfg := standard
		cfg.Restarted = true
		p := newPlay(cfg)
		p.wantsBlocked(t, Cause{Code: Amnesia})
		p.ping("s1", 0)
		p.ping("s2", 7)
		p.alive(limit, "s1", "s2")
		p.wants(t, "0 · ·")
		p.wantsBlocked(t, Cause{Code: Amnesia})
	})
	t.Run("a view that it does not know", func(t *testing.T) {
		p := newPlay(standard)
		p.ping("s2", 7)
		p.ping("s1", 0)
		p.alive(limit, "s1", "s2")
		p.wants(t, "0 · ·")
		p.wantsBlocked(t, Cause{Code: Stranger, Server: "s2", View: 7})
	})
	t.Run("beyond the present view", func(t *testing.T) {
		for _, boot := range []uint64{0, 1, 7} {
			p := newPlay(standard)
			p.pair("s3")
			p.send(PingArgs{Me: "s9", Viewnum: 7, Boot: boot})
			p.wantsBlocked(t, Cause{Code: Stranger, Server: "s9", View: 7})
			p.alive(2*limit, "s1", "s3") // s2 is lost
			p.wants(t, "2 s1 s2")
			p.send(PingArgs{Me: "s9", Viewnum: 8, Boot: boot})
			p.wantsBlocked(t, Cause{Code: Stranger, Server: "s9", View: 7}) // the first to show it
			if m := p.status().Member("s9"); m == nil || m.Entered != 8 {
				t.Errorf("s9 is known as %+v", m)
			}
		}
	})
	t.Run("of an older boot", func(t *testing.T) {
		p := newPlay(standard)
		p.pair()
		p.send(PingArgs{Me: "s2", Boot: 9})
		p.send(PingArgs{Me: "s2", Viewnum: 7, Boot: 8})
		p.wantsBlocked(t, Cause{Code: Stranger, Server: "s2", View: 7})
	})
	t.Run("before the acknowledgement", func(t *testing.T) {
		p := newPlay(standard)
		p.ping("s1", 0) // an empty server was first, and must not serve
		p.ping("s2", 7)
		if p.ping("s1", 1).Acked {
			t.Error("the empty server's view 1 was acknowledged")
		}
		p = transferring()
		p.ping("s9", 7)
		p.giveUp("s1", 2)
		p.wants(t, "2 s1 s2")
	})
}

func TestV10_BackupGivenUp(t *testing.T) {
	t.Run("the next volunteer", func(t *testing.T) {
		p := transferring()
		p.giveUp("s1", 2)
		p.wants(t, "3 s1 s3")
		p.wantsCauses(t, Cause{Code: BackupGivenUp, Server: "s2", Other: "s1"}, Cause{Code: Appointed, Server: "s3"})
	})
	t.Run("or none", func(t *testing.T) {
		p := transferring()
		p.alive(limit, "s1", "s2")
		p.giveUp("s1", 2)
		p.wants(t, "3 s1 ·")
		p.ping("s1", 1) // it entered neither view 2 nor view 3 yet, and is as alive as before
		p.alive(limit, "s1", "s2")
		p.wantsBlocked(t, Cause{Code: UnackedJoin, Server: "s1", View: 3, Other: "s2", Allowed: limit})
		p.ping("s1", 3)
		p.wants(t, "4 s1 s2")
	})
	t.Run("the given-up goes to the end", func(t *testing.T) {
		p := transferring()
		p.ping("s4", 0)
		p.giveUp("s1", 2)
		p.wants(t, "3 s1 s3")
		p.wantsPlaces(t, "s4", "s2")
	})
	t.Run("once", func(t *testing.T) {
		p := transferring()
		p.giveUp("s1", 2)
		p.giveUp("s1", 2) // doubled by the network
		p.wants(t, "3 s1 s3")
	})
	t.Run("only of the unacknowledged view and by its primary", func(t *testing.T) {
		p := transferring()
		p.giveUp("s3", 2)
		p.giveUp("s1", 1)
		p.wants(t, "2 s1 s2")
		p.ping("s1", 2)
		p.giveUp("s1", 2)
		p.wants(t, "2 s1 s2")
	})
	t.Run("the view after is not acknowledged", func(t *testing.T) {
		p := transferring()
		if p.giveUp("s1", 2).Acked {
			t.Error("view 3 is acknowledged by Ping(2, backup lost)")
		}
	})
}

func TestReplySaysAcked(t *testing.T) {
	p := newPlay(standard)
	p.ping("s1", 0)
	if p.ping("s2", 0).Acked {
		t.Error("view 1 acknowledged before Ping(1)")
	}
	p.alive(limit, "s1") // so that no volunteer is left
	if !p.ping("s1", 1).Acked {
		t.Error("the reply to the acknowledgement does not say so")
	}
	p.wants(t, "1 s1 ·")
	if p.ping("s2", 0).Acked {
		t.Error("view 2 acknowledged by a ping of its backup")
	}
}

func TestStatusLetsTimePass(t *testing.T) {
	p := newPlay(standard)
	p.pair()
	p.alive(limit-interval, "s2")
	s := p.core.Status(p.now + interval) // no Tick has told of s1's death yet
	if s.View != (View{3, "s2", ""}) || s.Blocked != (Cause{}) {
		t.Errorf("view %v, blocked by %q", s.View, s.Blocked)
	}
}

func TestNamesRefused(t *testing.T) {
	c := New(standard)
	for _, name := range []string{"", strings.Repeat("x", maxName+1)} {
		if _, err := c.Ping(0, PingArgs{Me: name}); err == nil {
			t.Errorf("a name of %d bytes was taken", len(name))
		}
	}
	if v, _ := c.Current(); v.Viewnum != 0 {
		t.Errorf("a refused ping formed view %v", v)
	}
	if _, err := c.Ping(0, PingArgs{Me: strings.Repeat("x", maxName)}); err != nil {
		t.Errorf("a name of %d bytes was refused: %v", maxName, err)
	}
}

func TestNamesBounded(t *testing.T) {
	c := New(standard)
	ping := func(now time.Duration, name string) error {
		_, err := c.Ping(now, PingArgs{Me: name, Boot: 1})
		return err
	}
	for i := range maxServers {
		if err := ping(time.Duration(i), fmt.Sprint("s", i)); err != nil {
			t.Fatal(err)
		}
		if i > 0 { // s0 would acknowledge the view, and another follow
			_, _ = c.Ping(time.Duration(i), PingArgs{Me: fmt.Sprint("s", i), Boot: 1, Viewnum: 1})
		}
	}
	if ping(maxServers, "new") == nil {
		t.Errorf("more than %d live names were taken", maxServers)
	}
	// s0 is silent as long as s1, but primary: s1 is the longest forgotten.
	if err := ping(limit+10, "new"); err != nil {
		t.Errorf("no room, though some are forgotten: %v", err)
	}
	if len(c.servers) != maxServers || c.find("s0") == nil || c.find("s1") != nil || c.find("s2") == nil {
		t.Errorf("%d names; s0 %v, s1 %v, s2 %v", len(c.servers), c.find("s0"), c.find("s1"), c.find("s2"))
	}
}

// TestNamesSilentLongestGoFirst: whichever place in the table theirs is.
func TestNamesSilentLongestGoFirst(t *testing.T) {
	for _, longest := range []string{"s0", "s9"} {
		c := New(Config{PingInterval: interval, DeadPings: DefaultDeadPings, Restarted: true}) // no name is a member
		ping := func(now time.Duration, name string) {
			if _, err := c.Ping(now, PingArgs{Me: name, Boot: 1}); err != nil {
				t.Fatal(err)
			}
		}
		for i := range maxServers {
			ping(0, fmt.Sprint("s", i))
		}
		for i := range maxServers {
			if name := fmt.Sprint("s", i); name != longest {
				ping(interval, name)
			}
		}
		ping(10*limit, "new")
		for _, m := range c.Status(10 * limit).Servers {
			if m.Name == longest {
				t.Errorf("%s was silent longest, and yet others were forgotten", longest)
			}
		}
	}
}

func TestChangesBounded(t *testing.T) {
	p := newPlay(standard)
	p.pair()
	for n := Number(2); n < maxChanges+10; {
		p.restart("s2")
		n++
		p.ping("s1", n)
		n++
		p.ping("s1", n)
	}
	changes := p.core.Status(p.now).Changes
	if len(changes) != maxChanges || changes[maxChanges-1].View != p.core.view {
		t.Errorf("%d changes, the last of view %v; now view %v", len(changes), changes[len(changes)-1].View, p.core.view)
	}
}

func TestConfigValidate(t *testing.T) {
	for _, c := range []Config{
		{PingInterval: 0, DeadPings: 5}, {PingInterval: -interval, DeadPings: 5},
		{PingInterval: interval}, {PingInterval: interval, DeadPings: -1},
	} {
		if c.Validate() == nil {
			t.Errorf("%+v passes", c)
		}
	}
	for _, c := range []Config{standard, {PingInterval: 1, DeadPings: 1}} {
		if err := c.Validate(); err != nil {
			t.Error(err)
		}
	}
}
