package netsim_test

import (
	"net/rpc"
	"strings"
	"testing"
	"testing/synctest"

	"cluster/splitbrain/netsim"
)

func TestLifeOfACall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, netsim.Config{}, "c1", "s1")
		c := w.dial("c1", "s1")
		w.must(w.Delay("c1", "s1", 5*ms, 0))
		w.say(c, "hi")
		got := w.events()[3:] // after two starts and the delay
		want := []netsim.TraceEvent{
			{Kind: netsim.MsgSent, Direction: netsim.Request, Msg: 1, From: "c1", To: "s1"},
			{Kind: netsim.MsgDelayed, Direction: netsim.Request, Msg: 1, From: "c1", To: "s1", Why: "by 5ms", Due: 5 * ms},
			{Kind: netsim.MsgDelivered, Direction: netsim.Request, Msg: 1, From: "c1", To: "s1", At: 5 * ms},
			{Kind: netsim.MsgSent, Direction: netsim.Reply, Msg: 2, Answers: 1, From: "s1", To: "c1", At: 5 * ms},
			{Kind: netsim.MsgDelivered, Direction: netsim.Reply, Msg: 2, Answers: 1, From: "s1", To: "c1", At: 5 * ms},
		}
		if len(got) != len(want) {
			t.Fatalf("%d events: %v", len(got), got)
		}
		for i, e := range got {
			if (e.Size > 0) != (e.Kind == netsim.MsgDelivered) {
				t.Errorf("%v: size %d", e, e.Size)
			}
			e.Size = 0
			want[i].Seq, want[i].Method, want[i].Summary = uint64(i)+4, "Echo.Say", "text hi"
			if e != want[i] {
				t.Errorf("event %d is %+v, want %+v", i, e, want[i])
			}
		}
	})
}

// The trace remembers no request that will not be answered.
func TestLostRequestsAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, netsim.Config{}, "c1", "s1")
		codec, err := w.proc("c1").Dial(t.Context(), "s1")
		w.must(err)
		c := rpc.NewClientWithCodec(codec)
		w.say(c, "answered")
		w.must(w.Isolate("s1"))
		send(c, "lost")
		if n := netsim.Unanswered(codec); n != 0 {
			t.Errorf("%d requests are remembered", n)
		}
	})
}

func TestErrorsSumUpReplies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, netsim.Config{}, "c1", "s1")
		if err := w.dial("c1", "s1").Call("Echo.None", Text{}, &Text{}); err == nil {
			t.Fatal("a method that isn't there was called")
		}
		w.expect(1, netsim.TraceEvent{Kind: netsim.MsgSent, Direction: netsim.Reply, Summary: "rpc: can't find method Echo.None"})
	})
}

func TestBodyThatCannotBeEncoded(t *testing.T) {
	for _, delay := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, netsim.Config{}, "c1", "s1")
			c := w.dial("c1", "s1")
			if delay {
				w.must(w.Delay("c1", "s1", ms, 0))
			}
			if err := c.Call("Echo.Say", struct{ F func() }{}, &Text{}); err == nil {
				t.Error("a func was encoded")
			}
			w.expectLost(1)
			w.expect(0, netsim.TraceEvent{Kind: netsim.MsgDelivered})
			w.say(w.dial("c1", "s1"), "next connection")
		})
	}
}

// Large messages span many reads; a node can call itself.
func TestLargeMessagesAndSelf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, netsim.Config{}, "s1", "s2")
		for _, to := range []string{"s1", "s2"} {
			c := w.dial("s1", to)
			for _, size := range []int{2 << 20, 1, 100 << 10, 0, 16 << 10} {
				w.say(c, strings.Repeat("x", size))
			}
		}
	})
}

// A body that can't be decoded closes its connection and nothing else (S13).
func TestBodyThatCannotBeDecoded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, netsim.Config{}, "c1", "s1")
		c, other := w.dial("c1", "s1"), w.dial("c1", "s1")
		if err := c.Call("Echo.Say", 42, &Text{}); err == nil {
			t.Error("a number was taken for a Text")
		}
		w.say(other, "x")
	})
}

func TestUnwatchedTrace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := netsim.New(netsim.Config{})
		w := newWorldOn(t, n, "c1", "s1")
		c := w.dial("c1", "s1")
		w.say(c, "unseen")
		w.must(w.Cut("s1", "c1"))
		send(c, "unseen, unanswered")
		synctest.Wait()
		w.must(w.HealAll())
		if got := len(w.events()); got != 4 {
			t.Errorf("%d events, want 2 starts, a cut and a healing: %v", got, w.events())
		}
		stop, second := n.Trace().Watch(), n.Trace().Watch()
		w.say(c, "seen")
		second()
		second()
		w.say(c, "seen too")
		stop()
		w.say(c, "unseen again")
		w.expect(4, netsim.TraceEvent{Kind: netsim.MsgSent})
		w.expect(4, netsim.TraceEvent{Kind: netsim.MsgDelivered})
	})
}

func TestTraceRing(t *testing.T) {
	n := netsim.New(netsim.Config{TraceLen: 4})
	defer n.Close()
	node, err := n.Add("s1")
	if err != nil {
		t.Fatal(err)
	}
	check := func(since uint64, first, count int, missed uint64) {
		t.Helper()
		events, m := n.Trace().Since(since)
		if len(events) != count || m != missed {
			t.Errorf("since %d: %d events, %d missed", since, len(events), m)
		}
		for i, e := range events {
			if e.Seq != uint64(first+i) {
				t.Errorf("since %d: event %d has number %d", since, i, e.Seq)
			}
		}
	}
	check(0, 0, 0, 0)
	for range 3 {
		node.Start()
		node.Crash()
	}
	check(0, 3, 4, 2)
	check(1, 3, 4, 1)
	check(2, 3, 4, 0)
	check(4, 5, 2, 0)
	check(6, 0, 0, 0)
	check(99, 0, 0, 0)
}

func TestNames(t *testing.T) {
	for k := netsim.MsgSent; k <= netsim.TimeSpeed; k++ {
		if s := k.String(); s == "" || s[len(s)-1] == ')' {
			t.Errorf("kind %d has no name", k)
		}
	}
	for k := netsim.FaultCut; k <= netsim.FaultFrozen; k++ {
		if s := k.String(); s == "" || s[len(s)-1] == ')' {
			t.Errorf("fault %d has no name", k)
		}
	}
	if s := netsim.EventKind(99).String(); s != "kind(99)" {
		t.Errorf("kind 99 is %q", s)
	}
	if s := netsim.Reply.String() + netsim.Frozen.String() + netsim.FaultCut.String(); s != "replyfrozencut" {
		t.Error(s)
	}
}
