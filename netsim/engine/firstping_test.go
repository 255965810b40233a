package engine_test

import (
	"testing"
	"testing/synctest"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
)

// TestFirstPingsAreTraced: who pings first is primary, so that is seen even if nobody watched yet: each server's first ping,
// as it was sent, before all others, and its reply.
func TestFirstPingsAreTraced(t *testing.T) {
	for name, start := range engines {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e, err := start(engine.Defaults)
				if err != nil {
					t.Fatal(err)
				}
				defer e.Close()
				defer e.Trace().Watch()()
				if err := e.Wait(t.Context(), 10*time.Millisecond); err != nil {
					t.Fatal(err)
				}
				holdsFirstPings(t, e)
			})
		})
	}
}

func holdsFirstPings(t *testing.T, e engine.Engine) {
	asked, answered := map[string]uint64{}, map[string]bool{}
	first := ""
	events, _ := e.Trace().Since(0)
	for _, ev := range events {
		switch {
		case ev.Kind == netsim.MsgSent && ev.Summary == "Ping(0)" && asked[ev.From] == 0:
			asked[ev.From] = ev.Msg
			if first == "" {
				first = ev.From
			}
		case ev.Kind == netsim.MsgDelivered && ev.Answers != 0 && ev.Answers == asked[ev.To]:
			answered[ev.To] = true
		}
	}
	for _, server := range []string{"s1", "s2", "s3"} {
		if !answered[server] {
			t.Errorf("no first ping of %s, or no reply to it, in %v", server, events)
		}
	}
	if first != "s1" {
		t.Errorf("%q pinged first", first)
	}
}
