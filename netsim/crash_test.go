package netsim_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"cluster/splitbrain/netsim"
)

func TestCrashResetsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, netsim.Config{}, "c1", "s1", "s2")
		c, other, back := w.dial("c1", "s1"), w.dial("c1", "s2"), w.dial("s1", "s2")
		pending := c.Go("Echo.Wait", Text{"x"}, new(Text), nil)
		own := back.Go("Echo.Wait", Text{"x"}, new(Text), nil)
		synctest.Wait()
		w.must(w.Node("s1").Crash())
		synctest.Wait()
		if !answered(pending) || !errors.Is(pending.Error, netsim.ErrReset) {
			t.Errorf("the call to the crashed process ended with %v", pending.Error)
		}
		if !answered(own) || !errors.Is(own.Error, netsim.ErrGone) {
			t.Errorf("the call of the crashed process ended with %v", own.Error)
		}
		w.say(other, "y")
		w.expect(1, netsim.TraceEvent{Kind: netsim.ConnReset, From: "s1", To: "c1"})
		w.expect(1, netsim.TraceEvent{Kind: netsim.ConnReset, From: "s1", To: "s2"})
		close(w.echo("s1").gate)
		close(w.echo("s2").gate)
		synctest.Wait()
		w.expect(0, netsim.TraceEvent{Direction: netsim.Reply, From: "s1"}) // the dead don't write
	})
}

// With the link from the crashed process cut, the peer hears nothing until it sends on open links.
func TestCrashBehindACut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, netsim.Config{}, "c1", "s1")
		c := w.dial("c1", "s1")
		w.must(w.Cut("s1", "c1"))
		pending := send(c, "1")
		synctest.Wait()
		w.must(w.Node("s1").Crash())
		swallowed := send(c, "2") // arrives, and the reset that answers it is lost
		synctest.Wait()
		w.must(w.Cut("c1", "s1"))
		unheard := send(c, "3") // does not arrive
		w.must(w.HealAll())
		time.Sleep(time.Hour)
		if answered(pending) || answered(swallowed) || answered(unheard) {
			t.Fatal("a call ended before something was sent on open links")
		}
		send(c, "4")
		synctest.Wait()
		if !answered(pending) || !errors.Is(pending.Error, netsim.ErrReset) {
			t.Errorf("the call ended with %v", pending.Error)
		}
		w.expect(2, netsim.TraceEvent{Kind: netsim.MsgLost, Direction: netsim.Request, Why: "s1 crashed"})
		w.expect(1, netsim.TraceEvent{Kind: netsim.MsgLost, Direction: netsim.Request, Why: "c1 > s1 is cut"})
		w.expect(1, netsim.TraceEvent{Kind: netsim.ConnReset})
	})
}

// What a process sent before it crashed arrives, late, and the reset behind it; also at the next boot's peer.
func TestSentBeforeTheCrash(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, netsim.Config{}, "s1", "s2")
		c := w.dial("s1", "s2")
		w.must(w.Delay("s1", "s2", 100*ms, 0))
		send(c, "forward")
		w.must(w.Node("s1").Crash())
		w.boot("s1")
		w.heard("s2")
		time.Sleep(200 * ms)
		w.heard("s2", "forward")
		w.expect(1, netsim.TraceEvent{Kind: netsim.MsgLost, Direction: netsim.Reply, From: "s2", Why: "s1 crashed"})
		w.expectLost(1)
	})
}

// What comes due at a process that has crashed since is lost, and not for the next boot.
func TestDueAfterTheCrash(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, netsim.Config{}, "c1", "s1")
		c := w.dial("c1", "s1")
		w.must(w.Delay("c1", "s1", 100*ms, 0))
		w.must(w.Cut("s1", "c1"))
		send(c, "x")
		w.must(w.Node("s1").Crash())
		w.boot("s1")
		time.Sleep(200 * ms)
		w.heard("s1")
		w.expect(1, netsim.TraceEvent{Kind: netsim.MsgLost, Direction: netsim.Request, Why: "s1 crashed"})
		w.expectLost(1)
	})
}

func TestRefusals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, netsim.Config{}, "c1", "s1", "s2")
		_, err := w.Add("off")
		w.must(err)
		idle, err := w.Add("idle")
		w.must(err)
		_, err = idle.Start()
		w.must(err)
		w.must(w.Node("s1").Crash())
		w.proc("s2").Exit()
		for addr, why := range map[string]string{
			"s1": "s1 crashed", "s2": "s2 runs no process", "off": "off runs no process", "idle": "idle does not listen",
		} {
			_, err := w.proc("c1").Dial(t.Context(), addr)
			if !errors.Is(err, netsim.ErrRefused) {
				t.Errorf("dialling %s: %v", addr, err)
			}
			w.expect(1, netsim.TraceEvent{Kind: netsim.DialRefused, From: "c1", To: addr, Why: why})
		}
		if _, err := w.proc("c1").Dial(t.Context(), "s9"); err == nil || errors.Is(err, netsim.ErrRefused) {
			t.Errorf("dialling an unknown node: %v", err)
		}
		if _, err := w.proc("s1").Dial(t.Context(), "c1"); !errors.Is(err, netsim.ErrGone) {
			t.Errorf("a crashed process dialled: %v", err)
		}
	})
}

func TestDialWaitsForBothDirections(t *testing.T) {
	for _, cut := range [][2]string{{"c1", "s1"}, {"s1", "c1"}} {
		for _, crashed := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, netsim.Config{}, "c1", "s1")
				w.must(w.Cut(cut[0], cut[1]))
				if crashed {
					w.must(w.Node("s1").Crash())
				}
				done := make(chan error)
				go func() {
					codec, err := w.proc("c1").Dial(t.Context(), "s1")
					if err == nil {
						codec.Close()
					}
					done <- err
				}()
				time.Sleep(time.Hour)
				synctest.Wait()
				select {
				case err := <-done:
					t.Fatalf("the dial ended while %v is cut: %v", cut, err)
				default:
				}
				w.expect(1, netsim.TraceEvent{Kind: netsim.DialWaiting, Why: cut[0] + " > " + cut[1] + " is cut"})
				w.must(w.Heal(cut[0], cut[1]))
				if err := <-done; crashed != errors.Is(err, netsim.ErrRefused) || !crashed && err != nil {
					t.Errorf("after healing: %v", err)
				}
			})
		}
	}
}

func TestDialEnds(t *testing.T) {
	for what, want := range map[string]error{
		"context": context.DeadlineExceeded, "crash": netsim.ErrGone, "close": netsim.ErrClosed,
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, netsim.Config{}, "c1", "s1")
			w.must(w.Isolate("s1"))
			ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
			defer cancel()
			done := make(chan error)
			go func() {
				_, err := w.proc("c1").Dial(ctx, "s1")
				done <- err
			}()
			synctest.Wait()
			switch what {
			case "crash":
				w.must(w.Node("c1").Crash())
			case "close":
				w.Close()
			}
			if err := <-done; !errors.Is(err, want) {
				t.Errorf("%s: %v", what, err)
			}
		})
	}
}

func TestBoots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, netsim.Config{}, "s1", "c1")
		node, first := w.Node("s1"), w.proc("s1")
		fired := 0
		timer := first.Clock().AfterFunc(time.Minute, func() { fired++ })
		w.must(node.Crash())
		if node.Crash() == nil || node.Freeze() == nil {
			t.Error("crashed or froze what is crashed")
		}
		if timer.Stop() || timer.Reset(time.Second) {
			t.Error("a timer of the crashed process is pending")
		}
		first.Clock().AfterFunc(time.Second, func() { fired++ })
		second := w.boot("s1")
		if first.Boot() != 1 || second.Boot() != 2 || node.Boots() != 2 {
			t.Error("boots are not counted")
		}
		first.Exit() // is not the process that runs
		if node.State() != netsim.Up {
			t.Errorf("s1 is %v", node.State())
		}
		w.say(w.dial("c1", "s1"), "hello")
		time.Sleep(time.Hour)
		if fired > 0 {
			t.Error("a timer of the crashed process fired")
		}
		second.Exit()
		if node.State() != netsim.Stopped {
			t.Errorf("s1 is %v after it exited", node.State())
		}
	})
}

// Close and Crash end a process whose handler never returns; Close then waits for it.
func TestCrashDoesNotWaitForHandlers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, netsim.Config{}, "c1", "s1")
		c := w.dial("c1", "s1")
		c.Go("Echo.Wait", Text{"x"}, new(Text), nil)
		synctest.Wait()
		w.must(w.Node("s1").Crash())
		closed := make(chan struct{})
		go func() {
			w.Close()
			close(closed)
		}()
		synctest.Wait()
		select {
		case <-closed:
			t.Error("Close did not wait for the handler")
		default:
		}
		close(w.echo("s1").gate)
		<-closed
	})
}

func TestClose(t *testing.T) {
	w := newWorld(t, netsim.Config{}, "c1", "s1", "s2")
	c, d := w.dial("c1", "s1"), w.dial("s1", "s2")
	w.say(c, "x")
	w.say(d, "x")
	w.must(w.Delay("c1", "s1", time.Hour, 0))
	w.must(w.Node("s2").Freeze())
	delayed, queued := send(c, "delayed"), send(d, "queued")
	w.Close()
	w.Close()
	for _, call := range []error{(<-delayed.Done).Error, (<-queued.Done).Error} {
		if !errors.Is(call, netsim.ErrClosed) {
			t.Errorf("the call ended with %v", call)
		}
	}
	w.expect(2, netsim.TraceEvent{Kind: netsim.MsgLost, Why: netsim.ErrClosed.Error()})
	for _, err := range []error{w.Cut("c1", "s1"), w.HealAll(), w.Isolate("c1"), w.Partition(nil)} {
		if !errors.Is(err, netsim.ErrClosed) {
			t.Errorf("a closed network answers %v", err)
		}
	}
	if _, err := w.Add("s3"); !errors.Is(err, netsim.ErrClosed) {
		t.Errorf("a node was added: %v", err)
	}
	if _, err := w.Node("s1").Start(); !errors.Is(err, netsim.ErrClosed) {
		t.Errorf("a process was started: %v", err)
	}
	if _, err := w.Observer()(t.Context(), "s1"); !errors.Is(err, netsim.ErrClosed) {
		t.Errorf("the observer dialled: %v", err)
	}
}
