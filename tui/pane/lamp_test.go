package pane

import (
	"testing"

	"cluster/splitbrain/tui/canvas"
	"cluster/splitbrain/viewservice/rules"
)

// TestLampWithoutRules: what is answered while rules are off is not what the backup has confirmed, and the lamp does not say so.
func TestLampWithoutRules(t *testing.T) {
	for _, c := range []struct {
		off  rules.Disabled
		look canvas.Style
		text string
	}{
		{rules.Without(), canvas.Good, "s1 answers what s2 has confirmed"},
		{rules.Without(rules.TransferState), canvas.Good, "s1 answers what s2 has confirmed"},
		{rules.Without(rules.WaitForBackup), canvas.Warning, "s1 answers before s2 has confirmed: wait-for-backup off"},
		{rules.Without(rules.ForwardGets), canvas.Warning, "s1 answers Gets alone, the rest once s2 has confirmed"},
		{rules.Without(rules.ForwardGets, rules.WaitForBackup), canvas.Warning, "s1 answers before s2 has confirmed: wait-for-backup off"},
	} {
		snap := quiet(3, 2)
		snap.Disabled = c.off
		if l := LampOf(NewIndex(snap, nodesOf(snap)), ""); l.Word != Serving || l.Look != c.look || l.Text != c.text {
			t.Errorf("without %v: %+v", c.off.Rules(), l)
		}
	}
}
