package world

import (
	"slices"
	"testing"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
)

// Messages with different delays keep their order, unless the link reorders.
func TestOrderOfMessages(t *testing.T) {
	for _, reorders := range []bool{false, true} {
		w := NewWorld(engine.Defaults)
		faults := []netsim.Fault{{Kind: netsim.FaultDelay, Delay: 50 * time.Millisecond, Jitter: 50 * time.Millisecond}}
		if reorders {
			faults = append(faults, netsim.Fault{Kind: netsim.FaultReorder, Window: 50 * time.Millisecond})
		}
		for _, fault := range faults {
			fault.From, fault.To = "c1", "s1"
			w.MustApply(set(fault))
		}
		for range 50 {
			w.post(&Message{Kind: Request, From: Client(1), To: Server(1), Body: RequestArgs{}})
		}
		inOrder := slices.IsSortedFunc(w.transit, func(a, b *Message) int { return int(a.ID) - int(b.ID) })
		if inOrder == reorders {
			t.Errorf("reordering %v, in order %v", reorders, inOrder)
		}
	}
}
