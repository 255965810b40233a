package engine

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice"
	"cluster/splitbrain/viewservice/rules"
)

const ms = time.Millisecond

// healthy is view 2, acknowledged, of s1 and s2, with s3 idle and c1 and c2 at rest.
func healthy() Snapshot {
	view := viewservice.View{Viewnum: 2, Primary: "s1", Backup: "s2"}
	s := Snapshot{
		Config: Defaults,
		Viewservice: ViewserviceState{State: netsim.Up, Status: viewservice.Status{
			View: view, Acked: true, PingInterval: 100 * ms, DeadPings: 5,
		}},
		Clients: []ClientState{{Name: "c1", State: netsim.Up, View: 2}, {Name: "c2", State: netsim.Up, View: 2}},
	}
	for i, name := range []string{"s1", "s2", "s3"} {
		boot := uint64(i + 1)
		status := pbservice.Status{Name: name, Boot: boot, View: view, Entered: 2, Role: pbservice.Idle}
		switch name {
		case "s1":
			status.Role, status.Complete, status.Phase = pbservice.Primary, true, pbservice.PhaseWaiting
		case "s2":
			status.Role, status.Complete = pbservice.Backup, true
		}
		s.Servers = append(s.Servers, ServerState{Name: name, State: netsim.Up, Boots: 1, Status: status})
		s.Viewservice.Status.Servers = append(s.Viewservice.Status.Servers, viewservice.Member{
			Name: name, Boot: boot, Entered: 2, Silent: 40 * ms, Place: max(i-1, 0),
		})
	}
	return s
}

// change is one thing that differs from healthy.
type change func(*Snapshot)

func viewsAre(state netsim.State) change { return func(s *Snapshot) { s.Viewservice.State = state } }

func blocked(code viewservice.Code) change {
	return func(s *Snapshot) {
		s.Viewservice.Status.Blocked = viewservice.Cause{Code: code, Server: "s1", Other: "s2", View: s.Viewservice.Status.View.Viewnum}
	}
}

// newClients have asked for no view yet.
func newClients(s *Snapshot) {
	for i := range s.Clients {
		s.Clients[i].View = 0
	}
}

// forgotten is a viewservice in view 0.
func forgotten(s *Snapshot) {
	s.Viewservice.Status.View, s.Viewservice.Status.Acked = viewservice.View{}, false
}

// unacked is a view that its primary has not entered.
func unacked(s *Snapshot) {
	s.Viewservice.Status.Acked = false
	find(s, "s1").Status.Entered = s.Viewservice.Status.View.Viewnum - 1
}

// unlearnt is one of which its primary has not heard.
func unlearnt(s *Snapshot) {
	unacked(s)
	find(s, "s1").Status.View = viewservice.View{Viewnum: s.Viewservice.Status.View.Viewnum - 1, Primary: "s1"}
	find(s, "s1").Status.Phase = ""
	find(s, "s1").Status.Complete = false
}

// promoted is a primary that still takes itself for the backup.
func promoted(s *Snapshot) {
	find(s, "s1").Status.Role, find(s, "s1").Status.Complete = pbservice.Backup, true
}

func inView(n viewservice.Number, primary, backup string) change {
	return func(s *Snapshot) {
		s.Viewservice.Status.View = viewservice.View{Viewnum: n, Primary: primary, Backup: backup}
		for i := range s.Servers {
			s.Servers[i].Status.View, s.Servers[i].Status.Entered = s.Viewservice.Status.View, n
			if backup == "" && s.Servers[i].Name == primary {
				s.Servers[i].Status.Phase = pbservice.PhaseAlone
			}
		}
	}
}

func is(name string, state netsim.State) change {
	return func(s *Snapshot) {
		v := find(s, name)
		v.State = state
		if state == netsim.Crashed {
			v.Status = pbservice.Status{}
		}
		if state == netsim.Frozen {
			s.Faults = append(s.Faults, netsim.Fault{Kind: netsim.FaultFrozen, From: name})
		}
	}
}

// reborn is a server that came back empty.
func reborn(name string) change {
	return func(s *Snapshot) {
		v := find(s, name)
		v.Status = pbservice.Status{Name: name, Boot: v.Status.Boot + 10, Role: pbservice.Idle}
	}
}

// heardReborn is one that the viewservice has heard since.
func heardReborn(name string) change {
	return func(s *Snapshot) {
		reborn(name)(s)
		m := memberOf(s, name)
		m.Restarted, m.Boot = true, m.Boot+10
	}
}

// heardAsIs is a server that the viewservice has heard and knows no better than itself.
func heardAsIs(name string) change {
	return func(s *Snapshot) { memberOf(s, name).Boot = find(s, name).Status.Boot }
}

func silent(name string, age time.Duration) change {
	return func(s *Snapshot) { m := memberOf(s, name); m.Silent, m.Dead = age, age >= 500*ms }
}

func severed(from, to string) change {
	return func(s *Snapshot) {
		s.Faults = append(s.Faults, netsim.Fault{Kind: netsim.FaultCut, From: from, To: to})
	}
}

func onHold(from, to string, held ...netsim.Held) change {
	return func(s *Snapshot) {
		s.Faults = append(s.Faults, netsim.Fault{Kind: netsim.FaultHold, From: from, To: to})
		for _, h := range held {
			h.From, h.To = from, to
			s.Held = append(s.Held, h)
		}
	}
}

func slow(from, to string) change {
	return func(s *Snapshot) {
		s.Faults = append(s.Faults, netsim.Fault{Kind: netsim.FaultDelay, From: from, To: to, Delay: 400 * ms})
	}
}

func unreliable(kind netsim.FaultKind, from, to string) change {
	return func(s *Snapshot) {
		s.Faults = append(s.Faults, netsim.Fault{Kind: kind, From: from, To: to, Probability: 0.1, Window: netsim.DefaultWindow})
	}
}

// replacedUnawares: s3 was primary of view 1 and knows of no other.
func replacedUnawares(s *Snapshot) {
	v := find(s, "s3")
	v.Status.Role, v.Status.View = pbservice.Primary, viewservice.View{Viewnum: 1, Primary: "s3", Backup: "s1"}
	v.Status.Complete, v.Status.Phase, v.Status.Entered = true, pbservice.PhaseWaiting, 1
}

func paused(s *Snapshot) { s.Paused = true }

func phase(p string, done, keys int) change {
	return func(s *Snapshot) {
		v := find(s, "s1")
		v.Status.Phase, v.Status.Transfer = p, pbservice.Transfer{Done: done, Keys: keys}
	}
}

func refuses(code pbservice.Code) change {
	return func(s *Snapshot) {
		find(s, "s1").Status.Refuses = pbservice.Cause{Code: code, Server: "s1", Other: "s2", View: 2}
	}
}

// awaits is that a client's request is at a server, for all it knows.
func awaits(name, server string) change {
	return func(s *Snapshot) {
		for i := range s.Clients {
			if k := &s.Clients[i]; k.Name == name {
				k.Waits.For, k.Waits.Server = ForAnswer, server
			}
		}
	}
}

// asksForView is that a client waits to be told the view.
func asksForView(name string) change {
	return func(s *Snapshot) {
		for i := range s.Clients {
			if k := &s.Clients[i]; k.Name == name {
				k.Waits.For = ForView
			}
		}
	}
}

// losing is that all replies on a link get lost.
func losing(from, to string) change {
	return func(s *Snapshot) {
		s.Faults = append(s.Faults, netsim.Fault{Kind: netsim.FaultReplyLoss, From: from, To: to, Probability: 1})
	}
}

func running(name string, since time.Duration, waits string) change {
	return func(s *Snapshot) {
		for i := range s.Clients {
			if k := &s.Clients[i]; k.Name == name {
				k.Running, k.Since, k.Waits = true, since, Wait{Text: waits, Plain: plain(waits), Rules: citedIn(waits)}
			}
		}
	}
}

// plain is a text without the rules at its end.
func plain(text string) string {
	text, _, _ = strings.Cut(text, " (")
	return text
}

func find(s *Snapshot, name string) *ServerState {
	for i := range s.Servers {
		if s.Servers[i].Name == name {
			return &s.Servers[i]
		}
	}
	panic(name)
}

func memberOf(s *Snapshot, name string) *viewservice.Member {
	for i := range s.Viewservice.Status.Servers {
		if s.Viewservice.Status.Servers[i].Name == name {
			return &s.Viewservice.Status.Servers[i]
		}
	}
	panic(name)
}

// citedIn are the rules that a text names in parentheses, as in (V4 V5).
func citedIn(text string) (refs rules.Refs) {
	for _, part := range strings.Split(text, "(")[1:] {
		inside, _, _ := strings.Cut(part, ")")
		for _, name := range strings.Fields(inside) {
			if ref := rules.Ref(name); strings.ContainsAny(name[:1], "VSC") && !refs.Has(ref) {
				refs = append(refs, ref)
			}
		}
	}
	return refs
}

func without(r rules.Rule) change { return func(s *Snapshot) { s.Disabled = rules.Without(r) } }

func TestExplain(t *testing.T) {
	named, tied := map[Code]map[rules.Ref]bool{}, map[Code]map[Tie]bool{}
	for _, c := range []struct {
		name    string
		changes []change
		code    Code
		level   Level
		text    string
	}{
		{"all is well", nil, Serves, Calm, "view 2: s1 answers once s2 has confirmed (S5)"},

		{"vs down", []change{viewsAre(netsim.Crashed)}, ViewserviceDown, AtRisk,
			"the viewservice is down · service goes on in view 2, for clients that know it · no failure can be answered by a new view, by design; reset begins anew (S12)"},
		{"vs down, and no client knows a view", []change{viewsAre(netsim.Crashed), newClients}, ViewserviceDown, Lost,
			"the viewservice is down · s1 would answer in view 2, but no client knows a view · nobody is told one any more, by design; reset begins anew (S12)"},
		{"vs frozen, and no client knows a view", []change{viewsAre(netsim.Frozen), newClients}, ViewserviceFrozen, Stuck,
			"the viewservice is frozen · s1 would answer in view 2, but no client knows a view · nobody is told one until it thaws (S12)"},
		{"vs down, and a reply with the view is held", []change{viewsAre(netsim.Crashed), newClients, onHold("vs", "c1", netsim.Held{Msg: 7, Direction: netsim.Reply, Method: viewservice.GetMethod})}, ViewserviceDown, AtRisk,
			"the viewservice is down · service goes on in view 2, for clients that know it · no failure can be answered by a new view, by design; reset begins anew (S12)"},
		{"vs down, backup dead", []change{viewsAre(netsim.Crashed), is("s2", netsim.Crashed)}, ViewserviceDown, Lost,
			"the viewservice is down · s1 waits for s2 for ever, and s2 crashed · nobody serves any more, by design; reset begins anew (S5)"},
		{"vs down, backup reborn", []change{viewsAre(netsim.Crashed), reborn("s2")}, ViewserviceDown, Lost,
			"the viewservice is down · s1 waits for s2 for ever, and s2 came back empty · nobody serves any more, by design; reset begins anew (S5)"},
		{"vs down, backup frozen", []change{viewsAre(netsim.Crashed), is("s2", netsim.Frozen)}, ViewserviceDown, Stuck,
			"the viewservice is down · s1 could answer, but s2 is frozen · nobody serves until that ends (S5)"},
		{"vs down, backup cut off", []change{viewsAre(netsim.Crashed), severed("s2", "s1")}, ViewserviceDown, Stuck,
			"the viewservice is down · s1 could answer, but s2 > s1 is cut · nobody serves until that ends (S5)"},
		{"vs down, backup dead in mid-transfer", []change{viewsAre(netsim.Crashed), is("s2", netsim.Crashed), phase(pbservice.PhaseGivenUp, 0, 0)}, ViewserviceDown, AtRisk,
			"the viewservice is down · service goes on in view 2, for clients that know it · no failure can be answered by a new view, by design; reset begins anew (S12)"},
		{"vs down, primary dead", []change{viewsAre(netsim.Crashed), is("s1", netsim.Crashed)}, ViewserviceDown, Lost,
			"the viewservice is down · s1 crashed, and nobody can take over in view 2 · nobody serves any more, by design; reset begins anew (V5)"},
		{"vs down, primary frozen", []change{viewsAre(netsim.Crashed), is("s1", netsim.Frozen)}, ViewserviceDown, Stuck,
			"the viewservice is down · s1 is frozen, and nobody else may serve · nobody serves until that ends"},
		{"vs frozen", []change{viewsAre(netsim.Frozen)}, ViewserviceFrozen, AtRisk,
			"the viewservice is frozen · service goes on in view 2, for clients that know it · no failure is answered by a new view until it thaws (S12)"},
		{"vs restarted", []change{forgotten, blocked(viewservice.Amnesia)}, ViewserviceForgot, AtRisk,
			"the viewservice was restarted and remembers nothing · service goes on in view 2, for clients that know it · no failure can be answered by a new view, by design; reset begins anew (V9 S12)"},
		{"vs restarted, then down", []change{blocked(viewservice.Amnesia), viewsAre(netsim.Crashed)}, ViewserviceDown, AtRisk,
			"the viewservice is down · service goes on in view 2, for clients that know it · no failure can be answered by a new view, by design; reset begins anew (S12)"},
		{"vs restarted, then frozen", []change{forgotten, blocked(viewservice.Amnesia), viewsAre(netsim.Frozen)}, ViewserviceForgot, AtRisk,
			"the viewservice was restarted and remembers nothing · service goes on in view 2, for clients that know it · no failure can be answered by a new view, by design; reset begins anew (V9 S12)"},
		{"vs restarted, all servers too", []change{forgotten, blocked(viewservice.Amnesia), reborn("s1"), reborn("s2"), reborn("s3")}, ViewserviceForgot, Lost,
			"the viewservice was restarted and remembers nothing · there is no view · nobody serves any more, by design; reset begins anew (V9)"},
		{"vs restarted, the backup too", []change{forgotten, blocked(viewservice.Amnesia), reborn("s2"), heardAsIs("s2")}, ViewserviceForgot, Lost,
			"the viewservice was restarted and remembers nothing · s1 waits for s2 for ever, and s2 came back empty · nobody serves any more, by design; reset begins anew (V9 S5)"},
		{"vs meets a stranger", []change{forgotten, blocked(viewservice.Stranger)}, ViewserviceForgot, AtRisk,
			"the viewservice has met a server of a view that it did not form · service goes on in view 2, for clients that know it · no failure can be answered by a new view, by design; reset begins anew (V9 S12)"},

		{"no view yet", []change{forgotten, inView(0, "", ""), blocked(viewservice.NoServer)}, FirstPingComes, Busy,
			"no server has pinged yet · the first one becomes primary (V1)"},
		{"no server to ping", []change{inView(0, "", ""), is("s1", netsim.Crashed), is("s2", netsim.Frozen), severed("s3", "vs")}, FirstPingBarred, Stuck,
			"no server reaches the viewservice · the first one to ping will be primary (V1)"},

		{"primary died unacknowledged", []change{unacked, blocked(viewservice.UnackedDead), is("s1", netsim.Crashed)}, AckLost, Lost,
			"view 2 is not acknowledged · s1 died before Ping(2), and the ack rule forbids moving on · stuck for ever, by design: reset begins anew (V3)"},
		{"primary restarted unacknowledged", []change{unacked, blocked(viewservice.UnackedRestart), heardReborn("s1")}, AckLost, Lost,
			"view 2 is not acknowledged · s1 came back empty, so it never sends Ping(2), and the ack rule forbids moving on · stuck for ever, by design: reset begins anew (V3 S2)"},
		{"primary restarted unacknowledged, unheard", []change{unacked, blocked(viewservice.UnackedDead), reborn("s1"), is("s1", netsim.Frozen)}, AckLost, Lost,
			"view 2 is not acknowledged · s1 came back empty, so it never sends Ping(2), and the ack rule forbids moving on · stuck for ever, by design: reset begins anew (V3 S2)"},
		{"primary restarted unacknowledged, without restart-detection", []change{without(rules.RestartDetection), unacked, blocked(viewservice.UnackedDead), reborn("s1")}, AckLost, AtRisk,
			"view 2 is not acknowledged · s1 came back empty before Ping(2), and the ack rule forbids moving on · a server may serve without the data, since restart-detection is off (V3)"},
		{"primary frozen unacknowledged", []change{unacked, blocked(viewservice.UnackedDead), is("s1", netsim.Frozen)}, AckBarred, Stuck,
			"view 2 is not acknowledged · s1 is frozen, and only s1 can send Ping(2): the ack rule forbids moving on · nothing changes until that ends (V3)"},
		{"primary cut off in mid-transfer", []change{unacked, blocked(viewservice.UnackedDead), severed("s1", "vs")}, AckBarred, AtRisk,
			"view 2 is not acknowledged · s1 > vs is cut, and only s1 can send Ping(2) · no view follows until that ends (V3)"},
		{"primary cut off, and has given its backup up", []change{unacked, phase(pbservice.PhaseGivenUp, 0, 0), blocked(viewservice.UnackedDead), severed("s1", "vs")}, AckBarred, AtRisk,
			"view 2 is not acknowledged · s1 > vs is cut, and only s1 can send Ping(2) · s1 gave s2 up and answers alone; no view follows until that ends (V3 V10)"},
		{"primary cut off unacknowledged", []change{unlearnt, promoted, blocked(viewservice.UnackedDead), severed("s1", "vs")}, AckBarred, Stuck,
			"view 2 is not acknowledged · s1 > vs is cut, and only s1 can send Ping(2): the ack rule forbids moving on · nothing changes until that ends (V3)"},
		{"primary back unacknowledged", []change{unacked, blocked(viewservice.UnackedDead), silent("s1", time.Second)}, AckReturns, Busy,
			"view 2 is not acknowledged · s1 is back · s1 will send Ping(2) (V3)"},
		{"first primary died", []change{inView(1, "s1", ""), unacked, blocked(viewservice.UnackedDead), is("s1", netsim.Crashed)}, AckOfNextStart, Stuck,
			"view 1 is not acknowledged · s1 crashed before Ping(1). It promised nothing · its next start may be primary again: restart s1 (V3 V7)"},

		{"both died", []change{blocked(viewservice.BothLost), is("s1", netsim.Crashed), is("s2", netsim.Crashed)}, DataLost, Lost,
			"the data of view 2 is lost for ever · s1 crashed, s2 crashed. Nobody else had it · nobody may serve, by design: reset begins anew (V5)"},
		{"both came back empty", []change{blocked(viewservice.BothRestarted), heardReborn("s1"), heardReborn("s2")}, DataLost, Lost,
			"the data of view 2 is lost for ever · s1 came back empty, s2 came back empty. Nobody else had it · nobody may serve, by design: reset begins anew (V5)"},
		{"one died, one may return", []change{blocked(viewservice.BothLost), is("s1", netsim.Crashed), severed("s2", "vs")}, DataBarred, Stuck,
			"nobody may serve · only a server of view 2 has the data, and s2 > vs is cut, s1 crashed · nothing changes until that ends (V5)"},
		{"one is returning", []change{blocked(viewservice.BothLost), is("s1", netsim.Crashed), silent("s2", time.Second)}, DataReturns, Busy,
			"s2 is back with the data of view 2 · it is about to ping, and takes over (V5)"},
		{"the only one came back empty", []change{inView(3, "s1", ""), blocked(viewservice.LoneRestarted), heardReborn("s1")}, DataLost, Lost,
			"the data of view 3 is lost for ever · s1 came back empty. Nobody else had it · nobody may serve, by design: reset begins anew (V5)"},
		{"the only one is frozen", []change{inView(3, "s1", ""), blocked(viewservice.LoneLost), is("s1", netsim.Frozen)}, DataBarred, Stuck,
			"nobody may serve · only a server of view 3 has the data, and s1 is frozen · nothing changes until that ends (V5)"},

		{"primary crashed", []change{is("s1", netsim.Crashed), silent("s1", 312*ms)}, TakesOver, Busy,
			"s1 crashed, silent for 312 ms of 500 ms · then s2 takes over (V4 V5)"},
		{"primary silent", []change{silent("s1", 312*ms)}, TakesOver, Busy,
			"s1 silent for 312 ms of 500 ms · if it stays silent, s2 takes over (V4 V5)"},
		{"one late ping is nothing", []change{silent("s1", 180*ms)}, Serves, Calm,
			"view 2: s1 answers once s2 has confirmed (S5)"},
		{"primary cut from vs", []change{severed("s1", "vs"), silent("s1", 50*ms)}, TakesOver, Busy,
			"s1 > vs is cut, silent for 50 ms of 500 ms · then s2 takes over (V4 V5)"},
		{"primary is back empty, vs has not heard", []change{reborn("s1")}, TakesOver, Busy,
			"s1 came back empty · once s1 pings, s2 takes over (V7 V5)"},
		{"primary and backup crashed", []change{is("s1", netsim.Crashed), is("s2", netsim.Crashed), silent("s1", 100*ms), silent("s2", 90*ms)}, PrimaryFailsToo, Lost,
			"s1 crashed, silent for 100 ms of 500 ms, and s2 crashed, silent for 90 ms of 500 ms · nobody else has the data · nobody serves any more, by design: reset begins anew (V5)"},
		{"primary crashed, backup cut off", []change{is("s1", netsim.Crashed), severed("s2", "vs"), silent("s1", 100*ms)}, PrimaryFailsToo, Stuck,
			"s1 crashed, silent for 100 ms of 500 ms, and s2 > vs is cut, silent for 40 ms of 500 ms · nobody else has the data · whichever is heard with the data serves (V5)"},
		{"primary crashed, backup unheard too", []change{is("s1", netsim.Crashed), severed("s2", "vs"), blocked(viewservice.NextUnheard), silent("s1", 500*ms), silent("s2", 410*ms)}, FirstHeardServes, Stuck,
			"s1 crashed, silent for 500 ms, and s2 > vs is cut, silent for 410 ms of 500 ms · the first of them to ping with the data serves (V5)"},
		{"both unheard, both reach vs again", []change{blocked(viewservice.NextUnheard), silent("s1", 500*ms), silent("s2", 410*ms)}, FirstHeardServes, AtRisk,
			"s1 silent for 500 ms, and s2 silent for 410 ms of 500 ms · s1 answers on meanwhile · the first of them to ping with the data serves (V5)"},
		{"primary gone for hours, backup unheard too", []change{blocked(viewservice.NextUnheard), silent("s1", 2*time.Hour), silent("s2", 410*ms)}, FirstHeardServes, AtRisk,
			"s1 silent for 2h00m, and s2 silent for 410 ms of 500 ms · s1 answers on meanwhile · the first of them to ping with the data serves (V5)"},
		{"lone primary crashed", []change{inView(3, "s1", ""), is("s1", netsim.Crashed), silent("s1", 100*ms)}, PrimaryFailsAlone, Lost,
			"s1 crashed, silent for 100 ms of 500 ms · nobody else has the data · nobody serves any more, by design: reset begins anew (V5)"},
		{"unacknowledged primary crashed", []change{unacked, is("s1", netsim.Crashed), silent("s1", 100*ms)}, PrimaryFailsUnacked, Stuck,
			"s1 crashed, silent for 100 ms of 500 ms · view 2 waits for its Ping(2) · nobody else may be made primary before (V3)"},
		{"first primary crashed, still counted on", []change{inView(1, "s1", ""), unacked, is("s1", netsim.Crashed), silent("s1", 100*ms)}, PrimaryFailsUnacked, Stuck,
			"s1 crashed, silent for 100 ms of 500 ms · view 1 waits for its Ping(1), or that of its next start · nobody else may be made primary before (V3 V7)"},

		{"primary without state", []change{refuses(pbservice.NoState)}, Refuses, Stuck,
			"s1 is primary of view 2 without the data of the view before · it refuses clients, and never enters the view (S2)"},
		{"primary refused by its backup", []change{refuses(pbservice.BackupRefuse)}, Refuses, Busy, "(S8)"},
		{"primary of a past view refuses", []change{refuses(pbservice.NoState), func(s *Snapshot) { find(s, "s1").Status.View.Viewnum = 1 }}, Serves, Stuck,
			"view 2: s1 answers nobody, since s2 can't confirm (S5)"},

		{"backup frozen", []change{is("s2", netsim.Frozen), silent("s2", 200*ms), running("c1", time.Second, "")}, BackupFails, Busy,
			"s2 is frozen, silent for 200 ms of 500 ms · then s1 goes on without it; until then operations wait (V4 S5)"},
		{"backup died in mid-transfer", []change{unacked, phase(pbservice.PhaseTransferring, 1, 9), is("s2", netsim.Crashed), silent("s2", 700*ms), blocked(viewservice.UnackedLoss)}, BackupFailsUnacked, Busy,
			"s2 crashed, silent for 700 ms · then s1 goes on without it, and view 2 is acknowledged (S4 V10)"},

		{"H13, a client waits", []change{severed("s1", "s2"), running("c1", 320*ms, "")}, BackupUnreachable, Stuck,
			"c1 waits · s1 > s2 is cut, and both still reach vs, so the view stays · nothing changes until that ends (V4)"},
		{"H13, two clients wait", []change{severed("s2", "s1"), running("c1", 320*ms, ""), running("c2", 10*ms, "")}, BackupUnreachable, Stuck,
			"c1, c2 wait · s2 > s1 is cut, and both still reach vs, so the view stays · nothing changes until that ends (V4)"},
		{"H13, nobody waits", []change{severed("s1", "s2")}, BackupUnreachable, Stuck,
			"the next operation will wait · s1 > s2 is cut, and both still reach vs, so the view stays · nothing changes until that ends (V4)"},
		{"cut in mid-transfer", []change{unacked, phase(pbservice.PhaseTransferring, 1, 9), severed("s1", "s2")}, BackupUnfillable, Busy,
			"s1 can't fill s2 · s1 > s2 is cut · s1 gives s2 up, and goes on without it (S4 V10)"},

		{"transfer", []change{unacked, phase(pbservice.PhaseTransferring, 4000, 100000)}, FillsBackup, Busy,
			"s1 fills s2, 4000 of 100,000 keys done, and answers clients alone meanwhile (S6)"},
		{"transfer over a slow link", []change{unacked, phase(pbservice.PhaseTransferring, 0, 1), slow("s1", "s2")}, FillsBackup, Busy,
			"s1 fills s2, 0 of 1 key done, and answers clients alone meanwhile · with “delay s1 s2 400ms” it may give s2 up (S6 S4)"},
		{"transfer, replies over a slow link", []change{unacked, phase(pbservice.PhaseTransferring, 0, 1), slow("s2", "s1")}, FillsBackup, Busy,
			"s1 fills s2, 0 of 1 key done, and answers clients alone meanwhile · with “delay s2 s1 400ms” it may give s2 up (S6 S4)"},
		{"transfer, requests get lost", []change{unacked, phase(pbservice.PhaseTransferring, 0, 1), unreliable(netsim.FaultLoss, "s1", "s2")}, FillsBackup, Busy,
			"s1 fills s2, 0 of 1 key done, and answers clients alone meanwhile · with “loss s1 s2 10%” it may give s2 up (S6 S4)"},
		{"transfer, replies get lost", []change{unacked, phase(pbservice.PhaseTransferring, 0, 1), unreliable(netsim.FaultReplyLoss, "s1", "s2")}, FillsBackup, Busy,
			"s1 fills s2, 0 of 1 key done, and answers clients alone meanwhile · with “loss s1 s2 10% replies” it may give s2 up (S6 S4)"},
		{"transfer out of order", []change{unacked, phase(pbservice.PhaseTransferring, 0, 1), unreliable(netsim.FaultReorder, "s1", "s2")}, FillsBackup, Busy,
			"s1 fills s2, 0 of 1 key done, and answers clients alone meanwhile · with “reorder s1 s2” it may give s2 up (S6 S4)"},
		{"transfer twice", []change{unacked, phase(pbservice.PhaseTransferring, 0, 1), unreliable(netsim.FaultDuplicate, "s1", "s2")}, FillsBackup, Busy,
			"s1 fills s2, 0 of 1 key done, and answers clients alone meanwhile (S6)"},
		{"transfer, another link is slow", []change{unacked, phase(pbservice.PhaseTransferring, 0, 1), slow("s1", "s3")}, FillsBackup, Busy,
			"s1 fills s2, 0 of 1 key done, and answers clients alone meanwhile (S6)"},
		{"transfer of nothing", []change{unacked, phase(pbservice.PhaseTransferring, 0, 0)}, FillsBackup, Busy,
			"s1 fills s2, and answers clients alone meanwhile (S6)"},
		{"waits for the ping", []change{unacked}, AckComes, Busy, "view 2 waits for Ping(2) from s1 (V2)"},
		{"need not wait for the ping", []change{unacked, without(rules.AckRule)}, AckComes, Busy,
			"view 2 is not acknowledged · s1 has not sent Ping(2) · since ack-rule is off it may change all the same (V2)"},
		{"primary can't learn", []change{unlearnt, severed("vs", "s1")}, ViewUnlearnt, Stuck, "s1 can't learn of view 2 · vs > s1 is cut · nothing changes until that ends (V3)"},
		{"backup given up", []change{unacked, phase(pbservice.PhaseGivenUp, 0, 0)}, BackupGivenUp, Busy, "s1 has given s2 up · it acknowledges view 2 without it (V10)"},

		{"forward held", []change{running("c1", 3*ms, ""), onHold("s1", "s2", netsim.Held{Msg: 18, Direction: netsim.Request, Method: "KV.Forward"})}, BackupHeld, Stuck,
			"c1 waits · forward 18 is held on s1 > s2 · deliver, duplicate or drop it by hand (S5)"},
		{"reply to a forward held", []change{running("c1", 3*ms, ""), onHold("s2", "s1", netsim.Held{Msg: 19, Direction: netsim.Reply, Method: "KV.Forward"})}, BackupHeld, Stuck,
			"c1 waits · reply to forward 19 is held on s2 > s1 · deliver, duplicate or drop it by hand (S5)"},
		{"forward held, nobody waits", []change{onHold("s1", "s2", netsim.Held{Msg: 18, Direction: netsim.Request, Method: "KV.Forward"})}, BackupHeld, Stuck,
			"forward 18 is held on s1 > s2 · deliver, duplicate or drop it by hand"},
		{"transfer held", []change{unacked, phase(pbservice.PhaseTransferring, 1, 9), onHold("s1", "s2", netsim.Held{Msg: 18, Direction: netsim.Request, Method: "KV.Transfer"})}, BackupHeld, AtRisk,
			"s1 waits to fill s2 · transfer 18 is held on s1 > s2 · deliver, duplicate or drop it by hand (S4)"},
		{"link to the backup holds", []change{onHold("s1", "s2")}, BackupHeld, Stuck,
			"the next operation will wait · s1 > s2 holds messages · deliver by hand, or release (S5)"},
		{"link from the backup holds", []change{onHold("s2", "s1")}, BackupHeld, Stuck,
			"the next operation will wait · s2 > s1 holds messages · deliver by hand, or release (S5)"},
		{"pings held", []change{onHold("s1", "vs"), silent("s1", 312*ms)}, TakesOver, Busy,
			"s1 > vs holds messages, silent for 312 ms of 500 ms · then s2 takes over (V4 V5)"},
		{"replies to pings held", []change{unlearnt, onHold("vs", "s1")}, ViewUnlearnt, Stuck, "s1 can't learn of view 2 · vs > s1 holds messages · no view follows until that ends (V3)"},

		{"paused", []change{paused}, TimePaused, Calm, "time is paused · nothing moves until resume or step"},
		{"paused, a client waits", []change{paused, running("c1", 3*ms, "")}, TimePaused, Stuck,
			"c1 waits · time is paused · nothing moves until resume or step"},
		{"paused while something is under way", []change{paused, is("s1", netsim.Crashed), silent("s1", 312*ms)}, TakesOver, Busy,
			"s1 crashed, silent for 312 ms of 500 ms · then s2 takes over; time is paused (V4 V5)"},
		{"paused and stuck", []change{paused, severed("s1", "s2")}, BackupUnreachable, Stuck,
			"the next operation will wait · s1 > s2 is cut, and both still reach vs, so the view stays · nothing changes until that ends (V4)"},

		{"client cut off", []change{severed("c1", "s1"), running("c1", time.Second, "c1 > s1 is cut")}, ClientWaits, Stuck, "c1 waits · c1 > s1 is cut"},
		{"client retries", []change{running("c2", time.Second, "tries again (C1)")}, ClientWaits, Busy, "c2 waits · tries again (C1)"},
		{"client retries, something is broken", []change{severed("vs", "s1"), running("c1", time.Second, "tries again (C1)")}, ClientWaits, Stuck,
			"c1 waits · tries again (C1)"},
		{"client cut off just now", []change{severed("c1", "s1"), running("c1", 3*ms, "c1 > s1 is cut"), awaits("c1", "s1")}, ClientWaits, Stuck, "c1 waits · c1 > s1 is cut"},
		{"client whose replies are lost from now on", []change{losing("s1", "c1"), running("c1", 3*ms, "s1 > c1 loses all replies"), awaits("c1", "s1")},
			ClientWaits, Stuck, "c1 waits · s1 > c1 loses all replies"},
		{"a link holds what is sent, and an operation has begun", []change{onHold("s1", "s2"), running("c1", 3*ms, "x")}, BackupHeld, Stuck,
			"c1 waits · s1 > s2 holds messages · deliver by hand, or release (S5)"},
		{"client asks for the view", []change{running("c2", time.Second, "asks vs for the view (C1)"), asksForView("c2")}, ClientWaits, Busy,
			"c2 waits · asks vs for the view (C1)"},
		{"client just began", []change{running("c2", 3*ms, "x")}, Serves, Calm, "view 2: s1 answers once s2 has confirmed (S5)"},

		{"old primary", []change{severed("s3", "vs"), replacedUnawares}, OldPrimary, Busy, "s3 still takes itself for the primary of view 1 · it completes nothing, since s1 is past that view (S7)"},

		{"old primary without forward-gets", []change{severed("s3", "vs"), without(rules.ForwardGets), replacedUnawares}, OldPrimary, Busy, "s3 still takes itself for the primary of view 1 · it answers Gets alone, since forward-gets is off (S5)"},

		{"old primary frozen", []change{is("s3", netsim.Frozen), replacedUnawares}, OldPrimary, Busy, "s3 is frozen: when it thaws, it will still take itself for the primary of view 1 · it completes nothing, since s1 is past that view (S7)"},

		{"old primary cut off from its backup too", []change{severed("s3", "vs"), severed("s3", "s1"), replacedUnawares}, OldPrimary, Busy,
			"s3 still takes itself for the primary of view 1 · it completes nothing: s1 must confirm it, and s3 > s1 is cut (S5)"},
		{"old primary whose backup can't answer", []change{severed("s3", "vs"), severed("s1", "s3"), replacedUnawares}, OldPrimary, Busy,
			"s3 still takes itself for the primary of view 1 · it completes nothing, since s1 is past that view (S7)"},
		{"old primary whose messages to the backup are held", []change{onHold("s3", "s1"), severed("s3", "vs"), replacedUnawares}, OldPrimary, Busy,
			"s3 still takes itself for the primary of view 1 · it completes nothing: s1 must confirm it, and s3 > s1 holds messages (S5)"},

		{"idle server in an old view", []change{func(s *Snapshot) { find(s, "s3").Status.View.Viewnum = 1 }}, Serves, Calm,
			"view 2: s1 answers once s2 has confirmed (S5)"},
		{"old primary, and the new one hears nothing from vs", []change{replacedUnawares, severed("vs", "s1")}, OldPrimary, Busy,
			"s3 still takes itself for the primary of view 1 · it completes nothing, since s1 is past that view (S7)"},

		{"lone primary hears nothing from vs", []change{inView(3, "s1", ""), severed("vs", "s1")}, DeafPrimary, AtRisk,
			"s1 serves on in view 3 · its pings arrive, but vs > s1 is cut · it learns of no other view until that ends (V3)"},
		{"primary hears nothing from vs", []change{severed("vs", "s1")}, DeafPrimary, AtRisk,
			"s1 serves on in view 2 · its pings arrive, but vs > s1 is cut · it learns of no other view until that ends (V3)"},
		{"backup hears nothing from vs", []change{severed("vs", "s2")}, Serves, Calm, "view 2: s1 answers once s2 has confirmed (S5)"},

		{"without wait-for-backup", []change{without(rules.WaitForBackup)}, Serves, Calm,
			"view 2: s1 answers before s2 has confirmed, since wait-for-backup is off (S5)"},
		{"restarted without restart-detection", []change{without(rules.RestartDetection), func(s *Snapshot) { find(s, "s1").Boots = 2 }}, Serves, AtRisk,
			"view 2: s1 has restarted, and restart-detection is off: whether s2 confirms anything is not certain (V7)"},
		{"without the ack rule", []change{without(rules.AckRule), unacked, is("s1", netsim.Crashed), silent("s1", 100*ms)}, TakesOver, Busy,
			"s1 crashed, silent for 100 ms of 500 ms · then s2 takes over (V4 V5)"},
		{"without continuity, the primary cut off alone", []change{without(rules.Continuity), inView(3, "s1", ""), severed("s1", "vs"), silent("s1", 100*ms)}, Usurps, AtRisk,
			"s1 > vs is cut, silent for 100 ms of 500 ms · s1 answers on meanwhile · then a server without the data may take over, since continuity is off (V5)"},
		{"without the ack rule, nothing else amiss", []change{without(rules.AckRule), unacked}, AckComes, Busy,
			"view 2 is not acknowledged · s1 has not sent Ping(2) · since ack-rule is off it may change all the same (V2)"},
		{"vs frozen, primary dead", []change{viewsAre(netsim.Frozen), is("s1", netsim.Crashed)}, ViewserviceFrozen, Stuck,
			"the viewservice is frozen · s1 crashed, and nobody can take over in view 2 · nobody serves until it thaws (V5)"},
		{"primary without the data, the old one answers on", []change{refuses(pbservice.NoState), replacedUnawares, func(s *Snapshot) {
			v := find(s, "s3")
			v.Status.View.Backup, v.Status.Phase = "", pbservice.PhaseAlone
		}}, Refuses, AtRisk,
			"s1 is primary of view 2 without the data of the view before · s3 answers on in view 1 · it refuses clients, and never enters the view (S2)"},
		{"primary can't hear that view 1 is acknowledged", []change{inView(1, "s1", ""), refuses(pbservice.Unconfirmed), severed("vs", "s1"),
			func(s *Snapshot) { find(s, "s1").Status.Refuses.View = 1 }}, Refuses, Stuck,
			"s1 has not heard that view 1 is acknowledged · vs > s1 is cut · it serves nothing before (S2)"},
		{"without continuity", []change{without(rules.Continuity), inView(3, "s1", ""), is("s1", netsim.Crashed), silent("s1", 100*ms)}, Usurps, Busy,
			"s1 crashed, silent for 100 ms of 500 ms · then a server without the data may take over, since continuity is off (V5)"},

		{"lone primary unheard", []change{inView(3, "s1", ""), blocked(viewservice.LoneLost), severed("s1", "vs"), silent("s1", 600*ms)}, Unheard, AtRisk,
			"s1 serves on in view 3, unheard by the viewservice · s1 > vs is cut · no view can follow until that ends (V5)"},
		{"backup deaf, nobody else", []change{unacked, phase(pbservice.PhaseTransferring, 0, 1), severed("vs", "s2"), is("s3", netsim.Crashed),
			func(s *Snapshot) { find(s, "s2").Status.View.Viewnum, memberOf(s, "s3").Place = 1, 0 }}, BackupReturns, AtRisk, "s1 can't fill s2 · vs > s2 is cut · s1 gives s2 up, and views follow each other until that ends (S4 V10)"},
		{"backup reborn, without restart-detection", []change{without(rules.RestartDetection), reborn("s2")}, Unnoticed, Stuck, "s2 came back empty, and is taken for its earlier boot · restart-detection is off · s1 waits for what s2 can't confirm, until it is killed (V7 S7)"},
		{"alone, a volunteer waits", []change{inView(3, "s1", "")}, Joins, Busy, "s1 serves alone · s3 is about to join (V4)"},
		{"alone", []change{inView(3, "s1", ""), func(s *Snapshot) { memberOf(s, "s3").Place = 0 }}, Alone, Calm,
			"s1 serves alone · if it fails, what it has is lost (V5)"},
		{"a view of strangers", []change{inView(3, "x", "y")}, Serves, Calm, "view 3 x y is acknowledged"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := healthy()
			for _, change := range c.changes {
				change(&s)
			}
			got := NewIndex(s).why()
			if got.String() != c.text && !(strings.HasPrefix(c.text, "(") && strings.HasSuffix(got.String(), c.text)) || got.Level != c.level {
				t.Errorf("got  %d %s\nwant %d %s", got.Level, got.String(), c.level, c.text)
			}
			if got.Cause.Code != c.code || !slices.Equal(got.Rules, citedIn(got.String())) {
				t.Errorf("code %d, want %d; rules %v of %q", got.Cause.Code, c.code, got.Rules, got.String())
			}
			if named[c.code] == nil {
				named[c.code], tied[c.code] = map[rules.Ref]bool{}, map[Tie]bool{}
			}
			if got.More != "" {
				tied[c.code][got.Tie] = true
			}
			for _, r := range got.Rules {
				named[c.code][r] = true
			}
		})
	}
	for code := NoCode + 1; code < codes; code++ {
		if want := rulesOf[code]; !maps.Equal(named[code], setOf(want)) {
			t.Errorf("code %d names %v, want %v", code, named[code], want)
		}
		if want := tiesOf[code]; !maps.Equal(tied[code], setOf(want)) {
			t.Errorf("code %d ties its parts by %v, want %v", code, tied[code], want)
		}
	}
}

// rulesOf are all rules that a cause of each code may name.
var rulesOf = [codes]rules.Refs{
	ViewserviceDown:     {"V5", "S5", "S12"},
	ViewserviceForgot:   {"V9", "S5", "S12"},
	ViewserviceFrozen:   {"V5", "S12"},
	FirstPingComes:      {"V1"},
	FirstPingBarred:     {"V1"},
	AckLost:             {"V3", "S2"},
	AckOfNextStart:      {"V3", "V7"},
	AckBarred:           {"V3", "V10"},
	AckReturns:          {"V3"},
	DataReturns:         {"V5"},
	DataBarred:          {"V5"},
	DataLost:            {"V5"},
	PrimaryFailsUnacked: {"V3", "V7"},
	PrimaryFailsAlone:   {"V5"},
	PrimaryFailsToo:     {"V5"},
	FirstHeardServes:    {"V5"},
	Usurps:              {"V5"},
	Unnoticed:           {"S7", "V7"},
	Unheard:             {"V5"},
	BackupReturns:       {"S4", "V10"},
	TakesOver:           {"V4", "V5", "V7"},
	Refuses:             {"S2", "S8"},
	BackupFails:         {"V4", "S5"},
	BackupFailsUnacked:  {"V10", "S4"},
	BackupUnfillable:    {"V10", "S4"},
	BackupUnreachable:   {"V4"},
	BackupHeld:          {"S4", "S5"},
	FillsBackup:         {"S4", "S6"},
	ViewUnlearnt:        {"V3"},
	BackupGivenUp:       {"V10"},
	AckComes:            {"V2"},
	ClientWaits:         {"C1"},
	OldPrimary:          {"S5", "S7"},
	DeafPrimary:         {"V3"},
	Joins:               {"V4"},
	Alone:               {"V5"},
	Serves:              {"S5", "V7"},
}

// tiesOf are all ties of the second part of what is told of each code: only what stands behind "because" is a cause.
var tiesOf = [codes][]Tie{
	ViewserviceDown:     {And, Yet},
	ViewserviceForgot:   {And, Yet},
	ViewserviceFrozen:   {And, Yet},
	AckLost:             {Because},
	AckOfNextStart:      {Because},
	AckBarred:           {Because},
	AckReturns:          {Yet},
	DataBarred:          {Because},
	DataLost:            {Because},
	PrimaryFailsUnacked: {And},
	PrimaryFailsAlone:   {And},
	PrimaryFailsToo:     {And},
	FirstHeardServes:    {Yet},
	Usurps:              {Yet},
	Unnoticed:           {Because},
	Unheard:             {Because},
	Refuses:             {Because, Yet},
	BackupUnfillable:    {Because},
	BackupReturns:       {Because},
	BackupUnreachable:   {Because},
	BackupHeld:          {Because},
	ViewUnlearnt:        {Because},
	ClientWaits:         {And, Because},
	OldPrimary:          {And, Yet},
	DeafPrimary:         {And},
	AckComes:            {Because},
	TimePaused:          {Because},
}

func setOf[T comparable](all []T) map[T]bool {
	set := map[T]bool{}
	for _, r := range all {
		set[r] = true
	}
	return set
}

// The screen asks at any time, also before anybody has answered.
func TestExplainAlwaysSaysSomething(t *testing.T) {
	for name, s := range map[string]Snapshot{
		"zero":         {},
		"no answers":   {Viewservice: ViewserviceState{State: netsim.Up}, Servers: []ServerState{{Name: "s1", State: netsim.Up}}},
		"only vs knew": {Viewservice: ViewserviceState{State: netsim.Crashed, Status: healthy().Viewservice.Status}},
	} {
		if w := NewIndex(s).why(); w.String() == "" || strings.ContainsAny(w.String(), "\n%") {
			t.Errorf("%s: %+v", name, w)
		}
	}
}

func TestListing(t *testing.T) {
	for want, names := range map[string][]string{
		"":                      nil,
		"vs":                    {"vs"},
		"vs, s1–s3, c1, c2":     {"vs", "s1", "s2", "s3", "c1", "c2"},
		"s1, s3, s4":            {"s1", "s3", "s4"},
		"vs, s8–s10, c1–c3, c5": {"vs", "s8", "s9", "s10", "c1", "c2", "c3", "c5"},
	} {
		if got := Listing(names); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// TestBriefWhy: of a primary that fails it is told in brief how, without how long it has been silent.
func TestBriefWhy(t *testing.T) {
	const ms = time.Millisecond
	for want, changes := range map[string][]change{
		"":                           {},
		"s1 crashed":                 {is("s1", netsim.Crashed), silent("s1", 312*ms)},
		"s1 is silent":               {silent("s1", 312*ms)},
		"s1 > vs is cut":             {severed("s1", "vs")},
		"s1 came back empty":         {reborn("s1")},
		"s1 crashed, s2 crashed":     {is("s1", netsim.Crashed), is("s2", netsim.Crashed)},
		"s1 crashed, s2 > vs is cut": {is("s1", netsim.Crashed), severed("s2", "vs"), blocked(viewservice.NextUnheard)},
	} {
		s := healthy()
		for _, change := range changes {
			change(&s)
		}
		if got := NewIndex(s).why(); got.Brief != want {
			t.Errorf("%q for %q, want %q", got.Brief, got.Now, want)
		}
	}
}

// TestSaysNameTheBackup: a primary whose view is not acknowledged says whom it fills or asks.
func TestSaysNameTheBackup(t *testing.T) {
	for phase, want := range map[string]string{
		pbservice.PhaseTransferring: "fills s2 (S3)", pbservice.PhaseWaiting: "answers once s2 confirms (S5)",
	} {
		s := healthy()
		unacked(&s)
		find(&s, "s1").Status.Phase = phase
		if got := NewIndex(s).Says(find(&s, "s1")).Text; got != want {
			t.Errorf("%s: %q, want %q", phase, got, want)
		}
	}
}
