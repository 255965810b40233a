package cli

import (
	"bytes"
	"context"
	"errors"
	"os"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"cluster/splitbrain/netsim/cluster"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/sim"
	"cluster/splitbrain/tui/script"
	"cluster/splitbrain/tui/transcript"

	"github.com/google/go-cmp/cmp"
)

// transcriptOf is what run tells of a script.
func transcriptOf(t *testing.T, s *script.Script) string {
	t.Helper()
	var out bytes.Buffer
	r := runner{out: &out}
	if err := r.play(t.Context(), transcript.New(&out, s.Name, transcript.Lines), s); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// played is the transcript of a script that is played on a cluster whose time goes along a clock, with somebody who takes
// that long to read at each step, and looks at the cluster again and again.
func played(t *testing.T, s *script.Script, reading time.Duration) string {
	t.Helper()
	var out bytes.Buffer
	synctest.Test(t, func(t *testing.T) {
		to := transcript.New(&out, s.Name, transcript.Lines)
		r := runner{out: &out}
		var session *script.Session
		p := script.NewPlayer(s, func(cfg engine.Config) (*script.Session, error) {
			world, err := sim.New(cfg)
			if err != nil {
				return nil, err
			}
			session = r.session(t.Context(), to, world)
			to.Begin(world.Now, s, s.Shape)
			return session, nil
		})
		p.Do = func(ctx context.Context, session *script.Session, l script.Line) (script.Result, error) {
			return r.line(ctx, to, session, l)
		}
		watched, stop := context.WithCancel(t.Context())
		var watching sync.WaitGroup
		for first := true; !p.State().Over; first = false {
			if err := p.Move(t.Context(), script.Next); err != nil {
				t.Error(err)
			}
			if first {
				watching.Go(func() { watches(watched, session) })
			}
			time.Sleep(reading)
		}
		stop()
		watching.Wait()
		session.Close()
		to.End(session.Engine.History().Judge(longest), session.Broken())
		session.Engine.Close()
	})
	return out.String()
}

// watches looks at the cluster as a screen would, until ctx ends.
func watches(ctx context.Context, s *script.Session) {
	for ctx.Err() == nil {
		if _, err := s.Engine.Observe(ctx, engine.Window{Limit: 10}); errors.Is(err, engine.ErrClosed) {
			return
		}
		s.Engine.Now()
		time.Sleep(33 * time.Millisecond)
	}
}

// readings are how long somebody reads at each step.
func readings() []time.Duration {
	if os.Getenv("SPLITBRAIN_SOAK") != "" {
		return []time.Duration{0, 4 * time.Second, 10 * time.Second}
	}
	return []time.Duration{0, 10 * time.Second}
}

// TestPlayedAsRun: what is played, at whatever pace it is read, is to the byte what run does.
func TestPlayedAsRun(t *testing.T) {
	for _, s := range append(script.Lessons(), script.RuleScripts()...) {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			want := transcriptOf(t, s)
			for _, reading := range readings() {
				if got := played(t, s, reading); got != want {
					t.Errorf("with %v of reading at each step it differs from run: %s", reading, cmp.Diff(want, got))
				}
			}
		})
	}
}

// TestPlayedLive: on real goroutines, too, nothing fails that does not fail in run, however long the reading takes.
func TestPlayedLive(t *testing.T) {
	for _, s := range append(script.Lessons(), script.RuleScripts()...) {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			for _, reading := range readings() {
				synctest.Test(t, func(t *testing.T) {
					var session *script.Session
					p := script.NewPlayer(s, func(cfg engine.Config) (*script.Session, error) {
						live, err := cluster.New(cfg)
						session = &script.Session{Engine: live}
						return session, err
					})
					for !p.State().Over {
						if err := p.Move(t.Context(), script.Next); err != nil {
							t.Errorf("%v a step: %v", reading, err)
						}
						time.Sleep(reading)
					}
					session.Close()
					session.Engine.Close()
				})
			}
		})
	}
}
