package netsim_test

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"cluster/splitbrain/netsim"
)

// between fails unless low <= n <= high.
func between(t *testing.T, what string, n, low, high int) {
	t.Helper()
	if n < low || n > high {
		t.Errorf("%s: %d, want %d to %d", what, n, low, high)
	}
}

func TestLossOfRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, netsim.Config{TraceLen: 1 << 14}, "c1", "s1", "s2")
		c, other, back := w.dial("c1", "s1"), w.dial("c1", "s2"), w.dial("s1", "c1")
		w.must(w.Loss("c1", "s1", 0.3))
		unanswered := 0
		for i := range 1000 {
			call := send(c, fmt.Sprint(i))
			synctest.Wait()
			if !answered(call) {
				unanswered++
			}
		}
		for i := range 100 {
			w.say(other, fmt.Sprint(i))
			w.say(back, fmt.Sprint(i)) // its replies travel c1 > s1
		}
		lost := netsim.TraceEvent{
			Kind: netsim.MsgLost, Direction: netsim.Request, From: "c1", To: "s1", Why: "30% loss of requests c1 > s1",
		}
		between(t, "lost", unanswered, 250, 350)
		w.expect(unanswered, lost)
		w.expectLost(unanswered)
		if n := w.echo("s1").count(); n != 1000-unanswered {
			t.Errorf("s1 heard %d messages, lost are %d", n, unanswered)
		}
		w.must(w.Loss("c1", "s1", 0))
		w.say(c, "after")
		w.expect(1, netsim.TraceEvent{Kind: netsim.FaultLoss.Begins(), From: "c1", To: "s1", Why: "30% of requests"})
		w.expect(1, netsim.TraceEvent{Kind: netsim.LinkHealed, From: "c1", To: "s1", Why: "of the loss of requests"})
	})
}

func TestLossOfReplies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, netsim.Config{}, "c1", "s1", "s2")
		c, other, back := w.dial("c1", "s1"), w.dial("s2", "s1"), w.dial("s1", "c1")
		w.must(w.LossReplies("s1", "c1", 1))
		for i := range 50 {
			call := send(c, fmt.Sprint(i))
			synctest.Wait()
			if answered(call) {
				t.Fatalf("call %d was answered", i)
			}
			w.say(other, "other")
			w.say(back, "back") // a request on the link that loses replies
		}
		if n := w.echo("s1").count(); n != 100 {
			t.Errorf("s1 executed %d calls, want 100", n)
		}
		w.expect(50, netsim.TraceEvent{
			Kind: netsim.MsgLost, Direction: netsim.Reply, From: "s1", To: "c1", Why: "100% loss of replies s1 > c1",
		})
		w.expectLost(50)
		w.must(w.LossReplies("s1", "c1", 0))
		w.say(c, "after")
		w.expect(1, netsim.TraceEvent{Kind: netsim.FaultReplyLoss.Begins(), From: "s1", To: "c1", Why: "100% of replies"})
		w.expect(1, netsim.TraceEvent{Kind: netsim.LinkHealed, From: "s1", To: "c1", Why: "of the loss of replies"})
	})
}

func TestUnreliable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, netsim.Config{TraceLen: 1 << 15}, "c1", "s1", "s2")
		w.must(w.Unreliable("s1"))
		from, own := w.dial("c1", "s1"), w.dial("s1", "s2")
		for i := range 2000 {
			send(from, fmt.Sprint(i))
		}
		synctest.Wait()
		for range 100 {
			w.say(own, "x") // what it asks others is no affair of the server
		}
		requests := w.count(netsim.TraceEvent{Kind: netsim.MsgLost, Direction: netsim.Request, From: "c1", To: "s1"})
		replies := w.count(netsim.TraceEvent{Kind: netsim.MsgLost, Direction: netsim.Reply, From: "s1", To: "c1"})
		between(t, "requests lost", requests, 150, 250)
		between(t, "replies lost", replies, (2000-requests)*15/100, (2000-requests)*25/100)
		w.expectLost(requests + replies)
		var got []string
		for _, f := range w.Faults() {
			got = append(got, f.String())
		}
		want := []string{"loss c1 s1 10%", "loss s2 s1 10%", "loss s1 c1 20% replies", "loss s1 s2 20% replies"}
		if !slices.Equal(got, want) {
			t.Errorf("faults are %q, want %q", got, want)
		}
	})
}

func TestDuplicatedRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, netsim.Config{}, "c1", "s1", "s2")
		c, other, back := w.dial("c1", "s1"), w.dial("c1", "s2"), w.dial("s1", "s2")
		w.must(w.Duplicate("c1", "s1", 1))
		for i := range 5 {
			w.say(c, fmt.Sprint(i))
			w.say(other, "x")
			w.say(back, "x")
			synctest.Wait()
		}
		heard := w.echo("s1").Heard()
		slices.Sort(heard)
		if want := []string{"0", "0", "1", "1", "2", "2", "3", "3", "4", "4"}; !slices.Equal(heard, want) {
			t.Errorf("s1 heard %q", heard)
		}
		w.expect(5, netsim.TraceEvent{Kind: netsim.MsgSent, Direction: netsim.Request, From: "c1", To: "s1"})
		w.expect(5, netsim.TraceEvent{Kind: netsim.MsgDuplicated, Direction: netsim.Request, From: "c1", To: "s1"})
		w.expect(5, netsim.TraceEvent{Kind: netsim.MsgDuplicated})
		w.expect(10, netsim.TraceEvent{Kind: netsim.MsgDelivered, Direction: netsim.Reply, From: "s1", To: "c1"})
		w.expectLost(0)
		copies, answers := map[uint64]bool{}, map[uint64]bool{}
		for _, e := range w.events() {
			if e.Kind == netsim.MsgDuplicated {
				copies[e.Msg] = e.CopyOf > 0 && e.CopyOf < e.Msg
			}
			if e.Kind == netsim.MsgSent && e.Direction == netsim.Reply && e.From == "s1" {
				answers[e.Answers] = true
			}
		}
		for msg, right := range copies {
			if !right || !answers[msg] {
				t.Errorf("copy %d is of a wrong message, or nothing answers it", msg)
			}
		}
		if len(answers) != 10 {
			t.Errorf("the 10 replies answer %d requests", len(answers))
		}
		w.must(w.Duplicate("c1", "s1", 0))
		w.say(c, "after")
		w.expect(5, netsim.TraceEvent{Kind: netsim.MsgDuplicated})
	})
}

// The caller discards the second reply, and its connection goes on.
func TestDuplicatedReplies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, netsim.Config{}, "c1", "s1")
		c := w.dial("c1", "s1")
		w.must(w.Duplicate("s1", "c1", 1))
		for i := range 5 {
			w.say(c, fmt.Sprint(i))
			synctest.Wait()
		}
		w.heard("s1", "0", "1", "2", "3", "4")
		w.expect(10, netsim.TraceEvent{Kind: netsim.MsgDelivered, Direction: netsim.Reply, From: "s1", To: "c1"})
		w.expect(5, netsim.TraceEvent{Kind: netsim.MsgDuplicated, Direction: netsim.Reply})
		w.expectLost(0)
	})
}

func TestDuplicateSome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, netsim.Config{TraceLen: 1 << 14}, "c1", "s1")
		c := w.dial("c1", "s1")
		w.must(w.Duplicate("c1", "s1", 0.1))
		for i := range 1000 {
			send(c, fmt.Sprint(i))
		}
		synctest.Wait()
		copies := w.count(netsim.TraceEvent{Kind: netsim.MsgDuplicated})
		between(t, "copies", copies, 70, 130)
		if n := w.echo("s1").count(); n != 1000+copies {
			t.Errorf("s1 heard %d messages with %d copies", n, copies)
		}
	})
}

func TestReorder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, netsim.Config{}, "c1", "s1", "s2")
		c, other := w.dial("c1", "s1"), w.dial("c1", "s2")
		w.must(w.Delay("c1", "s1", 10*ms, 0))
		w.must(w.Reorder("c1", "s1", 50*ms))
		var want []string
		for i := range 200 {
			send(c, fmt.Sprint(i))
			want = append(want, fmt.Sprint("text ", i))
			w.say(other, "x")
			time.Sleep(ms)
		}
		w.must(w.Reorder("c1", "s1", 0))
		send(c, "last")
		want = append(want, "text last")
		time.Sleep(time.Second)
		order := readOrder(w, "s1")
		if slices.Equal(order, want) {
			t.Error("nothing overtook")
		}
		if order[len(order)-1] != "text last" {
			t.Error("what was sent after the reordering ended overtook")
		}
		slices.Sort(order)
		slices.Sort(want)
		if !slices.Equal(order, want) {
			t.Errorf("delivered %q", order)
		}
		w.expectLost(0)
		w.expect(w.count(netsim.TraceEvent{Kind: netsim.MsgDelayed}), netsim.TraceEvent{Kind: netsim.MsgDelayed, From: "c1", To: "s1"})
		checkTransit(t, w, 10*ms, 60*ms)
	})
}

// checkTransit fails unless the messages c1 > s1 were under way that long.
func checkTransit(t *testing.T, w *world, low, high time.Duration) {
	t.Helper()
	sent := map[uint64]time.Duration{}
	for _, e := range w.events() {
		switch {
		case e.From != "c1" || e.To != "s1":
		case e.Kind == netsim.MsgSent:
			sent[e.Msg] = e.At
		case e.Kind == netsim.MsgDelivered:
			if took := e.At - sent[e.Msg]; took < low || took > high {
				t.Errorf("%v took %v", e, took)
			}
		}
	}
}

// A copy has a delay of its own.
func TestCopiesOvertake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, netsim.Config{}, "c1", "s1")
		c := w.dial("c1", "s1")
		w.must(w.Duplicate("c1", "s1", 1))
		w.must(w.Reorder("c1", "s1", 50*ms))
		for i := range 100 {
			send(c, fmt.Sprint(i))
			time.Sleep(time.Second)
		}
		delivered, early := map[uint64]bool{}, 0
		for _, e := range w.events() {
			if e.Kind != netsim.MsgDelivered || e.Direction != netsim.Request {
				continue
			}
			delivered[e.Msg] = true
			if e.CopyOf != 0 && !delivered[e.CopyOf] {
				early++
			}
		}
		between(t, "copies that overtook", early, 30, 70)
	})
}

// The end of a connection does not overtake what was sent on it.
func TestReorderedClosing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, netsim.Config{}, "c1", "s1")
		ended := serveCounted(w, "s1")
		for i := range 50 {
			w.must(w.Reorder("c1", "s1", time.Second))
			c := w.dial("c1", "s1")
			send(c, "x")
			c.Close()
			time.Sleep(2 * time.Second)
			if n, heard := ended(), w.echo("s1").count(); n != i+1 || heard != i+1 {
				t.Fatalf("of %d connections %d have ended and %d were heard", i+1, n, heard)
			}
		}
	})
}

// fates runs many messages through all faults that draw, and returns what became of them.
func fates(t *testing.T, seed uint64) (all []string) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, netsim.Config{Seed: seed, TraceLen: 1 << 14}, "c1", "s1")
		w.must(w.Loss("c1", "s1", 0.2))
		w.must(w.LossReplies("s1", "c1", 0.2))
		w.must(w.Duplicate("c1", "s1", 0.2))
		w.must(w.Reorder("c1", "s1", 10*ms))
		w.must(w.Delay("c1", "s1", 5*ms, 5*ms))
		c := w.dial("c1", "s1")
		for i := range 300 {
			send(c, fmt.Sprint(i))
			time.Sleep(time.Second)
		}
		for _, e := range w.events() {
			all = append(all, fmt.Sprint(e.At, e))
		}
	})
	return all
}

func TestSeedsRepeatAllFaults(t *testing.T) {
	first := fates(t, 1)
	if again := fates(t, 1); !slices.Equal(first, again) {
		t.Error("the same seed had another outcome")
	}
	if slices.Equal(first, fates(t, 2)) {
		t.Error("another seed had the same outcome")
	}
}
