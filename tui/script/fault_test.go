package script

import (
	"slices"
	"strings"
	"testing"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/engine/enginetest"
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
			cluster := newFake()
			cluster.seen.Faults, cluster.heals = []netsim.Fault{f}, true
			s := &Session{Engine: cluster}
			if got, err := s.Run(t.Context(), line); err != nil || got.Text != done {
				t.Errorf("%s said %q, not %q: %v", line, got.Text, done, err)
			}
		}
		if words := strings.TrimSuffix(f.String(), row.Option); row.Option != "" && !slices.Contains(Complete(words, names), f.String()) {
			t.Errorf("%q is not completed to %q", words, f)
		}
	}
}

// Who heals a link that is not cut learns that, and what is wrong with it; who ends anything else that was not there, too.
func TestHealTellsWhatIsStillBroken(t *testing.T) {
	s, _ := byHand(t)
	for _, c := range [][2]string{
		{"cut s1 s2", "s1 and s2 cut: messages vanish"},
		{"heal s1 s2", "s1 and s2 no longer cut"},
		{"delay s2 s1 200ms", "s2 > s1 delayed by 200ms"},
		{"loss s1 s2 10%", "s1 > s2 loses 10% of requests"},
		{"heal s1 > s2", "there was no cut from s1 to s2; still broken: loss s1 s2 10%"},
		{"heal s1 s2", "there was no cut between s1 and s2; still broken: delay s2 s1 200ms, loss s1 s2 10%"},
		{"heal s1 s3", "there was no cut between s1 and s3"},
		{"cut s1 > s3", "s1 > s3 cut: messages vanish"},
		{"heal s1 s3", "s1 and s3 no longer cut"},
		{"release s1 s2", "there was no hold from s1 to s2"},
		{"release", "nothing was held"},
		{"hold s1 s2", "s1 > s2 holds messages until you deliver or drop them"},
		{"release", "nothing is held any more"},
		{"delay s1 s3 0", "there was no delay from s1 to s3"},
		{"delay s2 s1 0", "s2 > s1 no longer delayed"},
		{"rule ack-rule on", "ack-rule was on"},
	} {
		if r, err := s.Run(t.Context(), c[0]); err != nil || r.Text != c[1] {
			t.Errorf("%s: %q %v, want %q", c[0], r.Text, err, c[1])
		}
	}
}
