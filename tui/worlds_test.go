package tui

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/history"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/tui/pane"
	"cluster/splitbrain/viewservice"
	"cluster/splitbrain/viewservice/rules"
)

// world brings a model to a moment in the life of a cluster.
type world func(*Model)

// seen is a world that one look tells of.
func seen(o pane.Observation) world {
	return func(m *Model) {
		m.session.Engine.(*fake).snap = o.Snap
		o.Nodes, o.Asked = nodesOf(o.Snap), m.maps.Window()
		m.Update(pollResult{Observation: o})
	}
}

// starts is what is seen before anything is.
var starts engine.Snapshot

// The telling moments, as every pane sees them.
var (
	starting     world = func(*Model) {}
	empty              = seen(pane.Observation{Snap: quiet(3, 2)})
	steadyWorld        = seen(pane.Observation{Snap: steady(), Events: steadily().Events, Bars: settled(), Verdict: history.Verdict{Judged: 8, Total: 8}})
	failing            = seen(pane.Observation{Snap: countdown(), Events: crashing().Events, Bars: waiting(), Verdict: history.Verdict{Judged: 2, Total: 3}})
	failedOver         = seen(pane.Observation{Snap: moved(5), Events: failover().Events})
	stuckWorld         = seen(pane.Observation{Snap: blockedView(), Events: lostForEver().Events})
	transferring       = seen(pane.Observation{Snap: transfer(), Events: filling().Events})
	parted             = seen(pane.Observation{Snap: partitioned(), Events: parting().Events})
	heldWorld          = seen(pane.Observation{Snap: faulty(), Events: travel(faulty().At)})
	ruleOffWorld       = seen(pane.Observation{Snap: ruleOff(), Events: steadily().Events})

	overlappingWorld = seen(pane.Observation{Snap: quiet(3, 2), Bars: overlapping(), Verdict: history.Verdict{Judged: 4, Total: 6}})
	undecided        = seen(pane.Observation{Snap: quiet(3, 2), Bars: overlapping(), Verdict: history.Verdict{Result: history.Undecided, Key: "a", Judged: 2, Total: 6}})
	unjudged         = seen(pane.Observation{Snap: quiet(3, 2), Verdict: history.Verdict{Result: history.Undecided, Unjudged: true}})
	nastyWorld       = seen(pane.Observation{Snap: nasty(), Events: nastily().Events, Bars: nastyBars(), Verdict: history.Verdict{Judged: 3, Total: 3}})
	many             = seen(pane.Observation{Snap: manyFaults(), Events: crowd().Events})
	manyBars         = seen(pane.Observation{Snap: nine(), Bars: crowdOfBars(), Verdict: history.Verdict{Judged: 64, Total: 64}})
	manyViews        = seen(pane.Observation{Snap: often()})
)

// violatedWorld: two rules are off, and a get was stale.
func violatedWorld(m *Model) {
	bars, verdict := violation()
	seen(pane.Observation{Snap: rulesOff(), Events: parting().Events, Bars: bars, Verdict: verdict})(m)
	seen(pane.Observation{Snap: rulesOff(), Verdict: verdict})(m) // what was found stands in the log with the next look
}

// filtering lets the maps show only keys with a text in them.
func filtering(text string) world {
	return func(m *Model) {
		steadyWorld(m)
		pressOrType(m, "/"+text)
		press(m, "enter")
		snap := quiet(3, 2)
		for _, key := range []string{"a", "b", "log"} {
			if strings.Contains(key, text) {
				store(&snap, key, "x y z", "s1", "s2")
			}
		}
		see(m, snap)
	}
}

func manyKeys(m *Model) { see(m, crowded(m, "1")) }

func manyEvents(m *Model) {
	s := &story{At: second}
	for i := range 10_000 {
		s.At += time.Millisecond
		s.Happens([]netsim.EventKind{netsim.NodeFrozen, netsim.NodeThawed}[i%2], "s3", "", "")
	}
	hears(m, steady(), s)
}

// commanded is a cluster after some command lines, one of which failed.
func commanded(m *Model) {
	steadyWorld(m)
	for _, line := range []string{"kill s3", "cut s1 s9", "partition s1 c1 | vs s2 s3 c2"} {
		pressOrType(m, ":"+line)
		press(m, "enter")
	}
	s := &story{At: steady().At}
	s.Happens(netsim.NodeCrashed, "s3", "", "")
	hears(m, steady(), s)
	see(m, steady())
}

func viewsCrashed(m *Model) {
	snap := steady()
	snap.Viewservice.State = netsim.Crashed
	snap.Why = engine.Why{Level: engine.Busy, Now: "vs crashed: no view will follow, s1 and s2 serve on"}
	see(m, snap)
}

// unseen is a cluster that was seen once, and can't be looked at any more.
func unseen(m *Model) {
	see(m, steady())
	m.Update(pollResult{hostState: hostState{session: m.session}, err: errors.New("the engine is closed")})
}

// charted plays some seconds with operations, while pings age by step in each look.
func charted(snap engine.Snapshot, step int) world {
	return func(m *Model) {
		snap := snap
		snap.At = 100 * second
		for i := range 60 {
			snap.At += second / 4
			var bars []history.Bar
			for j := range i % 7 {
				at := int(snap.At.Milliseconds()) - 100
				bars = append(bars, did(10*i+j, "c1", pbservice.Put, "1", at, at+1+i+j))
			}
			if i > 55 {
				snap.Servers = append([]engine.ServerState(nil), snap.Servers...)
				snap.Servers[0].PingAge += time.Duration(step) * time.Millisecond / 4
			}
			judged(m, snap, bars, history.Verdict{})
		}
	}
}

// lessonAt is a lesson of which some steps have run.
func lessonAt(steps int) world {
	return func(m *Model) {
		plays(m, aLesson)
		for range steps {
			press(m, " ")
			lookAt(m)
		}
	}
}

// questionAt is a lesson that asks, in which keys were pressed.
func questionAt(keys ...string) world {
	return func(m *Model) {
		plays(m, asking)
		for _, key := range keys {
			press(m, key)
			lookAt(m)
		}
	}
}

func failedLesson(m *Model) {
	plays(m, "note one\nexpect role s1 backup within 0s\nnote two\n")
	press(m, " ")
	lookAt(m)
}

func longLesson(m *Model) {
	plays(m, "title \"A long one\"\nnote \""+strings.Repeat("Line by line.\\n", 30)+strings.Repeat("much in one line ", 40)+"\"\nnote end\n")
}

func nastyLesson(m *Model) {
	plays(m, "title \"漢字 \u202e\"\nnote \"\u0301\u202e \U0001F468\u200d\U0001F469 "+strings.Repeat("漢", 200)+"\"\nnote end\n")
}

// simulatedWorld is a cluster with a past.
func simulatedWorld(m *Model) {
	simulates(m, aPast(), pane.Found{Story: []string{
		"  8  at first: view 2 s1 s2", "  9  c1 begins: put a 1", "       c1 asks s1: put a 1", " 10  s1 crashes", "an answered write is lost",
	}})
}

func simulatedStart(m *Model) {
	simulates(m, engine.Timeline{Branch: "main", Branches: []engine.Branch{{Name: "main"}}}, pane.Found{})
}

// simulatedForgotten remembers what happened from step 4 on.
func simulatedForgotten(m *Model) {
	past := aPast()
	past.First, past.Marks = 4, past.Marks[1:]
	simulates(m, past, pane.Found{})
}

// simulatedLong has more branches, marks and choices than fit, and long names.
func simulatedLong(m *Model) {
	past := aPast()
	past.Length, past.Step = 100_000, 70_000
	for i := range 40 {
		past.Marks = append(past.Marks, engine.Mark{Step: 100 + 2000*i, At: time.Duration(i+1) * second, Text: fmt.Sprintf("put k%d %s", i, strings.Repeat("value ", 10))})
		parent := "b1"
		if i > 0 {
			parent = fmt.Sprint("b", i%7+1)
		}
		past.Branches = append(past.Branches, engine.Branch{Name: fmt.Sprint("b", i+2), Parent: parent, From: 6, Length: 9, End: 2 * second})
	}
	past.Branches[1].Name = "before the partition"
	past.Branches[2].Parent = "before the partition"
	simulates(m, past, pane.Found{})
}

func searching(m *Model) {
	simulatedWorld(m)
	_, attempt := m.host.search.Begin(context.Background())
	attempt.Tell("12,345 distinct states tried, 9 steps deep, 4s of 30s, round 2 of 7 with ops 1, crashes 1, losses 1, duplicates 1, silences 2")
	seePast(m)
}

func searched(m *Model) {
	simulatedWorld(m)
	press(m, "S")
	seePast(m)
}

// searchedAt is a find, of which the world is at a step, or on another branch.
func searchedAt(step int, branch string) world {
	return func(m *Model) {
		searched(m)
		s := m.host.now().Engine.(*simulation)
		s.past.Step, s.past.Branch = step, branch
		seePast(m)
	}
}

func searchedInVain(m *Model) {
	simulates(m, aPast(), pane.Found{})
	m.host.search.Opened([]string{"nothing was found: 12345 states, up to 9 events, in 30s"})
	seePast(m)
}

func searchedLong(m *Model) {
	simulatedWorld(m)
	var story []string
	for i := range 100 {
		story = append(story, fmt.Sprintf("%3d  s1’s forward of op %d reaches s2, which confirms it: %s", i+1, i, strings.Repeat("and so on ", 20)))
	}
	m.host.search.Opened(append(story, "an answered write is lost"))
	seePast(m)
}

// simulates lets the model show a simulated cluster, in which a search has a find.
func simulates(m *Model, past engine.Timeline, find pane.Found) *simulation {
	s := &simulation{fake: m.session.Engine.(*fake), past: past}
	s.fake.snap = steady()
	m.opts.Search = func(_ context.Context, _ engine.Replayer, tell func(string)) (pane.Found, error) {
		tell("12 distinct states tried")
		find.World = []byte("a world")
		return find, nil
	}
	m.host.make = func(engine.Config) (engine.Engine, error) { return s, nil }
	if _, err := m.host.begin(engine.Config{}); err != nil {
		panic(err)
	}
	seePast(m)
	return s
}

// seeOfPast hands over another moment of a simulated cluster.
func seeOfPast(m *Model, snap engine.Snapshot) {
	m.session.Engine.(*simulation).fake.snap = snap
	seePast(m)
}

func seePast(m *Model) {
	session := m.host.now()
	s := session.Engine.(*simulation)
	past := s.past
	m.Update(pollResult{
		Observation: pane.Observation{Snap: s.snap, Nodes: nodesOf(s.snap), Asked: m.maps.Window(), Past: &past, Choices: s.Choices()},
		hostState:   hostState{session: session},
	})
}

// unruled is a view that is not acknowledged, and may change all the same.
func unruled() engine.Snapshot {
	s := transfer()
	s.Viewservice.Status.Acked, s.Disabled, s.WereOff = false, rules.Without(rules.AckRule), rules.Without(rules.AckRule)
	return s
}

func ruleOff() engine.Snapshot {
	s := steady()
	s.Disabled, s.WereOff = rules.Without(rules.ForwardGets), rules.Without(rules.ForwardGets)
	s.Why.Now = "view 2: s1 answers gets alone, and puts once s2 has confirmed (S5)"
	return s
}

// manyFaults: one client of many loses what it says to all.
func manyFaults() engine.Snapshot {
	s := nine()
	for _, n := range []string{engine.ViewAddr, "s1", "s2", "s3"} {
		s.Faults = append(s.Faults, netsim.Fault{Kind: netsim.FaultLoss, From: "c50", To: n, Probability: 0.5})
	}
	return s
}

// often is a cluster with many views behind it.
func often() engine.Snapshot {
	s := moved(3)
	for i := range 40 {
		view := viewservice.View{Viewnum: viewservice.Number(i + 4), Primary: "s2"}
		s.Viewservice.Status.Changes = append(s.Viewservice.Status.Changes, viewservice.Change{View: view, At: 8500*time.Millisecond + time.Duration(i)*time.Millisecond, Causes: []viewservice.Cause{
			{Code: viewservice.BackupSilent, Server: "s3", Silent: 512 * time.Millisecond, Allowed: 500 * time.Millisecond},
		}})
		s.Viewservice.Status.View = view
	}
	return s
}

// blockedView is stuck, and says why.
func blockedView() engine.Snapshot {
	s := stuck()
	s.Viewservice.Status.Blocked = viewservice.Cause{Code: viewservice.UnackedDead, Server: "s2", View: 3, Silent: 2 * second, Allowed: second / 2}
	s.Viewservice.Status.Servers = nil
	return s
}

// differing is a cluster whose backup has something else than the primary.
func differing() engine.Snapshot {
	s := steady()
	s.Map.Rows["s2"][1] = pbservice.Row{Key: "b", Value: "another", Size: 7, Sum: 7}
	store(&s, "long", strings.Repeat("long value ", 40)[:pbservice.ShownValue], "s1", "s2")
	s.Map.Rows["s1"][3].Size, s.Map.Rows["s2"][3].Size = 5000, 5000
	return s
}
