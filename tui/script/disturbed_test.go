package script

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/sim"

	"github.com/google/go-cmp/cmp"
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

// TestFreePlayComesBack: however long somebody plays freely, in whatever way, the very moment comes back.
func TestFreePlayComesBack(t *testing.T) {
	simulated(t, "cluster servers=3 clients=2\nexpect view 2 s1 s2 acked\nload c2 rate=100\nnote one\nput a 1\nkill s2\nwait 333ms\nappend a 2 &\nthen two\nnote three\nwait 1s\nexpect get a = 12\n",
		func(t *testing.T, p *Player, now func() *sim.Engine) {
			look := func() engine.Snapshot {
				seen, err := now().Observe(t.Context(), engine.Window{Limit: 100})
				if err != nil {
					t.Fatal(err)
				}
				seen.Pace = 0 // what is repeated goes faster
				return seen
			}
			moved(t, p, Again)
			moved(t, p, Next)
			before := look()
			time.Sleep(time.Hour)
			if after := look(); !cmp.Equal(before, after) {
				t.Errorf("while somebody reads: %s", cmp.Diff(before, after))
			}
			for _, done := range []string{"kill s1", "wait 5s", "pause", "rewind 20", "resume"} {
				moved(t, p, Free)
				if _, err := p.State().Session.Run(t.Context(), done); err != nil {
					t.Error(done, err)
				}
				time.Sleep(10 * time.Second)
				if s := moved(t, p, Resume); s.Step != 1 || !s.Played || !cmp.Equal(before, look()) {
					t.Errorf("after %s: %+v %s", done, s, cmp.Diff(before, look()))
				}
			}
			moved(t, p, Next)
			if s := moved(t, p, Next); !s.Over || s.Ran[1].Err != nil {
				t.Errorf("%+v", s)
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
			if s.Step != 2 || len(s.Ran) != 2 || len(s.Past) != 2 { // what came before the first text, and the step, which was passed once
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
		s, world := byHand(t)
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
	opened, err := sim.OpenFile(t.Context(), world, sim.ManualTime())
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

// TestRewindNamesWhatHappened: whoever goes back to a command or a view is told which; of any other step there is nothing to name.
func TestRewindNamesWhatHappened(t *testing.T) {
	s, world := byHand(t)
	run := func(line string) string {
		r, err := s.Run(t.Context(), line)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		return r.Text
	}
	for _, line := range []string{"wait 1s", "kill s1", "wait 1s", "pause"} {
		run(line)
	}
	named := 0
	for _, m := range world.Timeline().Marks {
		got := run(fmt.Sprintf("rewind %d", m.Step))
		if !strings.HasSuffix(got, " of branch main, after "+m.Text) {
			t.Errorf("%q does not name %q", got, m.Text)
		}
		if m.Text == "kill s1" || m.Text == "view 3 s2 s3" {
			named++
		}
	}
	if got := run("rewind 1"); named != 2 || !strings.HasSuffix(got, " of branch main") {
		t.Errorf("%d are named of %v; before them %q", named, world.Timeline().Marks, got)
	}
}
