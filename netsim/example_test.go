package netsim_test

import (
	"context"
	"fmt"
	"net/rpc"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/env"
)

// A server carries out a call whose reply never arrives.
func Example() {
	network := netsim.New(netsim.Config{Seed: 1})
	defer network.Close()
	defer network.Trace().Watch()()
	process := make(map[string]*netsim.Process)
	for _, name := range []string{"client", "server"} {
		node, err := network.Add(name)
		if err != nil {
			panic(err)
		}
		if process[name], err = node.Start(); err != nil {
			panic(err)
		}
	}
	server := rpc.NewServer()
	if err := server.RegisterName("Quick", Quick{}); err != nil {
		panic(err)
	}
	process["server"].Serve(server.ServeCodec)

	p := process["client"]
	caller := env.NewClient(p.Clock(), p.Dial, "server")
	defer caller.Close()
	call := func(s string) error {
		return caller.Call(context.Background(), 100*time.Millisecond, "Quick.Echo", Text{s}, new(Text))
	}
	fmt.Println(call("one"))
	network.SetFault(netsim.Fault{Kind: netsim.FaultCut, From: "server", To: "client"})
	fmt.Println(call("two"))
	fmt.Println(network.Faults())
	events, _ := network.Trace().Since(0)
	for _, e := range events {
		fmt.Println(e)
	}
	// Output:
	// <nil>
	// server: no answer in time
	// [cut server > client]
	// client started: boot 1
	// server started: boot 1
	// client > server sent request #1 Quick.Echo
	// client > server delivered request #1 Quick.Echo
	// server > client sent reply #2 Quick.Echo
	// server > client delivered reply #2 Quick.Echo
	// server > client cut
	// client > server sent request #3 Quick.Echo
	// client > server delivered request #3 Quick.Echo
	// server > client sent reply #4 Quick.Echo
	// server > client lost reply #4 Quick.Echo: server > client is cut
}
