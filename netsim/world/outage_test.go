package world

import (
	"testing"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/pbservice"
)

// ask runs a world until a client's operation has ended, and returns the value of its key; "" if it does not within a while.
func ask(t *testing.T, w *World, op pbservice.Op, patience time.Duration) (value string, answered bool) {
	t.Helper()
	w.SetObserver(&Observer{Ended: func(_ Node, _ pbservice.Op, r pbservice.Reply, err error, _ time.Duration) {
		value, answered = r.Value, err == nil
	}})
	w.MustApply(Action{Kind: Invoke, Node: Client(1), Details: &Details{Op: op}})
	for limit := w.Now() + patience; w.Now() < limit && !answered; {
		w.Step()
	}
	return value, answered
}

// H26: both members of the view vanish from the viewservice's sight, one crashes meanwhile, and the other, which has all data,
// serves when the links are whole again. In every phase of the pings, and for both.
func TestH26_OutageAndOneCrash(t *testing.T) {
	for _, servers := range []int{2, 3} {
		for phase := range 100 {
			for crashes := 1; crashes <= 2; crashes++ {
				w := NewWorld(config(servers, 1, 1))
				for w.Now() < 2*time.Second {
					w.Step()
				}
				if _, ok := ask(t, w, pbservice.Op{Kind: pbservice.Put, Key: "a", Value: "1"}, time.Second); !ok {
					t.Fatal("no answer before anything is broken")
				}
				outage := w.Now() + time.Duration(phase)*time.Millisecond
				runUntil(w, outage)
				for i := 1; i <= 2; i++ {
					for _, link := range [][2]Node{{Server(i), Viewservice}, {Viewservice, Server(i)}} {
						w.MustApply(set(netsim.Fault{
							Kind: netsim.FaultCut, From: link[0].String(), To: link[1].String(),
						}))
					}
				}
				runUntil(w, outage+300*time.Millisecond)
				w.MustApply(Action{Kind: Crash, Node: Server(crashes)})
				runUntil(w, outage+time.Second)
				w.MustApply(do(engine.Command{Kind: engine.HealAll}))
				if value, ok := ask(t, w, pbservice.Op{Kind: pbservice.Get, Key: "a"}, 10*time.Second); !ok || value != "1" {
					view, _ := w.View()
					t.Errorf("%d servers, outage %d ms after a ping, %v crashes: answered %v with %q in view %v",
						servers, phase, Server(crashes), ok, value, view)
				}
			}
		}
	}
}

// runUntil lets happen what is due before a time.
func runUntil(w *World, at time.Duration) {
	for {
		if _, next, ok := w.Next(); !ok || next > at {
			break
		}
		w.Step()
	}
	w.AdvanceTo(at)
}
