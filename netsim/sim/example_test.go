package sim_test

import (
	"context"
	"fmt"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/engine/enginetest"
	"cluster/splitbrain/netsim/sim"
	"cluster/splitbrain/netsim/world"
	"cluster/splitbrain/pbservice"
)

// The primary is killed, and the backup takes over.
func Example() {
	w := world.NewWorld(engine.Defaults)
	run := func(until time.Duration) {
		for w.Now() < until {
			w.Step()
		}
		view, acked := w.View()
		fmt.Printf("view %v, acknowledged %v\n", view, acked)
	}
	run(time.Second)
	if err := w.Apply(world.Action{Kind: world.Crash, Node: world.Server(1)}); err != nil {
		fmt.Println(err)
	}
	run(2 * time.Second)
	// Output:
	// view 2 s1 s2, acknowledged true
	// view 3 s2 s3, acknowledged true
}

// Whoever goes back and does something else begins a new branch.
func ExampleEngine() {
	ctx := context.Background()
	e, err := sim.New(engine.Defaults, sim.ManualTime())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer e.Close()
	do := func(errs ...error) {
		for _, err := range errs {
			if err != nil {
				fmt.Println(err)
			}
		}
	}
	do(e.Wait(ctx, time.Second))
	before := e.Timeline().Step
	_, err = engine.Do(ctx, e, "c1", pbservice.Op{Kind: pbservice.Put, Key: "a", Value: "1"})
	do(err, enginetest.Do(e, "kill", "s1"), e.Wait(ctx, time.Second))
	do(e.Rewind(before), enginetest.Do(e, "kill", "s2"), enginetest.Do(e, "resume"), e.Wait(ctx, time.Second))
	lines, err := e.Compare("main", "b1")
	do(err)
	for _, line := range lines {
		fmt.Println(line)
	}
	// Output:
	// view: main has 3 s2 s3, b1 has 3 s1 s3
	// s1: main has crashed, b1 has primary in view 3, keys: 0
	// s2: main has primary in view 3, keys: 1, b1 has crashed
	// s2 "a": main has "1", b1 has nothing
	// s3: main has backup in view 3, keys: 1, b1 has backup in view 3, keys: 0
	// s3 "a": main has "1", b1 has nothing
}
