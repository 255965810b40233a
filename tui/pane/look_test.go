package pane

import (
	"strings"
	"testing"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/history"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/tui/script"
)

// pointing looks at a pane while a lesson points at something.
func pointing(t *testing.T, p Pane, h int, line string) *desk {
	inv, err := script.Parse(line)
	if err != nil {
		t.Fatal(err)
	}
	d := sit(p, 80, h)
	d.look = inv.Args.Look
	return d
}

// TestLinksArePointedAt: on the stage and in the matrix, whole or broken, one way or both, however low the pane is.
func TestLinksArePointedAt(t *testing.T) {
	snap := quiet(3, 2)
	snap.Faults = []netsim.Fault{{Kind: netsim.FaultCut, From: "s2", To: "s1"}}
	for _, c := range []struct {
		pane Pane
		line string
		h    int
		want string // its blanks apart
		not  string
	}{
		{&Stage{}, "look stage s1 > s3", 16, "s1 > s3", "»⊘"},
		{&Stage{}, "look stage c2 s3", 16, "»│", "c2 > s3"},
		{&Stage{}, "look stage s1 s2", 16, "»⊘ ─", "s1 > s2"},
		{&Network{}, "look network s1 > s2", 16, "s1 · »·", "»⊘"},
		{&Network{}, "look network s1 s2", 16, "»s2 · »⊘", "»vs"},
		{&Network{}, "look network c2 > s1", 5, "from vs s1 s2 s3 c1 c2", " s2 ·"},
		{&Network{}, "look network c2 > s1", 5, "c2 · »·", ""},
		{&Network{}, "look network vs > s1", 4, "vs ▸»·", ""},
	} {
		d := pointing(t, c.pane, c.h, c.line)
		d.see(snap, Observation{})
		text := strings.Join(strings.Fields(d.String()), " ")
		if !strings.Contains(text, c.want) || c.not != "" && strings.Contains(text, c.not) {
			t.Errorf("%s: %q is wanted, and no %q:\n%s", c.line, c.want, c.not, d)
		}
	}
}

// TestMatrixScrolls: the heading stays, the link that is pointed at does not hold who scrolls back, and a click finds what it
// hits.
func TestMatrixScrolls(t *testing.T) {
	p := &Network{}
	d := pointing(t, p, 5, "look network c2 > s1")
	d.see(quiet(3, 2), Observation{})
	if w := d.Pane.(Clickable).Click(20, 3); w.Node != "c2" || p.to != "s2" {
		t.Errorf("a click at the last row chooses %v > %s:\n%s", w, p.to, d)
	}
	if w := d.Pane.(Clickable).Click(30, 0); w.Node != "" || w.Link.From != "" {
		t.Errorf("a click at the heading wishes %v", w)
	}
	for range 3 {
		d.press("home")
		d.see(quiet(3, 2), Observation{})
	}
	if d.rowWith("vs ") == "" || d.rowWith("»·") != "" {
		t.Errorf("it is not scrolled back:\n%s", d)
	}
}

// TestRowsArePointedAt: messages, what happens between them, and bars, each the newest that the words find, and it is seen.
func TestRowsArePointedAt(t *testing.T) {
	s := &story{At: second}
	s.Sends("c1", "s1", "PBServer.Get", getOf("c1", 1, "first"), netsim.MsgSent)
	s.Sends("c1", "s1", "PBServer.Get", getOf("c1", 2, "other"), netsim.MsgSent)
	s.Happens(netsim.NodeCrashed, "s3", "", "")
	for range 20 {
		s.Sends("c2", "s1", "PBServer.Get", getOf("c2", 1, "a"), netsim.MsgSent)
	}
	s.Ping("s1")
	bars := []history.Bar{did(0, "c1", pbservice.Put, "1", 1000, 2000), did(1, "c2", pbservice.Get, "1", 1500, 2500)}
	for i := range 20 {
		bars = append(bars, did(2+i, "c1", pbservice.Put, "x", 4000+i, 4000+i))
	}
	listed := NewMessages()
	listed.listing = true
	for _, c := range []struct {
		pane Pane
		line string
		want []string
	}{
		{NewMessages(), `look messages row "c1 get"`, []string{"get other"}},
		{NewMessages(), `look messages row "s3 crashed" row "get first"`, []string{"get first", "crashed"}},
		{NewMessages(), `look messages row "ping"`, nil}, // they are folded
		{NewMessages(), "look messages row s1", []string{"get a"}},
		{listed, `look messages row "get other" row crashed`, []string{"get other", "crashed"}},
		{&History{}, `look history row "c1 put 1"`, []string{"put a 1", "put a 1"}},
		{&History{}, `look history row "c2 get" row "c1 put x"`, []string{"put a x"}},
		{&History{}, `look history row "c3 put"`, nil},
	} {
		d := pointing(t, c.pane, 8, c.line)
		d.see(moved(3), Observation{Events: s.Events, Bars: bars})
		var got []string
		for _, row := range d.rows() {
			if strings.HasPrefix(row, "»") || strings.HasPrefix(row, "▸»") {
				got = append(got, row)
			}
		}
		for i, row := range got {
			if len(got) != len(c.want) || !strings.Contains(row, c.want[i]) {
				t.Errorf("%s: wants %q:\n%s", c.line, c.want, d)
				break
			}
		}
		if len(got) != len(c.want) {
			t.Errorf("%s: wants %q:\n%s", c.line, c.want, d)
		}
	}
}

// TestChosenLinkKeepsItsMarks: the sign of the link that is chosen hides nothing that is done to it.
func TestChosenLinkKeepsItsMarks(t *testing.T) {
	snap := quiet(3, 2)
	for _, kind := range []netsim.FaultKind{netsim.FaultDelay, netsim.FaultLoss, netsim.FaultReplyLoss, netsim.FaultDuplicate, netsim.FaultHold} {
		snap.Faults = append(snap.Faults, netsim.Fault{Kind: kind, From: "s1", To: "s2", Delay: second, Probability: 0.3})
	}
	d := sit(&Network{Selected: "s1"}, 80, 14)
	d.hears(snap, &story{})
	if d.rowWith("▸~%r2‖ ") == "" {
		t.Errorf("\n%s", d)
	}
}
