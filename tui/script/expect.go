package script

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/engine/lex"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice"
	"cluster/splitbrain/viewservice/rules"
)

// expectations are what can be demanded of the cluster. All but those about the whole history wait for it to come.
func expectations() []Command {
	all := append(expectedOfServers(), expectedOfClients()...)
	for i := range all {
		all[i].timed = true
		if all[i].demands != nil {
			all[i].run = awaiting(all[i].demands)
		}
	}
	return append(all, Command{
		Name: "expect linearizable", Help: "demands that all that clients saw can be explained, and no promise was broken",
		Example: "expect linearizable", run: expectLinearizable,
	}, Command{
		Name: "expect violation", Help: "demands that a promise was broken while that rule was off",
		Example: "expect violation forward-gets", params: []param{ruleParam}, run: expectViolation,
	})
}

// expectedOfServers are the expectations about views, servers and what they hold.
func expectedOfServers() []Command {
	return []Command{{
		Name: "expect view", Help: "demands a view: its number, primary, backup, acknowledgement",
		Example: "expect view 2 s1 s2 acked within 2s", params: []param{viewParam}, demands: viewIs,
	}, {
		Name: "expect role", Help: "demands what a server takes itself for", Example: "expect role s2 primary",
		params: []param{serverParam, roleParam}, demands: ofServer(roleIs),
	}, {
		Name: "expect state", Help: "demands how a node is", Example: "expect state s1 crashed",
		params: []param{nodeParam, stateParam}, demands: stateIs,
	}, {
		Name: "expect keys", Help: "demands how many keys a server holds", Example: "expect keys s3 0",
		params: []param{serverParam, countParam}, demands: ofServer(keysAre),
	}, {
		Name: "expect data", Help: "demands what a server's map holds, or absent", Example: "expect data s2 a = 1",
		params: []param{serverParam, keyParam, equalsParam}, demands: dataIs, mapped: true,
	}, {
		Name: "expect get", Help: "demands what a client reads, or absent", Example: "expect get a = 1",
		params: []param{keyParam, equalsParam, clientParam}, run: getIs,
	}}
}

// expectedOfClients are the expectations about clients, and about what holds the cluster up.
func expectedOfClients() []Command {
	return []Command{{
		Name: "expect result", Help: "demands how a client's newest operation ended: a value, ok, absent, unknown, refused",
		Example: "expect result c1 = 5", params: []param{clientNode, resultParam}, demands: ofClient(resultIs),
	}, {
		Name: "expect waiting", Help: "demands that a client waits for its operation", Example: "expect waiting c1 because S5",
		params: []param{clientNode, becauseParam}, demands: ofClient(waits),
	}, {
		Name: "expect refused", Help: "demands that a server refuses a client's operation", Example: "expect refused c1",
		params: []param{clientNode, becauseParam}, demands: ofClient(isRefused),
	}, {
		Name: "expect stuck", Help: "demands that clients can't go on, for the reason that a rule gives", Example: "expect stuck V3",
		params: []param{citeOrNone}, demands: isStuck,
	}, {
		Name: "expect why", Help: "demands that the line that says why cites a rule", Example: "expect why S6",
		params: []param{citeParam}, demands: whyCites,
	}, {
		Name: "expect cause", Help: "demands that a rule made the newest view", Example: "expect cause V5",
		params: []param{citeParam}, demands: causeCites,
	}, {
		Name: "expect held", Help: "demands so many held messages, with + or more", Example: "expect held 1+",
		params: []param{countParam}, demands: holdsMessages,
	}, {
		Name: "expect rpcs", Help: "demands how many requests of clients a node received since mark", Example: "expect rpcs vs 0",
		params: []param{processParam, countParam}, run: countRPCs,
	}}
}

// awaiting watches until what the line demands has come.
func awaiting(demands condition) func(context.Context, *Session, Invocation) (Result, error) {
	return func(ctx context.Context, s *Session, inv Invocation) (Result, error) {
		return s.watch(ctx, inv, demands)
	}
}

func viewIs(a Args, s engine.Snapshot) (bool, string) {
	view, acked := s.Viewservice.Status.View, s.Viewservice.Status.Acked
	saw := fmt.Sprintf("view %v, %s", view, map[bool]string{true: "acknowledged", false: "not acknowledged"}[acked])
	if view.Viewnum == 0 {
		saw = "no view"
	}
	if blocked := s.Viewservice.Status.Blocked; blocked.String() != "" {
		saw += ": " + blocked.String()
	}
	w := a.View
	holds := (w.Any || view.Viewnum == w.Number) && (w.Primary == "" || w.Primary == view.Primary) &&
		(w.Backup == "" || w.Backup == view.Backup) && !(w.Alone && view.Backup != "") && (acked || !w.Acked)
	return holds, saw
}

// ofServer looks at one server.
func ofServer(demand func(a Args, v engine.ServerState) (bool, string)) condition {
	return func(a Args, s engine.Snapshot) (bool, string) {
		if v := engine.NewIndex(s).Server(a.Node); v != nil {
			return demand(a, *v)
		}
		return false, a.Node + " is no server"
	}
}

func roleIs(a Args, v engine.ServerState) (bool, string) {
	role := string(v.Status.Role)
	if role == "" {
		return false, fmt.Sprintf("%s is %v", v.Name, v.State)
	}
	return role == a.Word, fmt.Sprintf("%s is %s of view %d", v.Name, role, v.Status.View.Viewnum)
}

func keysAre(a Args, v engine.ServerState) (bool, string) {
	if v.Status.Boot == 0 {
		return false, fmt.Sprintf("%s is %v", v.Name, v.State)
	}
	return a.counts(v.Status.Keys), fmt.Sprintf("%s has %d", v.Name, v.Status.Keys)
}

func stateIs(a Args, s engine.Snapshot) (bool, string) {
	state := engine.NewIndex(s).State(a.Node)
	return state.String() == a.Word, fmt.Sprintf("%s is %v", a.Node, state)
}

func dataIs(a Args, seen engine.Snapshot) (bool, string) {
	rows := seen.Map.Rows[a.Node]
	for i, key := range seen.Map.Keys {
		if key != a.Key || i >= len(rows) || rows[i].Size < 0 {
			continue
		}
		return a.Word != absent && rowIs(rows[i], a.Value), fmt.Sprintf("%s has %s = %s", a.Node, lex.Quote(a.Key), brief(rows[i].Value, 48))
	}
	return a.Word == absent, fmt.Sprintf("%s has no %s", a.Node, lex.Quote(a.Key)) + a.meant(absent)
}

// rowIs compares as much of a value as a row shows.
func rowIs(row pbservice.Row, value string) bool {
	return row.Size == len(value) && strings.HasPrefix(value, row.Value)
}

// getIs reads until the value is there, or its time is over. Every read is an operation like any other.
func getIs(ctx context.Context, s *Session, inv Invocation) (Result, error) {
	a := inv.Args
	client, err := s.client(inv)
	if err != nil {
		return Result{}, err
	}
	seen, err := s.look(ctx, engine.Window{})
	if err != nil {
		return Result{}, of(inv, err)
	}
	began, limit := s.Engine.Now(), s.timeout(inv, seen.Config)
	for waited := time.Duration(0); ; waited += lookInterval {
		left := limit - max(waited, s.Engine.Now()-began)
		saw, holds, err := s.read(ctx, client, a, max(left, lookInterval))
		switch {
		case holds:
			return Result{Text: fmt.Sprintf("%s: yes%s", inv, after(s.Engine.Now()-began))}, nil
		case ctx.Err() != nil:
			return Result{}, of(inv, ctx.Err())
		case left <= lookInterval || err != nil:
			return Result{}, &ExpectError{Line: inv.String(), Saw: notWithin(limit) + saw}
		}
		if err := s.Engine.Wait(ctx, lookInterval); err != nil {
			return Result{}, of(inv, err)
		}
	}
}

// read is one get of at most limit of the cluster's time.
func (s *Session) read(ctx context.Context, client string, a Args, limit time.Duration) (saw string, holds bool, err error) {
	o, err := s.Engine.Invoke(client, pbservice.Op{Kind: pbservice.Get, Key: a.Key}, engine.AtOnce)
	if err != nil {
		return outcome(err), false, err
	}
	s.await(ctx, o, limit)
	reply, err := o.Result()
	_, unsent := errors.AsType[*engine.NotSentError](err)
	switch {
	case unsent:
		return client + " runs another operation", false, err
	case err != nil:
		return outcome(err), false, err
	case reply.Err == pbservice.NoKey:
		return "no such key" + a.meant(absent), a.Word == absent, nil
	}
	return brief(reply.Value, 48), a.Word != absent && reply.Value == a.Value, nil
}

// ofClient looks at one client.
func ofClient(demand func(a Args, k engine.ClientState) (bool, string)) condition {
	return func(a Args, s engine.Snapshot) (bool, string) {
		if k := engine.NewIndex(s).Client(a.Client); k != nil {
			return demand(a, *k)
		}
		return false, a.Client + " is no client"
	}
}

func waits(a Args, k engine.ClientState) (bool, string) {
	if !k.Running {
		return false, k.Name + " waits for nothing: " + newest(k)
	}
	return a.cited(k.Waits.Rules), k.Name + " waits: " + k.Waits.Text
}

// isRefused holds while a client pauses after a refusal, and when its newest operation was refused for good.
func isRefused(a Args, k engine.ClientState) (bool, string) {
	if k.Running {
		return k.Waits.Refused.Code != pbservice.CodeNone && a.cited(k.Waits.Rules), k.Name + ": " + k.Waits.Text
	}
	if len(k.Last) == 0 {
		return false, k.Name + ": " + newest(k)
	}
	ended := k.Last[0].Outcome
	return ended.Kind == engine.Refused && a.cited(rules.Refs{ended.Refused.Rule()}), k.Name + ": " + newest(k)
}

func resultIs(a Args, k engine.ClientState) (bool, string) {
	if k.Running {
		return false, k.Name + " still waits: " + k.Waits.Text
	}
	if len(k.Last) == 0 {
		return false, k.Name + ": " + newest(k)
	}
	d := k.Last[0]
	found := d.Outcome.Kind == engine.OK && d.Op.Kind == pbservice.Get
	holds := found && d.Reply.Value == a.Value
	if a.Word != "" {
		holds = !found && results[d.Outcome.Kind] == a.Word
	}
	return holds, k.Name + ": " + newest(k) + a.meant(results[d.Outcome.Kind])
}

// meant tells who demands a value, and has the word for how it is instead, that he probably meant the word.
func (a Args) meant(word string) string {
	if a.Word != "" || a.Value != word {
		return ""
	}
	return fmt.Sprintf(" (without the =, %s demands that)", word)
}

// newest tells how a client's newest operation ended.
func newest(k engine.ClientState) string {
	if len(k.Last) == 0 {
		return "it has done nothing"
	}
	switch d := k.Last[0]; {
	case d.Outcome.Kind == engine.Unknown:
		return "unknown: " + d.Outcome.Why
	case d.Outcome.Kind == engine.Refused:
		return d.Outcome.Failure()
	case d.Outcome.Kind == engine.Absent:
		return "absent: no such key"
	case d.Op.Kind == pbservice.Get:
		return brief(d.Reply.Value, 48)
	}
	return "ok"
}

func isStuck(a Args, s engine.Snapshot) (bool, string) {
	return s.Why.Level >= engine.Stuck && a.cited(s.Why.Rules), s.Why.String()
}

func whyCites(a Args, s engine.Snapshot) (bool, string) { return a.cited(s.Why.Rules), s.Why.String() }

func causeCites(a Args, s engine.Snapshot) (bool, string) {
	changes := s.Viewservice.Status.Changes
	if len(changes) == 0 {
		return false, "no view"
	}
	last := changes[len(changes)-1]
	made := slices.ContainsFunc(last.Causes, func(c viewservice.Cause) bool { return c.Rule() == a.Cites })
	return made, fmt.Sprintf("view %v: %s", last.View, last.Reasons("; "))
}

// cited reports whether the rule that the command names is among those, if it names one.
func (a Args) cited(refs rules.Refs) bool { return a.Cites == "" || refs.Has(a.Cites) }

func holdsMessages(a Args, s engine.Snapshot) (bool, string) {
	return a.counts(len(s.Held)), fmt.Sprintf("%d held", len(s.Held))
}

// counts reports whether n is the number that is demanded.
func (a Args) counts(n int) bool { return n == a.Count || a.More && n > a.Count }

// countRPCs counts in the trace. A node may receive more at any time, so it must be so when its time is over.
func countRPCs(ctx context.Context, s *Session, inv Invocation) (Result, error) {
	a := inv.Args
	since, marked := s.marked()
	if !marked {
		return Result{}, of(inv, errors.New("nothing was counted: write mark where counting is to begin"))
	}
	return s.watch(ctx, inv, func(Args, engine.Snapshot) (bool, string) {
		events, missed := s.Engine.Trace().Since(since)
		n := 0
		for _, e := range events {
			if e.Kind == netsim.MsgDelivered && e.Direction == netsim.Request && e.To == a.Node && engine.IsClient(e.From) {
				n++
			}
		}
		if missed > 0 {
			return false, fmt.Sprintf("%d of the newest %d events, and %d older ones are forgotten", n, len(events), missed)
		}
		return a.counts(n), fmt.Sprintf("%s received %d", a.Node, n)
	})
}
