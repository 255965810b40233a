package tui

import (
	"strings"
	"testing"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice"
	"cluster/splitbrain/viewservice/rules"
)

// TestRemarks: beside each server stands what it does, also while a rule is off, and nothing that reads like a fault.
func TestRemarks(t *testing.T) {
	elsewhere := pbservice.Cause{Code: pbservice.Elsewhere, Server: "s2", Other: "s1", View: 2}
	for name, c := range map[string]struct {
		change   func(s *engine.Snapshot)
		row, say string
	}{
		"primary":          {func(*engine.Snapshot) {}, "s1   P", "answers once s2 confirms (S5)"},
		"backup":           {func(*engine.Snapshot) {}, "s2   B", "confirms what s1 sends (S7)"},
		"backup, deaf":     {func(s *engine.Snapshot) { *s = cutting(3, 2, "s1>s2") }, "s2   B", "hears nothing from s1"},
		"backup, empty":    {func(s *engine.Snapshot) { s.Servers[1].Status.Complete = false }, "s2   B", "waits for the data of s1 (S6)"},
		"backup, orphaned": {func(s *engine.Snapshot) { crash(s, 0); s.Servers[1].Status.Complete = false }, "s2   B", "never got the data of s1 (S6)"},
		"backup, given up": {func(s *engine.Snapshot) { s.Servers[0].Status.Phase = pbservice.PhaseGivenUp }, "s2   B", "s1 gave it up (V10)"},
		"backup, left":     {leftBehind, "s2   B", "s1 went on without it in view 3"},
		"wait-for-backup":  {func(s *engine.Snapshot) { s.Disabled = rules.Without(rules.WaitForBackup) }, "s1   P", "answers alone: wait-for-backup off"},
		"forward-gets":     {func(s *engine.Snapshot) { s.Disabled = rules.Without(rules.ForwardGets) }, "s1   P", "answers Gets alone: forward-gets off"},
		"frozen":           {func(s *engine.Snapshot) { s.Servers[0].State = netsim.Frozen }, "s1   P", "does nothing until it thaws"},
		"crashed":          {func(s *engine.Snapshot) { crash(s, 0) }, "s1   P primary   ✗ crashed", "its memory is gone"},
		"idle, crashed":    {func(s *engine.Snapshot) { crash(s, 2) }, "s3   –           ✗ crashed", "its memory is gone"},
		"alone":            {func(s *engine.Snapshot) { s.Servers[0].Status.Phase = pbservice.PhaseAlone }, "s1   P", "answers alone: it has no backup"},
		"replaced":         {replaced, "s1   P of view 2", "completes nothing in view 2 (S7)"},
		"replaced, unruly": {func(s *engine.Snapshot) { replaced(s); s.Disabled = rules.Without(rules.ForwardGets) }, "s1   P of view 2", "answers Gets alone: forward-gets off"},
	} {
		snap := quiet(3, 2)
		c.change(&snap)
		for i := range snap.Servers {
			switch v := &snap.Servers[i].Status; v.Role {
			case pbservice.Primary:
				if v.Phase == "" {
					v.Phase = pbservice.PhaseWaiting
				}
			case pbservice.Backup:
				v.Refuses = elsewhere
			}
		}
		m, _ := begin(t, snap, 120, 40, Options{})
		if row := rowWith(m, c.row); !strings.HasSuffix(strings.TrimRight(row, " "), "  "+c.say) {
			t.Errorf("%s: %q does not end with %q", name, row, c.say)
		}
	}
}

// replaced: s2 has taken over, s1 does not know.
func replaced(s *engine.Snapshot) { takeOver(s) }

// leftBehind: s3 is the backup instead of s2, which does not know.
func leftBehind(s *engine.Snapshot) {
	view := viewservice.View{Viewnum: 3, Primary: "s1", Backup: "s3"}
	s.Viewservice.Status.View, s.Servers[0].Status.View, s.Servers[0].Status.Entered = view, view, 3
}

// TestPastRoleInTheTable: the number of a past view is whole in the column of roles, however many views there were.
func TestPastRoleInTheTable(t *testing.T) {
	for view, want := range map[viewservice.Number]string{9: "s1   P of view 9 ", 10: "s1   P v10 "} {
		snap := quiet(3, 2)
		takeOver(&snap)
		snap.Viewservice.Status.View.Viewnum, snap.Servers[0].Status.View.Viewnum = view+1, view
		m, _ := begin(t, snap, 80, 24, Options{})
		if row := rowWith(m, "s1   P"); !strings.Contains(row, want) {
			t.Errorf("no %q in %q", want, row)
		}
	}
}

// TestTransferInTheTable: how far it is stands in the row of the server that is filled, whole beside large numbers of keys, at 80
// columns too.
func TestTransferInTheTable(t *testing.T) {
	snap := transfer()
	m, _ := begin(t, snap, 80, 24, Options{})
	if row := rowWith(m, " 45,000 45% full"); !strings.Contains(row, "s2 ") {
		t.Errorf("the transfer is not told of s2:\n%s", m.View())
	}
	snap.Servers[1].Status.Keys = 1_000_000
	see(m, snap)
	if rowWith(m, " 1,000,000 45% full") == "" {
		t.Errorf("beside a million keys it is not told:\n%s", m.View())
	}
}

// TestTransferStandsStill: a frozen primary goes on with its transfer later, and table and stage tell alike how far that is. Of
// a server that has crashed meanwhile nothing is left.
func TestTransferStandsStill(t *testing.T) {
	snap := transfer()
	snap.Servers[0].State = netsim.Frozen
	m, _ := begin(t, snap, 80, 24, Options{})
	if rowWith(m, " 45,000 45% full") == "" || !strings.Contains(drawn(m, m.stage), "45%") {
		t.Errorf("the transfer is not told:\n%s\n%s", m.View(), drawn(m, m.stage))
	}
	crash(&snap, 1)
	if see(m, snap); rowWith(m, "45% full") != "" {
		t.Errorf("its memory is gone:\n%s", m.View())
	}
}

// TestSayingsAreWhole: what a server says is not cut beside a column that is empty.
func TestSayingsAreWhole(t *testing.T) {
	snap := steady()
	snap.Disabled = rules.Without(rules.ForwardGets)
	m, _ := begin(t, snap, 100, 30, Options{})
	if rowWith(m, "  answers Gets alone: forward-gets off") == "" {
		t.Errorf("%s", m.View())
	}
}
