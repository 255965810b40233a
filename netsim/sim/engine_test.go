package sim

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/cluster"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/engine/enginetest"
	"cluster/splitbrain/netsim/history"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice/rules"
)

// fixture is an engine without a head.
type fixture struct {
	*testing.T
	*Engine
}

func config(servers, clients int, seed uint64) engine.Config {
	cfg := engine.Defaults
	cfg.Servers, cfg.Clients, cfg.Seed = servers, clients, seed
	return cfg
}

func headless(t *testing.T, cfg engine.Config) fixture {
	t.Helper()
	e, err := New(cfg, ManualTime())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	return fixture{t, e}
}

func (f fixture) must(errs ...error) {
	f.Helper()
	if err := errors.Join(errs...); err != nil {
		f.Fatal(err)
	}
}

// refuses fails unless err says so, and the world is as it was.
func (f fixture) refuses(want string, verb func() error) {
	f.Helper()
	before := f.Hash()
	if err := verb(); err == nil || !strings.Contains(err.Error(), want) || f.Hash() != before {
		f.Errorf("error %v, want %q; changed %v", err, want, f.Hash() != before)
	}
}

func (f fixture) look() engine.Snapshot {
	f.Helper()
	s, err := f.Observe(f.Context(), engine.Window{Limit: 100})
	f.must(err)
	return s
}

func (f fixture) pass(d time.Duration) {
	f.Helper()
	f.must(f.Wait(f.Context(), d))
}

// view lets up to a minute pass until a view is acknowledged, as in "2 s1 s2".
func (f fixture) view(want string) {
	f.Helper()
	var s engine.Snapshot
	for range 600 {
		if s = f.look(); s.Viewservice.Status.View.String() == want && s.Viewservice.Status.Acked {
			return
		}
		f.pass(100 * time.Millisecond)
	}
	f.Fatalf("never saw view %s: %v, %s", want, s.Viewservice.Status.View, s.Why.String())
}

func (f fixture) do(client string, kind pbservice.OpKind, key, value string) pbservice.Reply {
	f.Helper()
	r, err := engine.Do(f.Context(), f, client, pbservice.Op{Kind: kind, Key: key, Value: value})
	f.must(err)
	return r
}

func (f fixture) put(client, key, value string) { f.Helper(); f.do(client, pbservice.Put, key, value) }

func (f fixture) gets(client, key, want string) {
	f.Helper()
	if r := f.do(client, pbservice.Get, key, ""); r.Value != want {
		f.Errorf("%s gets %s = %q, want %q", client, key, r.Value, want)
	}
}

func (f fixture) begin(client string, op pbservice.Op) engine.Operation {
	f.Helper()
	p, err := f.Invoke(client, op, engine.AtOnce)
	f.must(err)
	return p
}

// held waits for a message that is held.
func (f fixture) held(method string) netsim.Held {
	f.Helper()
	for range 1000 {
		for _, h := range f.look().Held {
			if strings.HasSuffix(h.Method, method) {
				return h
			}
		}
		f.pass(time.Millisecond)
	}
	f.Fatalf("no %s is held", method)
	return netsim.Held{}
}

func TestFailover(t *testing.T) {
	f := headless(t, engine.Defaults)
	if names := strings.Join(f.Nodes(), " "); names != "vs s1 s2 s3 c1 c2" {
		t.Errorf("nodes %s", names)
	}
	f.view("2 s1 s2")
	f.put("c1", "a", "1")
	f.must(enginetest.Do(f, "kill", "s1"))
	s := f.look()
	if s.Servers[0].State != netsim.Crashed || s.Map.Rows["s2"][0].Value != "1" || s.Map.Rows["s1"][0].Size != -1 {
		t.Errorf("after kill: %+v, %+v", s.Servers[0], s.Map)
	}
	f.put("c2", "b", "2")
	f.view("3 s2 s3")
	f.gets("c1", "a", "1")
	f.must(enginetest.Do(f, "restart", "s1"))
	f.pass(time.Second)
	if s := f.look(); s.Servers[0].Boots != 2 || s.Servers[0].Status.Role != pbservice.Idle || len(s.Clients[0].Last) != 2 {
		t.Errorf("after restart: %+v, %+v", s.Servers[0], s.Clients[0])
	}
	if v := history.Check(f.History().Operations(), time.Minute); v.Result != history.Linearizable || len(f.History().Operations()) != 3 {
		t.Errorf("%v: %+v", v, f.History().Operations())
	}
}

func TestVerbsRefuse(t *testing.T) {
	f := headless(t, engine.Defaults)
	f.view("2 s1 s2")
	f.refuses("no node s7: vs, s1–s3, c1, c2", func() error { return enginetest.Do(f, "kill", "s7") })
	f.refuses("s1 is not frozen", func() error { return enginetest.Do(f, "thaw", "s1") })
	for want, c := range map[string]engine.Command{
		"c1 is a client: only servers and vs can be killed": {Kind: engine.Kill, Node: "c1"},
		"only servers and vs can be restarted":              {Kind: engine.Restart, Node: "c1"},
		"s1 has no link to itself":                          {Kind: engine.SetFault, Fault: netsim.Fault{Kind: netsim.FaultCut, From: "s1", To: "s1"}},
		"probability":                                       {Kind: engine.SetFault, Fault: netsim.Fault{Kind: netsim.FaultLoss, From: "s1", To: "s2", Probability: 1.5}},
		"negative":                                          {Kind: engine.SetFault, Fault: netsim.Fault{Kind: netsim.FaultDelay, From: "s1", To: "s2", Delay: -1}},
		"longer than":                                       {Kind: engine.SetFault, Fault: netsim.Fault{Kind: netsim.FaultReorder, From: "s1", To: "s2", Window: 25 * time.Hour}},
		"named twice":                                       {Kind: engine.Partition, Groups: [][]string{{"s1"}, {"s1"}}},
		"speed":                                             {Kind: engine.SetSpeed},
		"no such command":                                   {},
	} {
		f.refuses(want, func() error { _, err := f.Apply(c); return err })
	}
	f.refuses("no message 7 is held", func() error { return enginetest.Do(f, "deliver", 7) })
	f.refuses("no message 7 is held", func() error { return enginetest.Do(f, "duplicate", 7) })
	f.refuses("time is not paused", func() error { return enginetest.Do(f, "step") })
	f.refuses("is no client", func() error { _, err := engine.Do(t.Context(), f, "s1", pbservice.Op{}); return err })
	f.must(enginetest.Do(f, "kill", "s1"), enginetest.Do(f, "freeze", "s2"))
	f.refuses("s1 has crashed already", func() error { return enginetest.Do(f, "kill", "s1") })
	f.refuses("has crashed: only what runs", func() error { return enginetest.Do(f, "freeze", "s1") })
	f.refuses("frozen already", func() error { return enginetest.Do(f, "freeze", "s2") })
	for range engine.MaxServers - 3 {
		f.must(enginetest.Do(f, "add"))
	}
	f.refuses("9 servers are the most", func() error { return enginetest.Do(f, "add") })
	f.Close()
	if err := enginetest.Do(f, "kill", "s2"); !errors.Is(err, engine.ErrClosed) {
		t.Error(err)
	}
}

func TestFaultsAreTold(t *testing.T) {
	f := headless(t, engine.Defaults)
	f.must(enginetest.Do(f, "cut", "s1", ">", "vs"), enginetest.Do(f, "hold", "s1", "s2"), enginetest.Do(f, "loss", "c1", "s1", float64(0.5)), enginetest.Do(f, "loss", "s1", "c1", float64(1), "replies"), enginetest.Do(f, "freeze", "c2"),
		enginetest.Do(f, "delay", "s1", "s3", time.Second, "±", time.Millisecond), enginetest.Do(f, "dup", "s2", "s3", float64(0.1)), enginetest.Do(f, "reorder", "s3", "s2", time.Second))
	var got []string
	for _, fault := range f.look().Faults {
		got = append(got, fault.String())
	}
	want := "cut s1 > vs|delay s1 s3 1s±1ms|loss c1 s1 50%|loss s1 c1 100% replies|dup s2 s3 10%|reorder s3 s2 1s|hold s1 s2|frozen c2"
	if strings.Join(got, "|") != want {
		t.Errorf("faults %q", got)
	}
	f.must(enginetest.Do(f, "heal", "s1", ">", "vs"), enginetest.Do(f, "release", "s1", "s2"), enginetest.Do(f, "loss", "c1", "s1", float64(0)), enginetest.Do(f, "loss", "s1", "c1", float64(0), "replies"), enginetest.Do(f, "thaw", "c2"),
		enginetest.Do(f, "delay", "s1", "s3", 0), enginetest.Do(f, "dup", "s2", "s3", float64(0)), enginetest.Do(f, "reorder", "s3", "s2", 0))
	if left := f.look().Faults; len(left) > 0 {
		t.Errorf("left: %v", left)
	}
	f.must(enginetest.Do(f, "isolate", "s1"), enginetest.Do(f, "unreliable", "s2"), enginetest.Do(f, "freeze", "s3"))
	if s := f.look(); !slices.Equal(engine.NewIndex(s).CutOff("s1"), []string{"vs", "s2", "s3"}) || len(s.Faults) != 10+10+1 {
		t.Errorf("cut off from %v, %d faults", engine.NewIndex(s).CutOff("s1"), len(s.Faults))
	}
	f.must(enginetest.Do(f, "partition vs s1 | s2"), enginetest.Do(f, "heal"))
	if left := f.look().Faults; len(left) > 0 {
		t.Errorf("left: %v", left)
	}
	f.view("2 s1 s2")
	events, _ := f.Trace().Since(0)
	for _, want := range []string{"s1 > vs cut", "s1 > s3 delay: 1s±1ms", "c1 > s1 loss: 50% of requests", "s1 > vs healed: of the cut", "s3 frozen"} {
		if !slices.ContainsFunc(events, func(e netsim.TraceEvent) bool { return e.String() == want }) {
			t.Errorf("nothing tells %q", want)
		}
	}
}

func TestFreezeAndThaw(t *testing.T) {
	f := headless(t, engine.Defaults)
	f.view("2 s1 s2")
	f.put("c1", "a", "1")
	f.must(enginetest.Do(f, "freeze", "s1"))
	p := f.begin("c1", pbservice.Op{Kind: pbservice.Append, Key: "a", Value: "2"})
	f.view("3 s2 s3")
	if _, err := p.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.must(enginetest.Do(f, "thaw", "s1")) // with the client's request in its queue (H17)
	f.pass(time.Second)
	f.gets("c2", "a", "12")
	f.must(enginetest.Do(f, "freeze", "vs"))
	f.pass(2 * time.Second)
	f.must(enginetest.Do(f, "thaw", "vs"))
	f.pass(2 * time.Second)
	f.view("3 s2 s3") // nobody was dead
	f.must(enginetest.Do(f, "freeze", "c1"))
	p = f.begin("c1", pbservice.Op{Kind: pbservice.Put, Key: "b", Value: "3"})
	f.pass(time.Second)
	if c := f.look().Clients[0]; c.Waits.Text != "c1 is frozen" || !c.Running || c.Since != time.Second {
		t.Errorf("c1: %+v", c)
	}
	f.must(enginetest.Do(f, "thaw", "c1"))
	if _, err := p.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestHeldMessages(t *testing.T) {
	f := headless(t, engine.Defaults)
	f.view("2 s1 s2")
	f.put("c1", "a", "")
	f.must(enginetest.Do(f, "hold", "s1", "s2"))
	p := f.begin("c1", pbservice.Op{Kind: pbservice.Append, Key: "a", Value: "x"})
	h := f.held(".Forward")
	if h.Direction != netsim.Request || h.Summary == "" || h.From != "s1" {
		t.Errorf("held: %+v", h)
	}
	if s := f.look(); s.Why.Level != engine.Stuck || !strings.Contains(s.Clients[0].Waits.Text, "s1 waits for s2 to confirm") {
		t.Errorf("why %q, c1 waits: %q", s.Why.String(), s.Clients[0].Waits.Text)
	}
	f.must(enginetest.Do(f, "duplicate", h.Msg), enginetest.Do(f, "cut", "s1", ">", "s2"))
	f.refuses("s1 > s2 is cut", func() error { return enginetest.Do(f, "deliver", h.Msg) })
	f.must(enginetest.Do(f, "heal", "s1", ">", "s2"), enginetest.Do(f, "deliver", h.Msg))
	if _, err := p.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.must(enginetest.Do(f, "deliver", "last")) // H12: the same forward again
	f.pass(time.Second)
	f.must(enginetest.Do(f, "release"))
	f.gets("c2", "a", "x")
	f.must(enginetest.Do(f, "hold", "c1", "s1"))
	p = f.begin("c1", pbservice.Op{Kind: pbservice.Append, Key: "a", Value: "y"})
	f.must(enginetest.Do(f, "drop", f.held(".PutAppend").Msg), enginetest.Do(f, "release", "c1", "s1"))
	if _, err := p.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.gets("c2", "a", "xy")
}

// A heal lets go what is held, at once.
func TestHealLetsGo(t *testing.T) {
	f := headless(t, engine.Defaults)
	f.view("2 s1 s2")
	f.put("c1", "a", "")
	for _, heal := range []func() error{func() error { return enginetest.Do(f, "heal") }, func() error { return enginetest.Do(f, "release") }, func() error { return enginetest.Do(f, "release", "c1", "s1") }} {
		f.must(enginetest.Do(f, "hold", "c1", "s1"))
		p := f.begin("c1", pbservice.Op{Kind: pbservice.Append, Key: "a", Value: "x"})
		f.held(".PutAppend")
		f.must(heal())
		f.pass(20 * time.Millisecond)
		if !isClosed(p.Done()) || len(f.look().Held) > 0 {
			t.Errorf("held %+v, c1 waits: %s", f.look().Held, f.look().Clients[0].Waits.Text)
		}
	}
}

// A client that thaws goes on with its wait.
func TestThawedClientTriesAgain(t *testing.T) {
	f := headless(t, engine.Defaults)
	f.view("2 s1 s2")
	f.put("c1", "a", "")
	f.must(enginetest.Do(f, "cut", "c1", ">", "s1"))
	p := f.begin("c1", pbservice.Op{Key: "a"})
	f.pass(50 * time.Millisecond)
	f.must(enginetest.Do(f, "freeze", "c1"))
	f.pass(time.Second)
	f.must(enginetest.Do(f, "heal", "c1", ">", "s1"), enginetest.Do(f, "thaw", "c1"))
	f.pass(100 * time.Millisecond)
	if isClosed(p.Done()) {
		t.Error("the wait did not stand still")
	}
	f.pass(100 * time.Millisecond)
	if !isClosed(p.Done()) {
		t.Errorf("c1 waits: %s", f.look().Clients[0].Waits.Text)
	}
}

// H11: the reply is lost, at the same and then at the next primary, and the append happens once.
func TestLostReply(t *testing.T) {
	f := headless(t, engine.Defaults)
	f.view("2 s1 s2")
	f.put("c1", "a", "")
	f.must(enginetest.Do(f, "loss", "s1", "c1", float64(1), "replies"))
	p := f.begin("c1", pbservice.Op{Kind: pbservice.Append, Key: "a", Value: "x"})
	f.pass(time.Second)
	if c := f.look().Clients[0]; !c.Running || !strings.Contains(c.Waits.Text, "s1 > c1 loses 100% of replies") {
		t.Errorf("c1: %+v", c)
	}
	f.must(enginetest.Do(f, "kill", "s1"))
	if _, err := p.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.gets("c2", "a", "x")
}

// H13: primary and backup are cut from each other, and operations wait.
func TestOperationGivenUp(t *testing.T) {
	f := headless(t, engine.Defaults)
	f.view("2 s1 s2")
	f.put("c1", "a", "1")
	f.must(enginetest.Do(f, "cut", "s1", ">", "s2"))
	ctx, cancel := context.WithCancel(t.Context())
	p := f.begin("c1", pbservice.Op{Kind: pbservice.Put, Key: "a", Value: "2"})
	later := f.begin("c1", pbservice.Op{Kind: pbservice.Put, Key: "a", Value: "3"})
	f.pass(3 * time.Second)
	cancel()
	if _, err := later.Wait(ctx); err == nil || !strings.Contains(err.Error(), "not sent: c1 runs another operation") {
		t.Error(err)
	}
	_, err := p.Wait(ctx)
	if unknown, ok := errors.AsType[*pbservice.UnknownOutcomeError](err); !ok || !errors.Is(err, context.Canceled) || unknown.Why == "" {
		t.Error(err)
	}
	if done := f.look().Clients[0].Last[0]; done.Outcome.Kind != engine.Unknown || done.Took < 3*time.Second {
		t.Errorf("%+v", done)
	}
	f.must(enginetest.Do(f, "heal"))
	f.gets("c2", "a", "2") // it happened all the same (C2)
}

func TestSwitch(t *testing.T) {
	f := headless(t, engine.Defaults)
	f.view("2 s1 s2")
	f.must(enginetest.Do(f, "rule", rules.AckRule, "off"), enginetest.Do(f, "rule", rules.ForwardGets, "off"), enginetest.Do(f, "rule", rules.AckRule, "on"))
	if off := f.look().Disabled; off != rules.Without(rules.ForwardGets) {
		t.Errorf("off: %v", off)
	}
}

func TestWaitWithoutHead(t *testing.T) {
	f := headless(t, engine.Defaults)
	began := f.Now()
	f.pass(90 * time.Minute)
	if passed := f.Now() - began; passed != 90*time.Minute {
		t.Errorf("%v passed", passed)
	}
	f.must(enginetest.Do(f, "pause"))
	if err := f.Wait(t.Context(), 1); !errors.Is(err, engine.ErrPaused) {
		t.Error(err)
	}
	f.must(enginetest.Do(f, "resume"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := f.Wait(ctx, time.Second); !errors.Is(err, context.Canceled) || f.Now() != began+90*time.Minute {
		t.Errorf("%v, and time went by %v", err, f.Now()-began)
	}
}

// worker lets a client work without a goroutine: it begins its next operation 10 ms after each one.
func (f fixture) worker(client string, ended func()) {
	n := 0
	var work func(error)
	work = func(err error) {
		if err != nil {
			return
		}
		n++
		o, err := f.Invoke(client, pbservice.Op{Kind: pbservice.Put, Key: "k", Value: fmt.Sprint(client, n)}, engine.InTime)
		if err != nil {
			f.Error(err)
			return
		}
		o.OnDone(func() {
			ended()
			f.After(10*time.Millisecond, work)
		})
	}
	work(nil)
}

// Work in the background gets its share of time, always the same, however long the machine takes for it.
func TestBackgroundWork(t *testing.T) {
	run := func(slow bool) (hash uint64, ops int) {
		f := headless(t, config(3, 2, 1))
		for _, client := range []string{"c1", "c2"} {
			f.worker(client, func() {
				now := f.Now()
				for range 100 {
					if slow {
						runtime.Gosched()
					}
				}
				if f.Now() != now {
					t.Error("time went on while a callback ran")
				}
			})
		}
		f.pass(5 * time.Second)
		return f.Hash(), len(f.History().Operations())
	}
	want, ops := run(false)
	if ops < 400 {
		t.Errorf("only %d operations", ops)
	}
	for i := range 6 {
		if got, _ := run(i%2 == 0); got != want {
			t.Errorf("hash %x, want %x", got, want)
		}
	}
}

// Timers fire in the order of their times and then of their setting, before time goes on; one that is stopped does not.
func TestAfter(t *testing.T) {
	f := headless(t, engine.Defaults)
	began := f.Now()
	var told []string
	after := func(d time.Duration, name string) func() bool {
		return f.After(d, func(err error) { told = append(told, fmt.Sprint(name, " ", f.Now()-began, " ", err)) })
	}
	after(3*time.Second, "late")
	after(2*time.Second, "first")
	after(2*time.Second, "second")
	stop := after(time.Second, "stopped")
	after(-time.Second, "now")
	if !stop() || stop() {
		t.Error("stop says that it did not stop, or that it did so twice")
	}
	f.After(2*time.Second, func(error) { after(0, "at once") })
	f.must(enginetest.Do(f, "pause"))
	if err := f.Wait(t.Context(), 1); !errors.Is(err, engine.ErrPaused) || len(told) > 0 {
		t.Errorf("%v, %q", err, told)
	}
	f.must(enginetest.Do(f, "resume"))
	f.pass(2500 * time.Millisecond)
	want := []string{"now 0s <nil>", "first 2s <nil>", "second 2s <nil>", "at once 2s <nil>"}
	if !slices.Equal(told, want) {
		t.Errorf("got %q\nwant %q", told, want)
	}
	f.rewind(f.Timeline().Step)
	f.must(enginetest.Do(f, "resume"))
	f.pass(time.Minute)
	if last := told[len(told)-1]; len(told) != 5 || last != "late 2.5s "+engine.ErrRewound.Error() {
		t.Errorf("after a rewind: %q", told)
	}
	after(time.Second, "never")
	f.Close()
	if len(told) != 5 || f.Wait(t.Context(), time.Hour) != engine.ErrClosed {
		t.Errorf("after Close: %q", told)
	}
}

// With a head time goes along the clock.
func TestPacedTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, err := New(engine.Defaults)
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		f := fixture{t, e}
		time.Sleep(time.Second)
		if now := f.Now(); now < time.Second || now > 1100*time.Millisecond {
			t.Errorf("after a second it is %v", now)
		}
		f.put("c1", "a", "1")
		f.must(enginetest.Do(f, "speed", fmt.Sprint(100)))
		began, real := f.Now(), time.Now()
		f.pass(time.Minute)
		if took := time.Since(real); f.Now()-began < time.Minute || took > time.Second {
			t.Errorf("a minute at ×100 took %v and was %v", took, f.Now()-began)
		}
		f.must(enginetest.Do(f, "speed", fmt.Sprint(0.01)))
		began = f.Now()
		time.Sleep(time.Second)
		if now := f.Now() - began; now != 10*time.Millisecond {
			t.Errorf("a second at ×1/100 was %v", now)
		}
		f.must(enginetest.Do(f, "pause"), enginetest.Do(f, "speed", fmt.Sprint(1)))
		began = f.Now()
		p := f.begin("c1", pbservice.Op{Kind: pbservice.Put, Key: "a", Value: "2"})
		time.Sleep(time.Hour)
		if s := f.look(); f.Now() != began || !s.Paused || !strings.HasSuffix(s.Clients[0].Waits.Text, "; time is paused") {
			t.Errorf("paused time went on by %v: %+v", f.Now()-began, s.Clients[0])
		}
		f.must(enginetest.Do(f, "resume"))
		if _, err := p.Wait(t.Context()); err != nil {
			t.Error(err)
		}
		go func() {
			time.Sleep(time.Second)
			e.Close()
		}()
		if err := f.Wait(t.Context(), time.Hour); !errors.Is(err, engine.ErrClosed) {
			t.Error(err)
		}
	})
}

func TestCloseEndsOperations(t *testing.T) {
	f := headless(t, engine.Defaults)
	f.must(enginetest.Do(f, "isolate", "c1"))
	p := f.begin("c1", pbservice.Op{Key: "a"})
	f.pass(time.Second)
	f.Close()
	f.Close()
	if _, err := p.Wait(t.Context()); err == nil {
		t.Error("Close lets an operation succeed")
	}
}

func TestSteps(t *testing.T) {
	f := headless(t, engine.Defaults)
	f.view("2 s1 s2")
	f.put("c1", "a", "1")
	f.must(enginetest.Do(f, "pause"))
	for range 7 {
		happened, err := enginetest.Tell(f, "step", netsim.StepPing)
		if f.must(err); !strings.HasPrefix(happened, "step: vs hears s") || !strings.Contains(happened, ": Ping(") {
			t.Errorf("a step to the next ping: %s", happened)
		}
	}
	p := f.begin("c1", pbservice.Op{Kind: pbservice.Put, Key: "a", Value: "2"})
	for !isClosed(p.Done()) {
		happened, err := enginetest.Tell(f, "step", netsim.StepMessage)
		if f.must(err); !strings.Contains(happened, " hears ") {
			t.Errorf("a step to the next message: %s", happened)
		}
	}
	timer := false
	for range 20 {
		happened, err := enginetest.Tell(f, "step", netsim.StepEvent)
		f.must(err)
		timer = timer || strings.Contains(happened, "an interval passes on s1")
	}
	if !timer {
		t.Error("no step was a timer's")
	}
	for _, n := range []string{"vs", "s1", "s2", "s3"} {
		f.must(enginetest.Do(f, "kill", n))
	}
	for {
		if _, err := enginetest.Tell(f, "step", netsim.StepEvent); err != nil {
			if !strings.Contains(err.Error(), "nothing happens within 10m0s") {
				t.Error(err)
			}
			break
		}
	}
}

// The same commands lead to the same views and maps, live and simulated.
func TestLikeTheLiveEngine(t *testing.T) {
	story := func(t *testing.T, e engine.Engine) (told []string) {
		step := func(verb string, errs ...error) {
			t.Helper()
			if err := errors.Join(errs...); err != nil {
				t.Errorf("%s: %v", verb, err)
			}
			if err := e.Wait(t.Context(), 3*time.Second); err != nil {
				t.Fatal(err)
			}
			_, err := engine.Do(t.Context(), e, "c1", pbservice.Op{Kind: pbservice.Append, Key: "log", Value: verb + ";"})
			s, seen := e.Observe(t.Context(), engine.Window{Limit: 10})
			if err = errors.Join(err, seen); err != nil {
				t.Fatalf("%s: %v", verb, err)
			}
			line := fmt.Sprintf("%s: %v %v", verb, s.Viewservice.Status.View, s.Viewservice.Status.Acked)
			for _, server := range s.Servers {
				rows := s.Map.Rows[server.Name]
				line += fmt.Sprintf(" | %s %v %v %v %q", server.Name, server.State, server.Status.Role, server.Status.Entered, rows[0].Value)
			}
			told = append(told, line, s.Why.String())
		}
		step("start")
		step("kill", enginetest.Do(e, "kill", "s1"))
		step("restart", enginetest.Do(e, "restart", "s1"))
		step("partition", enginetest.Do(e, "partition s2 | vs s1 s3 c1 c2"))
		step("heal", enginetest.Do(e, "heal"))
		step("freeze", enginetest.Do(e, "freeze", "s3"))
		step("thaw", enginetest.Do(e, "thaw", "s3"))
		step("bounce", enginetest.Do(e, "restart", "s2"))
		_, err := enginetest.Tell(e, "add")
		step("add", err)
		step("cut", enginetest.Do(e, "cut", "s1", ">", "vs"), enginetest.Do(e, "cut", "s2", ">", "s3"))
		step("delay", enginetest.Do(e, "heal"), enginetest.Do(e, "delay", "c1", "s1", 20*time.Millisecond))
		step("views", enginetest.Do(e, "kill", "vs"))
		return told
	}
	var live, simulated []string
	synctest.Test(t, func(t *testing.T) {
		c, err := cluster.New(engine.Defaults)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		live = story(t, c)
	})
	simulated = story(t, headless(t, engine.Defaults).Engine)
	for i := range live {
		if live[i] != simulated[i] {
			t.Errorf("live      %s\nsimulated %s", live[i], simulated[i])
		}
	}
}

// TestStepsOfWhatIsNotHeard: a step tells of a message that is lost on its way, or arrives where nothing moves, and not that it is
// heard.
func TestStepsOfWhatIsNotHeard(t *testing.T) {
	for want, does := range map[string][]any{
		"step: s1 never hears c1: put a 2, 1ms later":                {"cut", "c1", ">", "s1"},
		"step: s1 hears c1: put a 2, as soon as it thaws, 1ms later": {"freeze", "s1"},
	} {
		f := headless(t, config(3, 2, 1))
		f.view("2 s1 s2")
		f.put("c1", "a", "1")
		f.must(enginetest.Do(f, "pause"))
		f.begin("c1", pbservice.Op{Kind: pbservice.Put, Key: "a", Value: "2"})
		f.must(enginetest.Do(f, does...))
		if happened, err := enginetest.Tell(f, "step", netsim.StepEvent); err != nil || happened != want {
			t.Errorf("%q (%v), want %q", happened, err, want)
		}
	}
}
