package cluster_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/engine/enginetest"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice"
)

func TestBackupTakesOver(t *testing.T) {
	play(t, engine.Defaults, func(f fixture) {
		f.view("2 s1 s2")
		f.put("c1", "a", "1")
		f.must(enginetest.Do(f, "kill", "s1"))
		f.why(engine.Busy, "s1 crashed, silent for")
		s := f.view("3 s2 s3")
		if v := server(s, "s1"); v.State != netsim.Crashed || v.Status.Boot != 0 {
			f.Errorf("the dead are shown as %+v", v)
		}
		f.gets("c1", "a", "1")
		f.must(enginetest.Do(f, "restart", "s1"))
		s = f.until("s1 to be heard again", func(s engine.Snapshot) bool {
			v := server(s, "s1")
			return v.Boots == 2 && v.Status.View.Viewnum == 3
		})
		if v := server(s, "s1"); v.State != netsim.Up || v.Status.Keys != 0 {
			f.Errorf("the reborn are shown as %+v", v)
		}
		f.must(enginetest.Do(f, "kill", "s2"))
		f.view("4 s3 s1")
		f.gets("c2", "a", "1")
		f.until("s1 to be filled", func(s engine.Snapshot) bool { return server(s, "s1").Status.Keys == 1 })
	})
}

// H2
func TestQuickRestartIsNoticed(t *testing.T) {
	play(t, engine.Defaults, func(f fixture) {
		f.view("2 s1 s2")
		f.put("c1", "a", "1")
		f.must(enginetest.Do(f, "restart", "s1"))
		f.view("3 s2 s3")
		f.gets("c1", "a", "1")
	})
}

func TestPrimaryCutFromViewservice(t *testing.T) {
	play(t, engine.Defaults, func(f fixture) {
		f.view("2 s1 s2")
		f.meet()
		f.must(enginetest.Do(f, "partition s1 c1 | s2 s3 c2 vs"))
		if got, want := engine.NewIndex(f.look()).CutOff("s1"), []string{"vs", "s2", "s3"}; !slices.Equal(got, want) {
			f.Errorf("s1 is cut off from %v, want %v", got, want)
		}
		f.view("3 s2 s3")
		f.put("c2", "a", "2")
		ctx, cancel := context.WithTimeout(f.Context(), 10*time.Second)
		defer cancel()
		end := f.begin(ctx, "c1")
		f.until("c1 to wait for the cut", func(s engine.Snapshot) bool {
			return strings.Contains(s.Clients[0].Waits.Text, "s1 waits for s2 to confirm (S5): s1 > s2 is cut")
		})
		var unknown *pbservice.UnknownOutcomeError
		if err := end(); !errors.As(err, &unknown) || !errors.Is(err, context.DeadlineExceeded) {
			f.Errorf("c1 put: %v, want an unknown outcome", err)
		}
		f.must(enginetest.Do(f, "heal"))
		f.gets("c1", "a", "2")
		if faults := f.look().Faults; len(faults) != 0 {
			f.Errorf("after HealAll: %v", faults)
		}
	})
}

// H13
func TestPrimaryAndBackupCutFromEachOther(t *testing.T) {
	play(t, engine.Defaults, func(f fixture) {
		f.view("2 s1 s2")
		f.must(enginetest.Do(f, "cut", "s1", ">", "s2"))
		f.why(engine.Stuck, "the next operation will wait · s1 > s2 is cut")
		end := f.begin(f.Context(), "c1")
		f.why(engine.Stuck, "c1 waits · s1 > s2 is cut, and both still reach vs, so the view stays")
		time.Sleep(10 * time.Second)
		f.view("2 s1 s2")
		f.must(enginetest.Do(f, "heal", "s1", ">", "s2"))
		f.must(end())
	})
}

func TestFrozenPrimary(t *testing.T) {
	play(t, engine.Defaults, func(f fixture) {
		f.view("2 s1 s2")
		f.must(enginetest.Do(f, "freeze", "s1"))
		s := f.view("3 s2 s3")
		if v := server(s, "s1"); v.State != netsim.Frozen || v.Status.View.Viewnum != 2 {
			f.Errorf("the frozen answer the observer: %+v", v)
		}
		f.put("c1", "a", "1")
		f.why(engine.Busy, "it will still take itself for the primary of view 2")
		f.must(enginetest.Do(f, "thaw", "s1"))
		f.until("s1 to learn view 3", func(s engine.Snapshot) bool { return server(s, "s1").Status.View.Viewnum == 3 })
		f.gets("c1", "a", "1")
	})
}

func TestAllServersDie(t *testing.T) {
	play(t, engine.Defaults, func(f fixture) {
		f.view("2 s1 s2")
		f.must(enginetest.Do(f, "kill", "s1"), enginetest.Do(f, "kill", "s2"), enginetest.Do(f, "kill", "s3"))
		time.Sleep(time.Second)
		f.why(engine.Lost, "for ever")
		f.must(enginetest.Do(f, "restart", "s1"), enginetest.Do(f, "restart", "s2"), enginetest.Do(f, "restart", "s3"))
		time.Sleep(time.Second)
		f.why(engine.Lost, "for ever")
	})
}

// V5
func TestLonePrimaryDies(t *testing.T) {
	cfg := engine.Defaults
	cfg.Servers = 1
	play(t, cfg, func(f fixture) {
		f.view("1 s1 ·")
		f.must(enginetest.Do(f, "freeze", "s1"))
		f.why(engine.Stuck, "nobody may serve · only a server of view 1 has the data, and s1 is frozen")
		f.must(enginetest.Do(f, "kill", "s1"))
		f.why(engine.Lost, "the data of view 1 is lost for ever · s1 crashed")
		f.must(enginetest.Do(f, "restart", "s1"))
		f.why(engine.Lost, "the data of view 1 is lost for ever · s1 came back empty")
	})
}

// V3
func TestPrimaryDiesBeforeAcknowledging(t *testing.T) {
	play(t, engine.Defaults, func(f fixture) {
		f.view("2 s1 s2")
		f.must(enginetest.Do(f, "cut", "vs", ">", "s2"), enginetest.Do(f, "kill", "s1"))
		f.until("view 3", func(s engine.Snapshot) bool { return s.Viewservice.Status.View.Viewnum == 3 })
		f.why(engine.Stuck, "s2 can't learn of view 3 · vs > s2 is cut")
		f.must(enginetest.Do(f, "kill", "s2"))
		f.why(engine.Lost, "view 3 is not acknowledged · s2 died before Ping(3), and the ack rule forbids moving on · stuck for ever, by design")
		f.must(enginetest.Do(f, "restart", "s2"), enginetest.Do(f, "heal"))
		f.why(engine.Lost, "stuck for ever, by design")
	})
}

// H20
func TestViewserviceDiesAndForgets(t *testing.T) {
	play(t, engine.Defaults, func(f fixture) {
		f.view("2 s1 s2")
		f.meet()
		f.must(enginetest.Do(f, "kill", "vs"))
		f.why(engine.AtRisk, "the viewservice is down · service goes on in view 2")
		s := f.look()
		if s.Viewservice.State != netsim.Crashed || s.Viewservice.Status.View.Viewnum != 2 {
			f.Errorf("the last answer of vs is lost: %+v", s.Viewservice)
		}
		f.put("c1", "a", "1")
		f.must(enginetest.Do(f, "restart", "vs"))
		f.why(engine.AtRisk, "the viewservice was restarted and remembers nothing · service goes on in view 2")
		if code := f.look().Viewservice.Status.Blocked.Code; code != viewservice.Amnesia {
			f.Errorf("vs says %v", code)
		}
		f.gets("c2", "a", "1")
		f.must(enginetest.Do(f, "kill", "s2"))
		end := f.begin(f.Context(), "c1")
		f.why(engine.Lost, "s1 waits for s2 for ever, and s2 crashed")
		f.until("c1 to tell", func(s engine.Snapshot) bool {
			return s.Clients[0].Waits.Text == "s1 waits for s2 to confirm (S5): s2 has crashed"
		})
		f.Close()
		if err := end(); err == nil {
			f.Error("Close lets an operation succeed")
		}
	})
}
