package pbservice

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"cluster/splitbrain/viewservice"
)

// move is one event of a ClerkCore, and what it brings about.
type move struct {
	name  string
	event func(*ClerkCore)
	want  string
}

func begin(want string) move {
	return move{"begin", func(c *ClerkCore) { c.Begin(Op{Kind: Append, Key: "k", Value: "v"}) }, want}
}

func answer(seq, attempt uint64, err Err, want string) move {
	return move{fmt.Sprintf("%s to attempt %d at %d", err, attempt, seq), func(c *ClerkCore) {
		c.Answer(seq, attempt, Reply{Err: err, Value: "old", Why: Cause{Code: NoState, Server: "s1", View: 1}})
	}, want}
}

func broken(attempt uint64, want string) move {
	return move{fmt.Sprintf("attempt %d breaks", attempt), func(c *ClerkCore) { c.Failed(attempt, "broken pipe") }, want}
}

func view(n viewservice.Number, primary, want string) move {
	return move{fmt.Sprintf("view %d", n), func(c *ClerkCore) {
		c.ViewReply(viewservice.View{Viewnum: n, Primary: primary})
	}, want}
}

func due(want string) move   { return move{"due", (*ClerkCore).Due, want} }
func abort(want string) move { return move{"abort", (*ClerkCore).Abort, want} }

// told tells what is to be done.
func told(r ClerkReady) string {
	var all []string
	if a := r.Send; a.ID != 0 {
		all = append(all, fmt.Sprintf("send %d to %s: %s.%d in view %d", a.ID, a.To, a.Op.Client, a.Op.Seq, a.Known))
	}
	if r.Ask {
		all = append(all, "ask")
	}
	if r.Wait != 0 {
		all = append(all, fmt.Sprint("wait ", r.Wait))
	}
	if r.Done {
		all = append(all, fmt.Sprintf("done %s %v", r.Reply.Err, r.Err))
	}
	return strings.Join(all, ", ")
}

// follow makes the moves in order, by the core and by a clone of it at each step.
func follow(t *testing.T, c *ClerkCore, moves ...move) {
	t.Helper()
	for i, m := range moves {
		n := c.Clone()
		m.event(n)
		if got := told(n.Ready()); got != m.want {
			t.Fatalf("move %d, clone: %s: %q, want %q", i, m.name, got, m.want)
		}
		m.event(c)
		if got := told(c.Ready()); got != m.want {
			t.Fatalf("move %d: %s: %q, want %q", i, m.name, got, m.want)
		}
		if again := told(c.Ready()); again != "" {
			t.Fatalf("move %d: %s: %q is told twice", i, m.name, again)
		}
	}
}

// clientOf returns a client that knows view 1, whose primary is s1, and is idle after attempt 1 at operation 1.
func clientOf(t *testing.T) *ClerkCore {
	t.Helper()
	c := NewClerkCore("c")
	follow(t, c, begin("ask, wait 1"), view(1, "s1", "send 1 to s1: c.1 in view 1, wait 2"), answer(1, 1, OK, "done OK <nil>"))
	return c
}

func TestC1_TheCoreRetriesUnderTheSameNumber(t *testing.T) {
	follow(t, clientOf(t),
		begin("send 2 to s1: c.2 in view 1, wait 2"),
		answer(2, 2, NotPrimary, "ask, wait 1"),
		due("send 3 to s1: c.2 in view 1, wait 2"),
		view(1, "s1", ""),
		broken(3, "ask, wait 1"),
		due("send 4 to s1: c.2 in view 1, wait 2"),
		view(0, "", ""),
		due("send 5 to s1: c.2 in view 1, ask, wait 2"),
		answer(2, 5, NoKey, "done ErrNoKey <nil>"),
		begin("send 6 to s1: c.3 in view 1, wait 2"),
	)
}

func TestC1_TheCoreTriesANewerViewAtOnce(t *testing.T) {
	follow(t, clientOf(t),
		begin("send 2 to s1: c.2 in view 1, wait 2"),
		broken(2, "ask, wait 1"),
		view(2, "s2", "send 3 to s2: c.2 in view 2, wait 2"),
		answer(2, 3, OK, "done OK <nil>"),
	)
}

func TestC1_AnAttemptInVainEndsForANewerView(t *testing.T) {
	follow(t, clientOf(t),
		begin("send 2 to s1: c.2 in view 1, wait 2"),
		due("send 3 to s1: c.2 in view 1, ask, wait 2"),
		view(2, "s2", "send 4 to s2: c.2 in view 2, wait 2"),
	)
}

func TestC1_WithoutAViewItAsksEachInterval(t *testing.T) {
	follow(t, NewClerkCore("c"),
		begin("ask, wait 1"),
		due("wait 1"), // still asking
		view(0, "", ""),
		due("ask, wait 1"),
		view(0, "", ""),
		due("ask, wait 1"),
		view(3, "s3", "send 1 to s3: c.1 in view 3, wait 2"),
	)
}

func TestC1_AnyAnswerWillDo(t *testing.T) {
	follow(t, clientOf(t),
		begin("send 2 to s1: c.2 in view 1, wait 2"),
		due("send 3 to s1: c.2 in view 1, ask, wait 2"),
		answer(2, 2, NotPrimary, ""), // only the last attempt's refusal counts
		broken(2, ""),
		answer(2, 2, OK, "done OK <nil>"),
	)
}

func TestC1_AnswersToEarlierOperationsCountForNothing(t *testing.T) {
	follow(t, clientOf(t),
		begin("send 2 to s1: c.2 in view 1, wait 2"),
		answer(1, 1, OK, ""),
		answer(1, 1, NotPrimary, ""),
		broken(1, ""),
		answer(2, 2, OK, "done OK <nil>"),
		answer(2, 2, OK, ""),
		broken(2, ""),
		due(""),
	)
}

func TestC1_ARefusalForGoodIsTheEnd(t *testing.T) {
	c := clientOf(t)
	c.Begin(Op{Kind: Put, Key: "k"})
	c.Ready()
	c.Answer(2, 2, Reply{Err: TooLarge, Why: Cause{Code: ValueTooLong, N: MaxValue + 1}})
	r := c.Ready()
	if e, ok := errors.AsType[*RefusedError](r.Err); !r.Done || !ok || e.Op.Seq != 2 || e.Why.Code != ValueTooLong {
		t.Errorf("got %+v", r)
	}
	follow(t, c, due(""), view(2, "s2", ""))
}

func TestC2_WhatWasGivenUpIsNotSentAgain(t *testing.T) {
	c := clientOf(t)
	follow(t, c,
		begin("send 2 to s1: c.2 in view 1, wait 2"),
		broken(2, "ask, wait 1"),
		abort(""),
		due(""),
		answer(2, 2, OK, ""),
		view(2, "s2", ""),
	)
	if p := c.Progress(); p != (Progress{View: 2}) {
		t.Errorf("at rest: %+v", p)
	}
	follow(t, c, begin("send 3 to s2: c.3 in view 2, wait 2"))
}

func TestS11_AClientsViewNeverGoesBack(t *testing.T) {
	c := clientOf(t)
	follow(t, c,
		begin("send 2 to s1: c.2 in view 1, wait 2"),
		broken(2, "ask, wait 1"),
		view(3, "s3", "send 3 to s3: c.2 in view 3, wait 2"),
		broken(3, "ask, wait 1"),
		view(2, "s2", ""),
		due("send 4 to s3: c.2 in view 3, wait 2"),
		broken(4, "ask, wait 1"),
		view(3, "s2", ""), // not newer, so no news
	)
	if v := c.View(); v != (viewservice.View{Viewnum: 3, Primary: "s3"}) {
		t.Errorf("knows %v", v)
	}
}

func TestS12_ACoreAsksAfterErrorsOnlyAndOnce(t *testing.T) {
	moves := []move{begin("send 2 to s1: c.2 in view 1, wait 2"), answer(2, 2, OK, "done OK <nil>")}
	moves = append(moves,
		begin("send 3 to s1: c.3 in view 1, wait 2"),
		answer(3, 3, NotPrimary, "ask, wait 1"),
		broken(3, ""), // told of it twice
		due("send 4 to s1: c.3 in view 1, wait 2"),
		broken(4, "wait 1"), // the question is still under way
		view(1, "s1", ""),
		due("send 5 to s1: c.3 in view 1, wait 2"),
		due("send 6 to s1: c.3 in view 1, ask, wait 2"),
		answer(3, 6, OK, "done OK <nil>"),
		begin("send 7 to s1: c.4 in view 1, wait 2"), // an answer under way hinders nobody
		view(2, "s2", "send 8 to s2: c.4 in view 2, wait 2"),
	)
	follow(t, clientOf(t), moves...)
}

func TestAClientTellsItsProgress(t *testing.T) {
	c := NewClerkCore("c")
	op := Op{Kind: Append, Key: "k", Value: "v", Client: "c", Seq: 1}
	refusal := Cause{Code: NoState, Server: "s1", View: 1}
	for i, s := range []struct {
		move
		want Progress
	}{
		{begin("ask, wait 1"), Progress{Op: op, Waits: WaitsForView, Why: "no view is known"}},
		{view(1, "s1", ""), Progress{Op: op, Attempts: 1, Server: "s1"}},
		{due(""), Progress{Op: op, Attempts: 2, Server: "s1", Why: "s1 does not answer"}},
		{broken(2, ""), Progress{Op: op, Attempts: 2, Server: "s1", Waits: WaitsToRetry, Why: "broken pipe"}},
		{due(""), Progress{Op: op, Attempts: 3, Server: "s1", Why: "broken pipe"}},
		{answer(1, 3, NotPrimary, ""), Progress{Op: op, Attempts: 3, Server: "s1", Waits: WaitsToRetry, Why: refusal.String(), Refused: refusal}},
		{due(""), Progress{Op: op, Attempts: 4, Server: "s1", Why: refusal.String(), Refused: refusal}},
		{due(""), Progress{Op: op, Attempts: 5, Server: "s1", Why: "s1 does not answer"}},
		{answer(1, 5, OK, ""), Progress{}},
	} {
		s.event(c)
		s.want.View = c.View().Viewnum
		if got := c.Progress(); got != s.want {
			t.Errorf("move %d: %s: %+v, want %+v", i, s.name, got, s.want)
		}
	}
	c.Begin(Op{Kind: Append, Key: "k", Value: "v"})
	op.Seq = 2
	if got := c.Progress(); got != (Progress{Op: op, Attempts: 1, Server: "s1", View: 1}) {
		t.Errorf("at the next one: %+v", got)
	}
}

// Two clients are written alike if and only if all that follows is alike.
func TestAClientsCanonTellsItsFuture(t *testing.T) {
	canon := func(c *ClerkCore) []byte { return c.AppendCanon(nil, plain{}) }
	waiting := []move{
		begin("send 2 to s1: c.2 in view 1, wait 2"), due("send 3 to s1: c.2 in view 1, ask, wait 2"),
		answer(2, 3, NotPrimary, "wait 1"), view(1, "s1", ""), view(2, "s1", "send 4 to s1: c.2 in view 2, wait 2"),
		answer(2, 4, OK, "done OK <nil>"), begin("send 5 to s1: c.3 in view 2, wait 2"),
	}
	c := clientOf(t)
	for _, m := range waiting {
		before := c.Clone()
		follow(t, c, m)
		if bytes.Equal(canon(before), canon(c)) {
			t.Errorf("%s changes nothing", m.name)
		}
		if !bytes.Equal(canon(c), canon(c.Clone())) {
			t.Errorf("after %s a clone differs", m.name)
		}
	}
}

// TestS10_AClientTellsWhatItKnewBefore: each operation names the newest position that its client was told before it first sent it,
// in every attempt.
func TestS10_AClientTellsWhatItKnewBefore(t *testing.T) {
	c := NewClerkCore("a")
	c.ViewReply(viewservice.View{Viewnum: 1, Primary: "s1"})
	sent := func(what string, since uint64) {
		t.Helper()
		if r := c.Ready(); r.Send.ID == 0 || r.Send.Locate || r.Send.Op.Since != since {
			t.Errorf("%s: %+v, want since %d", what, r.Send, since)
		}
	}
	c.Begin(Op{Kind: Append, Key: "k", Value: "v"})
	sent("at birth", 0)
	c.Answer(1, 1, Reply{Err: NotPrimary, Position: 5})
	c.Ready()
	c.Due()
	sent("sent again", 0)
	c.Answer(1, 2, Reply{Err: OK, Position: 7})
	c.Ready()
	c.Answer(1, 1, Reply{Err: OK, Position: 6}) // late
	c.Begin(Op{Kind: Append, Key: "k", Value: "v"})
	sent("the next", 7)
	c.Answer(2, 3, Reply{Err: Forgotten, Position: 99, Why: Cause{Code: LongAgo}})
	r := c.Ready()
	if unknown, ok := errors.AsType[*UnknownOutcomeError](r.Err); !r.Done || !ok || !errors.Is(unknown, ErrForgotten) || unknown.Op.Seq != 2 {
		t.Errorf("forgotten: %+v", r)
	}
	c.Begin(Op{Kind: Get, Key: "k"})
	sent("after that", 99)
}

// TestS10_AClientAsksForThePositionFirst, and sends nothing that could be applied before it knows.
func TestS10_AClientAsksForThePositionFirst(t *testing.T) {
	c := NewClerkCore("a")
	c.ViewReply(viewservice.View{Viewnum: 1, Primary: "s1"})
	c.Located(0, Reply{Err: OK, Position: 3}) // nobody has asked
	c.Locate()
	c.Begin(Op{Kind: Append, Key: "k", Value: "v"})
	if r := c.Ready(); !r.Send.Locate {
		t.Fatalf("sent %+v", r.Send)
	}
	c.Located(1, Reply{Err: NotPrimary, Why: Cause{Code: NoView, Server: "s1"}})
	if r := c.Ready(); r.Send.ID != 0 || !r.Ask || r.Wait != 1 {
		t.Fatalf("refused: %+v", r)
	}
	c.Due()
	if r := c.Ready(); !r.Send.Locate || r.Send.ID != 2 {
		t.Fatalf("sent %+v", r.Send)
	}
	c.Located(1, Reply{Err: OK, Position: 4}) // a late answer is as good
	if r := c.Ready(); r.Send.Locate || r.Send.Op.Since != 4 {
		t.Fatalf("sent %+v", r.Send)
	}
	c.Located(2, Reply{Err: OK, Position: 8}) // too late: the operation is under way
	if r := c.Ready(); r.Send.ID != 0 {
		t.Fatalf("sent %+v", r.Send)
	}
	c.Due()
	if r := c.Ready(); r.Send.Op.Since != 4 {
		t.Errorf("sent again: %+v", r.Send)
	}
}
