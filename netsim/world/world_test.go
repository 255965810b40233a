package world

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/history"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice/rules"
)

func TestOneSeedOneTrace(t *testing.T) {
	const until = 1500 * time.Millisecond
	want := traceHash(t, 7, until)
	for _, procs := range []int{1, 2, 8} {
		old := runtime.GOMAXPROCS(procs)
		defer runtime.GOMAXPROCS(old)
		for range 33 {
			if got := traceHash(t, 7, until); got != want {
				t.Fatalf("%d processors: trace %x, want %x", procs, got, want)
			}
		}
	}
	if traceHash(t, 8, until) == want {
		t.Error("another seed gives the same trace")
	}
}

// Clones run on without each other, several at once, and end like a world that was never cloned.
func TestClonesAreApart(t *testing.T) {
	l := newLoad(NewWorld(config(3, 2, 3)), 3, 3)
	l.observe(false)
	lossy := netsim.Fault{Kind: netsim.FaultLoss, From: "s1", To: "s2", Probability: 0.2}
	l.MustApply(set(lossy))
	l.run(t, 2*time.Second)
	before := l.Hash()
	worlds := make([]*World, 8)
	var all sync.WaitGroup
	for i := range worlds {
		all.Go(func() {
			w := l.Clone()
			for range 200 {
				w.Step()
			}
			if i%2 == 1 {
				w.MustApply(Action{Kind: Crash, Node: Server(1)})
			}
			for range 200 {
				w.Step()
			}
			worlds[i] = w
		})
	}
	all.Wait()
	if l.Hash() != before {
		t.Fatal("a clone changed its original")
	}
	for i, w := range worlds {
		if same := w.Hash() == worlds[i%2].Hash(); !same {
			t.Errorf("clone %d ended otherwise than clone %d", i, i%2)
		}
	}
	for range 400 {
		l.Step()
	}
	if l.Hash() != worlds[0].Hash() {
		t.Error("the original ends otherwise than its clones")
	}
}

func TestSteady(t *testing.T) {
	for servers, want := range map[int]string{1: "1 s1 ·", 2: "2 s1 s2", 3: "2 s1 s2", 9: "2 s1 s2"} {
		w := NewStable(config(servers, 2, 1))
		view, acked := w.View()
		if view.String() != want || !acked || len(w.Transit()) > 0 || w.ClerkCore(Client(2)).View() != view {
			t.Errorf("%d servers: view %v acknowledged %v, under way %d, c2 knows %v",
				servers, view, acked, len(w.Transit()), w.ClerkCore(Client(2)).View())
		}
		if able, _ := w.ServerCore(Server(1)).Completes(); !able {
			t.Errorf("%d servers: s1 does not serve", servers)
		}
	}
}

// In an untimed world what is sent again is under way once, and an operation ends when its messages arrive.
func TestUntimed(t *testing.T) {
	w := NewStable(config(3, 2, 1))
	var got pbservice.Reply
	w.SetObserver(&Observer{Ended: func(_ Node, _ pbservice.Op, r pbservice.Reply, _ error, _ time.Duration) { got = r }})
	for range 3 {
		w.MustApply(Action{Kind: Tick, Node: Server(1)})
	}
	if len(w.Transit()) != 1 {
		t.Errorf("%d messages after three equal pings", len(w.Transit()))
	}
	if _, _, ok := w.Next(); ok {
		t.Error("something happens by itself")
	}
	w.MustApply(Action{Kind: Invoke, Node: Client(1), Details: &Details{Op: pbservice.Op{Kind: pbservice.Put, Key: "a", Value: "1"}}})
	w.round()
	if got.Err != pbservice.OK || w.Waits(Client(1)) || w.Running(Client(1)) {
		t.Errorf("put ended with %+v, waits %v, running %v", got, w.Waits(Client(1)), w.Running(Client(1)))
	}
	for _, n := range []Node{Server(1), Server(2)} {
		if v, _ := w.ServerCore(n).Value("a"); v != "1" {
			t.Errorf("%s holds %q", n, v)
		}
	}
	// A lost question for the view is answered by nothing at once, and can be asked again.
	w.MustApply(Action{Kind: Crash, Node: Server(1)})
	w.MustApply(Action{Kind: Invoke, Node: Client(1), Details: &Details{Op: pbservice.Op{Key: "a"}}})
	for range 2 {
		w.MustApply(Action{Kind: Timer, Node: Client(1)})
		asks := w.transit[len(w.transit)-2]
		if asks.Kind != ViewGet && w.transit[len(w.transit)-1].Kind != ViewGet {
			t.Fatalf("under way: %+v", asks)
		}
		for _, m := range w.transit {
			if m.Kind == ViewGet {
				w.MustApply(Action{Kind: Lose, Msg: m.ID})
				break
			}
		}
	}
}

// do is the action that carries a command out.
func do(c engine.Command) Action {
	e, err := Do(c)
	if err != nil {
		panic(err)
	}
	return e
}

// set is the action that sets a fault.
func set(f netsim.Fault) Action { return do(engine.Command{Kind: engine.SetFault, Fault: f}) }

func TestEventsAsText(t *testing.T) {
	put := &Details{Op: pbservice.Op{Kind: pbservice.Put, Key: "a b", Value: "\"\x00\n@c2"}}
	events := []Action{
		{Kind: Tick, Node: Server(3)}, {Kind: Deliver, Msg: 17}, {Kind: Lose, Msg: 18}, {Kind: Fail, Msg: 19}, {Kind: Duplicate, Msg: 1 << 60},
		{Kind: Timer, Node: Client(64)}, {Kind: DeclareDead, Node: Server(9)}, {Kind: Crash}, {Kind: Restart, Node: Server(1)},
		{Kind: Invoke, Node: Client(1), Details: put}, {Kind: Invoke, Node: Client(2), Details: &Details{Op: pbservice.Op{Key: ""}}},
		{Kind: Cancel, Node: Client(2), Details: &Details{Text: "context canceled"}},
		{Kind: ViewTimeout, Node: Client(1)}, {Kind: ViewserviceTick},
	}
	fault := func(kind engine.CommandKind, f netsim.Fault) engine.Command {
		f.From, f.To = "s1", "vs"
		return engine.Command{Kind: kind, Fault: f}
	}
	for _, c := range []engine.Command{
		{Kind: engine.Freeze, Node: "c1"}, {Kind: engine.Thaw, Node: "vs"}, {Kind: engine.Add}, {Kind: engine.Isolate, Node: "s1"},
		{Kind: engine.HealAll}, {Kind: engine.HealNode, Node: "c2"}, {Kind: engine.ReleaseAll}, {Kind: engine.Unreliable, Node: "s2"},
		fault(engine.SetFault, netsim.Fault{Kind: netsim.FaultCut}),
		{Kind: engine.SetFault, BothWays: true, Fault: netsim.Fault{Kind: netsim.FaultCut, From: "s1", To: "vs"}},
		fault(engine.SetFault, netsim.Fault{Kind: netsim.FaultDelay, Delay: time.Second, Jitter: 3}),
		fault(engine.SetFault, netsim.Fault{Kind: netsim.FaultLoss, Probability: 0.1234567890123}),
		fault(engine.SetFault, netsim.Fault{Kind: netsim.FaultReplyLoss, Probability: 1}),
		fault(engine.SetFault, netsim.Fault{Kind: netsim.FaultReorder, Window: time.Minute}),
		fault(engine.ClearFault, netsim.Fault{Kind: netsim.FaultHold}),
		{Kind: engine.Partition, Groups: [][]string{{"vs", "s1"}, {"c2"}}},
		{Kind: engine.SetRule, Rule: rules.AckRule}, {Kind: engine.SetRule, Rule: rules.ForwardGets, On: true},
	} {
		events = append(events, do(c))
	}
	for _, e := range events {
		got, err := ParseEvent(e.String())
		if err != nil || fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", e) || strings.ContainsFunc(e.String(), func(r rune) bool { return r < ' ' }) {
			t.Errorf("%q became %q: %v", e, got, err)
		}
	}
	for _, line := range []string{
		"", "tick", "tick s0", "tick s10", "tick s1 s2", "deliver x", "deliver -1", "fly s1", "put a @c1", `put "a @c1`,
		"cut s1", "cut s1 s2 s3", "cut s1 > s2 3", "loss s1 s2", "loss s1 s2 200%", "delay s1 s2 -1s", "delay s1 s2 1s±-1s", "frozen s1",
		"rule nonsense off", "rule ack-rule", "pause", "step", "heal s1 >", "get a c1", "tick s01", "tick s+1", "abort c1", "hold s1 s2 1",
	} {
		if e, err := ParseEvent(line); err == nil {
			t.Errorf("%q was read as %+v", line, e)
		}
	}
}

// Every event can be refused, and what is possible is not.
func TestEventsArePossible(t *testing.T) {
	w := NewWorld(config(3, 2, 1))
	for range 200 {
		for _, e := range w.Events() {
			if err := w.Clone().Apply(e); err != nil {
				t.Fatalf("%v: %v", e, err)
			}
		}
		w.Step()
	}
	for _, text := range []string{
		"deliver 999999", "kill c1", "restart c1", "timer c1", "unheard c1", "thaw s1", "abort c1 \"\"", "tick c1", "tick vs", "begin",
		"tick s4", "freeze s9", "cut s1 > s1", "cut s1 > s7", "partition s1 | s1", "partition s1 | x", "timer c9", "isolate s7",
	} {
		before := w.Hash()
		e, err := ParseEvent(text)
		if err == nil {
			err = w.Apply(e)
		}
		if err == nil || w.Hash() != before {
			t.Errorf("%q: error %v, changed %v", text, err, w.Hash() != before)
		}
	}
}

// Random worlds with all kinds of failures never break a promise.
func TestRandomWorlds(t *testing.T) {
	for seed := range uint64(40) {
		l := newLoad(NewWorld(config(3, 3, seed)), seed, 3)
		l.observe(true)
		for range 4000 {
			if l.random.IntN(3) == 0 {
				l.begin(t)
			}
			l.Step()
			if l.random.IntN(60) == 0 {
				l.disturb(t)
			}
		}
		if v := history.Check(l.history.Operations(), 20*time.Second); v.Result == history.Violated {
			t.Errorf("seed %d: %v", seed, v)
		}
		if l.ended < 20 {
			t.Logf("seed %d: only %d operations", seed, l.ended)
		}
	}
}

// disturb lets a random possible event happen out of its time, or breaks something; what is broken is often mended.
func (l *load) disturb(t *testing.T) {
	events := l.Events()
	e := events[l.random.IntN(len(events))]
	f := netsim.Fault{
		Kind: netsim.FaultKind(1 + l.random.IntN(7)), From: Node(l.random.IntN(4)).String(), To: Node(l.random.IntN(4)).String(),
		Delay: 20 * time.Millisecond, Jitter: 20 * time.Millisecond, Probability: 0.3, Window: 30 * time.Millisecond,
	}
	switch l.random.IntN(6) {
	case 0:
		e = do(engine.Command{Kind: engine.HealAll})
	case 1:
		e = set(f)
	case 2:
		e = do(engine.Command{Kind: engine.Freeze, Node: Node(l.random.IntN(4)).String()})
	}
	if e.Kind == Crash && (e.Node == Viewservice || l.random.IntN(4) > 0) {
		return
	}
	before := l.Hash()
	if err := l.Apply(e); err != nil && before != l.Hash() {
		t.Fatalf("%v failed and changed the world: %v", e, err)
	}
}

func TestRuleOffBreaksAPromise(t *testing.T) {
	cfg := engine.Defaults
	cfg.Disabled = rules.Without(rules.FilterDuplicates)
	w := NewWorld(cfg)
	var log history.Recorder
	id := 0
	w.SetObserver(&Observer{
		Began: func(c Node, op pbservice.Op, at time.Duration) { id = log.Call(c.String(), op, at) },
		Ended: func(_ Node, _ pbservice.Op, r pbservice.Reply, err error, at time.Duration) {
			log.Return(id, at, engine.OutcomeOf(r, err).Seen(r))
		},
	})
	run := func(until time.Duration) {
		for w.Now() < until {
			w.Step()
		}
	}
	run(time.Second)
	lost := netsim.Fault{Kind: netsim.FaultReplyLoss, From: "s1", To: "c1", Probability: 1}
	w.MustApply(set(lost))
	w.MustApply(Action{Kind: Invoke, Node: Client(1), Details: &Details{Op: pbservice.Op{Kind: pbservice.Append, Key: "a", Value: "x"}}})
	run(1200 * time.Millisecond)
	w.MustApply(do(engine.Command{Kind: engine.HealAll}))
	run(2 * time.Second)
	w.MustApply(Action{Kind: Invoke, Node: Client(1), Details: &Details{Op: pbservice.Op{Kind: pbservice.Get, Key: "a"}}})
	run(3 * time.Second)
	if v := history.Check(log.Operations(), time.Minute); v.Result != history.Violated {
		t.Errorf("a repeated append did no harm: %v, %+v", v, log.Operations())
	}
}

// Whatever is read as an event is written so that it is read as the same.
func FuzzParseEvent(f *testing.F) {
	for _, line := range []string{
		"tick s1", "deliver 17", `append "a" "x y" @c2`, "delay s1 s2 1s±5ms", "heal s1 > s2", "partition s1 | vs c1", "rules ack-rule", `abort c1 "x"`,
	} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		e, err := ParseEvent(line)
		if err != nil {
			return
		}
		again, err := ParseEvent(e.String())
		if err != nil || fmt.Sprintf("%+v", again) != fmt.Sprintf("%+v", e) {
			t.Errorf("%q became %q: %v", line, e, err)
		}
		NewWorld(engine.Defaults).Apply(e)
	})
}

// A call that fails is known to its caller at once: a client asks for the view, which it does after a lost call only when
// its wait is over.
func TestFailedCalls(t *testing.T) {
	for _, test := range []struct {
		kind ActionKind
		asks bool
	}{{Fail, true}, {Lose, false}} {
		w := NewStable(engine.Defaults)
		get := Action{Kind: Invoke, Node: Client(1), Details: &Details{Op: pbservice.Op{Key: "a"}}}
		w.MustApply(get) // no view is known: the client asks for it
		for len(w.Transit()) > 0 {
			w.MustApply(Action{Kind: Deliver, Msg: w.Transit()[0].ID})
		}
		w.MustApply(get)
		request := w.Transit()[len(w.Transit())-1]
		if request.Kind != Request {
			t.Fatalf("under way: %+v", request)
		}
		w.MustApply(Action{Kind: test.kind, Msg: request.ID})
		asks := slices.ContainsFunc(w.Transit(), func(m *Message) bool { return m.Kind == ViewGet })
		if asks != test.asks || w.Message(request.ID) != nil {
			t.Errorf("after %v the client asks for the view: %v, want %v", Action{Kind: test.kind, Msg: request.ID}, asks, test.asks)
		}
	}
}
