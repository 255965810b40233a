package cluster_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/cluster"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/engine/enginetest"
	"cluster/splitbrain/pbservice"
)

func TestServersStartInTheirOrder(t *testing.T) {
	play(t, engine.Defaults, func(f fixture) {
		f.view("2 s1 s2")
		f.put("c1", "a", "1")
		f.gets("c2", "a", "1")
		s := f.look()
		want := map[string]pbservice.Role{"s1": pbservice.Primary, "s2": pbservice.Backup, "s3": pbservice.Idle}
		for name, role := range want {
			v := server(s, name)
			if v.State != netsim.Up || v.Boots != 1 || v.Status.Role != role || v.PingAge < 0 {
				f.Errorf("%+v, want role %s", v, role)
			}
		}
		if s.Map.Rows["s1"][0].Value != "1" || s.Map.Rows["s2"][0].Value != "1" || s.Map.Rows["s3"][0].Size != -1 {
			f.Errorf("rows %v", s.Map.Rows)
		}
		if done := s.Clients[0].Last; len(done) != 1 || done[0].Op.Key != "a" || done[0].Outcome.Kind != engine.OK || s.Clients[0].Running {
			f.Errorf("c1: %+v", s.Clients[0])
		}
		f.why(engine.Calm, "view 2: s1 answers once s2 has confirmed (S5)")
	})
}

// V7: a boot id is larger than those before it, though the clock has not moved.
func TestBootsWithoutTime(t *testing.T) {
	play(t, engine.Defaults, func(f fixture) {
		f.view("2 s1 s2")
		last := uint64(0)
		for boot := 2; boot < 12; boot++ {
			f.must(enginetest.Do(f, "restart", "s3"))
			v := server(f.look(), "s3")
			if v.Status.Boot <= last || v.Boots != boot {
				f.Errorf("boot id %d after %d, boot %d, want %d", v.Status.Boot, last, v.Boots, boot)
			}
			last = v.Status.Boot
		}
	})
}

func TestFrozenClientStandsStill(t *testing.T) {
	play(t, engine.Defaults, func(f fixture) {
		f.view("2 s1 s2")
		f.put("c1", "a", "1")
		f.must(enginetest.Do(f, "freeze", "c1"))
		end := f.begin(f.Context(), "c1")
		time.Sleep(5 * time.Second)
		if c := f.look().Clients[0]; !c.Running || c.Since < 5*time.Second || c.Waits.Text != "c1 is frozen" {
			f.Errorf("%+v", c)
		}
		f.must(enginetest.Do(f, "heal"))
		f.must(end())
		if last := f.look().Clients[0].Last[0]; last.Took < 5*time.Second || last.Op.Key != "slow" {
			f.Errorf("%+v", last)
		}
	})
}

func TestClientWithoutView(t *testing.T) {
	play(t, engine.Defaults, func(f fixture) {
		f.view("2 s1 s2")
		f.must(enginetest.Do(f, "kill", "vs"))
		end := f.begin(f.Context(), "c1")
		f.until("c1 to tell", func(s engine.Snapshot) bool { return s.Clients[0].Waits.Text == "knows no view: vs has crashed" })
		f.Close()
		if err := end(); err == nil {
			f.Error("Close lets an operation succeed")
		}
	})
}

func TestAdd(t *testing.T) {
	cfg := engine.Defaults
	cfg.Servers = 1
	play(t, cfg, func(f fixture) {
		f.view("1 s1 ·")
		f.why(engine.Calm, "s1 serves alone")
		f.put("c1", "a", "1")
		for i := 2; i <= engine.MaxServers; i++ {
			done, err := enginetest.Tell(f, "add")
			if want := fmt.Sprintf("s%d added: an empty server", i); err != nil || done != want {
				f.Fatalf("got %s %v, want %s", done, err, want)
			}
		}
		if err := enginetest.Do(f, "add"); err == nil || err.Error() != "9 servers are the most" {
			f.Errorf("one too many: %v", err)
		}
		s := f.until("a backup", func(s engine.Snapshot) bool {
			return s.Viewservice.Status.View.Backup != "" && s.Viewservice.Status.Acked
		})
		if got := server(s, s.Viewservice.Status.View.Backup).Status.Keys; got != 1 {
			f.Errorf("the backup holds %d keys", got)
		}
		if got := f.Nodes(); got[0] != "vs" || got[9] != "s9" || got[11] != "c2" {
			f.Errorf("nodes %v", got)
		}
	})
}

func TestManyClientsAppendExactlyOnce(t *testing.T) {
	cfg := engine.Defaults
	cfg.Clients = 4
	play(t, cfg, func(f fixture) {
		f.view("2 s1 s2")
		const each = 25
		done := make(chan error)
		for i := range cfg.Clients {
			go func() { // ends after its appends
				var err error
				for range each {
					_, e := engine.Do(f.Context(), f, fmt.Sprintf("c%d", i+1), pbservice.Op{Kind: pbservice.Append, Key: "log", Value: "x"})
					err = errors.Join(err, e)
				}
				done <- err
			}()
		}
		f.must(enginetest.Do(f, "kill", "s1"))
		for range cfg.Clients {
			f.must(<-done)
		}
		f.gets("c1", "log", strings.Repeat("x", each*cfg.Clients))
	})
}

func TestOneOperationAtATime(t *testing.T) {
	play(t, engine.Defaults, func(f fixture) {
		f.view("2 s1 s2")
		f.must(enginetest.Do(f, "freeze", "c1"))
		first := f.begin(f.Context(), "c1")
		synctest.Wait()
		ctx, cancel := context.WithTimeout(f.Context(), time.Second)
		defer cancel()
		_, err := engine.Do(ctx, f, "c1", pbservice.Op{Kind: pbservice.Put, Key: "b"})
		if err == nil || !strings.HasPrefix(err.Error(), "not sent: c1 runs another operation") {
			f.Errorf("second: %v", err)
		}
		f.must(enginetest.Do(f, "thaw", "c1"), first())
	})
}

// A client's operations are queued in their order, each is told of when it has ended, and one that is given up while it
// waits was never sent.
func TestOperationsAreHandles(t *testing.T) {
	play(t, engine.Defaults, func(f fixture) {
		f.view("2 s1 s2")
		f.must(enginetest.Do(f, "freeze", "c1"))
		told := make(chan string, 10)
		give := func(value string) engine.Operation {
			o, err := f.Invoke("c1", pbservice.Op{Kind: pbservice.Append, Key: "a", Value: value}, engine.AtOnce)
			f.must(err)
			o.OnDone(func() { told <- value })
			return o
		}
		first, second, third := give("1"), give("2"), give("3")
		if s := f.look().Clients[0]; !s.Running || s.Op.Value != "1" || f.History().Verdict().Total != 1 {
			f.Errorf("only the first has begun: %+v", s)
		}
		second.Cancel(errors.New("no need"))
		if _, err := second.Wait(f.Context()); err == nil || err.Error() != "not sent: c1 runs another operation: no need" || <-told != "2" {
			f.Errorf("second: %v", err)
		}
		time.Sleep(time.Second)
		f.must(enginetest.Do(f, "thaw", "c1"))
		_, err := third.Wait(f.Context())
		f.must(err)
		if now := <-told + <-told; now != "13" || first.Took() < time.Second {
			f.Errorf("told of %s, the first took %v", now, first.Took())
		}
		third.Cancel(errors.New("too late"))
		third.OnDone(func() { told <- "afterwards" })
		if _, err := third.Result(); err != nil || <-told != "afterwards" {
			f.Errorf("third: %v", err)
		}
		f.must(enginetest.Do(f, "freeze", "c1"))
		fourth := give("4")
		fourth.Cancel(context.DeadlineExceeded)
		_, err = fourth.Wait(f.Context())
		if unknown, ok := errors.AsType[*pbservice.UnknownOutcomeError](err); !ok || unknown.Err != context.DeadlineExceeded {
			f.Errorf("fourth: %v", err)
		}
	})
}

func TestRefusals(t *testing.T) {
	play(t, engine.Defaults, func(f fixture) {
		f.view("2 s1 s2")
		f.must(enginetest.Do(f, "kill", "s3"))
		before := f.look()
		_, unknownClient := engine.Do(f.Context(), f, "c9", pbservice.Op{})
		_, noClient := engine.Do(f.Context(), f, "s1", pbservice.Op{})
		_, window := f.Observe(f.Context(), engine.Window{Limit: -1})
		apply := func(c engine.Command) error { _, err := f.Apply(c); return err }
		for want, err := range map[string]error{
			"no node s9: vs, s1–s3, c1, c2":                           apply(engine.Command{Kind: engine.Kill, Node: "s9"}),
			"no node c9: vs, s1–s3, c1, c2":                           unknownClient,
			`no node "": vs, s1–s3, c1, c2`:                           apply(engine.Command{Kind: engine.Thaw}),
			`no node "\x1b[2J": vs, s1–s3, c1, c2`:                    apply(engine.Command{Kind: engine.Isolate, Node: "\x1b[2J"}),
			"no node x: vs, s1–s3, c1, c2":                            apply(engine.Command{Kind: engine.SetFault, Fault: netsim.Fault{Kind: netsim.FaultCut, From: "s1", To: "x"}}),
			"no node y: vs, s1–s3, c1, c2":                            apply(engine.Command{Kind: engine.Partition, Groups: [][]string{{"s1"}, {"s2", "y"}}}),
			"c1 is a client: only servers and vs can be killed":       apply(engine.Command{Kind: engine.Kill, Node: "c1"}),
			"c2 is a client: only servers and vs can be restarted":    apply(engine.Command{Kind: engine.Restart, Node: "c2"}),
			"s1 is no client: only clients run operations":            noClient,
			"s3 has crashed already":                                  enginetest.Do(f, "kill", "s3"),
			"s3 has crashed: only what runs can be frozen":            enginetest.Do(f, "freeze", "s3"),
			"s1 is not frozen":                                        enginetest.Do(f, "thaw", "s1"),
			"s1 is named twice in the partition":                      apply(engine.Command{Kind: engine.Partition, Groups: [][]string{{"s1"}, {"s1"}}}),
			"a delay of -1ns is negative":                             apply(engine.Command{Kind: engine.SetFault, Fault: netsim.Fault{Kind: netsim.FaultDelay, From: "s1", To: "s2", Delay: -1}}),
			"a speed of 0 is not one of 0.01 to 1000":                 apply(engine.Command{Kind: engine.SetSpeed}),
			"no such command: command(0)":                             apply(engine.Command{}),
			"inspect: -1 rows from, 0 rows before: 0 to 1000 allowed": window,
		} {
			if err == nil || err.Error() != want {
				f.Errorf("got  %v\nwant %s", err, want)
			}
		}
		after := f.look()
		if len(after.Faults) != 0 || after.Viewservice.Status.View != before.Viewservice.Status.View {
			f.Errorf("refused verbs changed something: %v", after.Faults)
		}
		ctx, cancel := context.WithCancel(f.Context())
		cancel()
		if _, err := f.Observe(ctx, engine.Window{}); !errors.Is(err, context.Canceled) {
			f.Errorf("observed though cancelled: %v", err)
		}
	})
}

func TestClosed(t *testing.T) {
	play(t, engine.Defaults, func(f fixture) {
		f.view("2 s1 s2")
		f.must(enginetest.Do(f, "freeze", "s2"), enginetest.Do(f, "freeze", "c1"), enginetest.Do(f, "kill", "s3"), enginetest.Do(f, "cut", "s1", ">", "vs"))
		end := f.begin(f.Context(), "c1")
		synctest.Wait()
		f.Close()
		stacks := make([]byte, 1<<20)
		stacks = stacks[:runtime.Stack(stacks, true)]
		for _, left := range []string{"pbservice.(*Server)", "viewservice.(*Server)", "pbservice.(*Clerk).try"} {
			if bytes.Contains(stacks, []byte(left)) {
				f.Errorf("after Close %s still runs", left)
			}
		}
		f.Close()
		if err := end(); err == nil {
			f.Error("the operation that ran was not ended")
		}
		_, observe := f.Observe(f.Context(), engine.Window{})
		_, do := engine.Do(f.Context(), f, "c1", pbservice.Op{})
		for _, err := range []error{observe, do, enginetest.Do(f, "add"), enginetest.Do(f, "step"), enginetest.Do(f, "kill", "s1"), enginetest.Do(f, "restart", "s1"), enginetest.Do(f, "freeze", "s1"), enginetest.Do(f, "heal"), enginetest.Do(f, "cut", "s1", ">", "s2")} {
			if !errors.Is(err, engine.ErrClosed) {
				f.Errorf("after Close: %v", err)
			}
		}
	})
}

func TestBadConfig(t *testing.T) {
	cfg := engine.Defaults
	cfg.Servers = 0
	if _, err := cluster.New(cfg); err == nil || err.Error() != "servers 0: must be 1 to 9" {
		t.Errorf("no servers: %v", err)
	}
}
