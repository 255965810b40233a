package netsim

import (
	"testing"
	"time"
)

func TestTraceOfOthers(t *testing.T) {
	trace := NewTrace(4)
	if trace.Watched() {
		t.Error("watched by nobody")
	}
	stop := trace.Watch()
	if !trace.Watched() {
		t.Error("not watched")
	}
	stop()
	for i := range 3 {
		trace.Record(Event{At: time.Duration(i), Kind: NodeFrozen})
	}
	if events, missed := trace.Since(1); len(events) != 2 || missed != 0 || events[1].Seq != 3 || events[1].At != 2 {
		t.Errorf("%v, missed %d", events, missed)
	}
	trace.Forget()
	if events, missed := trace.Since(1); len(events) != 0 || missed != 2 {
		t.Errorf("after Forget: %v, missed %d", events, missed)
	}
	trace.Record(Event{Kind: TimeRewound})
	if events, missed := trace.Since(0); len(events) != 1 || missed != 3 || events[0].Seq != 4 {
		t.Errorf("behind Forget: %v, missed %d", events, missed)
	}
	for range 5 {
		trace.Record(Event{Kind: NodeThawed})
	}
	if events, missed := trace.Since(0); len(events) != 4 || missed != 5 {
		t.Errorf("overwritten: %v, missed %d", events, missed)
	}
}
