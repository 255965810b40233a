package engine

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/viewservice/rules"

	"pgregory.net/rapid"
)

// TestForms asks of each row of the table what prompt, help and saved worlds rely on.
func TestForms(t *testing.T) {
	names, kinds := map[string]bool{}, map[CommandKind]bool{}
	for _, f := range Forms() {
		c, err := ParseCommand(f.Example)
		if err != nil || c.String() != f.Example || form(c).Name != f.Name {
			t.Errorf("%s: the example %q is read as %q: %v", f.Name, f.Example, c, err)
		}
		if names[f.Name] || f.Help == "" || c.Done("") == "" {
			t.Errorf("%s: twice, without help, or without words for what it came to: %q", f.Name, c.Done(""))
		}
		names[f.Name], kinds[c.Kind], kinds[f.kind] = true, true, true
		if _, err := ParseCommand(f.Example + " and | more"); err == nil && f.Name != "partition" {
			t.Errorf("%s takes any number of words", f.Name)
		}
	}
	for k := Kill; k <= Step; k++ {
		if !kinds[k] && !slices.Contains([]CommandKind{HealAll, HealNode, ReleaseAll}, k) {
			t.Errorf("no form writes commands of kind %d", k)
		}
	}
}

// Every command is read back from its line as the very same value.
func TestCommandIsReadBack(t *testing.T) {
	name := rapid.OneOf(rapid.SampledFrom([]string{"s1", "c2", "vs"}), rapid.StringMatching(`[a-z@<>|&" \\]+`))
	rapid.Check(t, func(t *rapid.T) {
		c := Command{Kind: CommandKind(rapid.IntRange(int(Kill), int(Step)).Draw(t, "kind"))}
		switch c.Kind {
		case Kill, Restart: // of no client
			c.Node = "s" + name.Draw(t, "node")
		case Freeze, Thaw, Add, Isolate, HealNode, Unreliable:
			c.Node = name.Draw(t, "node")
		case Partition:
			nodes := rapid.SliceOfNDistinct(name, 1, 5, rapid.ID).Draw(t, "nodes")
			at := rapid.IntRange(1, len(nodes)).Draw(t, "at")
			c.Groups = [][]string{nodes[:at]}
			if at < len(nodes) {
				c.Groups = append(c.Groups, nodes[at:])
			}
		case SetFault, ClearFault:
			c.Fault.Kind = rapid.SampledFrom([]netsim.FaultKind{netsim.FaultCut, netsim.FaultDelay, netsim.FaultReplyLoss, netsim.FaultReorder, netsim.FaultHold}).Draw(t, "fault")
			c.Fault.From, c.Fault.To = "a"+name.Draw(t, "from"), "b"+name.Draw(t, "to")
			c.BothWays = c.Fault.Kind == netsim.FaultCut && rapid.Bool().Draw(t, "both ways")
			if c.Kind == SetFault {
				drawDegree(t, &c.Fault)
			}
		case Deliver, Drop, Duplicate:
			c.Message = rapid.OneOf(rapid.SampledFrom([]uint64{FirstHeld, LastHeld}), rapid.Uint64Max(1<<62)).Draw(t, "message")
		case SetRule:
			c.Rule, c.On = rapid.SampledFrom(rules.All()).Draw(t, "rule"), rapid.Bool().Draw(t, "on")
		case SetSpeed:
			c.Speed = rapid.Float64Range(netsim.MinSpeed, netsim.MaxSpeed).Draw(t, "speed")
		case Step:
			c.Step = netsim.StepKind(rapid.IntRange(0, 2).Draw(t, "step"))
		}
		if got, err := ParseCommand(c.String()); err != nil || !reflect.DeepEqual(got, c) {
			t.Fatalf("%+v is written as %q and read as %+v: %v", c, c, got, err)
		}
	})
}

func drawDegree(t *rapid.T, f *netsim.Fault) {
	long := rapid.Int64Range(1, int64(netsim.MaxDelay))
	switch f.Kind.Row().Degree {
	case netsim.DelayDegree:
		*f = netsim.Fault{Kind: f.Kind, From: f.From, To: f.To, Delay: time.Duration(long.Draw(t, "delay")), Jitter: time.Duration(long.Draw(t, "jitter"))}
	case netsim.PercentDegree:
		f.Probability = rapid.Float64Range(1e-9, 1).Draw(t, "probability")
	case netsim.WindowDegree:
		f.Window = time.Duration(long.Draw(t, "window"))
	}
}

// TestWithin: a command gets what the cluster knows of it, or is refused.
func TestWithin(t *testing.T) {
	nodes := []string{"vs", "s1", "s2", "c1"}
	held := func() []netsim.Held { return []netsim.Held{{Msg: 7}, {Msg: 9}} }
	for line, want := range map[string]string{
		"add": "s3 added: an empty server", "add s3": "s3 added: an empty server", "deliver first": "message 7 delivered",
		"drop last": "message 9 dropped: it is lost", "partition s1": "partitioned: s1 | vs s2 c1",
		"cut s1 s2": "s1 and s2 cut: messages vanish", "delay s1 s2 0": "s1 > s2 no longer delayed",
		"add s4": "the next server is s3", "deliver 8": "no message 8 is held", "kill s9": "no node s9", "cut s1 > s9": "no node s9",
		"isolate x": "no node x", "partition s1 | s7": "no node s7",
	} {
		c, err := ParseCommand(line)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if c, err = c.Within(nodes, held); err != nil {
			got = err.Error()
		} else {
			got = c.Done("")
		}
		if !strings.HasPrefix(got, want) {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
}

func TestParseCommandRefuses(t *testing.T) {
	for line, want := range map[string]string{
		"": "no command", "fly s1": `no command "fly"`, "kill": "kill: NODE is missing", "kill c1": `kill: word 2 "c1" is a client: only servers and vs fit here`,
		"kill s1 s2": `kill: word 3 "s2" is too many`, "cut s1 s1": `cut: word 3 "s1" is both ends of the link`, "loss s1 s2 30": `loss: word 4 "30" is not a percentage like 30%`,
		"partition s1 | s1": `partition: word 4 "s1" is named twice`, "speed 0": `speed: word 2 "0" is not one of 0.01 to 1000`,
		"rule ack-rul off": `rule: word 2 "ack-rul" can't be switched off: did you mean ack-rule?`, `kill "s1`: `the quote " is not closed`,
	} {
		if c, err := ParseCommand(line); err == nil || err.Error() != want {
			t.Errorf("%q was read as %q: %v, want %s", line, c, err, want)
		}
	}
}

// TestRuleOfTheProtocol: who names a rule by its name in the protocol is told the switch that belongs to it.
func TestRuleOfTheProtocol(t *testing.T) {
	for line, want := range map[string]string{
		"rule V5 off":  "is switched off by continuity",
		"rule S2 off":  "is only weakened, by ack-rule or",
		"rule V1 off":  "can't be switched off: help V1 explains it",
		"rule s5 off":  "is switched off by forward-gets or wait-for-backup",
		"rule S10 off": "is switched off by filter-duplicates or replicate-filter",
	} {
		if _, err := ParseCommand(line); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", line, err, want)
		}
	}
}
