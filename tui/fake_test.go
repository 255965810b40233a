package tui

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/engine/enginetest"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice"
	"cluster/splitbrain/viewservice/rules"
)

// fake is an engine that shows what it is told to and notes what it is asked to do.
type fake struct {
	enginetest.Notes

	mu    sync.Mutex // guards what follows
	snap  engine.Snapshot
	asked []engine.Window
	calls []string
	block chan struct{} // operations wait for it, if set
}

func (f *fake) note(format string, args ...any) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, fmt.Sprintf(format, args...))
	return nil
}

func (f *fake) done() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return strings.Join(f.calls, "; ")
}

func (f *fake) Invoke(client string, op pbservice.Op, _ engine.Start) (engine.Operation, error) {
	_ = f.note("%s: %s %s %s", client, op.Kind, op.Key, op.Value)
	return &enginetest.Operation{Ends: f.block, Reply: pbservice.Reply{Err: pbservice.OK, Value: "1"}}, nil
}

func (f *fake) Apply(c engine.Command) (string, error) { return f.Notes.Apply(c, f.Nodes()) }
func (f *fake) Close()                                 {}
func (f *fake) Trace() *netsim.Trace                   { return nil }

func (f *fake) Nodes() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return nodesOf(f.snap)
}

func (f *fake) Observe(_ context.Context, w engine.Window) (engine.Snapshot, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, w)
	return f.snap, nil
}

const second = time.Second

// countdown: the primary has crashed and is not yet declared dead, a client waits.
func countdown() engine.Snapshot {
	s := steady()
	crash(&s, 0)
	s.Servers[0].PingAge = 379 * time.Millisecond
	s.Clients[0].Running, s.Clients[0].Since = true, 320*time.Millisecond
	s.Clients[0].Op = pbservice.Op{Kind: pbservice.Put, Key: "a", Value: "2"}
	s.Clients[0].Waits = engine.Wait{Text: "connection is shut down; tries again (C1)"}
	s.Why = engine.Why{Now: "s1 crashed, silent for 379 ms of 500 ms", Next: "then s2 takes over", Rules: rules.Refs{"V4", "V5"}, Level: engine.Busy}
	return s
}

func stuck() engine.Snapshot {
	s := steady()
	for i := range s.Servers {
		crash(&s, i)
		s.Servers[i].PingAge = 2 * second
	}
	view := viewservice.View{Viewnum: 3, Primary: "s2"}
	s.Viewservice.Status.View, s.Viewservice.Status.Acked = view, false
	s.Viewservice.Status.Changes = append(s.Viewservice.Status.Changes, viewservice.Change{View: view, At: 9 * second, Causes: []viewservice.Cause{
		{Code: viewservice.PrimarySilent, Server: "s1", Silent: 512 * time.Millisecond, Allowed: 500 * time.Millisecond},
		{Code: viewservice.Promoted, Server: "s2"},
	}})
	s.Map = engine.Map{Rows: map[string][]pbservice.Row{}}
	s.Why = engine.Why{
		Level: engine.Lost, Now: "view 3 is not acknowledged", More: "s2 died before Ping(3), and the ack rule forbids moving on",
		Next: "stuck for ever, by design: reset begins anew", Rules: rules.Refs{"V3"},
	}
	return s
}

func partitioned() engine.Snapshot {
	s := steady()
	groups := [][]string{{"s1", "c1"}, {"vs", "s2", "s3", "c2"}}
	for _, a := range groups[0] {
		for _, b := range groups[1] {
			s.Faults = append(s.Faults, netsim.Fault{Kind: netsim.FaultCut, From: a, To: b}, netsim.Fault{Kind: netsim.FaultCut, From: b, To: a})
		}
	}
	s.Faults = append(s.Faults, netsim.Fault{Kind: netsim.FaultDelay, From: "s2", To: "s3", Delay: 300 * time.Millisecond})
	s.Servers[0].PingAge = 2 * second
	takeOver(&s)
	s.Why = engine.Why{Level: engine.Busy, Now: "s1 still takes itself for the primary of view 2: it completes nothing, since s2 is past that view (S7)"}
	return s
}

func frozenBackup() engine.Snapshot {
	s := steady()
	s.Servers[1].State, s.Servers[1].PingAge = netsim.Frozen, 450*time.Millisecond
	s.Servers[0].Status.Waiting = 3
	s.Servers[0].Status.Waits = pbservice.Cause{Code: pbservice.AwaitsBackup, Server: "s1", Other: "s2"}
	s.Faults = []netsim.Fault{{Kind: netsim.FaultFrozen, From: "s2"}}
	store(&s, "zeta", "new", "s1")
	s.Why = engine.Why{Level: engine.Busy, Now: "s1 waits for s2 to confirm (S5); s2 is frozen"}
	return s
}

// pausedFast: time stands in the midst of a countdown, and would go fast.
func pausedFast() engine.Snapshot {
	s := countdown()
	s.Paused, s.Speed = true, 10
	return s
}

const evil = "\x1b[2J\x1b[31mred\a\r\n\x00\u202e\u0301\xff\U0001F468\u200d\U0001F469"

func nasty() engine.Snapshot {
	s := steady()
	store(&s, evil, evil, "s1", "s2")
	store(&s, strings.Repeat("long key ", 30), strings.Repeat("long value ", 100), "s1", "s2")
	store(&s, "漢字のキー", strings.Repeat("漢", 60), "s1", "s2")
	store(&s, "back\\slash", " blanks ", "s1", "s2")
	s.Clients[0].Last[0].Op.Key, s.Clients[0].Last[0].Outcome = evil, engine.Outcome{Kind: engine.Unknown, Why: evil}
	s.Clients[1].Last[0].Reply.Value = evil
	s.Why.Now = evil + s.Why.Now
	return s
}

func nine() engine.Snapshot {
	s := quiet(9, 64)
	store(&s, "a", "1", "s1", "s2")
	s.Servers[8].State = netsim.Frozen
	crash(&s, 5)
	s.Clients[40].Running, s.Clients[40].Since = true, 4*second
	return s
}

// telling are the states in which the screen has to be right.
func telling() map[string]engine.Snapshot {
	return map[string]engine.Snapshot{
		"start": {}, "empty": quiet(3, 2), "steady": steady(), "countdown": countdown(), "stuck": stuck(),
		"transfer": transfer(), "partition": partitioned(), "frozen": frozenBackup(), "nasty": nasty(), "nine": nine(), "faulty": faulty(), "paused": pausedFast(),
	}
}
