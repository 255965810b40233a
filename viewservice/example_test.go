package viewservice_test

import (
	"fmt"
	"time"

	"cluster/splitbrain/viewservice"
)

// A Core is driven by hand: time is what its caller says.
func Example() {
	core := viewservice.New(viewservice.Config{
		PingInterval: viewservice.DefaultPingInterval,
		DeadPings:    viewservice.DefaultDeadPings,
	})
	ping := func(now time.Duration, name string, entered viewservice.Number) {
		reply, err := core.Ping(now, viewservice.PingArgs{Me: name, Viewnum: entered, Boot: 1})
		if err != nil {
			panic(err)
		}
		fmt.Println(name, reply.Summary())
	}
	ping(0, "s1", 0)
	ping(0, "s1", 1)
	ping(0, "s2", 0)
	ping(0, "s1", 2)
	ping(400*time.Millisecond, "s2", 2)

	deadline, _ := core.Deadline()
	core.Tick(deadline)
	changes := core.Status(deadline).Changes
	for _, cause := range changes[len(changes)-1].Causes {
		fmt.Println(cause)
	}
	// Output:
	// s1 view 1 s1 ·, not acknowledged
	// s1 view 1 s1 ·
	// s2 view 2 s1 s2, not acknowledged
	// s1 view 2 s1 s2
	// s2 view 2 s1 s2
	// primary s1 silent for 500 ms, 500 ms allowed (V4)
	// s2 becomes primary: the backup is alive, complete, not restarted (V5)
}
