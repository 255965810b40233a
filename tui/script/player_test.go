package script

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cluster/splitbrain/netsim/cluster"
	"cluster/splitbrain/netsim/engine"
)

// theatre is a stage with live clusters.
type theatre struct {
	t    *testing.T
	all  int
	live *cluster.Cluster
	now  *Session
}

func (s *theatre) begin(cfg engine.Config) (*Session, error) {
	s.close()
	live, err := cluster.New(cfg)
	if err != nil {
		return nil, err
	}
	s.all++
	s.live, s.now = live, &Session{Engine: live}
	return s.now, nil
}

func (s *theatre) close() {
	if s.live != nil {
		s.now.Close()
		s.live.Close()
	}
}

// performed shows a script to story, in virtual time.
func performed(t *testing.T, text string, story func(t *testing.T, p *Player, s *theatre)) {
	t.Helper()
	script, err := ParseScript("test.sb", text)
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		s := &theatre{t: t}
		defer func() { s.close() }()
		story(t, NewPlayer(script, s.begin), s)
	})
}

const drama = `cluster servers=2 clients=1
expect view 2 s1 s2 acked
note "one"
put a 1
ask "what is a?" one
append a 1
note "three"
put b 2
expect get a = 1 within 0s
try "this"`

func moved(t *testing.T, p *Player, m Move) PlayerState {
	t.Helper()
	if err := p.Move(t.Context(), m); err != nil {
		t.Fatal(m, err)
	}
	return p.State()
}

func TestPlayer(t *testing.T) {
	performed(t, drama, func(t *testing.T, p *Player, s *theatre) {
		if now := p.State(); now.Session != nil || now.Steps != 3 || now.Text() != "" {
			t.Errorf("before: %+v", now)
		}
		now := moved(t, p, Again)
		if now.Step != 1 || now.Text() != "one" || now.Open || now.Over || len(now.Ran) != 1 || now.Session != s.now {
			t.Errorf("step 1: %+v", now)
		}
		now = moved(t, p, Next)
		if now.Step != 2 || now.Text() != "what is a?" || !now.Open || now.Played || now.Ran[0].Line != "put a 1" {
			t.Errorf("step 2: %+v", now)
		}
		now = moved(t, p, Next)
		if now.Step != 2 || now.Open || !now.Played || now.Shown().After() != "one" {
			t.Errorf("step 2 was played: %+v", now)
		}
		now = moved(t, p, Next)
		if now.Step != 3 || now.Text() != "three" || now.Played || len(now.Ran) != 0 {
			t.Errorf("step 3: %+v", now)
		}
		err := p.Move(t.Context(), Next)
		now = p.State()
		if err == nil || !strings.HasPrefix(err.Error(), "test.sb:9: expect get a = 1 within 0s: ") || !now.Over || now.Text() != "" || len(now.Ran) != 2 {
			t.Errorf("over: %v %+v", err, now)
		}
		if err := p.Move(t.Context(), Next); err == nil {
			t.Error("goes on behind the end")
		}
	})
}

// Going back repeats what came before, on a fresh cluster; so does coming back from free play.
func TestPlayerGoesBack(t *testing.T) {
	performed(t, drama, func(t *testing.T, p *Player, s *theatre) {
		moved(t, p, Next)
		moved(t, p, Next)
		moved(t, p, Next)
		now := moved(t, p, Back)
		if r, err := s.now.Run(t.Context(), "get a"); now.Step != 2 || now.Played || !now.Open || err != nil || r.Text != `get a: "1"` {
			t.Errorf("back: %v %v %+v", r, err, now)
		}
		if now := moved(t, p, Free); !now.Free || now.Step != 2 {
			t.Errorf("free: %+v", now)
		}
		if _, err := s.now.Run(t.Context(), "put a free"); err != nil {
			t.Error(err)
		}
		now = moved(t, p, Resume)
		if r, err := s.now.Run(t.Context(), "get a"); now.Step != 2 || now.Free || s.all != 3 || err != nil || r.Text != `get a: "1"` {
			t.Errorf("resumed: %v %v %+v, %d clusters", r, err, now, s.all)
		}
		moved(t, p, Next)
		moved(t, p, Free)
		if now := moved(t, p, Next); now.Step != 2 || !now.Played || now.Free {
			t.Errorf("who goes on in free play is not brought back: %+v", now)
		}
		if now := moved(t, p, Again); now.Step != 1 || len(now.Ran) != 1 {
			t.Errorf("again: %+v", now)
		}
	})
}

// A step that waits can be ended, and looked at meanwhile; it then can be done anew.
func TestPlayerCanBeInterrupted(t *testing.T) {
	performed(t, "note one\nwait 1h\nput a 1", func(t *testing.T, p *Player, _ *theatre) {
		moved(t, p, Again)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		done := make(chan error, 1)
		go func() { done <- p.Move(ctx, Next) }()
		synctest.Wait()
		if now := p.State(); now.Running != "wait 1h0m0s" && now.Running != "wait 1h" || now.Step != 1 {
			t.Errorf("while it runs: %+v", now)
		}
		if err := <-done; err == nil {
			t.Error("was not interrupted")
		}
		if now := p.State(); now.Step != 1 || now.Running != "" || now.Over {
			t.Errorf("after it: %+v", now)
		}
	})
}

// All lessons can be played to their ends, and back one step from there.
func TestLessonsCanBePlayed(t *testing.T) {
	for _, l := range Lessons() {
		t.Run(l.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &theatre{t: t}
				defer func() { s.close() }()
				p := NewPlayer(l, s.begin)
				for now := moved(t, p, Again); !now.Over; now = moved(t, p, Next) {
				}
				if now := moved(t, p, Back); now.Step != now.Steps || now.Text() == "" {
					t.Errorf("back from the end: %+v", now)
				}
			})
		})
	}
}
