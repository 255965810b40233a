package netsim_test

import (
	"errors"
	"fmt"
	"net/rpc"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"cluster/splitbrain/netsim"
)

// readOrder returns the summaries of what a node was delivered, in order.
func readOrder(w *world, to string) (order []string) {
	for _, e := range w.events() {
		if e.Kind == netsim.MsgDelivered && e.To == to {
			order = append(order, e.Summary)
		}
	}
	return order
}

func TestFrozenReceiverQueues(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, netsim.Config{}, "c1", "s1", "s2")
		c, other := w.dial("c1", "s1"), w.dial("c1", "s2")
		w.must(w.Node("s1").Freeze())
		d := w.dial("c1", "s1") // the machine accepts
		var want []string
		for i := range 5 {
			send(c, fmt.Sprint(i))
			want = append(want, fmt.Sprint("text ", i))
		}
		send(d, "5")
		want = append(want, "text 5")
		w.say(other, "x")
		w.must(w.Cut("c1", "s1")) // too late for what has arrived
		lost := send(c, "lost")
		time.Sleep(time.Hour)
		w.heard("s1")
		w.expect(6, netsim.TraceEvent{Kind: netsim.MsgQueued, Direction: netsim.Request, To: "s1", Why: "s1 is frozen"})
		w.must(w.Node("s1").Thaw())
		synctest.Wait()
		if got := readOrder(w, "s1"); !slices.Equal(got, want) {
			t.Errorf("delivered %q, want %q", got, want)
		}
		if n := w.echo("s1").count(); n != 6 {
			t.Errorf("s1 heard %d messages", n)
		}
		w.expectLost(1)
		if answered(lost) {
			t.Error("the lost message was answered")
		}
	})
}

func TestFrozenSenderHoldsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, netsim.Config{}, "c1", "s1", "s2")
		c, forward := w.dial("c1", "s1"), w.dial("s1", "s2")
		inHandler := c.Go("Echo.Wait", Text{"reply"}, new(Text), nil)
		synctest.Wait()
		w.must(w.Node("s1").Freeze())
		for i := range 5 {
			send(forward, fmt.Sprint(i))
		}
		close(w.echo("s1").gate)
		time.Sleep(time.Hour)
		w.heard("s2")
		if answered(inHandler) {
			t.Error("a frozen process answered")
		}
		w.expect(5, netsim.TraceEvent{Kind: netsim.MsgQueued, Direction: netsim.Request, From: "s1", Why: "s1 is frozen"})
		w.expect(1, netsim.TraceEvent{Kind: netsim.MsgQueued, Direction: netsim.Reply, From: "s1", Why: "s1 is frozen"})
		w.must(w.Node("s1").Thaw())
		synctest.Wait()
		if got := readOrder(w, "s2"); !slices.Equal(got, []string{"text 0", "text 1", "text 2", "text 3", "text 4"}) {
			t.Errorf("delivered %q", got)
		}
		if !answered(inHandler) || inHandler.Error != nil {
			t.Errorf("after the thaw the call is %v", inHandler.Error)
		}
		w.expectLost(0)
	})
}

// A connection that was reset, and is closed while its reader is frozen, ends all the same: whoever closes waits for the reader.
func TestFrozenReaderOfAClosedConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, netsim.Config{}, "c1", "s1")
		read, ended := make(chan struct{}), make(chan error)
		w.proc("s1").Serve(func(codec rpc.ServerCodec) {
			<-read
			go func() { ended <- codec.ReadRequestHeader(new(rpc.Request)) }()
			synctest.Wait() // it waits for what is frozen
			codec.Close()
		})
		w.dial("c1", "s1")
		w.must(w.Node("c1").Crash())
		synctest.Wait()
		w.must(w.Node("s1").Freeze())
		close(read)
		if err := <-ended; err == nil {
			t.Error("a request was read")
		}
	})
}

// What was delivered before the freeze and not yet read stays unread.
func TestFrozenReaderStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, netsim.Config{}, "c1", "s1")
		server, read := rpc.NewServer(), make(chan struct{})
		w.must(server.RegisterName("Echo", w.echo("s1")))
		w.proc("s1").Serve(func(codec rpc.ServerCodec) {
			// The first one alone, with all of them at hand.
			<-read
			var text Text
			if codec.ReadRequestHeader(new(rpc.Request)) != nil || codec.ReadRequestBody(&text) != nil {
				t.Error("nothing to read")
			}
			<-read
			server.ServeCodec(codec)
		})
		c := w.dial("c1", "s1")
		for range 100 {
			send(c, "x")
		}
		w.expect(100, netsim.TraceEvent{Kind: netsim.MsgDelivered})
		read <- struct{}{}
		synctest.Wait()
		w.must(w.Node("s1").Freeze())
		close(read)
		time.Sleep(time.Hour)
		w.heard("s1")
		w.must(w.Node("s1").Thaw())
		synctest.Wait()
		if n := w.echo("s1").count(); n != 99 {
			t.Errorf("s1 heard %d of 99", n)
		}
		w.expect(1, netsim.TraceEvent{Kind: netsim.NodeFrozen, From: "s1"})
		w.expect(1, netsim.TraceEvent{Kind: netsim.NodeThawed, From: "s1"})
	})
}

func TestCrashOfAFrozenProcess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, netsim.Config{}, "c1", "s1", "s2")
		c, forward := w.dial("c1", "s1"), w.dial("s1", "s2")
		w.must(w.Node("s1").Freeze())
		call := send(c, "arrived")
		send(forward, "written")
		w.must(w.Node("s1").Crash())
		synctest.Wait()
		if !answered(call) || !errors.Is(call.Error, netsim.ErrReset) {
			t.Errorf("the call is %v", call.Error)
		}
		w.boot("s1")
		w.say(w.dial("c1", "s1"), "new")
		w.say(w.dial("s1", "s2"), "new")
		w.heard("s1", "new")
		w.heard("s2", "new")
		w.expect(1, netsim.TraceEvent{Kind: netsim.MsgLost, From: "c1", Why: "s1 crashed"})
		w.expect(1, netsim.TraceEvent{Kind: netsim.MsgLost, From: "s1", Why: "s1 crashed"})
		w.expectLost(2)
	})
}

// A frozen peer learns of a reset when it thaws.
func TestFrozenPeerOfACrash(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, netsim.Config{}, "c1", "s1")
		c := w.dial("c1", "s1")
		w.must(w.Delay("s1", "c1", ms, 0))
		call := send(c, "answered first")
		synctest.Wait()
		w.must(w.Node("c1").Freeze())
		w.must(w.Node("s1").Crash())
		time.Sleep(time.Hour)
		w.expect(0, netsim.TraceEvent{Kind: netsim.ConnReset})
		w.must(w.Node("c1").Thaw())
		synctest.Wait()
		if !answered(call) || call.Error != nil {
			t.Errorf("the call is %v", call.Error)
		}
		w.expect(1, netsim.TraceEvent{Kind: netsim.ConnReset})
	})
}

func TestFrozenDialWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, netsim.Config{}, "c1", "s1")
		w.must(w.Node("c1").Freeze())
		done := make(chan struct{})
		go func() {
			w.dial("c1", "s1")
			close(done)
		}()
		time.Sleep(time.Hour)
		select {
		case <-done:
			t.Error("a frozen process dialled")
		default:
		}
		w.must(w.Node("c1").Thaw())
		<-done
		w.expect(1, netsim.TraceEvent{Kind: netsim.DialWaiting, From: "c1", To: "s1", Why: "c1 is frozen"})
	})
}

func TestFrozenStates(t *testing.T) {
	w := newWorld(t, netsim.Config{}, "s1")
	n := w.Node("s1")
	if n.Thaw() == nil || n.State() != netsim.Up {
		t.Error("thawed what is not frozen")
	}
	w.must(n.Freeze())
	if n.Freeze() == nil || n.State() != netsim.Frozen {
		t.Error("froze what is frozen")
	}
	if _, err := n.Start(); err == nil {
		t.Error("started what is frozen")
	}
	w.must(n.Crash())
	if n.Thaw() == nil || n.State() != netsim.Crashed {
		t.Error("thawed what is crashed")
	}
	_, err := w.Add("late") // a node that is added while another is frozen, and after
	w.must(err)
	w.boot("late")
	w.boot("s1")
	w.must(n.Freeze())
	_, err = w.Add("later")
	w.must(err)
	w.boot("later")
	send(w.dial("later", "s1"), "x")
	w.expect(1, netsim.TraceEvent{Kind: netsim.MsgQueued, From: "later"})
}

func TestFrozenClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, netsim.Config{}, "s1")
		clock, node := w.proc("s1").Clock(), w.Node("s1")
		start := time.Now()
		var mu sync.Mutex                   // guards fired
		fired := map[string]time.Duration{} // in true time
		note := func(name string) func() {
			return func() {
				mu.Lock()
				defer mu.Unlock()
				fired[name] = time.Since(start)
			}
		}
		clock.AfterFunc(time.Second, note("before"))
		clock.AfterFunc(3*time.Second, note("across"))
		stopped := clock.AfterFunc(3*time.Second, note("stopped"))
		reset := clock.AfterFunc(3*time.Second, note("reset"))

		time.Sleep(2 * time.Second)
		w.must(node.Freeze())
		at := clock.Now()
		clock.AfterFunc(5*time.Second, note("set while frozen"))
		time.Sleep(time.Hour)
		if now := clock.Now(); !now.Equal(at) {
			t.Errorf("the frozen clock moved by %v", now.Sub(at))
		}
		if !stopped.Stop() || stopped.Stop() {
			t.Error("Stop misjudged a frozen timer")
		}
		if !reset.Reset(7 * time.Second) {
			t.Error("Reset misjudged a frozen timer")
		}
		w.must(node.Thaw())
		time.Sleep(time.Minute)
		synctest.Wait()
		if got := clock.Now().Sub(at); got != time.Minute {
			t.Errorf("after the thaw the clock went %v in a minute", got)
		}
		thawed := time.Hour + 2*time.Second
		want := map[string]time.Duration{
			"before": time.Second, "across": thawed + time.Second,
			"reset": thawed + 7*time.Second, "set while frozen": thawed + 5*time.Second,
		}
		if len(fired) != len(want) {
			t.Errorf("fired: %v", fired)
		}
		for name, at := range want {
			if fired[name] != at {
				t.Errorf("%q fired after %v, want %v", name, fired[name], at)
			}
		}
	})
}
