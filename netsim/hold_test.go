package netsim_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"cluster/splitbrain/netsim"
)

// heldTexts returns the summaries of what is held.
func heldTexts(w *world) (texts []string) {
	for _, h := range w.Held() {
		texts = append(texts, h.Summary)
	}
	return texts
}

// held returns the number of the held message with that text.
func (w *world) held(text string) uint64 {
	w.Helper()
	for _, h := range w.Held() {
		if h.Summary == "text "+text {
			return h.Msg
		}
	}
	w.Fatalf("%q is not held: %q", text, heldTexts(w))
	return 0
}

func TestHoldByHand(t *testing.T) {
	for _, watched := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			n := netsim.New(netsim.Config{})
			if watched {
				defer n.Trace().Watch()()
			}
			w := newWorldOn(t, n, "c1", "s1", "s2")
			c, other, back := w.dial("c1", "s1"), w.dial("c1", "s2"), w.dial("s1", "c1")
			w.must(w.Hold("c1", "s1"))
			time.Sleep(time.Minute)
			for _, s := range []string{"a", "b", "c", "d"} {
				send(c, s)
				w.say(other, s)
			}
			reply := send(back, "e") // c1's reply to it is held
			time.Sleep(time.Hour)
			w.heard("s1")
			if got := heldTexts(w); !slices.Equal(got, []string{"text a", "text b", "text c", "text d", "text e"}) {
				t.Fatalf("held are %q", got)
			}
			all := w.Held()
			h, answer := all[0], all[4]
			if h.From != "c1" || h.To != "s1" || h.Direction != netsim.Request || h.Method != "Echo.Say" ||
				h.Since != time.Minute || h.Msg == 0 || answer.Direction != netsim.Reply || watched != (answer.Answers > 0) {
				t.Errorf("held are %+v and %+v", h, answer)
			}

			w.must(w.Deliver(w.held("c")))
			w.must(w.Drop(w.held("b")))
			twice, err := w.DuplicateHeld(w.held("a"))
			w.must(err)
			if copyOf := w.Held()[3].CopyOf; copyOf != w.held("a") {
				t.Errorf("the last one held is a copy of %d", copyOf)
			}
			w.must(w.Deliver(twice))
			w.must(w.Deliver(w.held("e")))
			synctest.Wait()
			if heard := w.echo("s1").count(); heard != 2 || !answered(reply) {
				t.Errorf("s1 heard %q", w.echo("s1").Heard())
			}
			w.must(w.Deliver(w.held("a")))
			w.must(w.Release("c1", "s1"))
			w.say(c, "after")
			synctest.Wait()
			if heard := w.echo("s1").count(); heard != 5 || len(w.Held()) > 0 {
				t.Errorf("s1 heard %q", w.echo("s1").Heard())
			}
			if !watched {
				return
			}
			w.expect(6, netsim.TraceEvent{Kind: netsim.MsgHeld, From: "c1", To: "s1"})
			w.expect(1, netsim.TraceEvent{Kind: netsim.MsgDuplicated, From: "c1", To: "s1", Why: "by hand"})
			w.expect(1, netsim.TraceEvent{Kind: netsim.MsgLost, Direction: netsim.Request, Summary: "text b", Why: "dropped by hand"})
			w.expectLost(1)
		})
	}
}

func TestHoldErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, netsim.Config{}, "c1", "s1")
		w.must(w.Hold("c1", "s1"))
		send(w.dial("c1", "s1"), "x")
		msg := w.held("x")
		_, duplicate := w.DuplicateHeld(msg + 1)
		for what, err := range map[string]error{
			"deliver": w.Deliver(msg + 1), "drop": w.Drop(0), "duplicate": duplicate,
			"hold": w.Hold("c1", "s9"), "release": w.Release("s9", "c1"),
		} {
			if err == nil {
				t.Errorf("%s: no error", what)
			}
		}
		w.must(w.Cut("c1", "s1"))
		if err := w.Deliver(msg); err == nil || err.Error() != fmt.Sprintf("c1 > s1 is cut: message %d would be lost", msg) {
			t.Errorf("over a cut: %v", err)
		}
		w.must(w.Heal("c1", "s1"))
		w.must(w.Node("s1").Freeze())
		w.must(w.Deliver(msg))
		time.Sleep(time.Hour)
		w.heard("s1")
		if w.Deliver(msg) == nil {
			t.Error("delivered twice")
		}
		w.must(w.Node("s1").Thaw())
		synctest.Wait()
		w.heard("s1", "x")
	})
}

// However holds end, what was held goes first and in order, over all links.
func TestReleaseInOrder(t *testing.T) {
	for what, release := range map[string]func(w *world) error{
		"release all": func(w *world) error { return w.ReleaseAll() },
		"heal all":    func(w *world) error { return w.HealAll() },
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, netsim.Config{}, "c1", "c2", "s1")
			c, d := w.dial("c1", "s1"), w.dial("c2", "s1")
			w.must(w.Delay("c1", "s1", time.Minute, 0)) // does not concern the held
			w.must(w.Hold("c2", "s1"))
			w.must(w.Hold("c1", "s1"))
			var want []string
			for i := range 10 {
				send(c, fmt.Sprint(2*i))
				send(d, fmt.Sprint(2*i+1))
				want = append(want, fmt.Sprint("text ", 2*i), fmt.Sprint("text ", 2*i+1))
			}
			w.must(release(w))
			if got := readOrder(w, "s1"); !slices.Equal(got, want) {
				t.Errorf("%s: delivered %q", what, got)
			}
			w.expect(2, netsim.TraceEvent{Kind: netsim.LinkHealed, Why: "of the hold"})
			w.expectLost(0)
		})
	}
}

func TestReleaseKeepsOrderWithTransit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, netsim.Config{}, "c1", "s1")
		c := w.dial("c1", "s1")
		w.must(w.Delay("c1", "s1", time.Second, 0))
		send(c, "delayed")
		w.must(w.Hold("c1", "s1"))
		send(c, "held")
		w.must(w.Release("c1", "s1"))
		send(c, "sent after")
		time.Sleep(time.Minute)
		if got := readOrder(w, "s1"); !slices.Equal(got, []string{"text delayed", "text held", "text sent after"}) {
			t.Errorf("delivered %q", got)
		}
		w.must(w.Hold("c1", "s1"))
		send(c, "held, then cut")
		w.must(w.Cut("c1", "s1"))
		w.must(w.Release("c1", "s1"))
		w.expect(1, netsim.TraceEvent{Kind: netsim.MsgLost, Summary: "text held, then cut", Why: "c1 > s1 is cut"})
	})
}

// The end of a connection waits for what is held of it, and for nothing else.
func TestEndsWaitBehindTheHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, netsim.Config{}, "c1", "s1")
		ended := serveCounted(w, "s1")
		w.must(w.Hold("c1", "s1"))
		released := w.dial("c1", "s1")
		idle, busy, crashing := w.dial("c1", "s1"), w.dial("c1", "s1"), w.dial("c1", "s1")
		w.must(w.Cut("s1", "c1")) // nothing that comes back ends a connection
		send(busy, "one")
		send(busy, "two")
		send(crashing, "three")
		idle.Close()
		if n := ended(); n != 1 {
			t.Errorf("%d connections ended with nothing held", n)
		}
		busy.Close()
		w.must(w.Deliver(w.held("two")))
		if n := ended(); n != 1 {
			t.Errorf("%d connections ended before the held was delivered", n)
		}
		w.must(w.Drop(w.held("one")))
		if n := ended(); n != 2 {
			t.Errorf("%d connections ended, want 2", n)
		}
		send(released, "four")
		released.Close()
		w.must(w.Release("c1", "s1"))
		if n := ended(); n != 3 {
			t.Errorf("%d connections ended after the release", n)
		}
		w.must(w.Hold("c1", "s1"))
		send(crashing, "five")
		w.must(w.Node("c1").Crash())
		if n := ended(); n != 3 {
			t.Errorf("a reset overtook")
		}
		w.must(w.Deliver(w.held("five")))
		if n := ended(); n != 4 {
			t.Errorf("%d connections ended after the crash", n)
		}
		if n := w.echo("s1").count(); n != 4 {
			t.Errorf("heard are %q", w.echo("s1").Heard())
		}
	})
}

func TestHeldWhenClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, netsim.Config{}, "c1", "s1")
		w.must(w.Hold("c1", "s1"))
		call := send(w.dial("c1", "s1"), "x")
		w.Close()
		if err := (<-call.Done).Error; !errors.Is(err, netsim.ErrClosed) {
			t.Errorf("the call ended with %v", err)
		}
		w.expect(1, netsim.TraceEvent{Kind: netsim.MsgLost, Why: netsim.ErrClosed.Error()})
		if err := w.Deliver(1); !errors.Is(err, netsim.ErrClosed) || len(w.Held()) > 0 {
			t.Errorf("a closed network answers %v", err)
		}
	})
}

// Held, lossy and doubled at once: what is not lost is held, and its copy too.
func TestHoldWithOtherFaults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, netsim.Config{TraceLen: 1 << 14}, "c1", "s1")
		c := w.dial("c1", "s1")
		w.must(w.Hold("c1", "s1"))
		w.must(w.Loss("c1", "s1", 0.5))
		w.must(w.Duplicate("c1", "s1", 1))
		w.must(w.Reorder("c1", "s1", time.Second))
		for i := range 100 {
			send(c, fmt.Sprint(i))
		}
		lost := w.count(netsim.TraceEvent{Kind: netsim.MsgLost})
		between(t, "lost", lost, 30, 70)
		if n := len(w.Held()); n != 2*(100-lost) {
			t.Errorf("%d are held and %d lost", n, lost)
		}
		w.must(w.ReleaseAll())
		synctest.Wait()
		if n := w.echo("s1").count(); n != 2*(100-lost) {
			t.Errorf("%d are heard and %d lost", n, lost)
		}
	})
}
