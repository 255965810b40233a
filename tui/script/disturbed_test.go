package script

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/engine/enginetest"
	"cluster/splitbrain/netsim/sim"
)

// simulated shows a script to story on simulated clusters, in virtual time.
func simulated(t *testing.T, text string, story func(t *testing.T, p *Player, now func() *sim.Engine)) {
	t.Helper()
	script, err := ParseScript("test.sb", text)
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		var world *sim.Engine
		var session *Session
		end := func() {
			if session != nil {
				session.Close()
				world.Close()
			}
		}
		defer func() { end() }()
		story(t, NewPlayer(script, func(cfg engine.Config) (*Session, error) {
			end()
			w, err := sim.New(cfg)
			world, session = w, &Session{Engine: w}
			return session, err
		}), func() *sim.Engine { return world })
	})
}

// TestPlayerLetsTimeGo: who has paused time, or gone back in it, and goes on is not left waiting.
func TestPlayerLetsTimeGo(t *testing.T) {
	simulated(t, "expect view 2 s1 s2 acked\nnote one\nput a 1\nnote two\nput a 2\nexpect get a = 2\nnote three\npause\nnote four\nstep\nnote five\n",
		func(t *testing.T, p *Player, now func() *sim.Engine) {
			moved(t, p, Again)
			if now := moved(t, p, Next); now.Resumed {
				t.Error("time was never paused")
			}
			began := now().Timeline().Step
			if err := now().Rewind(began - 3); err != nil {
				t.Fatal(err)
			}
			if s := moved(t, p, Next); !s.Resumed || s.Step != 3 || len(s.Ran) != 2 || s.Ran[1].Err != nil {
				t.Errorf("after going back: %+v", s)
			}
			if err := enginetest.Do(now(), "pause"); err != nil {
				t.Fatal(err)
			}
			if s := moved(t, p, Next); !s.Resumed || s.Step != 4 {
				t.Errorf("after a pause by hand: %+v", s)
			}
			if s := moved(t, p, Next); s.Resumed || s.Step != 5 || s.Ran[0].Err != nil {
				t.Errorf("the script's own pause was ended: %+v", s)
			}
		})
}

// TestPlayerSaysWhatWillNotCome: an expectation of the step that is shown fails while it is shown.
func TestPlayerSaysWhatWillNotCome(t *testing.T) {
	simulated(t, "expect view 2 s1 s2 acked\nnote one\nkill s1\nnote two\nexpect view 3 s2 s3 acked\nput a 1\nnote three\n",
		func(t *testing.T, p *Player, now func() *sim.Engine) {
			moved(t, p, Again)
			moved(t, p, Next)
			time.Sleep(10 * time.Second)
			if s := p.State(); s.Unmet != nil {
				t.Errorf("all went as it should: %v", s.Unmet)
			}
			moved(t, p, Back)
			if err := enginetest.Do(now(), "kill s2"); err != nil {
				t.Fatal(err)
			}
			moved(t, p, Next)
			time.Sleep(10 * time.Second)
			if s := p.State(); s.Step != 2 || s.Unmet == nil || !strings.Contains(s.Unmet.Error(), "expect view 3 s2 s3 acked: not within") {
				t.Errorf("%+v", s)
			}
			if s := moved(t, p, Back); s.Unmet != nil {
				t.Errorf("one step before: %v", s.Unmet)
			}
			moved(t, p, Next)
			if err := enginetest.Do(now(), "pause"); err != nil {
				t.Fatal(err)
			}
			time.Sleep(10 * time.Second)
			if s := p.State(); s.Unmet != nil {
				t.Errorf("time is paused, it may come yet: %v", s.Unmet)
			}
		})
}

// TestPlayerGoesOnWhereItWasCancelled: what a step has done before it was cancelled is not done twice.
func TestPlayerGoesOnWhereItWasCancelled(t *testing.T) {
	simulated(t, "expect view 2 s1 s2 acked\nnote one\nput a 1\nappend a 2\nwait 1h\nappend a 3\nnote two\n",
		func(t *testing.T, p *Player, now func() *sim.Engine) {
			moved(t, p, Again)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			if err := p.Move(ctx, Next); err == nil || p.State().Step != 1 {
				t.Fatalf("%v %+v", err, p.State())
			}
			s := moved(t, p, Next)
			if s.Step != 2 || len(s.Ran) != 2 {
				t.Errorf("%+v", s)
			}
			if r, err := s.Session.Run(t.Context(), "get a"); err != nil || r.Text != `get a: "123"` {
				t.Errorf("%v %v", r, err)
			}
		})
}

// TestSavedBranches: a session that went back in time, and began another future there, repeats.
func TestSavedBranches(t *testing.T) {
	play := func(lines []string) (*Session, []engine.Branch) {
		world, err := sim.New(engine.Defaults, sim.ManualTime())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(world.Close)
		s := &Session{Engine: world}
		t.Cleanup(s.Close)
		for _, line := range lines {
			if line == "" { // nobody does anything for a second
				if err := world.Wait(t.Context(), time.Second); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := s.Run(t.Context(), line); err != nil {
				t.Fatalf("%s: %v", line, err)
			}
		}
		return s, world.Timeline().Branches
	}
	lines := []string{
		"wait 1s", "pause", "rewind 20", "put q 2 &", "branch mine", "branches", "choices", "help put", "rules", "visit main", "resume",
		"wait 1s", "rewind 30", "resume", "", "kill s1", "wait 1s",
	}
	s, branches := play(lines)
	file := filepath.Join(t.TempDir(), "saved.sb")
	if _, err := s.Run(t.Context(), "save "+Quote(file)); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	saved, err := ParseScript(file, string(text))
	if err != nil {
		t.Fatal(err)
	}
	for _, never := range []string{"branches", "choices", "help", "rules"} {
		if saved.Uses(never) {
			t.Errorf("%s is saved:\n%s", never, text)
		}
	}
	var again []string
	for _, l := range saved.Lines {
		if l.Command.Name != "cluster" {
			again = append(again, l.String())
		}
	}
	_, repeated := play(again)
	if len(branches) != 3 || len(repeated) != 3 {
		t.Fatalf("branches %v and then %v of\n%s", branches, repeated, text)
	}
	for i, b := range branches {
		if r := repeated[i]; r.Name != b.Name || r.From != b.From || i > 0 && r.Parent != b.Parent {
			t.Errorf("branch %+v became %+v of\n%s", b, r, text)
		}
	}
	if last, r := branches[2].End, repeated[2].End; last-r > time.Second/2 || r-last > time.Second/2 {
		t.Errorf("the last branch ended at %v, and then at %v:\n%s", last, r, text)
	}
}

// TestNoCluster: where no cluster can be made, a script does not begin, and says why.
func TestNoCluster(t *testing.T) {
	sc, err := Find("first-view")
	if err != nil {
		t.Fatal(err)
	}
	none := errors.New("no cluster can be made here")
	p := NewPlayer(sc, func(engine.Config) (*Session, error) { return nil, none })
	if err := p.Move(t.Context(), Again); !errors.Is(err, none) || p.State().Session != nil {
		t.Errorf("%v, %+v", err, p.State())
	}
}

// TestSaveInherited: what no command has done, no script can repeat. A world keeps it.
func TestSaveInherited(t *testing.T) {
	first, err := sim.New(engine.Defaults, sim.ManualTime())
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	dir := t.TempDir()
	world, lines := filepath.Join(dir, "world.sb"), filepath.Join(dir, "lines.sb")
	began := &Session{Engine: first}
	defer began.Close()
	for _, line := range []string{"expect view 2 s1 s2 acked", "put a 1", "save " + Quote(lines), "save world " + Quote(world)} {
		if _, err := began.Run(t.Context(), line); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
	}
	if err := os.Remove(lines); err != nil {
		t.Fatal(err)
	}
	opened, err := sim.OpenFile(world, sim.ManualTime())
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	s := &Session{Engine: opened}
	defer s.Close()
	const want = "save: the world was opened with its past, which no script repeats: save world keeps it"
	if _, err := s.Run(t.Context(), "save "+Quote(lines)); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if _, err := os.Stat(lines); err == nil {
		t.Error("a script was written")
	}
	if _, err := s.Run(t.Context(), "save world "+Quote(world)); err != nil {
		t.Error(err)
	}
}
