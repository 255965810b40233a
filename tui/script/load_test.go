package script

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/sim"
)

// slowEngine takes its time before it calls back, so that whoever lets time go on meanwhile is found out.
type slowEngine struct{ *sim.Engine }

func (e slowEngine) After(d time.Duration, f func(error)) (stop func() bool) {
	return e.Engine.After(d, func(err error) {
		for range 50 {
			runtime.Gosched()
		}
		f(err)
	})
}

// onWorld runs lines on a simulated world with manual time, and returns what they came to.
func onWorld(t *testing.T, slow bool, lines ...string) (told []string, world *sim.Engine, s *Session) {
	t.Helper()
	world, err := sim.New(engine.Defaults, sim.ManualTime())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(world.Close)
	s = &Session{Engine: world}
	if slow {
		s.Engine = slowEngine{world}
	}
	t.Cleanup(s.Close)
	s.Ended = func(line string, r Result, err error) {
		told = append(told, fmt.Sprint(world.Now(), " ", line, ": ", r.Text, err))
	}
	for _, line := range lines {
		r, err := s.Run(t.Context(), line)
		told = append(told, fmt.Sprint(world.Now(), " ", line, ": ", r.Text, err))
	}
	return told, world, s
}

// TestBackgroundRepeats: loads and operations beside a script come to the same each time, however slow what calls them back.
func TestBackgroundRepeats(t *testing.T) {
	lines := []string{
		"expect view 2 s1 s2 acked", "load c1..c2 rate=300 get=30% keys=5", "wait 500ms", "kill s1", "put a 1 @c2 &", "append a 2 @c2 &",
		"expect view 3 s2 s3 acked", "append a 3 @c2", "load c1 rate=1000 for 300ms", "get a @c2", "wait 1s", "expect get a = 123", "check",
	}
	want, first, _ := onWorld(t, false, lines...)
	for _, part := range []string{"put a 1 @c2 &: put a 1 @c2: ok", "append a 2 @c2 &: append a 2 @c2: ok", "load c1 rate=1000 for 300ms: load ended: ", "expect get a = 123: yes"} {
		if !strings.Contains(strings.Join(want, "\n"), part) {
			t.Errorf("%q is not told:\n%s", part, strings.Join(want, "\n"))
		}
	}
	for range 3 {
		got, again, _ := onWorld(t, true, lines...)
		if strings.Join(got, "\n") != strings.Join(want, "\n") || again.Hash() != first.Hash() {
			t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

// TestLoadAndThePast: a load does nothing while time is paused, and ends when the world goes to another step.
func TestLoadAndThePast(t *testing.T) {
	told, world, s := onWorld(t, false, "expect view 2 s1 s2 acked", "load rate=100", "wait 300ms", "pause")
	at := world.Timeline()
	if l := s.Load(); l == nil || l.Done < 25 || l.Failed > 0 {
		t.Fatalf("%+v\n%s", l, strings.Join(told, "\n"))
	}
	ended := ""
	s.Ended = func(line string, r Result, _ error) { ended = line + ": " + r.Text }
	for _, line := range []string{fmt.Sprint("rewind ", at.Step-20), "resume", "wait 1s"} {
		if _, err := s.Run(t.Context(), line); err != nil {
			t.Fatal(err)
		}
	}
	if s.Load() != nil || !strings.HasPrefix(ended, "load rate=100: load ended: ") {
		t.Errorf("%+v, told %q", s.Load(), ended)
	}
	if now := world.Timeline(); len(now.Branches) != 1 {
		t.Errorf("the load began another future: %+v", now)
	}
}

// TestCloseEndsWhatRuns: operations and loads in the background have ended when the session has, and are not told.
func TestCloseEndsWhatRuns(t *testing.T) {
	_, world, s := onWorld(t, false, "expect view 2 s1 s2 acked", "cut s1 > s2", "put a 1 &", "put a 2 &", "load c2", "wait 50ms")
	s.Ended = func(line string, _ Result, _ error) { t.Errorf("told of %s", line) }
	s.Close()
	if seen, err := world.Observe(t.Context(), engine.Window{}); err != nil || seen.Clients[0].Running || seen.Clients[1].Running {
		t.Errorf("%v, %+v", err, seen.Clients)
	}
	if err := world.Wait(t.Context(), time.Second); err != nil || s.Load() != nil {
		t.Errorf("%v, %+v", err, s.Load())
	}
}
