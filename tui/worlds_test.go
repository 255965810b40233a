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
	"cluster/splitbrain/viewservice"
	"cluster/splitbrain/viewservice/rules"
)

// world brings a model to a moment in the life of a cluster.
type world func(*Model)

// seen is a world that one look tells of.
func seen(o observation) world {
	return func(m *Model) {
		m.session.Engine.(*fake).snap = o.snap
		o.nodes, o.asked = nodesOf(o.snap), m.maps.window()
		m.Update(pollResult{observation: o})
	}
}

// starts is what is seen before anything is.
var starts engine.Snapshot

// The telling moments, as every pane sees them.
var (
	starting     world = func(*Model) {}
	empty              = seen(observation{snap: quiet(3, 2)})
	steadyWorld        = seen(observation{snap: steady(), events: steadily().events, bars: settled(), verdict: history.Verdict{Judged: 8, Total: 8}})
	failing            = seen(observation{snap: countdown(), events: crashing().events, bars: waiting(), verdict: history.Verdict{Judged: 2, Total: 3}})
	failedOver         = seen(observation{snap: moved(5), events: failover().events})
	stuckWorld         = seen(observation{snap: blockedView(), events: lostForEver().events})
	transferring       = seen(observation{snap: transfer(), events: filling().events})
	parted             = seen(observation{snap: partitioned(), events: parting().events})
	heldWorld          = seen(observation{snap: faulty(), events: travel(faulty().At)})
	ruleOffWorld       = seen(observation{snap: ruleOff(), events: steadily().events})

	overlappingWorld = seen(observation{snap: quiet(3, 2), bars: overlapping(), verdict: history.Verdict{Judged: 4, Total: 6}})
	undecided        = seen(observation{snap: quiet(3, 2), bars: overlapping(), verdict: history.Verdict{Result: history.Undecided, Key: "a", Judged: 2, Total: 6}})
	nastyWorld       = seen(observation{snap: nasty(), events: nastily().events, bars: nastyBars(), verdict: history.Verdict{Judged: 3, Total: 3}})
	many             = seen(observation{snap: manyFaults(), events: crowd().events})
	manyBars         = seen(observation{snap: nine(), bars: crowdOfBars(), verdict: history.Verdict{Judged: 64, Total: 64}})
	manyViews        = seen(observation{snap: often()})
)

// violatedWorld: two rules are off, and a get was stale.
func violatedWorld(m *Model) {
	bars, verdict := violation()
	seen(observation{snap: rulesOff(), events: parting().events, bars: bars, verdict: verdict})(m)
	seen(observation{snap: rulesOff(), verdict: verdict})(m) // what was found stands in the log with the next look
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
	s := &story{at: second}
	for i := range 10_000 {
		s.at += time.Millisecond
		s.happens([]netsim.EventKind{netsim.NodeFrozen, netsim.NodeThawed}[i%2], "s3", "", "")
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
	steadyWorld(m)
}

func viewsCrashed(m *Model) {
	snap := steady()
	snap.Viewservice.State = netsim.Crashed
	snap.Why = engine.Why{Level: engine.Busy, Text: "vs crashed: no view will follow, s1 and s2 serve on"}
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
	simulates(m, aPast(), Found{Story: []string{"  1  s1 crashes", "an answered write is lost"}})
}

func simulatedStart(m *Model) {
	simulates(m, engine.Timeline{Branch: "main", Branches: []engine.Branch{{Name: "main"}}}, Found{})
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
	simulates(m, past, Found{})
}

func searching(m *Model) {
	simulatedWorld(m)
	m.host.search.begin()
	m.host.search.tell("12345 states tried, up to 9 events, round 2 of 5")
	seePast(m)
}

func searched(m *Model) {
	simulatedWorld(m)
	press(m, "S")
	seePast(m)
}

func searchedInVain(m *Model) {
	simulates(m, aPast(), Found{})
	m.host.search.end([]string{"nothing was found: 12345 states, up to 9 events, in 30s"})
	seePast(m)
}

func searchedLong(m *Model) {
	simulatedWorld(m)
	var story []string
	for i := range 100 {
		story = append(story, fmt.Sprintf("%3d  s1’s forward of op %d reaches s2, which confirms it: %s", i+1, i, strings.Repeat("and so on ", 20)))
	}
	m.host.search.end(append(story, "an answered write is lost"))
	seePast(m)
}

// simulates lets the model show a simulated cluster, in which a search has a find.
func simulates(m *Model, past engine.Timeline, find Found) *simulation {
	s := &simulation{fake: m.session.Engine.(*fake), past: past}
	s.fake.snap = steady()
	m.opts.Search = func(_ context.Context, _ engine.Replayer, tell func(string)) (Found, error) {
		tell("12 states tried")
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

func seePast(m *Model) {
	session := m.host.now()
	s := session.Engine.(*simulation)
	past := s.past
	m.Update(pollResult{
		observation: observation{snap: s.snap, nodes: nodesOf(s.snap), asked: m.maps.window(), past: &past, choices: s.Choices()},
		hostState:   hostState{session: session},
	})
}

func ruleOff() engine.Snapshot {
	s := steady()
	s.Disabled = rules.Without(rules.ForwardGets)
	s.Why.Text = "view 2: s1 answers gets alone, and puts once s2 has confirmed (S5)"
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
