package script

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

// TestStoryOfASession: a session knows what its script has told, asked and done so far, however often somebody went back.
func TestStoryOfASession(t *testing.T) {
	const asks = `cluster servers=2 clients=1
expect view 2 s1 s2 acked
note "one"
put a 1
ask "what is a?" 1 | *2 because "it is put."
put a 2
then "so it is"
note "three"
expect get a = 1 within 0s
try "this"`
	performed(t, asks, func(t *testing.T, p *Player, s *theatre) {
		moved(t, p, Again)
		p.State().Session.Picture = func(_ context.Context, now *PlayerState) string {
			return fmt.Sprint("step ", now.Step, " covered ", now.Open)
		}
		moved(t, p, Next)
		if err := p.Answer(t.Context(), "1"); err != nil {
			t.Fatal(err)
		}
		src, err := p.State().Session.Source(t.Context())
		if err != nil || src.Story.Over || len(src.Story.Steps) != 3 || src.Story.Score != "" {
			t.Fatalf("%v, %+v", err, src.Story)
		}
		step := src.Story.Steps[2]
		if step.Text != "what is a?" || step.Because != "it is put." || step.Then != "so it is" || step.Picture != "step 2 covered false" ||
			!step.Choices[0].Said || !step.Choices[1].Right || step.Choices[1].Said || step.To < step.From || step.From == 0 || len(step.Commands) != 1 ||
			step.Commands[0].Line != "put a 2" || !strings.HasPrefix(step.Commands[0].Text, "ok") {
			t.Errorf("%+v", step)
		}
		moved(t, p, Back)
		moved(t, p, Next)
		moved(t, p, Next)
		_ = p.Move(t.Context(), Next) // its expectation fails
		src, err = p.State().Session.Source(t.Context())
		if err != nil || !src.Story.Over || len(src.Story.Steps) != 4 || len(src.Story.Tries) != 1 || src.Story.Score != "0 of 1 question answered correctly." {
			t.Fatalf("%v, %+v", err, src.Story)
		}
		if last := src.Story.Steps[3].Commands; len(last) != 1 || !last[0].Failed || !strings.Contains(last[0].Text, "2") {
			t.Errorf("%+v", last)
		}
		if len(src.Done) == 0 || !strings.Contains(src.Script, `ask "what is a?"`) || !strings.Contains(src.Script, "put a 2") {
			t.Errorf("%+v\n%s", src.Done, src.Script)
		}
		for _, c := range src.Done {
			if strings.HasPrefix(c.Line, "note") || strings.HasPrefix(c.Line, "#") {
				t.Errorf("told as done: %s", c.Line)
			}
		}
	})
}

// TestSessionGoesBack: rules that were switched in another past than that of the present branch are known as such.
func TestSessionGoesBack(t *testing.T) {
	s, _ := bounded(t, Bounds{})
	for _, line := range []string{
		"wait 1s", "rule forward-gets off", "wait 1s", "pause", "rewind 10", "rule ack-rule off", "branch mine", "visit main",
		"rule backup-checks-view off", "rewind 9", "rule continuity off", "visit main",
	} {
		if _, err := s.Run(t.Context(), line); err != nil {
			t.Fatal(line, err)
		}
	}
	src, err := s.Source(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	undone := map[string]bool{}
	for _, c := range src.Done {
		undone[c.Line] = c.Undone
	}
	if undone["rule forward-gets off"] || undone["rule backup-checks-view off"] || !undone["rule ack-rule off"] || !undone["rule continuity off"] || undone["visit main"] {
		t.Errorf("%+v", src.Done)
	}
}

// TestJournalForgets: a session of any length keeps a bounded number of lines, and says so where that matters.
func TestJournalForgets(t *testing.T) {
	s, _ := bounded(t, Bounds{})
	const lines = maxJournal * 3 / 2
	for i := range lines {
		s.remember(&entry{line: "put a 1", text: "ok"})
		if len(s.journal) > maxJournal*5/4+1 {
			t.Fatalf("%d lines after %d", len(s.journal), i)
		}
	}
	if len(s.journal)+s.forgot != lines || len(s.journal) < maxJournal {
		t.Errorf("%d and %d", len(s.journal), s.forgot)
	}
	src, err := s.Source(t.Context())
	if err != nil || len(src.Done)+src.DoneEarlier != lines || src.Script != "" {
		t.Errorf("%v, %d and %d", err, len(src.Done), src.DoneEarlier)
	}
	if _, err := s.Run(t.Context(), "save x.sb"); err == nil || !strings.Contains(err.Error(), "more than 100000 lines") {
		t.Error(err)
	}
}
