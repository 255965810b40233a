package netsim

import (
	"fmt"
	"testing"
	"time"
)

func TestTraceOfOthers(t *testing.T) {
	trace := NewTrace(4, "Ping")
	if trace.Watched() {
		t.Error("watched by nobody")
	}
	stop := trace.Watch()
	if !trace.Watched() {
		t.Error("not watched")
	}
	stop()
	for i := range 3 {
		trace.Record(TraceEvent{At: time.Duration(i), Kind: NodeFrozen})
	}
	if events, missed := trace.Since(1); len(events) != 2 || missed != 0 || events[1].Seq != 3 || events[1].At != 2 {
		t.Errorf("%v, missed %d", events, missed)
	}
	trace.Forget()
	if events, missed := trace.Since(1); len(events) != 0 || missed != 2 {
		t.Errorf("after Forget: %v, missed %d", events, missed)
	}
	trace.Record(TraceEvent{Kind: TimeRewound})
	if events, missed := trace.Since(0); len(events) != 1 || missed != 3 || events[0].Seq != 4 {
		t.Errorf("behind Forget: %v, missed %d", events, missed)
	}
	for range 5 {
		trace.Record(TraceEvent{Kind: NodeThawed})
	}
	if events, missed := trace.Since(0); len(events) != 4 || missed != 5 {
		t.Errorf("overwritten: %v, missed %d", events, missed)
	}
}

// TestSeparateMethod: however many messages of the separate method there are, they push out nothing else, and are told in between.
func TestSeparateMethod(t *testing.T) {
	trace := NewTrace(4, "Ping")
	ping := func(n int) {
		for range n {
			trace.Record(TraceEvent{At: time.Duration(trace.Last() + 1), Kind: MsgSent, Method: "Ping"})
		}
	}
	check := func(since uint64, want string, missed uint64, others, separate time.Duration) {
		t.Helper()
		events, m := trace.Since(since)
		got := ""
		for _, e := range events {
			got += fmt.Sprint(e.Seq, map[bool]string{true: "p ", false: " "}[e.Method == "Ping"])
		}
		if got != want || m != missed {
			t.Errorf("since %d: %q, missed %d; want %q, %d", since, got, m, want, missed)
		}
		if _, a, b := trace.All(); a != others || b != separate {
			t.Errorf("it remembers all since %d and %d, want %d and %d", a, b, others, separate)
		}
	}
	news := func() { trace.Record(TraceEvent{At: time.Duration(trace.Last() + 1), Kind: NodeCrashed}) }
	news()
	ping(2)
	news()
	check(0, "1 2p 3p 4 ", 0, 0, 0)
	ping(9)
	check(0, "1 4 10p 11p 12p 13p ", 0, 0, 10)
	check(4, "10p 11p 12p 13p ", 0, 0, 10)
	news()
	news()
	check(12, "13p 14 15 ", 0, 0, 10)
	news()
	check(0, "4 10p 11p 12p 13p 14 15 16 ", 8, 4, 10)
	check(1, "4 10p 11p 12p 13p 14 15 16 ", 0, 4, 10)
	trace.Forget()
	check(0, "", 16, 0, 0)
	ping(1)
	news()
	check(0, "17p 18 ", 16, 18, 17)
}
