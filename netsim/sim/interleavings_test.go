package sim

import (
	"slices"
	"strings"
	"testing"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/engine/enginetest"
	"cluster/splitbrain/pbservice"
)

// H2: the primary crashes and is back within one interval, and is not primary afterwards.
func TestH2_PrimaryBounces(t *testing.T) {
	f := headless(t, engine.Defaults)
	f.view("2 s1 s2")
	f.put("c1", "a", "1")
	f.must(enginetest.Do(f, "restart", "s1"))
	f.view("3 s2 s3")
	f.gets("c1", "a", "1")
}

// H3: the sole primary crashes and is back, and nobody serves ever again.
func TestH3_SolePrimaryBounces(t *testing.T) {
	f := headless(t, config(1, 1, 1))
	f.view("1 s1 ·")
	f.put("c1", "a", "1")
	f.must(enginetest.Do(f, "restart", "s1"))
	p := f.begin("c1", pbservice.Op{Key: "a"})
	f.pass(10 * time.Second)
	if s := f.look(); isClosed(p.Done()) || s.Why.Level != engine.Lost {
		t.Errorf("answered %v, why %q", isClosed(p.Done()), s.Why.String())
	}
}

// H8, H9: an old primary that only the viewservice can't reach completes nothing, also once its successor is dead.
func TestH9_OldPrimaryIsNeverStale(t *testing.T) {
	f := headless(t, engine.Defaults)
	f.view("2 s1 s2")
	f.put("c1", "a", "1")
	f.put("c2", "a", "1")
	f.must(enginetest.Do(f, "cut", "s1", ">", "vs"), enginetest.Do(f, "cut", "vs", ">", "s1"))
	f.view("3 s2 s3")
	f.put("c1", "a", "2")
	f.must(enginetest.Do(f, "kill", "s2"), enginetest.Do(f, "kill", "s3"))
	p := f.begin("c2", pbservice.Op{Key: "a"})
	f.pass(10 * time.Second)
	if isClosed(p.Done()) {
		reply, err := p.Result()
		t.Errorf("s1 answered %+v, %v", reply, err)
	}
}

// H20: the viewservice dies and comes back with amnesia, and the service goes on.
func TestH20_ViewserviceRestarts(t *testing.T) {
	f := headless(t, engine.Defaults)
	f.view("2 s1 s2")
	f.put("c1", "a", "1")
	f.must(enginetest.Do(f, "kill", "vs"))
	f.pass(2 * time.Second)
	f.put("c1", "a", "2")
	f.must(enginetest.Do(f, "restart", "vs"))
	f.pass(2 * time.Second)
	f.put("c1", "a", "3")
	if s := f.look(); !strings.Contains(s.Why.String(), "remembers nothing") || s.Viewservice.Status.View.Viewnum != 0 {
		t.Errorf("view %v, why %q", s.Viewservice.Status.View, s.Why.String())
	}
}

// H23: a backup that can't be filled is given up, and the next volunteer is taken.
func TestH23_BackupGivenUp(t *testing.T) {
	f := headless(t, engine.Defaults)
	f.must(enginetest.Do(f, "cut", "s1", ">", "s2"))
	f.view("3 s1 s3")
	f.put("c1", "a", "1")
}

// A crash resets connections: whoever waits for the node learns of it at once, unless the link back is cut.
func TestCrashIsLearntOf(t *testing.T) {
	for _, cut := range []bool{false, true} {
		f := headless(t, engine.Defaults)
		f.view("2 s1 s2")
		f.put("c1", "a", "1")
		f.must(enginetest.Do(f, "hold", "s1", "s2"))
		p := f.begin("c1", pbservice.Op{Kind: pbservice.Append, Key: "a", Value: "2"})
		f.pass(50 * time.Millisecond)
		if cut {
			f.must(enginetest.Do(f, "cut", "s1", ">", "c1"))
		}
		f.must(enginetest.Do(f, "kill", "s1"))
		f.pass(5 * time.Millisecond)
		want := "connection reset; tries again"
		if cut {
			want = "s1 has crashed"
		}
		if waits := f.look().Clients[0].Waits.Text; !strings.Contains(waits, want) {
			t.Errorf("cut %v: c1 waits: %s", cut, waits)
		}
		f.must(enginetest.Do(f, "heal"))
		if _, err := p.Wait(t.Context()); err != nil {
			t.Error(err)
		}
		f.gets("c2", "a", "12")
	}
}

// Who calls a node that has crashed learns of it at once.
func TestCrashedNodeRefuses(t *testing.T) {
	f := headless(t, engine.Defaults)
	f.view("2 s1 s2")
	f.put("c1", "a", "1")
	f.must(enginetest.Do(f, "kill", "s1"))
	p := f.begin("c1", pbservice.Op{Key: "a"})
	f.pass(5 * time.Millisecond)
	if waits := f.look().Clients[0].Waits.Text; !strings.Contains(waits, "c1 dials s1: connection refused: s1 crashed; tries again") {
		t.Errorf("c1 waits: %s", waits)
	}
	if _, err := p.Wait(t.Context()); err != nil {
		t.Error(err)
	}
}

// A question for the view that is lost is asked again.
func TestViewIsAskedForAgain(t *testing.T) {
	f := headless(t, engine.Defaults)
	f.view("2 s1 s2")
	f.must(enginetest.Do(f, "cut", "c1", ">", "vs"))
	p := f.begin("c1", pbservice.Op{Key: "a"})
	f.pass(300 * time.Millisecond)
	f.must(enginetest.Do(f, "heal"))
	f.pass(time.Second)
	if !isClosed(p.Done()) {
		t.Errorf("c1 waits: %s", f.look().Clients[0].Waits.Text)
	}
}

// What has arrived at a frozen node can't be lost by a cut any more.
func TestQueuedMessagesAreSafe(t *testing.T) {
	f := headless(t, engine.Defaults)
	f.view("2 s1 s2")
	f.put("c1", "a", "")
	f.must(enginetest.Do(f, "freeze", "s1"))
	p := f.begin("c1", pbservice.Op{Kind: pbservice.Append, Key: "a", Value: "x"})
	f.pass(50 * time.Millisecond)
	f.must(enginetest.Do(f, "cut", "c1", ">", "s1"), enginetest.Do(f, "thaw", "s1"))
	f.pass(50 * time.Millisecond)
	if !isClosed(p.Done()) {
		t.Errorf("c1 waits: %s", f.look().Clients[0].Waits.Text)
	}
}

// S1: a reply to an earlier boot is nobody's.
func TestReplyToAnotherBoot(t *testing.T) {
	f := headless(t, engine.Defaults)
	f.view("2 s1 s2")
	f.must(enginetest.Do(f, "delay", "vs", "s1", 150*time.Millisecond))
	f.pass(120 * time.Millisecond)
	f.must(enginetest.Do(f, "restart", "s1"))
	defer f.Trace().Watch()()
	f.pass(300 * time.Millisecond)
	events, _ := f.Trace().Since(0)
	lost := func(e netsim.TraceEvent) bool {
		return e.Kind == netsim.MsgLost && e.To == "s1" && e.Why == "s1 crashed"
	}
	if !slices.ContainsFunc(events, lost) {
		t.Error("the reply reached the new boot")
	}
}

// TestTraceNamesOperations: a client's request and its forward are seen to be of one operation, and a start to be the first.
func TestTraceNamesOperations(t *testing.T) {
	f := headless(t, engine.Defaults)
	f.view("2 s1 s2")
	defer f.Trace().Watch()()
	f.put("c1", "a", "1")
	events, _ := f.Trace().Since(0)
	of := map[string]int{}
	for _, e := range events {
		if e.Kind == netsim.MsgDelivered && e.Op == (netsim.OpID{Client: "c1", Seq: 1}) {
			of[e.Method]++
		}
		if e.Kind == netsim.NodeStarted && e.Boots != 1 {
			t.Errorf("%v is start %d", e, e.Boots)
		}
	}
	if len(of) != 2 || of["PBServer.PutAppend"] != 1 || of["PBServer.Forward"] != 1 {
		t.Errorf("messages of c1's operation: %v", of)
	}
}
