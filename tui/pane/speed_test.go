package pane

import (
	"testing"
	"time"

	"cluster/splitbrain/netsim/engine"
)

// TestTookInSlowTime: what an operation took of time that went slowly is not counted in microseconds, also later, when time goes
// as usual again, and those of operations since then are.
func TestTookInSlowTime(t *testing.T) {
	const took = 3 * time.Microsecond
	for name, slow := range map[string]func(*engine.Snapshot){
		"paced":    func(s *engine.Snapshot) { s.Pace = 0.03 },
		"slow":     func(s *engine.Snapshot) { s.Speed = 0.1 },
		"standing": func(s *engine.Snapshot) { s.Standing = true },
	} {
		snap := steady()
		slow(&snap)
		slowly := NewIndex(snap, nodesOf(snap))
		slowly.Beat(NewIndex(steady(), nil))
		ended := slowly.At
		snap = steady()
		snap.At += second
		later := NewIndex(snap, nodesOf(snap))
		later.Beat(slowly)
		for _, now := range []*Index{slowly, later} {
			if got := now.TookWords(took, ended); got != "<1 ms" {
				t.Errorf("%s: an operation of slow time took %s", name, got)
			}
			if got := now.TookWords(20*time.Millisecond, ended); got != "20 ms" {
				t.Errorf("%s: %s", name, got)
			}
		}
		if got := later.TookWords(40*time.Microsecond, later.At); got != "40 µs" {
			t.Errorf("%s: one of unhurried time took %s", name, got)
		}
		other := NewIndex(steady(), nil)
		other.At = time.Millisecond
		if other.Beat(later); other.TookWords(40*time.Microsecond, other.At) != "40 µs" {
			t.Errorf("%s: another cluster was never slow", name)
		}
	}
}
