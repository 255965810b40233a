package cluster_test

import (
	"context"
	"testing"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/engine/enginetest"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice"
	"cluster/splitbrain/viewservice/rules"
)

// answersAlone reports whether a Get is answered although the backup hears nothing.
func (f fixture) answersAlone(client string) bool {
	ctx, cancel := context.WithTimeout(f.Context(), 250*time.Millisecond)
	defer cancel()
	_, err := engine.Do(ctx, f, client, pbservice.Op{Kind: pbservice.Get, Key: "hello"})
	return err == nil
}

func TestSwitchReachesEveryBootOfEveryServer(t *testing.T) {
	play(t, engine.Defaults, func(f fixture) {
		f.view("2 s1 s2")
		f.meet()
		f.must(enginetest.Do(f, "cut", "s1", ">", "s2"))
		if f.answersAlone("c1") {
			t.Error("S5: a Get was answered alone")
		}
		f.must(enginetest.Do(f, "rule", rules.ForwardGets, "off"))
		if !f.answersAlone("c1") {
			t.Error("the switch has not reached s1")
		}
		if off := f.look().Disabled; off != rules.Without(rules.ForwardGets) {
			t.Errorf("the snapshot tells that %v is off", off)
		}
		f.must(enginetest.Do(f, "heal"), enginetest.Do(f, "restart", "s3"), enginetest.Do(f, "kill", "s1"))
		f.view("3 s2 s3")
		f.must(enginetest.Do(f, "cut", "s2", ">", "s3"), enginetest.Do(f, "kill", "s2"), enginetest.Do(f, "heal"))
		f.view("4 s3 ·")
		f.meet()
		f.must(enginetest.Do(f, "restart", "s1"))
		f.view("5 s3 s1")
		f.must(enginetest.Do(f, "cut", "s3", ">", "s1"))
		if !f.answersAlone("c1") {
			t.Error("a later boot of s3 does not know that the rule is off")
		}
		f.must(enginetest.Do(f, "rule", rules.ForwardGets, "on"))
		if f.answersAlone("c1") {
			t.Error("the rule is on again, and s3 does not know it")
		}
	})
}

func TestSwitchReachesTheViewservice(t *testing.T) {
	cfg := engine.Defaults
	cfg.Servers = 2
	play(t, cfg, func(f fixture) {
		f.view("2 s1 s2")
		f.must(enginetest.Do(f, "kill", "s2"))
		f.view("3 s1 ·")
		f.must(enginetest.Do(f, "rule", rules.Continuity, "off"), enginetest.Do(f, "kill", "s1"))
		f.until("s1 counted as dead", func(s engine.Snapshot) bool {
			return s.Viewservice.Status.Blocked.Code == viewservice.LoneLost
		})
		f.must(enginetest.Do(f, "restart", "s2"))
		f.view("4 s2 ·") // V5 off: s2 has no data
	})
}

func TestRulesCanBeOffFromTheBeginning(t *testing.T) {
	cfg := engine.Defaults
	cfg.Disabled = rules.Without(rules.ForwardGets)
	play(t, cfg, func(f fixture) {
		f.view("2 s1 s2")
		f.meet()
		f.must(enginetest.Do(f, "cut", "s1", ">", "s2"))
		if !f.answersAlone("c1") {
			t.Error("s1 forwards Gets")
		}
	})
}
