package engine

import (
	"slices"
	"testing"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice"
	"cluster/splitbrain/viewservice/rules"
)

// doing is a Clerk's progress with its first operation, which was sent to s1 if anywhere.
func doing(waits pbservice.Waits, why string, refused pbservice.Cause) pbservice.Progress {
	return pbservice.Progress{Op: pbservice.Op{Seq: 1}, Server: "s1", Waits: waits, Why: why, Refused: refused}
}

func s1WaitsForS2(s *Snapshot) {
	find(s, "s1").Status.Waits = pbservice.Cause{Code: pbservice.AwaitsBackup, Server: "s1", Other: "s2"}
}

func TestWaits(t *testing.T) {
	refused := pbservice.Cause{Code: pbservice.NoState, Server: "s1", View: 2}
	early := pbservice.Cause{Code: pbservice.Elsewhere, Server: "s2", Other: "s1", View: 2}
	answer := doing(pbservice.WaitsForAnswer, "", pbservice.Cause{})
	request := netsim.Held{Msg: 7, Direction: netsim.Request, Method: "PBServer.Get"}
	for name, c := range map[string]struct {
		changes []change
		p       pbservice.Progress
		want    Wait
		needs   []ObstacleKind
	}{
		"about to be sent": {nil, pbservice.Progress{}, Wait{Text: "about to be sent", For: ForSending}, nil},
		"frozen": {[]change{func(s *Snapshot) { s.Clients[0].State = netsim.Frozen }}, answer,
			Wait{Text: "c1 is frozen", For: ForThaw}, []ObstacleKind{Frozen}},
		"no view": {nil, doing(pbservice.WaitsForView, "", pbservice.Cause{}),
			Wait{Text: "asks vs for the view (C1)", Rules: rules.Refs{"C1"}, For: ForView}, nil},
		"no view, vs restarted": {[]change{forgotten, blocked(viewservice.Amnesia)}, doing(pbservice.WaitsForView, "", pbservice.Cause{}),
			Wait{Text: "knows no view, and vs remembers none (V9)", Rules: rules.Refs{"V9"}, For: ForView}, nil},
		"no view, vs down": {[]change{viewsAre(netsim.Crashed)}, doing(pbservice.WaitsForView, "", pbservice.Cause{}),
			Wait{Text: "knows no view: vs has crashed", For: ForView}, []ObstacleKind{Crashed}},
		"refused": {nil, doing(pbservice.WaitsToRetry, refused.String(), refused),
			Wait{Text: refused.String() + "; tries again (C1)", Rules: rules.Refs{"S2", "C1"}, For: ForRetry, Refused: refused}, nil},
		"refused before the server was primary": {[]change{inView(3, "s2", "")}, doing(pbservice.WaitsToRetry, early.String(), early),
			Wait{Text: "s2 refused it in view 2, which is past (S9); tries again (C1)", Rules: rules.Refs{"S9", "C1"}, For: ForRetry, Refused: early}, nil},
		"broken": {nil, doing(pbservice.WaitsToRetry, "connection (reset) is shut down", pbservice.Cause{}),
			Wait{Text: "connection (reset) is shut down; tries again (C1)", Rules: rules.Refs{"C1"}, For: ForRetry}, nil},
		"broken, and vs cut off": {[]change{severed("c1", "vs")}, doing(pbservice.WaitsToRetry, "broken", pbservice.Cause{}),
			Wait{Text: "broken; tries again (C1); no newer view: c1 > vs is cut", Rules: rules.Refs{"C1"}, For: ForRetry}, []ObstacleKind{CutLink}},
		"not answered yet": {nil, answer, Wait{Text: "no answer of s1 has arrived yet", For: ForAnswer, Server: "s1"}, nil},
		"not a server": {nil, pbservice.Progress{Op: pbservice.Op{Seq: 1}, Server: "s7"},
			Wait{Text: "s7 has not answered", For: ForAnswer, Server: "s7"}, nil},
		"backup waits": {[]change{s1WaitsForS2}, answer,
			Wait{Text: "s1 waits for s2 to confirm (S5)", Rules: rules.Refs{"S5"}, For: ForAnswer, Server: "s1"}, nil},
		"backup frozen": {[]change{s1WaitsForS2, is("s2", netsim.Frozen)}, answer,
			Wait{Text: "s1 waits for s2 to confirm (S5): s2 is frozen", Rules: rules.Refs{"S5"}, For: ForAnswer, Server: "s1"}, []ObstacleKind{Frozen}},
		"reply cut": {[]change{severed("s1", "c1")}, answer,
			Wait{Text: "s1 > c1 is cut: no reply arrives", For: ForAnswer, Server: "s1"}, []ObstacleKind{CutLink}},
		"primary down, vs frozen": {[]change{is("s1", netsim.Crashed), viewsAre(netsim.Frozen)}, answer,
			Wait{Text: "s1 has crashed; no newer view: vs is frozen", For: ForAnswer, Server: "s1"}, []ObstacleKind{Crashed, Frozen}},
		"request held": {[]change{onHold("c1", "s1", request)}, answer,
			Wait{Text: "request 7 is held on c1 > s1: deliver it by hand", For: ForAnswer, Server: "s1"}, []ObstacleKind{HeldMessage}},
		"requests get lost": {[]change{unreliable(netsim.FaultLoss, "c1", "s1")}, answer,
			Wait{Text: "c1 > s1 loses 10% of requests", For: ForAnswer, Server: "s1"}, []ObstacleKind{Losing}},
		"time stands": {[]change{paused}, answer, Wait{Text: "no answer of s1 has arrived yet; time is paused", For: ForAnswer, Server: "s1"}, nil},
	} {
		s := healthy()
		s.Clients[0].Running = true
		for _, change := range c.changes {
			change(&s)
		}
		Explain(&s, func(int) pbservice.Progress { return c.p })
		got := s.Clients[0].Waits
		var needs []ObstacleKind
		for _, o := range got.Needs {
			needs = append(needs, o.Kind)
		}
		if got.Text != c.want.Text || !slices.Equal(got.Rules, c.want.Rules) || got.For != c.want.For || got.Server != c.want.Server ||
			got.Refused != c.want.Refused || !slices.Equal(needs, c.needs) {
			t.Errorf("%s:\ngot  %+v\nwant %+v that needs %v", name, got, c.want, c.needs)
		}
		if s.Servers[0].PingAge != 40*ms || s.Why.String() == "" {
			t.Errorf("%s: s1 not heard for %v, why %q", name, s.Servers[0].PingAge, s.Why.String())
		}
	}
}

// TestOutcomes: how an operation ended is told by the error's type.
func TestOutcomes(t *testing.T) {
	tooLong := pbservice.Cause{Code: pbservice.KeyTooLong, N: 5000}
	for _, c := range []struct {
		reply pbservice.Reply
		err   error
		want  Outcome
		text  string
	}{
		{pbservice.Reply{Err: pbservice.OK, Value: "outcome unknown"}, nil, Outcome{}, ""},
		{pbservice.Reply{Err: pbservice.NoKey}, nil, Outcome{Kind: Absent}, ""},
		{pbservice.Reply{}, &pbservice.RefusedError{Why: tooLong}, Outcome{Kind: Refused, Refused: tooLong}, "refused: a key of 5000 bytes: at most 4096 (S13)"},
		{pbservice.Reply{}, &pbservice.UnknownOutcomeError{Why: "refused"}, Outcome{Kind: Unknown, Why: "refused"}, "outcome unknown: refused"},
	} {
		if got := OutcomeOf(c.reply, c.err); got != c.want || got.Failure() != c.text {
			t.Errorf("%v, %v: %+v, %q", c.reply, c.err, got, got.Failure())
		}
	}
}
