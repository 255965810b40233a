package engine_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/world"
	"cluster/splitbrain/viewservice/rules"
)

// TestKnownLies: what was once said and did not come true, each with the script that shows it.
func TestKnownLies(t *testing.T) {
	for _, c := range []struct {
		name    string
		servers int
		off     rules.Disabled
		lines   string
		says    string // at the end, or soon after it
		never   string // from then on
	}{
		{"an old primary that gave its backup up answers alone", 3, rules.Without(rules.AckRule),
			"wait 90ms; cut s1 s2; wait 20ms; cut s1 > vs; cut vs > s1; wait 1500ms", "s1 answers on in view 2", "it completes nothing"},
		{"without restart-detection nobody confirms", 2, rules.Without(rules.RestartDetection),
			"put a 1 @c3; wait 800ms; restart s2; wait 200ms", "taken for its earlier boot", "s1 answers once s2 has confirmed"},
		{"without forward-gets Gets are answered alone", 2, rules.Without(rules.ForwardGets),
			"wait 800ms", "s1 answers Gets alone, and the rest once s2 has confirmed", "view 2: s1 answers once"},
		{"without wait-for-backup a cut-off primary answers alone", 3, rules.Without(rules.WaitForBackup),
			"put a 1 @c1; wait 800ms; partition s1 c1 | s2 s3 c2 c3 vs; wait 900ms", "it answers clients alone, since wait-for-backup is off", "it completes nothing"},
		{"a frozen viewservice thaws", 2, 0, "wait 500ms; freeze vs; kill s1", "until it thaws", "by design"},
		{"nothing will ever form a view", 2, 0, "wait 500ms; restart vs; restart s1; restart s2; wait 100ms", "nobody serves any more", "no server has pinged yet"},
		{"stuck for ever says what is left", 1, 0, "wait 500ms; kill s1; wait 700ms", "reset begins anew", ""},
		{"answered while the backup is only unheard", 2, 0, "put a 1 @c3; wait 500ms; cut vs s2; put a 2 @c1; wait 50ms", "clients are answered meanwhile", "operations wait"},
		{"a lone primary that is not heard serves", 1, 0, "cut s1 vs; wait 600ms; put a 2 @c1", "", "nobody may serve"},
		{"a lone primary that serves and is not heard", 1, 0, "wait 400ms; cut s1 vs; wait 600ms; put a 2 @c1", "s1 serves on in view 1", "nobody may serve"},
		{"a primary that can't learn gives nobody up", 2, 0, "cut vs > s1; wait 200ms; freeze s2; wait 100ms", "s1 can't learn of view 1", "gives it up"},
		{"a reboot that can't be heard", 2, 0, "wait 500ms; cut s1 > vs; restart s1", "s1 came back empty · then s2 takes over", "once s1 pings"},
		{"a reboot that is not noticed", 2, rules.Without(rules.RestartDetection), "wait 500ms; cut s1 > vs; restart s1", "", "once s1 pings"},
		{"a held ping is not stuck for ever", 2, 0, "wait 90ms; hold s1 vs; wait 500ms; kill s1; wait 600ms", "", "stuck for ever, by design"},
		{"views follow each other", 2, 0, "wait 500ms; cut vs > s2; restart s2; wait 400ms", "views follow each other", "s1 fills s2"},
		{"nobody serves in view 1", 1, 0, "get a @c1; wait 10ms; kill vs", "uncertain", "service goes on"},
		{"the pair waits for ever", 2, 0, "put a 1 @c3; wait 500ms; kill vs; restart s2; put a 2 @c1; wait 100ms", "nobody serves any more, by design", "service goes on"},
		{"clients who can't learn the view", 2, 0, "put a 1 @c3; wait 500ms; restart s1; restart vs", "nobody serves any more, by design", "service goes on"},
		{"whether the backup confirms what a second boot sends", 3, rules.Without(rules.AckRule) | rules.Without(rules.RestartDetection),
			"wait 200ms; get a @c1; wait 200ms; restart s1; wait 30ms", "", "s1 answers once s2 has confirmed"},
		{"a backup that nobody heard for long may still count as dead", 2, rules.Without(rules.ReplicateFilter),
			"wait 900ms; kill s2; wait 400ms; rule restart-detection off; wait 10ms; restart s2", "", ""},
		{"a primary that was never filled may serve", 3, rules.Without(rules.AckAfterTransfer) | rules.Without(rules.FilterDuplicates),
			"wait 390ms; hold s2 vs; restart s1; wait 90ms; deliver first; wait 10ms", "", ""},
		{"a primary that a later view has replaced answers on", 2, 0,
			"wait 733ms; cut vs s1; wait 350ms; cut vs s2; wait 700ms", "s1 answers on, and no view follows until that ends", "nothing changes until that ends"},
		{"a backup that was never filled takes over", 4, rules.Without(rules.AckRule) | rules.Without(rules.AckAfterTransfer),
			"wait 1ms; kill s1; put a x @c2", "a server without the data may take over, since ack-after-transfer is off", "nobody can take over"},
		{"both restart, and one of them takes over", 2, rules.Without(rules.AckRule) | rules.Without(rules.AckAfterTransfer),
			"wait 992ms; kill s1; kill s2", "since ack-after-transfer is off", "by design"},
		{"the first primary starts again before Ping(1)", 1, rules.Without(rules.AckRule) | rules.Without(rules.WaitForBackup),
			"wait 90ms; restart s1", "view 1 waits for its Ping(1), or that of its next start", "nobody can take over"},
		{"the first primary starts again after it was declared dead", 1, rules.Without(rules.AckRule),
			"wait 10ms; kill s1; wait 900ms; restart s1", "s1 is back", "lost for ever"},
		{"a reply that tells a backup of its view is under way", 2, 0,
			"wait 365ms; restart s1; wait 1ms; loss vs s1 100% replies", "view 3 waits for Ping(3) from s2", ""},
		{"a ping that acknowledges view 1 is under way", 1, rules.Without(rules.AckAfterTransfer),
			"wait 100ms; loss s1 vs 100%", "", "s1 answers nobody"},
		{"a delayed reply that acknowledges view 1 is under way", 1, 0, "delay vs s1 250ms; wait 500ms; cut s1 > vs", "", ""},
		{"a ping that acknowledges a view is under way", 2, 0, "wait 320ms; freeze s1; wait 290ms; wait 200ms; hold s2 vs", "", ""},
		{"a lone primary that is heard at times serves meanwhile", 1, rules.Without(rules.Continuity),
			"loss s1 vs 50%; wait 300ms", "", ""},
		{"the only server came back, and there is nobody else", 1, 0,
			"wait 842ms; restart s1; wait 90ms; rule continuity off", "a server may serve without the data, since continuity is off", ""},
		{"a backup that is slow may confirm yet", 3, 0, "wait 928ms; cut vs s1; cut s2 > vs; delay s2 s1 250ms", "", ""},
		{"the backup's restart was never noticed", 3, rules.Without(rules.RestartDetection) | rules.Without(rules.ForwardGets),
			"wait 431ms; restart s2; wait 900ms; rule restart-detection on; put a 2 @c1; wait 300ms", "restart-detection was off · s1 completes nothing until one of them is killed", "before a newer view"},
		{"an earlier primary answers while the pair can't", 3, rules.Without(rules.RestartDetection) | rules.Without(rules.ReplicateFilter),
			"put a 1 @c3; wait 937ms; restart s1; wait 1ms; hold s1 vs; wait 900ms; restart s3", "", ""},
		{"a ping of the boot before is held", 2, 0, "cut s1 vs; wait 900ms; hold s2 vs; wait 90ms; cut vs s2; restart s2", "", ""},
		{"a backup that is given up is backup again at the same moment", 2, rules.Without(rules.AckRule),
			"wait 309ms; loss s2 s1 100%; wait 100ms; restart s1; wait 1ms", "", ""},
		{"a reply that tells of the acknowledgement is under way", 1, 0, "wait 101ms; hold vs s1", "", ""},
		{"a reply that tells a primary of its view is under way", 3, 0, "wait 999ms; restart s2; wait 2ms; hold vs s1", "", ""},
		{"a server without the data takes over from one that serves on", 2, rules.Without(rules.Continuity) | rules.Without(rules.BackupChecksView),
			"kill s1; wait 400ms; isolate s2; wait 900ms; restart s1", "a server without the data may take over, since continuity is off", ""},
		{"an answer is held", 1, 0, "append a y @c2; hold s1 c2; wait 900ms; restart s1", "an answer for c2 is still held", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := ordeal{engine.Config{Servers: c.servers, Clients: 3, PingInterval: 100 * time.Millisecond, DeadPings: 5, Disabled: c.off}, strings.Split(c.lines, "; ")}
			for _, ask := range []bool{false, true} {
				lies, _ := o.run(ask)
				for _, l := range lies {
					t.Errorf("asking %v, after %d lines at %v: %s\nclaims %v: %s", ask, l.line+1, l.when, l.said, l.claim.Code, l.saw)
				}
			}
			r := &course{world: world.NewWorld(o.cfg)}
			for _, line := range o.lines {
				r.do(line)
			}
			var told []string
			for range 40 {
				told = append(told, r.snapshot().Why.String())
				r.pass(10 * time.Millisecond)
			}
			all := strings.Join(slices.Compact(told), "\n")
			if !strings.Contains(all, c.says) || c.never != "" && strings.Contains(all, c.never) {
				t.Errorf("wants %q and never %q:\n%s", c.says, c.never, all)
			}
		})
	}
}

// TestHeldTwice: of a message that is sent again the first sending is named, and not its copy; a delay is named too.
func TestHeldTwice(t *testing.T) {
	c := &course{world: world.NewWorld(engine.Config{Servers: 2, Clients: 3, PingInterval: 100 * time.Millisecond, DeadPings: 5})}
	for _, line := range []string{"put a 1 @c1", "wait 500ms", "hold c1 s1", "put a 2 @c1", "wait 250ms", "duplicate first"} {
		c.do(line)
	}
	held := c.world.HeldMessages()
	if text := c.snapshot().Clients[0].Waits.Text; len(held) != 3 || !strings.Contains(text, fmt.Sprintf("request %d is held", held[0].Msg)) {
		t.Errorf("%q of %v", text, held)
	}
	for _, line := range []string{"release", "wait 300ms", "delay c1 s1 150ms", "put a 3 @c1", "wait 20ms"} {
		c.do(line)
	}
	if text := c.snapshot().Clients[0].Waits.Text; !strings.Contains(text, "c1 > s1 is delayed by 150ms") {
		t.Errorf("%q", text)
	}
}

// TestStuckIsStuck: nobody is answered while it holds that the service is stuck.
func TestStuckIsStuck(t *testing.T) {
	c := &course{world: world.NewWorld(engine.Config{Servers: 1, Clients: 3, PingInterval: 100 * time.Millisecond, DeadPings: 5})}
	for _, line := range []string{"put a 1 @c3", "wait 300ms", "cut s1 vs", "wait 600ms"} {
		c.do(line)
	}
	if w := c.snapshot().Why; w.Level >= engine.Stuck {
		t.Errorf("level %d: %v", w.Level, w)
	}
}

// TestHeldForAnotherOperation: neither a forward of something that is done by now nor an answer to an earlier operation is
// named, though it says the same.
func TestHeldForAnotherOperation(t *testing.T) {
	for _, link := range []string{"s1 s2", "s1 c1"} {
		c := &course{world: world.NewWorld(engine.Config{Servers: 2, Clients: 3, PingInterval: 100 * time.Millisecond, DeadPings: 5})}
		lines := []string{"put b 1 @c1", "wait 500ms", "hold " + link, "put a 1 @c1", "wait 350ms", "deliver first", "wait 50ms", "put a 1 @c1", "wait 350ms"}
		for _, line := range lines[:len(lines)-2] {
			c.do(line)
		}
		left := len(c.world.HeldMessages())
		for _, line := range lines[len(lines)-2:] {
			c.do(line)
		}
		held := c.world.HeldMessages()
		needs := c.snapshot().Clients[0].Waits.Needs
		if left == 0 || len(held) <= left || len(needs) == 0 || needs[0].Msg != held[left].Msg {
			t.Errorf("%s: %+v is named, %d are of the operation before, of %+v", link, needs, left, held)
		}
	}
}
