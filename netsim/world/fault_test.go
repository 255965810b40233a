package world

import (
	"context"
	"fmt"
	"net/rpc"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/engine/enginetest"
	"cluster/splitbrain/viewservice"
)

// TestEveryFaultKind asks of each row of the table whatever the rest of the program relies on.
func TestEveryFaultKind(t *testing.T) {
	marks, texts := map[string]bool{}, map[string]bool{}
	for _, k := range netsim.FaultKinds() {
		f, row := enginetest.Fault(k), k.Row()
		t.Run(k.String(), func(t *testing.T) {
			if marks[row.Mark] || utf8.RuneCountInString(row.Mark) != 1 {
				t.Errorf("the mark %q is no single sign of its own", row.Mark)
			}
			if begins, ends := setAndClear(f); texts[begins.String()] || texts[ends.String()] {
				t.Errorf("%q or %q is another fault too", begins, ends)
			} else {
				texts[begins.String()], texts[ends.String()] = true, true
			}
			marks[row.Mark] = true
			for what, text := range map[string]string{
				"Name": row.Name, "Command": row.Command, "Counted": row.Counted, "Legend": row.Legend,
				"Effect": f.Effect(), "Ends": row.Ends,
			} {
				if text == "" || strings.Contains(text, "%s") {
					t.Errorf("%s is %q", what, text)
				}
			}
			if !row.OnNode {
				checkFaultText(t, f)
				checkFaultOnLink(t, f)
			}
		})
	}
}

// setAndClear are the commands that let a fault begin and end.
func setAndClear(f netsim.Fault) (begins, ends engine.Command) {
	bare := netsim.Fault{Kind: f.Kind, From: f.From, To: f.To}
	if f.Kind.Row().OnNode {
		return engine.Command{Kind: engine.Freeze, Node: f.From}, engine.Command{Kind: engine.Thaw, Node: f.From}
	}
	return engine.Command{Kind: engine.SetFault, Fault: f}, engine.Command{Kind: engine.ClearFault, Fault: bare}
}

func checkFaultText(t *testing.T, f netsim.Fault) {
	begins, ends := setAndClear(f)
	if begins.String() != f.String() {
		t.Errorf("the command is %q, the fault %q", begins, f)
	}
	for _, c := range []engine.Command{begins, ends} {
		if got, err := engine.ParseCommand(c.String()); err != nil || !reflect.DeepEqual(got, c) {
			t.Errorf("%q became %+v: %v", c, got, err)
		}
	}
}

// checkFaultOnLink sets the fault in a world and heals it in all ways.
func checkFaultOnLink(t *testing.T, f netsim.Fault) {
	var told []netsim.TraceEvent
	w := NewWorld(config(3, 1, 1))
	w.SetObserver(&Observer{Happened: func(e netsim.TraceEvent) { told = append(told, e) }})
	begins, ends := setAndClear(f)
	for _, heal := range []Action{do(ends), do(engine.Command{Kind: engine.HealAll})} {
		told = nil
		for i, e := range []Action{do(begins), heal} {
			again, err := ParseEvent(e.String())
			if err != nil || again.String() != e.String() {
				t.Fatalf("%q was read as %q: %v", e, again, err)
			}
			w.MustApply(again)
			if i == 0 && !slices.Equal(w.Faults(), []netsim.Fault{f}) {
				t.Errorf("the world has %v, not %v", w.Faults(), f)
			}
		}
		if len(w.Faults()) > 0 {
			t.Errorf("%v left %v", heal, w.Faults())
		}
		if len(told) != 2 || told[0].Kind != f.Kind.Begins() || told[1].Kind != netsim.LinkHealed {
			t.Fatalf("the trace tells %v", told)
		}
		if degree := told[0].Why; (degree == "") != (f.Kind.Row().Degree == netsim.NoDegree) || strings.Contains(degree, "%s") {
			t.Errorf("its degree is told as %q", degree)
		}
		if noun, ok := strings.CutPrefix(told[1].Why, "of the "); !ok || noun == "" {
			t.Errorf("what was healed is told as %q", told[1].Why)
		}
	}
}

// messages is how many are sent to see what a link does.
const messages = 1000

// TestSameDecisions sends the same through a live and a simulated link with one seed and one fault, and then with all
// faults at once that let messages through.
func TestSameDecisions(t *testing.T) {
	var several netsim.Faults
	for _, k := range netsim.FaultKinds() {
		if row := k.Row(); !row.OnNode {
			checkSameDecisions(t, netsim.Faults{enginetest.Fault(k)})
			if row.Degree != netsim.NoDegree {
				several = several.With(enginetest.Fault(k))
			}
		}
	}
	checkSameDecisions(t, several)
}

func checkSameDecisions(t *testing.T, faults netsim.Faults) {
	whole := slices.Repeat([]string{"arrives after 0s"}, messages)
	harmless := true
	for _, of := range []netsim.Direction{netsim.Request, netsim.Reply} {
		live, simulated := liveOutcomes(t, 7, faults, of), simulatedOutcomes(7, faults, of)
		if len(live) < messages {
			t.Fatalf("%v: %d live messages", faults, len(live))
		}
		if !slices.Equal(live, simulated) {
			for i := range min(len(live), len(simulated)) {
				if live[i] != simulated[i] {
					t.Errorf("%v: %v %d of %d live, %d simulated: %q live, %q simulated", faults, of, i+1, len(live), len(simulated), live[i], simulated[i])
					break
				}
			}
		}
		harmless = harmless && slices.Equal(live, whole)
	}
	if harmless {
		t.Errorf("%v does nothing to messages", faults)
	}
}

// outcomes are what became of messages, in their order, copies behind what they are copies of.
type outcomes map[uint64]string

func (o outcomes) inOrder() []string {
	ids := make([]uint64, 0, len(o))
	for id := range o {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	all := make([]string, len(ids))
	for i, id := range ids {
		all[i] = o[id]
	}
	return all
}

func (o outcomes) see(e netsim.TraceEvent) {
	switch e.Kind {
	case netsim.MsgLost:
		o[e.Msg] = "lost: " + e.Why
	case netsim.MsgHeld:
		o[e.Msg] = "held"
	}
}

func (o outcomes) arrives(id uint64, after time.Duration) {
	o[id] = fmt.Sprintf("arrives after %v", after)
}

// Echo answers at once.
type Echo struct{}

// Say returns what it gets.
func (Echo) Say(in string, out *string) error {
	*out = in
	return nil
}

// liveOutcomes sends messages s1 > s2, all at one time: requests, or replies to as many requests of s2.
func liveOutcomes(t *testing.T, seed uint64, faults []netsim.Fault, of netsim.Direction) (all []string) {
	synctest.Test(t, func(t *testing.T) {
		n := netsim.New(netsim.Config{Seed: seed, TraceLen: 10 * messages})
		defer n.Close()
		defer n.Trace().Watch()()
		processes := map[string]*netsim.Process{}
		for _, name := range []string{"s1", "s2"} {
			node, _ := n.Add(name)
			processes[name], _ = node.Start()
			server := rpc.NewServer()
			if err := server.Register(Echo{}); err != nil {
				t.Fatal(err)
			}
			processes[name].Serve(server.ServeCodec)
		}
		from, to := "s1", "s2"
		if of == netsim.Reply {
			from, to = to, from
		}
		codec, err := processes[from].Dial(context.Background(), to)
		if err != nil {
			t.Fatal(err)
		}
		client := rpc.NewClientWithCodec(codec)
		defer client.Close()
		for _, f := range faults {
			if err := n.SetFault(f); err != nil {
				t.Fatal(err)
			}
		}
		for range messages {
			client.Go("Echo.Say", "", new(string), make(chan *rpc.Call, 1))
		}
		time.Sleep(time.Minute)
		events, _ := n.Trace().Since(0)
		o := outcomes{}
		for _, e := range events {
			if e.Direction == of && e.From == "s1" {
				if o.see(e); e.Kind == netsim.MsgDelivered {
					o.arrives(e.Msg, e.At) // all were sent at 0
				}
			}
		}
		all = o.inOrder()
	})
	return all
}

// simulatedOutcomes is liveOutcomes in a world, less the time that messages take there in any case.
func simulatedOutcomes(seed uint64, faults []netsim.Fault, of netsim.Direction) []string {
	o := outcomes{}
	w := NewWorld(config(2, 1, seed))
	w.SetObserver(&Observer{Moved: o.see})
	for _, f := range faults {
		w.MustApply(set(f))
	}
	ping := &Message{Kind: Ping, From: Server(2), To: Server(1), Body: viewservice.PingArgs{}}
	for range messages {
		m := &Message{Kind: Ping, From: Server(1), To: Server(2), Body: viewservice.PingArgs{}}
		if of == netsim.Reply {
			m.Kind, m.Asks, m.Body = PingReply, ping, viewservice.PingReply{}
		}
		w.post(m)
	}
	for _, m := range w.transit {
		if m.From == Server(1) {
			o.arrives(m.ID, m.Due-w.now-Latency)
		}
	}
	return o.inOrder()
}
