package world_test

import (
	"fmt"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/world"
)

// A world goes on by itself, one event after the other, and does what it is told in between.
func Example() {
	w := world.NewWorld(engine.Defaults)
	until := func(at time.Duration) {
		for w.Now() < at {
			w.Step()
		}
		view, acked := w.View()
		fmt.Println(at, "view", view, acked)
	}
	until(time.Second)
	w.MustApply(world.Action{Kind: world.Crash, Node: world.Server(1)})
	until(2 * time.Second)
	// Output:
	// 1s view 2 s1 s2 true
	// 2s view 3 s2 s3 true
}
