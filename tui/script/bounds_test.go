package script

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/history"
	"cluster/splitbrain/netsim/sim"
	"cluster/splitbrain/pbservice"
)

// byHand is a session on a world whose time goes on only as lines want it.
func byHand(t *testing.T) (*Session, *sim.Engine) {
	t.Helper()
	world, err := sim.New(engine.Defaults, sim.ManualTime())
	if err != nil {
		t.Fatal(err)
	}
	s := &Session{Engine: world}
	t.Cleanup(func() {
		s.Close()
		world.Close()
	})
	return s, world
}

// bounded is a session in which a script runs that is bounded so, and how its lines are carried out.
func bounded(t *testing.T, b Bounds) (s *Session, others func(line string) error) {
	t.Helper()
	s, _ = byHand(t)
	s.Bounds = b
	return s, func(line string) error {
		t.Helper()
		inv, err := Parse(line)
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.Do(t.Context(), inv.OfOthers())
		return err
	}
}

// reached checks that an error names a limit, and what lifts it.
func reached(t *testing.T, err error, of string) {
	t.Helper()
	if limit, ok := errors.AsType[*engine.LimitError](err); !ok || limit.Of != of || !strings.HasSuffix(err.Error(), Unbounded) {
		t.Errorf("%v, want the limit of %s", err, of)
	}
}

// TestTimeBound: lines of others have so much time together, and what would surely take more does not begin.
func TestTimeBound(t *testing.T) {
	s, others := bounded(t, Bounds{Time: 2 * time.Second})
	began := s.Engine.Now()
	reached(t, others("wait 24h"), "a script's time")
	if s.Engine.Now() != began {
		t.Errorf("%v have passed", s.Engine.Now()-began)
	}
	if err := errors.Join(others("wait 1s"), others("put a 1"), others("kill s1")); err != nil {
		t.Error(err)
	}
	if _, err := s.Run(t.Context(), "wait 1m"); err != nil { // whoever types may
		t.Error(err)
	}
	began = s.Engine.Now()
	reached(t, others("expect view 99 within 24h"), "a script's time")
	if passed := s.Engine.Now() - began; passed > 2*time.Second {
		t.Errorf("%v have passed", passed)
	}
	reached(t, others("get a"), "a script's time")
	if err := others("restart s1"); err != nil {
		t.Errorf("what takes no time is refused: %v", err)
	}
}

// TestStepsBound: a simulated cluster makes so many steps.
func TestStepsBound(t *testing.T) {
	s, others := bounded(t, Bounds{Steps: 2000})
	reached(t, others("wait 1h"), "steps")
	reached(t, others("put a 1"), "steps")
	if made := s.Engine.(*sim.Engine).Steps(); made < 2000 || made > 3000 {
		t.Errorf("%d steps were made", made)
	}
}

// TestJudgingBound: who lets too much be judged is not asked for more, but time goes on.
func TestJudgingBound(t *testing.T) {
	s, others := bounded(t, Bounds{Judging: time.Second})
	if err := errors.Join(others("check"), others("expect linearizable")); err != nil {
		t.Error(err)
	}
	if s.judged == 0 {
		t.Error("nothing was counted")
	}
	s.judged = 2 * time.Second
	for _, line := range []string{"check", "expect linearizable", "expect violation ack-rule"} {
		reached(t, others(line), "judging")
	}
	if err := others("wait 1s"); err != nil {
		t.Error(err)
	}
	if _, err := s.Run(t.Context(), "check"); err != nil {
		t.Error(err)
	}
	hard(s.Engine.History())
	s.judged = time.Second - time.Millisecond
	reached(t, others("check"), "judging") // which stops it
}

// hard lets clients see what nobody can judge in this life.
func hard(log *history.Recorder) {
	for i := range 26 {
		id := log.Call(fmt.Sprint("w", i), pbservice.Op{Kind: pbservice.Append, Key: "a", Value: strings.Repeat("a", 2*i+2)}, 0)
		log.Return(id, 0, history.Outcome{})
	}
	id := log.Call("r", pbservice.Op{Kind: pbservice.Get, Key: "a"}, 1)
	log.Return(id, 2, history.Outcome{Known: true, Found: true, Got: strings.Repeat("a", 351)})
}

// TestJudgingIsStopped: no verdict is no answer.
func TestJudgingIsStopped(t *testing.T) {
	s, _ := bounded(t, Bounds{})
	hard(s.Engine.History())
	ctx, stop := context.WithCancel(t.Context())
	stop()
	for _, line := range []string{"check", "expect linearizable", "expect violation ack-rule"} {
		if r, err := s.Run(ctx, line); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %q, %v", line, r.Text, err)
		}
	}
}

func TestHeapBound(t *testing.T) {
	runtime.GC() // before the first one nobody knows
	_, others := bounded(t, Bounds{Heap: 1})
	reached(t, others("put a 1"), "memory")
}

// TestLoadBound: a load of others ends, and says why; it goes on in the background when its script has ended.
func TestLoadBound(t *testing.T) {
	s, others := bounded(t, Bounds{Steps: 5000})
	var told string
	s.Ended = func(_ string, r Result, _ error) { told = r.Text }
	if err := others("load c1 rate=1000 for 1h"); err != nil {
		t.Error(err)
	}
	if _, err := s.Run(t.Context(), "wait 1m"); err != nil {
		t.Error(err)
	}
	if s.Load() != nil || !strings.HasPrefix(told, "load ended: ") || !strings.HasSuffix(told, "the limit of steps is reached, 5000: "+Unbounded) {
		t.Errorf("%+v, %q", s.Load(), told)
	}
	if _, err := s.Run(t.Context(), "load c1 rate=100 for 5s"); err != nil {
		t.Error(err)
	}
	if _, err := s.Run(t.Context(), "wait 3s"); err != nil || s.Load() == nil {
		t.Errorf("what somebody types is bounded: %v", err)
	}
	if _, err := Parse("load c1..c2 c1"); err == nil {
		t.Error("a client works twice")
	}
}

// TestWaitsAreCounted: what a script is sure to wait is known before it begins.
func TestWaitsAreCounted(t *testing.T) {
	s, err := ParseScript("x.sb", "wait 40m\nput a 1\nexpect view 2 within 2h\nwait 20m\nwait 1ms")
	if err != nil {
		t.Fatal(err)
	}
	err = s.CheckRunnable(Runner{Bounds: DefaultBounds})
	reached(t, err, "a script's time")
	if !strings.HasPrefix(err.Error(), "x.sb:5: wait: ") {
		t.Error(err)
	}
	if err := s.CheckRunnable(Runner{}); err != nil {
		t.Error(err)
	}
}
