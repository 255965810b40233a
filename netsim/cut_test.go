package netsim_test

import (
	"fmt"
	"io"
	"math"
	"net/rpc"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"cluster/splitbrain/netsim"
)

func TestCutRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, netsim.Config{}, "c1", "s1", "s2")
		c, other := w.dial("c1", "s1"), w.dial("c1", "s2")
		w.say(c, "before")
		w.must(w.Cut("c1", "s1"))
		for i := range 5 {
			if call := send(c, fmt.Sprint(i)); answered(call) {
				t.Fatal(call.Error)
			}
			w.say(other, fmt.Sprint(i))
		}
		synctest.Wait()
		w.heard("s1", "before")
		w.expect(5, netsim.TraceEvent{Kind: netsim.MsgLost, Direction: netsim.Request, From: "c1", To: "s1", Why: "c1 > s1 is cut"})
		w.expectLost(5)
		w.must(w.Heal("c1", "s1"))
		w.say(c, "after") // on the same connection: its stream is whole
		w.heard("s1", "before", "after")
		w.expectLost(5)
	})
}

func TestCutReplies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, netsim.Config{}, "c1", "s1")
		c, back := w.dial("c1", "s1"), w.dial("s1", "c1")
		w.must(w.Cut("s1", "c1"))
		calls := []any{}
		for i := range 5 {
			call := send(c, fmt.Sprint(i))
			synctest.Wait()
			if answered(call) {
				t.Errorf("call %d was answered: %v", i, call.Error)
			}
			calls = append(calls, call)
		}
		send(back, "never sent") // a request on the cut direction
		synctest.Wait()
		w.heard("s1", "0", "1", "2", "3", "4")
		w.heard("c1")
		w.expect(5, netsim.TraceEvent{Kind: netsim.MsgDelivered, Direction: netsim.Request, From: "c1", To: "s1"})
		w.expect(5, netsim.TraceEvent{Kind: netsim.MsgLost, Direction: netsim.Reply, From: "s1", To: "c1", Why: "s1 > c1 is cut"})
		w.expect(1, netsim.TraceEvent{Kind: netsim.MsgLost, Direction: netsim.Request, From: "s1", To: "c1", Why: "s1 > c1 is cut"})
		w.expectLost(len(calls) + 1)
		w.must(w.Heal("s1", "c1"))
		w.say(c, "after")
		w.say(back, "after")
	})
}

// serveCounted makes the node serve, and returns how many of its connections have ended.
func serveCounted(w *world, name string) (ended func() int) {
	var n atomic.Int64
	server := rpc.NewServer()
	w.must(server.RegisterName("Echo", w.echo(name)))
	w.proc(name).Serve(func(codec rpc.ServerCodec) {
		server.ServeCodec(codec)
		n.Add(1)
	})
	return func() int {
		synctest.Wait()
		return int(n.Load())
	}
}

// A closing is heard as soon as links let it, behind what was sent before, and whatever becomes of who closed.
func TestClosingIsHeard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, netsim.Config{}, "c1", "s1")
		ended := serveCounted(w, "s1")
		check := func(when string, want int) {
			t.Helper()
			if got := ended(); got != want {
				t.Errorf("%s: %d connections have ended, want %d", when, got, want)
			}
		}
		w.dial("c1", "s1").Close()
		check("open", 1)

		idle := w.dial("c1", "s1")
		w.must(w.Cut("c1", "s1"))
		idle.Close()
		check("cut", 1)
		w.must(w.Heal("c1", "s1"))
		check("healed", 2)

		cut := w.dial("c1", "s1")
		w.must(w.Delay("c1", "s1", 100*ms, 0))
		send(cut, "before the closing")
		w.must(w.Cut("c1", "s1"))
		cut.Close()
		time.Sleep(50 * ms)
		check("cut behind a delayed message", 2)
		w.must(w.HealAll())
		check("healed behind a delayed message", 2)
		time.Sleep(60 * ms)
		check("after the delay", 3)
		w.heard("s1", "before the closing")

		frozen := w.dial("c1", "s1")
		w.must(w.Node("c1").Freeze())
		frozen.Close()
		check("frozen", 3)
		w.must(w.Node("c1").Crash())
		check("crashed", 4)
		if n := w.proc("s1").OpenConns(); n > 0 {
			t.Errorf("s1 holds %d connections that have ended", n)
		}
	})
}

func TestReplyToAClosedConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, netsim.Config{}, "c1", "s1")
		c := w.dial("c1", "s1")
		call := c.Go("Echo.Wait", Text{"late"}, new(Text), nil)
		synctest.Wait()
		c.Close()
		<-call.Done
		if call.Error == nil || call.Error == io.EOF {
			t.Errorf("the call ended with %v", call.Error)
		}
		close(w.echo("s1").gate)
		synctest.Wait()
		w.heard("s1", "late")
		w.expect(1, netsim.TraceEvent{Kind: netsim.MsgLost, Direction: netsim.Reply, Why: "c1 closed the connection"})
	})
}

// reach lists the pairs that can call one another, tried over connections that exist.
func reach(w *world, pairs map[string]func(string) bool) []string {
	var open []string
	for pair, try := range pairs {
		if try(pair) {
			open = append(open, pair)
		}
	}
	slices.Sort(open)
	return open
}

// allPairs connects every node to every other.
func allPairs(w *world) map[string]func(string) bool {
	pairs := make(map[string]func(string) bool)
	for _, from := range w.Nodes() {
		for _, to := range w.Nodes() {
			if from == to {
				continue
			}
			c := w.dial(from, to)
			pairs[from+to] = func(s string) bool {
				call := send(c, s)
				synctest.Wait()
				return answered(call)
			}
		}
	}
	return pairs
}

func TestIsolateAndPartition(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, netsim.Config{}, "a", "b", "c", "d")
		pairs := allPairs(w)
		all := reach(w, pairs)
		steps := []struct {
			name string
			do   func() error
			open string
			cuts int
		}{
			{"isolate", func() error { return w.Isolate("b") }, "ac ad ca cd da dc", 6},
			{"partition", func() error { return w.Partition([][]string{{"a", "b"}}) }, "ab ba cd dc", 8},
			{"three groups", func() error { return w.Partition([][]string{{"a"}, {"b", "d"}}) }, "bd db", 10},
			{"one group", func() error { return w.Partition(nil) }, strings.Join(all, " "), 0},
			{"one way", func() error { return w.Cut("a", "b") }, "ac ad bc bd ca cb cd da db dc", 1},
			{"isolate another", func() error { return w.Isolate("c") }, "ad bd da db", 7},
			{"heal one", func() error { return w.HealNode("a") }, "ab ac ad ba bd ca da db", 4},
			{"heal all", w.HealAll, strings.Join(all, " "), 0},
		}
		for _, s := range steps {
			w.must(s.do())
			if got := strings.Join(reach(w, pairs), " "); got != s.open {
				t.Errorf("%s: open are %s, want %s", s.name, got, s.open)
			}
			if n := len(w.Faults()); n != s.cuts {
				t.Errorf("%s: %d links are cut, want %d", s.name, n, s.cuts)
			}
		}
	})
}

func TestRepeatedCutIsOneEvent(t *testing.T) {
	w := newWorld(t, netsim.Config{}, "a", "b", "c")
	w.must(w.Cut("a", "b"))
	w.must(w.Cut("a", "b"))
	w.must(w.Isolate("a"))
	w.expect(4, netsim.TraceEvent{Kind: netsim.FaultCut.Begins()})
	w.must(w.HealAll())
	w.must(w.HealAll())
	w.expect(4, netsim.TraceEvent{Kind: netsim.LinkHealed, Why: "of the cut"})
}

func TestFaults(t *testing.T) {
	w := newWorld(t, netsim.Config{}, "s2", "s1", "s3")
	w.must(w.Delay("s2", "s1", 200*ms, 50*ms))
	w.must(w.Delay("s1", "s2", 200*ms, 0))
	w.must(w.Cut("s2", "s1"))
	w.must(w.Cut("s1", "s3"))
	w.must(w.Node("s2").Freeze())
	w.must(w.Node("s3").Crash())
	check := func(want string) {
		t.Helper()
		var got []string
		for _, f := range w.Faults() {
			got = append(got, f.String())
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("faults are %q, want %q", got, want)
		}
	}
	check("cut s1 > s3, cut s2 > s1, delay s1 s2 200ms, delay s2 s1 200ms±50ms, frozen s2")
	w.must(w.Heal("s2", "s1"))
	w.must(w.Delay("s1", "s2", 0, 0))
	check("cut s1 > s3, delay s2 s1 200ms±50ms, frozen s2")
	w.must(w.Loss("s1", "s2", 0.3))
	w.must(w.LossReplies("s1", "s3", 1))
	w.must(w.Duplicate("s1", "s2", 0.07))
	w.must(w.Reorder("s3", "s2", netsim.DefaultWindow))
	w.must(w.Reorder("s2", "s3", 20*ms))
	w.must(w.Hold("s1", "s2"))
	check("cut s1 > s3, delay s2 s1 200ms±50ms, loss s1 s2 30%, loss s1 s3 100% replies, dup s1 s2 7%, " +
		"reorder s2 s3 20ms, reorder s3 s2, hold s1 s2, frozen s2")
	w.must(w.HealAll())
	check("frozen s2")
	if s := w.Node("s3").State(); s != netsim.Crashed {
		t.Errorf("s3 is %v after HealAll", s)
	}
}

func TestBadInputChangesNothing(t *testing.T) {
	w := newWorld(t, netsim.Config{}, "s1", "s2")
	before := len(w.events())
	add := func(name string) error { _, err := w.Add(name); return err }
	start := func() error { _, err := w.Node("s1").Start(); return err }
	for what, err := range map[string]error{
		"empty name":     add(""),
		"long name":      add(strings.Repeat("x", 65)),
		"taken name":     add("s1"),
		"cut itself":     w.Cut("s1", "s1"),
		"cut unknown":    w.Cut("s1", "s9"),
		"cut by unknown": w.Cut("s9", "s1"),
		"heal unknown":   w.Heal("s9", "s1"),
		"heal itself":    w.Heal("s1", "s1"),
		"isolate":        w.Isolate("s9"),
		"negative delay": w.Delay("s1", "s2", -1, 0),
		"neg. jitter":    w.Delay("s1", "s2", 0, -1),
		"long delay":     w.Delay("s1", "s2", netsim.MaxDelay+1, 0),
		"delay unknown":  w.Delay("s1", "s9", ms, 0),
		"delay itself":   w.Delay("s1", "s1", ms, 0),
		"loss unknown":   w.Loss("s1", "s9", 0.5),
		"negative loss":  w.Loss("s1", "s2", -0.1),
		"no loss":        w.LossReplies("s1", "s2", math.NaN()),
		"loss > 1":       w.LossReplies("s1", "s2", 1.01),
		"dup itself":     w.Duplicate("s1", "s1", 1),
		"dup > 1":        w.Duplicate("s1", "s2", 2),
		"negative order": w.Reorder("s1", "s2", -1),
		"long order":     w.Reorder("s1", "s2", netsim.MaxDelay+1),
		"hold itself":    w.Hold("s1", "s1"),
		"unreliable":     w.Unreliable("s9"),
		"too slow":       w.SetSpeed(0.009),
		"too fast":       w.SetSpeed(10.1),
		"no speed":       w.SetSpeed(math.NaN()),
		"partition":      w.Partition([][]string{{"s1"}, {"s9"}}),
		"two groups":     w.Partition([][]string{{"s1"}, {"s2", "s1"}}),
		"thaw":           w.Node("s1").Thaw(),
		"start twice":    start(),
	} {
		if err == nil {
			t.Errorf("%s: no error", what)
		}
	}
	if f := w.Faults(); len(f) > 0 {
		t.Errorf("faults: %v", f)
	}
	if n := len(w.events()); n != before {
		t.Errorf("%d events were recorded", n-before)
	}
	if add(strings.Repeat("x", 64)) != nil {
		t.Error("a name of 64 bytes was refused")
	}
	if got := w.Nodes(); len(got) != 3 || got[0] != "s1" || got[1] != "s2" {
		t.Errorf("nodes are %v", got)
	}
	if w.Node("s9") != nil {
		t.Error("there is a node s9")
	}
}
