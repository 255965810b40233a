package script

import (
	"slices"
	"strings"
	"testing"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/engine/enginetest"
	"cluster/splitbrain/netsim/sim"
)

// TestEveryFaultKind: whoever adds a kind of fault has a command for it, with help, completion and a result in words, and
// one that ends it.
func TestEveryFaultKind(t *testing.T) {
	names := Names{Nodes: newFake().nodes}
	for _, k := range netsim.FaultKinds() {
		row := k.Row()
		if row.OnNode {
			continue
		}
		f := enginetest.Fault(k)
		none := netsim.Fault{Kind: k, From: f.From, To: f.To}
		for c, done := range map[*engine.Command]string{
			{Kind: engine.SetFault, Fault: f}:      "s1 > s2 " + f.Effect(),
			{Kind: engine.ClearFault, Fault: none}: "s1 > s2 " + row.Ends,
		} {
			line := c.String()
			inv, err := Parse(line)
			if err != nil || inv.String() != line {
				t.Errorf("%v: %q was read as %q: %v", k, line, inv, err)
				continue
			}
			if inv.Command.Help == "" || inv.Command.Example == "" || !slices.Contains(Complete(inv.Command.Name[:1], names), inv.Command.Name) {
				t.Errorf("%s lacks help, an example or completion", inv.Command.Name)
			}
			s := &Session{Engine: newFake()}
			if got, err := s.Run(t.Context(), line); err != nil || got.Text != done {
				t.Errorf("%s said %q, not %q: %v", line, got.Text, done, err)
			}
		}
		if words := strings.TrimSuffix(f.String(), row.Option); row.Option != "" && !slices.Contains(Complete(words, names), f.String()) {
			t.Errorf("%q is not completed to %q", words, f)
		}
	}
}

// Who heals a link that is not cut learns what is wrong with it.
func TestHealTellsWhatIsStillBroken(t *testing.T) {
	world, err := sim.New(engine.Defaults, sim.ManualTime())
	if err != nil {
		t.Fatal(err)
	}
	defer world.Close()
	s := &Session{Engine: world}
	defer s.Close()
	for _, c := range [][2]string{
		{"cut s1 s2", "s1 and s2 cut: messages vanish"},
		{"heal s1 s2", "s1 and s2 no longer cut"},
		{"delay s2 s1 200ms", "s2 > s1 delayed by 200ms"},
		{"loss s1 s2 10%", "s1 > s2 loses 10% of requests"},
		{"heal s1 > s2", "s1 > s2 no longer cut; still broken: loss s1 s2 10%"},
		{"heal s1 s2", "s1 and s2 no longer cut; still broken: delay s2 s1 200ms, loss s1 s2 10%"},
		{"heal s1 s3", "s1 and s3 no longer cut"},
	} {
		if r, err := s.Run(t.Context(), c[0]); err != nil || r.Text != c[1] {
			t.Errorf("%s: %q %v, want %q", c[0], r.Text, err, c[1])
		}
	}
}
