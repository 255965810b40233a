package netsim_test

import (
	"errors"
	"net/rpc"
	"testing"
	"testing/synctest"
	"time"

	"cluster/splitbrain/netsim"
)

func TestObserverSeesThroughFaults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, netsim.Config{}, "s1", "s2")
		early, err := w.Observer()(t.Context(), "s1")
		w.must(err)
		first := rpc.NewClientWithCodec(early)
		w.must(w.Isolate("s1"))
		w.must(w.Delay("s2", "s1", time.Hour, 0))
		w.must(w.Node("s1").Freeze())
		before, start := len(w.events()), time.Now()
		codec, err := w.Observer()(t.Context(), "s1")
		w.must(err)
		c := rpc.NewClientWithCodec(codec)
		w.say(c, "look")
		w.say(first, "again")
		w.must(c.Close())
		w.heard("s1", "look", "again")
		if n := len(w.events()) - before; n > 0 {
			t.Errorf("the observer left %d events", n)
		}
		if d := time.Since(start); d > 0 {
			t.Errorf("the observer waited %v", d)
		}
		w.Close()
		if err := first.Call("Echo.Say", Text{}, &Text{}); !errors.Is(err, netsim.ErrClosed) && !errors.Is(err, rpc.ErrShutdown) {
			t.Errorf("on a closed network the observer got %v", err)
		}
	})
}

func TestObserverAndCrashes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, netsim.Config{}, "s1")
		codec, err := w.Observer()(t.Context(), "s1")
		w.must(err)
		c := rpc.NewClientWithCodec(codec)
		defer c.Close()
		call := c.Go("Echo.Wait", Text{"x"}, new(Text), nil)
		synctest.Wait()
		w.must(w.Node("s1").Crash())
		synctest.Wait()
		if !answered(call) || !errors.Is(call.Error, netsim.ErrReset) {
			t.Errorf("the call is %v", call.Error)
		}
		close(w.echo("s1").gate)
		if _, err := w.Observer()(t.Context(), "s1"); !errors.Is(err, netsim.ErrRefused) {
			t.Errorf("the observer reached a crashed process: %v", err)
		}
		if _, err := w.Observer()(t.Context(), "s9"); err == nil {
			t.Error("the observer reached nobody")
		}
	})
}
